/** A day of auctions between two traders, through the API, with a crash while the opening auction gathers. */
import { collect, connect, post, settled } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const SYMBOL = 'AUC';
const CREATE = /* GraphQL */ `
  mutation Create($input: CreateInstrumentInput!) { createInstrument(input: $input) { symbol tradingStatus } }
`;
const DEPOSIT = /* GraphQL */ `
  mutation Deposit($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }
`;
const SET_STATUS = /* GraphQL */ `
  mutation SetStatus($status: TradingStatus!, $auction: AuctionKind) {
    setTradingStatus(symbol: "AUC", status: $status, auction: $auction) { tradingStatus session { phase auction } }
  }
`;
const AUCTION = /* GraphQL */ `
  subscription Auction { auction(symbols: ["AUC"]) { kind ended px qty imbalanceQty imbalanceSide } }
`;
const ORDER = /* GraphQL */ `
  query Order($id: ID!) { order(id: $id) { ordStatus cumQty leavesQty avgPx } }
`;

interface AuctionEvent {
  readonly kind: string;
  readonly ended: boolean;
  readonly px: string | null;
  readonly qty: string;
  readonly imbalanceQty: string;
  readonly imbalanceSide: string | null;
}

describe('auctions', () => {
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

  async function asAdmin(query: string, variables: Record<string, unknown>) {
    const answer = await post(platform.url, query, variables, platform.credentials.admin.token);
    expect(answer.errors).toBeUndefined();
    return answer.data;
  }

  async function place(
    owner: 'trader' | 'trader2',
    side: 'BUY' | 'SELL',
    orderQty: string,
    terms: object,
  ): Promise<string> {
    const { token, accountId } = platform.credentials[owner];
    const input = { accountId, symbol: SYMBOL, side, ordType: 'LIMIT', orderQty, ...terms };
    const { data, errors } = await placeOrder(platform.url, token, input);
    expect(errors).toBeUndefined();
    expect(data.placeOrder.__typename).toBe('PlaceOrderSuccess');
    return data.placeOrder.order.id;
  }

  async function orderOf(owner: 'trader' | 'trader2', id: string) {
    return (await post(platform.url, ORDER, { id }, platform.credentials[owner].token)).data.order;
  }

  it('gather, survive a crash, open and close at the price of greatest volume, and end DAY orders', async () => {
    const terms = { description: 'Auctions', baseAsset: SYMBOL, quoteAsset: 'USD', tickSize: '0.01', lotSize: '1' };
    const bounds = { minPrice: '0.01', maxPrice: '1000', minQty: '1', maxQty: '100000', referencePx: '100' };
    await asAdmin(CREATE, { input: { symbol: SYMBOL, ...terms, ...bounds, tradingStatus: 'CLOSED' } });
    for (const owner of ['trader', 'trader2'] as const) {
      const input = {
        accountId: platform.credentials[owner].accountId,
        currency: SYMBOL,
        amount: '1000',
        transferId: owner,
      };
      await asAdmin(DEPOSIT, { input });
    }
    await asAdmin(SET_STATUS, { status: 'PRE_OPEN' });
    const early = await place('trader', 'BUY', '10', { price: '103' });
    await asAdmin(SET_STATUS, { status: 'AUCTION' });
    await place('trader', 'BUY', '20', { price: '101', timeInForce: 'DAY' });
    const atOpen = await place('trader2', 'SELL', '5', { ordType: 'MARKET', timeInForce: 'AT_THE_OPEN' });
    await platform.crash();
    platform = await startPlatform({ dataDir });

    const client = connect(platform.url, null);
    const auctions = collect<AuctionEvent>(client, 'auction', AUCTION);
    await settled(client);
    // Five at market against thirty to buy, at 100 as nothing says more: the reference price.
    const gathered = await auctions.until((events) => events.length > 0, 'the auction that is under way');
    expect(gathered[0]).toMatchObject({ kind: 'OPENING', ended: false, qty: '5', imbalanceSide: 'BUY' });
    const seller = await place('trader2', 'SELL', '20', { price: '101' });
    const indicative = { kind: 'OPENING', px: '101.00', qty: '25', imbalanceQty: '5', imbalanceSide: 'BUY' };
    await auctions.until((events) => events.at(-1)?.qty === '25', 'the indicative price');
    expect(auctions.events.at(-1)).toEqual({ ...indicative, ended: false });
    await asAdmin(SET_STATUS, { status: 'OPEN' });
    await auctions.until((events) => events.at(-1)?.ended === true, 'the end of the opening auction');
    expect(auctions.events.at(-1)).toEqual({ ...indicative, ended: true });
    expect(await orderOf('trader', early)).toMatchObject({ ordStatus: 'FILLED', avgPx: '101.00' });
    expect(await orderOf('trader2', seller)).toMatchObject({ ordStatus: 'FILLED', cumQty: '20' });
    expect(await orderOf('trader2', atOpen)).toMatchObject({ ordStatus: 'FILLED', cumQty: '5' });

    const day = await place('trader', 'BUY', '1', { price: '90', timeInForce: 'DAY' });
    const atClose = await place('trader2', 'SELL', '8', { price: '99', timeInForce: 'AT_THE_CLOSE' });
    await asAdmin(SET_STATUS, { status: 'AUCTION', auction: 'CLOSING' });
    await asAdmin(SET_STATUS, { status: 'CLOSED' });
    await auctions.until((events) => events.at(-1)?.kind === 'CLOSING' && events.at(-1)?.ended === true, 'the close');
    // Five are left to buy at 101 from the opening; the last price, 101, lies within 99 to 101.
    expect(auctions.events.at(-1)).toMatchObject({ px: '101.00', qty: '5', imbalanceQty: '3', imbalanceSide: 'SELL' });
    expect(await orderOf('trader2', atClose)).toMatchObject({ ordStatus: 'EXPIRED', cumQty: '5', leavesQty: '0' });
    expect(await orderOf('trader', day)).toMatchObject({ ordStatus: 'EXPIRED', cumQty: '0' });
    auctions.close();
    await client.dispose();
  });

  it('bring an instrument with a calendar to its present phase by themselves', async () => {
    const terms = { description: 'Sessions', baseAsset: 'CAL', quoteAsset: 'USD', tickSize: '0.01', lotSize: '1' };
    const bounds = { minPrice: '0.01', maxPrice: '1000', minQty: '1', maxQty: '100000', referencePx: '100' };
    const weekdays = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
    const calendar = { timeZone: 'UTC', weekdays, hours: { open: '00:00:00', close: '23:59:59' } };
    await asAdmin(CREATE, { input: { symbol: 'CAL', ...terms, ...bounds, tradingStatus: 'CLOSED', calendar } });
    const client = connect(platform.url, null);
    const phases = collect<{ tradingStatus: string }>(
      client,
      'tradingStatus',
      'subscription { tradingStatus(symbols: ["CAL"]) { tradingStatus } }',
    );
    await phases.until((events) => events.at(-1)?.tradingStatus === 'OPEN', 'the session is open');
    phases.close();
    await client.dispose();
  });
});
