/** Plans of every statement that reads history or imported data, as PostgreSQL makes them on months of rows: each by an index. */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './__generated__/client.js';
import { PostgresHistory } from './history.js';
import { PostgresImportedMarketData } from './imported-market-data.js';
import { applyMigrations } from './migrate.js';
import { DEFAULT_RETENTION, PartitionKeeper } from './partition-keeper.js';
import { DAY_US, fillHistory, fillImports, LAST_US, TRADES } from './testing/history-rows.js';
import { silent, startTestServer, type TestServer } from './testing/test-server.js';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

/** Tables that a page looks a few rows up in, beside the one that it is a page of. */
const LOOKED_UP = /^(projector_offset|history_floors|instruments|assets)$/;

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

let server: TestServer;
let pool: pg.Pool;
let prisma: PrismaClient;
let history: PostgresHistory;
let imported: PostgresImportedMarketData;
/** What the pool was asked, Prisma's statements too. */
const asked: { text: string; values: unknown[] }[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const url = await server.createDatabase();
  await applyMigrations(url, silent);
  await fillHistory(url);
  await fillImports(url);
  const retention = { ...DEFAULT_RETENTION, candles_s1: null, candles_s5: null };
  await new PartitionKeeper({ url, retention, log: silent, nowUs: () => LAST_US }).round();
  // A partition of a few pages is scanned for good reason: what is asked here is whether an index can serve.
  pool = new pg.Pool({ connectionString: url, max: 2, options: '-c enable_seqscan=off' });
  const query = pool.query.bind(pool) as (...config: unknown[]) => unknown;
  const record = (config: string | { text: string; values?: unknown[] }, values?: unknown[]) => {
    asked.push(
      typeof config === 'string'
        ? { text: config, values: values ?? [] }
        : { text: config.text, values: config.values ?? [] },
    );
    return query(config, values);
  };
  pool.query = record as unknown as typeof pool.query;
  prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  history = new PostgresHistory(pool, prisma, silent, () => undefined);
  imported = new PostgresImportedMarketData(pool, silent, () => undefined);
}, 120_000);
afterAll(async () => {
  await prisma.$disconnect();
  await pool.end();
  await server.stop();
});

/** Asks, and holds the plan of the one statement that was sent to the tables and the indexes named. */
async function expectIndexed(ask: () => Promise<unknown>, tables: RegExp, index: RegExp): Promise<void> {
  asked.length = 0;
  await ask();
  const [statement] = asked;
  expect(asked).toHaveLength(1);
  const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement?.text}`, statement?.values);
  const [{ Plan: plan }] = rows[0]['QUERY PLAN'] as [{ Plan: Plan }];
  const read = nodesOf(plan).filter((node) => node['Actual Loops'] > 0);
  const scans = read.filter(
    (node) => !LOOKED_UP.test(node['Relation Name'] ?? 'projector_offset') && node['Node Type'] !== 'ModifyTable',
  );
  expect(scans.length).toBeGreaterThan(0);
  for (const scan of scans) {
    expect(scan['Relation Name']).toMatch(tables);
    expect(scan['Node Type']).not.toBe('Seq Scan');
    if (scan['Node Type'] !== 'Bitmap Heap Scan') expect(Object.keys(scan)).toContain('Index Cond');
  }
  const indexes = read
    .flatMap((node) => node['Index Name'] ?? [])
    .filter((name) => !/^(assets|instruments|history_floors|projector_offset)_/.test(name));
  expect(indexes.length).toBeGreaterThan(0);
  for (const name of indexes) expect(name).toMatch(index);
}

const april = { fromUs: Date.UTC(2026, 3, 10) * 1000, toUs: Date.UTC(2026, 3, 12) * 1000 };
const always = { fromUs: null, toUs: null };
const recent = TRADES - 500;

/** What is asked, the method asked, the tables and the indexes that may be read. */
type Case = readonly [string, string, () => Promise<unknown>, RegExp, RegExp];

describe('Queries of history', () => {
  const all = { account: 3, instrument: null, ordStatus: null };
  const before = { createdUs: april.toUs, orderId: 2 * recent };
  const cases: readonly Case[] = [
    ['an order by id', 'orders', () => history.orders([2 * recent]), /^orders$/, /orders_pkey/],
    ['orders by ids', 'orders', () => history.orders([2, 40, 2 * recent]), /^orders$/, /orders_pkey/],
    [
      'an order by its client’s key',
      'orderByClOrdId',
      () => history.orderByClOrdId(3, 'c1002'),
      /^orders$/,
      /account_cl_ord_id/,
    ],
    [
      'the newest orders of an account',
      'ordersOf',
      () => history.ordersOf(all, null, 50),
      /^orders$/,
      /orders_account_ord_status_created/,
    ],
    [
      'orders of an account before one',
      'ordersOf',
      () => history.ordersOf(all, before, 501),
      /^orders$/,
      /orders_account_ord_status_created/,
    ],
    [
      'orders of an account in a status, of which it has none',
      'ordersOf',
      () => history.ordersOf({ ...all, ordStatus: ['NEW', 'PARTIALLY_FILLED'] }, null, 50),
      /^orders$/,
      /orders_account_ord_status_created/,
    ],
    [
      'orders of an account in an instrument',
      'ordersOf',
      () => history.ordersOf({ ...all, instrument: 1 }, before, 50),
      /^orders$/,
      /orders_account_instrument_ord_status_created/,
    ],
    [
      'trades of an instrument in a time',
      'tradesOf',
      () => history.tradesOf(1, april, null, 100),
      /^trades_2026_04$/,
      /instrument_time_us/,
    ],
    [
      'the newest trades of an instrument',
      'tradesOf',
      () => history.tradesOf(1, always, null, 100),
      /^trades_2026_0[45]$/,
      /instrument_time_us/,
    ],
    // Its place by time is looked up by id, which no partition is found by: one step into each.
    [
      'trades before one',
      'tradesOf',
      () => history.tradesOf(1, { fromUs: april.fromUs, toUs: null }, recent, 100),
      /^trades_2026_0[1-5]$/,
      /instrument_time_us|pkey/,
    ],
    [
      'trades behind a sequence',
      'tradesAfter',
      () => history.tradesAfter([0, 2], recent, 500),
      /^trades_2026_0[45]$/,
      /instrument_sequence/,
    ],
    [
      'reports of an account behind a cursor',
      'executionReportsOfAccount',
      () => history.executionReportsOfAccount(3, { sequence: recent, leg: 0 }, 500),
      /^execution_reports_2026_0[45]$/,
      /account_sequence|pkey/,
    ],
    [
      'reports of an account from the beginning',
      'executionReportsOfAccount',
      () => history.executionReportsOfAccount(3, null, 500),
      /^execution_reports_2026_0[1-5]$/,
      /account_sequence|pkey/,
    ],
    [
      'fills of an account behind a cursor',
      'executionReportsOfAccount',
      () => history.executionReportsOfAccount(3, { sequence: recent, leg: 0 }, 500, 'TRADE'),
      /^execution_reports_2026_0[45]$/,
      /account_exec_type|account_sequence|pkey/,
    ],
    [
      'reports of an order',
      'executionReportsOfOrder',
      () => history.executionReportsOfOrder(2 * recent, null, 100),
      /^(execution_reports_2026_04|orders)$/,
      /order_id|orders_pkey/,
    ],
    [
      'reports of a command',
      'executionReportsOfCommand',
      () => history.executionReportsOfCommand(recent),
      /^execution_reports_2026_0[45]$/,
      /command_sequence/,
    ],
    [
      'candles in a time',
      'candlesOf',
      () => history.candlesOf(1, 'S1', april, null, 500),
      /^candles_s1_2026_04_1[01]$/,
      /pkey/,
    ],
    [
      'the last candle',
      'lastCandleBefore',
      () => history.lastCandleBefore(1, 'M1', LAST_US),
      /^candles_long_2026$/,
      /pkey/,
    ],
    [
      'postings of an account',
      'ledgerOf',
      () => history.ledgerOf(3, { sequence: recent, entry: 0 }, 100),
      /^(execution_reports_2026_0[45]|transfers)$/,
      /account_exec_type|account_sequence|execution_reports_.*pkey|transfers_/,
    ],
    [
      'postings of the venue',
      'ledgerOf',
      () => history.ledgerOf(0, { sequence: recent, entry: 0 }, 100),
      /^(execution_reports_2026_0[45]|transfers)$/,
      /execution_reports_.*pkey|transfers_/,
    ],
    ['orders of plans', 'ordersOfPlans', () => history.ordersOfPlans([recent, 2 * recent]), /^orders$/, /plan_id/],
    [
      'the audit of risk policy',
      'riskAudit',
      () => history.riskAudit({ account: null, setBy: null, fromUs: null, toUs: null }, recent, 100),
      /^risk_audit$/,
      /risk_audit_pkey/,
    ],
    [
      'the audit of one account',
      'riskAudit',
      () => history.riskAudit({ account: 3, setBy: null, fromUs: null, toUs: null }, recent, 100),
      /^risk_audit$/,
      /risk_audit_pkey|account/,
    ],
    [
      'totals since midnight',
      'tradeTotalsSince',
      () => history.tradeTotalsSince(LAST_US + 1 - DAY_US),
      /^daily_trade_totals$/,
      /daily_trade_totals_pkey/,
    ],
    [
      'totals since a time of a day',
      'tradeTotalsSince',
      () => history.tradeTotalsSince(LAST_US + 1 - 1.5 * DAY_US),
      /^(daily_trade_totals|trades_2026_04|execution_reports_2026_04)$/,
      /pkey|instrument_time_us|sequence/,
    ],
  ];

  it.each(cases)('read %s by an index, in the partitions of that time alone (%s)', (_, __, ask, tables, index) =>
    expectIndexed(ask, tables, index),
  );

  it('are all looked at here', () => {
    const methods = Object.getOwnPropertyNames(PostgresHistory.prototype);
    // The offset is one row.
    const left = methods.filter(
      (name) => !['constructor', 'throughSequence', ...cases.map(([, of]) => of)].includes(name),
    );
    expect(left).toEqual([]);
  });
});

describe('Queries of imported data', () => {
  const newest = { timeUs: LAST_US, tradeId: 1 };
  const cases: readonly Case[] = [
    [
      'bars in a time',
      'candlesOf',
      () => imported.candlesOf(1, 'M1', april, null, 501),
      /^imported_candles_2026$/,
      /imported_candles_2026_pkey/,
    ],
    [
      'bars behind one',
      'candlesOf',
      () => imported.candlesOf(1, 'M1', always, april.fromUs, 501),
      /^imported_candles_202[67]$/,
      /imported_candles_202[67]_pkey/,
    ],
    [
      'trades of a source in a time',
      'tradesOf',
      () => imported.tradesOf(1, 'other', april, null, 501),
      /^imported_trades_2026_04$/,
      /imported_trades_2026_04_pkey/,
    ],
    [
      'trades of a source before one',
      'tradesOf',
      () => imported.tradesOf(1, 'other', always, newest, 501),
      /^imported_trades_2026_04$/,
      /imported_trades_2026_04_pkey/,
    ],
  ];

  it.each(cases)('read %s by an index, in the partitions of that time alone (%s)', (_, __, ask, tables, index) =>
    expectIndexed(ask, tables, index),
  );

  it('are all looked at here', () => {
    const methods = Object.getOwnPropertyNames(PostgresImportedMarketData.prototype);
    const left = methods.filter((name) => !['constructor', ...cases.map(([, of]) => of)].includes(name));
    // What is left writes.
    expect(left).toEqual(['saveCandles', 'saveTrades']);
  });

  it('find what an import meets by an index, too', async () => {
    const [openTimeUs] = [april.fromUs];
    const bar = {
      openTimeUs,
      open: '1',
      high: '1',
      low: '1',
      close: '1',
      volume: '1',
      vwap: null,
      tradeCount: 1,
      source: 'x',
    };
    await imported.saveCandles(1, 'M1', [{ ...bar, openTimeUs: openTimeUs + 60e6 }]);
    await expectIndexed(
      () => imported.saveCandles(1, 'M1', [bar]),
      /^imported_candles(_202[67])?$/,
      /imported_candles_202[67]_pkey/,
    );
    const trade = { tradeId: 7, timeUs: april.fromUs, px: '1', qty: '1', aggressorSide: 'BUY' } as const;
    await imported.saveTrades(1, 'other', [{ ...trade, tradeId: 8 }]);
    await expectIndexed(
      () => imported.saveTrades(1, 'other', [trade]),
      /^imported_trades(_2026_0\d)?$/,
      /imported_trades_2026_0\d_pkey/,
    );
  });
});
