/**
 * What happens to an order outside of a trade: it rests, leaves the book, holds and releases funds, is canceled.
 *
 * Invariants: an order is in its account's list exactly while it rests or waits (oldest first, kept by a replace); what
 * an order holds is `neededHold` from acceptance to its end; a finished order has leaves 0, holds nothing,
 * and its slot is free once the command has ended.
 * Complexity: O(1) each.
 */
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import type { Account } from '../risk/account.js';
import { BUY, CANCEL, NONE, ORD_TYPE, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { LinkedOrders } from './linked-orders.js';
import { CANCEL_ORDER, EXPIRE, nextState, RESTATE_ORDER } from './order-state.js';
import type { OrderSteps } from './order-steps.js';
import { ACTIVE, GATHERED_MARKET, HELD, NIL, PLANNED, REDUCE_ONLY, UNLINKED, WAITING } from './order-table.js';
import { ReduceOnly } from './reduce-only.js';

/** Tells whether orders of this type trade at market, at once or once triggered, and never rest. */
export function endsAtMarket(ordType: number): boolean {
  return ordType === ORD_TYPE.MARKET || ordType === ORD_TYPE.STOP || ordType === ORD_TYPE.TRAILING_STOP;
}

export class WorkingOrders implements OrderSteps {
  readonly linked: LinkedOrders;
  readonly reduceOnly: ReduceOnly;
  /** Lets an order gather for the auction behind a halt; set once, by whoever builds the exchange. */
  gather: (slot: number, listing: Listing) => void = () => {};

  constructor(private readonly state: ExchangeState) {
    this.linked = new LinkedOrders(state, this);
    this.reduceOnly = new ReduceOnly(state, this);
  }

  listingOf(slot: number): Listing {
    return this.state.listings[this.state.orders.instrument[slot]!]!;
  }

  accountOf(slot: number): Account {
    return this.state.accounts[this.state.orders.account[slot]!]!;
  }

  /**
   * Returns the units that the order must hold for its leaves: base for a sell, quote with fee for a buy at its
   * price, or without one at its stop price while it waits for a trigger, at its protection price while it waits for an
   * auction; 0 for a buy at market, which pays from what is available and never rests. Orders of a plan share what they
   * hold.
   */
  neededHold(slot: number): number {
    const units = this.ownHold(slot);
    return (this.state.orders.flags[slot]! & PLANNED) === 0 ? units : this.linked.neededHold(slot, units);
  }

  /** As neededHold, for the order on its own. */
  ownHold(slot: number): number {
    const { orders } = this.state;
    const listing = this.listingOf(slot);
    const lots = orders.leavesQtyLots[slot]!;
    if (orders.side[slot] !== BUY) return lots * listing.baseUnitsPerLot;
    const priceTicks = orders.priceTicks[slot]!;
    if (priceTicks !== NONE) return listing.buyHold(priceTicks, lots);
    const phase = orders.phase[slot]!;
    if (phase === ACTIVE) return 0;
    return listing.buyHold(
      phase >= GATHERED_MARKET ? orders.protectionPxTicks[slot]! : orders.stopPxTicks[slot]!,
      lots,
    );
  }

  /** Brings what the order holds to the given units. */
  setHold(slot: number, units: number): void {
    const { orders, ledger } = this.state;
    orders.recorder.note(slot);
    const listing = this.listingOf(slot);
    const asset = orders.side[slot] === BUY ? listing.quoteAsset : listing.baseAsset;
    ledger.hold(orders.account[slot]!, asset, units - orders.heldUnits[slot]!);
    orders.heldUnits[slot] = units;
    this.follow(slot);
  }

  /** Counts the order's leaves among what limits see as open, where its account has limits. */
  follow(slot: number): void {
    const account = this.accountOf(slot);
    if (account.guard !== null) this.state.exposures.follow(account, slot);
  }

  /** Puts the order at the back of its level, and into its account's list where it is not there yet. */
  rest(slot: number): void {
    const { orders } = this.state;
    orders.recorder.note(slot);
    const leaves = orders.leavesQtyLots[slot]!;
    const display = orders.displayQtyLots[slot]!;
    const shown = display === NONE || display > leaves ? leaves : display;
    orders.shownQtyLots[slot] = shown;
    this.listingOf(slot).side(orders.side[slot]!).append(slot, shown);
    this.keep(slot);
  }

  /** Lets a stop wait: it counts as an open order, behind all that wait already. */
  park(slot: number): void {
    const { state } = this;
    state.orders.recorder.note(slot);
    state.trial.note(this.listingOf(slot));
    state.arrivalSequence += 1;
    state.orders.arrival[slot] = state.arrivalSequence;
    this.listingOf(slot).stops.add(slot);
    this.keep(slot);
  }

  /** Lets an exit of a plan wait for its entry: it counts as an open order. */
  holdBack(slot: number): void {
    this.state.orders.phase[slot] = HELD;
    this.state.heldOrders += 1;
    this.keep(slot);
  }

  /** Takes lots out of a working order, which keeps its place, and tells it. @param leavesLots above 0 and below its leaves */
  lower(slot: number, leavesLots: number, reason: number): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    const lots = orders.leavesQtyLots[slot]! - leavesLots;
    orders.leavesQtyLots[slot] = leavesLots;
    orders.orderQtyLots[slot]! -= lots;
    orders.state[slot] = nextState(orders.state[slot]!, RESTATE_ORDER);
    this.setHold(slot, this.neededHold(slot));
    events.order(ROW.ORDER_RESTATED, orders, slot, reason, lots);
    const shown = orders.shownQtyLots[slot]!;
    const listing = this.listingOf(slot);
    if (orders.level[slot] !== NIL && listing.auctionKind !== NONE) this.state.touchAuction(listing);
    if (orders.level[slot] === NIL || shown <= leavesLots) return;
    orders.shownQtyLots[slot] = leavesLots;
    listing.side(orders.side[slot]!).reduce(slot, shown - leavesLots);
  }

  /** Decides about what is left of an order after matching. */
  dispose(slot: number): void {
    const { orders } = this.state;
    // Self-trade prevention may have canceled the order already.
    if (!orders.isInUse(slot)) return;
    const timeInForce = orders.timeInForce[slot]!;
    const listing = this.listingOf(slot);
    if (orders.leavesQtyLots[slot] === 0) this.end(slot);
    else if (listing.status !== TRADING_STATUS.OPEN) this.#interrupt(slot, listing);
    else if (endsAtMarket(orders.ordType[slot]!)) this.cancel(slot, CANCEL.MARKET_REMAINDER);
    else if (timeInForce === TIME_IN_FORCE.IOC || timeInForce === TIME_IN_FORCE.FOK)
      this.cancel(slot, CANCEL.IOC_REMAINDER);
    else this.rest(slot);
  }

  /** A breaker halted the instrument while the order traded: what is left waits for the auction, or is canceled. */
  #interrupt(slot: number, listing: Listing): void {
    const { orders } = this.state;
    const timeInForce = orders.timeInForce[slot]!;
    const isImmediate = timeInForce === TIME_IN_FORCE.IOC || timeInForce === TIME_IN_FORCE.FOK;
    const waits = listing.haltQueues && !isImmediate && !endsAtMarket(orders.ordType[slot]!);
    if (waits) this.gather(slot, listing);
    else this.cancel(slot, CANCEL.CIRCUIT_BREAKER);
  }

  /** Ends a working order whose time has come. */
  expire(slot: number): void {
    this.#leave(slot, EXPIRE, ROW.ORDER_EXPIRED, NONE);
  }

  /** Puts the order into its account's list and among those that end by time, where it is not there yet. */
  keep(slot: number): void {
    const { orders, expiries } = this.state;
    if (orders.accountPrev[slot] === UNLINKED) {
      orders.linkLast(this.accountOf(slot), slot);
      if ((orders.flags[slot]! & REDUCE_ONLY) !== 0) this.state.reduceOnlyOrders += 1;
    }
    if (orders.dueUs[slot] !== NONE && orders.heapIndex[slot] === NIL) expiries.add(slot);
  }

  /** Takes a resting or waiting order out of its book; it stays in its account's list. */
  leaveBook(slot: number): void {
    const { orders } = this.state;
    if (orders.phase[slot] === WAITING) {
      this.state.trial.note(this.listingOf(slot));
      this.listingOf(slot).stops.remove(slot);
    } else if (orders.phase[slot]! >= GATHERED_MARKET) {
      this.state.trial.note(this.listingOf(slot));
      this.listingOf(slot).auction.remove(slot);
      this.state.touchAuction(this.listingOf(slot));
    }
    if (orders.phase[slot] === HELD) this.state.heldOrders -= 1;
    if (orders.level[slot] === NIL) return;
    this.listingOf(slot).side(orders.side[slot]!).remove(slot, orders.shownQtyLots[slot]!);
  }

  /** Ends a working order whose remainder leaves the market, and tells it. */
  cancel(slot: number, reason: number): void {
    this.#leave(slot, CANCEL_ORDER, ROW.ORDER_CANCELED, reason);
  }

  #leave(slot: number, transition: number, row: number, reason: number): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    const lots = orders.leavesQtyLots[slot]!;
    this.leaveBook(slot);
    orders.leavesQtyLots[slot] = 0;
    orders.state[slot] = nextState(orders.state[slot]!, transition);
    events.order(row, orders, slot, reason, lots);
    this.end(slot);
  }

  /** Lets go of a finished order: nothing held, in no list, its slot given back. */
  end(slot: number): void {
    const { orders } = this.state;
    this.setHold(slot, 0);
    this.state.expiries.remove(slot);
    if (orders.accountPrev[slot] !== UNLINKED) {
      orders.unlink(this.accountOf(slot), slot);
      if ((orders.flags[slot]! & REDUCE_ONLY) !== 0) this.state.reduceOnlyOrders -= 1;
    }
    orders.release(slot);
    if ((orders.flags[slot]! & PLANNED) !== 0) this.linked.afterEnd(slot);
  }
}
