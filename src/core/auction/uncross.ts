/**
 * The uncross: what was gathered trades at one price.
 *
 * Each side stands in line: MARKET orders first, then the better price, then the earlier arrival; an iceberg stands in
 * line with its whole quantity. The two lines trade front against front until the volume of the equilibrium is through,
 * so only the last order of one side is filled in part. Neither side is the aggressor: both pay the taker's fee, and no
 * rebate is earned. What remains keeps its place in the book.
 * Invariants: afterwards no bid reaches an ask; no trade is beyond any order's limit.
 * Complexity: O(orders within the price).
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import type { Matcher } from '../matching/matcher.js';
import { FILL_ALL, FILL_PART, nextState } from '../matching/order-state.js';
import { NIL, PLANNED } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { feeOf } from '../values/amount.js';
import { BUY, NO_AGGRESSOR, NONE, SELL } from '../values/codes.js';
import type { Equilibrium } from './auction-book.js';
import { findEquilibrium } from './equilibrium.js';

export class Uncross {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
  ) {}

  /** Trades what crosses and returns at what price and how much; MARKET orders stay in their lists, filled or not. */
  run(listing: Listing): Equilibrium {
    const { orders } = this.state;
    const found = findEquilibrium(this.state, listing);
    const { priceTicks } = found;
    if (found.qtyLots === 0) return found;
    const buys = this.#line(listing, BUY, priceTicks);
    const sells = this.#line(listing, SELL, priceTicks);
    for (let [buy, sell] = [0, 0]; buy < buys.length && sell < sells.length; ) {
      const [buyer, seller] = [buys[buy]!, sells[sell]!];
      const lots = Math.min(orders.leavesQtyLots[buyer]!, orders.leavesQtyLots[seller]!);
      this.#trade(listing, buyer, seller, priceTicks, lots);
      if (orders.leavesQtyLots[buyer] === 0) buy += 1;
      if (orders.leavesQtyLots[seller] === 0) sell += 1;
    }
    return found;
  }

  /** Orders of a side whose limit reaches the price, the one that trades first in front. */
  #line(listing: Listing, side: number, priceTicks: number): number[] {
    const { orders, levels } = this.state;
    const book = listing.side(side);
    const key = priceTicks * book.sign;
    const line = listing.auction.market(side).filter((slot) => orders.protectionPxTicks[slot]! * book.sign >= key);
    for (let level = book.best; level !== NIL && levels.key[level]! >= key; level = book.below(levels.key[level]!)) {
      for (let slot = levels.head[level]!; slot !== NIL; slot = orders.next[slot]!) line.push(slot);
    }
    return line;
  }

  #trade(listing: Listing, buyer: number, seller: number, priceTicks: number, lots: number): void {
    const { state } = this;
    const notional = listing.notional(priceTicks, lots);
    const fee = feeOf(notional, listing.takerFeePpm);
    const isPlanned = ((state.orders.flags[buyer]! | state.orders.flags[seller]!) & PLANNED) !== 0;
    if (isPlanned) this.working.linked.beforeTrade(seller, buyer);
    this.#advance(buyer, lots, notional);
    this.#advance(seller, lots, notional);
    this.matcher.settle(listing, buyer, fee, seller, fee, priceTicks, lots);
    listing.lastPxTicks = priceTicks;
    state.tradeSequence += 1;
    state.events.trade(state.orders, state.tradeSequence, priceTicks, lots, NO_AGGRESSOR, seller, fee, buyer, fee);
    this.#leaveLots(listing, buyer);
    this.#leaveLots(listing, seller);
    if (isPlanned) this.working.linked.afterTrade(seller, buyer, lots);
  }

  #advance(slot: number, lots: number, notional: number): void {
    const { orders } = this.state;
    const leaves = orders.leavesQtyLots[slot]! - lots;
    orders.leavesQtyLots[slot] = leaves;
    orders.cumQtyLots[slot]! += lots;
    orders.cumNotionalUnits[slot]! += notional;
    orders.state[slot] = nextState(orders.state[slot]!, leaves === 0 ? FILL_ALL : FILL_PART);
  }

  /** Brings the book in line with what the order has left: it keeps its place, and shows a slice where it is an iceberg. */
  #leaveLots(listing: Listing, slot: number): void {
    const { orders } = this.state;
    const [leaves, shown, display] = [
      orders.leavesQtyLots[slot]!,
      orders.shownQtyLots[slot]!,
      orders.displayQtyLots[slot]!,
    ];
    if (orders.level[slot] !== NIL) {
      const side = listing.side(orders.side[slot]!);
      const showing = display === NONE ? leaves : Math.min(display, leaves);
      if (leaves === 0) side.remove(slot, shown);
      else if (showing < shown) side.reduce(slot, shown - showing);
      if (leaves > 0) orders.shownQtyLots[slot] = Math.min(shown, showing);
    }
    if (leaves === 0) this.working.end(slot);
  }
}
