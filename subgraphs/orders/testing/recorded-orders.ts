/**
 * Order history worked out afresh from a venue's recorded events at each question, the slow and obvious way: an oracle
 * that can lag behind the venue and be out of reach, as the database can.
 */
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import {
  type ExecutionReportFields,
  executionReportsOf,
  type OrderState,
  orderStateOf,
  tradedOrderState,
} from '../../../src/core/exchange/execution-report.js';
import type { ExecType } from '../../../src/core/values/vocabulary.js';
import {
  type History,
  HistoryUnreachableError,
  type OrderFilter,
  type Reached,
  type StreamPosition,
} from '../../../src/ports/history.js';

type OrderHistory = Pick<
  History,
  | 'throughSequence'
  | 'orders'
  | 'orderByClOrdId'
  | 'ordersOf'
  | 'executionReportsOfAccount'
  | 'executionReportsOfOrder'
  | 'executionReportsOfCommand'
>;

/** Returns every order that the events tell, by id. */
export function ordersAfter(events: readonly ExchangeEvent[]): Map<number, OrderState> {
  const orders = new Map<number, OrderState>();
  for (const event of events) {
    if (event.type === 'OrdersTraded') {
      for (const leg of [0, 1] as const) {
        const { orderId } = leg === 0 ? event.maker : event.taker;
        const order = orders.get(orderId);
        if (order === undefined) throw new Error(`order ${orderId} trades before it is told`);
        orders.set(orderId, tradedOrderState(order, event, leg));
      }
    } else if ('ordStatus' in event) orders.set(event.orderId, orderStateOf(event));
  }
  return orders;
}

export class RecordedOrders implements OrderHistory {
  /** Sequence that history has reached; null = all that is recorded. */
  reached: number | null = null;
  reachable = true;
  /** Called before each answer; lets a test move the venue while history is being read. */
  onRead: () => void = () => undefined;

  constructor(private readonly events: readonly ExchangeEvent[]) {}

  throughSequence(): Promise<number> {
    return this.#answer((_events, through) => through);
  }

  orders(ids: readonly number[]): Promise<OrderState[]> {
    return this.#answer((events) => [...ordersAfter(events).values()].filter(({ orderId }) => ids.includes(orderId)));
  }

  ordersOfPlans(planIds: readonly number[]): Promise<OrderState[]> {
    return this.#answer((events) =>
      [...ordersAfter(events).values()].filter(({ planId }) => planId !== null && planIds.includes(planId)),
    );
  }

  orderByClOrdId(account: number, clOrdId: string): Promise<OrderState | null> {
    return this.#answer((events) => {
      const named = [...ordersAfter(events).values()].filter(
        (order) =>
          order.account === account && order.clOrdId === clOrdId && order.ordRejReason !== 'DUPLICATE_CL_ORD_ID',
      );
      return named[named.length - 1] ?? null;
    });
  }

  ordersOf(
    filter: OrderFilter,
    before: { createdUs: number; orderId: number } | null,
    limit: number,
  ): Promise<OrderState[]> {
    return this.#answer((events) => listed(ordersAfter(events).values(), filter, before).slice(0, limit));
  }

  executionReportsOfAccount(
    account: number,
    after: StreamPosition | null,
    limit: number,
    execType?: ExecType,
  ): Promise<Reached<ExecutionReportFields>> {
    return this.#reports(after, limit, (report) => {
      return report.account === account && (execType === undefined || report.execType === execType);
    });
  }

  executionReportsOfOrder(
    orderId: number,
    after: StreamPosition | null,
    limit: number,
  ): Promise<Reached<ExecutionReportFields>> {
    return this.#reports(after, limit, (report) => report.orderId === orderId);
  }

  executionReportsOfCommand(commandSequence: number): Promise<Reached<ExecutionReportFields>> {
    return this.#reports(null, 1_000, (report) => report.commandSequence === commandSequence);
  }

  #reports(
    after: StreamPosition | null,
    limit: number,
    wanted: (report: ExecutionReportFields) => boolean,
  ): Promise<Reached<ExecutionReportFields>> {
    return this.#answer((events, throughSequence) => ({
      records: events
        .flatMap((event) => executionReportsOf(event))
        .filter((report) => wanted(report) && (after === null || place(report) > place(after)))
        .slice(0, limit),
      throughSequence,
    }));
  }

  async #answer<T>(work: (events: readonly ExchangeEvent[], throughSequence: number) => T): Promise<T> {
    await Promise.resolve();
    this.onRead();
    if (!this.reachable) throw new HistoryUnreachableError('the test took history away');
    const through = Math.min(this.reached ?? Number.MAX_SAFE_INTEGER, this.events.length);
    return work(this.events.slice(0, through), through);
  }
}

/** Returns the orders that match, newest first. */
export function listed(
  orders: Iterable<OrderState>,
  { account, instrument, ordStatus }: OrderFilter,
  before: { createdUs: number; orderId: number } | null,
): OrderState[] {
  return [...orders]
    .filter((order) => order.account === account && (instrument === null || order.instrument === instrument))
    .filter((order) => ordStatus === null || ordStatus.includes(order.ordStatus))
    .sort((a, b) => b.createdUs - a.createdUs || b.orderId - a.orderId)
    .filter(({ createdUs, orderId }) => {
      if (before === null) return true;
      return createdUs < before.createdUs || (createdUs === before.createdUs && orderId < before.orderId);
    });
}

/** A stream position as one number. */
export function place({ sequence, leg }: StreamPosition): number {
  return sequence * 2 + leg;
}
