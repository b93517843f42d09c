/**
 * Traces as every part sees them; null where they are off, so that being off costs a comparison. Context goes between
 * processes as W3C traceparent (https://www.w3.org/TR/trace-context), in headers of the bus and in sealed contexts.
 */

export type SpanKind = 'SERVER' | 'INTERNAL' | 'PRODUCER' | 'CONSUMER';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span under way. */
export interface TraceSpan {
  /** What later parts hang their spans on. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** @param failure why it failed; null = it did not */
  end(failure?: string | null): void;
}

export interface Tracing {
  /**
   * Begins a span; null where the trace is not sampled.
   * @param parent traceparent; null = a trace of its own
   * @param startMs of the monotonic clock; now when absent
   */
  begin(name: string, kind: SpanKind, parent: string | null, startMs?: number): TraceSpan | null;
  /** Tells a span that is over, by the monotonic clock, milliseconds. */
  record(
    name: string,
    kind: SpanKind,
    parent: string,
    startMs: number,
    endMs: number,
    attributes?: SpanAttributes,
  ): void;
  /** Runs work with the span as the one that libraries hang theirs on. */
  within<T>(span: TraceSpan, work: () => T): T;
  /** Sends what is left and ends. */
  stop(): Promise<void>;
}

/** A traced part of a message: a command by its place, or an event by its sequence. */
export interface TraceMark {
  readonly at: number;
  readonly traceparent: string;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Returns the context of a header; null where it is none. */
export function readTraceparent(text: unknown): string | null {
  return typeof text === 'string' && TRACEPARENT.test(text) ? text : null;
}
