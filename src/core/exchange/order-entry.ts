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
import { ACCEPT, nextState, REJECT_ORDER, REPLACE } from '../matching/order-state.js';
import { LEASED, NIL, POST_ONLY, REDUCE_ONLY, WAITING } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { Account } from '../risk/account.js';
import { isStop, type OrderCheck, type RuleRow } from '../risk/order-check.js';
import { BUY, CANCEL, NONE, ordTypeCode, REJECT, SELL, selfTradeCode, timeInForceCode } from '../values/codes.js';
import { StateHasher } from '../values/state-hash.js';
import type { CancelAllOrders, CancelOrder, PlaceOrder, ReplaceOrder } from './command.js';
import { NO_RULES, REQUEST, ROW } from './event-buffer.js';
import { hashPlaceOrder, hashReplaceOrder } from './idempotency.js';
import { dayEndUs, type Listing } from './listing.js';
import type { PlainOrders } from './plain-orders.js';
import { propose, proposeReplace } from './proposal.js';
import { reducingOrder } from './reducing-order.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';
import { Throttle } from './throttle.js';

/** Longest clOrdId, characters. */
export const MAX_CL_ORD_ID_LENGTH = 64;

export class OrderEntry {
  readonly #hasher = new StateHasher();
  readonly #throttle: Throttle;
  /** Order that `place` told last. */
  placedId = 0;
  /** Rules of the order that was rejected last. */
  rejectedRules: readonly RuleRow[] = NO_RULES;

  /** Within PlaceUnderLease: row of the lease of an account's order, or of its quote that stays; NIL = none. */
  lessor: ((account: number, order: PlaceOrder | null) => number) | null = null;

  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
    private readonly check: OrderCheck,
    private readonly stops: StopTrigger,
    private readonly gathering: Gathering,
    private readonly plain: PlainOrders,
  ) {
    this.#throttle = new Throttle(state, check);
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
      return this.#reject(this.#newSlot(command), REJECT.UNKNOWN_ACCOUNT);
    }
    let keyReason = NONE;
    if (clOrdId !== null) {
      hashPlaceOrder(this.#hasher, command);
      keyReason = this.#checkKey(account, clOrdId);
      if (keyReason === DUPLICATE) return DUPLICATE;
    }
    if (keyReason === NONE && flags === 0 && this.lessor === null) {
      const placed = this.plain.place(command);
      if (placed !== NIL) {
        this.placedId = state.orders.idOf(placed);
        if (clOrdId !== null) this.#remember(account, clOrdId, this.placedId);
        return ACCEPTED;
      }
    }
    const slot = this.#newSlot(command);
    if (keyReason !== NONE) return this.#reject(slot, keyReason);
    if (account.guard !== null && this.#throttle.isTooFast(account, command.instrument, 'order')) {
      return this.#reject(slot, REJECT.ORDER_RATE_LIMIT);
    }
    if (clOrdId !== null) this.#remember(account, clOrdId, state.orders.idOf(slot));
    const listing = state.listings[command.instrument];
    if (listing === undefined) return this.#reject(slot, REJECT.UNKNOWN_SYMBOL);
    state.orders.flags[slot]! |= flags;
    propose(this.check, this.state.orders, slot, command);
    const reason = check.refusal(account, listing);
    if (reason !== NONE) {
      // Anew, since the check works the stop price out in its place.
      propose(this.check, this.state.orders, slot, command);
      return this.#reject(slot, reason, check.rowsOfRefusal(account, listing));
    }
    this.#accept(slot, listing);
    return ACCEPTED;
  }

  /** Sends a reduceOnly MARKET order past every check, for a liquidation. @param limitTicks worst price */
  reduceAtMarket(account: number, listing: Listing, side: number, lots: number, limitTicks: number): void {
    const slot = this.#newSlot(reducingOrder(account, listing.index, side === BUY ? 'BUY' : 'SELL', lots));
    this.check.limitTicks = limitTicks;
    this.check.gathers = false;
    this.#accept(slot, listing);
  }

  /**
   * Tells an order as rejected that another one kept from being placed. Its key is remembered with this result.
   * The check's arithmetic is told with it, and it takes of the account's rate as a placed one would.
   */
  rejectUnplaced(command: PlaceOrder, reason: number, rules: readonly RuleRow[] = NO_RULES): void {
    const { state } = this;
    const account = state.accounts[command.account];
    const { clOrdId } = command;
    const slot = this.#newSlot(command);
    if (account !== undefined && clOrdId !== null && isKey(clOrdId)) {
      state.clOrdIds.prune(state.timeUs);
      if (state.clOrdIds.find(account.index, clOrdId) < 0 && !state.clOrdIds.isFull) {
        hashPlaceOrder(this.#hasher, command);
        this.#remember(account, clOrdId, state.orders.idOf(slot));
      }
    }
    if (account?.guard) state.rates.take(account, command.instrument, 'order', state.timeUs);
    this.#reject(slot, reason, rules);
  }

  /** Tells whether the order's key was used before with the same input; nothing is pruned or remembered. */
  isRepeat(command: PlaceOrder): boolean {
    const { clOrdIds } = this.state;
    if (command.clOrdId === null) return false;
    const found = clOrdIds.find(command.account, command.clOrdId);
    if (found < 0) return false;
    hashPlaceOrder(this.#hasher, command);
    return clOrdIds.sameInput(found, this.#hasher.high(), this.#hasher.low());
  }

  /** Puts an order under the lease that orders come under now, or under none. @param order null = a quote that stays */
  bind(slot: number, order: PlaceOrder | null): void {
    const { orders } = this.state;
    const row = this.lessor === null ? NIL : this.lessor(orders.account[slot]!, order);
    orders.recorder.note(slot);
    orders.lease[slot] = row;
    orders.flags[slot] = row === NIL ? orders.flags[slot]! & ~LEASED : orders.flags[slot]! | LEASED;
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
    propose(this.check, this.state.orders, this.#newSlot(command), command);
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
    this.#reduceInPlace(slot, listing);
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
      hashReplaceOrder(this.#hasher, command);
      const keyReason = this.#checkKey(account, clOrdId);
      if (keyReason === DUPLICATE) return;
      if (keyReason !== NONE) {
        this.refuse(REQUEST.REPLACE, command.account, command.orderId, clOrdId, keyReason);
        return;
      }
      if (this.#isHeldBack(REQUEST.REPLACE, account, command.orderId, clOrdId)) return;
      this.#remember(account, clOrdId, command.orderId);
    } else if (account !== undefined && this.#isHeldBack(REQUEST.REPLACE, account, command.orderId, clOrdId)) {
      return;
    }
    if (this.plain.move(command) !== NIL) return;
    const slot = this.findWorking(REQUEST.REPLACE, command.account, command.orderId, clOrdId);
    if (slot === NIL || account === undefined) return;
    const listing = this.working.listingOf(slot);
    proposeReplace(this.check, this.state.orders, slot, command);
    if (this.#isReductionInPlace(slot)) {
      const reason = check.reductionRefusal(listing);
      if (reason === NONE) this.#reduceInPlace(slot, listing);
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
   * Cancels an account's working orders, oldest first, and returns how many.
   * @param instrument NONE = all; @param side NONE = both; @param keepsReducing leaves reduceOnly orders alone
   */
  cancelWorking(account: Account, instrument: number, side: number, reason: number, keepsReducing = false): number {
    const { orders } = this.state;
    let count = 0;
    for (let slot = account.firstOrder; slot !== NIL; ) {
      const next = orders.accountNext[slot]!;
      const chosen =
        (instrument === NONE || orders.instrument[slot] === instrument) &&
        (side === NONE || orders.side[slot] === side) &&
        !(keepsReducing && (orders.flags[slot]! & REDUCE_ONLY) !== 0);
      if (chosen) {
        this.working.cancel(slot, reason);
        count += 1;
      }
      slot = next;
    }
    return count;
  }

  /** Looks the key up under the input that was hashed last: NONE = free, DUPLICATE = told, else a reason. */
  #checkKey(account: Account, clOrdId: string): number {
    const { state, check } = this;
    if (!isKey(clOrdId)) {
      check.limit = MAX_CL_ORD_ID_LENGTH;
      check.projected = clOrdId.length;
      return REJECT.INVALID_REQUEST;
    }
    state.clOrdIds.prune(state.timeUs);
    const found = state.clOrdIds.find(account.index, clOrdId);
    if (found >= 0) {
      const orderId = state.clOrdIds.orderIdAt(found);
      if (!state.clOrdIds.sameInput(found, this.#hasher.high(), this.#hasher.low())) {
        check.current = orderId;
        return REJECT.DUPLICATE_CL_ORD_ID;
      }
      state.events.duplicate(account.index, clOrdId, orderId, state.clOrdIds.commandSequenceAt(found));
      return DUPLICATE;
    }
    if (!state.clOrdIds.isFull) return NONE;
    check.limit = state.clOrdIds.capacity;
    check.current = state.clOrdIds.count;
    return REJECT.ORDER_RATE_LIMIT;
  }

  /** Tells a cancel or replace as refused that comes too fast. */
  #isHeldBack(request: number, account: Account, orderId: number, clOrdId: string | null): boolean {
    const reason = this.#throttle.reasonFor(request, account, orderId);
    if (reason !== NONE) this.refuse(request, account.index, orderId, clOrdId, reason);
    return reason !== NONE;
  }

  #remember(account: Account, clOrdId: string, orderId: number): void {
    const { state } = this;
    const { commandSequence, timeUs } = state;
    state.clOrdIds.add(
      account.index,
      clOrdId,
      orderId,
      commandSequence,
      timeUs,
      this.#hasher.high(),
      this.#hasher.low(),
    );
  }

  #newSlot(command: PlaceOrder): number {
    const { orders, accounts, listings, timeUs } = this.state;
    const slot = orders.allocate();
    this.placedId = orders.idOf(slot);
    orders.account[slot] = accounts[command.account] === undefined ? NONE : command.account;
    orders.instrument[slot] = listings[command.instrument] === undefined ? NONE : command.instrument;
    orders.side[slot] = sideCode(command.side);
    orders.ordType[slot] = ordTypeCode(command.ordType);
    orders.timeInForce[slot] = timeInForceCode(command.timeInForce);
    orders.selfTradePrevention[slot] = selfTradeCode(command.selfTradePrevention);
    orders.flags[slot] = (command.postOnly ? POST_ONLY : 0) | (command.reduceOnly ? REDUCE_ONLY : 0);
    orders.orderQtyLots[slot] = command.orderQtyLots;
    orders.leavesQtyLots[slot] = command.orderQtyLots;
    orders.priceTicks[slot] = command.priceTicks ?? NONE;
    orders.stopPxTicks[slot] = command.stopPxTicks ?? NONE;
    orders.displayQtyLots[slot] = command.displayQtyLots ?? NONE;
    orders.expireTimeUs[slot] = command.expireTimeUs ?? NONE;
    orders.trailingOffsetTicks[slot] = command.trailingOffsetTicks ?? NONE;
    orders.trailingPpm[slot] = command.trailingPpm ?? NONE;
    if (command.timeInForce === 'DAY') orders.dueUs[slot] = dayEndUs(listings[command.instrument], timeUs);
    else if (command.timeInForce === 'GTD') orders.dueUs[slot] = command.expireTimeUs ?? NONE;
    orders.createdUs[slot] = timeUs;
    orders.setClOrdId(slot, command.clOrdId);
    if (this.lessor !== null) this.bind(slot, command);
    return slot;
  }

  #isReductionInPlace(slot: number): boolean {
    const { check } = this;
    const { orders } = this.state;
    return (
      check.priceTicks === orders.priceTicks[slot] &&
      (check.stopPxTicks === NONE || check.stopPxTicks === orders.stopPxTicks[slot]) &&
      check.orderQtyLots <= orders.orderQtyLots[slot]!
    );
  }

  #accept(slot: number, listing: Listing): void {
    const { orders, events } = this.state;
    orders.state[slot] = nextState(orders.state[slot]!, ACCEPT);
    if (isStop(orders.ordType[slot]!)) {
      orders.stopPxTicks[slot] = this.check.stopPxTicks;
      orders.phase[slot] = WAITING;
    } else if (this.check.gathers) {
      this.gathering.enter(slot, this.check.limitTicks);
    }
    this.working.setHold(slot, this.working.neededHold(slot));
    events.order(ROW.ORDER_ACCEPTED, orders, slot, NONE, NONE);
    this.#work(slot, listing);
  }

  /** Matches an order, or lets it gather or wait for its trigger; then lets the stops act that this triggered. */
  #work(slot: number, listing: Listing): void {
    if (this.state.orders.phase[slot] === WAITING) {
      this.stops.arm(slot, listing);
    } else if (this.check.gathers) {
      this.gathering.gather(slot, listing);
    } else {
      this.matcher.match(listing, slot, this.check.limitTicks);
      this.working.dispose(slot);
    }
    this.stops.drain();
  }

  #reject(slot: number, reason: number, rules: readonly RuleRow[] = NO_RULES): number {
    this.rejectedRules = rules;
    const { orders, events } = this.state;
    const { check } = this;
    orders.state[slot] = nextState(orders.state[slot]!, REJECT_ORDER);
    orders.leavesQtyLots[slot] = 0;
    events.rejection(orders, slot, reason, check.limit, check.current, check.projected, rules);
    orders.release(slot);
    return reason;
  }

  #reduceInPlace(slot: number, listing: Listing): void {
    const { orders, events } = this.state;
    orders.recorder.note(slot);
    const leaves = this.check.orderQtyLots - orders.cumQtyLots[slot]!;
    const shown = orders.shownQtyLots[slot]!;
    orders.orderQtyLots[slot] = this.check.orderQtyLots;
    orders.displayQtyLots[slot] = this.check.displayQtyLots;
    orders.leavesQtyLots[slot] = leaves;
    if (listing.auctionKind !== NONE) this.state.touchAuction(listing);
    if (shown > leaves) {
      orders.shownQtyLots[slot] = leaves;
      listing.side(orders.side[slot]!).reduce(slot, shown - leaves);
    }
    this.working.setHold(slot, this.working.neededHold(slot));
    orders.state[slot] = nextState(orders.state[slot]!, REPLACE);
    events.order(ROW.ORDER_REPLACED, orders, slot, 1, NONE);
  }

  #moveToBack(slot: number, listing: Listing): void {
    const { orders, events } = this.state;
    const { check } = this;
    orders.recorder.note(slot);
    this.working.leaveBook(slot);
    orders.orderQtyLots[slot] = check.orderQtyLots;
    orders.displayQtyLots[slot] = check.displayQtyLots;
    orders.leavesQtyLots[slot] = check.orderQtyLots - orders.cumQtyLots[slot]!;
    orders.priceTicks[slot] = check.priceTicks;
    if (check.stopPxTicks !== NONE) orders.stopPxTicks[slot] = check.stopPxTicks;
    if (check.gathers) this.gathering.enter(slot, check.limitTicks);
    this.working.setHold(slot, this.working.neededHold(slot));
    orders.state[slot] = nextState(orders.state[slot]!, REPLACE);
    events.order(ROW.ORDER_REPLACED, orders, slot, 0, NONE);
    this.#work(slot, listing);
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

  refuse(
    request: number,
    account: number,
    orderId: number,
    clOrdId: string | null,
    reason: number,
    rules: readonly RuleRow[] = NO_RULES,
  ): void {
    const { limit, current, projected } = this.check;
    const text = refusalText(reason);
    this.state.events.refusal(request, account, orderId, clOrdId, reason, text, limit, current, projected, rules);
  }
}

/** Results of `place` that are no reasons. */
export const ACCEPTED = NONE;
export const DUPLICATE = -2;

function isKey(clOrdId: string): boolean {
  return clOrdId.length > 0 && clOrdId.length <= MAX_CL_ORD_ID_LENGTH;
}

function sideCode(side: 'BUY' | 'SELL'): number {
  return side === 'BUY' ? BUY : SELL;
}
