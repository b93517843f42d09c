import type { PlaceOrder, SetAccountState } from '../exchange/command.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import { aKillSwitch, anOrder, Driver, limits, startedExchange } from '../testing/fixtures.js';
import type { AccountState, OrdRejReason } from '../values/vocabulary.js';
import { REJECT_PRECEDENCE } from './order-check.js';

interface Case {
  readonly reason: OrdRejReason;
  readonly name: string;
  readonly spec?: Partial<InstrumentSpec>;
  readonly prepare?: (driver: Driver) => void;
  readonly order: Partial<PlaceOrder>;
  readonly detail?: { limit: number | null; current: number | null; projected: number | null };
}

const withLimits = (over: Parameters<typeof limits>[0]) => (driver: Driver) => {
  driver.send({ type: 'SetRiskLimits', account: 1, instrument: null, limits: limits(over), setBy: 'tester' });
};
const anAccountState = (state: AccountState): SetAccountState => ({
  type: 'SetAccountState',
  account: 1,
  state,
  reason: '',
  setBy: 'tester',
});
const asks = (driver: Driver) => {
  driver.place({ account: 2, side: 'SELL', priceTicks: 100, orderQtyLots: 5 });
  driver.place({ account: 2, side: 'SELL', priceTicks: 110, orderQtyLots: 5 });
};
const none = { limit: null, current: null, projected: null };

const CASES: readonly Case[] = [
  { reason: 'UNKNOWN_ACCOUNT', name: 'an account that is not open', order: { account: 9 } },
  {
    reason: 'INVALID_REQUEST',
    name: 'a clOrdId of 65 characters',
    order: { clOrdId: 'x'.repeat(65) },
    detail: { limit: 64, current: null, projected: 65 },
  },
  { reason: 'INVALID_REQUEST', name: 'an empty clOrdId', order: { clOrdId: '' } },
  {
    reason: 'DUPLICATE_CL_ORD_ID',
    name: 'a clOrdId used with other input',
    prepare: (driver) => driver.place({ clOrdId: 'a', priceTicks: 99 }),
    order: { clOrdId: 'a' },
  },
  { reason: 'UNKNOWN_SYMBOL', name: 'an instrument that is not listed', order: { instrument: 4 } },
  {
    reason: 'UNSUPPORTED_ORDER',
    name: 'a postOnly order that may not rest',
    order: { postOnly: true, timeInForce: 'IOC' },
  },
  { reason: 'UNSUPPORTED_ORDER', name: 'a postOnly MARKET order', order: { ordType: 'MARKET', postOnly: true } },
  {
    reason: 'INVALID_QTY',
    name: 'quantity zero',
    order: { orderQtyLots: 0 },
    detail: { limit: 1, current: null, projected: 0 },
  },
  { reason: 'INVALID_QTY', name: 'a negative quantity', order: { orderQtyLots: -5 } },
  { reason: 'INVALID_QTY', name: 'a fraction of a lot', order: { orderQtyLots: 1.5 } },
  { reason: 'INVALID_QTY', name: 'more than maxQtyLots', order: { orderQtyLots: 1_000_001 } },
  { reason: 'INVALID_QTY', name: 'more shown than ordered', order: { displayQtyLots: 11 } },
  { reason: 'INVALID_PRICE', name: 'a LIMIT order without a price', order: { priceTicks: null } },
  { reason: 'INVALID_PRICE', name: 'price zero', order: { priceTicks: 0 } },
  { reason: 'INVALID_PRICE', name: 'a price above maxPriceTicks', order: { priceTicks: 1_000_001 } },
  { reason: 'INVALID_PRICE', name: 'a MARKET order with a price', order: { ordType: 'MARKET', priceTicks: 100 } },
  {
    reason: 'SELF_TRADE',
    name: 'a self-trade prevention that the instrument does not allow',
    spec: { allowedSelfTradePrevention: ['CANCEL_OLDEST'] },
    order: {},
  },
  {
    reason: 'KILL_SWITCH',
    name: 'an account whose kill switch is engaged',
    prepare: (driver) => driver.send(aKillSwitch(1, true)),
    order: {},
  },
  {
    reason: 'ACCOUNT_HALTED',
    name: 'an account that is halted',
    prepare: (driver) => driver.send(anAccountState('HALTED')),
    order: { reduceOnly: true, timeInForce: 'IOC', side: 'SELL' },
  },
  {
    reason: 'ACCOUNT_REDUCE_ONLY',
    name: 'an order of an account that may only reduce',
    prepare: (driver) => driver.send(anAccountState('REDUCE_ONLY')),
    order: {},
  },
  {
    reason: 'TRADING_HALTED',
    name: 'an instrument that is halted',
    prepare: (driver) =>
      driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'HALTED', reason: 'news pending' }),
    order: {},
  },
  {
    reason: 'TRADING_PHASE',
    name: 'an order that cannot wait for the auction',
    spec: { initialStatus: 'AUCTION' },
    order: { timeInForce: 'IOC' },
  },
  {
    reason: 'DAILY_LOSS_LIMIT',
    name: 'an account that has lost as much as it may',
    prepare: withLimits({ maxDailyLossE6: 0 }),
    order: {},
    detail: { limit: 0, current: 0, projected: 0 },
  },
  {
    reason: 'MAX_ORDER_QTY',
    name: 'more than the quantity of one order',
    prepare: withLimits({ maxOrderQtyE8: 9_99999999 }),
    order: {},
    detail: { limit: 9_99999999, current: null, projected: 10_00000000 },
  },
  {
    reason: 'MAX_ORDER_NOTIONAL',
    name: 'more than the notional of one order',
    prepare: withLimits({ maxOrderNotionalE6: 9_999_999 }),
    order: {},
    detail: { limit: 9_999_999, current: null, projected: 10_000_000 },
  },
  {
    reason: 'PRICE_COLLAR',
    name: "a price outside the instrument's collar",
    spec: { priceCollarPpm: 50_000 },
    order: { priceTicks: 106 },
    detail: { limit: 105, current: 100, projected: 106 },
  },
  {
    reason: 'PRICE_COLLAR',
    name: "a price outside the account's tighter collar",
    spec: { priceCollarPpm: 50_000 },
    prepare: withLimits({ priceCollarPpm: 20_000 }),
    order: { priceTicks: 97 },
    detail: { limit: 98, current: 100, projected: 97 },
  },
  {
    reason: 'PRICE_COLLAR',
    name: 'a MARKET order whose best price is outside the collar',
    spec: { priceCollarPpm: 50_000 },
    prepare: (driver) => {
      driver.place({ account: 2, side: 'SELL', priceTicks: 105 });
      driver.place({ account: 1, side: 'BUY', priceTicks: 96, orderQtyLots: 1 });
      driver.send(anOrder({ account: 2, side: 'SELL', priceTicks: 96, orderQtyLots: 1 }));
    },
    order: { ordType: 'MARKET' },
    detail: { limit: 100, current: 96, projected: 105 },
  },
  {
    reason: 'OPEN_ORDER_LIMIT',
    name: 'one open order more than allowed',
    prepare: (driver) => {
      withLimits({ maxOpenOrders: 1 })(driver);
      driver.place();
    },
    order: {},
    detail: { limit: 1, current: 1, projected: 2 },
  },
  {
    reason: 'POSITION_LIMIT',
    name: 'a position beyond its limit with what is open already',
    prepare: (driver) => {
      driver.place({ orderQtyLots: 4 });
      withLimits({ maxPositionQtyE8: 1_000_013_00000000 })(driver);
    },
    order: {},
    detail: { limit: 1_000_013_00000000, current: 1_000_000_00000000, projected: 1_000_014_00000000 },
  },
  {
    reason: 'GROSS_EXPOSURE_LIMIT',
    name: 'a gross exposure beyond its limit',
    prepare: withLimits({ maxGrossExposureE6: 1_000_009_999999 }),
    order: {},
    detail: { limit: 1_000_009_999999, current: 1_000_000_000000, projected: 1_000_010_000000 },
  },
  {
    reason: 'NET_EXPOSURE_LIMIT',
    name: 'a net exposure beyond its limit',
    prepare: withLimits({ maxNetExposureE6: 1_000_009_999999 }),
    order: {},
    detail: { limit: 1_000_009_999999, current: 1_000_000_000000, projected: 1_000_010_000000 },
  },
  {
    reason: 'REDUCE_ONLY_WOULD_INCREASE',
    name: 'a reduceOnly order beyond the position',
    prepare: (driver) => driver.place({ account: 2, priceTicks: 90, orderQtyLots: 5 }),
    spec: { symbol: 'ABC' },
    order: { side: 'BUY', reduceOnly: true, timeInForce: 'IOC' },
    detail: { limit: 0, current: 1_000_000, projected: 10 },
  },
  { reason: 'NO_LIQUIDITY', name: 'a MARKET order on an empty side', order: { ordType: 'MARKET' }, detail: none },
  {
    reason: 'POST_ONLY_WOULD_TAKE',
    name: 'a postOnly order that crosses',
    prepare: asks,
    order: { postOnly: true },
    detail: { limit: 100, current: null, projected: 100 },
  },
  {
    reason: 'FOK_NOT_FILLABLE',
    name: 'a FOK order beyond the book within its price',
    prepare: asks,
    order: { timeInForce: 'FOK', priceTicks: 105 },
    detail: { limit: 5, current: null, projected: 10 },
  },
  {
    reason: 'INSUFFICIENT_FUNDS',
    name: 'a buy beyond the available quote',
    order: { orderQtyLots: 10_001 },
    detail: { limit: 1_000_000, current: 0, projected: 1_000_100 },
  },
  {
    reason: 'INSUFFICIENT_FUNDS',
    name: 'a sell beyond the available base',
    prepare: (driver) => driver.place({ side: 'SELL', priceTicks: 200, orderQtyLots: 999_995 }),
    order: { side: 'SELL', orderQtyLots: 6 },
    detail: { limit: 5, current: 999_995, projected: 6 },
  },
  {
    reason: 'INSUFFICIENT_FUNDS',
    name: 'a MARKET buy whose walk through the book costs more than is there',
    spec: { takerFeePpm: 1000 },
    prepare: (driver) => {
      driver.place({ account: 2, side: 'SELL', priceTicks: 1000, orderQtyLots: 999 });
      driver.place({ account: 2, side: 'SELL', priceTicks: 2000, orderQtyLots: 10 });
    },
    order: { ordType: 'MARKET', orderQtyLots: 1000 },
    detail: { limit: 1_000_000, current: 0, projected: 999_000 + 2_000 + 1_001 },
  },
];

describe('The pre-trade check', () => {
  it.each(CASES)('refuses $name as $reason', ({ reason, spec, prepare, order, detail }) => {
    const driver = startedExchange(spec);
    prepare?.(driver);
    const before = driver.exchange.image().filter((event) => event.type !== 'OrderAccepted').length;
    const events = driver.send(anOrder(order));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'OrderRejected',
      reason,
      ordStatus: 'REJECTED',
      leavesQtyLots: 0,
      ...detail,
    });
    expect(driver.exchange.image().filter((event) => event.type !== 'OrderAccepted')).toHaveLength(before);
  });

  it('has a case for every reason in the precedence but the capacity of remembered keys', () => {
    const covered = new Set(CASES.map(({ reason }) => reason));
    expect(REJECT_PRECEDENCE.filter((reason) => !covered.has(reason))).toEqual(['ORDER_RATE_LIMIT']);
  });

  it('refuses a key as ORDER_RATE_LIMIT while all remembered keys are younger than the retention', () => {
    const driver = startedExchange({}, { maxClOrdIds: 1 });
    driver.place({ clOrdId: 'a' });
    expect(driver.expect('OrderRejected', anOrder({ clOrdId: 'b' }))).toMatchObject({
      reason: 'ORDER_RATE_LIMIT',
      limit: 1,
      current: 1,
    });
    const dayUs = 86_400_000_000;
    expect(driver.send(anOrder({ clOrdId: 'b' }), dayUs)[0]?.type).toBe('OrderAccepted');
    expect(driver.send(anOrder({ clOrdId: 'a' }), dayUs)[0]?.type).toBe('OrderAccepted');
  });

  it('names the reason that stands first when several hold: each mend uncovers the next one', () => {
    const driver = startedExchange({ priceCollarPpm: 100_000, allowedSelfTradePrevention: ['NONE', 'CANCEL_NEWEST'] });
    driver.place({ account: 2, side: 'SELL', priceTicks: 101, orderQtyLots: 5 });
    driver.place({ clOrdId: 'used', priceTicks: 90 });
    const sums = { maxPositionQtyE8: 1, maxGrossExposureE6: 1, maxNetExposureE6: 1 };
    const perOrder = { maxOrderQtyE8: 20_000_00000000, maxOrderNotionalE6: 11_000_000_000 };
    driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'HALTED', reason: '' });
    const mends: readonly (() => Partial<PlaceOrder>)[] = [
      () => ({ account: 1 }),
      () => ({ clOrdId: 'used' }),
      () => ({ clOrdId: null }),
      () => ({ instrument: 0 }),
      () => ({ reduceOnly: false, expireTimeUs: null }),
      () => ({ orderQtyLots: 30_000 }),
      () => ({ priceTicks: 200 }),
      () => ({ selfTradePrevention: 'NONE' }),
      () => ({}),
      () => ({}),
      () => ({}),
      () => ({}),
      () => ({}),
      () => ({ orderQtyLots: 15_000 }),
      () => ({ priceTicks: 115, orderQtyLots: 9_565 }),
      () => ({ priceTicks: 105, orderQtyLots: 10_000 }),
      () => ({}),
      () => ({}),
      () => ({}),
      () => ({}),
      () => ({ postOnly: false }),
    ];
    const release: Partial<Record<number, () => void>> = {
      8: () => driver.send(aKillSwitch(1, false)),
      9: () => driver.send(anAccountState('REDUCE_ONLY')),
      10: () => driver.send(anAccountState('ACTIVE')),
      11: () => driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'OPEN', reason: '' }),
      12: () => withLimits({ ...perOrder, ...sums, maxOpenOrders: 0 })(driver),
      16: () => withLimits({ maxOpenOrders: 5, ...sums })(driver),
      17: () => withLimits({ ...sums, maxPositionQtyE8: null })(driver),
      18: () => withLimits({ maxNetExposureE6: 1 })(driver),
      19: () => withLimits({})(driver),
    };
    withLimits({ ...perOrder, ...sums, maxOpenOrders: 0, maxDailyLossE6: 0 })(driver);
    driver.send(aKillSwitch(1, true));
    driver.send(anAccountState('HALTED'));
    let order = anOrder({
      account: 9,
      instrument: 5,
      clOrdId: 'x'.repeat(65),
      reduceOnly: true,
      expireTimeUs: 1,
      orderQtyLots: 0,
      priceTicks: 0,
      selfTradePrevention: 'DECREMENT',
      postOnly: true,
    });
    const reasons: string[] = [];
    for (const [index, mend] of [() => ({}), ...mends].entries()) {
      if (index > 0) release[index - 1]?.();
      order = { ...order, ...mend() };
      reasons.push(driver.expect('OrderRejected', order).reason);
    }
    const expected = REJECT_PRECEDENCE.filter((reason) => !LATE_OR_OTHER.includes(reason));
    expect(reasons).toEqual(expected);
  });
});

/** Reasons that need an order that never rests, or a full memory of keys. */
const LATE_OR_OTHER: readonly OrdRejReason[] = [
  'TRADING_PHASE',
  'ORDER_RATE_LIMIT',
  'REDUCE_ONLY_WOULD_INCREASE',
  'NO_LIQUIDITY',
  'FOK_NOT_FILLABLE',
];
