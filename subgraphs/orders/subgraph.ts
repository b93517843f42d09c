/** The orders subgraph: owns Order, ExecutionReport and Fill. */
import 'reflect-metadata';
import { authChecker, requireScope } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import type { RequestContext } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { EngineClient, EngineQueries } from '../../src/ports/engine-client.js';
import type { EventFeed } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import { OrdersView } from './events.js';
import { BatchResolver } from './resolvers/batch-resolver.js';
import { LeaseResolver } from './resolvers/lease-resolver.js';
import { OrderEntryResolver } from './resolvers/order-entry-resolver.js';
import { OrderResolver } from './resolvers/order-resolver.js';
import { createReportSubscriptions } from './resolvers/report-subscriptions.js';
import { BatchEntry } from './services/batch-entry.js';
import { Leases } from './services/leases.js';
import { OrderEntry } from './services/order-entry.js';
import { OrderNodes } from './services/order-nodes.js';
import { OrderPreviews } from './services/order-preview.js';
import { OrderQueries } from './services/order-queries.js';
import { Outcomes } from './services/outcomes.js';
import { PlanEntry } from './services/plan-entry.js';
import { ReportStreams } from './services/report-streams.js';

export interface OrdersDependencies {
  readonly engine: EngineClient;
  readonly engineQueries: EngineQueries;
  readonly feed: EventFeed;
  readonly history: History;
}

export interface OrdersOptions {
  /** Finished orders that are kept in memory; older ones are in history only. Default 20,000. */
  readonly maxFinishedOrders?: number;
}

/** Builds the subgraph; `start` loads its view. */
export async function createOrdersSubgraph(
  { engine, engineQueries, feed, history }: OrdersDependencies,
  options: OrdersOptions = {},
): Promise<Subgraph> {
  const view = new OrdersView(options.maxFinishedOrders);
  const nodes = new OrderNodes(view.reference);
  const queries = new OrderQueries(view, history, nodes, engineQueries, feed);
  const outcomes = new Outcomes(engine, view, queries, nodes);
  const entry = new OrderEntry(outcomes, view, queries, nodes);
  const batches = new BatchEntry(outcomes, entry, view, nodes);
  const previews = new OrderPreviews(engineQueries, view);
  const streams = new ReportStreams(view, feed, history, queries);
  const subscriptions = createReportSubscriptions(streams, nodes);
  const instances = new Map<unknown, object>([
    [OrderResolver, new OrderResolver(queries, previews)],
    [OrderEntryResolver, new OrderEntryResolver(entry)],
    [BatchResolver, new BatchResolver(batches, new PlanEntry(outcomes, view))],
    [LeaseResolver, new LeaseResolver(new Leases(engine, view))],
    [subscriptions, new subscriptions()],
  ]);
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [OrderResolver, OrderEntryResolver, BatchResolver, LeaseResolver, subscriptions],
    references: {
      Order: ({ id }: { id: string }, context: RequestContext) =>
        queries.order(id, requireScope(context, 'orders:read'), context),
    },
    container: { get: (resolver) => instances.get(resolver) },
    authChecker,
  });
  let unfollow: (() => void) | null = null;
  return {
    name: 'orders',
    schema,
    sdl,
    async start() {
      unfollow = await feed.follow(view);
    },
    async stop() {
      unfollow?.();
      unfollow = null;
      streams.endAll();
      view.stop();
    },
  };
}
