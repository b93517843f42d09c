/** What operators ask of the running platform: latencies, the state of its parts, levels of its log. */
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { badUserInput, limitExceeded, notFound } from '../../../src/graphql/errors.js';
import { PushStream } from '../../../src/graphql/push-stream.js';
import type { Readiness } from '../../../src/telemetry/health.js';
import type { LatencyRecorder, LatencyView, LatencyWindow } from '../../../src/telemetry/latency.js';
import { type LogLevels, MAX_LEVEL_SECONDS, type ModuleLevel } from '../../../src/telemetry/log-levels.js';
import type { Latency } from '../types/latency.js';
import type { DependencyStatus, LogThreshold, ModuleLogLevel, PlatformStatus } from '../types/status.js';

/** Which commands; at most one of the names. */
export interface LatencyRequest {
  readonly window: LatencyWindow;
  readonly operation?: string | null;
  readonly symbol?: string | null;
  readonly key?: string | null;
}

/** The parts that are looked at. */
export interface PlatformSources {
  readonly latency: LatencyRecorder;
  /** State of each dependency, with `ageS`. */
  readonly readiness: () => Promise<Readiness>;
  readonly logLevels: LogLevels;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

const MAX_EVERY_SECONDS = 60;
const MAX_SUBSCRIBERS = 100;

export class Observatory {
  readonly #streams = new Set<PushStream<Latency>>();

  constructor(private readonly sources: PlatformSources) {}

  latency(request: LatencyRequest): Latency {
    const { latency } = this.sources;
    const view = viewOf(request);
    const stages = latency.read(view, request.window);
    if (stages === null && view.by !== 'ALL') {
      throw notFound(`command of the ${view.by.toLowerCase()} "${view.name}" so far`, view.by.toLowerCase());
    }
    return {
      window: request.window,
      readAt: Date.now() * 1000,
      stages: stages ?? [],
      operations: latency.names('OPERATION'),
      symbols: latency.names('SYMBOL'),
      keys: latency.names('KEY'),
    };
  }

  /** The present latencies, then again and again; a reader that is slow gets the newest. */
  subscribe(request: LatencyRequest & { readonly everySeconds: number }, context: RequestContext): PushStream<Latency> {
    requireScope(context, 'admin');
    const { everySeconds } = request;
    if (!(everySeconds >= 1 && everySeconds <= MAX_EVERY_SECONDS))
      throw badUserInput('everySeconds', `${everySeconds} is not within 1 to ${MAX_EVERY_SECONDS}`);
    if (this.#streams.size >= MAX_SUBSCRIBERS)
      throw limitExceeded('latency', MAX_SUBSCRIBERS, `${MAX_SUBSCRIBERS} subscriptions are open, which is the limit`);
    const first = this.latency(request);
    const timer = setInterval(() => stream.push(this.latency(request)), everySeconds * 1000);
    timer.unref();
    const stream = new PushStream<Latency>({
      maxBuffer: 1,
      onOverflow: 'CONFLATE',
      onClose: () => {
        clearInterval(timer);
        this.#streams.delete(stream);
      },
    });
    this.#streams.add(stream);
    stream.push(first);
    return stream;
  }

  async status(): Promise<PlatformStatus> {
    const { readiness, version, startedAtMs } = this.sources;
    const dependencies = Object.entries(await readiness()).map(([name, told]): DependencyStatus => {
      const { ready, state, problem, ageS, ...details } = told;
      return { name, ready, state: textOf(state), problem: textOf(problem), ageS: Number(ageS ?? 0), details };
    });
    return {
      state: dependencies.every(({ ready }) => ready) ? 'READY' : 'NOT_READY',
      version,
      startedAt: startedAtMs * 1000,
      uptimeS: Math.round((Date.now() - startedAtMs) / 100) / 10,
      dependencies,
    };
  }

  logLevels(): ModuleLogLevel[] {
    return this.sources.logLevels.list().map(toModuleLogLevel);
  }

  setLogLevel(module: string | null, level: LogThreshold, seconds: number | null): ModuleLogLevel[] {
    const { logLevels } = this.sources;
    if (seconds !== null && !(seconds >= 1 && seconds <= MAX_LEVEL_SECONDS))
      throw badUserInput('seconds', `${seconds} is not within 1 to ${MAX_LEVEL_SECONDS}`);
    if (module !== null && !logLevels.list().some((known) => known.module === module))
      throw notFound('module that logs under this name; Query.logLevels lists them', 'module');
    return logLevels.set(module, level.toLowerCase() as Lowercase<LogThreshold>, seconds).map(toModuleLogLevel);
  }

  stop(): void {
    for (const stream of [...this.#streams]) stream.end();
  }
}

function viewOf({ operation, symbol, key }: LatencyRequest): LatencyView {
  const named = [
    ...(operation == null ? [] : [{ by: 'OPERATION' as const, name: operation }]),
    ...(symbol == null ? [] : [{ by: 'SYMBOL' as const, name: symbol }]),
    ...(key == null ? [] : [{ by: 'KEY' as const, name: key }]),
  ];
  if (named.length > 1) throw badUserInput('operation', 'stands beside symbol or key; name one of the three');
  return named[0] ?? { by: 'ALL' };
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value);
}

function toModuleLogLevel({ module, level, untilMs }: ModuleLevel): ModuleLogLevel {
  const until = untilMs === null ? null : untilMs * 1000;
  return { module, level: level.toUpperCase() as Uppercase<typeof level>, until };
}
