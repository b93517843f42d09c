/** Partitions on a real server: made from what was there, used by every query, kept and dropped in the background. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './__generated__/client.js';
import { PostgresHistory } from './history.js';
import { applyMigrations, MIGRATIONS_FOLDER } from './migrate.js';
import { DEFAULT_RETENTION, PartitionKeeper, type Retention } from './partition-keeper.js';
import { listPartitions } from './partitions.js';
import { periodOf } from './periods.js';
import { DAY_US, FIRST_US, fillHistory, fillStream, LAST_US, TRADES } from './testing/history-rows.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const BEFORE = ['20260101000000_read_model', '20260102000000_trades_by_sequence', 'migration_lock.toml'];
const COUNTS =
  'SELECT (SELECT count(*) FROM trades) AS trades, (SELECT count(*) FROM execution_reports) AS reports, (SELECT count(*) FROM candles) AS candles';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const keeperOf = (url: string, nowUs: number, retention: Retention = DEFAULT_RETENTION) =>
  new PartitionKeeper({ url, retention, log: silent, nowUs: () => nowUs });
const namesOf = async (url: string): Promise<string[]> => {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    return (await listPartitions(pool)).map(({ name }) => name);
  } finally {
    await pool.end();
  }
};

describe('A database without partitions', () => {
  it('keeps every row when it gets them, and goes on behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tradsys-migrations-'));
    try {
      for (const name of BEFORE) cpSync(join(MIGRATIONS_FOLDER, name), join(folder, name), { recursive: true });
      const url = await server.createDatabase();
      await applyMigrations(url, silent, folder);
      await fillStream(url);
      const [before] = await query(url, COUNTS);
      const [checksum] = await query(url, 'SELECT sum(hashtext(t::text)) AS sum FROM trades t');
      await applyMigrations(url, silent);
      expect(await query(url, COUNTS)).toEqual([before]);
      expect(await query(url, 'SELECT sum(hashtext(t::text)) AS sum FROM trades t')).toEqual([checksum]);
      const totals = 'SELECT sum(fee_units) AS fees, sum(net_qty_lots) AS qty FROM daily_trade_totals';
      expect(await query(url, totals)).toEqual([{ fees: String(TRADES * 2 * 7), qty: '0' }]);
      const names = await namesOf(url);
      expect(names).toContain('trades_before');
      expect(names).toContain('candles_s1_2026_02_14');
      const next = periodOf('trades', LAST_US + 1);
      expect((await keeperOf(url, LAST_US + 1).round()).made).toContain(next.name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('The keeper of partitions', () => {
  it('makes the present and the next partition of each table, once', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const nowUs = Date.UTC(2026, 11, 31, 23, 59) * 1000;
    expect((await keeperOf(url, nowUs).round()).made).toEqual([
      'trades_2026_12',
      'trades_2027_01',
      'execution_reports_2026_12',
      'execution_reports_2027_01',
      'candles_s1_2026_12_31',
      'candles_s1_2027_01_01',
      'candles_s5_2026_12',
      'candles_s5_2027_01',
      'candles_long_2026',
      'candles_long_2027',
      'imported_candles_2026',
      'imported_candles_2027',
      'imported_trades_2026_12',
      'imported_trades_2027_01',
    ]);
    expect((await keeperOf(url, nowUs).round()).made).toEqual([]);
  });

  it('drops what passed its retention and says so, but nothing that may still be written', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    await fillHistory(url);
    const retention = { ...DEFAULT_RETENTION, trades: 60, execution_reports: 60, candles_s1: 2 };
    // Half of March is projected: later partitions stay, however old the wall clock makes them.
    const reachedUs = Date.UTC(2026, 2, 15) * 1000;
    await query(url, `UPDATE projector_offset SET time_us = ${reachedUs}`);
    let round = await keeperOf(url, LAST_US + 400 * DAY_US, retention).round();
    while (round.unfinished) round = await keeperOf(url, LAST_US + 400 * DAY_US, retention).round();
    const names = (await namesOf(url)).filter((name) => !/2027/.test(name));
    expect(names.filter((name) => name.startsWith('trades'))).toEqual(['trades_2026_03', 'trades_2026_04']);
    expect(names.filter((name) => name.startsWith('candles_s1'))[0]).toBe('candles_s1_2026_03_15');
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    try {
      const history = new PostgresHistory(pool, prisma, silent, () => undefined);
      const page = await history.tradesAfter([0, 1, 2], 0, 10);
      const goneThrough = page.goneThrough ?? 0;
      expect(goneThrough).toBeGreaterThan(1000);
      expect(page.records[0]?.sequence).toBe(goneThrough + 1);
      expect((await history.executionReportsOfAccount(1, null, 5)).goneThrough).toBe(goneThrough);
    } finally {
      await prisma.$disconnect();
      await pool.end();
    }
  }, 60_000);

  it('stops in the middle of a round', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    const keeper = keeperOf(url, LAST_US);
    keeper.start();
    const startedMs = performance.now();
    await keeper.stop();
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});

describe('Queries of history', () => {
  let url: string;
  let pool: pg.Pool;
  let prisma: PrismaClient;
  const asked: { text: string; values: unknown[] }[] = [];
  let history: PostgresHistory;
  beforeAll(async () => {
    url = await server.createDatabase();
    await applyMigrations(url, silent);
    await fillHistory(url);
    await keeperOf(url, LAST_US, { ...DEFAULT_RETENTION, candles_s1: null, candles_s5: null }).round();
    // A partition of a few pages is scanned for good reason: what is asked here is whether an index can serve.
    pool = new pg.Pool({ connectionString: url, max: 2, options: '-c enable_seqscan=off' });
    prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
    const recording = {
      query: (config: { text: string; values: unknown[] }) => {
        asked.push(config);
        return pool.query(config);
      },
    };
    history = new PostgresHistory(recording as unknown as pg.Pool, prisma, silent, () => undefined);
  }, 60_000);
  afterAll(async () => {
    await prisma.$disconnect();
    await pool.end();
  });

  const april = { fromUs: Date.UTC(2026, 3, 10) * 1000, toUs: Date.UTC(2026, 3, 12) * 1000 };
  const recent = TRADES - 500;
  const cases: [string, () => Promise<unknown>, RegExp, RegExp][] = [
    [
      'trades of an instrument in a time',
      () => history.tradesOf(1, april, null, 100),
      /^trades_2026_04$/,
      /instrument_time_us/,
    ],
    [
      'the newest trades of an instrument',
      () => history.tradesOf(1, { fromUs: null, toUs: null }, null, 100),
      /^trades_2026_0[45]$/,
      /instrument_time_us/,
    ],
    // Its place by time is looked up by id, which no partition is found by: one step into each.
    [
      'trades before one',
      () => history.tradesOf(1, { fromUs: april.fromUs, toUs: null }, recent, 100),
      /^trades_2026_0[1-5]$/,
      /instrument_time_us|pkey/,
    ],
    [
      'trades behind a sequence',
      () => history.tradesAfter([0, 2], recent, 500),
      /^trades_2026_0[45]$/,
      /instrument_sequence/,
    ],
    [
      'reports of an account behind a cursor',
      () => history.executionReportsOfAccount(3, { sequence: recent, leg: 0 }, 500),
      /^execution_reports_2026_0[45]$/,
      /account_sequence|pkey/,
    ],
    [
      'fills of an account behind a cursor',
      () => history.executionReportsOfAccount(3, { sequence: recent, leg: 0 }, 500, 'TRADE'),
      /^execution_reports_2026_0[45]$/,
      /account_exec_type|account_sequence|pkey/,
    ],
    [
      'reports of an order',
      () => history.executionReportsOfOrder(2 * recent, null, 100),
      /^execution_reports_2026_04$/,
      /order_id/,
    ],
    [
      'reports of a command',
      () => history.executionReportsOfCommand(recent),
      /^execution_reports_2026_0[45]$/,
      /command_sequence/,
    ],
    ['candles in a time', () => history.candlesOf(1, 'S1', april, null, 500), /^candles_s1_2026_04_1[01]$/, /pkey/],
    ['the last candle', () => history.lastCandleBefore(1, 'M1', LAST_US), /^candles_long_2026$/, /pkey/],
    [
      'totals since midnight',
      () => history.tradeTotalsSince(LAST_US + 1 - DAY_US),
      /^daily_trade_totals$/,
      /daily_trade_totals_pkey/,
    ],
    [
      'totals since a time of a day',
      () => history.tradeTotalsSince(LAST_US + 1 - 1.5 * DAY_US),
      /^(daily_trade_totals|trades_2026_04|execution_reports_2026_04)$/,
      /pkey|instrument_time_us|sequence/,
    ],
  ];

  it.each(cases)('read %s by an index, in the partitions of that time alone', async (_, ask, tables, index) => {
    asked.length = 0;
    await ask();
    const [statement] = asked;
    expect(asked).toHaveLength(1);
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement?.text}`, statement?.values);
    const [{ Plan: plan }] = rows[0]['QUERY PLAN'] as [{ Plan: Plan }];
    const small = /^(projector_offset|history_floors|instruments|assets|orders)$/;
    const read = nodesOf(plan).filter((node) => node['Actual Loops'] > 0);
    const scans = read.filter((node) => !small.test(node['Relation Name'] ?? 'projector_offset'));
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) {
      expect(scan['Relation Name']).toMatch(tables);
      expect(scan['Node Type']).not.toBe('Seq Scan');
      if (scan['Node Type'] !== 'Bitmap Heap Scan') expect(Object.keys(scan)).toContain('Index Cond');
    }
    const indexes = read
      .flatMap((node) => node['Index Name'] ?? [])
      .filter((name) => !/^(assets|instruments|orders|history)/.test(name));
    for (const name of indexes) expect(name).toMatch(index);
  });
});

describe('Candles', () => {
  it('end before the rows begin: a day, month or year of UTC', () => {
    expect(periodOf('candles_s1', FIRST_US - 1)).toEqual({
      name: 'candles_s1_2025_12_31',
      fromUs: FIRST_US - DAY_US,
      toUs: FIRST_US,
    });
    expect(periodOf('trades', FIRST_US).name).toBe('trades_2026_01');
    expect(periodOf('candles_long', LAST_US)).toMatchObject({ name: 'candles_long_2026', fromUs: FIRST_US });
  });
});
