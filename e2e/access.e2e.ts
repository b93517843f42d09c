import { collect, connect, post } from './support/client.js';
import { ACCOUNT, FILLS, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

describe('who may see and do what', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  let orderId: string;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
    const { token, accountId } = platform.credentials.trader;
    const placed = await placeOrder(platform.url, token, {
      accountId,
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '1',
      price: '68.00',
      clOrdId: 'mine',
    });
    orderId = placed.data.placeOrder.order.id;
  });

  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  it('market data is public', async () => {
    const { data, errors } = await post(
      platform.url,
      '{ instruments { symbol tickSize ticker { bidPx } orderBook(depth: 2) { bids { px qty } checksum } } }',
    );
    expect(errors).toBeUndefined();
    expect(data.instruments.map((instrument: { symbol: string }) => instrument.symbol)).toEqual(
      expect.arrayContaining(['AAPL', 'MSFT', 'KO', 'PEP', 'BTC-USD', 'ETH-USD']),
    );
  });

  it.each([
    ['accounts', '{ accounts { id } }'],
    ['an account', '{ account(id: "ACC-TRADER") { id balances { total } } }'],
    ['orders', '{ orders(accountId: "ACC-TRADER") { edges { node { id } } } }'],
    ['an order by clOrdId', '{ orderByClOrdId(accountId: "ACC-TRADER", clOrdId: "mine") { id } }'],
    ['a mutation', 'mutation { cancelAllOrders(input: { accountId: "ACC-TRADER" }) { canceledCount } }'],
  ])('without a token, %s is UNAUTHENTICATED and nothing is told', async (_name, query) => {
    const { data, errors } = await post(platform.url, query);
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
  });

  it('a token that is not ours is refused', async () => {
    const { errors } = await post(platform.url, '{ instruments { symbol } }', {}, 'eyJhbGciOiJub25lIn0.e30.');
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('another trader sees neither the account nor the order, by any way in', async () => {
    const { token } = platform.credentials.trader2;
    const { data } = await post(
      platform.url,
      `query Other($id: ID!) {
        account(id: "ACC-TRADER") { id name balances { total } }
        order(id: $id) { id price account { name balances { total } } }
        orderByClOrdId(accountId: "ACC-TRADER", clOrdId: "mine") { id }
        accounts { id }
      }`,
      { id: orderId },
      token,
    );
    expect(data?.account ?? null).toBeNull();
    expect(data?.order ?? null).toBeNull();
    expect(data?.orderByClOrdId ?? null).toBeNull();
    const own = await post(platform.url, '{ accounts { id } }', {}, token);
    expect(own.data.accounts).toEqual([{ id: 'ACC-TRADER2' }]);
  });

  it('another trader cannot cancel the order', async () => {
    const { data } = await post(
      platform.url,
      'mutation Cancel($id: ID!) { cancelOrder(orderId: $id) { __typename ... on OrderRejection { ordRejReason } } }',
      { id: orderId },
      platform.credentials.trader2.token,
    );
    expect(data.cancelOrder).toEqual({ __typename: 'OrderRejection', ordRejReason: 'UNKNOWN_ORDER' });
  });

  it.each([
    ['nobody', null],
    ['another trader', 'trader2'],
  ] as const)('%s cannot subscribe to the account’s fills', async (_name, who) => {
    const client = connect(platform.url, who === null ? null : platform.credentials[who].token);
    const stream = collect(client, 'fills', FILLS, { accountId: 'ACC-TRADER' });
    const deadline = Date.now() + 10_000;
    while (stream.failure === undefined && Date.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    expect(JSON.stringify(stream.failure)).toMatch(/FORBIDDEN|UNAUTHENTICATED|UNKNOWN_ACCOUNT|NOT_FOUND/);
    expect(stream.events).toEqual([]);
    await client.dispose();
  });

  it('a risk officer sees every account and cannot trade', async () => {
    const { token } = platform.credentials.risk;
    expect((await post(platform.url, ACCOUNT, { id: 'ACC-TRADER' }, token)).data.account.id).toBe('ACC-TRADER');
    const refused = await placeOrder(platform.url, token, {
      accountId: 'ACC-TRADER',
      symbol: 'KO',
      side: 'BUY',
      ordType: 'LIMIT',
      orderQty: '1',
      price: '68.00',
    });
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('a risk officer sets limits that bind the next order; a trader may not', async () => {
    const set =
      'mutation Limit($limits: RiskLimitsInput!) { setRiskLimits(accountId: "ACC-TRADER", limits: $limits) { maxOrderQty } }';
    const variables = { limits: { maxOrderQty: '5' } };
    const refused = await post(platform.url, set, variables, platform.credentials.trader.token);
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    const done = await post(platform.url, set, variables, platform.credentials.risk.token);
    expect(done.errors).toBeUndefined();
    const { token, accountId } = platform.credentials.trader;
    const place = (orderQty: string) =>
      placeOrder(platform.url, token, {
        accountId,
        symbol: 'KO',
        side: 'BUY',
        ordType: 'LIMIT',
        orderQty,
        price: '68.00',
      });
    expect((await place('5')).data.placeOrder.__typename).toBe('PlaceOrderSuccess');
    expect((await place('6')).data.placeOrder).toMatchObject({ ordRejReason: 'MAX_ORDER_QTY' });
  });
});
