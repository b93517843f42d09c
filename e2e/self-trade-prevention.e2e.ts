import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { post } from './support/client.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

/** Scenarios that a venue published with their results; the file may not be copied into the project. */
const FILE = resolve(import.meta.dirname, '../../shared/data/vectors/binance_stp.json');
const isThere = existsSync(FILE);
if (!isThere) process.stdout.write(`left out: ${FILE} is not there\n`);

interface ScenarioOrder {
  readonly side: 'BUY' | 'SELL';
  readonly type: 'LIMIT' | 'MARKET';
  readonly quantity: string;
  readonly price: string | null;
  readonly stp: string;
}
interface Expected {
  readonly status: string;
  readonly executedQty: string;
  readonly preventedQty: string;
}
interface Scenario {
  readonly id: string;
  readonly makers: readonly ScenarioOrder[];
  readonly taker: ScenarioOrder;
  readonly expect: { readonly makers: readonly Expected[]; readonly taker: Expected };
}

/**
 * The published names. TRANSFER moves the prevented quantity between two accounts of a trade group, which do not exist
 * here: it is played within one account as DECREMENT, whose effect on the two orders is the same.
 */
const MODES: Readonly<Record<string, string>> = {
  NONE: 'NONE',
  EXPIRE_TAKER: 'CANCEL_NEWEST',
  EXPIRE_MAKER: 'CANCEL_OLDEST',
  EXPIRE_BOTH: 'CANCEL_BOTH',
  DECREMENT: 'DECREMENT',
  TRANSFER: 'DECREMENT',
};
const STATUSES: Readonly<Record<string, string>> = { EXPIRED_IN_MATCH: 'CANCELED', EXPIRED: 'CANCELED' };

const CREATE_INSTRUMENT = /* GraphQL */ `
  mutation CreateInstrument($input: CreateInstrumentInput!) { createInstrument(input: $input) { symbol tickSize } }
`;
const DEPOSIT = /* GraphQL */ `
  mutation Deposit($input: AdjustBalanceInput!) { adjustBalance(input: $input) { __typename } }
`;
const ORDER = /* GraphQL */ `
  query Order($id: ID!) { order(id: $id) { ordStatus cumQty leavesQty } }
`;

const scenarios = isThere ? (JSON.parse(readFileSync(FILE, 'utf8')) as { scenarios: Scenario[] }).scenarios : [];
/** Prices and quantities of the scenarios have one decimal. */
const tenths = (text: string): number => Math.round(Number(text) * 10);

/** Left out where the scenarios are not at hand. */
(isThere ? describe : () => undefined)('self-trade prevention as published, through the API', () => {
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

  /** Lists an instrument of its own, so that no scenario meets the orders of another. */
  async function list(symbol: string): Promise<void> {
    const input = {
      symbol,
      description: 'Self-trade prevention',
      baseAsset: symbol,
      quoteAsset: 'USD',
      tickSize: '0.1',
      lotSize: '0.1',
      minPrice: '0.1',
      maxPrice: '100.0',
      minQty: '0.1',
      maxQty: '100.0',
      referencePx: '1.0',
    };
    const { admin, trader } = platform.credentials;
    const listed = await post(platform.url, CREATE_INSTRUMENT, { input }, admin.token);
    expect(listed.errors).toBeUndefined();
    const transfer = { accountId: trader.accountId, currency: symbol, amount: '100', transferId: `fund ${symbol}` };
    const funded = await post(platform.url, DEPOSIT, { input: transfer }, admin.token);
    expect(funded.data?.adjustBalance).toEqual({ __typename: 'AdjustBalanceSuccess' });
  }

  async function place(symbol: string, { side, type, quantity, price, stp }: ScenarioOrder): Promise<string> {
    const { token, accountId } = platform.credentials.trader;
    const terms = { side, ordType: type, orderQty: quantity, selfTradePrevention: MODES[stp] };
    const answer = await placeOrder(platform.url, token, {
      accountId,
      symbol,
      ...terms,
      ...(price === null ? {} : { price }),
    });
    expect(answer.data.placeOrder).toMatchObject({ __typename: 'PlaceOrderSuccess' });
    return answer.data.placeOrder.order.id;
  }

  async function outcomeOf(id: string): Promise<unknown> {
    const { data } = await post(platform.url, ORDER, { id }, platform.credentials.trader.token);
    const { ordStatus, cumQty, leavesQty } = data.order;
    return { ordStatus, cumQty: tenths(cumQty), leavesQty: tenths(leavesQty) };
  }

  for (const scenario of scenarios) {
    it(`scenario ${scenario.id}: ${scenario.taker.stp} of the incoming order rules`, async () => {
      const symbol = `STP-${scenario.id}`;
      await list(symbol);
      const orders = [...scenario.makers, scenario.taker];
      const ids: string[] = [];
      for (const order of orders) ids.push(await place(symbol, order));
      const expected = [...scenario.expect.makers, scenario.expect.taker].map((outcome, index) => {
        const ordStatus = STATUSES[outcome.status] ?? outcome.status;
        const [cumQty, prevented] = [tenths(outcome.executedQty), tenths(outcome.preventedQty)];
        const left = tenths(orders[index]?.quantity ?? '') - cumQty - prevented;
        return { ordStatus, cumQty, leavesQty: ordStatus === 'CANCELED' ? 0 : left };
      });
      expect(await Promise.all(ids.map(outcomeOf))).toEqual(expected);
    });
  }
});
