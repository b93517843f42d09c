/**
 * Moves instruments from phase to phase: what gathers, what trades and what ends on the way.
 *
 * Into OPEN: what was gathered uncrosses; what can't wait any longer ends (MARKET remainders are canceled, AT_THE_OPEN
 * orders expire); the phase changes; then all waiting stops are held against the last price and those that are due act,
 * the oldest first.
 * Into CLOSED: a closing auction uncrosses, and so does an intraday or reopening one, which then becomes the closing one;
 * an opening auction is called off. MARKET, AT_THE_OPEN and AT_THE_CLOSE orders end, the phase changes, DAY orders expire.
 * reduceOnly orders that rest are canceled before an auction, or an uncross.
 * Into HALTED: nothing trades and nothing ends; a closing auction is interrupted, its AT_THE_CLOSE orders wait again.
 *
 * Circuit breakers halt by themselves (`../breaker`); `startAuction` begins the auction behind a halt (REOPENING once the
 * session has opened), `open` ends it. Every other move ends what a breaker had still to do.
 */
import { dayEndUs, type Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { heldSlots, slotsOf } from '../exchange/state-image.js';
import { ACTIVE, REDUCE_ONLY } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import { AUCTION_KIND, CANCEL, memberOf, NONE, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { AUCTION_KINDS, TRADING_STATUSES } from '../values/vocabulary.js';
import { type Equilibrium, NO_EQUILIBRIUM } from './auction-book.js';
import { enterPhase } from './enter-phase.js';
import { findEquilibrium } from './equilibrium.js';
import type { Gathering } from './gathering.js';
import { phaseAction } from './trading-phase.js';
import type { Uncross } from './uncross.js';

const { AUCTION, OPEN, HALTED, CLOSED } = TRADING_STATUS;
const { OPENING, INTRADAY, REOPENING, CLOSING } = AUCTION_KIND;
const { DAY, AT_THE_OPEN, AT_THE_CLOSE } = TIME_IN_FORCE;

export class Phases {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly gathering: Gathering,
    private readonly uncross: Uncross,
    private readonly stops: StopTrigger,
  ) {}

  /**
   * Moves an instrument to a phase, or tells the present one again with another reason.
   * @param kind kind of auction to begin; NONE = what `startAuction` takes by itself
   * @returns why the move is not allowed, one sentence; null when it is done
   */
  move(listing: Listing, status: number, kind: number, reason: string): string | null {
    const action = phaseAction(listing, status);
    if (action === null) {
      const from = memberOf(TRADING_STATUSES, listing.status);
      return `An instrument can't go from ${from} to ${memberOf(TRADING_STATUSES, status)} within a session; close it first.`;
    }
    if (action === 'START') return this.startAuction(listing, kind, reason);
    if (action === 'OPEN') this.open(listing, reason);
    else if (action === 'CLOSE') this.close(listing, reason);
    else if (action === 'HALT' || status === HALTED) this.halt(listing, false, reason);
    else this.#tell(listing, status, listing.auctionKind, reason);
    return null;
  }

  /**
   * Stops trading at once; from HALTED it changes only whether orders are taken.
   * @param queues true: orders are taken and gather for the auction that follows; false: they are refused
   */
  halt(listing: Listing, queues: boolean, reason: string): void {
    if (listing.auctionKind === CLOSING) {
      this.gathering.stepBack(listing, this.#resting(listing));
    }
    enterPhase(this.state, listing, { status: HALTED, kind: NONE, reason, queues, keepsHalt: false });
  }

  /**
   * Begins an auction.
   * @param kind NONE: OPENING before the session has opened, afterwards REOPENING from HALTED and INTRADAY from OPEN
   * @param keepsHalt as in PhaseEntry
   * @returns why the kind does not fit, one sentence; null when it has begun
   */
  startAuction(listing: Listing, kind: number, reason: string, keepsHalt = false): string | null {
    const usual = !listing.hasOpened ? OPENING : listing.status === HALTED ? REOPENING : INTRADAY;
    const chosen = kind === NONE ? usual : kind;
    if ((chosen === OPENING) === listing.hasOpened) {
      return listing.hasOpened
        ? 'The session has opened already; its next auction is INTRADAY, REOPENING or CLOSING.'
        : 'The session has not opened yet; its first auction is the OPENING one.';
    }
    this.#endReduceOnly(listing);
    enterPhase(this.state, listing, { status: AUCTION, kind: chosen, reason, queues: false, keepsHalt });
    this.#noteIcebergs(listing);
    if (chosen === CLOSING) this.gathering.joinClose(listing);
    return null;
  }

  /** Uncrosses what was gathered and opens continuous trading. */
  open(listing: Listing, reason: string): void {
    const kind = listing.auctionKind !== NONE ? listing.auctionKind : listing.hasOpened ? REOPENING : OPENING;
    this.#endReduceOnly(listing);
    this.#noteIcebergs(listing);
    const result = this.uncross.run(listing);
    if (listing.status === AUCTION || result.qtyLots > 0) this.#tellResult(listing, kind, result);
    this.#endMarketOrders(listing, CANCEL.MARKET_REMAINDER);
    this.#expireResting(listing, AT_THE_OPEN);
    this.#tell(listing, OPEN, NONE, reason);
    listing.hasOpened = true;
    listing.tradeGuard?.reopen(listing.referencePxTicks, this.state.timeUs);
    this.stops.release(listing);
  }

  /** Ends the session. */
  close(listing: Listing, reason: string): void {
    const isAuction = listing.status === AUCTION;
    const uncrosses = isAuction && listing.auctionKind !== OPENING;
    if (uncrosses) {
      this.#endReduceOnly(listing);
      this.#noteIcebergs(listing);
      this.gathering.joinClose(listing);
      this.#tellResult(listing, CLOSING, this.uncross.run(listing));
    } else if (isAuction) {
      this.#tellResult(listing, OPENING, NO_EQUILIBRIUM);
    }
    this.#endMarketOrders(listing, uncrosses ? CANCEL.MARKET_REMAINDER : CANCEL.SESSION_CLOSE);
    this.#expireResting(listing, AT_THE_OPEN);
    this.#expireResting(listing, AT_THE_CLOSE);
    this.#expireAll([...listing.auction.awaitingClose], AT_THE_CLOSE);
    this.#tell(listing, CLOSED, NONE, reason);
    listing.hasOpened = false;
    // Exits of plans whose entries the closing auction filled.
    this.stops.drain();
    this.#expireResting(listing, DAY);
    this.#expireAll([...listing.stops.slots(), ...this.#held(listing)], DAY);
  }

  /** Gives the DAY orders the end that the instrument's calendar, or the lack of one, gives them. */
  redateDayOrders(listing: Listing): void {
    const { orders, expiries, timeUs } = this.state;
    const { marketBuys, marketSells } = listing.auction;
    for (const slot of [
      ...this.#resting(listing),
      ...marketBuys,
      ...marketSells,
      ...listing.stops.slots(),
      ...this.#held(listing),
    ]) {
      if (orders.timeInForce[slot] !== DAY) continue;
      expiries.remove(slot);
      orders.dueUs[slot] = dayEndUs(listing, timeUs);
      if (orders.dueUs[slot] !== NONE) expiries.add(slot);
    }
  }

  /** Tells the indicatives that the present command changed; to be called once, when all of it is done. */
  tellIndicatives(): void {
    const { state } = this;
    const touched = state.touchedAuctions.splice(0).sort((a, b) => a.index - b.index);
    for (const listing of touched) {
      const { auction } = listing;
      auction.isTouched = false;
      if (listing.status !== AUCTION) continue;
      const now = findEquilibrium(state, listing);
      const { told } = auction;
      const isSame =
        now.priceTicks === told.priceTicks && now.qtyLots === told.qtyLots && now.imbalanceLots === told.imbalanceLots;
      if (isSame) continue;
      auction.told = now;
      state.events.body({ type: 'AuctionIndicative', instrument: listing.index, ...bodyOf(listing.auctionKind, now) });
    }
  }

  #tell(listing: Listing, status: number, kind: number, reason: string): void {
    enterPhase(this.state, listing, { status, kind, reason, queues: false, keepsHalt: false });
  }

  #tellResult(listing: Listing, kind: number, result: Equilibrium): void {
    this.state.events.body({ type: 'AuctionEnded', instrument: listing.index, ...bodyOf(kind, result) });
  }

  /** Ends the gathered MARKET orders: the filled ones have ended already. */
  #endMarketOrders(listing: Listing, reason: number): void {
    const { orders } = this.state;
    const { marketBuys, marketSells } = listing.auction;
    for (const slot of [...marketBuys.splice(0), ...marketSells.splice(0)]) {
      if (!orders.isInUse(slot)) continue;
      orders.phase[slot] = ACTIVE;
      if (orders.timeInForce[slot]! >= AT_THE_OPEN) this.working.expire(slot);
      else this.working.cancel(slot, reason);
    }
  }

  #expireResting(listing: Listing, timeInForce: number): void {
    this.#expireAll(this.#resting(listing), timeInForce);
  }

  /** The end of one order may end others that it is linked to. */
  #expireAll(slots: readonly number[], timeInForce: number): void {
    const { orders } = this.state;
    for (const slot of slots) {
      if (orders.isInUse(slot) && orders.timeInForce[slot] === timeInForce) this.working.expire(slot);
    }
  }

  /** reduceOnly orders have no part in auctions, where several of one account could fill at once. */
  #endReduceOnly(listing: Listing): void {
    const { orders, reduceOnlyOrders } = this.state;
    if (reduceOnlyOrders === 0) return;
    for (const slot of this.#resting(listing)) {
      const isReduceOnly = orders.isInUse(slot) && (orders.flags[slot]! & REDUCE_ONLY) !== 0;
      if (isReduceOnly) this.working.cancel(slot, CANCEL.REDUCE_ONLY);
    }
  }

  #held(listing: Listing): number[] {
    return heldSlots(this.state).filter((slot) => this.state.orders.instrument[slot] === listing.index);
  }

  #resting(listing: Listing): number[] {
    return [...slotsOf(this.state, listing.bids), ...slotsOf(this.state, listing.asks)];
  }

  #noteIcebergs(listing: Listing): void {
    noteIcebergs(this.state, listing);
  }
}

/** Finds the resting icebergs, which an auction counts with their whole quantity. */
export function noteIcebergs(state: ExchangeState, listing: Listing): void {
  const { orders } = state;
  const { icebergs } = listing.auction;
  icebergs.clear();
  for (const side of [listing.bids, listing.asks]) {
    for (const slot of slotsOf(state, side)) {
      if (orders.shownQtyLots[slot]! < orders.leavesQtyLots[slot]!) icebergs.add(slot);
    }
  }
}

/** An equilibrium as events tell it. */
export function bodyOf(kind: number, { priceTicks, qtyLots, imbalanceLots }: Equilibrium) {
  return {
    auction: memberOf(AUCTION_KINDS, kind),
    priceTicks: priceTicks === NONE ? null : priceTicks,
    qtyLots,
    imbalanceLots,
  };
}
