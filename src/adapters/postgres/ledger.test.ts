import { batchOf, runExchange } from '../../ports/testing/exchange-run.js';
import { HistoryOracle } from '../../ports/testing/history-oracle.js';
import { openDatabase } from './index.js';
import { LEDGER } from './ledger.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

describe('The ledger in PostgreSQL', () => {
  const run = runExchange(11, 900);
  let server: TestServer;
  let url: string;
  beforeAll(async () => {
    server = await startTestServer();
    url = await server.createDatabase();
    const database = await openDatabase({ url, dataDir: server.dataDir, log: silent });
    await database.readModelStore.apply(batchOf(run.events));
    await database.stop();
  });
  afterAll(() => server.stop());

  it('sums to 0 per asset at any sequence', async () => {
    const [found] = await query(
      url,
      `SELECT count(*) AS postings, count(DISTINCT asset) AS assets, count(*) FILTER (WHERE sum <> 0) AS unbalanced
       FROM (SELECT sequence, asset, sum(amount_units) AS sum, count(*) FROM (${LEDGER}) ledger GROUP BY sequence, asset) s`,
    );
    expect(Number(found?.unbalanced)).toBe(0);
    expect(Number(found?.assets)).toBeGreaterThan(2);
    expect(Number(found?.postings)).toBeGreaterThan(100);
    // A running sum, posting by posting, is 0 wherever an event ends.
    const running = await query(
      url,
      `SELECT max(abs(balance)) AS most FROM (
         SELECT sum(sum(amount_units)) OVER (PARTITION BY asset ORDER BY sequence) AS balance
         FROM (${LEDGER}) ledger GROUP BY asset, sequence) r`,
    );
    expect(Number(running[0]?.most)).toBe(0);
  });

  it('sums to the balance of every account, and to what came in from outside', async () => {
    const oracle = new HistoryOracle(run.events);
    const rows = await query(
      url,
      `SELECT account, asset, sum(amount_units) AS total FROM (${LEDGER}) ledger GROUP BY account, asset`,
    );
    const inside = rows.filter(({ account }) => Number(account) >= 0);
    const totals = new Map(inside.map(({ account, asset, total }) => [`${account} ${asset}`, Number(total)]));
    for (const [key, { totalUnits }] of oracle.balances) expect(totals.get(key) ?? 0).toBe(totalUnits);
    const outside = rows.filter(({ account }) => Number(account) === -1);
    expect(outside.length).toBeGreaterThan(2);
    for (const { asset, total } of outside) {
      const held = [...oracle.balances.values()].filter((balance) => balance.asset === Number(asset));
      expect(-Number(total)).toBe(held.reduce((sum, { totalUnits }) => sum + totalUnits, 0));
    }
  });
});
