/** Latency as Prometheus sees it, in buckets of powers of two that native histograms take over as they are. */
import type { Registry } from 'prom-client';
import type { ExponentialCounts } from './exponential-counts.js';
import type { LatencyRecorder } from './latency.js';
import { sampledHistogram } from './sampled.js';

/** Stages of a command within the engine, whoever sent it. */
export interface EngineStageCounts {
  readonly execute: ExponentialCounts;
  readonly journal: ExponentialCounts;
  readonly answer: ExponentialCounts;
}

export function addEngineStages(registry: Registry, stages: () => EngineStageCounts): void {
  sampledHistogram(
    registry,
    {
      name: 'tradsys_engine_stage_seconds',
      help: 'Time of commands in the engine (execute: queue and execution; journal: until durable; answer: until told).',
      labels: ['stage'],
    },
    (tell) => {
      const { execute, journal, answer } = stages();
      tell(execute, 'execute');
      tell(journal, 'journal');
      tell(answer, 'answer');
    },
  );
}

/** Shows the stages of the commands that clients sent. */
export function showLatency(registry: Registry, recorder: LatencyRecorder): void {
  sampledHistogram(
    registry,
    {
      name: 'tradsys_command_stage_seconds',
      help: 'Time of commands of clients by stage, from the request at the router to the answer (stage total).',
      labels: ['operation', 'stage'],
    },
    (tell) => {
      for (const [operation, stage, counts] of recorder.counts()) tell(counts, operation, stage.toLowerCase());
    },
  );
}
