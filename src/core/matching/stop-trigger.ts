/**
 * Stops from their entry to their trigger, and what they do then.
 *
 * Trades trigger stops while an order is matched; the triggered ones act after it, within the same command, one
 * after the other: in the order of the trades that triggered them, those of one trade in the order of their entry.
 * What they trade may trigger further stops, which queue behind (a cascade).
 * A triggered STOP or TRAILING_STOP is a MARKET order within the collar of that moment: its remainder is canceled.
 * A buy of these holds its stop price's cost while it waits; where the book then costs more than that and what is
 * available, it is canceled as INSUFFICIENT_FUNDS. A triggered STOP_LIMIT is a LIMIT order at its price.
 * Where a circuit breaker halts the instrument on the way, those that have not acted wait again in their old places.
 * A reduceOnly stop is cut down to the position when it is triggered, and canceled where there is none.
 */
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { highestPrice, lowestPrice } from '../risk/collar.js';
import type { Margin } from '../risk/margin.js';
import { MarginCheck } from '../risk/margin-check.js';
import { BUY, CANCEL, NONE, RESTATE, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { Matcher } from './matcher.js';
import { nextState, RESTATE_ORDER, TRIGGER } from './order-state.js';
import { ACTIVE, REDUCE_ONLY, TRIGGERED, UNLINKED, WAITING } from './order-table.js';
import { endsAtMarket, type WorkingOrders } from './working-orders.js';

export class StopTrigger {
  readonly #marginCheck: MarginCheck;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly margin: Margin,
  ) {
    this.#marginCheck = new MarginCheck(state, margin);
  }

  /** Lets an accepted stop wait, or queues it where the last trade triggers it already and the instrument is open. */
  arm(slot: number, listing: Listing): void {
    const { orders } = this.state;
    orders.phase[slot] = WAITING;
    const isOpen = listing.status === TRADING_STATUS.OPEN;
    if (isOpen && listing.lastPxTicks !== NONE && listing.stops.isDue(slot, listing.lastPxTicks)) {
      this.matcher.queueTriggered(slot, listing.lastPxTicks);
    } else {
      this.working.park(slot);
    }
  }

  /** Holds all waiting stops of an instrument that opens against its last price, and lets those act that are due. */
  release(listing: Listing): void {
    if (listing.lastPxTicks === NONE || listing.stops.count === 0) return;
    this.matcher.triggerAt(listing, listing.lastPxTicks);
    this.drain();
  }

  /** Lets every queued stop act, cascades included. */
  drain(): void {
    const { orders, triggered, triggerPxTicks } = this.state;
    if (triggered.length === 0) return;
    // The lists grow while the loop runs.
    for (let index = 0; index < triggered.length; index += 1) {
      const slot = triggered[index]!;
      if (!orders.isInUse(slot) || orders.phase[slot] !== TRIGGERED) continue;
      const listing = this.working.listingOf(slot);
      if (listing.status === TRADING_STATUS.OPEN) this.#activate(slot, triggerPxTicks[index]!);
      else this.#waitAgain(slot, listing);
    }
    triggered.length = 0;
    triggerPxTicks.length = 0;
  }

  /** Lets a triggered stop wait again; one that came in due has not waited before. */
  #waitAgain(slot: number, listing: Listing): void {
    const { orders, trial } = this.state;
    orders.recorder.note(slot);
    orders.phase[slot] = WAITING;
    if (orders.accountPrev[slot] === UNLINKED) {
      this.working.park(slot);
      return;
    }
    trial.note(listing);
    listing.stops.add(slot);
  }

  #activate(slot: number, triggerPx: number): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    orders.phase[slot] = ACTIVE;
    orders.state[slot] = nextState(orders.state[slot]!, TRIGGER);
    events.order(ROW.ORDER_TRIGGERED, orders, slot, triggerPx, NONE);
    if ((orders.flags[slot]! & REDUCE_ONLY) !== 0 && !this.#cutToPosition(slot)) return;
    const listing = this.working.listingOf(slot);
    const limit = this.#limitOf(slot, listing);
    if (!this.#canPay(slot, listing, limit)) {
      this.working.cancel(slot, CANCEL.INSUFFICIENT_FUNDS);
      return;
    }
    if (orders.timeInForce[slot] === TIME_IN_FORCE.FOK && !this.#isFillable(slot, listing, limit)) {
      this.working.cancel(slot, CANCEL.IOC_REMAINDER);
      return;
    }
    this.working.setHold(slot, this.working.neededHold(slot));
    this.matcher.match(listing, slot, limit);
    this.working.dispose(slot);
  }

  #limitOf(slot: number, listing: Listing): number {
    const { orders } = this.state;
    if (!endsAtMarket(orders.ordType[slot]!)) return orders.priceTicks[slot]!;
    const account = this.working.accountOf(slot);
    const bound = orders.side[slot] === BUY ? highestPrice : lowestPrice;
    return bound(account, listing, listing.referencePxTicks);
  }

  /** Sells hold their base already, a STOP_LIMIT what its price takes. */
  #canPay(slot: number, listing: Listing, limit: number): boolean {
    const { orders, ledger } = this.state;
    if (this.working.accountOf(slot).kind === 'MARGIN') return this.#hasMargin(slot, listing, limit);
    if (orders.side[slot] !== BUY || !endsAtMarket(orders.ordType[slot]!)) return true;
    this.#probe(slot, listing, limit, false);
    const { probedUnits } = this.matcher;
    const available = ledger.availableOf(orders.account[slot]!, listing.quoteAsset) + orders.heldUnits[slot]!;
    return probedUnits + floorPpm(probedUnits, listing.takerFeePpm) <= available;
  }

  /** Weighs the pool again: while the stop waited its loss against the mark did not count. */
  #hasMargin(slot: number, listing: Listing, limit: number): boolean {
    const { orders } = this.state;
    const side = orders.side[slot]!;
    const heldUnits = orders.heldUnits[slot]!;
    let lots = orders.leavesQtyLots[slot]!;
    let neededUnits = heldUnits;
    let costUnits = this.margin.costOf(listing, side, limit, lots, false);
    if (endsAtMarket(orders.ordType[slot]!)) {
      this.#probe(slot, listing, limit, false);
      const { probedLots, probedUnits } = this.matcher;
      lots = probedLots;
      costUnits = this.margin.marketCostOf(listing, side, probedLots, probedUnits);
      if (side === BUY) neededUnits = probedUnits + floorPpm(probedUnits, listing.takerFeePpm);
    }
    const proposal = { listing, side, lots, neededUnits, costUnits, replacedSlot: slot, heldUnits };
    return !this.#marginCheck.refuses(orders.account[slot]!, proposal);
  }

  #isFillable(slot: number, listing: Listing, limit: number): boolean {
    this.#probe(slot, listing, limit, true);
    return this.matcher.probedLots === this.state.orders.leavesQtyLots[slot];
  }

  #probe(slot: number, listing: Listing, limit: number, decrementStops: boolean): void {
    const { orders } = this.state;
    const side = orders.side[slot]!;
    const account = orders.account[slot]!;
    const mode = orders.selfTradePrevention[slot]!;
    this.matcher.probe(listing, side, account, mode, limit, orders.leavesQtyLots[slot]!, decrementStops);
  }

  /** Lowers the order to what the position can lose; false where that is nothing and the order is canceled. */
  #cutToPosition(slot: number): boolean {
    const { orders, events, positions } = this.state;
    const closable = positions.closableBy(orders.account[slot]!, orders.instrument[slot]!, orders.side[slot]!);
    const excess = orders.leavesQtyLots[slot]! - closable;
    if (excess <= 0) return true;
    if (closable === 0) {
      this.working.cancel(slot, CANCEL.REDUCE_ONLY);
      return false;
    }
    orders.leavesQtyLots[slot] = closable;
    orders.orderQtyLots[slot]! -= excess;
    orders.state[slot] = nextState(orders.state[slot]!, RESTATE_ORDER);
    events.order(ROW.ORDER_RESTATED, orders, slot, RESTATE.REDUCE_ONLY, excess);
    return true;
  }
}
