/** What the router does with the times of an operation: count them, tell the client on request, log what was slow. */
import type { RequestContext } from '../src/graphql/context.js';
import type { Log } from '../src/ports/log.js';
import { LATENCY_STAGES, StageTimes } from '../src/ports/stage-times.js';
import type { Tracing } from '../src/ports/tracing.js';
import { recordEngineSpans } from '../src/telemetry/engine-spans.js';
import type { LatencyRecorder } from '../src/telemetry/latency.js';
import type { TraceLinks } from '../src/telemetry/trace-links.js';
import type { FormattedResult } from './errors.js';
import { rootFieldOf } from './metrics.js';
import { type CompiledOperation, MUTATION } from './operations.js';

/** Header by which a client asks for the receipt of one operation; any value but `0`. */
export const RECEIPT_HEADER = 'x-tradsys-latency';
/** Lines of slow commands in a second; what is more is counted and told with the next line. */
const MAX_SLOW_LINES_PER_S = 10;

/** Returns the record to mark, or none where nobody would read it. */
export function timesFor(
  operation: CompiledOperation,
  receivedMs: number,
  receipt: boolean,
): { times: StageTimes } | undefined {
  if (operation.type !== MUTATION && !receipt) return undefined;
  const times = new StageTimes();
  times.received = receivedMs;
  times.receipt = receipt;
  return { times };
}

/** Traces where the engine is in this process, too. */
export interface EngineTraces {
  readonly tracing: Tracing;
  readonly links: TraceLinks;
}

export class LatencyDesk {
  #slowSecond = 0;
  #slowLines = 0;
  #unlogged = 0;

  /** @param slowMs commands that took as long or longer are logged with their stages; 0 = none */
  constructor(
    private readonly recorder: LatencyRecorder | null,
    private readonly slowMs: number,
    private readonly log: Log,
    private readonly engineTraces: EngineTraces | null = null,
  ) {}

  /** The operation was answered: marks it, counts it, and returns the result, with the receipt where it was asked for. */
  settle(operation: CompiledOperation, context: RequestContext, result: FormattedResult): FormattedResult {
    const { times, identity } = context;
    if (times === undefined) return result;
    times.answered = performance.now();
    if (times.sent) {
      if (this.engineTraces !== null) recordEngineSpans(this.engineTraces.tracing, times, this.engineTraces.links);
      const name = rootFieldOf(operation);
      const credential = identity?.credential;
      const key = credential?.kind === 'API_KEY' ? credential.id : (identity?.userId ?? null);
      this.recorder?.record(times, name, key);
      const totalMs = times.span('TOTAL');
      if (this.slowMs > 0 && totalMs >= this.slowMs) this.#logSlow(name, context, times);
      if (this.log.enabled?.('debug') === true) this.log('debug', 'command answered', breakdown(name, context, times));
    }
    if (!times.receipt) return result;
    return { ...result, extensions: { ...result.extensions, latency: receiptOf(context, times) } };
  }

  #logSlow(operation: string, context: RequestContext, times: StageTimes): void {
    const second = Math.floor(times.answered / 1000);
    if (second !== this.#slowSecond) {
      this.#slowSecond = second;
      this.#slowLines = 0;
    }
    if (this.#slowLines >= MAX_SLOW_LINES_PER_S) {
      this.#unlogged += 1;
      return;
    }
    this.#slowLines += 1;
    this.log('warn', 'slow command', { ...breakdown(operation, context, times), unlogged: this.#unlogged });
    this.#unlogged = 0;
  }
}

function breakdown(operation: string, context: RequestContext, times: StageTimes) {
  return { operation, symbol: times.symbol, ...receiptOf(context, times) };
}

/** Ids by which the operation is found again, and microseconds of each stage; null where it was not passed. */
function receiptOf({ requestId }: RequestContext, times: StageTimes): Record<string, unknown> {
  const stages = LATENCY_STAGES.map((stage) => {
    const ms = times.span(stage);
    return [`${stage.toLowerCase()}Us`, Number.isNaN(ms) ? null : Math.max(0, Math.round(ms * 1000))] as const;
  });
  return {
    requestId,
    traceId: times.traceparent?.split('-')[1] ?? null,
    orderId: times.orderId === 0 ? null : String(times.orderId),
    commandSequence: times.commandSequence === 0 ? null : times.commandSequence,
    ...Object.fromEntries(stages),
  };
}
