/** Each limit at its bound, one under and one over; how limits of account, tier and symbol come together. */
import type { PlaceOrder, RiskLimitValues } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import {
  aKillSwitch,
  anInstrument,
  anOrder,
  aReplace,
  Driver,
  limits,
  setLimits,
  startedExchange,
} from '../testing/fixtures.js';
import type { OrdRejReason } from '../values/vocabulary.js';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
/** Each account holds so many lots at a reference price of 100 ticks of 0.01: worth as many dollars. */
const HELD = 1_000_000;

const outcomeOf = (events: readonly ExchangeEvent[]): OrdRejReason | 'accepted' => {
  for (const event of events) {
    if (event.type === 'OrderAccepted') return 'accepted';
    if (event.type === 'OrderRejected') return event.reason;
  }
  throw new Error('no order was placed');
};
const place = (driver: Driver, over: Partial<PlaceOrder> = {}) => outcomeOf(driver.send(anOrder(over)));

interface Bound {
  readonly name: keyof RiskLimitValues;
  readonly reason: OrdRejReason;
  /** Value that the order leads to; a limit of it is at the bound. */
  readonly value: number;
  readonly order?: Partial<PlaceOrder>;
  readonly prepare?: (driver: Driver) => void;
}

const BOUNDS: readonly Bound[] = [
  { name: 'maxOrderQtyE8', reason: 'MAX_ORDER_QTY', value: 10e8 },
  { name: 'maxOrderNotionalE6', reason: 'MAX_ORDER_NOTIONAL', value: 10e6 },
  { name: 'maxPositionQtyE8', reason: 'POSITION_LIMIT', value: (HELD + 10) * 1e8 },
  {
    name: 'maxPositionQtyE8',
    reason: 'POSITION_LIMIT',
    value: (HELD + 17) * 1e8,
    prepare: (driver) => driver.place({ orderQtyLots: 7 }),
  },
  { name: 'maxGrossExposureE6', reason: 'GROSS_EXPOSURE_LIMIT', value: (HELD + 10) * 1e6 },
  {
    name: 'maxGrossExposureE6',
    reason: 'GROSS_EXPOSURE_LIMIT',
    value: (HELD + 17) * 1e6,
    prepare: (driver) => driver.place({ orderQtyLots: 7, priceTicks: 50 }),
  },
  { name: 'maxNetExposureE6', reason: 'NET_EXPOSURE_LIMIT', value: (HELD + 10) * 1e6 },
  { name: 'maxOpenOrders', reason: 'OPEN_ORDER_LIMIT', value: 1 },
  {
    name: 'maxOpenOrders',
    reason: 'OPEN_ORDER_LIMIT',
    value: 3,
    prepare: (driver) => {
      driver.place();
      driver.place();
    },
  },
  { name: 'priceCollarPpm', reason: 'PRICE_COLLAR', value: 40_000, order: { priceTicks: 104 } },
];

describe('A limit', () => {
  it.each(BOUNDS.map((bound) => [bound.name, bound.value, bound] as const))(
    '%s lets %d pass, and what is one below it, and refuses what is one above',
    (name, value, { reason, order, prepare }) => {
      // The collar counts whole ticks, of 10,000 ppm each here; a quantity of this instrument whole lots.
      const step = name === 'priceCollarPpm' ? 10_000 : 1;
      const withLimit = (limit: number, scope: number | null) => {
        const driver = startedExchange();
        prepare?.(driver);
        driver.send(setLimits(1, { [name]: limit }, scope));
        return place(driver, order);
      };
      for (const scope of [null, 0]) {
        expect([value + step, value, value - step].map((limit) => withLimit(limit, scope))).toEqual([
          'accepted',
          'accepted',
          reason,
        ]);
      }
    },
  );

  it('of the daily loss stops orders when it is reached, but for reduceOnly ones, until the next day', () => {
    const lossAt = (limit: number) => {
      const driver = startedExchange();
      driver.send(setLimits(1, { maxDailyLossE6: limit }));
      // Buys 10 at 100; the price falls to 99: what is held loses 10,000 dollars and the 10 ten cents.
      driver.place({ account: 2, side: 'SELL', priceTicks: 100 });
      driver.place({ timeInForce: 'IOC' });
      driver.place({ account: 2, side: 'BUY', priceTicks: 99, orderQtyLots: 1 });
      driver.place({ account: 2, side: 'SELL', priceTicks: 99, orderQtyLots: 1, selfTradePrevention: 'NONE' });
      return driver;
    };
    const loss = 10_000_100_000;
    for (const [limit, expected] of [
      [loss + 1, 'accepted'],
      [loss, 'DAILY_LOSS_LIMIT'],
      [loss - 1, 'DAILY_LOSS_LIMIT'],
    ] as const) {
      const driver = lossAt(limit);
      expect(place(driver)).toBe('accepted');
      driver.send({ type: 'AdvanceTime' }, SECOND_US);
      expect(place(driver)).toBe(expected);
    }
    const driver = lossAt(loss);
    driver.send({ type: 'AdvanceTime' }, SECOND_US);
    expect(place(driver, { side: 'SELL', reduceOnly: true, timeInForce: 'IOC' })).toBe('accepted');
    driver.send({ type: 'AdvanceTime' }, DAY_US);
    expect(place(driver)).toBe('accepted');
  });

  it('of the daily loss counts neither a deposit nor a withdrawal', () => {
    const driver = startedExchange();
    driver.place({ account: 2, side: 'SELL', priceTicks: 150, orderQtyLots: 1 });
    driver.place({ priceTicks: 150, orderQtyLots: 1 });
    driver.send({ type: 'AdvanceTime' }, SECOND_US);
    driver.send(setLimits(1, { maxDailyLossE6: 1 }));
    const figures = () =>
      driver.exchange.image().find((event) => event.type === 'ExposureUpdated' && event.instrument === null);
    const before = figures();
    for (const [index, amountUnits] of [-400_000, 30_000].entries()) {
      driver.send({ type: 'AdjustBalance', account: 1, asset: 1, amountUnits, transferId: `move ${index}` });
      expect(figures()).toMatchObject({ dailyPnlE6: (before as { dailyPnlE6: number }).dailyPnlE6 });
    }
  });

  it('never refuses what reduces, however far it is passed already', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxPositionQtyE8: 0, maxGrossExposureE6: 0, maxNetExposureE6: 0 }));
    expect(place(driver, { side: 'SELL' })).toBe('accepted');
    expect(place(driver, { side: 'BUY', priceTicks: 50 })).toBe('POSITION_LIMIT');
  });

  it('on sums counts a replace by what it adds', () => {
    const driver = startedExchange();
    const orderId = driver.place({ priceTicks: 90 });
    driver.send(setLimits(1, { maxPositionQtyE8: (HELD + 12) * 1e8 }));
    const replace = (orderQtyLots: number) => driver.send(aReplace(orderId, { orderQtyLots }))[0];
    expect(replace(12)?.type).toBe('OrderReplaced');
    expect(replace(13)).toMatchObject({
      type: 'RequestRejected',
      reason: 'POSITION_LIMIT',
      projected: (HELD + 13) * 1e8,
    });
  });

  it('holds stay exact through fills, cancels and a restore', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxPositionQtyE8: (HELD + 10) * 1e8 }));
    driver.place({ account: 2, side: 'SELL', priceTicks: 100, orderQtyLots: 4 });
    const orderId = driver.place();
    expect(place(driver, { orderQtyLots: 1 })).toBe('POSITION_LIMIT');
    const restored = new Driver(Exchange.restore(driver.exchange.snapshot()));
    for (const each of [driver, restored]) {
      expect(place(each, { orderQtyLots: 1 })).toBe('POSITION_LIMIT');
      each.send({ type: 'CancelOrder', account: 1, orderId });
      expect(place(each, { orderQtyLots: 7 })).toBe('POSITION_LIMIT');
      expect(place(each, { orderQtyLots: 6 })).toBe('accepted');
    }
    expect(restored.exchange.stateHash()).toBe(driver.exchange.stateHash());
  });
});

describe('A rate', () => {
  it('lets one second’s worth pass at once and then one as often as it says, on engine time', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxOrdersPerSecond: 4 }));
    const burst = Array.from({ length: 5 }, () => place(driver));
    expect(burst).toEqual([...Array(4).fill('accepted'), 'ORDER_RATE_LIMIT']);
    driver.send({ type: 'AdvanceTime' }, 249_990);
    expect(place(driver)).toBe('ORDER_RATE_LIMIT');
    driver.send({ type: 'AdvanceTime' }, 10);
    expect([place(driver), place(driver)]).toEqual(['accepted', 'ORDER_RATE_LIMIT']);
  });

  it('tells how many were used, and forgets the key of what it refused', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxOrdersPerSecond: 1 }));
    driver.place();
    const order = anOrder({ clOrdId: 'again' });
    expect(driver.expect('OrderRejected', order)).toMatchObject({ limit: 1, current: 1, projected: 2 });
    driver.send({ type: 'AdvanceTime' }, SECOND_US);
    expect(outcomeOf(driver.send(order))).toBe('accepted');
  });

  it('holds back replaces with orders, and cancels apart, but never a cancel of all', () => {
    const driver = startedExchange();
    const ids = [driver.place(), driver.place(), driver.place()];
    driver.send(setLimits(1, { maxOrdersPerSecond: 1, maxCancelsPerSecond: 1 }));
    const reasonOf = (events: readonly ExchangeEvent[]) =>
      events[0]?.type === 'RequestRejected' ? events[0].reason : events[0]?.type;
    expect(reasonOf(driver.send(aReplace(ids[0]!, { orderQtyLots: 5 })))).toBe('OrderReplaced');
    expect(reasonOf(driver.send(aReplace(ids[0]!, { orderQtyLots: 4 })))).toBe('ORDER_RATE_LIMIT');
    const cancel = (orderId: number) => reasonOf(driver.send({ type: 'CancelOrder', account: 1, orderId }));
    expect([cancel(ids[0]!), cancel(ids[1]!)]).toEqual(['OrderCanceled', 'CANCEL_RATE_LIMIT']);
    expect(driver.send({ type: 'CancelAllOrders', account: 1, instrument: null, side: null })).toContainEqual(
      expect.objectContaining({ type: 'MassCancelDone', canceledCount: 2 }),
    );
  });

  it('is not kept for a batch that is refused as a whole, and not given back either', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxOrdersPerSecond: 3 }));
    const orders = [anOrder(), anOrder({ orderQtyLots: 0 })];
    driver.send({ type: 'PlaceOrders', mode: 'ALL_OR_NONE', orders });
    expect([place(driver), place(driver)]).toEqual(['accepted', 'ORDER_RATE_LIMIT']);
  });
});

describe('Limits of a tier', () => {
  const tier = (over: Partial<RiskLimitValues>) =>
    ({ type: 'SetTierLimits', tier: 'retail', limits: limits(over), setBy: 'officer' }) as const;
  const into = (name: string | null) => ({ type: 'SetAccountTier', account: 1, tier: name, setBy: 'officer' }) as const;

  it('hold where the account has none of its own, and change for all its accounts at once', () => {
    const driver = startedExchange();
    driver.send(tier({ maxOrderQtyE8: 5e8 }));
    expect(place(driver)).toBe('accepted');
    driver.send(into('retail'));
    expect(place(driver)).toBe('MAX_ORDER_QTY');
    driver.send(tier({ maxOrderQtyE8: 10e8 }));
    expect(place(driver)).toBe('accepted');
    driver.send(tier({ maxOrderQtyE8: 9e8 }));
    expect(place(driver)).toBe('MAX_ORDER_QTY');
    driver.send(setLimits(1, { maxOrderQtyE8: 11e8 }));
    expect(place(driver)).toBe('accepted');
    driver.send(setLimits(1, {}));
    driver.send(into(null));
    expect(place(driver)).toBe('accepted');
  });

  it('are refused for a tier that does not exist, and a tier without a name', () => {
    const driver = startedExchange();
    expect(driver.send(into('nobody'))[0]).toMatchObject({ type: 'RequestRejected', reason: 'INVALID_REQUEST' });
    expect(driver.send({ ...tier({}), tier: '' })[0]).toMatchObject({ type: 'RequestRejected' });
  });
});

describe('Limits on a symbol', () => {
  it('hold beside those of the account: the tighter refuses, each on its own sum', () => {
    const driver = startedExchange();
    driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'ABC2' }) });
    driver.send(setLimits(1, { maxOrderQtyE8: 20e8, maxOpenOrders: 2 }));
    driver.send(setLimits(1, { maxOrderQtyE8: 5e8, maxOpenOrders: 1 }, 1));
    expect(place(driver, { instrument: 1 })).toBe('MAX_ORDER_QTY');
    expect(place(driver, { instrument: 1, orderQtyLots: 5 })).toBe('accepted');
    expect(place(driver, { instrument: 1, orderQtyLots: 5 })).toBe('OPEN_ORDER_LIMIT');
    expect(place(driver, { instrument: 0 })).toBe('accepted');
    expect(place(driver, { instrument: 0 })).toBe('OPEN_ORDER_LIMIT');
  });
});

describe('What was set', () => {
  it('is told with who did it and what held before', () => {
    const driver = startedExchange();
    driver.send(setLimits(1, { maxOpenOrders: 5 }));
    expect(driver.expect('RiskLimitsSet', { ...setLimits(1, { maxOpenOrders: 6 }), setBy: 'officer' })).toMatchObject({
      before: limits({ maxOpenOrders: 5 }),
      limits: limits({ maxOpenOrders: 6 }),
      setBy: 'officer',
    });
    driver.send(aKillSwitch(1, true, { allowReduceOnly: true }));
    expect(driver.expect('KillSwitchSet', aKillSwitch(1, false))).toMatchObject({
      before: { engaged: true, allowReduceOnly: true },
      engaged: false,
    });
  });
});

describe('A kill switch', () => {
  const outcomes = (driver: Driver) => [
    place(driver),
    place(driver, { side: 'SELL', timeInForce: 'IOC', reduceOnly: true }),
    place(driver, { account: 2 }),
  ];

  it.each([
    ['of an account', aKillSwitch(1, true), ['KILL_SWITCH', 'KILL_SWITCH', 'accepted'], 1],
    ['of an instrument', aKillSwitch(null, true, { instrument: 0 }), Array(3).fill('KILL_SWITCH'), 2],
    ['of the venue', aKillSwitch(null, true), Array(3).fill('KILL_SWITCH'), 2],
    [
      'that lets reduceOnly orders pass',
      aKillSwitch(null, true, { allowReduceOnly: true }),
      ['KILL_SWITCH', 'accepted', 'KILL_SWITCH'],
      2,
    ],
  ] as const)(
    '%s cancels working orders and refuses new ones until it is released',
    (_name, command, expected, canceled) => {
      const driver = startedExchange();
      driver.place({ priceTicks: 90 });
      driver.place({ account: 2, priceTicks: 90 });
      const ended = driver.send(command).filter(({ type }) => type === 'OrderCanceled');
      expect(ended.map((event) => 'reason' in event && event.reason)).toEqual(Array(canceled).fill('KILL_SWITCH'));
      expect(outcomes(driver)).toEqual(expected);
      expect(outcomes(new Driver(Exchange.restore(driver.exchange.snapshot())))).toEqual(expected);
      driver.send({ ...command, engaged: false });
      expect(outcomes(driver)).toEqual(Array(3).fill('accepted'));
    },
  );

  it('of the venue also stops what is listed afterwards', () => {
    const driver = startedExchange();
    driver.send(aKillSwitch(null, true));
    driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'NEW' }) });
    expect(place(driver, { instrument: 1 })).toBe('KILL_SWITCH');
  });

  it('is of one of them, not of both', () => {
    const driver = startedExchange();
    expect(driver.send(aKillSwitch(1, true, { instrument: 0 }))[0]).toMatchObject({ reason: 'INVALID_REQUEST' });
    expect(driver.send(aKillSwitch(9, true))[0]).toMatchObject({ reason: 'UNKNOWN_ACCOUNT' });
    expect(driver.send(aKillSwitch(null, true, { instrument: 9 }))[0]).toMatchObject({ reason: 'UNKNOWN_SYMBOL' });
  });
});
