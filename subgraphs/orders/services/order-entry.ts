/** Order entry: inputs to commands, outcomes of the engine to typed results. */
import type { Command } from '../../../src/core/exchange/command.js';
import type { ExchangeEvent, RequestRejected } from '../../../src/core/exchange/event.js';
import {
  type ExecutionReportFields,
  executionReportsOf,
  type OrderState,
  orderStateOf,
  REPLACED_TEXTS,
  tradedOrderState,
} from '../../../src/core/exchange/execution-report.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import { canTradeAccount } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import type { BatchMode } from '../../../src/graphql/enums.js';
import { badUserInput, clipped, limitExceeded, unknownAccount, withClientErrors } from '../../../src/graphql/errors.js';
import { type CommandOutcome, type EngineClient, EngineUnavailableError } from '../../../src/ports/engine-client.js';
import type { OrdersView } from '../events.js';
import type { Fill } from '../types/execution-report.js';
import type { CancelAllOrdersInput, PlaceOrderInput, ReplaceOrderInput } from '../types/inputs.js';
import {
  CancelAllOrdersPayload,
  CancelOrderSuccess,
  OrderRejection,
  PlaceOrderSuccess,
  ReplaceOrderSuccess,
} from '../types/results.js';
import { boundedPriceTicks, checkClOrdId, checked, qtyLots, toPlaceOrder } from './order-input.js';
import type { OrderNodes } from './order-nodes.js';
import type { OrderQueries } from './order-queries.js';
import { explain, type Refusal } from './rejection.js';

/** Most orders of one placeOrders. */
export const MAX_BATCH_ORDERS = 100;
/** How long an answer waits for its own events to reach the view; in one process they are there before it. */
const VIEW_WAIT_MS = 1_000;

export class OrderEntry {
  constructor(
    private readonly engine: EngineClient,
    private readonly view: OrdersView,
    private readonly queries: OrderQueries,
    private readonly nodes: OrderNodes,
  ) {}

  async place(input: PlaceOrderInput, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#place(input, identity, context));
  }

  /** Places orders in the given order, each for itself. */
  async placeAll(
    inputs: readonly PlaceOrderInput[],
    mode: BatchMode,
    identity: Identity,
    context: RequestContext,
  ): Promise<(PlaceOrderSuccess | OrderRejection)[]> {
    if (inputs.length < 1 || inputs.length > MAX_BATCH_ORDERS) {
      throw limitExceeded(
        'inputs',
        MAX_BATCH_ORDERS,
        `holds ${inputs.length} orders; one call takes 1 to ${MAX_BATCH_ORDERS}`,
      );
    }
    if (mode === 'ALL_OR_NONE') {
      const text = 'mode: ALL_OR_NONE is not supported; nothing was placed: send the orders with BEST_EFFORT';
      return inputs.map(() => new OrderRejection('UNSUPPORTED_ORDER', text));
    }
    const results = inputs.map(async (input) => {
      try {
        return await this.#place(input, identity, context);
      } catch (error) {
        // The others' results are worth knowing: this one was certainly not executed.
        if (error instanceof EngineUnavailableError) {
          return new OrderRejection('ENGINE_UNAVAILABLE', REFUSAL_TEXTS.ENGINE_UNAVAILABLE);
        }
        throw error;
      }
    });
    return withClientErrors(Promise.all(results));
  }

  async replace(input: ReplaceOrderInput, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#replace(input, identity, context));
  }

  async cancel(orderId: string, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#cancel(orderId, identity, context));
  }

  async cancelAll(input: CancelAllOrdersInput, identity: Identity): Promise<CancelAllOrdersPayload> {
    const { reference } = this.view;
    const account = reference.accountById(input.accountId);
    if (account === undefined || !canTradeAccount(identity, account))
      throw unknownAccount(input.accountId, 'input.accountId');
    const symbol = input.symbol ?? null;
    const instrument = symbol === null ? null : reference.instrumentBySymbol(symbol)?.instrument;
    if (instrument === undefined)
      throw badUserInput('input.symbol', `there is no instrument "${clipped(symbol ?? '')}"`);
    const outcome = await withClientErrors(
      this.#submit({ type: 'CancelAllOrders', account: account.account, instrument, side: input.side ?? null }),
    );
    const refused = find(outcome, 'RequestRejected');
    if (refused !== undefined) throw badUserInput('input', refused.text);
    const canceled = outcome.events.filter((event) => event.type === 'OrderCanceled');
    return new CancelAllOrdersPayload(
      canceled.length,
      canceled.map((event) => String(event.orderId)),
    );
  }

  async #place(input: PlaceOrderInput, identity: Identity, context: RequestContext) {
    const command = toPlaceOrder(input, identity, this.view.reference);
    if (command instanceof OrderRejection) return command;
    const outcome = await this.#submit(command);
    const first = find(outcome, 'OrderDuplicated');
    if (first !== undefined) return this.#firstResult(first.orderId, first.firstCommandSequence, context);
    const rejected = find(outcome, 'OrderRejected');
    if (rejected !== undefined) return this.#rejection(orderStateOf(rejected), rejected);
    const accepted = find(outcome, 'OrderAccepted');
    if (accepted === undefined) return this.#refusal(outcome, null);
    const { order, fills } = this.#result(outcome, accepted.orderId);
    return new PlaceOrderSuccess(order, fills, false);
  }

  /** The result that the first order with this clOrdId had. */
  async #firstResult(orderId: number, commandSequence: number, context: RequestContext) {
    const state = await this.queries.orderState(String(orderId), context);
    if (state === null) throw new RangeError(`order ${orderId} was told as a first result and is nowhere`);
    if (state.ordStatus === 'REJECTED') return this.#rejection(state, await this.queries.refusalOf(state, context));
    const reports = await this.queries.reportsOfCommand(orderId, commandSequence);
    return new PlaceOrderSuccess(this.nodes.order(state), this.#fills(reports), true);
  }

  async #replace(input: ReplaceOrderInput, identity: Identity, context: RequestContext) {
    const state = await this.#tradableOrder(input.orderId, identity, context);
    if (state === null) return unknownOrder(input.orderId);
    const { terms } = this.view.reference.instrumentAt(state.instrument);
    const command = checked(() => ({
      type: 'ReplaceOrder' as const,
      account: state.account,
      orderId: state.orderId,
      orderQtyLots: input.orderQty == null ? null : qtyLots('orderQty', input.orderQty, terms),
      priceTicks: input.price == null ? null : boundedPriceTicks('price', input.price, terms),
      stopPxTicks: input.stopPx == null ? null : boundedPriceTicks('stopPx', input.stopPx, terms),
      clOrdId: checkClOrdId(input.clOrdId ?? null),
    }));
    if (command instanceof OrderRejection) return command;
    const outcome = await this.#submit(command);
    const replaced = find(outcome, 'OrderReplaced');
    if (replaced !== undefined) {
      const { order, fills } = this.#result(outcome, state.orderId);
      return new ReplaceOrderSuccess(order, fills, replaced.priorityKept);
    }
    const first = find(outcome, 'OrderDuplicated');
    if (first === undefined) return this.#refusal(outcome, state);
    return this.#firstReplaceResult(state, first.firstCommandSequence);
  }

  /** The result that the first replace with this clOrdId had. */
  async #firstReplaceResult(state: OrderState, commandSequence: number) {
    const order = this.nodes.order(this.view.order(state.orderId)?.state ?? state);
    const refused = this.view.refusedReplace(commandSequence);
    if (refused !== undefined) return new OrderRejection(refused.reason, refused.text, order);
    const reports = await this.queries.reportsOfCommand(state.orderId, commandSequence);
    const replaced = reports.find(({ execType }) => execType === 'REPLACED');
    if (replaced === undefined) {
      const text =
        'clOrdId: this change was refused when it was first sent, and why is no longer kept; send it under a new clOrdId';
      return new OrderRejection('DUPLICATE_CL_ORD_ID', text, order);
    }
    return new ReplaceOrderSuccess(order, this.#fills(reports), replaced.text === REPLACED_TEXTS.PRIORITY_KEPT);
  }

  async #cancel(orderId: string, identity: Identity, context: RequestContext) {
    const state = await this.#tradableOrder(orderId, identity, context);
    if (state === null) return unknownOrder(orderId);
    const outcome = await this.#submit({ type: 'CancelOrder', account: state.account, orderId: state.orderId });
    const canceled = outcome.events.find((event) => event.type === 'OrderCanceled' && event.orderId === state.orderId);
    if (canceled?.type === 'OrderCanceled') return new CancelOrderSuccess(this.nodes.order(orderStateOf(canceled)));
    return this.#refusal(outcome, state);
  }

  /** Somebody else's order and one that does not exist read the same. */
  async #tradableOrder(id: string, identity: Identity, context: RequestContext): Promise<OrderState | null> {
    const state = await this.queries.orderState(id, context);
    if (state === null) return null;
    const account = this.view.reference.accounts[state.account];
    return account !== undefined && canTradeAccount(identity, account) ? state : null;
  }

  async #submit(command: Command): Promise<CommandOutcome> {
    const outcome = await this.engine.submit(command);
    if (this.view.sequence < outcome.lastSequence) await this.view.whenReached(outcome.lastSequence, VIEW_WAIT_MS);
    return outcome;
  }

  /** The order as the command left it, and what it traded in it. */
  #result(outcome: CommandOutcome, orderId: number) {
    const state = stateAfter(outcome.events, orderId);
    if (state === null)
      throw new RangeError(`the events of command ${outcome.commandSequence} do not tell order ${orderId}`);
    const reports = outcome.events.flatMap((event) => executionReportsOf(event));
    return {
      order: this.nodes.order(state),
      fills: this.#fills(reports.filter((report) => report.orderId === orderId)),
    };
  }

  #fills(reports: readonly ExecutionReportFields[]): Fill[] {
    return reports.filter(({ execType }) => execType === 'TRADE').map((report) => this.nodes.fill(report));
  }

  #rejection(state: OrderState, refusal: Refusal): OrderRejection {
    const { terms, baseAsset, quoteAsset } = this.view.reference.instrumentAt(state.instrument);
    const paying = this.view.reference.assetAt(state.side === 'BUY' ? quoteAsset : baseAsset);
    const { text, checks } = explain(refusal, terms, paying);
    return new OrderRejection(refusal.reason, text, this.nodes.order(state), checks);
  }

  /** A request that the engine refused. */
  #refusal(outcome: CommandOutcome, state: OrderState | null): OrderRejection {
    const refused: RequestRejected | undefined = find(outcome, 'RequestRejected');
    if (refused === undefined) throw new RangeError(`command ${outcome.commandSequence} was neither done nor refused`);
    const now = state === null ? null : (this.view.order(state.orderId)?.state ?? state);
    return new OrderRejection(refused.reason, refused.text, now === null ? null : this.nodes.order(now));
  }
}

function unknownOrder(orderId: string): OrderRejection {
  return new OrderRejection('UNKNOWN_ORDER', `orderId: there is no order "${clipped(orderId)}" that you may change`);
}

function find<Type extends ExchangeEvent['type']>(
  outcome: CommandOutcome,
  type: Type,
): Extract<ExchangeEvent, { type: Type }> | undefined {
  return outcome.events.find((event): event is Extract<ExchangeEvent, { type: Type }> => event.type === type);
}

/** Returns an order's state after a command's events; null where none is its own. */
function stateAfter(events: readonly ExchangeEvent[], orderId: number): OrderState | null {
  let state: OrderState | null = null;
  for (const event of events) {
    if (event.type === 'OrdersTraded') {
      if (state !== null && event.maker.orderId === orderId) state = tradedOrderState(state, event, 0);
      if (state !== null && event.taker.orderId === orderId) state = tradedOrderState(state, event, 1);
    } else if ('ordStatus' in event && event.orderId === orderId) {
      state = orderStateOf(event);
    }
  }
  return state;
}
