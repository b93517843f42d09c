/**
 * Legs of plans, by the same steps as any order: accepted without trading at once, begun together, replaced within what
 * their plan allows. What they do to each other stands in `matching/linked-orders.ts`.
 */
import type { Gathering } from '../auction/gathering.js';
import type { Matcher } from '../matching/matcher.js';
import { nextState, REPLACE } from '../matching/order-state.js';
import { HELD, NIL, PLANNED, TRIGGERED, WAITING } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { Account } from '../risk/account.js';
import type { OrderCheck, RuleRow } from '../risk/order-check.js';
import { isStop } from '../risk/terms-check.js';
import { BUY, NONE, REJECT } from '../values/codes.js';
import type { PlaceOrder, ReplaceOrder } from './command.js';
import type { EntrySteps } from './entry-steps.js';
import { NO_RULES, REQUEST, ROW } from './event-buffer.js';
import { hashPlaceOrder } from './idempotency.js';
import type { Listing } from './listing.js';
import { propose } from './proposal.js';
import type { ExchangeState } from './state.js';

/** Why a leg cannot be replaced so. */
export const LEG_CHANGE_TEXT =
  'The quantity of a linked leg follows its plan, that of an entry can only go down, and neither price may reach the other; ' +
  'cancel the plan and place another.';

/** What makes an order a leg of a plan. */
export interface LegTerms {
  /** NONE: the order is the plan's first and gives it its id. */
  readonly planId: number;
  readonly role: number;
  /** It is an exit or a counter, and must be able to wait. */
  readonly isExit: boolean;
  /** It waits for its entry. */
  readonly waits: boolean;
  /** Slot of the order that it shares its fate and funds with; NIL = none yet. */
  readonly counter: number;
  /** Mixed into the input that its key stands for. */
  readonly salt: number;
}

export class LegEntry {
  /** Slot of the order that `admit` accepted last. */
  admittedSlot = NIL;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly check: OrderCheck,
    private readonly stops: StopTrigger,
    private readonly gathering: Gathering,
    private readonly entry: EntrySteps,
  ) {}

  /**
   * Accepts an order as a leg of a plan, without letting it trade: `begin` does, or, for an exit that waits, its entry.
   * Its key was not used before with the same input.
   * @returns NONE, then `admittedSlot` and the check's limitTicks and gathers are its own, or the code of the reason
   */
  admit(command: PlaceOrder, leg: LegTerms): number {
    const { state, check } = this;
    const { orders } = state;
    check.clear();
    const account = state.accounts[command.account]!;
    const { clOrdId } = command;
    let keyReason = NONE;
    if (clOrdId !== null) {
      hashPlaceOrder(this.entry.hasher, command, leg.salt);
      keyReason = this.entry.checkKey(account, clOrdId);
    }
    const slot = this.entry.newSlot(command);
    if (keyReason !== NONE) return this.entry.reject(slot, keyReason);
    if (account.guard !== null && this.entry.throttle.isTooFast(account, command.instrument, 'order')) {
      return this.entry.reject(slot, REJECT.ORDER_RATE_LIMIT);
    }
    if (clOrdId !== null) this.entry.remember(account, clOrdId, orders.idOf(slot));
    const listing = state.listings[command.instrument];
    if (listing === undefined) return this.entry.reject(slot, REJECT.UNKNOWN_SYMBOL);
    propose(check, orders, slot, command);
    check.isLeg = leg.isExit;
    check.isHeld = leg.waits;
    check.heldUnits = leg.counter === NIL || leg.waits ? 0 : orders.heldUnits[leg.counter]!;
    const reason = check.refusal(account, listing);
    const rules = reason === NONE ? NO_RULES : this.#rulesOf(slot, command, account, listing);
    check.isLeg = false;
    check.isHeld = false;
    if (reason !== NONE) return this.entry.reject(slot, reason, rules);
    orders.flags[slot]! |= PLANNED;
    orders.links.join(slot, leg.planId === NONE ? this.entry.placedId : leg.planId, leg.role);
    if (leg.counter !== NIL) orders.links.pair(leg.counter, slot);
    if (leg.waits) this.working.holdBack(slot);
    this.entry.take(slot);
    if (orders.phase[slot] === WAITING) orders.phase[slot] = TRIGGERED;
    this.admittedSlot = slot;
    return NONE;
  }

  /** The rules of a refused leg, from its terms anew, since the check works the stop price out in its place. */
  #rulesOf(slot: number, command: PlaceOrder, account: Account, listing: Listing): readonly RuleRow[] {
    const { check } = this;
    const { heldUnits } = check;
    propose(check, this.state.orders, slot, command);
    check.heldUnits = heldUnits;
    return check.rowsOfRefusal(account, listing);
  }

  /** Lets an order that was admitted trade, or wait for its trigger; `settle` ends the command. */
  begin(slot: number, limitTicks: number, gathers: boolean): void {
    const listing = this.working.listingOf(slot);
    if (isStop(this.state.orders.ordType[slot]!)) {
      this.stops.arm(slot, listing);
      return;
    }
    if (gathers) {
      this.gathering.gather(slot, listing);
      return;
    }
    this.matcher.match(listing, slot, limitTicks);
    this.working.dispose(slot);
  }

  /** Lets the stops and exits act that orders which began have set off. */
  settle(): void {
    this.stops.drain();
  }

  /** As a replace, for a leg of a plan: its quantity is the plan's, and what it holds is shared. */
  replace(slot: number, command: ReplaceOrder, account: Account, listing: Listing): void {
    const { orders } = this.state;
    const { check } = this;
    const { links } = orders;
    const isExit = links.counterOf(slot) !== NIL || links.entryOf(slot) !== NIL;
    const change = check.orderQtyLots - orders.orderQtyLots[slot]!;
    const exit = links.firstExitOf(slot);
    const grows = isExit ? change !== 0 : exit !== NIL && change > 0;
    const wouldPass = isExit
      ? this.#wouldPass(slot, links.entryOf(slot), slot)
      : this.#wouldPass(slot, exit, exit) || this.#wouldPass(slot, links.secondExitOf(slot), links.secondExitOf(slot));
    if (grows || wouldPass) {
      const { account, orderId, clOrdId } = command;
      this.entry.refuse(
        REQUEST.REPLACE,
        account,
        orderId,
        clOrdId,
        REJECT.UNSUPPORTED_ORDER,
        NO_RULES,
        LEG_CHANGE_TEXT,
      );
      return;
    }
    check.isHeld = orders.phase[slot] === HELD;
    check.heldUnits = this.working.linked.setAside(slot);
    const inPlace = this.entry.isReductionInPlace(slot);
    const reason = inPlace ? check.reductionRefusal(listing) : check.refusal(account, listing);
    const { isHeld } = check;
    check.isHeld = false;
    if (reason !== NONE) {
      this.entry.refuse(REQUEST.REPLACE, command.account, command.orderId, command.clOrdId, reason);
    } else if (inPlace) {
      this.entry.reduceInPlace(slot, listing);
    } else if (isHeld) {
      this.#replaceHeld(slot);
    } else {
      this.working.linked.releaseCounter(slot);
      this.entry.leaveWithNewTerms(slot);
      this.working.linked.holdCounter(slot);
      this.entry.work(slot, listing);
    }
  }

  /** Tells whether the price under check would reach that of another leg, so that the two could trade with each other. */
  #wouldPass(slot: number, other: number, exit: number): boolean {
    const { orders } = this.state;
    // An exit that is a stop takes its entry out of the market before it acts.
    if (other === NIL || isStop(orders.ordType[exit]!)) return false;
    const [price, otherPrice] = [this.check.priceTicks, orders.priceTicks[other]!];
    if (price === NONE || otherPrice === NONE) return false;
    return orders.side[slot] === BUY ? price >= otherPrice : price <= otherPrice;
  }

  /** Changes the terms of an exit that waits for its entry: it is in no queue and holds nothing. */
  #replaceHeld(slot: number): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    orders.priceTicks[slot] = this.check.priceTicks;
    if (this.check.stopPxTicks !== NONE) orders.stopPxTicks[slot] = this.check.stopPxTicks;
    orders.state[slot] = nextState(orders.state[slot]!, REPLACE);
    events.order(ROW.ORDER_REPLACED, orders, slot, 0, NONE);
  }
}
