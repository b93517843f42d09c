import { anOrder, aReplace, Driver, startedExchange } from '../testing/fixtures.js';
import { Exchange } from './exchange.js';

describe('Exchange', () => {
  it('crosses two orders and tells order, trade, level, balances and positions in this order', () => {
    const driver = startedExchange({ makerFeePpm: 1000, takerFeePpm: 2000 });
    const maker = driver.place({ account: 1, side: 'SELL', priceTicks: 500, orderQtyLots: 10 });
    const events = driver.send(anOrder({ account: 2, side: 'BUY', priceTicks: 600, orderQtyLots: 4 }));
    expect(events.map((event) => event.type)).toEqual([
      'OrderAccepted',
      'OrdersTraded',
      'BookLevelChanged',
      'BalanceUpdated',
      'BalanceUpdated',
      'BalanceUpdated',
      'BalanceUpdated',
      'BalanceUpdated',
      'PositionUpdated',
      'PositionUpdated',
    ]);
    expect(events[1]).toMatchObject({
      tradeId: 1,
      priceTicks: 500,
      qtyLots: 4,
      aggressorSide: 'BUY',
      takerSide: 'BUY',
      maker: { orderId: maker, account: 1, ordStatus: 'PARTIALLY_FILLED', leavesQtyLots: 6, feeUnits: 2 },
      taker: { account: 2, ordStatus: 'FILLED', leavesQtyLots: 0, cumNotionalUnits: 2000, feeUnits: 4 },
    });
    expect(events[2]).toMatchObject({ side: 'SELL', priceTicks: 500, qtyLots: 6, orderCount: 1 });
    expect(events.slice(3, 8)).toMatchObject([
      { account: 0, asset: 0, totalUnits: 6, heldUnits: 0 },
      { account: 1, asset: 0, totalUnits: 1_001_998, heldUnits: 0 },
      { account: 1, asset: 1, totalUnits: 999_996, heldUnits: 6 },
      { account: 2, asset: 0, totalUnits: 997_996, heldUnits: 0 },
      { account: 2, asset: 1, totalUnits: 1_000_004, heldUnits: 0 },
    ]);
  });

  it('keeps price-time priority and gives the better price to the taker', () => {
    const driver = startedExchange();
    const late = driver.place({ account: 1, side: 'SELL', priceTicks: 102 });
    const first = driver.place({ account: 1, side: 'SELL', priceTicks: 101 });
    const second = driver.place({ account: 1, side: 'SELL', priceTicks: 101 });
    const trades = driver
      .send(anOrder({ account: 2, priceTicks: 105, orderQtyLots: 25 }))
      .flatMap((event) =>
        event.type === 'OrdersTraded' ? [[event.maker.orderId, event.priceTicks, event.qtyLots]] : [],
      );
    expect(trades).toEqual([
      [first, 101, 10],
      [second, 101, 10],
      [late, 102, 5],
    ]);
  });

  it('keeps the priority of an order whose quantity goes down and takes it from one whose price or quantity goes up', () => {
    const driver = startedExchange();
    const a = driver.place({ account: 1, side: 'SELL', orderQtyLots: 1 });
    const b = driver.place({ account: 1, side: 'SELL', orderQtyLots: 5 });
    const c = driver.place({ account: 1, side: 'SELL', orderQtyLots: 4 });
    expect(driver.expect('OrderReplaced', aReplace(b, { orderQtyLots: 3 }))).toMatchObject({
      priorityKept: true,
      orderQtyLots: 3,
      leavesQtyLots: 3,
    });
    expect(driver.expect('OrderReplaced', aReplace(a, { orderQtyLots: 2 })).priorityKept).toBe(false);
    const makers = driver
      .send(anOrder({ account: 2, orderQtyLots: 9 }))
      .flatMap((event) => (event.type === 'OrdersTraded' ? [event.maker.orderId] : []));
    expect(makers).toEqual([b, c, a]);
  });

  it('answers a repeated clOrdId with the first command, and other input with a rejection', () => {
    const driver = startedExchange();
    const first = driver.expect('OrderAccepted', anOrder({ clOrdId: 'x' }));
    expect(driver.expect('OrderDuplicated', anOrder({ clOrdId: 'x' }))).toMatchObject({
      orderId: first.orderId,
      firstCommandSequence: first.commandSequence,
    });
    expect(driver.expect('OrderRejected', anOrder({ clOrdId: 'x', orderQtyLots: 11 }))).toMatchObject({
      reason: 'DUPLICATE_CL_ORD_ID',
      current: first.orderId,
    });
    expect(driver.expect('OrderAccepted', anOrder({ account: 2, clOrdId: 'x' })).account).toBe(2);
  });

  it('continues from a snapshot exactly as without one', () => {
    const driver = startedExchange({ takerFeePpm: 1500 });
    for (let price = 90; price < 100; price += 1) driver.place({ priceTicks: price, clOrdId: `b${price}` });
    const restored = new Driver(Exchange.restore(driver.exchange.snapshot()));
    expect(restored.exchange.stateHash()).toBe(driver.exchange.stateHash());
    const sell = anOrder({ account: 2, side: 'SELL', priceTicks: 95, orderQtyLots: 35 });
    expect(restored.send(sell)).toEqual(driver.send(sell));
    expect(restored.exchange.stateHash()).toBe(driver.exchange.stateHash());
    expect(restored.exchange.image()).toEqual(driver.exchange.image());
  });

  it('refuses a damaged snapshot', () => {
    const bytes = startedExchange().exchange.snapshot();
    const damaged = Uint8Array.from(bytes);
    damaged[100]! ^= 1;
    expect(() => Exchange.restore(damaged)).toThrow('damaged');
    expect(() => Exchange.restore(bytes.subarray(0, 40))).toThrow('damaged');
    expect(() => Exchange.restore(new Uint8Array(3))).toThrow('no snapshot');
  });

  it('refuses time that runs backwards and stays as it was', () => {
    const driver = startedExchange();
    const hash = driver.exchange.stateHash();
    expect(() => driver.exchange.apply(anOrder(), driver.exchange.timeUs - 1)).toThrow('before');
    expect(driver.exchange.stateHash()).toBe(hash);
    expect(driver.place()).toBeGreaterThan(0);
  });
});
