import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

/** Process ids of the embedded PostgreSQL servers that the platform started. */
async function databasePids(platform: RunningPlatform): Promise<number[]> {
  const children = await readFile(`/proc/${platform.pid}/task/${platform.pid}/children`, 'utf8');
  const pids = children.trim().split(/\s+/).filter(Boolean).map(Number);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => commands[index]?.includes('postgres'));
}

describe('killing the database', () => {
  let platform: RunningPlatform;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  });

  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('stops no trading, and the history is whole when it is back', async () => {
    const { trader, trader2 } = platform.credentials;
    const trade = async (name: string) => {
      const buy = await placeOrder(platform.url, trader.token, {
        accountId: trader.accountId,
        symbol: 'AAPL',
        side: 'BUY',
        ordType: 'LIMIT',
        orderQty: '1',
        price: '230.00',
        clOrdId: `buy-${name}`,
      });
      const sell = await placeOrder(platform.url, trader2.token, {
        accountId: trader2.accountId,
        symbol: 'AAPL',
        side: 'SELL',
        ordType: 'LIMIT',
        orderQty: '1',
        price: '230.00',
        clOrdId: `sell-${name}`,
      });
      expect(buy.errors ?? sell.errors).toBeUndefined();
      expect(sell.data.placeOrder.fills).toHaveLength(1);
    };
    await trade('before');
    const pids = await databasePids(platform);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (let count = 0; count < 20; count += 1) await trade(`during-${count}`);
    const ready = platform.url.replace('/graphql', '/readyz');
    const deadline = Date.now() + 30_000;
    let status = 0;
    while (status !== 200 && Date.now() < deadline) {
      await sleep(100);
      status = (await fetch(ready)).status;
    }
    expect(status).toBe(200);
    const query = `query Whole($id: ID!) {
      orders(accountId: $id, symbol: "AAPL", first: 30) {
        edges { node { clOrdId ordStatus executionReports(first: 5) { edges { node { execType } } } } }
      }
      instrument(symbol: "AAPL") { trades(first: 30) { edges { node { px qty } } } candles(interval: D1, first: 5) { edges { node { volume tradeCount } } } }
    }`;
    const complete = (data: { orders: { edges: { node: { executionReports: { edges: unknown[] } } }[] } } | null) =>
      data?.orders.edges.every(({ node }) => node.executionReports.edges.length === 2) === true;
    let answer = await post(platform.url, query, { id: trader.accountId }, trader.token);
    while (!complete(answer.data) && Date.now() < deadline) {
      await sleep(100);
      answer = await post(platform.url, query, { id: trader.accountId }, trader.token);
    }
    expect(answer.errors).toBeUndefined();
    expect(answer.data.orders.edges).toHaveLength(21);
    for (const { node } of answer.data.orders.edges) {
      expect(node.ordStatus).toBe('FILLED');
      expect(node.executionReports.edges.map((edge: { node: { execType: string } }) => edge.node.execType)).toEqual([
        'NEW',
        'TRADE',
      ]);
    }
    expect(answer.data.instrument.trades.edges).toHaveLength(21);
    expect(answer.data.instrument.candles.edges.at(-1).node).toMatchObject({ volume: '21', tradeCount: 21 });
  });
});

describe('a database that tells the history of another journal', () => {
  it('ends the start with the mend, and is not served as this platform’s own', async () => {
    const dataDir = await makeDataDir();
    try {
      await (await startPlatform({ dataDir })).stop();
      for (const part of ['journal', 'snapshots']) await rm(join(dataDir, part), { recursive: true });
      await expect(startPlatform({ dataDir })).rejects.toThrow(/written from another journal.*Use an empty database/);
    } finally {
      await removeDataDir(dataDir);
    }
  });
});
