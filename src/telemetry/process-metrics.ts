/** What the Node.js process measures of itself: event loop, garbage collection, memory, processor. */
import { constants, monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { BucketCounts } from './bucket-counts.js';
import { sampledCounter, sampledGauge, sampledHistogram } from './sampled.js';

const GC_BOUNDS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const DELAY_RESOLUTION_MS = 10;
const QUANTILES = [50, 90, 99, 99.9, 100];

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak_callback',
};

/** An entry of type `gc`, whose detail the type definitions leave open. */
interface Collection {
  readonly duration: number;
  readonly detail?: { readonly kind?: number };
}

/** Registers the metrics. Returns how to stop measuring. */
export function measureProcess(registry: Registry): () => void {
  const stopDelay = measureEventLoop(registry);
  const stopCollections = measureCollections(registry);
  measureResources(registry);
  return () => {
    stopDelay();
    stopCollections();
  };
}

function measureEventLoop(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  sampledGauge(
    registry,
    {
      name: 'nodejs_eventloop_delay_seconds',
      help: 'How late timers fired since the last reading, by quantile (1 = the latest).',
      labels: ['quantile'],
    },
    (tell) => {
      // What is measured is the time from one firing to the next; what lies above the resolution is delay.
      for (const quantile of QUANTILES) {
        const lateMs = delay.percentile(quantile) / 1e6 - DELAY_RESOLUTION_MS;
        tell(delay.count === 0 ? 0 : Math.max(0, lateMs) / 1000, String(quantile / 100));
      }
      delay.reset();
    },
  );
  let before = performance.eventLoopUtilization();
  sampledGauge(
    registry,
    {
      name: 'nodejs_eventloop_utilization_ratio',
      help: 'Share of the time since the last reading in which the event loop was busy.',
    },
    (tell) => {
      const now = performance.eventLoopUtilization();
      tell(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  );
  return () => delay.disable();
}

function measureCollections(registry: Registry): () => void {
  const durations = new Map(Object.values(GC_KINDS).map((kind) => [kind, new BucketCounts(GC_BOUNDS_S)]));
  const observer = new PerformanceObserver((list) => {
    for (const { detail, duration } of list.getEntries() as unknown as Collection[]) {
      const kind = GC_KINDS[detail?.kind ?? -1];
      if (kind !== undefined) durations.get(kind)?.observe(duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  sampledHistogram(
    registry,
    { name: 'nodejs_gc_duration_seconds', help: 'Garbage collections by kind.', labels: ['kind'] },
    (tell) => {
      for (const [kind, counts] of durations) tell(counts, kind);
    },
  );
  return () => observer.disconnect();
}

function measureResources(registry: Registry): void {
  sampledCounter(
    registry,
    { name: 'process_cpu_seconds_total', help: 'Processor time of the process, user and system.' },
    (tell) => {
      const { user, system } = process.cpuUsage();
      tell((user + system) / 1e6);
    },
  );
  sampledGauge(
    registry,
    { name: 'nodejs_memory_bytes', help: 'Memory of the process by kind.', labels: ['kind'] },
    (tell) => {
      const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
      tell(rss, 'resident');
      tell(heapTotal, 'heap_total');
      tell(heapUsed, 'heap_used');
      tell(external, 'external');
      tell(arrayBuffers, 'array_buffers');
    },
  );
  const startedS = Date.now() / 1000 - process.uptime();
  sampledGauge(
    registry,
    { name: 'process_start_time_seconds', help: 'When the process started, seconds since 1970 UTC.' },
    (tell) => tell(startedS),
  );
}
