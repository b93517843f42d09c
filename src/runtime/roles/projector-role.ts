/** The role projector: events into history. It keeps the partitions of the read model, too. */
import { RemoteFeed } from '../../bus/remote-feed.js';
import { createProjector } from '../../read-model/projector.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { TraceLinks } from '../../telemetry/trace-links.js';
import { tracedStore } from '../../telemetry/traced-store.js';
import { awaitLeader, awaitNats, openHistory } from './dependencies.js';
import type { RoleContext } from './role-context.js';

/** How long a stop waits for what came to be written. */
const DRAIN_MS = 2_000;

export async function startProjectorRole(context: RoleContext): Promise<void> {
  const { logger, teardown, dependencies, fail } = context;
  await context.listen();
  const database = await openHistory(context, 'KEEP');
  const bus = await awaitNats(context);
  const watch = await awaitLeader(context, bus);
  const links = new TraceLinks();
  const feed = new RemoteFeed({
    bus,
    log: bus,
    watch,
    durable: 'projector',
    logger: logger('feed'),
    links,
    onFatal: fail,
  });
  feed.start();
  teardown.add('feed', () => feed.stop());
  const store = tracedStore(database.readModelStore, context.tracing, links);
  const projector = createProjector({ feed, store, log: logger('projector') });
  projector.start();
  teardown.add('projector', async () => {
    await projector.waitFor(feed.lastSequence, DRAIN_MS);
    await projector.stop();
  });
  dependencies.set('projector', () => {
    const { state, throughSequence, lag } = projector.status;
    return { ready: state !== 'FAILED', state, throughSequence, lag };
  });
  const metrics = createMetrics({
    projector: () => projector.status,
    bus: () => bus.figures,
    feed: () => feed.figures,
    database: () => ({ ready: database.status.ready, pools: database.pools }),
  });
  teardown.add('metrics', () => metrics.stop());
  context.setRegistry(metrics.registry);
}
