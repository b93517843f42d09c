/**
 * The steps by which an order enters, changes or is refused, whether it stands alone (`order-entry.ts`) or is a leg of a
 * plan (`leg-entry.ts`): its key is looked up, it takes a slot, is accepted and works, or is told as refused.
 */
import type { Gathering } from '../auction/gathering.js';
import type { Matcher } from '../matching/matcher.js';
import { ACCEPT, nextState, REJECT_ORDER, REPLACE } from '../matching/order-state.js';
import { HELD, LEASED, NIL, POST_ONLY, REDUCE_ONLY, WAITING } from '../matching/order-table.js';
import type { StopTrigger } from '../matching/stop-trigger.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { Account } from '../risk/account.js';
import type { OrderCheck, RuleRow } from '../risk/order-check.js';
import { isStop } from '../risk/terms-check.js';
import { BUY, NONE, ordTypeCode, REJECT, SELL, selfTradeCode, timeInForceCode } from '../values/codes.js';
import { StateHasher } from '../values/state-hash.js';
import type { PlaceOrder } from './command.js';
import { NO_RULES, ROW } from './event-buffer.js';
import { dayEndUs, type Listing } from './listing.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';
import { Throttle } from './throttle.js';

/** Longest clOrdId, characters. */
export const MAX_CL_ORD_ID_LENGTH = 64;

/** Results of `place` that are no reasons. */
export const ACCEPTED = NONE;
export const DUPLICATE = -2;

export class EntrySteps {
  readonly hasher = new StateHasher();
  readonly throttle: Throttle;
  /** Order that was told last. */
  placedId = 0;
  /** Rules of the order that was rejected last. */
  rejectedRules: readonly RuleRow[] = NO_RULES;

  /** Within PlaceUnderLease: row of the lease of an account's order, or of its quote that stays; NIL = none. */
  lessor: ((account: number, order: PlaceOrder | null) => number) | null = null;

  constructor(
    protected readonly state: ExchangeState,
    protected readonly working: WorkingOrders,
    protected readonly matcher: Matcher,
    protected readonly check: OrderCheck,
    protected readonly stops: StopTrigger,
    protected readonly gathering: Gathering,
  ) {
    this.throttle = new Throttle(state, check);
  }

  /** Looks the key up under the input that was hashed last: NONE = free, DUPLICATE = told, else a reason. */
  checkKey(account: Account, clOrdId: string): number {
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
      if (!state.clOrdIds.sameInput(found, this.hasher.high(), this.hasher.low())) {
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

  remember(account: Account, clOrdId: string, orderId: number): void {
    const { state } = this;
    const { commandSequence, timeUs } = state;
    state.clOrdIds.add(account.index, clOrdId, orderId, commandSequence, timeUs, this.hasher.high(), this.hasher.low());
  }

  newSlot(command: PlaceOrder): number {
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

  /** Puts an order under the lease that orders come under now, or under none. @param order null = a quote that stays */
  bind(slot: number, order: PlaceOrder | null): void {
    const { orders } = this.state;
    const row = this.lessor === null ? NIL : this.lessor(orders.account[slot]!, order);
    orders.recorder.note(slot);
    orders.lease[slot] = row;
    orders.flags[slot] = row === NIL ? orders.flags[slot]! & ~LEASED : orders.flags[slot]! | LEASED;
  }

  isReductionInPlace(slot: number): boolean {
    const { check } = this;
    const { orders } = this.state;
    return (
      check.priceTicks === orders.priceTicks[slot] &&
      (check.stopPxTicks === NONE || check.stopPxTicks === orders.stopPxTicks[slot]) &&
      check.orderQtyLots <= orders.orderQtyLots[slot]!
    );
  }

  take(slot: number): void {
    const { orders, events } = this.state;
    orders.state[slot] = nextState(orders.state[slot]!, ACCEPT);
    if (isStop(orders.ordType[slot]!)) {
      orders.stopPxTicks[slot] = this.check.stopPxTicks;
      if (orders.phase[slot] !== HELD) orders.phase[slot] = WAITING;
    } else if (this.check.gathers && orders.phase[slot] !== HELD) {
      this.gathering.enter(slot, this.check.limitTicks);
    }
    this.working.setHold(slot, this.working.neededHold(slot));
    events.order(ROW.ORDER_ACCEPTED, orders, slot, NONE, NONE);
  }

  /** Matches an order, or lets it gather or wait for its trigger; then lets the stops act that this triggered. */
  work(slot: number, listing: Listing): void {
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

  reject(slot: number, reason: number, rules: readonly RuleRow[] = NO_RULES): number {
    this.rejectedRules = rules;
    const { orders, events } = this.state;
    const { check } = this;
    orders.state[slot] = nextState(orders.state[slot]!, REJECT_ORDER);
    orders.leavesQtyLots[slot] = 0;
    events.rejection(orders, slot, reason, check.limit, check.current, check.projected, rules);
    orders.release(slot);
    return reason;
  }

  reduceInPlace(slot: number, listing: Listing): void {
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

  leaveWithNewTerms(slot: number): void {
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
  }

  refuse(
    request: number,
    account: number,
    orderId: number,
    clOrdId: string | null,
    reason: number,
    rules: readonly RuleRow[] = NO_RULES,
    why: string | null = null,
  ): void {
    const { limit, current, projected } = this.check;
    const text = why ?? refusalText(reason);
    this.state.events.refusal(request, account, orderId, clOrdId, reason, text, limit, current, projected, rules);
  }
}

export function isKey(clOrdId: string): boolean {
  return clOrdId.length > 0 && clOrdId.length <= MAX_CL_ORD_ID_LENGTH;
}

export function sideCode(side: 'BUY' | 'SELL'): number {
  return side === 'BUY' ? BUY : SELL;
}
