import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HistoryUnreachableError } from '../../ports/history.js';
import { batchOf, runExchange } from '../../ports/testing/exchange-run.js';
import { freePort } from './embedded/server.js';
import { type Database, DatabaseRefusedError, type DatabaseState, openDatabase } from './index.js';
import { MigrationError } from './migrate.js';
import { makeStatement } from './partitions.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

/** A network in front of the server that can be cut and joined. */
class Network {
  readonly #sockets = new Set<Socket>();
  #listener: Server | null = null;

  constructor(
    readonly port: number,
    readonly target: number,
  ) {}

  async join(): Promise<void> {
    const listener = createServer((client) => {
      const upstream = connect(this.target, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          client.destroy();
          upstream.destroy();
          this.#sockets.delete(socket);
        });
      }
      client.pipe(upstream).pipe(client);
    });
    this.#listener = listener;
    await new Promise<void>((resolve) => listener.listen(this.port, '127.0.0.1', resolve));
  }

  async cut(): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    if (listener === null) return;
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

describe('The database', () => {
  let server: TestServer;
  let network: Network;
  let url: string;
  let database: Database | undefined;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const direct = new URL(await server.createDatabase());
    network = new Network(await freePort(), Number(direct.port));
    direct.port = String(network.port);
    url = direct.href;
  });
  afterEach(async () => {
    await database?.stop();
    await network.cut();
  });

  const open = async (address = url): Promise<Database> => {
    database = await openDatabase({ url: address, dataDir: server.dataDir, log: silent });
    return database;
  };
  const awaitState = async (opened: Database, state: DatabaseState): Promise<void> => {
    const until = Date.now() + 15_000;
    while (opened.status.state !== state && Date.now() < until) await sleep(10);
    expect(opened.status.state).toBe(state);
  };

  it('is awaited where it is away at the start, and migrated when it comes', async () => {
    const opened = await open();
    expect(opened.status).toMatchObject({ state: 'CONNECTING', ready: false, embedded: false });
    await expect(opened.history.throughSequence()).rejects.toThrow(HistoryUnreachableError);
    await expect(opened.readModelStore.offset()).rejects.toThrow('the database cannot be reached');
    await network.join();
    await awaitState(opened, 'UP');
    expect(opened.status).toMatchObject({ ready: true, lastError: null });
    expect(await opened.history.throughSequence()).toBe(0);
  });

  it('is reported down when it is cut off, tells no client why, and serves again by itself', async () => {
    await network.join();
    const opened = await open();
    await opened.readModelStore.apply(batchOf(runExchange(3, 50).events));
    await network.cut();
    const failure = await opened.history.executionReportsOfAccount(1, null, 10).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HistoryUnreachableError);
    expect(JSON.stringify({ ...(failure as object), text: String(failure) })).not.toMatch(
      /127\.0\.0\.1|SELECT|prisma|ECONN/i,
    );
    await awaitState(opened, 'DOWN');
    expect(opened.status.lastError).toBe('the database cannot be reached');
    await network.join();
    await awaitState(opened, 'UP');
    expect((await opened.history.executionReportsOfAccount(1, null, 10)).records.length).toBeGreaterThan(0);
  });

  it('is migrated anew when an empty one comes back in its place', async () => {
    await network.join();
    const opened = await open();
    await network.cut();
    await opened.history.throughSequence().catch(() => undefined);
    await awaitState(opened, 'DOWN');
    const direct = new URL(url);
    direct.port = String(network.target);
    await query(direct.href, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await network.join();
    await awaitState(opened, 'UP');
    expect(await opened.readModelStore.offset()).toBe(0);
  });

  it('stops within seconds while a query is under way', async () => {
    await network.join();
    const opened = await open();
    const reading = opened.history.throughSequence().catch((error: unknown) => error);
    const startedMs = performance.now();
    await opened.stop();
    await opened.stop();
    await reading;
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(opened.status).toMatchObject({ state: 'STOPPED', ready: false });
  });

  it('refuses the start where password or schema are wrong', async () => {
    await network.join();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(open(wrong.href)).rejects.toThrow(DatabaseRefusedError);
    await (await open()).stop();
    await query(url, "UPDATE _prisma_migrations SET checksum = 'edited'");
    await expect(open()).rejects.toThrow(MigrationError);
  });

  it('refuses a row that would say half of a trade', async () => {
    await network.join();
    await open();
    await query(url, makeStatement('execution_reports', 1));
    const half = `INSERT INTO execution_reports (sequence, leg, command_sequence, time_us, order_id, account, instrument, exec_type,
      ord_status, side, cum_qty_lots, leaves_qty_lots, cum_notional_units) VALUES (1, 0, 1, 1, 1, 1, 1, 'TRADE', 'FILLED', 'BUY', 1, 0, 1)`;
    await expect(query(url, half)).rejects.toThrow('execution_reports_trade_is_whole');
    await expect(query(url, 'INSERT INTO projector_offset VALUES (2, 0, 0, 0)')).rejects.toThrow(
      'projector_offset_is_one_row',
    );
  });
});
