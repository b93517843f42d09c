/**
 * The price of an auction: the one of greatest volume; among those the least imbalance; among those the nearest to the
 * reference price.
 *
 * ```
 * B(p) = lots of buy orders whose limit is p or more      falls with p
 * S(p) = lots of sell orders whose limit is p or less     rises with p
 * volume(p) = min(B(p), S(p))     imbalance(p) = B(p) − S(p)
 * ```
 * Both are steps at the orders' limits and flat between them, so that the prices of greatest volume and least imbalance
 * are one unbroken range of ticks: the reference price where it lies within, otherwise the end next to it. There is no
 * further tie. A MARKET order's limit is its protection price; an iceberg counts with its whole quantity.
 * Complexity: O(crossed levels + gathered MARKET orders + icebergs), and sorting the limits.
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NIL } from '../matching/order-table.js';
import { BUY, SELL } from '../values/codes.js';
import { type Equilibrium, NO_EQUILIBRIUM } from './auction-book.js';

/** Lots by limit price. */
type Curve = Map<number, number>;

/** Returns at what price the orders that are gathered now would trade, and how much. */
export function findEquilibrium(state: ExchangeState, listing: Listing): Equilibrium {
  const highestBuy = bestLimit(state, listing, BUY);
  const lowestSell = bestLimit(state, listing, SELL);
  if (highestBuy < lowestSell) return NO_EQUILIBRIUM;
  const buys = curveOf(state, listing, BUY, lowestSell);
  const sells = curveOf(state, listing, SELL, highestBuy);
  return equilibriumOf(buys, sells, listing.referencePxTicks);
}

/** Best limit of a side over book and MARKET orders; an infinity that crosses nothing where it is empty. */
function bestLimit(state: ExchangeState, listing: Listing, side: number): number {
  const book = listing.side(side);
  const { protectionPxTicks } = state.orders;
  let best = book.best === NIL ? Number.NEGATIVE_INFINITY : state.levels.key[book.best]!;
  for (const slot of listing.auction.market(side)) best = Math.max(best, protectionPxTicks[slot]! * book.sign);
  return best * book.sign;
}

/** Lots of a side by limit, as far as the limits reach `until`. */
function curveOf(state: ExchangeState, listing: Listing, side: number, until: number): Curve {
  const { orders, levels } = state;
  const book = listing.side(side);
  const untilKey = until * book.sign;
  const curve: Curve = new Map();
  const add = (limit: number, lots: number): void => {
    if (limit * book.sign >= untilKey) curve.set(limit, (curve.get(limit) ?? 0) + lots);
  };
  for (let level = book.best; level !== NIL && levels.key[level]! >= untilKey; level = book.below(levels.key[level]!)) {
    add(book.priceOf(level), levels.qtyLots[level]!);
  }
  for (const slot of listing.auction.icebergs) {
    const rests = orders.isInUse(slot) && orders.level[slot] !== NIL;
    if (!rests || orders.instrument[slot] !== listing.index || orders.side[slot] !== side) continue;
    add(orders.priceTicks[slot]!, orders.leavesQtyLots[slot]! - orders.shownQtyLots[slot]!);
  }
  for (const slot of listing.auction.market(side)) add(orders.protectionPxTicks[slot]!, orders.leavesQtyLots[slot]!);
  return curve;
}

function equilibriumOf(buys: Curve, sells: Curve, referenceTicks: number): Equilibrium {
  const limits = [...new Set([...buys.keys(), ...sells.keys()])].sort((a, b) => a - b);
  let buyLots = 0;
  for (const lots of buys.values()) buyLots += lots;
  let sellLots = 0;
  let best = { low: 0, high: 0, qtyLots: 0, imbalanceLots: 0 };
  const weigh = (low: number, high: number): void => {
    const qtyLots = Math.min(buyLots, sellLots);
    const imbalanceLots = buyLots - sellLots;
    const isBetter =
      qtyLots > best.qtyLots || (qtyLots === best.qtyLots && Math.abs(imbalanceLots) < Math.abs(best.imbalanceLots));
    if (isBetter) {
      best = { low, high, qtyLots, imbalanceLots };
    } else if (qtyLots === best.qtyLots && Math.abs(imbalanceLots) === Math.abs(best.imbalanceLots)) {
      // As good as the range before, which it continues; the imbalance is that of the part where the price falls.
      best = { ...best, high, ...(referenceTicks >= low ? { imbalanceLots } : {}) };
    }
  };
  for (const [index, limit] of limits.entries()) {
    sellLots += sells.get(limit) ?? 0;
    weigh(limit, limit);
    buyLots -= buys.get(limit) ?? 0;
    const next = limits[index + 1];
    if (next !== undefined && next - limit > 1) weigh(limit + 1, next - 1);
  }
  const { low, high, qtyLots, imbalanceLots } = best;
  return { priceTicks: Math.min(Math.max(referenceTicks, low), high), qtyLots, imbalanceLots };
}
