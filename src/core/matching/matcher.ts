/**
 * Matching: an incoming order against the other side, best price first, first in first out within a price.
 *
 * Invariants: a trade happens at the resting order's price, never beyond the incoming order's limit; at rest no
 * bid reaches an ask; each trade moves exactly what it takes (buyer pays notional and fee, seller gets notional
 * less fee, the venue gets both fees), so nothing is created or lost; orders of one account trade with each other
 * only where the incoming order's self-trade prevention is NONE.
 * An iceberg trades its shown quantity, then goes to the back of its level with the next slice.
 * Complexity: O(1) for each resting order met.
 */
import type { Trips } from '../breaker/trips.js';
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { VENUE_ACCOUNT } from '../risk/account.js';
import { feeOf } from '../values/amount.js';
import { BUY, CANCEL, RESTATE, SELF_TRADE } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import type { BookSide } from './book-side.js';
import { FILL_ALL, FILL_PART, isWorking, nextState, RESTATE_ORDER } from './order-state.js';
import { NIL, PLANNED, TRIGGERED } from './order-table.js';
import type { WorkingOrders } from './working-orders.js';

export class Matcher {
  /** Results of the last `probe`: lots that would trade, and their notional in quote units. */
  probedLots = 0;
  probedUnits = 0;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly trips: Trips,
  ) {}

  /**
   * Trades a working order until it is finished, nothing within its limit is left, or its next trade trips a breaker.
   * @param limitTicks worst price that it accepts
   */
  match(listing: Listing, taker: number, limitTicks: number): void {
    const { orders, levels } = this.state;
    const makers = listing.side(1 - orders.side[taker]!);
    const limitKey = limitTicks * makers.sign;
    const account = orders.account[taker]!;
    const prevention = orders.selfTradePrevention[taker]!;
    const guard = listing.tradeGuard;
    if (guard !== null) this.trips.refresh(listing);
    while (isWorking(orders.state[taker]!)) {
      const level = makers.best;
      if (level === NIL || levels.key[level]! < limitKey) return;
      const maker = levels.head[level]!;
      if (prevention !== SELF_TRADE.NONE && orders.account[maker] === account) {
        this.#preventSelfTrade(makers, maker, taker, prevention);
        continue;
      }
      const priceTicks = makers.priceOf(level);
      if (guard?.forbids(priceTicks)) {
        this.trips.trip(listing, priceTicks);
        return;
      }
      const lots = Math.min(orders.leavesQtyLots[taker]!, orders.shownQtyLots[maker]!);
      this.#trade(listing, makers, maker, taker, priceTicks, lots);
      if (orders.leavesQtyLots[taker] === 0) return;
    }
  }

  /**
   * Works out what an order would trade, changing nothing: `probedLots` up to `lots`, `probedUnits` their notional.
   *
   * Own resting orders: counted under NONE, passed over under CANCEL_OLDEST, the end of the walk under CANCEL_NEWEST
   * and CANCEL_BOTH. Under DECREMENT they are passed over (`decrementStops` false: the most that could trade) or end
   * the walk (true: what trades for certain without any decrement).
   * With `decrementStops`, which asks what is certain, prices at which a circuit breaker would trip do not count.
   */
  probe(
    listing: Listing,
    side: number,
    account: number,
    prevention: number,
    limitTicks: number,
    lots: number,
    decrementStops: boolean,
  ): void {
    const { levels } = this.state;
    const makers = listing.side(1 - side);
    const limitKey = this.#reach(listing, side, limitTicks, decrementStops) * makers.sign;
    const ownStops =
      prevention === SELF_TRADE.CANCEL_NEWEST ||
      prevention === SELF_TRADE.CANCEL_BOTH ||
      (prevention === SELF_TRADE.DECREMENT && decrementStops);
    const own = prevention === SELF_TRADE.NONE ? NIL : account;
    this.probedLots = 0;
    this.probedUnits = 0;
    for (let level = makers.best; level !== NIL && levels.key[level]! >= limitKey; ) {
      const before = this.probedLots;
      const reachedOwn = this.#probeLevel(level, own, ownStops, lots);
      this.probedUnits += listing.notional(makers.priceOf(level), this.probedLots - before);
      if (reachedOwn || this.probedLots === lots) return;
      level = makers.below(levels.key[level]!);
    }
  }

  #reach(listing: Listing, side: number, limitTicks: number, isCertain: boolean): number {
    const { tradeGuard } = listing;
    if (tradeGuard === null || !isCertain) return limitTicks;
    this.trips.refresh(listing);
    return tradeGuard.limitFor(side === BUY, limitTicks);
  }

  /** Adds what one level gives; true when an own order ends the walk. Hidden slices come after all shown ones. */
  #probeLevel(level: number, own: number, ownStops: boolean, lots: number): boolean {
    const { orders, levels } = this.state;
    let hidden = 0;
    for (let slot = levels.head[level]!; slot !== NIL && this.probedLots < lots; slot = orders.next[slot]!) {
      if (orders.account[slot] === own) {
        if (ownStops) return true;
        continue;
      }
      const shown = orders.shownQtyLots[slot]!;
      hidden += orders.leavesQtyLots[slot]! - shown;
      this.probedLots = Math.min(lots, this.probedLots + shown);
    }
    this.probedLots = Math.min(lots, this.probedLots + hidden);
    return false;
  }

  #trade(listing: Listing, makers: BookSide, maker: number, taker: number, priceTicks: number, lots: number): void {
    const { state } = this;
    const { orders } = state;
    const notional = listing.notional(priceTicks, lots);
    const makerFee = feeOf(notional, listing.makerFeePpm);
    const takerFee = feeOf(notional, listing.takerFeePpm);
    const isPlanned = ((orders.flags[maker]! | orders.flags[taker]!) & PLANNED) !== 0;
    if (isPlanned) this.working.linked.beforeTrade(maker, taker);
    this.#advance(maker, lots, notional);
    this.#advance(taker, lots, notional);
    const takerSide = orders.side[taker]!;
    if (takerSide === BUY) this.settle(listing, taker, takerFee, maker, makerFee, priceTicks, lots);
    else this.settle(listing, maker, makerFee, taker, takerFee, priceTicks, lots);
    state.trial.note(listing);
    listing.lastPxTicks = priceTicks;
    listing.tradeGuard?.note(priceTicks, state.timeUs);
    state.tradeSequence += 1;
    state.events.trade(orders, state.tradeSequence, priceTicks, lots, takerSide, maker, makerFee, taker, takerFee);
    if (listing.stops.count > 0) this.triggerAt(listing, priceTicks);
    this.#takeShown(makers, maker, lots);
    if (orders.leavesQtyLots[maker] === 0) this.working.end(maker);
    if (isPlanned) this.working.linked.afterTrade(maker, taker, lots);
    if (state.reduceOnlyOrders !== 0) {
      this.working.reduceOnly.followPosition(orders.account[maker]!, listing.index);
      this.working.reduceOnly.followPosition(orders.account[taker]!, listing.index);
    }
  }

  /** Queues a stop that a trade at this price triggered. */
  queueTriggered(slot: number, priceTicks: number): void {
    const { orders, triggered, triggerPxTicks } = this.state;
    orders.recorder.note(slot);
    orders.phase[slot] = TRIGGERED;
    triggered.push(slot);
    triggerPxTicks.push(priceTicks);
  }

  /** Queues the stops that a trade at this price triggers; trails the others. */
  triggerAt(listing: Listing, priceTicks: number): void {
    const { orders, triggered, triggerPxTicks } = this.state;
    listing.stops.collect(priceTicks, triggered);
    for (let index = triggerPxTicks.length; index < triggered.length; index += 1) {
      orders.recorder.note(triggered[index]!);
      orders.phase[triggered[index]!] = TRIGGERED;
      triggerPxTicks.push(priceTicks);
    }
  }

  /** Moves money and base between buyer, seller and venue, and releases what the trade used of their holds. */
  settle(
    listing: Listing,
    buyer: number,
    buyerFee: number,
    seller: number,
    sellerFee: number,
    priceTicks: number,
    lots: number,
  ): void {
    const { orders, ledger, positions } = this.state;
    const notional = listing.notional(priceTicks, lots);
    const base = lots * listing.baseUnitsPerLot;
    const buyerAccount = orders.account[buyer]!;
    const sellerAccount = orders.account[seller]!;
    ledger.releaseAndPay(buyerAccount, listing.quoteAsset, this.#released(buyer), notional + buyerFee);
    ledger.releaseAndPay(sellerAccount, listing.baseAsset, this.#released(seller), base);
    ledger.move(buyerAccount, listing.baseAsset, base);
    ledger.move(sellerAccount, listing.quoteAsset, notional - sellerFee);
    ledger.move(VENUE_ACCOUNT, listing.quoteAsset, buyerFee + sellerFee);
    const unitsPerLot = priceTicks * listing.unitsPerTickLot;
    positions.trade(buyerAccount, listing.index, lots, unitsPerLot, buyerFee);
    positions.trade(sellerAccount, listing.index, -lots, unitsPerLot, sellerFee);
    this.working.follow(buyer);
    this.working.follow(seller);
  }

  /** Lowers the order's hold to what its leaves need and returns the difference. */
  #released(slot: number): number {
    const { orders } = this.state;
    const held = orders.heldUnits[slot]!;
    const needed = this.working.neededHold(slot);
    orders.heldUnits[slot] = needed;
    return held - needed;
  }

  #advance(slot: number, lots: number, notional: number): void {
    const { orders } = this.state;
    orders.recorder.note(slot);
    const leaves = orders.leavesQtyLots[slot]! - lots;
    if (leaves < 0) throw new InvariantError(`order ${orders.idOf(slot)} would trade more than its leaves`);
    orders.leavesQtyLots[slot] = leaves;
    orders.cumQtyLots[slot]! += lots;
    orders.cumNotionalUnits[slot]! += notional;
    orders.state[slot] = nextState(orders.state[slot]!, leaves === 0 ? FILL_ALL : FILL_PART);
  }

  /** Takes lots off the shown quantity of a resting order; an emptied slice is refilled at the back of the level. */
  #takeShown(makers: BookSide, maker: number, lots: number): void {
    const { orders } = this.state;
    const shown = orders.shownQtyLots[maker]!;
    if (lots < shown) {
      orders.shownQtyLots[maker] = shown - lots;
      makers.reduce(maker, lots);
      return;
    }
    makers.remove(maker, shown);
    if (orders.leavesQtyLots[maker]! > 0) this.working.rest(maker);
  }

  /** Applies the incoming order's mode to it and the own resting order that it met. */
  #preventSelfTrade(makers: BookSide, maker: number, taker: number, prevention: number): void {
    const { orders } = this.state;
    if (prevention === SELF_TRADE.DECREMENT) {
      const lots = Math.min(orders.leavesQtyLots[taker]!, orders.shownQtyLots[maker]!);
      this.#decrement(maker, lots, makers);
      this.#decrement(taker, lots, null);
      return;
    }
    if (prevention !== SELF_TRADE.CANCEL_NEWEST) this.working.cancel(maker, CANCEL.SELF_TRADE);
    if (prevention !== SELF_TRADE.CANCEL_OLDEST) this.working.cancel(taker, CANCEL.SELF_TRADE);
  }

  /** Takes lots out of an order; where nothing is left it is canceled, otherwise restated. */
  #decrement(slot: number, lots: number, side: BookSide | null): void {
    const { orders, events } = this.state;
    if (orders.leavesQtyLots[slot] === lots) {
      this.working.cancel(slot, CANCEL.SELF_TRADE);
      return;
    }
    orders.recorder.note(slot);
    const leaves = orders.leavesQtyLots[slot]! - lots;
    orders.leavesQtyLots[slot] = leaves;
    orders.orderQtyLots[slot]! -= lots;
    orders.state[slot] = nextState(orders.state[slot]!, RESTATE_ORDER);
    this.working.setHold(slot, this.working.neededHold(slot));
    events.order(ROW.ORDER_RESTATED, orders, slot, RESTATE.SELF_TRADE, lots);
    if (side !== null) this.#takeShown(side, slot, lots);
  }
}
