/**
 * Exits of a plan following the fills of their entry; see `linked-orders.ts` for the rules.
 *
 * Fills are queued while an order is matched and followed after it, before the next triggered stop acts, so that no exit
 * comes into a book that is being matched. Each exit that is put to work, or grows, is told as restated.
 * Funds are checked then, not at entry: what the entry bought is there by then. Where they do not cover both exits (held
 * once, as counters do), the exits and what is left of the entry are canceled.
 * A trailing stop begins to trail at the price of this moment. Exits that are reduceOnly are cut to the position.
 */
import type { Gathering } from '../auction/gathering.js';
import { ROW } from '../exchange/event-buffer.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { isStop } from '../risk/terms-check.js';
import { BUY, CANCEL, ORD_TYPE, RESTATE, TRADING_STATUS } from '../values/codes.js';
import type { FollowedFill } from './links.js';
import type { Matcher } from './matcher.js';
import { nextState, RESTATE_ORDER } from './order-state.js';
import { ACTIVE, HELD, NIL, REDUCE_ONLY, TRIGGERED } from './order-table.js';
import type { StopArming } from './stop-arming.js';
import type { WorkingOrders } from './working-orders.js';

export class ExitRelease {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly arming: StopArming,
    private readonly gathering: Gathering,
  ) {}

  /** Lets the exits follow a fill. */
  follow({ firstExit, secondExit, lots }: FollowedFill): void {
    const { orders } = this.state;
    const exits = [firstExit, secondExit].filter((slot) => slot !== NIL && orders.isInUse(slot));
    const held = exits.map((slot) => orders.phase[slot] === HELD);
    for (const slot of exits) this.#resize(slot, lots);
    if (!this.#canHold(exits)) {
      this.working.cancel(exits[0]!, CANCEL.INSUFFICIENT_FUNDS);
      return;
    }
    // Let go before holding anew, so that the balance holds more than both need at no moment.
    for (const slot of exits) this.working.setHold(slot, 0);
    for (const slot of exits) this.working.linked.holdAnew(slot);
    for (const [index, slot] of exits.entries()) {
      if (!orders.isInUse(slot)) continue;
      if ((orders.flags[slot]! & REDUCE_ONLY) !== 0 && !this.working.reduceOnly.cutToPosition(slot)) continue;
      if (held[index]!) this.#begin(slot, this.working.listingOf(slot));
    }
  }

  /** Adds to an exit's quantity, or sets it where the exit begins to work; its hold is the caller's to bring up. */
  #resize(slot: number, lots: number): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    const before = orders.orderQtyLots[slot]!;
    const rests = orders.level[slot] !== NIL;
    if (orders.phase[slot] === HELD) {
      this.#wake(slot);
      orders.orderQtyLots[slot] = lots;
      orders.leavesQtyLots[slot] = lots;
    } else {
      if (rests) this.working.leaveBook(slot);
      orders.orderQtyLots[slot]! += lots;
      orders.leavesQtyLots[slot]! += lots;
    }
    orders.state[slot] = nextState(orders.state[slot]!, RESTATE_ORDER);
    events.order(ROW.ORDER_RESTATED, orders, slot, RESTATE.LINKED_ORDER, before - orders.orderQtyLots[slot]!);
    if (rests) this.working.rest(slot);
  }

  #wake(slot: number): void {
    const { state } = this;
    const { orders } = state;
    state.heldOrders -= 1;
    orders.phase[slot] = isStop(orders.ordType[slot]!) ? TRIGGERED : ACTIVE;
    if (orders.ordType[slot] !== ORD_TYPE.TRAILING_STOP) return;
    const listing = this.working.listingOf(slot);
    const trailed = listing.stops.trailedFrom(slot, listing.referencePxTicks);
    orders.stopPxTicks[slot] = Math.min(listing.maxPriceTicks, Math.max(listing.minPriceTicks, trailed));
  }

  #canHold(exits: readonly number[]): boolean {
    const { orders, ledger } = this.state;
    const [first] = exits;
    if (first === undefined) return true;
    const listing = this.working.listingOf(first);
    const asset = orders.side[first] === BUY ? listing.quoteAsset : listing.baseAsset;
    const needed = Math.max(...exits.map((slot) => this.working.ownHold(slot)));
    return needed <= ledger.availableOf(orders.account[first]!, asset) + this.working.linked.setAside(first);
  }

  #begin(slot: number, listing: Listing): void {
    const { orders } = this.state;
    if (orders.phase[slot] !== ACTIVE) {
      this.arming.arm(slot, listing);
      return;
    }
    // What an auction filled as the session ended waits for the next one.
    if (listing.status !== TRADING_STATUS.OPEN) {
      this.gathering.gather(slot, listing);
      return;
    }
    this.matcher.match(listing, slot, orders.priceTicks[slot]!);
    this.working.dispose(slot);
  }
}
