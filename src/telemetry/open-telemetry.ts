/**
 * Traces by OpenTelemetry, sent over OTLP/HTTP. Loaded only where tracing is configured, and before graphql is: its
 * instrumentation wraps the library as it is loaded.
 *
 * Sampled: a trace that its client has sampled already, and of the others the configured share. Only requests begin a
 * trace, so that no library's span becomes one by itself. Spans wait in a bounded queue; what it cannot take is dropped.
 */
import {
  type Context,
  context,
  SpanKind as Kind,
  type Span,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { GraphQLInstrumentation } from '@opentelemetry/instrumentation-graphql';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import type { SpanAttributes, SpanKind, TraceSpan, Tracing } from '../ports/tracing.js';

export interface TracingOptions {
  /** Of the collector, e.g. http://127.0.0.1:4318; spans go to /v1/traces there. */
  readonly endpoint: string;
  /** Share of the requests, 0 to 1. */
  readonly ratio: number;
  /** Named in each span as part of the service. */
  readonly role: string;
  readonly version: string;
}

const MAX_QUEUED_SPANS = 4_096;
const SEND_EVERY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 5_000;
/** Levels of fields that get a span of their own; deeper ones cost more than they tell. */
const RESOLVER_DEPTH = 2;

export function startTracing({ endpoint, ratio, role, version }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: `tradsys-${role}`,
      [ATTR_SERVICE_VERSION]: version,
    }),
    sampler: new ParentBasedSampler({ root: requestsOnly(new TraceIdRatioBasedSampler(ratio)) }),
    textMapPropagator: new W3CTraceContextPropagator(),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: MAX_QUEUED_SPANS,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [
      new GraphQLInstrumentation({ depth: RESOLVER_DEPTH, mergeItems: true, ignoreTrivialResolveSpans: true }),
    ],
  });
  sdk.start();
  return new OpenTelemetryTracing(() => sdk.shutdown());
}

function requestsOnly(sampler: Sampler): Sampler {
  return {
    shouldSample: (parent, traceId, name, kind, attributes, links) =>
      kind === Kind.SERVER
        ? sampler.shouldSample(parent, traceId, name, kind, attributes, links)
        : { decision: SamplingDecision.NOT_RECORD },
    toString: () => `RequestsOnly{${sampler.toString()}}`,
  };
}

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  SERVER: Kind.SERVER,
  INTERNAL: Kind.INTERNAL,
  PRODUCER: Kind.PRODUCER,
  CONSUMER: Kind.CONSUMER,
};
const PROPAGATOR = new W3CTraceContextPropagator();
const GETTER: TextMapGetter<string> = {
  keys: () => ['traceparent'],
  get: (carrier, key) => (key === 'traceparent' ? carrier : undefined),
};
const ROOT: Context = context.active();

class OpenTelemetryTracing implements Tracing {
  readonly #tracer = trace.getTracer('tradsys');
  readonly #spans = new WeakMap<TraceSpan, Span>();

  constructor(private readonly shutDown: () => Promise<void>) {}

  begin(name: string, kind: SpanKind, parent: string | null, startMs = performance.now()): TraceSpan | null {
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], startTime: epochMs(startMs) }, contextOf(parent));
    if (!span.isRecording()) return null;
    const { traceId, spanId } = span.spanContext();
    const begun: TraceSpan = {
      traceparent: `00-${traceId}-${spanId}-01`,
      set: (attributes) => void span.setAttributes({ ...attributes }),
      end: (failure = null) => {
        if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.end();
      },
    };
    this.#spans.set(begun, span);
    return begun;
  }

  record(
    name: string,
    kind: SpanKind,
    parent: string,
    startMs: number,
    endMs: number,
    attributes: SpanAttributes = {},
  ): void {
    const options = { kind: KINDS[kind], startTime: epochMs(startMs), attributes: { ...attributes } };
    this.#tracer.startSpan(name, options, contextOf(parent)).end(epochMs(Math.max(startMs, endMs)));
  }

  within<T>(span: TraceSpan, work: () => T): T {
    const begun = this.#spans.get(span);
    return begun === undefined ? work() : context.with(trace.setSpan(context.active(), begun), work);
  }

  async stop(): Promise<void> {
    // A collector that is away must not hold up or fail the stop.
    await this.shutDown().catch(() => undefined);
  }
}

function contextOf(traceparent: string | null): Context {
  return traceparent === null ? ROOT : PROPAGATOR.extract(ROOT, traceparent, GETTER);
}

function epochMs(monotonicMs: number): number {
  return performance.timeOrigin + monotonicMs;
}
