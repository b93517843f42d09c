import { anAccount, anInstrument, anOrder, type Driver, startedExchange } from '../testing/fixtures.js';
import type { MassQuote, PlaceOrder, QuoteEntry } from './command.js';
import type { ExchangeEvent } from './event.js';

const batch = (mode: 'ALL_OR_NONE' | 'BEST_EFFORT', ...orders: Partial<PlaceOrder>[]) => ({
  type: 'PlaceOrders' as const,
  mode,
  orders: orders.map((order) => anOrder(order)),
});
const quote = (over: Partial<MassQuote> = {}): MassQuote => ({
  type: 'MassQuote',
  account: 1,
  quoteId: 'q1',
  postOnly: true,
  selfTradePrevention: 'CANCEL_NEWEST',
  entries: [],
  ...over,
});
const entry = (bid: number | null, ask: number | null, qtyLots = 10, instrument = 0): QuoteEntry => ({
  instrument,
  bid: bid === null ? null : { priceTicks: bid, qtyLots },
  ask: ask === null ? null : { priceTicks: ask, qtyLots },
});
const types = (events: readonly ExchangeEvent[]): string[] =>
  events
    .filter(({ type }) => !['BookLevelChanged', 'BalanceUpdated', 'PositionUpdated'].includes(type))
    .map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type));
const levels = (driver: Driver): string[] =>
  driver.exchange
    .image()
    .flatMap((event) =>
      event.type === 'BookLevelChanged' ? [`${event.side} ${event.qtyLots} @ ${event.priceTicks}`] : [],
    );

describe('PlaceOrders', () => {
  it('places each order for itself under BEST_EFFORT', () => {
    const driver = startedExchange();
    const events = driver.send(batch('BEST_EFFORT', {}, { orderQtyLots: 0 }, { priceTicks: 101 }));
    expect(types(events)).toEqual(['OrderAccepted', 'OrderRejected INVALID_QTY', 'OrderAccepted']);
    expect(levels(driver)).toEqual(['BUY 10 @ 101', 'BUY 10 @ 100']);
  });

  it('places all under ALL_OR_NONE where each is accepted on what the ones before left', () => {
    const driver = startedExchange();
    driver.place({ account: 2, side: 'SELL', priceTicks: 100, orderQtyLots: 4 });
    const events = driver.send(batch('ALL_OR_NONE', { orderQtyLots: 4 }, { side: 'SELL', orderQtyLots: 3 }));
    expect(types(events)).toEqual(['OrderAccepted', 'OrdersTraded', 'OrderAccepted']);
    expect(levels(driver)).toEqual(['SELL 3 @ 100']);
  });

  it('takes trades, stops, cancels and holds back where a later order is refused, to the last bit', () => {
    const driver = startedExchange({ takerFeePpm: 2_000 });
    driver.place({ account: 2, side: 'SELL', priceTicks: 100, orderQtyLots: 4 });
    driver.place({ account: 2, side: 'SELL', priceTicks: 105, orderQtyLots: 9, displayQtyLots: 2 });
    driver.place({ account: 1, side: 'SELL', priceTicks: 103, orderQtyLots: 2 });
    driver.place({ ordType: 'STOP', priceTicks: null, stopPxTicks: 105, orderQtyLots: 3 });
    const before = driver.exchange.image().map((event) => ({ ...event, sequence: 0, commandSequence: 0, timeUs: 0 }));
    const events = driver.send(
      batch(
        'ALL_OR_NONE',
        { orderQtyLots: 9, priceTicks: 106, selfTradePrevention: 'CANCEL_OLDEST' },
        { ordType: 'MARKET', side: 'SELL', orderQtyLots: 1_000_000_000 },
        {},
      ),
    );
    expect(types(events)).toEqual([
      'OrderRejected BATCH_REJECTED',
      'OrderRejected INVALID_QTY',
      'OrderRejected BATCH_REJECTED',
    ]);
    expect(events[0]).toMatchObject({ current: 2, limit: null });
    expect(events[1]).toMatchObject({ limit: 1_000_000, projected: 1_000_000_000 });
    expect(driver.exchange.image().map((event) => ({ ...event, sequence: 0, commandSequence: 0, timeUs: 0 }))).toEqual(
      before,
    );
  });

  it('tells a repeated ALL_OR_NONE batch its first results, also where it was refused', () => {
    const driver = startedExchange();
    const good = batch('ALL_OR_NONE', { clOrdId: 'a' }, { clOrdId: 'b' });
    const bad = batch('ALL_OR_NONE', { clOrdId: 'c' }, { clOrdId: 'd', orderQtyLots: 0 });
    const first = driver.send(good).filter(({ type }) => type === 'OrderAccepted');
    const refused = driver.send(bad);
    expect(types(refused)).toEqual(['OrderRejected BATCH_REJECTED', 'OrderRejected INVALID_QTY']);
    for (const [command, results] of [
      [good, first],
      [bad, refused],
    ] as const) {
      const again = driver.send(command);
      expect(types(again)).toEqual(['OrderDuplicated', 'OrderDuplicated']);
      const orderIds = results.map((event) => ('orderId' in event ? event.orderId : null));
      expect(again).toMatchObject(orderIds.map((orderId) => ({ orderId })));
    }
  });

  it('refuses an ALL_OR_NONE batch of which a part was placed before', () => {
    const driver = startedExchange();
    const orderId = driver.place({ clOrdId: 'a' });
    const events = driver.send(batch('ALL_OR_NONE', {}, { clOrdId: 'a' }));
    expect(types(events)).toEqual(['OrderRejected BATCH_REJECTED', 'OrderRejected DUPLICATE_CL_ORD_ID']);
    expect(events[1]).toMatchObject({ current: orderId });
  });

  it('takes 1 to 100 orders', () => {
    const driver = startedExchange();
    for (const [count, limit] of [
      [0, 1],
      [101, 100],
    ] as const) {
      const events = driver.send(batch('BEST_EFFORT', ...Array.from({ length: count }, () => ({}))));
      const request = { type: 'RequestRejected', request: 'PlaceOrders', reason: 'INVALID_REQUEST' };
      expect(events).toMatchObject([{ ...request, limit, projected: count }]);
    }
  });
});

describe('CancelOrders', () => {
  it('cancels what works and says of each other order why not', () => {
    const driver = startedExchange();
    const [own, foreign] = [driver.place(), driver.place({ account: 2 })];
    const events = driver.send({ type: 'CancelOrders', account: 1, orderIds: [own, foreign, own] });
    expect(types(events)).toEqual([
      'OrderCanceled REQUESTED',
      'RequestRejected UNKNOWN_ORDER',
      'RequestRejected TOO_LATE_TO_CANCEL',
    ]);
  });

  it('refuses an unknown account and more than 1,000 orders', () => {
    const driver = startedExchange();
    const cancel = (account: number, count: number) =>
      driver.expect('RequestRejected', { type: 'CancelOrders', account, orderIds: Array(count).fill(1) });
    expect(cancel(9, 1)).toMatchObject({ request: 'CancelOrders', account: null, reason: 'UNKNOWN_ACCOUNT' });
    expect(cancel(1, 1001)).toMatchObject({ reason: 'INVALID_REQUEST', limit: 1000, projected: 1001 });
  });
});

describe('MassQuote', () => {
  function quoted(): Driver {
    const driver = startedExchange();
    driver.send({ type: 'ListInstrument', spec: anInstrument({ symbol: 'XYZ' }) });
    driver.send(anAccount('carol'));
    driver.send(quote({ entries: [entry(99, 101), entry(90, 110, 5, 1)] }));
    return driver;
  }

  it('places both sides of several symbols in one command', () => {
    expect(levels(quoted())).toEqual(['BUY 10 @ 99', 'SELL 10 @ 101', 'BUY 5 @ 90', 'SELL 5 @ 110']);
  });

  it('replaces the quotes of the symbols that it names and leaves the others', () => {
    const driver = quoted();
    const events = driver.send(quote({ quoteId: 'q2', entries: [entry(98, null)] }));
    expect(types(events)).toEqual([
      'OrderCanceled QUOTE_REPLACED',
      'OrderCanceled QUOTE_REPLACED',
      'OrderAccepted',
      'MassQuoteDone',
    ]);
    expect(events.find(({ type }) => type === 'MassQuoteDone')).toMatchObject({
      quoteId: 'q2',
      entries: [{ instrument: 0, bidOrderId: expect.any(Number), askOrderId: null }],
    });
    expect(levels(driver)).toEqual(['BUY 10 @ 98', 'BUY 5 @ 90', 'SELL 5 @ 110']);
  });

  it('keeps the place of a side whose price stays and whose quantity does not grow', () => {
    const driver = quoted();
    driver.place({ account: 2, priceTicks: 99, orderQtyLots: 1 });
    const events = driver.send(quote({ entries: [entry(99, 101, 6)] }));
    expect(types(events)).toEqual(['OrderReplaced', 'OrderReplaced', 'MassQuoteDone']);
    const [trade] = driver
      .send(anOrder({ account: 2, side: 'SELL', priceTicks: 99, orderQtyLots: 6, timeInForce: 'IOC' }))
      .filter(({ type }) => type === 'OrdersTraded');
    expect(trade).toMatchObject({ maker: { account: 1 }, qtyLots: 6 });
    expect(types(driver.send(quote({ entries: [entry(null, 101, 6)] })))).toEqual(['MassQuoteDone']);
  });

  it('leaves no old price behind where the new side is refused', () => {
    const driver = quoted();
    const events = driver.send(quote({ entries: [entry(2_000_000, 101)] }));
    expect(types(events)).toEqual(['OrderCanceled QUOTE_REPLACED', 'OrderRejected INVALID_PRICE', 'MassQuoteDone']);
    expect(levels(driver)).toEqual(['SELL 10 @ 101', 'BUY 5 @ 90', 'SELL 5 @ 110']);
  });

  it('knows its quotes again after a restart from a snapshot', () => {
    const driver = quoted();
    const restored = startedExchange();
    Object.assign(restored, {
      exchange: (driver.exchange.constructor as typeof import('./exchange.js').Exchange).restore(
        driver.exchange.snapshot(),
      ),
    });
    restored.send(quote({ entries: [entry(97, 103)] }));
    expect(levels(restored)).toEqual(['BUY 10 @ 97', 'SELL 10 @ 103', 'BUY 5 @ 90', 'SELL 5 @ 110']);
  });

  it.each([
    ['an account that is not there', { account: 9 }, { reason: 'UNKNOWN_ACCOUNT', account: null }],
    ['no entry', { entries: [] }, { reason: 'INVALID_REQUEST', limit: 1, projected: 0 }],
    ['101 entries', { entries: Array(101).fill(entry(1, 2)) }, { reason: 'INVALID_REQUEST', limit: 100 }],
    ['an empty quoteId', { quoteId: '' }, { reason: 'INVALID_REQUEST', limit: 64, projected: 0 }],
    ['one symbol twice', { entries: [entry(1, 2), entry(1, 3)] }, { reason: 'INVALID_REQUEST', limit: null }],
  ])('refuses %s and leaves the quotes as they are', (_what, over, refusal) => {
    const driver = quoted();
    const before = levels(driver);
    const command = quote({ entries: [entry(98, 102)], ...over });
    expect(driver.expect('RequestRejected', command)).toMatchObject({ request: 'MassQuote', ...refusal });
    expect(levels(driver)).toEqual(before);
  });
});
