/** What the parts of a process show of themselves, wired up. */
import type { Database } from '../adapters/postgres/index.js';
import type { Engine } from '../engine/engine.js';
import { streamCounters } from '../graphql/stream-counters.js';
import type { Projector } from '../read-model/projector.js';
import { EventTally } from '../telemetry/event-tally.js';
import { createMetrics, type Metrics } from '../telemetry/metrics.js';
import type { Teardown } from './teardown.js';

export interface ObservedParts {
  readonly engine: Engine;
  readonly database: Database;
  readonly projector: Projector;
  readonly teardown: Teardown;
}

/** Begins to count; the registry is the one that the router shows under /metrics. */
export async function startMetrics({ engine, database, projector, teardown }: ObservedParts): Promise<Metrics> {
  const tally = new EventTally();
  const unfollow = await engine.feed.follow(tally);
  const metrics = createMetrics({
    engine: () => engine.status,
    tally,
    projector: () => projector.status,
    database: () => ({ ready: database.status.ready, pools: database.pools }),
    streams: streamCounters,
  });
  teardown.add('metrics', () => {
    unfollow();
    metrics.stop();
  });
  return metrics;
}
