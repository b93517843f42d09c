/**
 * Streams resumed from where history is gone: rows that passed their retention, and a journal whose beginning was moved
 * away. Of one process, whose journal and database the test reaches.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import pg from 'pg';
import { runningEmbeddedUrl } from '../src/adapters/postgres/embedded/attach.js';
import { makeStatement } from '../src/adapters/postgres/partitions.js';
import { type Collector, collect, connect } from './support/client.js';
import { oldestSnapshot, trimJournal } from './support/journal.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

/** Position before the first event. */
const BEGINNING = Buffer.from('s:0:1').toString('base64url');
const AGED_US = 400 * 86_400_000_000;
const PATIENCE_MS = 60_000;
const SYMBOL = 'KO';
/** Trades that pass their retention, and trades behind them. */
const OLD = 4;
const KEPT = 3;
const RETENTION = { TRADSYS_RETENTION_TRADES_DAYS: '30', TRADSYS_RETENTION_EXECUTION_REPORTS_DAYS: '30' };
const SNAPSHOTS = { TRADSYS_SNAPSHOT_EVERY: '100' };

const FILLS = /* GraphQL */ `
  subscription ($accountId: ID!, $after: Cursor) {
    fills(accountId: $accountId, after: $after) {
      __typename
      ... on Fill { cursor clOrdId }
      ... on StreamGap { after cursor }
    }
  }
`;
const TRADES = 'subscription ($after: Cursor) { trades(symbols: ["KO"], after: $after) { cursor id } }';
const POSITIONS =
  'subscription ($accountId: ID!, $after: Cursor) { positions(accountId: $accountId, after: $after) { __typename } }';

interface FillItem {
  readonly __typename: 'Fill' | 'StreamGap';
  readonly cursor: string;
  readonly clOrdId?: string;
  readonly after?: string;
}
interface TradeItem {
  readonly cursor: string;
  readonly id: string;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await sleep(50);
  }
}

/** Moves the rows up to the sequence into partitions of long ago. */
async function age(database: pg.Client, throughSequence: number): Promise<void> {
  for (const table of ['trades', 'execution_reports'] as const) {
    const { rows } = await database.query<{ from: string; to: string }>(
      `SELECT min(time_us) AS from, max(time_us) AS to FROM ${table} WHERE sequence <= ${throughSequence}`,
    );
    for (const timeUs of [rows[0]?.from, rows[0]?.to]) {
      await database.query(makeStatement(table, Number(timeUs) - AGED_US));
    }
    await database.query(`UPDATE ${table} SET time_us = time_us - ${AGED_US} WHERE sequence <= ${throughSequence}`);
  }
}

describe('a stream resumed from where history is gone', () => {
  let dataDir: string;
  let platform: RunningPlatform | null = null;
  let client: Client | null = null;

  beforeAll(async () => {
    dataDir = await makeDataDir();
  });
  afterAll(async () => {
    await client?.dispose();
    await platform?.crash();
    await removeDataDir(dataDir);
  });

  async function trade(name: string): Promise<void> {
    const { url, credentials } = platform as RunningPlatform;
    for (const [{ token, accountId }, side] of [
      [credentials.trader, 'BUY'],
      [credentials.trader2, 'SELL'],
    ] as const) {
      const order = { accountId, symbol: SYMBOL, side, ordType: 'LIMIT', orderQty: '1', price: '70.00', clOrdId: name };
      const { data } = await placeOrder(url, token, order);
      expect(data?.placeOrder.__typename).toBe('PlaceOrderSuccess');
    }
  }

  function stream<T>(field: string, query: string, after: string | null): Collector<T> {
    const { accountId } = (platform as RunningPlatform).credentials.trader;
    return collect<T>(client as Client, field, query, { accountId, after });
  }

  /** Resolves with the code and the cursor of the error that ends the stream. */
  async function endOf(stream: Collector<unknown>): Promise<{ code: string; cursor: string }> {
    await until(async () => stream.failure !== undefined, 'the end of the stream');
    const [error] = stream.failure as { extensions: { code: string; cursor: string } }[];
    expect(stream.events).toEqual([]);
    return error?.extensions as { code: string; cursor: string };
  }

  it('says so once, and goes on with what is kept and with what comes', async () => {
    platform = await startPlatform({ dataDir, environment: SNAPSHOTS });
    for (let n = 0; n < OLD; n += 1) await trade(`old-${n}`);
    const { token, accountId } = platform.credentials.trader;
    for (let n = 0; (await oldestSnapshot(dataDir)) === null; n += 1) {
      const order = {
        accountId,
        symbol: SYMBOL,
        side: 'BUY',
        ordType: 'LIMIT',
        orderQty: '1',
        price: '69.90',
      } as const;
      await placeOrder(platform.url, token, { ...order, timeInForce: 'IOC', clOrdId: `ioc-${n}` });
    }
    for (let n = 0; n < KEPT; n += 1) await trade(`kept-${n}`);
    const snapshot = await oldestSnapshot(dataDir);
    const database = new pg.Client({ connectionString: runningEmbeddedUrl(dataDir) ?? '' });
    await database.connect();
    const count = async (what: string) => Number((await database.query(`SELECT count(*) AS n FROM ${what}`)).rows[0].n);
    await until(async () => (await count('trades')) === OLD + KEPT, 'trades in the database');
    await age(database, snapshot?.eventSequence ?? 0);
    await database.end();
    expect(await platform.stop()).toBe(0);
    await trimJournal(dataDir);

    platform = await startPlatform({ dataDir, environment: { ...SNAPSHOTS, ...RETENTION } });
    const dropped = () => platform?.output().match(/history passed its retention and was dropped/g)?.length ?? 0;
    await until(async () => dropped() >= 2, 'trades and reports dropped');
    client = connect(platform.url, token);

    const fills = stream<FillItem>('fills', FILLS, BEGINNING);
    await fills.until((events) => events.length >= 1 + KEPT, 'a gap and the fills that are kept');
    const positions = stream('positions', POSITIONS, BEGINNING);
    expect((await endOf(positions)).code).toBe('STREAM_GAP');
    const gone = await endOf(stream('trades', TRADES, BEGINNING));
    expect(gone.code).toBe('STREAM_GAP');
    const trades = stream<TradeItem>('trades', TRADES, gone.cursor);
    await trades.until((events) => events.length >= KEPT, 'the trades that are kept');

    await trade('live');
    await fills.until((events) => events.length >= 2 + KEPT, 'the live fill');
    await trades.until((events) => events.length >= 1 + KEPT, 'the live trade');
    const names = [...Array.from({ length: KEPT }, (_, n) => `kept-${n}`), 'live'];
    const [gap, ...rest] = fills.events;
    expect(gap).toMatchObject({ __typename: 'StreamGap', after: BEGINNING });
    expect(rest.map(({ clOrdId }) => clOrdId)).toEqual(names);
    expect(trades.events.map(({ id }) => id)).toEqual(names.map((_, n) => String(OLD + 1 + n)));
    expect(trades.failure).toBeUndefined();

    const resumed = stream<FillItem>('fills', FILLS, gap?.cursor ?? null);
    await resumed.until((events) => events.length >= names.length, 'the fills behind the gap');
    expect(resumed.events.map(({ clOrdId }) => clOrdId)).toEqual(names);
  }, 180_000);
});
