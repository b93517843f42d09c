/** Thousands of orders at once on one account: no limit is ever broken, and no more is reserved than there is. */
import { connect, post } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const ORDERS = 10_000;
const IN_PARALLEL = 200;
const SOCKETS = 4;
const MAX_OPEN = 40;
const MAX_QTY = 5;

const PLACE = `mutation Storm($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    ... on PlaceOrderSuccess { order { id orderQty leavesQty } }
    ... on OrderRejection { ordRejReason }
  }
}`;
const REPORTS = `query Reports($accountId: ID!, $after: String) {
  orders(accountId: $accountId, ordStatus: [NEW, PARTIALLY_FILLED, FILLED, CANCELED], first: 40, after: $after) {
    edges { node { executionReports(first: 60) { edges { node { execId execType orderId cumQty leavesQty } } } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Report {
  readonly execId: string;
  readonly execType: string;
  readonly orderId: string;
  readonly cumQty: string;
  readonly leavesQty: string;
}

describe('A storm of orders on one account', () => {
  let dataDir: string;
  let platform: RunningPlatform;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  }, 120_000);

  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('100 in parallel never reserve more than there is', async () => {
    const { token, accountId } = platform.credentials.trader2;
    const balances = async () => {
      const query = 'query Money($id: ID!) { account(id: $id) { balances { currency total available held } } }';
      const { data } = await post(platform.url, query, { id: accountId }, token);
      return data.account.balances.find(({ currency }: { currency: string }) => currency === 'USD');
    };
    const before = await balances();
    // Each takes more than an eleventh of what is there, fees apart: at most ten can pass.
    const orderQty = String(Math.ceil(Number(before.available) / 10.9 / 69));
    const input = { accountId, symbol: 'KO', side: 'BUY', ordType: 'LIMIT', orderQty, price: '69.00' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(platform.url, PLACE, { input }, token)));
    const results = answers.map(({ data }) => data.placeOrder);
    const accepted = results.filter(({ order }) => order !== undefined).length;
    expect(results.filter(({ ordRejReason }) => ordRejReason === 'INSUFFICIENT_FUNDS')).toHaveLength(100 - accepted);
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThanOrEqual(10);
    const after = await balances();
    expect(Number(after.available)).toBeGreaterThanOrEqual(0);
    expect(Number(after.held) - Number(before.held)).toBeLessThanOrEqual(Number(before.available));
    expect(Number(after.held) - Number(before.held)).toBeGreaterThanOrEqual(accepted * Number(orderQty) * 69);
  }, 60_000);

  it(`${ORDERS} in parallel never break a limit, as their execution reports tell`, async () => {
    const { token, accountId } = platform.credentials.trader;
    const limits = { maxOrderQty: String(MAX_QTY), maxOpenOrders: MAX_OPEN, maxOrderNotional: '344.00' };
    const set = await post(
      platform.url,
      'mutation Limit($id: ID!, $limits: RiskLimitsInput!) { setRiskLimits(accountId: $id, limits: $limits) { maxOpenOrders } }',
      { id: accountId, limits },
      platform.credentials.risk.token,
    );
    expect(set.errors).toBeUndefined();
    const clients = Array.from({ length: SOCKETS }, () => connect(platform.url, token));
    const results: { order?: { orderQty: string }; ordRejReason?: string }[] = [];
    let next = 0;
    const worker = async (which: number) => {
      for (let number = next++; number < ORDERS; number = next++) {
        const input = {
          accountId,
          symbol: 'KO',
          side: number % 2 === 0 ? 'BUY' : 'SELL',
          ordType: 'LIMIT',
          // Six and more pass the quantity, five at 69.00 pass the notional.
          orderQty: String(1 + (number % 7)),
          price: number % 2 === 0 ? '69.00' : '70.00',
          timeInForce: number % 3 === 0 ? 'IOC' : 'GTC',
          selfTradePrevention: 'NONE',
        };
        for await (const { data, errors } of clients[which % SOCKETS]!.iterate<{ placeOrder: object }>({
          query: PLACE,
          variables: { input },
        })) {
          expect(errors).toBeUndefined();
          results.push(data!.placeOrder);
        }
      }
    };
    await Promise.all(Array.from({ length: IN_PARALLEL }, (_, which) => worker(which)));
    await Promise.all(clients.map((client) => client.dispose()));
    expect(results).toHaveLength(ORDERS);
    const reasons = new Set(results.flatMap(({ ordRejReason }) => ordRejReason ?? []));
    expect([...reasons].sort()).toEqual(['MAX_ORDER_NOTIONAL', 'MAX_ORDER_QTY', 'OPEN_ORDER_LIMIT']);
    const placed = results.filter(({ order }) => order !== undefined);
    expect(placed.length).toBeGreaterThanOrEqual(MAX_OPEN);
    for (const { order } of placed) {
      expect(Number(order!.orderQty)).toBeLessThanOrEqual(MAX_QTY);
      expect(Number(order!.orderQty) * 69).toBeLessThanOrEqual(344);
    }
    await expectWithinOpenLimit(accountId, token);
  }, 300_000);

  /** Plays the account's reports in the order of the stream: at no point more orders are open than may be. */
  async function expectWithinOpenLimit(accountId: string, token: string): Promise<void> {
    const reports: Report[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data, errors } = await post(platform.url, REPORTS, { accountId, after }, token);
      expect(errors).toBeUndefined();
      for (const { node } of data.orders.edges) {
        for (const each of node.executionReports.edges) reports.push(each.node);
      }
      after = data.orders.pageInfo.endCursor;
      more = data.orders.pageInfo.hasNextPage;
    }
    const place = (id: string) => id.split('-').map(Number) as [number, number];
    reports.sort((a, b) => place(a.execId)[0] - place(b.execId)[0] || place(a.execId)[1] - place(b.execId)[1]);
    const open = new Set<string>();
    let most = 0;
    for (const { orderId, leavesQty, execType } of reports) {
      if (execType !== 'REJECTED' && Number(leavesQty) > 0) open.add(orderId);
      else open.delete(orderId);
      most = Math.max(most, open.size);
    }
    // An order that comes in counts only once it rests: one IOC may be on its way through.
    expect(most).toBeLessThanOrEqual(MAX_OPEN + 1);
    expect(open.size).toBeLessThanOrEqual(MAX_OPEN);
  }
});
