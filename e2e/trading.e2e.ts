import type { Client } from 'graphql-ws';
import { collect, connect, post, settled } from './support/client.js';
import { ACCOUNT, CANCEL_ALL, CANCEL_ORDER, FILLS, type FillEvent, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const SCALE = 100_000_000n;

/** Exact value of a Decimal in 10^-8. */
function exact(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const value = BigInt(whole) * SCALE + BigInt(fraction.padEnd(8, '0'));
  return decimal.startsWith('-') ? -value : value;
}

describe('two accounts that cross an order', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  const clients: Client[] = [];

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
  });

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const fillsOf = async (who: 'trader' | 'trader2', after: string | null = null) => {
    const { token, accountId } = platform.credentials[who];
    const client = connect(platform.url, token);
    clients.push(client);
    const fills = collect<FillEvent>(client, 'fills', FILLS, { accountId, after });
    await settled(client);
    return fills;
  };

  async function totals(): Promise<Map<string, bigint>> {
    const answer = await post(
      platform.url,
      '{ accounts { id balances { currency total } } }',
      {},
      platform.credentials.admin.token,
    );
    expect(answer.errors).toBeUndefined();
    const sums = new Map<string, bigint>();
    for (const account of answer.data.accounts) {
      for (const { currency, total } of account.balances) sums.set(currency, (sums.get(currency) ?? 0n) + exact(total));
    }
    return sums;
  }

  const balancesOf = async (who: 'trader' | 'trader2') => {
    const { token, accountId } = platform.credentials[who];
    return (await post(platform.url, ACCOUNT, { id: accountId }, token)).data.account;
  };

  it('both get their fill over the subscription, and nothing is made or lost in total', async () => {
    const { trader, trader2 } = platform.credentials;
    const before = await totals();
    const buyer = await fillsOf('trader');
    const seller = await fillsOf('trader2');

    const resting = await placeOrder(platform.url, trader.token, {
      accountId: trader.accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '10',
      price: '70.00',
      clOrdId: 'cross-1',
    });
    expect(resting.data.placeOrder).toMatchObject({
      __typename: 'PlaceOrderSuccess',
      duplicate: false,
      order: { ordStatus: 'NEW', price: '70.00', cumQty: '0', leavesQty: '10', instrument: { symbol: 'KO' } },
      fills: [],
    });
    const taking = await placeOrder(platform.url, trader2.token, {
      accountId: trader2.accountId,
      symbol: 'KO',
      side: 'SELL',
      ordType: 'MARKET',
      orderQty: '4',
    });
    expect(taking.data.placeOrder).toMatchObject({
      __typename: 'PlaceOrderSuccess',
      order: { ordStatus: 'FILLED', cumQty: '4', leavesQty: '0', avgPx: '70.00' },
      fills: [{ lastPx: '70.00', lastQty: '4', maker: false }],
    });

    const [bought] = await buyer.until((events) => events.length === 1, 'the buyer’s fill');
    const [sold] = await seller.until((events) => events.length === 1, 'the seller’s fill');
    expect(bought).toMatchObject({ side: 'BUY', lastPx: '70.00', lastQty: '4', leavesQty: '6', maker: true });
    expect(sold).toMatchObject({ side: 'SELL', lastPx: '70.00', lastQty: '4', leavesQty: '0', maker: false });
    expect(sold?.tradeId).toBe(bought?.tradeId);

    expect(await totals()).toEqual(before);
    const account = await balancesOf('trader');
    const cash = account.balances.find((balance: { currency: string }) => balance.currency === 'USD');
    expect(exact(cash.total)).toBe(exact(cash.available) + exact(cash.held));
    expect(exact(cash.held)).toBeGreaterThan(exact('419.99'));
  });

  it('the same clOrdId with the same input answers the first result again; with other input it is refused', async () => {
    const { trader } = platform.credentials;
    const input = {
      accountId: trader.accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '1',
      price: '68.00',
      clOrdId: 'once',
    } as const;
    const first = await placeOrder(platform.url, trader.token, input);
    const second = await placeOrder(platform.url, trader.token, input);
    expect(second.data.placeOrder).toMatchObject({ duplicate: true, order: { id: first.data.placeOrder.order.id } });
    const other = await placeOrder(platform.url, trader.token, { ...input, price: '68.01' });
    expect(other.data.placeOrder).toMatchObject({
      __typename: 'OrderRejection',
      ordRejReason: 'DUPLICATE_CL_ORD_ID',
    });
  });

  it('a query sees at once what a mutation answered, and entity links cross subgraphs', async () => {
    const { trader } = platform.credentials;
    const placed = await placeOrder(platform.url, trader.token, {
      accountId: trader.accountId,
      symbol: 'PEP',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '3',
      price: '140.00',
      clOrdId: 'linked',
    });
    const { id } = placed.data.placeOrder.order;
    const linked = await post(
      platform.url,
      /* GraphQL */ `
        query Linked($id: ID!, $accountId: ID!) {
          order(id: $id) {
            ordStatus
            account { id name risk { openOrderCount } positions { qty } balances { currency held } }
            instrument { symbol tickSize orderBook(depth: 1) { bids { px qty orderCount } } trades(first: 1) { edges { node { px } } } }
            executionReports { edges { node { execType } } }
          }
          orderByClOrdId(accountId: $accountId, clOrdId: "linked") { id }
          orders(accountId: $accountId, symbol: "PEP", first: 5) { edges { node { id } } pageInfo { hasNextPage } }
        }
      `,
      { id, accountId: trader.accountId },
      trader.token,
    );
    expect(linked.errors).toBeUndefined();
    expect(linked.data.order).toMatchObject({
      ordStatus: 'NEW',
      account: { id: trader.accountId },
      instrument: { symbol: 'PEP', tickSize: '0.01', orderBook: { bids: [{ px: '140.00', qty: '3', orderCount: 1 }] } },
    });
    expect(linked.data.orderByClOrdId).toEqual({ id });
    expect(linked.data.orders.edges).toEqual([{ node: { id } }]);

    const canceled = await post(platform.url, CANCEL_ORDER, { orderId: id }, trader.token);
    expect(canceled.data.cancelOrder).toMatchObject({ order: { ordStatus: 'CANCELED', leavesQty: '0' } });
    const again = await post(platform.url, CANCEL_ORDER, { orderId: id }, trader.token);
    expect(again.data.cancelOrder).toMatchObject({ __typename: 'OrderRejection', ordRejReason: 'TOO_LATE_TO_CANCEL' });
  });

  it('cancelAllOrders takes every working order and says which', async () => {
    const { trader } = platform.credentials;
    const answer = await post(platform.url, CANCEL_ALL, { input: { accountId: trader.accountId } }, trader.token);
    expect(answer.data.cancelAllOrders.canceledCount).toBe(answer.data.cancelAllOrders.orderIds.length);
    expect(answer.data.cancelAllOrders.canceledCount).toBeGreaterThan(0);
    const account = await balancesOf('trader');
    for (const { held } of account.balances) expect(exact(held)).toBe(0n);
  });

  it('a fill subscription that resumes behind a cursor gets the later fills once, and then the live ones', async () => {
    const { trader, trader2 } = platform.credentials;
    const trade = async (price: string) => {
      await placeOrder(platform.url, trader.token, {
        accountId: trader.accountId,
        symbol: 'MSFT',
        side: 'BUY',
        ordType: 'LIMIT',
        orderQty: '1',
        price,
      });
      await placeOrder(platform.url, trader2.token, {
        accountId: trader2.accountId,
        symbol: 'MSFT',
        side: 'SELL',
        ordType: 'LIMIT',
        timeInForce: 'IOC',
        orderQty: '1',
        price,
      });
    };
    const live = await fillsOf('trader');
    const prices = ['430.01', '430.02', '430.03', '430.04', '430.05'];
    for (const price of prices) await trade(price);
    await live.until((events) => events.length >= prices.length, 'five live fills');
    const seen = live.events.filter((event) => prices.includes(event.lastPx));
    const resumed = await fillsOf('trader', seen[1]?.cursor ?? null);
    await resumed.until((events) => events.length >= 3, 'three missed fills');
    await trade('430.06');
    await resumed.until((events) => events.length >= 4, 'the live fill behind them');
    expect(resumed.events.map((event) => event.lastPx)).toEqual(['430.03', '430.04', '430.05', '430.06']);
  });
});
