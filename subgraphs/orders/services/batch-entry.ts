/** Several orders at once: batches, cancels by list and mass quotes, each as one command where it is of one account. */
import type { Command, MassQuote, PlaceOrder, QuoteSide } from '../../../src/core/exchange/command.js';
import { orderStateOf } from '../../../src/core/exchange/execution-report.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import { canTradeAccount } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import type { BatchMode } from '../../../src/graphql/enums.js';
import { badUserInput, limitExceeded, unknownAccount, withClientErrors } from '../../../src/graphql/errors.js';
import { type CommandOutcome, EngineUnavailableError } from '../../../src/ports/engine-client.js';
import type { OrdersView } from '../events.js';
import { type MassQuoteInput, MassQuotePayload, type QuoteInput, QuoteResult } from '../types/batch.js';
import type { PlaceOrderInput } from '../types/inputs.js';
import { CancelOrderSuccess, OrderRejection, PlaceOrderSuccess } from '../types/results.js';
import { leaseFor, NO_CONNECTION, underLease } from './leases.js';
import { type OrderEntry, withoutConnection } from './order-entry.js';
import { boundedPriceTicks, checked, knownInstrument, qtyLots, refuse, toPlaceOrder } from './order-input.js';
import type { OrderNodes } from './order-nodes.js';
import { find, type Outcomes, unknownOrder } from './outcomes.js';

/** Most orders of one placeOrders, and symbols of one massQuote. */
export const MAX_BATCH_ORDERS = 100;
/** Most orders of one cancelOrders. */
export const MAX_CANCELS = 500;
const MAX_QUOTE_ID_LENGTH = 64;

type Placed = PlaceOrderSuccess | OrderRejection;

export class BatchEntry {
  constructor(
    private readonly outcomes: Outcomes,
    private readonly entry: OrderEntry,
    private readonly view: OrdersView,
    private readonly nodes: OrderNodes,
  ) {}

  /** Places orders in the given order, in one step. */
  async placeAll(
    inputs: readonly PlaceOrderInput[],
    mode: BatchMode,
    identity: Identity,
    context: RequestContext,
  ): Promise<Placed[]> {
    checkCount('inputs', inputs.length, MAX_BATCH_ORDERS);
    const leased: boolean[] = [];
    const read = inputs.map((input) => {
      const order = toPlaceOrder(input, identity, this.view.reference);
      if (order instanceof OrderRejection) return order;
      const lease = leaseFor(input.cancelOnDisconnect, context);
      if (lease === 'NO_CONNECTION') return withoutConnection();
      leased.push(lease !== null);
      return order;
    });
    const orders = read.filter((order): order is PlaceOrder => !(order instanceof OrderRejection));
    if (mode === 'ALL_OR_NONE' && orders.length < read.length) {
      return read.map((order) => (order instanceof OrderRejection ? order : batchRejected()));
    }
    if (orders.length === 0) return read as OrderRejection[];
    const placed = await withClientErrors(this.#placeAll(orders, leased, mode, context));
    return read.map((order) => (order instanceof OrderRejection ? order : (placed.shift() as Placed)));
  }

  /** Cancels orders in the given order; those of one account in one step. */
  async cancelAll(orderIds: readonly string[], identity: Identity, context: RequestContext) {
    checkCount('orderIds', orderIds.length, MAX_CANCELS);
    return withClientErrors(this.#cancelAll(orderIds, identity, context));
  }

  async quote(input: MassQuoteInput, identity: Identity, context: RequestContext): Promise<MassQuotePayload> {
    const { accountId, quoteId, quotes } = input;
    const { reference } = this.view;
    const account = reference.accountById(accountId);
    if (account === undefined || !canTradeAccount(identity, account))
      throw unknownAccount(accountId, 'input.accountId');
    checkCount('input.quotes', quotes.length, MAX_BATCH_ORDERS);
    if (quoteId.length < 1 || quoteId.length > MAX_QUOTE_ID_LENGTH) {
      throw badUserInput('input.quoteId', `has ${quoteId.length} characters; 1 to ${MAX_QUOTE_ID_LENGTH} are taken`);
    }
    const lease = leaseFor(input.cancelOnDisconnect, context);
    if (lease === 'NO_CONNECTION') throw badUserInput('input.cancelOnDisconnect', NO_CONNECTION);
    const twice = quotes.find(({ symbol }, index) => quotes.findIndex((other) => other.symbol === symbol) !== index);
    if (twice !== undefined) throw badUserInput('input.quotes', `name the symbol "${twice.symbol}" twice`);
    const read = quotes.map((quote) => this.#readQuote(quote));
    const entries = read.flatMap(({ entry }) => (entry === null ? [] : [entry]));
    if (entries.length === 0)
      return new MassQuotePayload(
        quoteId,
        read.map((quote) => quote.result(null, null)),
      );
    const command: MassQuote = {
      type: 'MassQuote',
      account: account.account,
      quoteId,
      postOnly: input.postOnly ?? true,
      selfTradePrevention: input.selfTradePrevention ?? 'CANCEL_NEWEST',
      entries,
    };
    const outcome = await withClientErrors(
      this.outcomes.submit(lease === null ? command : underLease(lease, command), context.times),
    );
    const done = find(outcome, 'MassQuoteDone');
    if (done === undefined) throw badUserInput('input', find(outcome, 'RequestRejected')?.text ?? 'was refused');
    const told = new Map(done.entries.map((entry) => [entry.instrument, entry]));
    return new MassQuotePayload(
      quoteId,
      read.map((quote) => {
        const ids = quote.entry === null ? undefined : told.get(quote.entry.instrument);
        return quote.result(this.#side(outcome, ids?.bidOrderId), this.#side(outcome, ids?.askOrderId));
      }),
    );
  }

  async #placeAll(
    orders: readonly PlaceOrder[],
    leased: readonly boolean[],
    mode: BatchMode,
    context: RequestContext,
  ): Promise<Placed[]> {
    try {
      const { connection } = context;
      const command = { type: 'PlaceOrders' as const, orders, mode };
      const isLeased = connection !== undefined && leased.includes(true);
      const outcome = await this.outcomes.submit(
        isLeased ? underLease(connection, command, leased) : command,
        context.times,
      );
      const placed = await this.outcomes.placedAll(outcome, context);
      if (placed.length === orders.length) return placed;
      throw new RangeError(`command ${outcome.commandSequence} told ${placed.length} of ${orders.length} orders`);
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      return orders.map(() => new OrderRejection('ENGINE_UNAVAILABLE', REFUSAL_TEXTS.ENGINE_UNAVAILABLE));
    }
  }

  async #cancelAll(orderIds: readonly string[], identity: Identity, context: RequestContext) {
    const states = await Promise.all(orderIds.map((id) => this.entry.tradableOrder(id, identity, context)));
    const outcomes = new Map<number, CommandOutcome>();
    const ofAccount = new Map<number, number[]>();
    for (const state of states) {
      if (state !== null) ofAccount.set(state.account, [...(ofAccount.get(state.account) ?? []), state.orderId]);
    }
    for (const [account, ids] of ofAccount) {
      const command: Command = { type: 'CancelOrders', account, orderIds: ids };
      outcomes.set(account, await this.outcomes.submit(command, context.times));
    }
    return states.map((state, index) => {
      const outcome = state === null ? undefined : outcomes.get(state.account);
      if (state === null || outcome === undefined) return unknownOrder(orderIds[index] ?? '');
      const { orderId } = state;
      for (const event of outcome.events) {
        if (event.type === 'OrderCanceled' && event.orderId === orderId) {
          return new CancelOrderSuccess(this.nodes.order(orderStateOf(event)));
        }
      }
      const refused = outcome.events.find((event) => event.type === 'RequestRejected' && event.orderId === orderId);
      if (refused?.type !== 'RequestRejected')
        throw new RangeError(`order ${orderId} was neither canceled nor refused`);
      const now = this.view.order(orderId)?.state ?? state;
      return new OrderRejection(refused.reason, refused.text, this.nodes.order(now));
    });
  }

  /** What becomes of one symbol: what is sent of it, and how its result is made of what the engine told. */
  #readQuote(input: QuoteInput) {
    const { symbol } = input;
    const instrument = checked(() => knownInstrument(symbol, this.view.reference));
    if (instrument instanceof OrderRejection) {
      const refused = (asked: boolean) => (asked ? instrument : null);
      const result = () => new QuoteResult(symbol, refused(input.bidPx != null), refused(input.askPx != null));
      return { entry: null, result };
    }
    const side = (name: 'bid' | 'ask', px: string | null | undefined, qty: string | null | undefined) =>
      checked((): QuoteSide | null => {
        if (px == null && qty == null) return null;
        if (px == null) return refuse('INVALID_PRICE', `${name}Px`, `is missing; ${name}Qty is given`);
        if (qty == null) return refuse('INVALID_QTY', `${name}Qty`, `is missing; ${name}Px is given`);
        const priceTicks = boundedPriceTicks(`${name}Px`, px, instrument.terms);
        return { priceTicks, qtyLots: qtyLots(`${name}Qty`, qty, instrument.terms) };
      });
    const [bid, ask] = [side('bid', input.bidPx, input.bidQty), side('ask', input.askPx, input.askQty)];
    const sent = (read: QuoteSide | null | OrderRejection) => (read instanceof OrderRejection ? null : read);
    return {
      entry: { instrument: instrument.instrument, bid: sent(bid), ask: sent(ask) },
      result: (placedBid: Placed | null, placedAsk: Placed | null) =>
        new QuoteResult(
          symbol,
          bid instanceof OrderRejection ? bid : placedBid,
          ask instanceof OrderRejection ? ask : placedAsk,
        ),
    };
  }

  #side(outcome: CommandOutcome, orderId: number | null | undefined): Placed | null {
    if (orderId == null) return null;
    for (const event of outcome.events) {
      if (event.type === 'OrderRejected' && event.orderId === orderId) return this.outcomes.rejected(event);
      if (event.type === 'OrderAccepted' && event.orderId === orderId) return this.outcomes.accepted(outcome, orderId);
    }
    // The quote stayed where it was.
    const held = this.view.order(orderId);
    if (held === undefined) throw new RangeError(`order ${orderId} stays as a quote and was never told`);
    return new PlaceOrderSuccess(this.nodes.order(held.state), [], false);
  }
}

function checkCount(field: string, count: number, most: number): void {
  if (count >= 1 && count <= most) return;
  throw limitExceeded(field, most, `holds ${count} entries; one call takes 1 to ${most}`);
}

function batchRejected(): OrderRejection {
  return new OrderRejection('BATCH_REJECTED', REFUSAL_TEXTS.BATCH_REJECTED);
}
