/**
 * Several orders in one command: batches, cancels by list, and mass quotes.
 *
 * PlaceOrders places its orders one after the other, each on the state that the ones before left behind: what those
 * traded, hold and triggered counts. BEST_EFFORT: each is accepted or refused for itself.
 * ALL_OR_NONE: where one is refused, everything since the command began is taken back to the last bit, and all are told
 * as rejected: the first that was refused with its reason and arithmetic, the others as BATCH_REJECTED with its place
 * (from 1) as `current`. Accepted means not rejected: an order that is accepted and then ends unfilled (IOC, self-trade
 * prevention) lets the others stand.
 * Keys of an ALL_OR_NONE batch: it is a repetition where every order has a key that was used with the same input; then
 * all first results are told again and nothing is placed. Where only some have, a repeated key is refused as
 * DUPLICATE_CL_ORD_ID, so that no part of a batch is ever placed twice. A batch that was refused keeps its keys.
 *
 * MassQuote first takes the former quotes of the symbols that it names out of the market, then places the new ones in
 * the order of its entries, bid before ask, as LIMIT GTC orders. A former quote stays where the new one has its price,
 * its options and no greater quantity: it keeps its place and loses what is too much. A side that is refused is out of
 * the market: a quoter's old price never stands where he wanted another one.
 *
 * Precedence of what refuses a whole request: UNKNOWN_ACCOUNT, INVALID_REQUEST (number of entries, then quoteId, then an
 * instrument named twice).
 */
import { NIL, POST_ONLY, QUOTE } from '../matching/order-table.js';
import type { WorkingOrders } from '../matching/working-orders.js';
import type { OrderCheck } from '../risk/order-check.js';
import { BUY, CANCEL, codeOf, NONE, REJECT, SELF_TRADE, SELL } from '../values/codes.js';
import type { CancelOrders, MassQuote, PlaceOrder, PlaceOrders, QuoteSide } from './command.js';
import { ACCEPTED, DUPLICATE } from './entry-steps.js';
import type { QuoteOutcome } from './event.js';
import { REQUEST } from './event-buffer.js';
import type { OrderEntry } from './order-entry.js';
import type { ExchangeState } from './state.js';

/** Most orders of one PlaceOrders, and entries of one MassQuote. */
export const MAX_BATCH_ORDERS = 100;
/** Most orders of one CancelOrders. */
export const MAX_CANCELS = 1_000;
const MAX_QUOTE_ID_LENGTH = 64;

export class BatchEntry {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly check: OrderCheck,
    private readonly entry: OrderEntry,
  ) {}

  placeAll({ orders, mode }: PlaceOrders): void {
    if (this.isBatchWrong({ orders })) return;
    if (mode === 'ALL_OR_NONE') this.#placeAllOrNone(orders);
    else for (const order of orders) this.entry.place(order);
  }

  /** Tells whether a batch has too few or too many orders, which is then told as its refusal. */
  isBatchWrong({ orders }: Pick<PlaceOrders, 'orders'>): boolean {
    return this.#isCountWrong(REQUEST.PLACE_ALL, NONE, orders.length, MAX_BATCH_ORDERS);
  }

  cancelSome({ account, orderIds }: CancelOrders): void {
    if (this.state.accounts[account] === undefined) {
      this.#refuse(REQUEST.CANCEL_SOME, NONE, REJECT.UNKNOWN_ACCOUNT);
      return;
    }
    if (this.#isCountWrong(REQUEST.CANCEL_SOME, account, orderIds.length, MAX_CANCELS)) return;
    for (const orderId of orderIds) this.entry.cancel({ type: 'CancelOrder', account, orderId });
  }

  quote(command: MassQuote): void {
    const { account, quoteId, entries } = command;
    if (this.#isQuoteWrong(command)) return;
    // An id per side, bid before ask: that of the quote that stays, NONE where one is to be placed or withdrawn.
    const ids: number[] = [];
    for (const { instrument, bid, ask } of entries) {
      ids.push(this.#retire(command, instrument, BUY, bid), this.#retire(command, instrument, SELL, ask));
    }
    const outcomes: QuoteOutcome[] = entries.map(({ instrument, bid, ask }, index) => ({
      instrument,
      bidOrderId: this.#placeQuote(command, instrument, BUY, bid, ids[index * 2]!),
      askOrderId: this.#placeQuote(command, instrument, SELL, ask, ids[index * 2 + 1]!),
    }));
    this.state.events.body({ type: 'MassQuoteDone', account, quoteId, entries: outcomes });
  }

  #placeAllOrNone(orders: readonly PlaceOrder[]): void {
    const { state, entry, check } = this;
    for (const _order of orders) state.clOrdIds.prune(state.timeUs);
    if (orders.every((order) => entry.isRepeat(order))) {
      for (const order of orders) entry.tellRepeat(order);
      return;
    }
    state.trial.begin();
    const results: number[] = [];
    for (const order of orders) {
      const result = entry.place(order);
      results.push(result);
      if (result !== ACCEPTED) break;
    }
    const failed = results.length - 1;
    const reason = results[failed]!;
    if (reason === ACCEPTED) {
      state.trial.end();
      return;
    }
    const { limit, current, projected } = check;
    const { rejectedRules } = entry;
    state.trial.takeBack();
    for (const [index, order] of orders.entries()) {
      check.clear();
      if (index !== failed) {
        check.current = failed + 1;
        entry.rejectUnplaced(order, REJECT.BATCH_REJECTED);
      } else if (reason === DUPLICATE) {
        check.current = entry.firstOrderId(order);
        entry.rejectUnplaced(order, REJECT.DUPLICATE_CL_ORD_ID);
      } else {
        Object.assign(check, { limit, current, projected });
        entry.rejectUnplaced(order, reason, rejectedRules);
      }
    }
  }

  #isQuoteWrong({ account, quoteId, entries }: MassQuote): boolean {
    if (this.state.accounts[account] === undefined) {
      this.#refuse(REQUEST.QUOTE, NONE, REJECT.UNKNOWN_ACCOUNT);
      return true;
    }
    if (this.#isCountWrong(REQUEST.QUOTE, account, entries.length, MAX_BATCH_ORDERS)) return true;
    this.check.clear();
    if (quoteId.length < 1 || quoteId.length > MAX_QUOTE_ID_LENGTH) {
      this.check.limit = MAX_QUOTE_ID_LENGTH;
      this.check.projected = quoteId.length;
    } else if (new Set(entries.map(({ instrument }) => instrument)).size === entries.length) {
      return false;
    }
    this.entry.refuse(REQUEST.QUOTE, account, NONE, null, REJECT.INVALID_REQUEST);
    return true;
  }

  /** Takes a former quote out of the market where it can't stay; returns the id of one that stays, otherwise NONE. */
  #retire(command: MassQuote, instrument: number, side: number, quote: QuoteSide | null): number {
    const { orders, quotes } = this.state;
    const slot = quotes.find(orders, command.account, instrument, side);
    if (slot === NIL) return NONE;
    const stays =
      quote !== null &&
      orders.priceTicks[slot] === quote.priceTicks &&
      orders.leavesQtyLots[slot]! >= quote.qtyLots &&
      orders.selfTradePrevention[slot] === codeOf(SELF_TRADE, command.selfTradePrevention) &&
      ((orders.flags[slot]! & POST_ONLY) !== 0) === command.postOnly &&
      this.entry.lowerTo(slot, quote.qtyLots);
    if (stays) {
      this.entry.bind(slot, null);
      return orders.idOf(slot);
    }
    this.working.cancel(slot, CANCEL.QUOTE_REPLACED);
    return NONE;
  }

  #placeQuote(command: MassQuote, instrument: number, side: number, quote: QuoteSide | null, kept: number) {
    if (quote === null) return null;
    if (kept !== NONE) return kept;
    const { account, postOnly, selfTradePrevention } = command;
    const none = { stopPxTicks: null, trailingOffsetTicks: null, trailingPpm: null, displayQtyLots: null };
    const order: PlaceOrder = {
      type: 'PlaceOrder',
      account,
      instrument,
      side: side === BUY ? 'BUY' : 'SELL',
      ordType: 'LIMIT',
      timeInForce: 'GTC',
      orderQtyLots: quote.qtyLots,
      priceTicks: quote.priceTicks,
      ...none,
      expireTimeUs: null,
      postOnly,
      reduceOnly: false,
      selfTradePrevention,
      clOrdId: null,
    };
    const result = this.entry.place(order, QUOTE);
    const orderId = this.entry.placedId;
    if (result === ACCEPTED) this.state.quotes.set(account, instrument, side, orderId);
    return orderId;
  }

  #isCountWrong(request: number, account: number, count: number, most: number): boolean {
    if (count >= 1 && count <= most) return false;
    this.check.clear();
    this.check.limit = count < 1 ? 1 : most;
    this.check.projected = count;
    this.entry.refuse(request, account, NONE, null, REJECT.INVALID_REQUEST);
    return true;
  }

  #refuse(request: number, account: number, reason: number): void {
    this.check.clear();
    this.entry.refuse(request, account, NONE, null, reason);
  }
}
