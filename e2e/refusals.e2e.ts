import { post } from './support/client.js';
import { type OrderInput, PLACE_ORDER, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

describe('bad input', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  let good: OrderInput;

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
    const { accountId } = platform.credentials.trader;
    good = { accountId, symbol: 'KO', side: 'BUY', ordType: 'LIMIT', orderQty: '1', price: '68.00' };
  });

  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const place = (input: Record<string, unknown>) =>
    post(platform.url, PLACE_ORDER, { input }, platform.credentials.trader.token);

  async function workingOrders(): Promise<number> {
    const { token, accountId } = platform.credentials.trader;
    const query =
      'query Working($id: ID!) { orders(accountId: $id, ordStatus: [NEW, PARTIALLY_FILLED]) { edges { node { id } } } }';
    return (await post(platform.url, query, { id: accountId }, token)).data.orders.edges.length;
  }

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown symbol', { symbol: 'NOPE' }, 'UNKNOWN_SYMBOL', /symbol/],
    ['an unknown account', { accountId: 'ACC-NOBODY' }, 'UNKNOWN_ACCOUNT', /accountId/],
    ['somebody else’s account', { accountId: 'ACC-TRADER2' }, 'UNKNOWN_ACCOUNT', /accountId/],
    ['a price off the tick', { price: '68.005' }, 'INVALID_PRICE', /price.*0\.01/],
    ['too many decimals', { price: '68.00000000000001' }, 'INVALID_PRICE', /price.*0\.01/],
    ['a quantity off the lot', { orderQty: '1.5' }, 'INVALID_QTY', /orderQty.*1/],
    ['a zero quantity', { orderQty: '0' }, 'INVALID_QTY', /orderQty/],
    ['a negative quantity', { orderQty: '-1' }, 'INVALID_QTY', /orderQty/],
    ['a zero price', { price: '0' }, 'INVALID_PRICE', /price/],
    ['a negative price', { price: '-68.00' }, 'INVALID_PRICE', /price/],
    ['a missing price', { price: undefined }, 'INVALID_PRICE', /price/],
    ['a price beyond every bound', { price: '9999999999999999' }, 'INVALID_PRICE', /price/],
    [
      'more than there is money for',
      { symbol: 'MSFT', orderQty: '100000', price: '430.00' },
      'INSUFFICIENT_FUNDS',
      /./,
    ],
  ])('%s gives a typed rejection that names the field', async (_name, change, reason, text) => {
    const before = await workingOrders();
    const { data, errors } = await place({ ...good, ...change });
    expect(errors).toBeUndefined();
    expect(data.placeOrder).toMatchObject({ __typename: 'OrderRejection', ordRejReason: reason });
    expect(data.placeOrder.text).toMatch(text);
    expect(await workingOrders()).toBe(before);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['NaN', { price: 'NaN' }, /price/],
    ['1e400', { orderQty: '1e400' }, /orderQty/],
    ['400 digits', { price: '9'.repeat(400) }, /price/],
    ['full-width digits', { price: '６８.００' }, /price/],
    ['a float in place of a string', { price: 68.5 }, /price/],
    ['an empty string', { orderQty: '' }, /orderQty/],
    ['an enum value that does not exist', { side: 'HOLD' }, /side/],
    ['a missing required field', { symbol: undefined }, /symbol/],
    ['a field that does not exist', { leverage: '10' }, /leverage/],
  ])('%s gives a GraphQL error that names the field', async (_name, change, field) => {
    const { data, errors } = await place({ ...good, ...change });
    expect(data?.placeOrder ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(field);
    expect(JSON.stringify(errors)).not.toMatch(/node_modules|\.ts:|\.js:|SELECT|127\.0\.0\.1/);
  });

  it('a clOrdId beyond 64 characters is refused by name', async () => {
    const { data, errors } = await place({ ...good, clOrdId: 'x'.repeat(65) });
    expect(JSON.stringify(data?.placeOrder ?? errors)).toMatch(/clOrdId.*64/);
  });

  it('the process lives and still takes a good order', async () => {
    const { data } = await placeOrder(platform.url, platform.credentials.trader.token, good);
    expect(data.placeOrder.__typename).toBe('PlaceOrderSuccess');
  });
});
