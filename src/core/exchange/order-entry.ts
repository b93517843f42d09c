/**
 * Order entry: new orders, cancels and replaces from the command to the last consequence.
 *
 * ```
 * place:   key seen? ─> check ─> accept, hold ─> match ─> rest | cancel the remainder
 * replace: key seen? ─> check ─> in place (only the quantity goes down, priority kept)
 *                              | leave the book, new terms, match, rest at the back
 * ```
 * A refusal changes nothing but the record of its idempotency key: asked again, it gets the first result again.
 * A replaced order keeps its id, its clOrdId and what it has filled; the replace's own clOrdId is a key only.
 */
import type { Gathering } from '../auction/gathering.js';
import type { Matcher } from '../matching/matcher.js';
import { NIL, PLANNED, REDUCE_ONLY } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { Account } from '../risk/account.js';
import type { OrderCheck, RuleRow } from '../risk/order-check.js';
import { BUY, CANCEL, NONE, REJECT } from '../values/codes.js';
import type { CancelAllOrders, CancelOrder, PlaceOrder, ReplaceOrder } from './command.js';
import { ACCEPTED, DUPLICATE, EntrySteps, isKey, sideCode } from './entry-steps.js';
import { NO_RULES, REQUEST } from './event-buffer.js';
import { hashPlaceOrder, hashReplaceOrder } from './idempotency.js';
import { LegEntry } from './leg-entry.js';
import type { Listing } from './listing.js';
import type { PlainOrders } from './plain-orders.js';
import { propose, proposeReplace } from './proposal.js';
import { reducingOrder } from './reducing-order.js';
import type { ExchangeState } from './state.js';

export class OrderEntry extends EntrySteps {
  /** Legs of plans, which share the steps below. */
  readonly legs: LegEntry;

  constructor(
    state: ExchangeState,
    working: WorkingOrders,
    matcher: Matcher,
    check: OrderCheck,
    stops: StopTrigger,
    gathering: Gathering,
    private readonly plain: PlainOrders,
  ) {
    super(state, working, matcher, check, stops, gathering);
    this.legs = new LegEntry(state, working, matcher, check, stops, gathering, this);
  }

  /**
   * Places an order; `placedId` then names it.
   * @param flags put on the order beside those of its terms
   * @returns ACCEPTED, DUPLICATE where the first result was told again, or the code of the reason
   */
  place(command: PlaceOrder, flags = 0): number {
    const { state, check } = this;
    check.clear();
    const account = state.accounts[command.account];
    const { clOrdId } = command;
    if (account === undefined) {
      return this.reject(this.newSlot(command), REJECT.UNKNOWN_ACCOUNT);
    }
    let keyReason = NONE;
    if (clOrdId !== null) {
      hashPlaceOrder(this.hasher, command);
      keyReason = this.checkKey(account, clOrdId);
      if (keyReason === DUPLICATE) return DUPLICATE;
    }
    if (keyReason === NONE && flags === 0 && this.lessor === null) {
      const placed = this.plain.place(command);
      if (placed !== NIL) {
        this.placedId = state.orders.idOf(placed);
        if (clOrdId !== null) this.remember(account, clOrdId, this.placedId);
        return ACCEPTED;
      }
    }
    const slot = this.newSlot(command);
    if (keyReason !== NONE) return this.reject(slot, keyReason);
    if (account.guard !== null && this.throttle.isTooFast(account, command.instrument, 'order')) {
      return this.reject(slot, REJECT.ORDER_RATE_LIMIT);
    }
    if (clOrdId !== null) this.remember(account, clOrdId, state.orders.idOf(slot));
    const listing = state.listings[command.instrument];
    if (listing === undefined) return this.reject(slot, REJECT.UNKNOWN_SYMBOL);
    state.orders.flags[slot]! |= flags;
    propose(this.check, this.state.orders, slot, command);
    const reason = check.refusal(account, listing);
    if (reason !== NONE) {
      // Anew, since the check works the stop price out in its place.
      propose(this.check, this.state.orders, slot, command);
      return this.reject(slot, reason, check.rowsOfRefusal(account, listing));
    }
    this.#accept(slot, listing);
    return ACCEPTED;
  }

  /** Sends a reduceOnly MARKET order past every check, for a liquidation. @param limitTicks worst price */
  reduceAtMarket(account: number, listing: Listing, side: number, lots: number, limitTicks: number): void {
    const slot = this.newSlot(reducingOrder(account, listing.index, side === BUY ? 'BUY' : 'SELL', lots));
    this.check.limitTicks = limitTicks;
    this.check.gathers = false;
    this.#accept(slot, listing);
  }

  /**
   * Tells an order as rejected that another one kept from being placed. Its key is remembered with this result.
   * The check's arithmetic is told with it, and it takes of the account's rate as a placed one would.
   */
  rejectUnplaced(command: PlaceOrder, reason: number, rules: readonly RuleRow[] = NO_RULES, salt = 0): void {
    const { state } = this;
    const account = state.accounts[command.account];
    const { clOrdId } = command;
    const slot = this.newSlot(command);
    if (account !== undefined && clOrdId !== null && isKey(clOrdId)) {
      state.clOrdIds.prune(state.timeUs);
      if (state.clOrdIds.find(account.index, clOrdId) < 0 && !state.clOrdIds.isFull) {
        hashPlaceOrder(this.hasher, command, salt);
        this.remember(account, clOrdId, state.orders.idOf(slot));
      }
    }
    if (account?.guard) state.rates.take(account, command.instrument, 'order', state.timeUs);
    this.reject(slot, reason, rules);
  }

  /** Tells whether the order's key was used before with the same input; nothing is pruned or remembered. */
  isRepeat(command: PlaceOrder, salt = 0): boolean {
    const { clOrdIds } = this.state;
    if (command.clOrdId === null) return false;
    const found = clOrdIds.find(command.account, command.clOrdId);
    if (found < 0) return false;
    hashPlaceOrder(this.hasher, command, salt);
    return clOrdIds.sameInput(found, this.hasher.high(), this.hasher.low());
  }

  /** Forgets the arithmetic of the check. */
  clearCheck(): void {
    this.check.clear();
  }

  /** Returns the order that used the key first, NaN where none did. */
  firstOrderId({ account, clOrdId }: PlaceOrder): number {
    const { clOrdIds } = this.state;
    const found = clOrdId === null ? NIL : clOrdIds.find(account, clOrdId);
    return found < 0 ? Number.NaN : clOrdIds.orderIdAt(found);
  }

  /** Returns the rules of the check for an order; takes a slot, so within a trial only. Empty without account or instrument. */
  rulesFor(command: PlaceOrder): RuleRow[] {
    const { accounts, listings } = this.state;
    const account = accounts[command.account];
    const listing = listings[command.instrument];
    if (account === undefined || listing === undefined) return [];
    propose(this.check, this.state.orders, this.newSlot(command), command);
    const rate = this.state.rates.use(account, command.instrument, 'order', this.state.timeUs);
    const rows = this.check.rows(account, listing);
    if (rate === null) return rows;
    return [{ rule: 'ORDER_RATE_LIMIT', passed: rate.projected <= rate.limit, ...rate }, ...rows];
  }

  /** Tells an order's first result again. */
  tellRepeat({ account, clOrdId }: PlaceOrder): void {
    const { clOrdIds, events } = this.state;
    if (clOrdId === null) return;
    const found = clOrdIds.find(account, clOrdId);
    events.duplicate(account, clOrdId, clOrdIds.orderIdAt(found), clOrdIds.commandSequenceAt(found));
  }

  /**
   * Lowers what a working order has left, keeping its place; false, with nothing changed, where that cannot be.
   * @param leavesLots at most what it has left
   */
  lowerTo(slot: number, leavesLots: number): boolean {
    const { orders } = this.state;
    if (orders.leavesQtyLots[slot] === leavesLots) return true;
    const orderQtyLots = orders.cumQtyLots[slot]! + leavesLots;
    const unchanged = { priceTicks: null, stopPxTicks: null, clOrdId: null };
    const account = orders.account[slot]!;
    proposeReplace(this.check, this.state.orders, slot, {
      type: 'ReplaceOrder',
      account,
      orderId: orders.idOf(slot),
      orderQtyLots,
      ...unchanged,
    });
    const listing = this.working.listingOf(slot);
    if (this.check.reductionRefusal(listing) !== NONE) return false;
    this.reduceInPlace(slot, listing);
    return true;
  }

  cancel(command: CancelOrder): void {
    if (this.plain.cancel(command.account, command.orderId) !== NIL) return;
    const account = this.state.accounts[command.account];
    if (account !== undefined && this.#isHeldBack(REQUEST.CANCEL, account, command.orderId, null)) return;
    const slot = this.findWorking(REQUEST.CANCEL, command.account, command.orderId, null);
    if (slot !== NIL) this.working.cancel(slot, CANCEL.REQUESTED);
  }

  replace(command: ReplaceOrder): void {
    const { state, check } = this;
    check.clear();
    const { clOrdId } = command;
    const account = state.accounts[command.account];
    if (account !== undefined && clOrdId !== null) {
      hashReplaceOrder(this.hasher, command);
      const keyReason = this.checkKey(account, clOrdId);
      if (keyReason === DUPLICATE) return;
      if (keyReason !== NONE) {
        this.refuse(REQUEST.REPLACE, command.account, command.orderId, clOrdId, keyReason);
        return;
      }
      if (this.#isHeldBack(REQUEST.REPLACE, account, command.orderId, clOrdId)) return;
      this.remember(account, clOrdId, command.orderId);
    } else if (account !== undefined && this.#isHeldBack(REQUEST.REPLACE, account, command.orderId, clOrdId)) {
      return;
    }
    if (this.plain.move(command) !== NIL) return;
    const slot = this.findWorking(REQUEST.REPLACE, command.account, command.orderId, clOrdId);
    if (slot === NIL || account === undefined) return;
    const listing = this.working.listingOf(slot);
    proposeReplace(this.check, this.state.orders, slot, command);
    if ((state.orders.flags[slot]! & PLANNED) !== 0) {
      this.legs.replace(slot, command, account, listing);
      return;
    }
    if (this.isReductionInPlace(slot)) {
      const reason = check.reductionRefusal(listing);
      if (reason === NONE) this.reduceInPlace(slot, listing);
      else this.refuse(REQUEST.REPLACE, command.account, command.orderId, clOrdId, reason);
      return;
    }
    const reason = check.refusal(account, listing);
    if (reason === NONE) {
      this.#moveToBack(slot, listing);
      return;
    }
    proposeReplace(this.check, this.state.orders, slot, command);
    const rules = check.rowsOfRefusal(account, listing);
    this.refuse(REQUEST.REPLACE, command.account, command.orderId, clOrdId, reason, rules);
  }

  cancelAll(command: CancelAllOrders): void {
    const { state } = this;
    const account = state.accounts[command.account];
    this.check.clear();
    if (account === undefined) {
      this.refuse(REQUEST.CANCEL_ALL, NONE, NONE, null, REJECT.UNKNOWN_ACCOUNT);
      return;
    }
    if (command.instrument !== null && state.listings[command.instrument] === undefined) {
      this.refuse(REQUEST.CANCEL_ALL, account.index, NONE, null, REJECT.UNKNOWN_SYMBOL);
      return;
    }
    const side = command.side === null ? NONE : sideCode(command.side);
    const count = this.cancelWorking(account, command.instrument ?? NONE, side, CANCEL.MASS_CANCEL);
    state.events.massCancelDone(account.index, count);
  }

  /**
   * Cancels an account's working orders, oldest first, with those that they are linked to, and returns how many.
   * @param instrument NONE = all; @param side NONE = both; @param keepsReducing leaves reduceOnly orders alone
   */
  cancelWorking(account: Account, instrument: number, side: number, reason: number, keepsReducing = false): number {
    const { orders, events } = this.state;
    const rowsBefore = events.rowCount;
    const chosen: number[] = [];
    for (let slot = account.firstOrder; slot !== NIL; slot = orders.accountNext[slot]!) {
      const fits =
        (instrument === NONE || orders.instrument[slot] === instrument) &&
        (side === NONE || orders.side[slot] === side) &&
        !(keepsReducing && (orders.flags[slot]! & REDUCE_ONLY) !== 0);
      if (fits) chosen.push(slot);
    }
    // One that is linked to another may have ended with it.
    for (const slot of chosen) if (orders.isInUse(slot)) this.working.cancel(slot, reason);
    return events.rowCount - rowsBefore;
  }

  /** Tells a cancel or replace as refused that comes too fast. */
  #isHeldBack(request: number, account: Account, orderId: number, clOrdId: string | null): boolean {
    const reason = this.throttle.reasonFor(request, account, orderId);
    if (reason !== NONE) this.refuse(request, account.index, orderId, clOrdId, reason);
    return reason !== NONE;
  }

  #accept(slot: number, listing: Listing): void {
    this.take(slot);
    this.work(slot, listing);
  }

  #moveToBack(slot: number, listing: Listing): void {
    this.leaveWithNewTerms(slot);
    this.work(slot, listing);
  }

  /** Returns the slot of the account's working order; where there is none, tells why and returns NIL. */
  findWorking(request: number, accountIndex: number, orderId: number, clOrdId: string | null): number {
    const { orders, accounts } = this.state;
    this.check.clear();
    if (accounts[accountIndex] === undefined) {
      this.refuse(request, NONE, orderId, clOrdId, REJECT.UNKNOWN_ACCOUNT);
      return NIL;
    }
    const slot = orders.slotOf(orderId);
    if (slot === NIL || orders.account[slot] !== accountIndex) {
      this.refuse(request, accountIndex, orderId, clOrdId, REJECT.UNKNOWN_ORDER);
      return NIL;
    }
    if (orders.isInUse(slot)) return slot;
    this.refuse(request, accountIndex, orderId, clOrdId, REJECT.TOO_LATE_TO_CANCEL);
    return NIL;
  }
}
