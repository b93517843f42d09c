/**
 * What the orders of a plan do to each other, within the command in which it happens.
 *
 * The rules, for an entry with its exits (OTO, bracket) and for two counters (OCO, the exits of a bracket):
 * - An exit waits, holding nothing, until its entry trades; it then works for what the entry has filled, and grows with
 *   each further fill (`exit-release.ts`). A resting exit that grows goes to the back of its queue.
 * - The first trade of an exit cancels what is left of its entry: who gets out does not go on getting in.
 * - What one of two counters fills, the other loses at once, before the next match. A stop that is triggered takes its
 *   counter, and what is left of its entry, out of the market before it acts. So of one plan no two orders ever rest that
 *   could fill for the same lots, in an auction neither.
 * - An exit or counter that ends, however it does, takes its counter and what is left of its entry with it.
 * - An entry that ends without a fill takes its exits with it; one that has filled leaves them what it filled.
 * - Lots that self-trade prevention or reduceOnly take out of one leg are no fills: the others stay as they are.
 *
 * Counters stand on one side, so that they never trade with each other, and hold funds once: the leading one in full, the
 * other what it needs beyond that. Whichever trades, or is replaced, takes the lead.
 * Complexity: O(1) each; a plan has three orders at most.
 */
import type { ExchangeState } from '../exchange/state.js';
import { CANCEL, RESTATE } from '../values/codes.js';
import type { OrderSteps } from './order-steps.js';
import { HELD, NIL, PLANNED } from './order-table.js';

export class LinkedOrders {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: OrderSteps,
  ) {}

  /** Returns what an order of a plan must hold, of `units` that it would need on its own. */
  neededHold(slot: number, units: number): number {
    const { orders } = this.state;
    if (orders.phase[slot] === HELD) return 0;
    const counter = orders.links.counterOf(slot);
    if (counter === NIL || orders.links.isLeading(slot)) return units;
    return Math.max(0, units - this.working.ownHold(counter));
  }

  /** Units that the order's account has set aside for it: what it holds, and what its counter holds in its place. */
  setAside(slot: number): number {
    const { orders } = this.state;
    const counter = orders.links.counterOf(slot);
    return orders.heldUnits[slot]! + (counter === NIL ? 0 : orders.heldUnits[counter]!);
  }

  /** Lets the order hold in full and its counter the rest. */
  lead(slot: number): void {
    const { links } = this.state.orders;
    const counter = links.counterOf(slot);
    if (counter === NIL || links.isLeading(slot)) return;
    links.lead(slot, counter);
    // Down before up, so that the balance holds both at no moment.
    this.holdAnew(counter);
    this.holdAnew(slot);
  }

  holdAnew(slot: number): void {
    this.working.setHold(slot, this.working.neededHold(slot));
  }

  /** Before an order whose terms change holds by them: its counter lets go, to hold anew after it. */
  releaseCounter(slot: number): void {
    this.lead(slot);
    const counter = this.state.orders.links.counterOf(slot);
    if (counter !== NIL) this.working.setHold(counter, 0);
  }

  holdCounter(slot: number): void {
    const counter = this.state.orders.links.counterOf(slot);
    if (counter !== NIL) this.holdAnew(counter);
  }

  /** To be called before a trade settles in which one of the two is of a plan. */
  beforeTrade(maker: number, taker: number): void {
    const { flags } = this.state.orders;
    if ((flags[maker]! & PLANNED) !== 0) this.lead(maker);
    if ((flags[taker]! & PLANNED) !== 0) this.lead(taker);
  }

  /** To be called after a trade in which one of the two is of a plan. */
  afterTrade(maker: number, taker: number, lots: number): void {
    this.#afterFill(maker, lots);
    this.#afterFill(taker, lots);
  }

  #afterFill(slot: number, lots: number): void {
    const { orders } = this.state;
    // One that is filled ends, and `afterEnd` sees to it.
    if (orders.leavesQtyLots[slot] === 0 || (orders.flags[slot]! & PLANNED) === 0) return;
    const { links } = orders;
    const counter = links.counterOf(slot);
    if (counter !== NIL) this.#lower(counter, lots);
    const entry = links.entryOf(slot);
    if (entry !== NIL) this.working.cancel(entry, CANCEL.LINKED_ORDER);
    if (links.firstExitOf(slot) !== NIL) this.#tellExits(slot);
  }

  #lower(slot: number, lots: number): void {
    const { orders } = this.state;
    const leaves = orders.leavesQtyLots[slot]! - lots;
    if (leaves > 0) {
      this.working.lower(slot, leaves, RESTATE.LINKED_ORDER);
      return;
    }
    // Smaller than its counter, which goes on alone.
    orders.links.unlink(slot);
    this.working.cancel(slot, CANCEL.LINKED_ORDER);
  }

  /** Queues what the entry filled since the last time, for its exits to follow once nothing is being matched. */
  #tellExits(entry: number): void {
    const { orders, followed } = this.state;
    const { links } = orders;
    const lots = orders.cumQtyLots[entry]! - links.followedLotsOf(entry);
    if (lots === 0) return;
    links.setFollowedLots(entry, orders.cumQtyLots[entry]!);
    const [first, second] = [links.firstExitOf(entry), links.secondExitOf(entry)];
    const waiting = followed.find(({ firstExit }) => firstExit === first);
    if (waiting === undefined) followed.push({ firstExit: first, secondExit: second, lots });
    else waiting.lots += lots;
  }

  /** To be called when a stop of a plan was triggered, before it acts. */
  afterTrigger(slot: number): void {
    const { orders } = this.state;
    const { links } = orders;
    const [counter, entry] = [links.counterOf(slot), links.entryOf(slot)];
    if (counter !== NIL) {
      links.unlink(counter);
      this.working.cancel(counter, CANCEL.LINKED_ORDER);
    }
    if (entry !== NIL) this.working.cancel(entry, CANCEL.LINKED_ORDER);
  }

  /** To be called when an order of a plan has ended. */
  afterEnd(slot: number): void {
    const { orders } = this.state;
    const { links } = orders;
    const [counter, entry, exit] = [links.counterOf(slot), links.entryOf(slot), links.firstExitOf(slot)];
    const hasFilled = orders.cumQtyLots[slot]! > 0;
    if (exit !== NIL && hasFilled) this.#tellExits(slot);
    links.unlink(slot);
    if (counter !== NIL) this.working.cancel(counter, CANCEL.LINKED_ORDER);
    if (entry !== NIL && orders.isInUse(entry)) this.working.cancel(entry, CANCEL.LINKED_ORDER);
    // Its counter, where it has one, goes with it.
    if (exit !== NIL && !hasFilled) this.working.cancel(exit, CANCEL.LINKED_ORDER);
  }
}
