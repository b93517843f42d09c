/**
 * The reference exchange: the same commands, events and state hash as Exchange, written to be read, not to be fast.
 *
 * Everything is found by filtering and sorting plain objects; what changed is found by comparing the whole state
 * before and after a command. Tests run it beside the real one under random commands.
 */
import type { CancelAllOrders, CancelOrder, Command, PlaceOrder, ReplaceOrder } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import { hashPlaceOrder, hashReplaceOrder } from '../exchange/idempotency.js';
import { StateHasher } from '../values/state-hash.js';
import type { Side } from '../values/vocabulary.js';
import { adjustBalance, administer } from './reference-administration.js';
import { gather } from './reference-auction.js';
import { cancelSome, massQuote, placeAll } from './reference-batches.js';
import { interrupt, noteTrade, runDue, tripped } from './reference-breakers.js';
import { changesBetween, photograph } from './reference-changes.js';
import { fieldsOf, prune, ReferenceCore, rowFor } from './reference-core.js';
import { describeReference } from './reference-image.js';
import { cancelAllAfter, expireLeases, placeUnderLease, renewLeases } from './reference-leases.js';
import { changeRefusal, reachRefusal, setAside, shareAnew, takeLead } from './reference-links.js';
import { settleMargins } from './reference-liquidation.js';
import { followFills, placePlan } from './reference-plans.js';
import { takeToken } from './reference-rates.js';
import { takeReferenceMarks } from './reference-risk.js';
import {
  gathersNow,
  isStop,
  isWithin,
  limitPriceOf,
  type Proposal,
  protectionOf,
  qtyRule,
  type Refusal,
  refusalFor,
  refusalOf,
  stopPxOf,
} from './reference-rules.js';
import type { ReferenceInstrument, ReferenceOrder } from './reference-state.js';

export class ReferenceExchange extends ReferenceCore {
  /** The state after the last command, which is that before the next. */
  private photograph = photograph(this.state);

  get timeUs(): number {
    return this.state.timeUs;
  }

  protected override followFills(): void {
    followFills(this);
  }

  apply(command: Command, timeUs: number): void {
    const { state } = this;
    this.events = [];
    state.commandSequence += 1;
    const beforeUs = state.timeUs;
    state.timeUs = timeUs;
    const before = this.photograph;
    takeReferenceMarks(state, beforeUs);
    runDue(this, (byUs) => this.expireDue(byUs));
    this.execute(command);
    settleMargins(this, (account, instrument, side, lots) => this.reduceAtMarket(account, instrument, side, lots));
    // A batch that was taken back left another state object.
    this.photograph = photograph(this.state);
    for (const change of changesBetween(before, this.photograph)) this.tell(change);
    this.state.freeSlots.push(...this.state.freedInCommand);
    this.state.freedInCommand = [];
  }

  takeEvents(): ExchangeEvent[] {
    return this.events;
  }

  stateHash(): string {
    const hasher = new StateHasher();
    describeReference(this.state, hasher);
    return hasher.digest();
  }

  expireDue(byUs: number): void {
    const { state } = this;
    const due = [...state.resting, ...state.waiting, ...state.gathered, ...state.held]
      .filter((order) => order.due !== null && order.due <= byUs)
      .sort((a, b) => a.due! - b.due! || a.createdUs - b.createdUs || a.orderId - b.orderId);
    for (const order of due) if (order.leaves > 0) this.expire(order);
    expireLeases(this, byUs);
  }

  execute(command: Command): void {
    switch (command.type) {
      case 'PlaceOrder':
        this.place(command);
        break;
      case 'CancelOrder':
        this.cancelOrder(command);
        break;
      case 'ReplaceOrder':
        this.replace(command);
        break;
      case 'CancelAllOrders':
        this.cancelAll(command);
        break;
      case 'PlaceOrders':
        placeAll(this, command);
        break;
      case 'CancelOrders':
        cancelSome(this, command);
        break;
      case 'MassQuote':
        massQuote(this, command);
        break;
      case 'PlaceUnderLease':
        placeUnderLease(this, command);
        break;
      case 'RenewLeases':
        renewLeases(this, command);
        break;
      case 'CancelAllAfter':
        cancelAllAfter(this, command);
        break;
      case 'PlacePlan':
        placePlan(this, command);
        break;
      case 'AdjustBalance':
        adjustBalance(this, command);
        break;
      case 'AdvanceTime':
        break;
      default:
        administer(this, command);
    }
  }

  /** Returns why the order was refused, 'told' where its first result was told again, otherwise the order. */
  place(command: PlaceOrder, quote = false): Refusal | 'told' | ReferenceOrder {
    const { state } = this;
    const account = state.accounts[command.account] === undefined ? -1 : command.account;
    if (account < 0) {
      return this.reject(this.newOrder(command), refusalFor('UNKNOWN_ACCOUNT'));
    }
    const hasher = new StateHasher();
    hashPlaceOrder(hasher, command);
    const keyRefusal = this.checkKey(account, command.clOrdId, JSON.stringify(command));
    if (keyRefusal === 'told') return 'told';
    const order = this.newOrder(command);
    if (keyRefusal !== null) return this.reject(order, keyRefusal);
    const tooFast = takeToken(state, account, command.instrument, 'order');
    if (tooFast !== null) return this.reject(order, { reason: 'ORDER_RATE_LIMIT', ...tooFast });
    if (command.clOrdId !== null) {
      this.remember(state.clOrdIds, account, command.clOrdId, JSON.stringify(command), order.orderId, hasher);
    }
    const instrument = state.instruments[command.instrument];
    if (instrument === undefined) return this.reject(order, refusalFor('UNKNOWN_SYMBOL'));
    order.quote = quote;
    const { orderQty, price, displayQty } = order;
    const fresh = { cum: 0, held: 0, isNew: true, replaced: null, stopPx: command.stopPxTicks, keepsTrailing: false };
    const proposal = { terms: command, account, instrument, orderQty, price, displayQty, ...fresh };
    const refusal = refusalOf(state, proposal);
    if (refusal !== null) return this.reject(order, refusal);
    if (isStop(command)) {
      order.stopPx = stopPxOf(proposal);
      order.waiting = true;
    }
    this.readyToGather(order, proposal);
    this.setHold(order);
    this.tell({ type: 'OrderAccepted', ...fieldsOf(order) });
    this.proceed(order, limitPriceOf(state, proposal));
    return order;
  }

  /** Sends what a liquidation sells or buys; false where nothing would trade within the collar. */
  reduceAtMarket(account: number, { index }: ReferenceInstrument, side: Side, lots: number): boolean {
    const instrument = this.state.instruments[index]!;
    const terms: PlaceOrder = {
      type: 'PlaceOrder',
      account,
      instrument: index,
      side,
      ordType: 'MARKET',
      timeInForce: 'IOC',
      orderQtyLots: lots,
      priceTicks: null,
      stopPxTicks: null,
      trailingOffsetTicks: null,
      trailingPpm: null,
      displayQtyLots: null,
      expireTimeUs: null,
      postOnly: false,
      reduceOnly: true,
      selfTradePrevention: 'CANCEL_OLDEST',
      clOrdId: null,
    };
    const fresh = { cum: 0, held: 0, isNew: true, replaced: null, stopPx: null, keepsTrailing: false };
    const proposal = { terms, account, instrument, orderQty: lots, price: null, displayQty: null, ...fresh };
    const limit = limitPriceOf(this.state, proposal);
    const best = this.state.queue(index, side === 'BUY' ? 'SELL' : 'BUY')[0];
    if (best === undefined || !isWithin(side, best.price!, limit)) return false;
    const order = this.newOrder(terms);
    this.setHold(order);
    this.tell({ type: 'OrderAccepted', ...fieldsOf(order) });
    this.proceed(order, limit);
    return true;
  }

  cancelOrder(command: CancelOrder): void {
    const { account, orderId } = command;
    const tooFast = takeToken(this.state, account, this.instrumentOf(orderId), 'cancel');
    if (tooFast !== null) {
      this.refuse({ request: 'CancelOrder', account, orderId }, { reason: 'CANCEL_RATE_LIMIT', ...tooFast });
      return;
    }
    const order = this.workingOrder('CancelOrder', command.account, command.orderId, null);
    if (order !== null) this.cancel(order, 'REQUESTED');
  }

  replace(command: ReplaceOrder): void {
    const { state } = this;
    const { account, orderId, clOrdId } = command;
    const hasher = new StateHasher();
    hashReplaceOrder(hasher, command);
    const request = { request: 'ReplaceOrder' as const, account, orderId, clOrdId };
    if (state.accounts[account] !== undefined && clOrdId !== null) {
      const keyRefusal = this.checkKey(account, clOrdId, JSON.stringify(command));
      if (keyRefusal === 'told') return;
      if (keyRefusal !== null) {
        this.refuse(request, keyRefusal);
        return;
      }
      if (this.replacesTooFast(command)) return;
      this.remember(state.clOrdIds, account, clOrdId, JSON.stringify(command), orderId, hasher);
    } else if (this.replacesTooFast(command)) {
      return;
    }
    const order = this.workingOrder('ReplaceOrder', account, orderId, clOrdId);
    if (order === null) return;
    const { terms, cum } = order;
    const held = setAside(order);
    const instrument = state.instruments[order.instrument]!;
    const orderQty = command.orderQtyLots ?? order.orderQty;
    const price = command.priceTicks ?? order.price;
    const displayQty = order.displayQty === null ? null : Math.min(order.displayQty, orderQty);
    const waits = order.waiting || order.plan?.held === true;
    const stopPx = command.stopPxTicks ?? (waits ? order.stopPx : null);
    const changed = waits || terms.ordType === 'MARKET' ? terms : { ...terms, ordType: 'LIMIT' as const };
    const stop = { stopPx, keepsTrailing: command.stopPxTicks === null };
    const proposal = {
      terms: changed,
      account,
      instrument,
      orderQty,
      price,
      displayQty,
      cum,
      held,
      isNew: false,
      replaced: order,
      isHeld: order.plan?.held === true,
      ...stop,
    };
    const inPlace = price === order.price && (stopPx === null || stopPx === order.stopPx) && orderQty <= order.orderQty;
    const change = orderQty - order.orderQty;
    const refusal =
      changeRefusal(order, change) ??
      reachRefusal(order, price) ??
      (inPlace ? qtyRule(state, proposal) : refusalOf(state, proposal));
    if (refusal !== null) {
      this.refuse(request, refusal);
      return;
    }
    Object.assign(order, { orderQty, price, displayQty, leaves: orderQty - cum });
    if (inPlace) {
      order.shown = Math.min(order.shown, order.leaves);
      this.setHold(order);
      this.tell({ type: 'OrderReplaced', ...fieldsOf(order), priorityKept: true });
      return;
    }
    order.stopPx = stopPx ?? order.stopPx;
    if (order.plan?.held === true) {
      this.tell({ type: 'OrderReplaced', ...fieldsOf(order), priorityKept: false });
      return;
    }
    takeLead(this, order);
    state.resting = state.resting.filter((other) => other !== order);
    state.waiting = state.waiting.filter((other) => other !== order);
    state.gathered = state.gathered.filter((other) => other !== order);
    this.readyToGather(order, proposal);
    this.setHold(order);
    this.tell({ type: 'OrderReplaced', ...fieldsOf(order), priorityKept: false });
    shareAnew(this, order);
    this.proceed(order, limitPriceOf(state, proposal));
  }

  replacesTooFast({ account, orderId, clOrdId }: ReplaceOrder): boolean {
    const tooFast = takeToken(this.state, account, this.instrumentOf(orderId), 'order');
    if (tooFast === null) return false;
    const request = { request: 'ReplaceOrder' as const, account, orderId, clOrdId };
    this.refuse(request, { reason: 'ORDER_RATE_LIMIT', ...tooFast });
    return true;
  }

  /** Instrument of the order that has, or had last, this id; −1 where there is none. */
  instrumentOf(orderId: number): number {
    return this.state.slots.find(({ lastOrder }) => lastOrder?.orderId === orderId)?.lastOrder?.instrument ?? -1;
  }

  /** Notes whether an accepted order gathers, and at which price at worst where it has none. */
  readyToGather(order: ReferenceOrder, proposal: Proposal): void {
    order.gathers = gathersNow(proposal);
    if (!order.gathers || order.terms.ordType !== 'MARKET') return;
    order.protection = protectionOf(this.state, order.account, proposal.instrument, order.terms.side);
  }

  override trips(order: ReferenceOrder, price: number): boolean {
    return tripped(this, this.state.instruments[order.instrument]!, price);
  }

  override noteTrade(instrument: ReferenceInstrument, price: number): void {
    noteTrade(this, instrument, price);
  }

  override interrupted(order: ReferenceOrder): void {
    interrupt(this, order, (each) => gather(this, each));
  }

  /** Matches an order, lets it gather or lets a stop wait, then lets the stops act that this triggered. */
  proceed(order: ReferenceOrder, limit: number): void {
    if (order.waiting) this.arm(order);
    else if (order.gathers) gather(this, order);
    else this.work(order, limit);
    this.drain();
  }

  cancelAll(command: CancelAllOrders): void {
    const { state } = this;
    const { account, instrument, side } = command;
    if (state.accounts[account] === undefined) {
      this.refuse({ request: 'CancelAllOrders', account: null }, refusalFor('UNKNOWN_ACCOUNT'));
      return;
    }
    if (instrument !== null && state.instruments[instrument] === undefined) {
      this.refuse({ request: 'CancelAllOrders', account }, refusalFor('UNKNOWN_SYMBOL'));
      return;
    }
    const chosen = state
      .ordersOf(account)
      .filter((order) => instrument === null || order.instrument === instrument)
      .filter((order) => side === null || order.terms.side === side);
    const told = this.events.length;
    for (const order of chosen) if (order.leaves > 0) this.cancel(order, 'MASS_CANCEL');
    this.tell({ type: 'MassCancelDone', account, canceledCount: this.events.length - told });
  }

  workingOrder(
    request: 'CancelOrder' | 'ReplaceOrder',
    account: number,
    orderId: number,
    clOrdId: string | null,
  ): ReferenceOrder | null {
    const { state } = this;
    const found = state.slots.map((slot) => slot.lastOrder).find((order) => order?.orderId === orderId);
    if (state.accounts[account] === undefined) {
      this.refuse({ request, account: null, orderId, clOrdId }, refusalFor('UNKNOWN_ACCOUNT'));
    } else if (found === undefined || found === null || found.account !== account) {
      this.refuse({ request, account, orderId, clOrdId }, refusalFor('UNKNOWN_ORDER'));
    } else if (!state.ordersOf(account).includes(found)) {
      this.refuse({ request, account, orderId, clOrdId }, refusalFor('TOO_LATE_TO_CANCEL'));
    } else {
      return found;
    }
    return null;
  }

  newOrder(terms: PlaceOrder): ReferenceOrder {
    const { state } = this;
    const slot = state.freeSlots.pop() ?? state.slots.push({ generation: 0, account: -1, lastOrder: null }) - 1;
    const entry = state.slots[slot]!;
    entry.generation += 1;
    entry.account = state.accounts[terms.account] === undefined ? -1 : terms.account;
    entry.lastOrder = {
      slot,
      orderId: entry.generation * 2 ** 24 + slot,
      terms,
      account: entry.account,
      instrument: state.instruments[terms.instrument] === undefined ? -1 : terms.instrument,
      createdUs: state.timeUs,
      status: 'NEW',
      orderQty: terms.orderQtyLots,
      price: terms.priceTicks,
      stopPx: terms.stopPxTicks,
      quote: false,
      lease: rowFor(this, terms.account, terms),
      waiting: false,
      waitNumber: 0,
      gathers: false,
      gathered: null,
      protection: null,
      plan: null,
      due: dueOf(terms, state.timeUs, state.instruments[terms.instrument]?.calendar ?? null),
      displayQty: terms.displayQtyLots,
      cum: 0,
      leaves: terms.orderQtyLots,
      shown: 0,
      notional: 0,
      held: 0,
      queueNumber: 0,
      accountNumber: 0,
      listed: false,
    };
    return entry.lastOrder;
  }

  checkKey(account: number, key: string | null, input: string): Refusal | 'told' | null {
    const { state } = this;
    if (key === null) return null;
    if (key.length < 1 || key.length > 64) {
      return { reason: 'INVALID_REQUEST', limit: 64, current: null, projected: key.length };
    }
    prune(state.clOrdIds, state.timeUs - state.capacities.clOrdIdRetentionUs);
    const seen = state.clOrdIds.find((entry) => entry.owner === account && entry.key === key);
    if (seen === undefined) {
      const { maxClOrdIds } = state.capacities;
      const count = state.clOrdIds.length;
      if (count < maxClOrdIds) return null;
      return { reason: 'ORDER_RATE_LIMIT', limit: maxClOrdIds, current: count, projected: null };
    }
    if (seen.input !== input) {
      return { reason: 'DUPLICATE_CL_ORD_ID', limit: null, current: seen.orderId, projected: null };
    }
    const { orderId, commandSequence: firstCommandSequence } = seen;
    this.tell({ type: 'OrderDuplicated', account, clOrdId: key, orderId, firstCommandSequence });
    return 'told';
  }
}

/** When the order expires: a DAY order at the next midnight UTC, or with the session where the instrument has any. */
function dueOf(terms: PlaceOrder, nowUs: number, calendar: string | null): number | null {
  const dayUs = 24 * 3600 * 1_000_000;
  if (terms.timeInForce === 'DAY') return calendar === null ? nowUs - (nowUs % dayUs) + dayUs : null;
  return terms.timeInForce === 'GTD' ? terms.expireTimeUs : null;
}
