import type { ExchangeEvent, ExchangeEventType, OrdersTraded } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { EventMonitor } from './event-monitor.js';
import { anOrder, aReplace, Driver, setupCommands } from './fixtures.js';

/** Batches of events of a true run: rest, iceberg, trade, replace, cancel, own orders. */
function trueRun(): ExchangeEvent[][] {
  const driver = new Driver(new Exchange());
  const batches = setupCommands({ makerFeePpm: -500, takerFeePpm: 2000 }).map((command) => driver.send(command));
  const send = (...commands: Parameters<Driver['send']>[0][]) => {
    for (const command of commands) batches.push(driver.send(command));
  };
  send(anOrder({ side: 'SELL', priceTicks: 502, orderQtyLots: 9, displayQtyLots: 2 }));
  send(anOrder({ side: 'SELL', priceTicks: 501, orderQtyLots: 4 }));
  send(anOrder({ account: 2, priceTicks: 502, orderQtyLots: 7 }));
  const rests = batches.flat().find((event) => event.type === 'OrderAccepted');
  if (rests?.type !== 'OrderAccepted') throw new Error('nothing was accepted');
  send(aReplace(rests.orderId, { orderQtyLots: 5 }));
  send(anOrder({ priceTicks: 502, orderQtyLots: 1, selfTradePrevention: 'NONE' }));
  send({ type: 'CancelOrder', account: 1, orderId: rests.orderId });
  return batches;
}

/** Follows the true run with the last event of a type changed. */
function followChanged<T extends ExchangeEventType>(
  type: T,
  change: (event: Extract<ExchangeEvent, { type: T }>) => ExchangeEvent,
): void {
  const batches = trueRun();
  const changed = batches.flat().findLast((event) => event.type === type);
  const monitor = new EventMonitor();
  for (const batch of batches) {
    monitor.follow(
      batch.map((event) => (event === changed ? change(event as Extract<ExchangeEvent, { type: T }>) : event)),
    );
  }
}

describe('The event monitor', () => {
  it('finds nothing wrong with a true run', () => {
    expect(() => followChanged('OrderCanceled', (event) => event)).not.toThrow();
  });

  it('finds a gap in the sequence', () => {
    expect(() => followChanged('OrderCanceled', (event) => ({ ...event, sequence: event.sequence + 1 }))).toThrow(
      /sequence/,
    );
  });

  it('finds a working order whose quantities do not add up', () => {
    expect(() =>
      followChanged('OrderReplaced', (event) => ({ ...event, leavesQtyLots: event.leavesQtyLots + 1 })),
    ).toThrow(/OrderReplaced of order/);
  });

  it('finds a finished order that leaves something', () => {
    expect(() => followChanged('OrderCanceled', (event) => ({ ...event, leavesQtyLots: 1 }))).toThrow(
      /OrderCanceled of order/,
    );
  });

  it('finds a trade that fills more than is left, and one of an unknown order', () => {
    expect(() => followChanged('OrdersTraded', (event) => ({ ...event, qtyLots: event.qtyLots + 1 }))).toThrow(
      /trade \d+, order/,
    );
    expect(() =>
      followChanged('OrdersTraded', (event) => ({ ...event, maker: { ...event.maker, orderId: 1 } })),
    ).toThrow(/which does not work/);
  });

  it('finds a trade beyond a limit, at another price than the maker asks, and through a better price', () => {
    expect(() => followChanged('OrdersTraded', (event) => ({ ...event, priceTicks: 501 }))).toThrow(
      /SELL 502 traded at 501/,
    );

    const tradeWith = (change: (trade: OrdersTraded, other: number) => OrdersTraded) => {
      const [monitor, driver] = [new EventMonitor(), new Driver(new Exchange())];
      for (const command of setupCommands()) monitor.follow(driver.send(command));
      monitor.follow(driver.send(anOrder({ side: 'SELL', priceTicks: 99 })));
      const behind = driver.expect('OrderAccepted', anOrder({ side: 'SELL', priceTicks: 101 }));
      monitor.follow([behind]);
      const events = driver.send(anOrder({ account: 2, priceTicks: 101, orderQtyLots: 5 }));
      const renumbered = events.map((event) => ({ ...event, sequence: behind.sequence + 1 + events.indexOf(event) }));
      monitor.follow(
        renumbered.map((event) => (event.type === 'OrdersTraded' ? change(event, behind.orderId) : event)),
      );
    };
    expect(() => tradeWith((trade) => ({ ...trade, priceTicks: 100 }))).toThrow(/at 100, the maker asks 99/);
    expect(() =>
      tradeWith((trade, orderId) => ({ ...trade, priceTicks: 101, maker: { ...trade.maker, orderId } })),
    ).toThrow(/at 101 passes order \d+ at 99/);
    expect(() => tradeWith((trade) => trade)).not.toThrow();
  });

  it('finds an account that trades with itself against its wish', () => {
    const batches = trueRun();
    const monitor = new EventMonitor();
    const last = batches.flat().findLast((event) => event.type === 'OrderAccepted');
    const tampered = batches.map((batch) =>
      batch.map((event) =>
        event === last ? ({ ...event, selfTradePrevention: 'CANCEL_BOTH' } as ExchangeEvent) : event,
      ),
    );
    expect(() => {
      for (const batch of tampered) monitor.follow(batch);
    }).toThrow(/trades with itself under CANCEL_BOTH/);
  });

  it('finds money, lots and fees that came from nowhere', () => {
    expect(() => followChanged('BalanceUpdated', (event) => ({ ...event, totalUnits: event.totalUnits + 1 }))).toThrow(
      /came from nowhere/,
    );
    expect(() => followChanged('BalanceUpdated', (event) => ({ ...event, heldUnits: -1 }))).toThrow(/held -1/);
    expect(() => followChanged('PositionUpdated', (event) => ({ ...event, qtyLots: event.qtyLots + 1 }))).toThrow(
      /lots came/,
    );
    expect(() => followChanged('PositionUpdated', (event) => ({ ...event, feesUnits: event.feesUnits + 1 }))).toThrow(
      /fees differ/,
    );
  });

  it('finds hidden quantity in the public book, and a book that is crossed', () => {
    const whole = new EventMonitor();
    const tampered = trueRun().map((batch) =>
      batch.map((event) =>
        event.type === 'BookLevelChanged' && event.qtyLots === 2 ? { ...event, qtyLots: 9 } : event,
      ),
    );
    expect(() => {
      for (const batch of tampered) whole.follow(batch);
    }).toThrow(/the book shows 9 in 1 orders, 1 may show 2/);

    const crossed = new EventMonitor();
    const driver = new Driver(new Exchange());
    for (const command of setupCommands()) crossed.follow(driver.send(command));
    crossed.follow(driver.send(anOrder({ priceTicks: 100 })));
    const resting = driver.send(anOrder({ account: 2, side: 'SELL', priceTicks: 101 }));
    const lower = resting.map(
      (event) => ('priceTicks' in event ? { ...event, priceTicks: 100 } : event) as ExchangeEvent,
    );
    expect(() => crossed.follow(lower)).toThrow(/crossed at rest: 100 and 100/);
  });
});
