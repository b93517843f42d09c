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
import type { Gathering } from '../auction/gathering.js';
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { highestPrice, lowestPrice } from '../risk/collar.js';
import type { Margin } from '../risk/margin.js';
import { MarginCheck } from '../risk/margin-check.js';
import { BUY, CANCEL, NONE, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import { ExitRelease } from './exit-release.js';
import type { Matcher } from './matcher.js';
import { nextState, TRIGGER } from './order-state.js';
import { ACTIVE, PLANNED, REDUCE_ONLY, TRIGGERED, UNLINKED, WAITING } from './order-table.js';
import { StopArming } from './stop-arming.js';
import { endsAtMarket, type WorkingOrders } from './working-orders.js';

export class StopTrigger {
  readonly #marginCheck: MarginCheck;
  readonly #exits: ExitRelease;
  readonly #arming: StopArming;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly margin: Margin,
    gathering: Gathering,
  ) {
    this.#marginCheck = new MarginCheck(state, margin);
    this.#arming = new StopArming(state, working, matcher);
    this.#exits = new ExitRelease(state, working, matcher, this.#arming, gathering);
  }

  /** Lets an accepted stop wait, or queues it where the last trade triggers it already and the instrument is open. */
  arm(slot: number, listing: Listing): void {
    this.#arming.arm(slot, listing);
  }

  /** Holds all waiting stops of an instrument that opens against its last price, and lets those act that are due. */
  release(listing: Listing): void {
    if (listing.lastPxTicks !== NONE && listing.stops.count > 0) this.matcher.triggerAt(listing, listing.lastPxTicks);
    this.drain();
  }

  /** Lets every queued stop act, cascades included, and before each of them the exits that have a fill to follow. */
  drain(): void {
    const { orders, triggered, triggerPxTicks, followed } = this.state;
    if (triggered.length === 0 && followed.length === 0) return;
    // The lists grow while the loop runs.
    for (let index = 0; ; ) {
      for (let fill = followed.shift(); fill !== undefined; fill = followed.shift()) this.#exits.follow(fill);
      if (index === triggered.length) break;
      const slot = triggered[index]!;
      const triggerPx = triggerPxTicks[index]!;
      index += 1;
      if (!orders.isInUse(slot) || orders.phase[slot] !== TRIGGERED) continue;
      const listing = this.working.listingOf(slot);
      if (listing.status === TRADING_STATUS.OPEN) this.#activate(slot, triggerPx);
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
    if ((orders.flags[slot]! & PLANNED) !== 0) this.working.linked.afterTrigger(slot);
    if ((orders.flags[slot]! & REDUCE_ONLY) !== 0 && !this.working.reduceOnly.cutToPosition(slot)) return;
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
}
