import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../adapters/postgres/index.js';
import { query, silent, startTestServer, type TestServer } from '../adapters/postgres/testing/test-server.js';
import type { EventBatch } from '../ports/event-feed.js';
import { HistoryUnreachableError } from '../ports/history.js';
import type { ReadModelStore } from '../ports/read-model-store.js';
import { type ExchangeRun, runExchange } from '../ports/testing/exchange-run.js';
import { HistoryOracle } from '../ports/testing/history-oracle.js';
import { createProjector, type Projector, type ProjectorOptions } from './projector.js';
import { MemoryFeed } from './testing/memory-feed.js';

const PATIENCE_MS = 15_000;

let server: TestServer;
let run: ExchangeRun;
beforeAll(async () => {
  server = await startTestServer();
  run = runExchange(23, 600);
});
afterAll(() => server.stop());

describe('The projector', () => {
  let url: string;
  let database: Database;
  let feed: MemoryFeed;
  const projectors: Projector[] = [];
  const open = () => openDatabase({ url, dataDir: server.dataDir, log: silent });
  const project = (options: Partial<ProjectorOptions> = {}): Projector => {
    const projector = createProjector({
      feed,
      store: database.readModelStore,
      log: silent,
      maxRetryMs: 200,
      ...options,
    });
    projectors.push(projector);
    projector.start();
    return projector;
  };
  beforeEach(async () => {
    url = await server.createDatabase();
    database = await open();
    feed = new MemoryFeed(run.batches);
  });
  afterEach(async () => {
    await Promise.all(projectors.splice(0).map((projector) => projector.stop()));
    await database.stop();
  });

  /** Compares whole tables with the events, and what works and is held with the exchange's own image. */
  const expectWhole = async (): Promise<void> => {
    const oracle = new HistoryOracle(run.events);
    const count = async (table: string) => Number((await query(url, `SELECT count(*) FROM ${table}`))[0]?.count);
    expect(await database.readModelStore.offset()).toBe(run.events.length);
    expect(await count('execution_reports')).toBe(oracle.reports.length);
    expect(await count('trades')).toBe(oracle.trades.length);
    expect(await count('candles')).toBe(oracle.candles.length);
    expect(await count('orders')).toBe(oracle.orders.size);
    const image = run.exchange.image();
    const numbers = (rows: Record<string, unknown>[]) => rows.map((row) => Object.values(row).map(Number));
    const working = await query(
      url,
      `SELECT order_id, account, instrument, order_qty_lots, cum_qty_lots, leaves_qty_lots, cum_notional_units
       FROM orders WHERE ord_status IN ('NEW', 'PARTIALLY_FILLED') ORDER BY order_id`,
    );
    const orders = image.flatMap((event) => (event.type === 'OrderAccepted' ? [event] : []));
    expect(numbers(working)).toEqual(
      orders
        .map((order) => [
          order.orderId,
          order.account,
          order.instrument,
          order.orderQtyLots,
          order.cumQtyLots,
          order.leavesQtyLots,
          order.cumNotionalUnits,
        ])
        .sort(([a = 0], [b = 0]) => a - b),
    );
    const balances = await query(
      url,
      'SELECT account, asset, total_units, held_units FROM balances WHERE total_units <> 0 ORDER BY account, asset',
    );
    const held = image.flatMap((event) => (event.type === 'BalanceUpdated' ? [event] : []));
    expect(numbers(balances)).toEqual(
      held
        .map(({ account, asset, totalUnits, heldUnits }) => [account, asset, totalUnits, heldUnits])
        .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d),
    );
    const positions = await query(
      url,
      'SELECT account, instrument, qty_lots, cost_units, realized_pnl_units, fees_units FROM positions ORDER BY account, instrument',
    );
    const told = image.flatMap((event) => (event.type === 'PositionUpdated' ? [event] : []));
    expect(numbers(positions)).toEqual(
      told
        .map((row) => [row.account, row.instrument, row.qtyLots, row.costUnits, row.realizedPnlUnits, row.feesUnits])
        .sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d),
    );
  };

  it('writes what it finds and what comes live, until tables and exchange agree', async () => {
    feed.publish(200);
    const projector = project();
    const ticking = (async () => {
      while (feed.lastSequence < run.events.length) {
        feed.publish(7);
        await sleep(2);
      }
    })();
    await ticking;
    expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
    expect(projector.status).toMatchObject({ throughSequence: run.events.length, lag: 0, lastError: null });
    await expectWhole();
  });

  it('goes on where the one before stopped, and changes nothing when all is there', async () => {
    feed.publish(300);
    const first = project();
    expect(await first.waitFor(feed.lastSequence, PATIENCE_MS)).toBe(true);
    await first.stop();
    expect(feed.consumerCount).toBe(0);
    const second = project();
    feed.publishAll();
    expect(await second.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
    await second.stop();
    const third = project();
    expect(await third.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
    await expectWhole();
  });

  it('drops its buffer when the database is slow and reads the rest from the feed later', async () => {
    const slow: ReadModelStore = {
      offset: () => database.readModelStore.offset(),
      apply: async (batch) => {
        await sleep(20);
        await database.readModelStore.apply(batch);
      },
    };
    const projector = project({ store: slow, maxBufferedEvents: 50, maxBatchEvents: 100 });
    while (projector.status.state !== 'LIVE') await sleep(5);
    const readsBefore = feed.reads.length;
    feed.publishAll();
    expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
    expect(feed.reads.length).toBeGreaterThan(readsBefore);
    await expectWhole();
  });

  it('loses nothing when two of them write at once', async () => {
    const other = await open();
    try {
      feed.publish(100);
      const pair = [project({ maxBatchEvents: 40 }), project({ store: other.readModelStore, maxBatchEvents: 70 })];
      while (feed.lastSequence < run.events.length) {
        feed.publish(20);
        await sleep(5);
      }
      for (const projector of pair) expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
      await expectWhole();
      await Promise.all(pair.map((projector) => projector.stop()));
    } finally {
      await other.stop();
    }
  });

  it('begins at the offset again when the database has lost the end of what it confirmed', async () => {
    let lost: EventBatch | null = null;
    const forgetful: ReadModelStore = {
      offset: () => database.readModelStore.offset(),
      apply: async (batch) => {
        if (lost === null && batch.firstSequence > 100) lost = batch;
        else await database.readModelStore.apply(batch);
      },
    };
    const projector = project({ store: forgetful, maxBatchEvents: 50 });
    feed.publishAll();
    expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
    expect(lost).not.toBeNull();
    await expectWhole();
  });

  it('refuses a database that was written from another journal', async () => {
    const other = runExchange(24, 300);
    for (const batch of other.batches) await database.readModelStore.apply(batch);
    feed.publishAll();
    const projector = project();
    expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(false);
    expect(projector.status.state).toBe('FAILED');
    expect(projector.status.lastError).toMatch(/another journal/);
    expect(await database.readModelStore.offset()).toBe(other.events.length);
  });

  it('refuses a database that is ahead of the journal', async () => {
    for (const batch of run.batches) await database.readModelStore.apply(batch);
    feed.publish(10);
    const projector = project();
    expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(false);
    expect(projector.status.lastError).toMatch(/up to 10: it was written from another journal/);
  });

  it('says that it stands still when the journal no longer reaches back to its offset', async () => {
    feed.publishAll();
    feed.firstAvailable = 100;
    const projector = project();
    expect(await projector.waitFor(1, PATIENCE_MS)).toBe(false);
    expect(projector.status).toMatchObject({ state: 'FAILED', throughSequence: 0, lag: run.events.length });
    expect(projector.status.lastError).toMatch(/before sequence 100/);
  });

  it('stops waiting after the time, and at once when it is stopped', async () => {
    const projector = project();
    expect(await projector.waitFor(5, 20)).toBe(false);
    const waiting = projector.waitFor(5, PATIENCE_MS);
    await projector.stop();
    expect(await waiting).toBe(false);
    expect(projector.status.state).toBe('STOPPED');
  });
});

describe('A projector whose database is killed', () => {
  it('loses nothing, again and again, while history says that it is away and comes back by itself', async () => {
    const own = await startTestServer();
    const feed = new MemoryFeed(run.batches);
    const database = await openDatabase({ url: await own.createDatabase(), dataDir: own.dataDir, log: silent });
    const projector = createProjector({ feed, store: database.readModelStore, log: silent, maxBatchEvents: 60 });
    projector.start();
    const quarter = Math.ceil(run.batches.length / 4);
    try {
      for (let kill = 0; kill < 3; kill += 1) {
        // In the middle of writing: a part is written, a part under way, and the rest comes while the server is down.
        feed.publish(quarter - 30);
        await sleep(15);
        process.kill(own.server.pid ?? 0, 'SIGKILL');
        await expect(database.history.throughSequence()).rejects.toThrow(HistoryUnreachableError);
        feed.publish(30);
        expect(await projector.waitFor(feed.lastSequence, PATIENCE_MS)).toBe(true);
      }
      feed.publishAll();
      expect(await projector.waitFor(run.events.length, PATIENCE_MS)).toBe(true);
      const oracle = new HistoryOracle(run.events);
      const { records } = await database.history.executionReportsOfAccount(1, null, 501);
      expect(records).toEqual(oracle.reports.filter(({ account }) => account === 1).slice(0, 501));
      expect(await database.history.throughSequence()).toBe(run.events.length);
      expect((await database.history.tradesOf(0, { fromUs: null, toUs: null }, null, 501)).records).toEqual(
        oracle.trades.filter(({ instrument }) => instrument === 0).reverse(),
      );
      const until = Date.now() + PATIENCE_MS;
      while (!database.status.ready && Date.now() < until) await sleep(20);
      expect(database.status).toMatchObject({ state: 'UP', lastError: null });
    } finally {
      await projector.stop();
      await database.stop();
      await own.stop();
    }
  }, 60_000);
});
