/**
 * What happens to orders and money in the reference exchange: matching, self-trade prevention, holds, positions.
 * The commands that lead here stand in `reference-exchange.ts`.
 */

import type { PlaceOrder, PlaceUnderLease } from '../exchange/command.js';
import type { ExchangeEvent, OrderFields, RequestRejected, TradeLeg } from '../exchange/event.js';
import type { EventBody } from '../exchange/event-buffer.js';
import { refusalText } from '../exchange/refusal-text.js';
import { capacitiesOf, type ExchangeOptions } from '../exchange/state.js';
import { REJECT } from '../values/codes.js';
import type { StateHasher } from '../values/state-hash.js';
import type { CancelReason, RestateReason, Side } from '../values/vocabulary.js';
import { afterEnd, afterFill, afterTrigger, sharedHold, takeLead } from './reference-links.js';
import { isMargin } from './reference-margin.js';
import {
  costOf,
  endsAtMarket,
  holdOf,
  isWithin,
  limitPriceOf,
  marginRule,
  notionalOf,
  type Refusal,
  referenceFee,
  simulate,
  trailedFrom,
} from './reference-rules.js';
import { type ReferenceInstrument, type ReferenceKey, type ReferenceOrder, ReferenceState } from './reference-state.js';

const KEY_PRUNED_AT_ONCE = 8;

export abstract class ReferenceCore {
  state: ReferenceState;
  events: ExchangeEvent[] = [];
  /** What orders are placed under now. */
  lessor: PlaceUnderLease | null = null;

  constructor(options: ExchangeOptions = {}) {
    this.state = new ReferenceState(capacitiesOf(options));
  }

  /** Trips the breaker that a trade of the order at this price would break; false where none would. */
  abstract trips(order: ReferenceOrder, price: number): boolean;
  abstract noteTrade(instrument: ReferenceInstrument, price: number): void;
  /** Decides about what is left of an order whose instrument was halted on the way. */
  abstract interrupted(order: ReferenceOrder): void;

  tell(body: EventBody): void {
    const { state } = this;
    state.eventSequence += 1;
    const { eventSequence: sequence, commandSequence, timeUs } = state;
    this.events.push({ ...body, sequence, commandSequence, timeUs } as ExchangeEvent);
  }

  /** Matches an order and decides about what is left. */
  work(order: ReferenceOrder, limit: number): void {
    const { state } = this;
    const { side, timeInForce } = order.terms;
    state.acting.push(order);
    while (order.leaves > 0) {
      const maker = state.queue(order.instrument, side === 'BUY' ? 'SELL' : 'BUY')[0];
      if (maker === undefined || !isWithin(side, maker.price!, limit)) break;
      if (maker.account === order.account && order.terms.selfTradePrevention !== 'NONE') {
        this.meetSelf(maker, order);
        continue;
      }
      if (this.trips(order, maker.price!)) break;
      this.trade(maker, order);
    }
    state.acting = state.acting.filter((other) => other !== order);
    if (order.status === 'CANCELED') return;
    if (order.leaves === 0) this.end(order);
    else if (state.instruments[order.instrument]!.status !== 'OPEN') this.interrupted(order);
    else if (endsAtMarket(order.terms)) this.cancel(order, 'MARKET_REMAINDER');
    else if (timeInForce === 'IOC' || timeInForce === 'FOK') this.cancel(order, 'IOC_REMAINDER');
    else this.rest(order);
  }

  rest(order: ReferenceOrder): void {
    const { state } = this;
    state.queueNumber += 1;
    order.queueNumber = state.queueNumber;
    this.list(order);
    order.shown = Math.min(order.leaves, order.displayQty ?? order.leaves);
    state.resting = [...state.resting.filter((other) => other !== order), order];
  }

  /** Lets an accepted stop wait, or queues it where the last trade triggers it. */
  arm(order: ReferenceOrder): void {
    const { state } = this;
    const { lastPx: last, status } = state.instruments[order.instrument]!;
    state.queueNumber += 1;
    order.waiting = true;
    order.waitNumber = state.queueNumber;
    if (status === 'OPEN' && last !== null && isDue(order, last)) {
      state.triggered.push({ order, px: last });
      return;
    }
    this.list(order);
    state.waiting.push(order);
  }

  /** Takes the stops that a trade at this price triggers out of the waiting ones; trails the others. */
  triggerAt(instrument: number, px: number): void {
    const { state } = this;
    const due = state.waiting.filter((order) => order.instrument === instrument && isDue(order, px));
    state.waiting = state.waiting.filter((order) => !due.includes(order));
    state.triggered.push(...due.map((order) => ({ order, px })));
    for (const order of state.waiting) {
      if (order.instrument !== instrument || order.terms.ordType !== 'TRAILING_STOP') continue;
      const trailed = trailedFrom(order.terms, px);
      order.stopPx = order.terms.side === 'BUY' ? Math.min(order.stopPx!, trailed) : Math.max(order.stopPx!, trailed);
    }
  }

  /** Lets exits follow what their entries filled. */
  protected abstract followFills(): void;

  /** Lets the triggered stops act, one after the other, and those that they trigger; before each, exits follow fills. */
  drain(): void {
    const { state } = this;
    for (;;) {
      this.followFills();
      const next = state.triggered.shift();
      if (next === undefined) return;
      if (next.order.leaves === 0) continue;
      if (state.instruments[next.order.instrument]!.status === 'OPEN') this.activate(next.order, next.px);
      else this.waitAgain(next.order);
    }
  }

  waitAgain(order: ReferenceOrder): void {
    const { state } = this;
    if (!order.listed) {
      state.queueNumber += 1;
      order.waitNumber = state.queueNumber;
      this.list(order);
    }
    state.waiting = [...state.waiting, order].sort((a, b) => a.waitNumber - b.waitNumber);
  }

  activate(order: ReferenceOrder, px: number): void {
    const { state } = this;
    const { terms, account } = order;
    order.waiting = false;
    this.tell({ type: 'OrderTriggered', ...fieldsOf(order), triggerPxTicks: px });
    afterTrigger(this, order);
    if (terms.reduceOnly && !this.cutToPosition(order)) return;
    const instrument = state.instruments[order.instrument]!;
    const { price, displayQty, cum, held } = order;
    const isNew = false;
    const active = { ...terms, ordType: endsAtMarket(terms) ? ('MARKET' as const) : ('LIMIT' as const) };
    const orderQty = order.leaves;
    const stop = { stopPx: null, keepsTrailing: false };
    const proposal = {
      terms: active,
      account,
      instrument,
      orderQty,
      price,
      displayQty,
      cum,
      held,
      isNew,
      replaced: order,
      ...stop,
    };
    if (isMargin(state, account)) {
      if (marginRule(state, proposal) !== null) {
        this.cancel(order, 'INSUFFICIENT_FUNDS');
        return;
      }
    } else if (active.ordType === 'MARKET' && terms.side === 'BUY') {
      const { total, held: allHeld } = state.balance(account, instrument.quote);
      if (costOf(state, proposal) > total - allHeld + held) {
        this.cancel(order, 'INSUFFICIENT_FUNDS');
        return;
      }
    }
    if (terms.timeInForce === 'FOK' && simulate(state, proposal, 'stops').lots < order.leaves) {
      this.cancel(order, 'IOC_REMAINDER');
      return;
    }
    this.setHold(order);
    this.work(order, limitPriceOf(state, proposal));
  }

  /** Lowers the order to what the position can lose; false where it was canceled. */
  cutToPosition(order: ReferenceOrder): boolean {
    const { qty } = this.state.position(order.account, order.instrument);
    const closable = Math.max(0, order.terms.side === 'BUY' ? -qty : qty);
    const excess = order.leaves - closable;
    if (excess <= 0) return true;
    if (closable === 0) {
      this.cancel(order, 'REDUCE_ONLY');
      return false;
    }
    this.lower(order, excess, 'REDUCE_ONLY');
    return true;
  }

  lower(order: ReferenceOrder, lots: number, reason: RestateReason): void {
    order.leaves -= lots;
    order.orderQty -= lots;
    order.shown = Math.min(order.shown, order.leaves);
    this.setHold(order);
    this.tell({ type: 'OrderRestated', ...fieldsOf(order), reason, restatedQtyLots: lots });
  }

  /** Lowers what rests of an account and is reduceOnly to the position that there is now. */
  followPosition(account: number, instrument: number): void {
    const { state } = this;
    for (const order of state.ordersOf(account)) {
      const rests = state.resting.includes(order);
      if (rests && order.terms.reduceOnly && order.instrument === instrument) this.cutToPosition(order);
    }
  }

  list(order: ReferenceOrder): void {
    if (!order.listed) order.accountNumber = this.state.queueNumber;
    order.listed = true;
  }

  expire(order: ReferenceOrder): void {
    const canceledQtyLots = order.leaves;
    order.leaves = 0;
    order.status = 'EXPIRED';
    this.tell({ type: 'OrderExpired', ...fieldsOf(order), canceledQtyLots });
    this.end(order);
  }

  meetSelf(maker: ReferenceOrder, taker: ReferenceOrder): void {
    const mode = taker.terms.selfTradePrevention;
    if (mode === 'DECREMENT') {
      const lots = Math.min(maker.shown, taker.leaves);
      this.decrement(maker, lots, true);
      this.decrement(taker, lots, false);
      return;
    }
    if (mode === 'CANCEL_OLDEST' || mode === 'CANCEL_BOTH') this.cancel(maker, 'SELF_TRADE');
    if (mode === 'CANCEL_NEWEST' || mode === 'CANCEL_BOTH') this.cancel(taker, 'SELF_TRADE');
  }

  decrement(order: ReferenceOrder, lots: number, rests: boolean): void {
    if (order.leaves === lots) {
      this.cancel(order, 'SELF_TRADE');
      return;
    }
    order.leaves -= lots;
    order.orderQty -= lots;
    this.setHold(order);
    this.tell({ type: 'OrderRestated', ...fieldsOf(order), reason: 'SELF_TRADE', restatedQtyLots: lots });
    if (rests) this.takeShown(order, lots);
  }

  takeShown(maker: ReferenceOrder, lots: number): void {
    maker.shown -= lots;
    if (maker.shown === 0 && maker.leaves > 0) this.rest(maker);
  }

  trade(maker: ReferenceOrder, taker: ReferenceOrder): void {
    const { state } = this;
    const instrument = state.instruments[taker.instrument]!;
    const price = maker.price!;
    const lots = Math.min(maker.shown, taker.leaves);
    const notional = notionalOf(instrument, price, lots);
    const makerFee = referenceFee(notional, instrument.spec.makerFeePpm);
    const takerFee = referenceFee(notional, instrument.spec.takerFeePpm);
    for (const order of [maker, taker]) takeLead(this, order);
    for (const [order, fee] of [
      [maker, makerFee],
      [taker, takerFee],
    ] as const) {
      order.leaves -= lots;
      order.cum += lots;
      order.notional += notional;
      order.status = order.leaves === 0 ? 'FILLED' : 'PARTIALLY_FILLED';
      this.setHold(order);
      const sign = order.terms.side === 'BUY' ? 1 : -1;
      state.balance(order.account, instrument.base).total += sign * lots * instrument.terms.baseUnitsPerLot;
      state.balance(order.account, instrument.quote).total -= sign * notional + fee;
      state.balance(0, instrument.quote).total += fee;
    }
    const [buyer, seller, buyerFee, sellerFee] =
      taker.terms.side === 'BUY' ? [taker, maker, takerFee, makerFee] : [maker, taker, makerFee, takerFee];
    this.changePosition(buyer.account, instrument, lots, price, buyerFee, true);
    this.changePosition(seller.account, instrument, -lots, price, sellerFee, true);
    instrument.lastPx = price;
    this.noteTrade(instrument, price);
    state.tradeId += 1;
    this.tell({
      type: 'OrdersTraded',
      tradeId: state.tradeId,
      instrument: instrument.index,
      priceTicks: price,
      qtyLots: lots,
      aggressorSide: taker.terms.side,
      takerSide: taker.terms.side,
      maker: legOf(maker, makerFee),
      taker: legOf(taker, takerFee),
    });
    this.triggerAt(instrument.index, price);
    this.takeShown(maker, lots);
    if (maker.leaves === 0) this.end(maker);
    for (const order of [maker, taker]) afterFill(this, order, lots);
    for (const order of [maker, taker]) this.followPosition(order.account, instrument.index);
  }

  changePosition(
    account: number,
    instrument: ReferenceInstrument,
    lots: number,
    price: number,
    fee: number,
    realizes: boolean,
  ): void {
    const position = this.state.position(account, instrument.index);
    position.fees += fee;
    const sign = Math.sign(lots);
    const closing = Math.sign(position.qty) === -sign ? Math.min(Math.abs(lots), Math.abs(position.qty)) : 0;
    if (closing > 0) {
      const share = Number((BigInt(position.cost) * BigInt(closing)) / BigInt(Math.abs(position.qty)));
      position.cost -= share;
      position.qty += sign * closing;
      if (realizes) position.realized += -sign * notionalOf(instrument, price, closing) - share;
    }
    const opening = Math.abs(lots) - closing;
    position.qty += sign * opening;
    position.cost += sign * notionalOf(instrument, price, opening);
  }

  /** What the order holds on its own. */
  ownHold(order: ReferenceOrder): number {
    const instrument = this.state.instruments[order.instrument]!;
    const price = order.price ?? (order.waiting ? order.stopPx : order.protection);
    return holdOf(instrument, order.terms.side, price, order.leaves);
  }

  setHold(order: ReferenceOrder): void {
    const instrument = this.state.instruments[order.instrument]!;
    const { side } = order.terms;
    const needed = sharedHold(order, (each) => this.ownHold(each));
    this.state.balance(order.account, side === 'BUY' ? instrument.quote : instrument.base).held += needed - order.held;
    order.held = needed;
  }

  cancel(order: ReferenceOrder, reason: CancelReason): void {
    const canceledQtyLots = order.leaves;
    order.leaves = 0;
    order.status = 'CANCELED';
    this.tell({ type: 'OrderCanceled', ...fieldsOf(order), reason, canceledQtyLots });
    this.end(order);
  }

  end(order: ReferenceOrder): void {
    this.setHold(order);
    this.state.resting = this.state.resting.filter((other) => other !== order);
    this.state.waiting = this.state.waiting.filter((other) => other !== order);
    this.state.gathered = this.state.gathered.filter((other) => other !== order);
    this.state.held = this.state.held.filter((other) => other !== order);
    this.state.freedInCommand.push(order.slot);
    afterEnd(this, order);
  }

  reject(order: ReferenceOrder, refusal: Refusal): Refusal {
    order.status = 'REJECTED';
    order.leaves = 0;
    this.tell({ type: 'OrderRejected', ...fieldsOf(order), ...refusal, rules: [] });
    this.state.freedInCommand.push(order.slot);
    return refusal;
  }

  refuse(
    request: Pick<RequestRejected, 'request' | 'account'> & Partial<Pick<RequestRejected, 'orderId' | 'clOrdId'>>,
    refusal: Refusal,
    text = refusal.text ?? refusalText(REJECT[refusal.reason]),
  ): void {
    this.tell({ type: 'RequestRejected', orderId: null, clOrdId: null, ...request, ...refusal, text, rules: [] });
  }

  remember(
    keys: ReferenceKey[],
    owner: number,
    key: string,
    input: string,
    orderId: number,
    hasher: StateHasher,
  ): void {
    const { commandSequence, timeUs } = this.state;
    keys.push({ owner, key, input, orderId, commandSequence, timeUs, hashHigh: hasher.high(), hashLow: hasher.low() });
  }
}

/** Row of the lease that an order of the account is placed under now. @param order null = a quote that stays */
export function rowFor({ state, lessor }: ReferenceCore, account: number, order: PlaceOrder | null): number | null {
  if (lessor === null) return null;
  const { command, leased, leaseId } = lessor;
  const place = command.type === 'PlaceOrders' && order !== null ? command.orders.indexOf(order) : -1;
  if (leased !== null && place >= 0 && !leased[place]) return null;
  return state.leases.find((lease) => lease.account === account && lease.leaseId === leaseId)?.row ?? null;
}

/** Tells whether a trade at this price triggers the stop. */
function isDue(order: ReferenceOrder, px: number): boolean {
  return order.terms.side === 'BUY' ? px >= order.stopPx! : px <= order.stopPx!;
}

export function prune(keys: ReferenceKey[], oldestUs: number): void {
  for (let step = 0; step < KEY_PRUNED_AT_ONCE; step += 1) {
    if (keys.length > 0 && keys[0]!.timeUs <= oldestUs) keys.shift();
  }
}

export function fieldsOf(order: ReferenceOrder): OrderFields {
  const { terms } = order;
  const side: Side = terms.side;
  return {
    orderId: order.orderId,
    clOrdId: terms.clOrdId,
    account: order.account,
    instrument: order.instrument,
    side,
    ordType: terms.ordType,
    timeInForce: terms.timeInForce,
    ordStatus: order.status,
    orderQtyLots: order.orderQty,
    priceTicks: order.price,
    stopPxTicks: order.stopPx,
    displayQtyLots: order.displayQty,
    expireTimeUs: terms.expireTimeUs,
    postOnly: terms.postOnly,
    reduceOnly: terms.reduceOnly,
    selfTradePrevention: terms.selfTradePrevention,
    cumQtyLots: order.cum,
    leavesQtyLots: order.leaves,
    cumNotionalUnits: order.notional,
    createdUs: order.createdUs,
    planId: order.plan?.planId ?? null,
    contingency: order.plan?.contingency ?? null,
    planLeg: order.plan?.name ?? null,
  };
}

export function legOf(order: ReferenceOrder, feeUnits: number): TradeLeg {
  return {
    orderId: order.orderId,
    clOrdId: order.terms.clOrdId,
    account: order.account,
    ordStatus: order.status,
    cumQtyLots: order.cum,
    leavesQtyLots: order.leaves,
    cumNotionalUnits: order.notional,
    feeUnits,
  };
}
