/** A subgraph as a role: its view follows the bus, its commands go over it, and its router alone may ask. */
import { randomUUID } from 'node:crypto';
import { BacktestPool, SERVED_BACKTESTS } from '../../adapters/worker/backtest-pool.js';
import { RemoteEngine } from '../../bus/remote-engine.js';
import { RemoteFeed } from '../../bus/remote-feed.js';
import type { SubgraphRole } from '../../config/services.js';
import { createSystemClock } from '../../engine/system-clock.js';
import { ReachedSequence } from '../../graphql/reached-sequence.js';
import { streamCounters } from '../../graphql/stream-counters.js';
import { addSubgraph, GraphQLRoute } from '../../graphql/subgraph-server.js';
import type { EventFeed } from '../../ports/event-feed.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { createIdentity, startIdentity } from '../identity.js';
import { openReferences } from '../references.js';
import { createSubgraph } from '../subgraphs.js';
import { awaitLeader, awaitNats, openHistory } from './dependencies.js';
import type { RoleContext } from './role-context.js';

/** As in one process. */

export async function startSubgraphRole(context: RoleContext, role: SubgraphRole): Promise<void> {
  const { services, logger, teardown, fail } = context;
  const route = new GraphQLRoute(context.app);
  await context.listen();
  const database = await openHistory(context, 'SHARE');
  const bus = await awaitNats(context);
  const watch = await awaitLeader(context, bus);
  const feed = new RemoteFeed({ bus, log: bus, watch, durable: null, logger: logger('feed'), onFatal: fail });
  feed.start();
  teardown.add('feed', () => feed.stop());
  const engine = new RemoteEngine({ bus, watch, feed, client: `${role}/${randomUUID()}` });
  teardown.add('engine client', () => engine.stop());
  const secret = new TextEncoder().encode(context.config.jwtSecret ?? '');
  // Built for every subgraph alike; only accounts uses it, so only there it follows what is revoked.
  const identity =
    role === 'accounts'
      ? await startIdentity(database.identities, secret, logger, teardown)
      : createIdentity(database.identities, secret, createSystemClock(), logger('identity'));
  const subgraph = await createSubgraph(role, {
    engine,
    feed,
    history: database.history,
    strategies: database.strategies,
    imported: database.importedMarketData,
    ...(role === 'market-data' ? await openReferences(context.config.referenceFeed, logger('references')) : {}),
    identity,
    audit: database.auditLog,
    backtestRunner: new BacktestPool(SERVED_BACKTESTS),
    clock: createSystemClock(),
    log: logger('subgraph'),
  });
  teardown.add('subgraph', () => subgraph.stop());
  await subgraph.start();
  const reached = await followReached(feed);
  teardown.add('reached', () => reached.stop());
  const metrics = createMetrics({
    streams: streamCounters,
    bus: () => bus.figures,
    feed: () => feed.figures,
    database: () => ({ ready: database.status.ready, pools: database.pools }),
  });
  teardown.add('metrics', () => metrics.stop());
  context.setRegistry(metrics.registry);
  const stopServing = await addSubgraph({
    subgraph,
    app: context.app,
    secret: services.internalSecret,
    route,
    reached,
    log: logger('graphql'),
    tracing: context.tracing,
  });
  teardown.add('graphql', stopServing);
}

/** Comes after the subgraph's own view in each batch, so that what is reached is what the view answers from. */
async function followReached(feed: EventFeed): Promise<ReachedSequence> {
  const reached = new ReachedSequence();
  await feed.follow({
    reset: (_image, sequence) => reached.set(sequence),
    apply: ({ lastSequence }) => reached.set(lastSequence),
  });
  return reached;
}
