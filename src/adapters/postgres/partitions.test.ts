/** Partitions on a real server: made from what was there, kept and dropped in the background. */
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
import {
  DAY_US,
  FIRST_US,
  fillHistory,
  fillImports,
  fillStream,
  LAST_US,
  MONTHS,
  TRADES,
} from './testing/history-rows.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

const BEFORE = ['20260101000000_read_model', '20260102000000_trades_by_sequence', 'migration_lock.toml'];
const COUNTS =
  'SELECT (SELECT count(*) FROM trades) AS trades, (SELECT count(*) FROM execution_reports) AS reports, (SELECT count(*) FROM candles) AS candles';

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

  it('drops imported bars and trades by retentions of their own', async () => {
    const url = await server.createDatabase();
    await applyMigrations(url, silent);
    await fillHistory(url);
    await fillImports(url);
    const kept = async () => (await namesOf(url)).filter((name) => /^imported_.*2026/.test(name));
    expect(await kept()).toHaveLength(1 + MONTHS);
    const nowUs = LAST_US + 45 * DAY_US;
    await query(url, `UPDATE projector_offset SET time_us = ${nowUs}`);
    const round = (retention: Partial<Retention>) =>
      keeperOf(url, nowUs, { ...DEFAULT_RETENTION, candles_s1: null, candles_s5: null, ...retention }).round();
    expect((await round({})).dropped).toEqual([]);
    expect((await round({ imported_trades: 60 })).dropped).toEqual([
      'imported_trades_2026_01',
      'imported_trades_2026_02',
      'imported_trades_2026_03',
    ]);
    const later = Date.UTC(2027, 2, 1) * 1000;
    await query(url, `UPDATE projector_offset SET time_us = ${later}`);
    const bars = await keeperOf(url, later, {
      ...DEFAULT_RETENTION,
      candles_s1: null,
      candles_s5: null,
      imported_candles: 30,
    }).round();
    expect(bars.dropped).toContain('imported_candles_2026');
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
