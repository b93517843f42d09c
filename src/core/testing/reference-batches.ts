/** Batches and mass quotes in the reference exchange. A trial is a copy of the whole state, put back where it failed. */
import type { CancelOrder, CancelOrders, MassQuote, PlaceOrder, PlaceOrders, QuoteEntry } from '../exchange/command.js';
import { hashPlaceOrder } from '../exchange/idempotency.js';
import { StateHasher } from '../values/state-hash.js';
import type { Side } from '../values/vocabulary.js';
import { fieldsOf, prune, type ReferenceCore, rowFor } from './reference-core.js';
import { takeToken } from './reference-rates.js';
import { qtyRule, type Refusal, refusalFor } from './reference-rules.js';
import type { ReferenceKey, ReferenceOrder } from './reference-state.js';

export function wrongCount(count: number, most: number): Refusal | null {
  if (count >= 1 && count <= most) return null;
  return { ...refusalFor('INVALID_REQUEST'), limit: count < 1 ? 1 : most, projected: count };
}

/** The exchange as batches use it: one order at a time. */
export interface BatchVenue extends ReferenceCore {
  place(command: PlaceOrder, quote?: boolean): Refusal | 'told' | ReferenceOrder;
  cancelOrder(command: CancelOrder): void;
  newOrder(terms: PlaceOrder): ReferenceOrder;
}

export function placeAll(exchange: BatchVenue, { orders, mode }: PlaceOrders): void {
  const wrong = wrongCount(orders.length, 100);
  if (wrong !== null) exchange.refuse({ request: 'PlaceOrders', account: null }, wrong);
  else if (mode === 'BEST_EFFORT') for (const order of orders) exchange.place(order);
  else placeAllOrNone(exchange, orders);
}

function placeAllOrNone(exchange: BatchVenue, orders: readonly PlaceOrder[]): void {
  for (const _order of orders) pruneKeys(exchange);
  const repeats = orders
    .map((order) => keyOf(exchange, order))
    .filter((key, index) => key?.input === JSON.stringify(orders[index]));
  if (repeats.length === orders.length) {
    for (const order of orders) tellRepeat(exchange, order);
    return;
  }
  const before = exchange.state.copy();
  const told = exchange.events.length;
  for (const [failed, order] of orders.entries()) {
    const result = exchange.place(order);
    if (typeof result === 'object' && 'orderId' in result) continue;
    exchange.state = before;
    exchange.events = exchange.events.slice(0, told);
    for (const [index, each] of orders.entries()) {
      if (index !== failed) rejectUnplaced(exchange, each, { ...refusalFor('BATCH_REJECTED'), current: failed + 1 });
      else if (result !== 'told') rejectUnplaced(exchange, each, result);
      else {
        const current = keyOf(exchange, each)?.orderId ?? null;
        rejectUnplaced(exchange, each, { ...refusalFor('DUPLICATE_CL_ORD_ID'), current });
      }
    }
    return;
  }
}

function pruneKeys({ state }: BatchVenue): void {
  prune(state.clOrdIds, state.timeUs - state.capacities.clOrdIdRetentionUs);
}

export function keyOf({ state }: BatchVenue, { account, clOrdId }: PlaceOrder): ReferenceKey | undefined {
  return state.clOrdIds.find(({ owner, key }) => owner === account && key === clOrdId);
}

export function tellRepeat(exchange: BatchVenue, order: PlaceOrder): void {
  const { orderId, commandSequence: firstCommandSequence } = keyOf(exchange, order)!;
  const { account, clOrdId } = order;
  exchange.tell({ type: 'OrderDuplicated', account, clOrdId: clOrdId!, orderId, firstCommandSequence });
}

export function rejectUnplaced(exchange: BatchVenue, command: PlaceOrder, refusal: Refusal): void {
  const { state } = exchange;
  const { account, clOrdId } = command;
  const order = exchange.newOrder(command);
  const isKey = clOrdId !== null && clOrdId.length >= 1 && clOrdId.length <= 64;
  if (isKey && state.accounts[account] !== undefined) {
    pruneKeys(exchange);
    if (keyOf(exchange, command) === undefined && state.clOrdIds.length < state.capacities.maxClOrdIds) {
      const hasher = new StateHasher();
      hashPlaceOrder(hasher, command);
      exchange.remember(state.clOrdIds, account, clOrdId, JSON.stringify(command), order.orderId, hasher);
    }
  }
  takeToken(state, account, command.instrument, 'order');
  exchange.reject(order, refusal);
}

export function cancelSome(exchange: BatchVenue, { account, orderIds }: CancelOrders): void {
  const known = exchange.state.accounts[account] !== undefined;
  const wrong = known ? wrongCount(orderIds.length, 1000) : refusalFor('UNKNOWN_ACCOUNT');
  if (wrong !== null) exchange.refuse({ request: 'CancelOrders', account: known ? account : null }, wrong);
  else for (const orderId of orderIds) exchange.cancelOrder({ type: 'CancelOrder', account, orderId });
}

export function massQuote(exchange: BatchVenue, command: MassQuote): void {
  const { account, quoteId, entries } = command;
  const known = exchange.state.accounts[account] !== undefined;
  const wrong = known ? wrongQuote(command) : refusalFor('UNKNOWN_ACCOUNT');
  if (wrong !== null) {
    exchange.refuse({ request: 'MassQuote', account: known ? account : null }, wrong);
    return;
  }
  const kept = entries.map((entry) => ({
    bid: retire(exchange, command, entry, 'BUY'),
    ask: retire(exchange, command, entry, 'SELL'),
  }));
  const done = entries.map((entry, index) => ({
    instrument: entry.instrument,
    bidOrderId: placeQuote(exchange, command, entry, 'BUY', kept[index]!.bid),
    askOrderId: placeQuote(exchange, command, entry, 'SELL', kept[index]!.ask),
  }));
  exchange.tell({ type: 'MassQuoteDone', account, quoteId, entries: done });
}

function wrongQuote({ entries, quoteId }: MassQuote): Refusal | null {
  const wrong = wrongCount(entries.length, 100);
  if (wrong !== null) return wrong;
  if (quoteId.length < 1 || quoteId.length > 64) {
    return { ...refusalFor('INVALID_REQUEST'), limit: 64, projected: quoteId.length };
  }
  const twice = entries.some((entry, index) => entries.findIndex((e) => e.instrument === entry.instrument) !== index);
  return twice ? refusalFor('INVALID_REQUEST') : null;
}

/** Takes a former quote out of the market unless it can stay; returns it where it stays. */
function retire(exchange: BatchVenue, command: MassQuote, entry: QuoteEntry, side: Side): ReferenceOrder | null {
  const { state } = exchange;
  const quote = side === 'BUY' ? entry.bid : entry.ask;
  const former = state
    .ordersOf(command.account)
    .find((order) => order.quote && order.instrument === entry.instrument && order.terms.side === side);
  if (former === undefined) return null;
  const { terms, price, leaves, cum, account, displayQty, held } = former;
  const sameTerms =
    quote !== null &&
    price === quote.priceTicks &&
    terms.postOnly === command.postOnly &&
    terms.selfTradePrevention === command.selfTradePrevention;
  const lease = rowFor(exchange, account, null);
  if (sameTerms && leaves === quote.qtyLots) return Object.assign(former, { lease });
  if (sameTerms && leaves > quote.qtyLots) {
    const instrument = state.instruments[former.instrument]!;
    const orderQty = cum + quote.qtyLots;
    const stop = { stopPx: null, keepsTrailing: false, isNew: false, replaced: former };
    if (qtyRule(state, { terms, account, instrument, orderQty, price, displayQty, cum, held, ...stop }) === null) {
      Object.assign(former, { lease, orderQty, leaves: quote.qtyLots, shown: quote.qtyLots });
      exchange.setHold(former);
      exchange.tell({ type: 'OrderReplaced', ...fieldsOf(former), priorityKept: true });
      return former;
    }
  }
  exchange.cancel(former, 'QUOTE_REPLACED');
  return null;
}

function placeQuote(
  exchange: BatchVenue,
  { account, postOnly, selfTradePrevention }: MassQuote,
  entry: QuoteEntry,
  side: Side,
  kept: ReferenceOrder | null,
): number | null {
  const quote = side === 'BUY' ? entry.bid : entry.ask;
  if (quote === null) return null;
  if (kept !== null) return kept.orderId;
  const order: PlaceOrder = {
    type: 'PlaceOrder',
    account,
    instrument: entry.instrument,
    side,
    ordType: 'LIMIT',
    timeInForce: 'GTC',
    orderQtyLots: quote.qtyLots,
    priceTicks: quote.priceTicks,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly,
    reduceOnly: false,
    selfTradePrevention,
    clOrdId: null,
  };
  exchange.place(order, true);
  const told = exchange.events.findLast(({ type }) => type === 'OrderAccepted' || type === 'OrderRejected');
  return told !== undefined && 'orderId' in told ? told.orderId : null;
}
