/** What must hold after every command, whatever it was; read from the exchange's own image and events. */
import type { ExchangeEvent } from '../exchange/event.js';
import type { Exchange } from '../exchange/exchange.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import { createTerms } from '../instrument/terms.js';
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
  checkHolds(image);
  checkOrders(image);
  checkBooks(image);
}

function checkBalances(image: readonly ExchangeEvent[], supply: ReadonlyMap<number, number>): void {
  const sums = new Map<number, number>();
  const debtors = new Set<number>();
  for (const event of image) {
    if (event.type === 'AccountOpened' && event.kind === 'MARGIN') debtors.add(event.account);
    if (event.type !== 'BalanceUpdated') continue;
    const isPaid = event.heldUnits <= event.totalUnits || debtors.has(event.account);
    must(event.heldUnits >= 0 && isPaid, `held ${event.heldUnits} of ${event.totalUnits}`);
    sums.set(event.asset, (sums.get(event.asset) ?? 0) + event.totalUnits);
  }
  for (const [asset, units] of supply) {
    must((sums.get(asset) ?? 0) === units, `asset ${asset}: balances sum to ${sums.get(asset)}, supply is ${units}`);
  }
}

/** What is held is what the working orders may cost, fees included: to the unit, whatever was canceled, filled or amended. */
function checkHolds(image: readonly ExchangeEvent[]): void {
  const assets = new Map<string, { readonly asset: number; readonly scale: number }>();
  const specs: InstrumentSpec[] = [];
  const needed = new Map<string, bigint>();
  const untold = new Set<string>();
  const add = (key: string, units: bigint) => needed.set(key, (needed.get(key) ?? 0n) + units);
  for (const event of image) {
    if (event.type === 'AssetRegistered') assets.set(event.code, event);
    if (event.type === 'InstrumentListed') specs[event.instrument] = event.spec;
    if (event.type !== 'OrderAccepted') continue;
    const spec = specs[event.instrument]!;
    const [base, quote] = [assets.get(spec.baseAsset)!, assets.get(spec.quoteAsset)!];
    const { quoteUnitsPerTickLot, baseUnitsPerLot } = createTerms(spec, base.scale, quote.scale);
    const lots = BigInt(event.leavesQtyLots);
    if (event.planId !== null) {
      // Exits that wait hold nothing and two exits hold once, which the comparison of the state hash checks.
      untold.add(`${event.account} ${event.side === 'SELL' ? base.asset : quote.asset}`);
    } else if (event.side === 'SELL') {
      add(`${event.account} ${base.asset}`, lots * BigInt(baseUnitsPerLot));
    } else if (event.ordType === 'MARKET' || event.ordType === 'TRAILING_STOP') {
      // One gathers for an auction and holds at its protection price, the other keeps its first hold while it trails: neither
      // price is in the image. The comparison with the reference exchange holds both to the unit, by the state's hash.
      untold.add(`${event.account} ${quote.asset}`);
    } else {
      const notional = BigInt(event.priceTicks ?? event.stopPxTicks!) * lots * BigInt(quoteUnitsPerTickLot);
      const fee = notional * BigInt(Math.max(spec.makerFeePpm, spec.takerFeePpm));
      add(`${event.account} ${quote.asset}`, notional + (fee + 999_999n) / 1_000_000n);
    }
  }
  for (const event of image) {
    if (event.type !== 'BalanceUpdated') continue;
    const key = `${event.account} ${event.asset}`;
    must(
      untold.has(key) || BigInt(event.heldUnits) === (needed.get(key) ?? 0n),
      `${key} holds ${event.heldUnits}, needs ${needed.get(key)}`,
    );
    needed.delete(key);
  }
  must(needed.size === 0, `orders need what is not held: ${[...needed.keys()].join()}`);
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
