/**
 * Orders and their reports, from memory and history as one: what a mutation answered is there at once, what is old comes
 * from the database, and no order shows twice.
 *
 * While the database is out of reach, orders in memory and lists of working orders are still answered; what needs
 * history is HISTORY_UNAVAILABLE. Where history lags behind what memory has let go of, the answer waits for it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type DataLoader from 'dataloader';
import type { QueuePosition as EnginePosition } from '../../../src/core/exchange/exchange.js';
import {
  type ExecutionReportFields,
  type OrderState,
  orderStateOf,
} from '../../../src/core/exchange/execution-report.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { formatQty } from '../../../src/core/instrument/terms.js';
import { type OrdStatus, PLAN_LEGS } from '../../../src/core/values/vocabulary.js';
import { canReadAccount } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import {
  decodePageCursor,
  decodeStreamCursor,
  encodePageCursor,
  encodeStreamCursor,
  isBehind,
} from '../../../src/graphql/cursor.js';
import {
  badUserInput,
  clipped,
  historyUnavailable,
  streamGap,
  unknownAccount,
  withClientErrors,
} from '../../../src/graphql/errors.js';
import { createRequestLoader } from '../../../src/graphql/loaders.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import { type PointInTime, stateAt } from '../../../src/graphql/point-in-time.js';
import type { EngineQueries } from '../../../src/ports/engine-client.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History, OrderFilter, OrderRecord, Reached, StreamPosition } from '../../../src/ports/history.js';
import { heldReports, isFromImage, type LiveOrder, type OrdersView } from '../events.js';
import type { ExecutionReport } from '../types/execution-report.js';
import type { Order } from '../types/order.js';
import type { QueuePosition } from '../types/preview.js';
import type { OrderNodes } from './order-nodes.js';
import type { Refusal } from './rejection.js';

/** How long an answer waits for history to take in what memory no longer holds. */
const HISTORY_WAIT_MS = 5_000;
const HISTORY_POLL_MS = 20;
/** Times that a list is read again because memory let go of orders meanwhile. */
const MAX_ATTEMPTS = 5;
const HISTORY_PAGE = 501;
const ORDER_CURSOR = 'o';
const WORKING: ReadonlySet<OrdStatus> = new Set(['NEW', 'PARTIALLY_FILLED']);

/** Filters of a list of orders, as clients give them. */
export interface OrdersArgs {
  readonly accountId: string;
  readonly symbol: string | null;
  readonly ordStatus: readonly OrdStatus[] | null;
  readonly first: number;
  readonly after: string | null;
}

interface OrderKey {
  readonly createdUs: number;
  readonly orderId: number;
}

/** Newest first. */
function compareOrders(a: OrderKey, b: OrderKey): number {
  return b.createdUs - a.createdUs || b.orderId - a.orderId;
}

/** Returns an order id as a number; null where the text cannot be one. */
export function parseOrderId(id: string): number | null {
  if (!/^[1-9]\d{0,15}$/.test(id)) return null;
  const orderId = Number(id);
  return Number.isSafeInteger(orderId) ? orderId : null;
}

export class OrderQueries {
  readonly #ordersLoader: (context: RequestContext) => DataLoader<number, OrderRecord | null>;
  readonly #plansLoader: (context: RequestContext) => DataLoader<number, readonly OrderState[]>;
  readonly #queueLoader: (context: RequestContext) => DataLoader<number, EnginePosition | null>;
  /** Highest sequence that history is known to have reached. */
  #historyReached = 0;

  constructor(
    private readonly view: OrdersView,
    private readonly history: History,
    private readonly nodes: OrderNodes,
    engine: EngineQueries,
    private readonly feed: EventFeed,
  ) {
    this.#queueLoader = createRequestLoader(async (ids) => withClientErrors(engine.queuePositions(ids)));
    this.#ordersLoader = createRequestLoader((ids) => this.#loadOrders(ids));
    this.#plansLoader = createRequestLoader((ids) => this.#loadPlans(ids));
  }

  /** Returns an order that the caller may see; null for any other. */
  async order(id: string, identity: Identity, context: RequestContext): Promise<Order | null> {
    const state = await this.orderState(id, context);
    if (state === null) return null;
    return this.#mayRead(identity, state.account) ? this.nodes.order(state) : null;
  }

  /** Returns the order as it was, with who may see it as it is now; null where it was not accepted by then. */
  async orderAt(id: string, at: PointInTime, identity: Identity, context: RequestContext): Promise<Order | null> {
    const now = await this.orderState(id, context);
    if (now === null || !this.#mayRead(identity, now.account)) return null;
    const { events, timeUs } = await stateAt(this.feed, at, context);
    for (const event of events) {
      if (event.type === 'OrderAccepted' && event.orderId === now.orderId) return this.nodes.order(orderStateOf(event));
    }
    // It did not work then: it was over already, and has not changed since, or it had not come yet.
    return now.updatedUs <= timeUs ? this.nodes.order(now) : null;
  }

  /** Returns an order's state, whosever it is; null where there is none. */
  async orderState(id: string, context: RequestContext): Promise<OrderState | null> {
    const orderId = parseOrderId(id);
    if (orderId === null) return null;
    return this.view.order(orderId)?.state ?? (await this.#ordersLoader(context).load(orderId));
  }

  async orderByClOrdId(accountId: string, clOrdId: string, identity: Identity): Promise<Order | null> {
    const account = this.view.reference.accountById(accountId);
    if (account === undefined || !canReadAccount(identity, account)) return null;
    const held = this.view.orderByClOrdId(account.account, clOrdId);
    if (held !== undefined) return this.nodes.order(held.state);
    const found = await withClientErrors(
      this.#fromHistory(() => this.history.orderByClOrdId(account.account, clOrdId)),
    );
    return found === null ? null : this.nodes.order(this.view.order(found.orderId)?.state ?? found);
  }

  /** The other orders of an order's plan, in the order of its legs. */
  async linkedOrders(order: OrderState, context: RequestContext): Promise<Order[]> {
    const { planId } = order;
    if (planId === null) return [];
    const legs = await this.#plansLoader(context).load(planId);
    return legs.filter(({ orderId }) => orderId !== order.orderId).map((state) => this.nodes.order(state));
  }

  /** A page of an account's orders, newest first. */
  async orders(args: OrdersArgs, identity: Identity): Promise<Connection<Order>> {
    const first = checkPageSize(args.first);
    const account = this.readableAccount(args.accountId, identity);
    const filter: OrderFilter = {
      account: account.account,
      instrument: args.symbol === null ? null : this.#instrument(args.symbol),
      ordStatus: args.ordStatus,
    };
    const [createdUs = 0, orderId = 0] = args.after === null ? [] : decodePageCursor(ORDER_CURSOR, 2, args.after);
    const before = args.after === null ? null : { createdUs, orderId };
    const states = await withClientErrors(this.#page(filter, before, first + 1));
    return toConnection(
      states,
      first,
      before === null,
      (state) => encodePageCursor(ORDER_CURSOR, [state.createdUs, state.orderId]),
      (state) => this.nodes.order(state),
    );
  }

  /** Returns where an order stands in the queue of its price; null where it does not rest. */
  async queuePosition(order: Order, context: RequestContext): Promise<QueuePosition | null> {
    if (!WORKING.has(order.state.ordStatus)) return null;
    const position = await this.#queueLoader(context).load(order.state.orderId);
    if (position === null) return null;
    const { terms } = this.view.reference.instrumentAt(order.state.instrument);
    return { ordersAhead: position.ordersAhead, qtyAhead: formatQty(terms, position.qtyAheadLots) };
  }

  /** Returns when an order last changed; an image tells its state but not since when, so that history is asked. */
  async updatedUs(order: OrderState, context: RequestContext): Promise<number> {
    const held = this.view.order(order.orderId);
    if (held === undefined || held.state !== order || !isFromImage(held)) return order.updatedUs;
    return (await this.#ordersLoader(context).load(order.orderId))?.updatedUs ?? order.updatedUs;
  }

  /** A page of an order's reports, oldest first. */
  async executionReports(
    order: OrderState,
    pageSize: number,
    after: string | null,
  ): Promise<Connection<ExecutionReport>> {
    const first = checkPageSize(pageSize);
    const position = after === null ? null : decodeStreamCursor(after);
    const reports = await withClientErrors(this.#reportsOfOrder(order.orderId, position, first + 1));
    return toConnection(
      reports,
      first,
      position === null,
      (report) => encodeStreamCursor(report.sequence, report.leg),
      (report) => this.nodes.report(report),
    );
  }

  /**
   * A page of what happened to an account's orders, oldest first; all that was there when it was asked for.
   * @throws GraphQLError NOT_FOUND, LIMIT_EXCEEDED, STREAM_GAP where reports behind `after` are kept no longer
   */
  async accountReports(
    { accountId, first: pageSize, after }: Pick<OrdersArgs, 'accountId' | 'first' | 'after'>,
    identity: Identity,
  ): Promise<Connection<ExecutionReport>> {
    const first = checkPageSize(pageSize);
    const { account } = this.readableAccount(accountId, identity);
    const position = after === null ? null : decodeStreamCursor(after);
    const read = async () => {
      await this.#awaitHistory(this.view.sequence);
      return this.history.executionReportsOfAccount(account, position, first + 1);
    };
    const { records, goneThrough = 0 } = await withClientErrors(read());
    if (position !== null && after !== null && position.sequence < goneThrough) {
      throw streamGap(
        after,
        encodeStreamCursor(goneThrough, 1),
        'go on with `cursor` as `after`, or begin without one',
      );
    }
    return toConnection(
      records,
      first,
      position === null,
      (report) => encodeStreamCursor(report.sequence, report.leg),
      (report) => this.nodes.report(report),
    );
  }

  /** Why a rejected order was refused, with the rule's arithmetic. */
  async refusalOf(order: OrderState, context: RequestContext): Promise<Refusal> {
    const event = this.view.order(order.orderId)?.events.find(({ type }) => type === 'OrderRejected');
    if (event?.type === 'OrderRejected') return event;
    const record = await this.#ordersLoader(context).load(order.orderId);
    const detail = record?.rejection ?? { limit: null, current: null, projected: null };
    return { reason: order.ordRejReason ?? 'INVALID_REQUEST', ...detail };
  }

  /** The reports that one command gave an order, oldest first. */
  async reportsOfCommand(orderId: number, commandSequence: number): Promise<readonly ExecutionReportFields[]> {
    const held = this.view.order(orderId);
    const reports = held?.eventsFrom === 0 ? heldReports(held) : await this.#reportsOfCommand(held, commandSequence);
    return reports.filter((report) => report.orderId === orderId && report.commandSequence === commandSequence);
  }

  /**
   * Returns an account that the caller may see.
   * @throws GraphQLError NOT_FOUND for any other
   */
  readableAccount(accountId: string, identity: Identity): AccountEntry {
    const account = this.view.reference.accountById(accountId);
    if (account === undefined || !canReadAccount(identity, account)) throw unknownAccount(accountId);
    return account;
  }

  /** False also for an account that does not exist: a refused order may name one. */
  #mayRead(identity: Identity, account: number): boolean {
    const entry = this.view.reference.accounts[account];
    return entry !== undefined && canReadAccount(identity, entry);
  }

  #instrument(symbol: string): number {
    const instrument = this.view.reference.instrumentBySymbol(symbol);
    if (instrument === undefined) throw badUserInput('symbol', `there is no instrument "${clipped(symbol)}"`);
    return instrument.instrument;
  }

  async #loadOrders(ids: readonly number[]): Promise<(OrderRecord | null)[]> {
    const records = await withClientErrors(this.#fromHistory(() => this.history.orders(ids)));
    const byId = new Map(records.map((record) => [record.orderId, record]));
    return ids.map((id) => {
      const held = this.view.order(id);
      const record = byId.get(id) ?? null;
      return held === undefined || (record !== null && isFromImage(held)) ? record : held.state;
    });
  }

  /** Legs of plans; history is asked where memory may have let go of one. */
  async #loadPlans(planIds: readonly number[]): Promise<(readonly OrderState[])[]> {
    const partial = planIds.filter((planId) => this.view.plan(planId).length < legsOf(this.view.plan(planId)[0]));
    const records =
      partial.length === 0 ? [] : await withClientErrors(this.#fromHistory(() => this.history.ordersOfPlans(partial)));
    return planIds.map((planId) => {
      const legs = new Map<number, OrderState>();
      for (const record of records) if (record.planId === planId) legs.set(record.orderId, record);
      for (const { state } of this.view.plan(planId)) legs.set(state.orderId, state);
      return [...legs.values()].sort((a, b) => legPlace(a) - legPlace(b));
    });
  }

  /** Reads history once it holds all that memory does not. */
  async #fromHistory<T>(read: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#awaitHistory(this.view.coveredFrom);
      const reached = this.#historyReached;
      const result = await read();
      if (this.view.coveredFrom <= reached || attempt === MAX_ATTEMPTS) return result;
    }
  }

  /** @throws GraphQLError HISTORY_UNAVAILABLE where history does not get there in time */
  async #awaitHistory(sequence: number): Promise<void> {
    const deadline = Date.now() + HISTORY_WAIT_MS;
    while (this.#historyReached < sequence) {
      this.#historyReached = Math.max(this.#historyReached, await this.history.throughSequence());
      if (this.#historyReached >= sequence) return;
      if (Date.now() >= deadline) throw historyUnavailable();
      await sleep(HISTORY_POLL_MS);
    }
  }

  async #page(filter: OrderFilter, before: OrderKey | null, limit: number): Promise<OrderState[]> {
    // Every working order is in memory.
    if (filter.ordStatus?.every((status) => WORKING.has(status)))
      return this.#merge([], filter, before).slice(0, limit);
    return this.#fromHistory(async () => {
      const old: OrderState[] = [];
      for (let last = before; ; ) {
        const records = await this.history.ordersOf(filter, last, HISTORY_PAGE);
        old.push(...records);
        const merged = this.#merge(old, filter, before);
        last = records[records.length - 1] ?? null;
        // Behind the last record of an unfinished read, orders of history may still be missing.
        if (last === null || records.length < HISTORY_PAGE || isComplete(merged, limit, last))
          return merged.slice(0, limit);
      }
    });
  }

  /** Memory has the last word, also where it says that an order no longer matches. */
  #merge(old: readonly OrderState[], filter: OrderFilter, before: OrderKey | null): OrderState[] {
    const states = new Map<number, OrderState>();
    for (const record of old) states.set(record.orderId, record);
    for (const { state } of this.view.ordersOf(filter.account)) {
      if (matches(state, filter, before)) states.set(state.orderId, state);
      else states.delete(state.orderId);
    }
    return [...states.values()].sort(compareOrders);
  }

  async #reportsOfOrder(
    orderId: number,
    after: StreamPosition | null,
    limit: number,
  ): Promise<readonly ExecutionReportFields[]> {
    const held = this.view.order(orderId);
    if (held?.eventsFrom === 0) return behind(heldReports(held), after).slice(0, limit);
    return this.#joined(held, () => this.history.executionReportsOfOrder(orderId, after, limit), after, limit);
  }

  #reportsOfCommand(held: LiveOrder | undefined, commandSequence: number): Promise<readonly ExecutionReportFields[]> {
    const read = () => this.history.executionReportsOfCommand(commandSequence);
    return this.#joined(held, read, null, Number.POSITIVE_INFINITY);
  }

  /** Reports of history, and behind them those that memory holds. */
  async #joined(
    held: LiveOrder | undefined,
    read: () => Promise<Reached<ExecutionReportFields>>,
    after: StreamPosition | null,
    limit: number,
  ): Promise<readonly ExecutionReportFields[]> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#awaitHistory(held === undefined ? this.view.coveredFrom : held.eventsFrom);
      const { records, throughSequence } = await read();
      if (held === undefined || records.length >= limit) return records;
      if (held.eventsFrom > throughSequence && attempt < MAX_ATTEMPTS) continue;
      const later = behind(heldReports(held), after).filter((report) => report.sequence > throughSequence);
      return [...records, ...later].slice(0, limit);
    }
  }
}

function legsOf(leg: LiveOrder | undefined): number {
  return leg?.state.contingency === 'BRACKET' ? 3 : 2;
}

function legPlace({ planLeg }: OrderState): number {
  return planLeg === null ? 0 : PLAN_LEGS.indexOf(planLeg);
}

/** Tells whether a list has its first `limit` orders at or before `last`. */
function isComplete(sorted: readonly OrderKey[], limit: number, last: OrderKey): boolean {
  const final = sorted[limit - 1];
  return final !== undefined && compareOrders(final, last) <= 0;
}

function matches(state: OrderState, filter: OrderFilter, before: OrderKey | null): boolean {
  return (
    (filter.instrument === null || state.instrument === filter.instrument) &&
    (filter.ordStatus === null || filter.ordStatus.includes(state.ordStatus)) &&
    (before === null || compareOrders(before, state) < 0)
  );
}

function behind(
  reports: readonly ExecutionReportFields[],
  after: StreamPosition | null,
): readonly ExecutionReportFields[] {
  return after === null ? reports : reports.filter((report) => isBehind(report, after));
}
