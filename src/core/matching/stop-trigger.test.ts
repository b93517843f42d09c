import type { PlaceOrder } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import { anInstrument, anOrder, aReplace, type Driver, startedExchange } from '../testing/fixtures.js';

const stop = (over: Partial<PlaceOrder>): Partial<PlaceOrder> => ({ ordType: 'STOP', priceTicks: null, ...over });

/** Lets account 2 trade one lot with itself at a price, which nothing else may be in the way of. */
function tradeAt(driver: Driver, priceTicks: number): ExchangeEvent[] {
  driver.place({ account: 2, side: 'SELL', priceTicks, orderQtyLots: 1, selfTradePrevention: 'NONE' });
  return driver.send(anOrder({ account: 2, priceTicks, orderQtyLots: 1, selfTradePrevention: 'NONE' }));
}

const triggeredIn = (events: readonly ExchangeEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'OrderTriggered' ? [event.orderId] : []));

describe('Stops', () => {
  it('wait as NEW, outside the book, and hold what their stop price costs', () => {
    const driver = startedExchange({ takerFeePpm: 10_000 });
    const events = driver.send(anOrder(stop({ stopPxTicks: 120 })));
    expect(events).toMatchObject([
      { type: 'OrderAccepted', ordStatus: 'NEW', stopPxTicks: 120, leavesQtyLots: 10 },
      { type: 'BalanceUpdated', heldUnits: 1200 + 12 },
    ]);
  });

  it('are triggered by a trade at their price and trade as a MARKET order whose remainder is canceled', () => {
    const driver = startedExchange();
    const orderId = driver.place(stop({ stopPxTicks: 105 }));
    driver.place({ account: 2, side: 'SELL', priceTicks: 107, orderQtyLots: 4 });
    expect(triggeredIn(tradeAt(driver, 104))).toEqual([]);
    expect(tradeAt(driver, 105).slice(0, 5)).toMatchObject([
      { type: 'OrderAccepted' },
      { type: 'OrdersTraded', priceTicks: 105 },
      { type: 'OrderTriggered', orderId, triggerPxTicks: 105, ordStatus: 'NEW' },
      { type: 'OrdersTraded', priceTicks: 107, qtyLots: 4, taker: { orderId, leavesQtyLots: 6 } },
      { type: 'OrderCanceled', orderId, reason: 'MARKET_REMAINDER', canceledQtyLots: 6 },
    ]);
  });

  it('act in the order of the trades that trigger them, those of one trade in the order of their entry', () => {
    const driver = startedExchange();
    tradeAt(driver, 100);
    const late = driver.place(stop({ side: 'SELL', stopPxTicks: 96, orderQtyLots: 1 }));
    const first = driver.place(stop({ side: 'SELL', stopPxTicks: 98, orderQtyLots: 1 }));
    const second = driver.place(stop({ side: 'SELL', stopPxTicks: 99, orderQtyLots: 1 }));
    driver.place({ account: 2, priceTicks: 98, orderQtyLots: 1 });
    driver.place({ account: 2, priceTicks: 96, orderQtyLots: 9 });
    const events = driver.send(anOrder({ side: 'SELL', priceTicks: 96, orderQtyLots: 2 }));
    expect(triggeredIn(events)).toEqual([first, second, late]);
  });

  it('trigger each other in a cascade within one command', () => {
    const driver = startedExchange();
    tradeAt(driver, 100);
    const ids = [95, 90, 85].map((stopPxTicks) => driver.place(stop({ side: 'SELL', stopPxTicks, orderQtyLots: 1 })));
    for (const priceTicks of [95, 90, 85, 80]) driver.place({ account: 2, priceTicks, orderQtyLots: 1 });
    const events = driver.send(anOrder({ side: 'SELL', priceTicks: 95, orderQtyLots: 1 }));
    expect(triggeredIn(events)).toEqual(ids);
    const prices = events.flatMap((event) => (event.type === 'OrdersTraded' ? [event.priceTicks] : []));
    expect(prices).toEqual([95, 90, 85, 80]);
  });

  it('act at once when the last trade has passed their price already', () => {
    const driver = startedExchange();
    tradeAt(driver, 100);
    driver.place({ account: 2, priceTicks: 99 });
    const events = driver.send(anOrder(stop({ side: 'SELL', stopPxTicks: 100, orderQtyLots: 3 })));
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual(['OrderAccepted', 'OrderTriggered', 'OrdersTraded']);
  });

  it('with a limit rest at it once triggered, and can then be replaced like a LIMIT order', () => {
    const driver = startedExchange();
    const orderId = driver.place({ ordType: 'STOP_LIMIT', stopPxTicks: 105, priceTicks: 103 });
    const events = tradeAt(driver, 105);
    expect(triggeredIn(events)).toEqual([orderId]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'BookLevelChanged', priceTicks: 103, qtyLots: 10 }));
    expect(driver.expect('OrderReplaced', aReplace(orderId, { priceTicks: 102 })).priceTicks).toBe(102);
    expect(driver.expect('RequestRejected', aReplace(orderId, { stopPxTicks: 110 })).reason).toBe('UNSUPPORTED_ORDER');
  });

  it('trail the trades at their distance and never back', () => {
    const driver = startedExchange();
    tradeAt(driver, 100);
    const orderId = driver.place({
      ordType: 'TRAILING_STOP',
      side: 'SELL',
      priceTicks: null,
      trailingOffsetTicks: 5,
      orderQtyLots: 1,
    });
    const stopPxOf = (): number | null | undefined =>
      driver.exchange.image().flatMap((event) => (event.type === 'OrderAccepted' ? [event.stopPxTicks] : []))[0];
    expect(stopPxOf()).toBe(95);
    for (const [px, expected] of [
      [110, 105],
      [106, 105],
      [120, 115],
    ] as const) {
      expect(triggeredIn(tradeAt(driver, px))).toEqual([]);
      expect(stopPxOf()).toBe(expected);
    }
    expect(triggeredIn(tradeAt(driver, 115))).toEqual([orderId]);
  });

  it('are cut down to the position when they are reduceOnly, and canceled where there is none', () => {
    const driver = startedExchange();
    driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'ABC-2' }) });
    // On the second instrument a position comes from trades only.
    driver.place({ account: 2, instrument: 1, side: 'SELL', orderQtyLots: 4 });
    driver.place({ account: 1, instrument: 1, orderQtyLots: 4 });
    const sell = { instrument: 1, side: 'SELL', stopPxTicks: 90, orderQtyLots: 7, reduceOnly: true } as const;
    const [first, second] = [driver.place(stop(sell)), driver.place(stop(sell))];
    driver.place({ account: 2, instrument: 1, priceTicks: 90, orderQtyLots: 50 });
    const events = driver.send(anOrder({ instrument: 1, side: 'SELL', priceTicks: 90, orderQtyLots: 1 }));
    expect(events.slice(2, 7)).toMatchObject([
      { type: 'OrderTriggered', orderId: first },
      { type: 'OrderRestated', orderId: first, reason: 'REDUCE_ONLY', restatedQtyLots: 4, leavesQtyLots: 3 },
      { type: 'OrdersTraded', qtyLots: 3, taker: { orderId: first, ordStatus: 'FILLED' } },
      { type: 'OrderTriggered', orderId: second },
      { type: 'OrderCanceled', orderId: second, reason: 'REDUCE_ONLY', canceledQtyLots: 7 },
    ]);
  });
});

describe('Orders that end by time', () => {
  const dayUs = 86_400_000_000;

  it('expire before the first command at or after their time acts', () => {
    const driver = startedExchange();
    const expireTimeUs = driver.exchange.timeUs + 1_000;
    const orderId = driver.place({ timeInForce: 'GTD', expireTimeUs, side: 'SELL' });
    const events = driver.send(anOrder({ account: 2 }), expireTimeUs - driver.exchange.timeUs);
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'OrderExpired', orderId, ordStatus: 'EXPIRED', canceledQtyLots: 10, leavesQtyLots: 0 },
      { type: 'OrderAccepted', account: 2 },
    ]);
    expect(events.filter((event) => event.type === 'OrdersTraded')).toEqual([]);
    expect(driver.exchange.image().filter((event) => event.type === 'OrderAccepted')).toHaveLength(1);
  });

  it('expire at midnight UTC, or when the instrument closes, where they are DAY orders', () => {
    const driver = startedExchange();
    const first = driver.place({ timeInForce: 'DAY', priceTicks: 90 });
    driver.place({ priceTicks: 91 });
    const closed = driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'CLOSED', reason: '' });
    expect(closed.slice(0, 2)).toMatchObject([
      { type: 'TradingStatusChanged' },
      { type: 'OrderExpired', orderId: first },
    ]);
    driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'OPEN', reason: '' });
    const second = driver.place({ timeInForce: 'DAY', priceTicks: 90 });
    const stopped = driver.place(stop({ timeInForce: 'DAY', stopPxTicks: 120 }));
    const events = driver.send({ type: 'AdvanceTime' }, dayUs);
    expect(events.flatMap((event) => (event.type === 'OrderExpired' ? [event.orderId] : []))).toEqual([
      second,
      stopped,
    ]);
  });

  it('are refused when their time has passed already', () => {
    const driver = startedExchange();
    const expireTimeUs = driver.exchange.timeUs + 1;
    expect(driver.expect('OrderRejected', anOrder({ timeInForce: 'GTD', expireTimeUs }))).toMatchObject({
      reason: 'UNSUPPORTED_ORDER',
      limit: expireTimeUs,
      projected: expireTimeUs,
    });
  });
});
