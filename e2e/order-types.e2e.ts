import { collect, connect, post } from './support/client.js';
import { type OrderInput, placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

interface Report {
  readonly orderId: string;
  readonly execType: string;
  readonly ordStatus: string;
  readonly lastPx: string | null;
  readonly leavesQty: string;
}

const REPORTS = /* GraphQL */ `
  subscription Reports($accountId: ID!) {
    executionReports(accountId: $accountId) {
      ... on ExecutionReport { orderId execType ordStatus lastPx leavesQty }
    }
  }
`;

describe('order types', () => {
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

  /** Places an order that is taken, and returns it. */
  async function place(who: 'trader' | 'trader2', input: Record<string, unknown>) {
    const { token, accountId } = platform.credentials[who];
    const order = { accountId, ordType: 'LIMIT', ...input } as unknown as OrderInput;
    const { data, errors } = await placeOrder(platform.url, token, order);
    expect({ errors, refused: data?.placeOrder.text }).toEqual({ errors: undefined, refused: undefined });
    return data.placeOrder as {
      order: { id: string; ordStatus: string };
      fills: { lastPx: string; lastQty: string }[];
    };
  }

  const publicBook = async (symbol: string) =>
    (await post(platform.url, `{ instrument(symbol: "${symbol}") { orderBook { bids { px qty } asks { px qty } } } }`))
      .data.instrument.orderBook;

  const reportsOf = (who: 'trader' | 'trader2') => {
    const { token, accountId } = platform.credentials[who];
    const client = connect(platform.url, token);
    return { client, stream: collect<Report>(client, 'executionReports', REPORTS, { accountId }) };
  };

  it('a stop order triggers on the last trade price and trades within the same command', async () => {
    const { client, stream } = reportsOf('trader');
    await place('trader2', { symbol: 'KO', side: 'SELL', orderQty: '10', price: '70.10' });
    const { order } = await place('trader', {
      symbol: 'KO',
      side: 'BUY',
      ordType: 'STOP',
      orderQty: '4',
      stopPx: '70.05',
    });
    expect(order.ordStatus).toBe('NEW');
    expect((await publicBook('KO')).bids).toEqual([]);
    await place('trader2', { symbol: 'KO', side: 'BUY', orderQty: '1', price: '70.10', selfTradePrevention: 'NONE' });
    const ofStop = (events: readonly Report[]) => events.filter((event) => event.orderId === order.id);
    await stream.until((events) => ofStop(events).at(-1)?.ordStatus === 'FILLED', 'the stop’s fill');
    expect(ofStop(stream.events).map((event) => event.execType)).toEqual(['NEW', 'TRIGGERED', 'TRADE']);
    await client.dispose();
  });

  it('a trailing stop follows the price up and triggers when it falls by its distance', async () => {
    const { client, stream } = reportsOf('trader');
    const trade = async (price: string) => {
      await place('trader2', { symbol: 'MSFT', side: 'SELL', orderQty: '1', price, selfTradePrevention: 'NONE' });
      await place('trader2', { symbol: 'MSFT', side: 'BUY', orderQty: '1', price, selfTradePrevention: 'NONE' });
    };
    await trade('430.00');
    const { order } = await place('trader', {
      symbol: 'MSFT',
      side: 'SELL',
      ordType: 'TRAILING_STOP',
      orderQty: '1',
      trailingOffset: '1.00',
    });
    await trade('432.00');
    await place('trader2', { symbol: 'MSFT', side: 'BUY', orderQty: '1', price: '430.50' });
    await trade('431.50');
    expect(stream.events.filter((event) => event.orderId === order.id).map((event) => event.execType)).not.toContain(
      'TRIGGERED',
    );
    await trade('431.00');
    await stream.until(
      (events) => events.some((event) => event.orderId === order.id && event.lastPx === '430.50'),
      'the trailing stop’s fill',
    );
    await client.dispose();
  });

  it('an iceberg shows its slice only, and a refilled slice stands behind others of its price', async () => {
    const { order } = await place('trader', {
      symbol: 'PEP',
      side: 'SELL',
      orderQty: '100',
      price: '145.50',
      displayQty: '10',
    });
    await place('trader2', { symbol: 'PEP', side: 'SELL', orderQty: '7', price: '145.50' });
    expect((await publicBook('PEP')).asks).toEqual([{ px: '145.50', qty: '17' }]);
    const { fills } = await place('trader2', {
      symbol: 'PEP',
      side: 'BUY',
      orderQty: '12',
      price: '145.50',
      timeInForce: 'IOC',
      selfTradePrevention: 'NONE',
    });
    expect(fills.map((fill) => fill.lastQty)).toEqual(['10', '2']);
    expect((await publicBook('PEP')).asks).toEqual([{ px: '145.50', qty: '15' }]);
    const { token } = platform.credentials.trader;
    const own = await post(platform.url, `{ order(id: "${order.id}") { leavesQty displayQty } }`, {}, token);
    expect(own.data.order).toEqual({ leavesQty: '90', displayQty: '10' });
  });

  it('an order good till a time expires then, though nobody does anything', async () => {
    const { client, stream } = reportsOf('trader');
    const { order } = await place('trader', {
      symbol: 'AAPL',
      side: 'BUY',
      orderQty: '1',
      price: '228.00',
      timeInForce: 'GTD',
      expireTime: new Date(Date.now() + 1_500).toISOString(),
    });
    await stream.until(
      (events) => events.some((event) => event.orderId === order.id && event.execType === 'EXPIRED'),
      'the expiry',
    );
    expect((await publicBook('AAPL')).bids).toEqual([]);
    await client.dispose();
  });
});
