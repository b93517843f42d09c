import { anInstrument, anOrder, aReplace, startedExchange } from '../testing/fixtures.js';

/** Account 1 has a position of `lots` in instrument 0, and 50 lots of its base more, which it bought in instrument 1. */
function withPosition(lots: number) {
  const driver = startedExchange();
  const transfer = (amountUnits: number, transferId: string) =>
    driver.send({ type: 'AdjustBalance', account: 1, asset: 1, amountUnits, transferId });
  transfer(lots - 1_000_000, 'all but');
  driver.expect('InstrumentListed', { type: 'ListInstrument', spec: anInstrument({ symbol: 'ABC-2' }) });
  driver.place({ account: 2, instrument: 1, side: 'SELL', orderQtyLots: 50 });
  driver.place({ instrument: 1, orderQtyLots: 50 });
  const reduce = (orderQtyLots: number, over = {}) =>
    driver.place({ side: 'SELL', orderQtyLots, priceTicks: 110, reduceOnly: true, ...over });
  /** Sells of the position by an order that is not reduceOnly. */
  const sellOff = (orderQtyLots: number) => {
    driver.place({ account: 2, orderQtyLots, priceTicks: 95 });
    return driver.send(anOrder({ side: 'SELL', orderQtyLots, priceTicks: 95, selfTradePrevention: 'NONE' }));
  };
  const leavesOf = (orderId: number) => {
    const found = driver.exchange.image().find((event) => event.type === 'OrderAccepted' && event.orderId === orderId);
    return found?.type === 'OrderAccepted' ? found.leavesQtyLots : null;
  };
  return { driver, transfer, reduce, sellOff, leavesOf };
}

describe('A reduceOnly order that rests', () => {
  it('is refused beyond the position, and taken up to it', () => {
    const { driver, reduce } = withPosition(10);
    const tooMuch = anOrder({ side: 'SELL', orderQtyLots: 11, priceTicks: 110, reduceOnly: true });
    const refused = driver.expect('OrderRejected', tooMuch);
    expect(refused).toMatchObject({ reason: 'REDUCE_ONLY_WOULD_INCREASE', limit: 10, current: 10, projected: 11 });
    expect(driver.expect('OrderRejected', anOrder({ reduceOnly: true })).reason).toBe('REDUCE_ONLY_WOULD_INCREASE');
    expect(reduce(10)).toBeGreaterThan(0);
  });

  it('is lowered to the position in the command that shrinks it, and keeps its place', () => {
    const { driver, reduce, sellOff, leavesOf } = withPosition(10);
    const order = reduce(8);
    const behind = driver.place({ account: 2, side: 'SELL', orderQtyLots: 5, priceTicks: 110 });
    const events = sellOff(4);
    expect(events.filter(({ type }) => type === 'OrderRestated')).toEqual([
      expect.objectContaining({ orderId: order, reason: 'REDUCE_ONLY', restatedQtyLots: 2, leavesQtyLots: 6 }),
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'BookLevelChanged', priceTicks: 110, qtyLots: 11 }));
    const buy = anOrder({ account: 2, orderQtyLots: 6, priceTicks: 110, selfTradePrevention: 'CANCEL_OLDEST' });
    expect(driver.expect('OrdersTraded', buy).maker.orderId).toBe(order);
    expect(leavesOf(behind)).toBe(5);
  });

  it('is canceled when no position is left, and when the position turns', () => {
    const { reduce, sellOff } = withPosition(10);
    reduce(10);
    const canceled = expect.objectContaining({ type: 'OrderCanceled', reason: 'REDUCE_ONLY', canceledQtyLots: 10 });
    expect(sellOff(10)).toContainEqual(canceled);
    const other = withPosition(10);
    other.reduce(10);
    expect(other.sellOff(15)).toContainEqual(canceled);
  });

  it('is not matched with what it may no longer sell, though one order meets it and what shrank the position', () => {
    const { driver, reduce, leavesOf } = withPosition(10);
    driver.place({ side: 'SELL', orderQtyLots: 10, priceTicks: 105 });
    const order = reduce(10);
    const events = driver.send(anOrder({ account: 2, orderQtyLots: 20, priceTicks: 110 }));
    expect(events.flatMap((event) => (event.type === 'OrdersTraded' ? [event.priceTicks] : []))).toEqual([105]);
    expect(leavesOf(order)).toBeNull();
  });

  it('stands beside another for the same position: what one fills, the other loses', () => {
    const { driver, reduce, leavesOf } = withPosition(10);
    const [first, second] = [reduce(10), reduce(10, { priceTicks: 111 })];
    driver.send(anOrder({ account: 2, orderQtyLots: 4, priceTicks: 110 }));
    expect([leavesOf(first), leavesOf(second)]).toEqual([6, 6]);
  });

  it('follows a withdrawal', () => {
    const { transfer, reduce, leavesOf } = withPosition(10);
    const order = reduce(10);
    expect(transfer(-3, 'out')).toContainEqual(expect.objectContaining({ type: 'OrderRestated', leavesQtyLots: 7 }));
    expect(leavesOf(order)).toBe(7);
  });

  it('stays as it is when the position grows', () => {
    const { transfer, reduce, leavesOf } = withPosition(10);
    const order = reduce(4);
    transfer(20, 'in');
    expect(leavesOf(order)).toBe(4);
  });

  it('as a leg of a plan is cut to the position when its entry puts it to work', () => {
    const { driver } = withPosition(10);
    driver.place({ account: 2, orderQtyLots: 30, priceTicks: 95 });
    driver.send(anOrder({ side: 'SELL', orderQtyLots: 15, priceTicks: 95 }));
    const exit = anOrder({ side: 'SELL', orderQtyLots: 8, priceTicks: 110, reduceOnly: true });
    const legs = [
      { name: 'ENTRY' as const, order: anOrder({ orderQtyLots: 8, priceTicks: 105 }) },
      { name: 'TAKE_PROFIT' as const, order: exit },
    ];
    driver.place({ account: 2, side: 'SELL', orderQtyLots: 8, priceTicks: 105 });
    const events = driver.send({ type: 'PlacePlan', legs, mode: 'ALL_OR_NONE' });
    expect(
      events.filter(({ type }) => type === 'OrderRestated').map((event) => 'reason' in event && event.reason),
    ).toEqual(['LINKED_ORDER', 'REDUCE_ONLY']);
  });

  it('has no part in auctions: it is canceled when one begins, and refused while one gathers', () => {
    const { driver, reduce, leavesOf } = withPosition(10);
    const order = reduce(5);
    driver.send({ type: 'SetTradingStatus', instrument: 0, status: 'AUCTION', reason: '' });
    expect(leavesOf(order)).toBeNull();
    const refused = driver.expect('OrderRejected', anOrder({ side: 'SELL', priceTicks: 110, reduceOnly: true }));
    expect(refused.reason).toBe('TRADING_PHASE');
  });

  it('cannot be replaced beyond the position', () => {
    const { driver, reduce } = withPosition(10);
    const order = reduce(5);
    const tooMuch = driver.expect('RequestRejected', aReplace(order, { orderQtyLots: 11 }));
    expect(tooMuch.reason).toBe('REDUCE_ONLY_WOULD_INCREASE');
    expect(driver.expect('OrderReplaced', aReplace(order, { orderQtyLots: 10 })).leavesQtyLots).toBe(10);
  });
});
