import { anOrder, startedExchange } from '../testing/fixtures.js';
import type { PlaceOrder, PlacePlan } from './command.js';
import type { ExchangeEvent } from './event.js';
import { Exchange } from './exchange.js';

const leg = (over: Partial<PlaceOrder>) => anOrder({ orderQtyLots: 10, priceTicks: null, ...over });
const profit = (over: Partial<PlaceOrder> = {}) => ({
  name: 'TAKE_PROFIT' as const,
  order: leg({ side: 'SELL', priceTicks: 110, ...over }),
});
const loss = (over: Partial<PlaceOrder> = {}) => ({
  name: 'STOP_LOSS' as const,
  order: leg({ side: 'SELL', ordType: 'STOP', stopPxTicks: 90, ...over }),
});
const entry = (over: Partial<PlaceOrder> = {}) => ({
  name: 'ENTRY' as const,
  order: leg({ priceTicks: 100, ...over }),
});

function plan(legs: PlacePlan['legs'], mode: PlacePlan['mode'] = 'ALL_OR_NONE'): PlacePlan {
  return { type: 'PlacePlan', legs, mode };
}

/** What orders and trades were told, in short. */
function told(events: readonly ExchangeEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'OrdersTraded') return [`trade ${event.qtyLots} at ${event.priceTicks}`];
    if (event.type === 'RequestRejected') return [`${event.request} refused: ${event.text}`];
    if (!('ordStatus' in event)) return [];
    const who = event.planLeg ?? 'order';
    const reason = 'reason' in event ? ` ${event.reason}` : '';
    return [`${event.type} ${who} ${event.cumQtyLots}+${event.leavesQtyLots}${reason}`];
  });
}

function started() {
  const driver = startedExchange();
  const send = (command: Parameters<typeof driver.send>[0]) => told(driver.send(command));
  const sell = (orderQtyLots: number, priceTicks: number) =>
    send(anOrder({ account: 2, side: 'SELL', orderQtyLots, priceTicks, selfTradePrevention: 'NONE' }));
  const buy = (orderQtyLots: number, priceTicks: number) => send(anOrder({ account: 2, orderQtyLots, priceTicks }));
  const available = () => {
    const balances = driver.exchange.image().filter((event) => event.type === 'BalanceUpdated' && event.account === 1);
    return balances.map((event) => (event.type === 'BalanceUpdated' ? event.totalUnits - event.heldUnits : 0));
  };
  const orders = () => driver.exchange.image().flatMap((event) => (event.type === 'OrderAccepted' ? [event] : []));
  const idOf = (name: string) => orders().find(({ planLeg }) => planLeg === name)!.orderId;
  return { driver, send, sell, buy, available, orders, idOf };
}

describe('An OCO', () => {
  it('holds funds once, and loses of one what the other fills', () => {
    const { send, buy, available, orders } = started();
    expect(send(plan([profit(), loss()]))).toEqual(['OrderAccepted TAKE_PROFIT 0+10', 'OrderAccepted STOP_LOSS 0+10']);
    expect(available()).toEqual([1_000_000, 999_990]);
    expect(buy(4, 110)).toEqual([
      'OrderAccepted order 0+4',
      'trade 4 at 110',
      'OrderRestated STOP_LOSS 0+6 LINKED_ORDER',
    ]);
    expect(buy(6, 110).slice(1)).toEqual(['trade 6 at 110', 'OrderCanceled STOP_LOSS 0+0 LINKED_ORDER']);
    expect(orders()).toEqual([]);
    expect(available()).toEqual([1_001_100, 999_990]);
  });

  it('takes the limit out of the market when the stop is triggered, before the stop trades', () => {
    const { send, sell, buy } = started();
    send(plan([profit(), loss()]));
    buy(8, 90);
    buy(3, 85);
    expect(sell(1, 90)).toEqual([
      'OrderAccepted order 0+1',
      'trade 1 at 90',
      'OrderTriggered STOP_LOSS 0+10',
      'OrderCanceled TAKE_PROFIT 0+0 LINKED_ORDER',
      'trade 7 at 90',
      'trade 3 at 85',
    ]);
  });

  it('leaves a triggered STOP_LIMIT alone in the market', () => {
    const { send, sell, buy, orders } = started();
    send(plan([profit(), loss({ ordType: 'STOP_LIMIT', priceTicks: 90 })]));
    buy(5, 90);
    expect(sell(1, 90).slice(2)).toEqual([
      'OrderTriggered STOP_LOSS 0+10',
      'OrderCanceled TAKE_PROFIT 0+0 LINKED_ORDER',
      'trade 4 at 90',
    ]);
    expect(orders().map(({ planLeg, leavesQtyLots }) => [planLeg, leavesQtyLots])).toEqual([['STOP_LOSS', 6]]);
  });

  it.each(['TAKE_PROFIT', 'STOP_LOSS'])('ends as a whole when %s is canceled', (name) => {
    const { send, idOf, orders, available } = started();
    send(plan([profit(), loss()]));
    const other = name === 'TAKE_PROFIT' ? 'STOP_LOSS' : 'TAKE_PROFIT';
    expect(send({ type: 'CancelOrder', account: 1, orderId: idOf(name) })).toEqual([
      `OrderCanceled ${name} 0+0 REQUESTED`,
      `OrderCanceled ${other} 0+0 LINKED_ORDER`,
    ]);
    expect(orders()).toEqual([]);
    expect(available()).toEqual([1_000_000, 1_000_000]);
  });

  it('is counted once by a mass cancel, and ended by a kill switch', () => {
    const { driver, send, orders } = started();
    send(plan([profit(), loss()]));
    const done = driver.expect('MassCancelDone', { type: 'CancelAllOrders', account: 1, instrument: null, side: null });
    expect(done.canceledCount).toBe(2);
    send(plan([profit(), loss()]));
    const engaged = { instrument: null, engaged: true, allowReduceOnly: false, reason: '', setBy: 'tester' };
    const events = send({ type: 'SetKillSwitch', account: 1, ...engaged });
    expect(events).toEqual(['OrderCanceled TAKE_PROFIT 0+0 KILL_SWITCH', 'OrderCanceled STOP_LOSS 0+0 LINKED_ORDER']);
    expect(orders()).toEqual([]);
  });

  it('holds for a buy what the dearer leg needs, whichever it is, and after a replace', () => {
    const { send, available, idOf } = started();
    send(plan([profit({ side: 'BUY', priceTicks: 90 }), loss({ side: 'BUY', stopPxTicks: 120 })]));
    expect(available()).toEqual([998_800, 1_000_000]);
    const replace = (over: object) => {
      const nothing = { orderQtyLots: null, priceTicks: null, stopPxTicks: null, clOrdId: null };
      return send({ type: 'ReplaceOrder', account: 1, orderId: idOf('TAKE_PROFIT'), ...nothing, ...over });
    };
    expect(replace({ priceTicks: 99 })).toEqual(['OrderReplaced TAKE_PROFIT 0+10']);
    expect(available()).toEqual([998_800, 1_000_000]);
    expect(replace({ orderQtyLots: 5 })).toEqual([
      expect.stringMatching(/^ReplaceOrder refused: The quantity of a linked/),
    ]);
  });
});

describe('A bracket', () => {
  it('lets the exits wait without funds, and work for what the entry has filled', () => {
    const { send, sell, available, orders } = started();
    const accepted = send(plan([entry(), profit(), loss()]));
    expect(accepted).toEqual(['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'].map((name) => `OrderAccepted ${name} 0+10`));
    expect(available()).toEqual([999_000, 1_000_000]);
    expect(sell(4, 100).slice(1)).toEqual([
      'trade 4 at 100',
      'OrderRestated TAKE_PROFIT 0+4 LINKED_ORDER',
      'OrderRestated STOP_LOSS 0+4 LINKED_ORDER',
    ]);
    expect(available()).toEqual([999_000, 1_000_000]);
    expect(sell(6, 100).slice(1)).toEqual([
      'trade 6 at 100',
      'OrderRestated TAKE_PROFIT 0+10 LINKED_ORDER',
      'OrderRestated STOP_LOSS 0+10 LINKED_ORDER',
    ]);
    expect(orders().map(({ planLeg, orderQtyLots }) => [planLeg, orderQtyLots])).toEqual([
      ['TAKE_PROFIT', 10],
      ['STOP_LOSS', 10],
    ]);
  });

  it('works at once for an entry that trades at once', () => {
    const { send, sell } = started();
    sell(10, 101);
    const market = { ordType: 'MARKET', priceTicks: null } as const;
    expect(send(plan([entry(market), profit(), loss()])).slice(3)).toEqual([
      'trade 10 at 101',
      'OrderRestated TAKE_PROFIT 0+10 LINKED_ORDER',
      'OrderRestated STOP_LOSS 0+10 LINKED_ORDER',
    ]);
  });

  it('cancels what is left of the entry with the first trade of an exit', () => {
    const { send, sell, buy, orders } = started();
    send(plan([entry(), profit(), loss()]));
    sell(4, 100);
    expect(buy(1, 110).slice(1)).toEqual([
      'trade 1 at 110',
      'OrderRestated STOP_LOSS 0+3 LINKED_ORDER',
      'OrderCanceled ENTRY 4+0 LINKED_ORDER',
    ]);
    expect(orders().map(({ planLeg, leavesQtyLots }) => [planLeg, leavesQtyLots])).toEqual([
      ['TAKE_PROFIT', 3],
      ['STOP_LOSS', 3],
    ]);
  });

  it('ends with an entry that never traded, and outlives one that did', () => {
    const { send, sell, idOf, orders } = started();
    send(plan([entry(), profit(), loss()]));
    expect(send({ type: 'CancelOrder', account: 1, orderId: idOf('ENTRY') })).toEqual([
      'OrderCanceled ENTRY 0+0 REQUESTED',
      'OrderCanceled TAKE_PROFIT 0+0 LINKED_ORDER',
      'OrderCanceled STOP_LOSS 0+0 LINKED_ORDER',
    ]);
    send(plan([entry(), profit(), loss()]));
    sell(4, 100);
    expect(send({ type: 'CancelOrder', account: 1, orderId: idOf('ENTRY') })).toEqual([
      'OrderCanceled ENTRY 4+0 REQUESTED',
    ]);
    expect(orders()).toHaveLength(2);
  });

  it('cancels exits that cannot be paid for when they would begin', () => {
    const { send, buy, orders } = started();
    const dear = { side: 'BUY', orderQtyLots: 9_000 } as const;
    send(plan([entry({ side: 'SELL', orderQtyLots: 9_000 }), loss({ ...dear, stopPxTicks: 300 })]));
    expect(buy(9_000, 100).slice(1)).toEqual([
      'trade 9000 at 100',
      'OrderRestated STOP_LOSS 0+9000 LINKED_ORDER',
      'OrderCanceled STOP_LOSS 0+0 INSUFFICIENT_FUNDS',
    ]);
    expect(orders()).toEqual([]);
  });

  it('lets a trailing stop begin to trail when it begins to work', () => {
    const { send, sell, orders } = started();
    const trailing = { ordType: 'TRAILING_STOP', stopPxTicks: null, trailingOffsetTicks: 5 } as const;
    send(plan([entry({ priceTicks: 140 }), loss(trailing)]));
    expect(orders().map(({ stopPxTicks }) => stopPxTicks)).toEqual([null, 95]);
    sell(10, 140);
    expect(orders().map(({ stopPxTicks }) => stopPxTicks)).toEqual([135]);
  });

  it('survives a snapshot at every step', () => {
    const { driver, send, sell, idOf } = started();
    send(plan([entry(), profit(), loss()]));
    const checked = () => {
      const restored = Exchange.restore(driver.exchange.snapshot());
      expect(restored.stateHash()).toBe(driver.exchange.stateHash());
      return restored;
    };
    checked();
    sell(4, 100);
    const restored = checked();
    const cancel = { type: 'CancelOrder', account: 1, orderId: idOf('TAKE_PROFIT') } as const;
    restored.apply(cancel, driver.exchange.timeUs + 1);
    expect(told(restored.takeEvents())).toEqual(send(cancel));
    expect(restored.stateHash()).toBe(driver.exchange.stateHash());
  });
});

describe('A plan', () => {
  it('is placed as a whole or not at all, naming the leg that kept it', () => {
    const { send, orders } = started();
    expect(send(plan([entry(), profit({ priceTicks: 2_000_000 }), loss()]))).toEqual([
      'OrderRejected order 0+0 BATCH_REJECTED',
      'OrderRejected order 0+0 INVALID_PRICE',
      'OrderRejected order 0+0 BATCH_REJECTED',
    ]);
    expect(orders()).toEqual([]);
  });

  it('under BEST_EFFORT goes without a refused exit, not without its entry', () => {
    const { send } = started();
    expect(send(plan([entry(), profit({ priceTicks: 2_000_000 }), loss()], 'BEST_EFFORT'))).toEqual([
      'OrderAccepted ENTRY 0+10',
      'OrderRejected order 0+0 INVALID_PRICE',
      'OrderAccepted STOP_LOSS 0+10',
    ]);
    expect(send(plan([entry({ priceTicks: 0 }), profit()], 'BEST_EFFORT'))).toEqual([
      'OrderRejected order 0+0 INVALID_PRICE',
      'OrderRejected order 0+0 BATCH_REJECTED',
    ]);
  });

  it('is told again under the same keys, and refuses a key that only some legs repeat', () => {
    const { driver, send } = started();
    const legs = [profit({ clOrdId: 'p' }), loss({ clOrdId: 'l' })];
    driver.send(plan(legs));
    const again = driver.send(plan(legs));
    expect(again.map(({ type }) => type)).toEqual(['OrderDuplicated', 'OrderDuplicated']);
    expect(send(plan([profit({ clOrdId: 'p' }), loss({ clOrdId: 'other' })]))).toEqual([
      'OrderRejected order 0+0 DUPLICATE_CL_ORD_ID',
      'OrderRejected order 0+0 BATCH_REJECTED',
    ]);
    expect(send(profit({ clOrdId: 'p' }).order)).toEqual(['OrderRejected order 0+0 DUPLICATE_CL_ORD_ID']);
  });

  it.each<[string, PlacePlan['legs'], RegExp]>([
    ['one leg', [entry()], /two or three legs/],
    ['no legs', [], /two or three legs/],
    ['legs in another order', [loss(), profit()], /in this order/],
    ['two accounts', [profit(), loss({ account: 2 })], /of one account/],
    ['two instruments', [profit(), loss({ instrument: 1 })], /of one instrument/],
    ['two quantities', [profit(), loss({ orderQtyLots: 9 })], /same orderQty/],
    [
      'a stop loss that is no stop',
      [profit(), loss({ ordType: 'LIMIT', priceTicks: 90, stopPxTicks: null })],
      /is a STOP/,
    ],
    ['a take profit that its entry would meet', [entry({ priceTicks: 110 }), profit()], /better than that of ENTRY/],
    ['counters on two sides', [profit(), loss({ side: 'BUY' })], /on the same side/],
    ['an exit on the side of its entry', [entry(), loss({ side: 'BUY' })], /on the other side/],
  ])('of %s is refused', (_what, legs, text) => {
    const { driver } = started();
    const refused = driver.expect('RequestRejected', plan(legs));
    expect(refused).toMatchObject({
      request: 'PlacePlan',
      reason: 'INVALID_REQUEST',
      text: expect.stringMatching(text),
    });
  });

  it('waits out an auction, which fills its entry and puts the exits to work', () => {
    const { driver, send, sell } = started();
    const move = (status: 'AUCTION' | 'OPEN') => send({ type: 'SetTradingStatus', instrument: 0, status, reason: '' });
    move('AUCTION');
    send(plan([entry(), profit(), loss()]));
    sell(4, 100);
    expect(move('OPEN')).toEqual([
      'trade 4 at 100',
      'OrderRestated TAKE_PROFIT 0+4 LINKED_ORDER',
      'OrderRestated STOP_LOSS 0+4 LINKED_ORDER',
    ]);
    expect(Exchange.restore(driver.exchange.snapshot()).stateHash()).toBe(driver.exchange.stateHash());
  });

  it('cannot be replaced so that an exit meets its entry', () => {
    const { driver, send, sell, idOf } = started();
    send(plan([entry(), profit(), loss()]));
    sell(4, 100);
    const nothing = { orderQtyLots: null, stopPxTicks: null, clOrdId: null, account: 1, type: 'ReplaceOrder' as const };
    const refused = driver.expect('RequestRejected', { ...nothing, orderId: idOf('TAKE_PROFIT'), priceTicks: 100 });
    expect(refused).toMatchObject({
      reason: 'UNSUPPORTED_ORDER',
      text: expect.stringMatching(/neither price may reach/),
    });
    driver.expect('RequestRejected', { ...nothing, orderId: idOf('ENTRY'), priceTicks: 110 });
    driver.expect('OrderReplaced', { ...nothing, orderId: idOf('ENTRY'), priceTicks: 101 });
  });

  it('takes no exit that cannot wait', () => {
    const { send } = started();
    for (const over of [{ timeInForce: 'IOC' }, { ordType: 'MARKET', priceTicks: null }] as const) {
      expect(send(plan([profit(over), loss()]))).toContain('OrderRejected order 0+0 UNSUPPORTED_ORDER');
    }
    expect(send(plan([entry(), profit({ postOnly: true })]))).toContain('OrderRejected order 0+0 UNSUPPORTED_ORDER');
    expect(send(plan([profit({ postOnly: true }), loss()]))).toHaveLength(2);
  });
});
