/** What must hold after every command, whatever it was; read from the exchange's own image and events. */
import type { ExchangeEvent } from '../exchange/event.js';
import type { Exchange } from '../exchange/exchange.js';
import { must } from './must.js';

/** Throws an Error naming the first broken invariant. @param supply units by asset that were put in from outside */
export function checkInvariants(
  exchange: Exchange,
  events: readonly ExchangeEvent[],
  sequenceBefore: number,
  supply: ReadonlyMap<number, number>,
): void {
  for (const [index, event] of events.entries()) {
    must(event.sequence === sequenceBefore + index + 1, `event ${index} has sequence ${event.sequence}`);
    must(event.commandSequence === exchange.commandSequence, 'an event names another command');
  }
  must(exchange.eventSequence === sequenceBefore + events.length, 'the sequence is not that of the last event');
  const image = exchange.image();
  checkBalances(image, supply);
  checkOrders(image);
  checkBooks(image);
}

function checkBalances(image: readonly ExchangeEvent[], supply: ReadonlyMap<number, number>): void {
  const sums = new Map<number, number>();
  for (const event of image) {
    if (event.type !== 'BalanceUpdated') continue;
    must(event.heldUnits >= 0 && event.heldUnits <= event.totalUnits, `held ${event.heldUnits} of ${event.totalUnits}`);
    sums.set(event.asset, (sums.get(event.asset) ?? 0) + event.totalUnits);
  }
  for (const [asset, units] of supply) {
    must((sums.get(asset) ?? 0) === units, `asset ${asset}: balances sum to ${sums.get(asset)}, supply is ${units}`);
  }
}

function checkOrders(image: readonly ExchangeEvent[]): void {
  const lots = new Map<string, number>();
  for (const event of image) {
    if (event.type !== 'PositionUpdated') continue;
    must(event.qtyLots !== 0 || event.costUnits === 0, 'a flat position has a cost');
    lots.set(`${event.account} ${event.instrument}`, event.qtyLots);
  }
  for (const event of image) {
    if (event.type !== 'OrderAccepted') continue;
    const { leavesQtyLots: leaves, cumQtyLots: cum, orderQtyLots: all } = event;
    must(leaves > 0 && cum >= 0 && cum + leaves === all, `order ${event.orderId}: ${cum} + ${leaves} of ${all}`);
    must(event.ordStatus === (cum > 0 ? 'PARTIALLY_FILLED' : 'NEW'), `order ${event.orderId} is ${event.ordStatus}`);
  }
}

function checkBooks(image: readonly ExchangeEvent[]): void {
  const open = new Set(
    image.flatMap((event) => (event.type === 'InstrumentListed' && event.status === 'OPEN' ? [event.instrument] : [])),
  );
  const best = new Map<string, number>();
  for (const event of image) {
    if (event.type !== 'BookLevelChanged') continue;
    must(event.qtyLots > 0 && event.orderCount > 0, 'the book shows an empty level');
    const key = `${event.instrument} ${event.side}`;
    if (!best.has(key)) best.set(key, event.priceTicks);
  }
  for (const instrument of open) {
    const bid = best.get(`${instrument} BUY`) ?? Number.NEGATIVE_INFINITY;
    const ask = best.get(`${instrument} SELL`) ?? Number.POSITIVE_INFINITY;
    must(bid < ask, `book ${instrument} is crossed at rest: ${bid} and ${ask}`);
  }
}
