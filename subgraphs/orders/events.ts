/**
 * The orders view: what the subgraph knows from the event stream.
 *
 * It holds every working order, the most recently finished ones, and for each the events that it saw. History overlays
 * nothing here: what the view holds is newer or equal. `coveredFrom` says from where on the view alone is complete:
 * an order whose last event lies behind that sequence is held; any other is in history, once history has reached it.
 *
 * Memory: MAX_FINISHED_ORDERS finished orders, the working orders of the engine, at most MAX_EVENTS_PER_ORDER events
 * each, and MAX_REFUSED_REPLACES refusals.
 */
import type {
  ExchangeEvent,
  LeaseEnded,
  LeaseHeld,
  OrderEvent,
  OrdersTraded,
  RequestRejected,
} from '../../src/core/exchange/event.js';
import {
  type ExecutionReportFields,
  executionReportsOf,
  type OrderState,
  orderStateOf,
  tradedOrderState,
  tradeReport,
} from '../../src/core/exchange/execution-report.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { ReachedSequence } from '../../src/graphql/reached-sequence.js';
import type { EventBatch, EventConsumer } from '../../src/ports/event-feed.js';

export const MAX_FINISHED_ORDERS = 20_000;
export const MAX_EVENTS_PER_ORDER = 64;
/** Refused replaces that are remembered, so that a repeated one gets its first answer again. */
export const MAX_REFUSED_REPLACES = 10_000;

/** An order in memory. */
export interface LiveOrder {
  /** Replaced, never changed, by each event. */
  state: OrderState;
  /** Events about it behind `eventsFrom`, oldest first. */
  readonly events: (OrderEvent | OrdersTraded)[];
  /** Sequence behind which `events` is complete; 0 where it holds all of the order's life. */
  eventsFrom: number;
  lastSequence: number;
}

/** Who follows an account's execution reports; its methods must not throw. */
export interface ReportListener {
  report(report: ExecutionReportFields): void;
  /** The stream was interrupted: what came since the last report has to be caught up on. */
  interrupted(): void;
}

export class OrdersView implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly #orders = new Map<number, LiveOrder>();
  /** Finished orders, the one finished first in front. */
  readonly #finished = new Set<number>();
  readonly #ofAccount = new Map<number, Map<number, LiveOrder>>();
  readonly #byClOrdId = new Map<number, Map<string, number>>();
  /** Legs of each plan of which any is held. */
  readonly #ofPlan = new Map<number, Set<number>>();
  /** By command sequence, oldest first. */
  readonly #refusedReplaces = new Map<number, RequestRejected>();
  /** Accounts that have a lease of this id. */
  readonly #leases = new Map<string, Set<number>>();
  readonly #listeners = new Map<number, Set<ReportListener>>();
  readonly #reached = new ReachedSequence();
  #coveredFrom = 0;

  constructor(private readonly maxFinishedOrders = MAX_FINISHED_ORDERS) {}

  /** Sequence of the last event seen. */
  get sequence(): number {
    return this.#reached.value;
  }

  /** Every order with an event behind this sequence is held here. */
  get coveredFrom(): number {
    return this.#coveredFrom;
  }

  order(orderId: number): LiveOrder | undefined {
    return this.#orders.get(orderId);
  }

  orderByClOrdId(account: number, clOrdId: string): LiveOrder | undefined {
    const orderId = this.#byClOrdId.get(account)?.get(clOrdId);
    return orderId === undefined ? undefined : this.#orders.get(orderId);
  }

  /** Accounts with orders, perhaps, under a lease. */
  accountsUnder(leaseId: string): number[] {
    return [...(this.#leases.get(leaseId) ?? [])];
  }

  /** The legs of a plan that are held, in no particular order. */
  plan(planId: number): LiveOrder[] {
    return [...(this.#ofPlan.get(planId) ?? [])].flatMap((orderId) => this.#orders.get(orderId) ?? []);
  }

  /** The refusal that a replace with a clOrdId got, where it is still remembered. */
  refusedReplace(commandSequence: number): RequestRejected | undefined {
    return this.#refusedReplaces.get(commandSequence);
  }

  /** The account's orders that are held, in no particular order. */
  ordersOf(account: number): Iterable<LiveOrder> {
    return this.#ofAccount.get(account)?.values() ?? [];
  }

  /** Follows the account's reports from now on. Returns how to stop. */
  listen(account: number, listener: ReportListener): () => void {
    const listeners = this.#listeners.get(account) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(account, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(account) === listeners) this.#listeners.delete(account);
    };
  }

  /** Number of accounts that somebody follows. */
  get followedAccounts(): number {
    return this.#listeners.size;
  }

  /** Waits until the view has seen the sequence. Resolves false where it has not within the time. */
  whenReached(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#reached.wait(sequence, timeoutMs);
  }

  /** Lets everybody go who waits in whenReached. */
  stop(): void {
    this.#reached.stop();
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.reference.clear();
    this.#orders.clear();
    this.#finished.clear();
    this.#ofAccount.clear();
    this.#byClOrdId.clear();
    this.#ofPlan.clear();
    this.#refusedReplaces.clear();
    this.#leases.clear();
    this.#coveredFrom = sequence;
    for (const event of image) {
      this.reference.apply(event);
      if (event.type === 'LeaseHeld') this.#lease(event);
      if (event.type === 'OrderAccepted') this.#index(this.#hold(orderStateOf(event), sequence, sequence));
    }
    this.#reached.set(sequence);
    for (const listeners of this.#listeners.values()) for (const listener of [...listeners]) listener.interrupted();
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) this.#take(event);
    this.#reached.set(batch.lastSequence);
  }

  #take(event: ExchangeEvent): void {
    switch (event.type) {
      case 'OrdersTraded':
        this.#trade(event, 0);
        this.#trade(event, 1);
        break;
      case 'OrderAccepted':
      case 'OrderRejected':
      case 'OrderCanceled':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderExpired':
        this.#change(event);
        break;
      case 'RequestRejected':
        if (event.request === 'ReplaceOrder' && event.clOrdId !== null) this.#rememberRefusal(event);
        break;
      case 'LeaseHeld':
      case 'LeaseEnded':
        this.#lease(event);
        break;
      default:
        this.reference.apply(event);
    }
  }

  #lease({ type, account, leaseId }: LeaseHeld | LeaseEnded): void {
    if (leaseId === null) return;
    const accounts = this.#leases.get(leaseId) ?? new Set();
    if (type === 'LeaseHeld') accounts.add(account);
    else accounts.delete(account);
    if (accounts.size > 0) this.#leases.set(leaseId, accounts);
    else this.#leases.delete(leaseId);
  }

  #change(event: OrderEvent): void {
    const known = this.#orders.get(event.orderId);
    const state = orderStateOf(event);
    const isFirst = event.type === 'OrderAccepted' || event.type === 'OrderRejected';
    const order = known ?? this.#hold(state, isFirst ? 0 : event.sequence - 1, event.sequence);
    order.state = state;
    if (event.type !== 'OrderRejected' || event.reason !== 'DUPLICATE_CL_ORD_ID') this.#index(order);
    this.#remember(order, event);
    if (this.#listeners.has(event.account)) {
      for (const report of executionReportsOf(event)) this.#tell(report);
    }
  }

  #trade(event: OrdersTraded, leg: 0 | 1): void {
    const { orderId, account } = leg === 0 ? event.maker : event.taker;
    const order = this.#orders.get(orderId);
    if (order === undefined)
      throw new RangeError(`event ${event.sequence} trades order ${orderId}, which was never told`);
    order.state = tradedOrderState(order.state, event, leg);
    this.#remember(order, event);
    if (this.#listeners.has(account)) this.#tell(tradeReport(event, leg));
  }

  #hold(state: OrderState, eventsFrom: number, sequence: number): LiveOrder {
    const order: LiveOrder = { state, events: [], eventsFrom, lastSequence: sequence };
    this.#orders.set(state.orderId, order);
    let ofAccount = this.#ofAccount.get(state.account);
    if (ofAccount === undefined) {
      ofAccount = new Map();
      this.#ofAccount.set(state.account, ofAccount);
    }
    ofAccount.set(state.orderId, order);
    if (state.planId !== null) this.#holdLeg(state.planId, state.orderId);
    return order;
  }

  #holdLeg(planId: number, orderId: number): void {
    const legs = this.#ofPlan.get(planId) ?? new Set();
    legs.add(orderId);
    this.#ofPlan.set(planId, legs);
  }

  /** A key is used anew only once the engine has forgotten its first order, so the newest order has it. */
  #index(order: LiveOrder): void {
    const { account, clOrdId, orderId } = order.state;
    if (clOrdId === null) return;
    let ofAccount = this.#byClOrdId.get(account);
    if (ofAccount === undefined) {
      ofAccount = new Map();
      this.#byClOrdId.set(account, ofAccount);
    }
    ofAccount.set(clOrdId, orderId);
  }

  #remember(order: LiveOrder, event: OrderEvent | OrdersTraded): void {
    order.lastSequence = event.sequence;
    order.events.push(event);
    if (order.events.length > MAX_EVENTS_PER_ORDER) {
      const dropped = order.events.splice(0, MAX_EVENTS_PER_ORDER / 2);
      order.eventsFrom = dropped[dropped.length - 1]?.sequence ?? order.eventsFrom;
    }
    if (order.state.leavesQtyLots === 0 && !this.#finished.has(order.state.orderId)) this.#finish(order.state.orderId);
  }

  #finish(orderId: number): void {
    this.#finished.add(orderId);
    if (this.#finished.size <= this.maxFinishedOrders) return;
    for (const oldest of this.#finished) {
      this.#forget(oldest);
      break;
    }
  }

  #forget(orderId: number): void {
    this.#finished.delete(orderId);
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    this.#orders.delete(orderId);
    this.#coveredFrom = Math.max(this.#coveredFrom, order.lastSequence);
    const { account, clOrdId, planId } = order.state;
    this.#ofAccount.get(account)?.delete(orderId);
    if (planId !== null) this.#forgetLeg(planId, orderId);
    const byClOrdId = this.#byClOrdId.get(account);
    if (clOrdId !== null && byClOrdId?.get(clOrdId) === orderId) byClOrdId.delete(clOrdId);
  }

  #forgetLeg(planId: number, orderId: number): void {
    const legs = this.#ofPlan.get(planId);
    legs?.delete(orderId);
    if (legs?.size === 0) this.#ofPlan.delete(planId);
  }

  #rememberRefusal(event: RequestRejected): void {
    this.#refusedReplaces.set(event.commandSequence, event);
    if (this.#refusedReplaces.size <= MAX_REFUSED_REPLACES) return;
    for (const oldest of this.#refusedReplaces.keys()) {
      this.#refusedReplaces.delete(oldest);
      break;
    }
  }

  #tell(report: ExecutionReportFields): void {
    for (const listener of this.#listeners.get(report.account) ?? []) listener.report(report);
  }
}

/** An order that is known from an image only: its state is complete but for the time of its last change. */
export function isFromImage(order: LiveOrder): boolean {
  return order.events.length === 0;
}

/** Returns the reports of an order that its held events give, oldest first. */
export function heldReports(order: LiveOrder): ExecutionReportFields[] {
  const { orderId } = order.state;
  return order.events.flatMap((event) => executionReportsOf(event).filter((report) => report.orderId === orderId));
}
