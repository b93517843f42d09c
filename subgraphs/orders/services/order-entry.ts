import { type OrderState, orderStateOf, REPLACED_TEXTS } from '../../../src/core/exchange/execution-report.js';
import { canTradeAccount } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import { badUserInput, clipped, unknownAccount, withClientErrors } from '../../../src/graphql/errors.js';
import type { OrdersView } from '../events.js';
import type { CancelAllOrdersInput, PlaceOrderInput, ReplaceOrderInput } from '../types/inputs.js';
import { CancelAllOrdersPayload, CancelOrderSuccess, OrderRejection, ReplaceOrderSuccess } from '../types/results.js';
import { leaseFor, NO_CONNECTION, underLease } from './leases.js';
import { boundedPriceTicks, checkClOrdId, checked, qtyLots, toPlaceOrder } from './order-input.js';
import type { OrderNodes } from './order-nodes.js';
import type { OrderQueries } from './order-queries.js';
import { find, type Outcomes, unknownOrder } from './outcomes.js';

export class OrderEntry {
  constructor(
    private readonly outcomes: Outcomes,
    private readonly view: OrdersView,
    private readonly queries: OrderQueries,
    private readonly nodes: OrderNodes,
  ) {}

  async place(input: PlaceOrderInput, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#place(input, identity, context));
  }

  async replace(input: ReplaceOrderInput, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#replace(input, identity, context));
  }

  async cancel(orderId: string, identity: Identity, context: RequestContext) {
    return withClientErrors(this.#cancel(orderId, identity, context));
  }

  async cancelAll(
    input: CancelAllOrdersInput,
    identity: Identity,
    context: RequestContext,
  ): Promise<CancelAllOrdersPayload> {
    const { reference } = this.view;
    const account = reference.accountById(input.accountId);
    if (account === undefined || !canTradeAccount(identity, account))
      throw unknownAccount(input.accountId, 'input.accountId');
    const symbol = input.symbol ?? null;
    const instrument = symbol === null ? null : reference.instrumentBySymbol(symbol)?.instrument;
    if (instrument === undefined)
      throw badUserInput('input.symbol', `there is no instrument "${clipped(symbol ?? '')}"`);
    const outcome = await withClientErrors(
      this.outcomes.submit(
        { type: 'CancelAllOrders', account: account.account, instrument, side: input.side ?? null },
        context.times,
      ),
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
    const lease = leaseFor(input.cancelOnDisconnect, context);
    if (lease === 'NO_CONNECTION') return withoutConnection();
    const outcome = await this.outcomes.submit(lease === null ? command : underLease(lease, command), context.times);
    const [result] = await this.outcomes.placedAll(outcome, context);
    return result ?? this.outcomes.refusal(outcome, null);
  }

  async #replace(input: ReplaceOrderInput, identity: Identity, context: RequestContext) {
    const state = await this.tradableOrder(input.orderId, identity, context);
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
    const outcome = await this.outcomes.submit(command, context.times);
    const replaced = find(outcome, 'OrderReplaced');
    if (replaced !== undefined) {
      const { order, fills } = this.outcomes.result(outcome, state.orderId);
      return new ReplaceOrderSuccess(order, fills, replaced.priorityKept);
    }
    const first = find(outcome, 'OrderDuplicated');
    if (first === undefined) return this.outcomes.refusal(outcome, state);
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
    return new ReplaceOrderSuccess(order, this.outcomes.fills(reports), replaced.text === REPLACED_TEXTS.PRIORITY_KEPT);
  }

  async #cancel(orderId: string, identity: Identity, context: RequestContext) {
    const state = await this.tradableOrder(orderId, identity, context);
    if (state === null) return unknownOrder(orderId);
    const outcome = await this.outcomes.submit(
      { type: 'CancelOrder', account: state.account, orderId: state.orderId },
      context.times,
    );
    const canceled = outcome.events.find((event) => event.type === 'OrderCanceled' && event.orderId === state.orderId);
    if (canceled?.type === 'OrderCanceled') return new CancelOrderSuccess(this.nodes.order(orderStateOf(canceled)));
    return this.outcomes.refusal(outcome, state);
  }

  /** Somebody else's order and one that does not exist read the same. */
  async tradableOrder(id: string, identity: Identity, context: RequestContext): Promise<OrderState | null> {
    const state = await this.queries.orderState(id, context);
    if (state === null) return null;
    const account = this.view.reference.accounts[state.account];
    return account !== undefined && canTradeAccount(identity, account) ? state : null;
  }
}

/** An order that is to end with a connection which there is not. */
export function withoutConnection(): OrderRejection {
  return new OrderRejection('INVALID_REQUEST', `cancelOnDisconnect: ${NO_CONNECTION}`);
}
