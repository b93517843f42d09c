/** What a process with a router shows operators of itself: latencies, the age of its parts' states, its log. */
import type { PlatformSources } from '../../subgraphs/platform/subgraph.js';
import type { Readiness } from '../telemetry/health.js';
import { HealthWatch } from '../telemetry/health-watch.js';
import { LatencyRecorder } from '../telemetry/latency.js';
import type { Logger } from '../telemetry/logger.js';
import type { Teardown } from './teardown.js';
import { readVersion } from './version.js';

export function createPlatformView(
  readiness: () => Promise<Readiness>,
  logger: Logger,
  teardown: Teardown,
): PlatformSources {
  const watch = new HealthWatch(readiness);
  teardown.add('health watch', () => watch.stop());
  return {
    latency: new LatencyRecorder(),
    readiness: () => watch.read(),
    logLevels: logger.levels,
    version: readVersion(),
    startedAtMs: watch.startedAtMs,
  };
}
