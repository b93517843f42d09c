/**
 * kill -9 at random moments under load: every answered order is there after the start, with each of its fills, and a
 * fill subscription resumed with its last cursor gets each missed fill exactly once.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collector, collect, connect, post } from './support/client.js';
import { FILLS, type FillEvent, type OrderInput, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const CRASHES = 20;
const CONCURRENT_CLIENTS = 4;
/** So that most crashes find a snapshot in the making or behind them. */
const SNAPSHOT_OFTEN = { TRADSYS_SNAPSHOT_EVERY: '100' };
const SYMBOL = 'KO';
const PRICES = ['69.98', '69.99', '70.00', '70.01', '70.02'];

interface Answered {
  readonly clOrdId: string;
  readonly orderId: string;
  readonly input: OrderInput;
  readonly owner: 'trader' | 'trader2';
  readonly fills: readonly { execId: string }[];
}

const pick = <T>(items: readonly T[]): T => items[randomInt(items.length)] as T;

/** Trades until the platform is gone; returns what was answered. */
async function load(platform: RunningPlatform, round: number, worker: number, answered: Answered[]): Promise<void> {
  for (let count = 0; ; count += 1) {
    const owner = pick(['trader', 'trader2'] as const);
    const { token, accountId } = platform.credentials[owner];
    const clOrdId = `r${round}-w${worker}-${count}`;
    const input: OrderInput = {
      accountId,
      symbol: SYMBOL,
      side: pick(['BUY', 'SELL'] as const),
      ordType: 'LIMIT',
      orderQty: String(1 + randomInt(5)),
      price: pick(PRICES),
      timeInForce: pick(['GTC', 'GTC', 'IOC']),
      clOrdId,
    };
    try {
      const { data } = await placeOrder(platform.url, token, input);
      const result = data?.placeOrder;
      if (result?.__typename === 'PlaceOrderSuccess') {
        answered.push({ clOrdId, orderId: result.order.id, input, owner, fills: result.fills });
      }
    } catch {
      return; // the process is gone: this order was not answered, so nothing is owed for it
    }
  }
}

async function expectAllKept(platform: RunningPlatform, answered: readonly Answered[]): Promise<void> {
  for (const order of answered) {
    const { token, accountId } = platform.credentials[order.owner];
    const { data, errors } = await post(
      platform.url,
      `query Kept($accountId: ID!, $clOrdId: ID!) {
        orderByClOrdId(accountId: $accountId, clOrdId: $clOrdId) {
          id orderQty executionReports(first: 100) { edges { node { execId execType } } }
        }
      }`,
      { accountId, clOrdId: order.clOrdId },
      token,
    );
    expect({ errors, id: data?.orderByClOrdId?.id }).toEqual({ errors: undefined, id: order.orderId });
    const reported = data.orderByClOrdId.executionReports.edges.map(
      (edge: { node: { execId: string } }) => edge.node.execId,
    );
    for (const fill of order.fills) expect(reported).toContain(fill.execId);
  }
}

describe('kill -9 under load', () => {
  let dataDir: string;
  let platform: RunningPlatform | null = null;

  beforeAll(async () => {
    dataDir = await makeDataDir();
  });

  afterAll(async () => {
    await platform?.crash();
    await removeDataDir(dataDir);
  });

  it(`loses no answered order and no fill over ${CRASHES} crashes at random moments`, async () => {
    let cursor: string | null = null;
    const received: FillEvent[] = [];
    let totalAnswered = 0;
    for (let round = 0; round < CRASHES; round += 1) {
      platform = await startPlatform({ dataDir, environment: SNAPSHOT_OFTEN });
      const { token, accountId } = platform.credentials.trader;
      const client = connect(platform.url, token);
      const stream: Collector<FillEvent> = collect(client, 'fills', FILLS, { accountId, after: cursor });
      const answered: Answered[] = [];
      const workers = Array.from({ length: CONCURRENT_CLIENTS }, (_, worker) =>
        load(platform as RunningPlatform, round, worker, answered),
      );
      await sleep(150 + randomInt(600));
      await platform.crash();
      await Promise.all(workers);
      stream.close();
      await client.dispose();
      received.push(...stream.events);
      cursor = stream.events.at(-1)?.cursor ?? cursor;
      totalAnswered += answered.length;

      platform = await startPlatform({ dataDir, environment: SNAPSHOT_OFTEN });
      await expectAllKept(platform, answered.slice(-40));
      await platform.crash();
    }

    platform = await startPlatform({ dataDir, environment: SNAPSHOT_OFTEN });
    const { token, accountId } = platform.credentials.trader;
    const client = connect(platform.url, token);
    const rest = collect<FillEvent>(client, 'fills', FILLS, { accountId, after: cursor });
    const trade = (owner: 'trader' | 'trader2', side: 'BUY' | 'SELL') =>
      placeOrder((platform as RunningPlatform).url, (platform as RunningPlatform).credentials[owner].token, {
        accountId: (platform as RunningPlatform).credentials[owner].accountId,
        symbol: 'MSFT',
        side,
        ordType: 'LIMIT',
        orderQty: '1',
        price: '430.00',
      });
    await trade('trader', 'BUY');
    await trade('trader2', 'SELL');
    const isLast = (event: FillEvent | undefined) => event?.lastPx === '430.00';
    await rest.until((events) => isLast(events.at(-1)), 'the closing fill behind the cursor');
    await client.dispose();
    received.push(...rest.events);

    expect(received.filter((event) => event.__typename !== 'Fill')).toEqual([]);
    const ids = received.map((event) => event.execId);
    expect(new Set(ids).size).toBe(ids.length);
    const all = await allFills(platform, accountId, token);
    // The very first subscription began without a cursor, so the stream is owed from its first event on.
    expect(ids).toEqual(all.slice(all.indexOf(ids[0] as string)));
    expect(totalAnswered).toBeGreaterThan(CRASHES * 5);
    expect(all.length).toBeGreaterThan(CRASHES);
  }, 600_000);
});

/** Ids of all fills of the account, from its orders' execution reports, in stream order. */
async function allFills(platform: RunningPlatform, accountId: string, token: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const { data, errors } = await post(
      platform.url,
      `query Fills($accountId: ID!, $after: String) {
        orders(accountId: $accountId, first: 20, after: $after) {
          edges { node { executionReports(first: 100) { edges { node { execId execType } } } } }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      { accountId, after },
      token,
    );
    expect(errors).toBeUndefined();
    for (const { node } of data.orders.edges) {
      for (const report of node.executionReports.edges) {
        if (report.node.execType === 'TRADE') ids.push(report.node.execId);
      }
    }
    after = data.orders.pageInfo.hasNextPage ? data.orders.pageInfo.endCursor : null;
  } while (after !== null);
  const key = (id: string) => id.split('-').map(Number) as [number, number];
  return ids.sort((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1]);
}
