/** What commands did, as clients see it: orders and fills as the command left them, refusals with their arithmetic. */
import type { Command } from '../../../src/core/exchange/command.js';
import type { ExchangeEvent, OrderRejected, RequestRejected } from '../../../src/core/exchange/event.js';
import {
  type ExecutionReportFields,
  executionReportsOf,
  type OrderState,
  orderStateOf,
  tradedOrderState,
} from '../../../src/core/exchange/execution-report.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { clipped } from '../../../src/graphql/errors.js';
import type { CommandOutcome, EngineClient } from '../../../src/ports/engine-client.js';
import type { StageTimes } from '../../../src/ports/stage-times.js';
import type { OrdersView } from '../events.js';
import type { Fill } from '../types/execution-report.js';
import { OrderRejection, PlaceOrderSuccess } from '../types/results.js';
import type { OrderNodes } from './order-nodes.js';
import type { OrderQueries } from './order-queries.js';
import { explain, type Refusal } from './rejection.js';

type Placed = PlaceOrderSuccess | OrderRejection;

/** How long an answer waits for its own events to reach the view; in one process they are there before it. */
const VIEW_WAIT_MS = 1_000;

export class Outcomes {
  constructor(
    private readonly engine: EngineClient,
    private readonly view: OrdersView,
    private readonly queries: OrderQueries,
    private readonly nodes: OrderNodes,
  ) {}

  /**
   * Submits a command and waits until the view knows its events.
   * @param times told what the command was about, too
   */
  async submit(command: Command, times?: StageTimes): Promise<CommandOutcome> {
    const outcome = await this.engine.submit(command, times);
    if (times !== undefined) this.#note(times, outcome.events);
    if (this.view.sequence < outcome.lastSequence) await this.view.whenReached(outcome.lastSequence, VIEW_WAIT_MS);
    return outcome;
  }

  #note(times: StageTimes, events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (!('orderId' in event) || event.orderId === null) continue;
      times.orderId = event.orderId;
      if ('instrument' in event && event.instrument !== null) {
        times.symbol = this.view.reference.instrumentAt(event.instrument).symbol;
        return;
      }
    }
  }

  /** The order as the command left it, and what it traded in it. */
  result(outcome: CommandOutcome, orderId: number) {
    const state = stateAfter(outcome.events, orderId);
    if (state === null)
      throw new RangeError(`the events of command ${outcome.commandSequence} do not tell order ${orderId}`);
    const reports = outcome.events.flatMap((event) => executionReportsOf(event));
    return {
      order: this.nodes.order(state),
      fills: this.fills(reports.filter((report) => report.orderId === orderId)),
    };
  }

  fills(reports: readonly ExecutionReportFields[]): Fill[] {
    return reports.filter(({ execType }) => execType === 'TRADE').map((report) => this.nodes.fill(report));
  }

  rejection(state: OrderState, refusal: Refusal): OrderRejection {
    const { reference } = this.view;
    const { terms } = reference.instrumentAt(state.instrument);
    const paying = reference.fundsAssetOf(state.account, state.instrument, state.side);
    const { text, checks } = explain(refusal, terms, paying);
    return new OrderRejection(refusal.reason, text, this.nodes.order(state), checks);
  }

  /** A request that the engine refused. */
  refusal(outcome: CommandOutcome, state: OrderState | null): OrderRejection {
    const refused: RequestRejected | undefined = find(outcome, 'RequestRejected');
    if (refused === undefined) throw new RangeError(`command ${outcome.commandSequence} was neither done nor refused`);
    const now = state === null ? null : (this.view.order(state.orderId)?.state ?? state);
    if (now === null) return new OrderRejection(refused.reason, refused.text, null);
    if (refused.rules.length === 0) return new OrderRejection(refused.reason, refused.text, this.nodes.order(now));
    return this.rejection(now, refused);
  }

  /** What became of each of the orders that a command placed, in their order. */
  async placedAll(outcome: CommandOutcome, context: RequestContext): Promise<Placed[]> {
    return Promise.all(
      outcome.events.flatMap((event): (Placed | Promise<Placed>)[] => {
        if (event.type === 'OrderAccepted') return [this.accepted(outcome, event.orderId)];
        if (event.type === 'OrderRejected') return [this.rejected(event)];
        if (event.type === 'OrderDuplicated') {
          return [this.firstResult(event.orderId, event.firstCommandSequence, context)];
        }
        return [];
      }),
    );
  }

  accepted(outcome: CommandOutcome, orderId: number): PlaceOrderSuccess {
    const { order, fills } = this.result(outcome, orderId);
    return new PlaceOrderSuccess(order, fills, false);
  }

  rejected(event: OrderRejected): OrderRejection {
    return this.rejection(orderStateOf(event), event);
  }

  /** The result that the first order with this clOrdId had. */
  async firstResult(orderId: number, commandSequence: number, context: RequestContext) {
    const state = await this.queries.orderState(String(orderId), context);
    if (state === null) throw new RangeError(`order ${orderId} was told as a first result and is nowhere`);
    if (state.ordStatus === 'REJECTED') return this.rejection(state, await this.queries.refusalOf(state, context));
    const reports = await this.queries.reportsOfCommand(orderId, commandSequence);
    return new PlaceOrderSuccess(this.nodes.order(state), this.fills(reports), true);
  }
}

export function unknownOrder(orderId: string): OrderRejection {
  return new OrderRejection('UNKNOWN_ORDER', `orderId: there is no order "${clipped(orderId)}" that you may change`);
}

/** First event of a type. */
export function find<Type extends ExchangeEvent['type']>(
  outcome: CommandOutcome,
  type: Type,
): Extract<ExchangeEvent, { type: Type }> | undefined {
  return outcome.events.find((event): event is Extract<ExchangeEvent, { type: Type }> => event.type === type);
}

/** Returns an order's state after a command's events; null where none is its own. */
export function stateAfter(events: readonly ExchangeEvent[], orderId: number): OrderState | null {
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
