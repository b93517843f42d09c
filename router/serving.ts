/** What the HTTP and the WebSocket server share: who calls, what is run, and the count of what is in flight. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Identity, RequestContext } from '../src/graphql/context.js';
import type { Log } from '../src/ports/log.js';
import type { NonceStore } from '../src/ports/nonce-store.js';
import type { Tracing } from '../src/ports/tracing.js';
import type { AuditLog } from './audit/audit-log.js';
import type { TokenVerifier } from './authentication.js';
import { type ErrorFormatter, type FormattedResult, RequestError, routerError } from './errors.js';
import type { LatencyDesk } from './latency.js';
import type { LeaseKeeper } from './leases.js';
import type { RouterLimits } from './limits.js';
import { type RouterMetrics, rootFieldOf } from './metrics.js';
import { type CompiledOperation, MUTATION, type Operations, type Variables } from './operations.js';
import type { PersistedDocuments } from './persisted-documents.js';
import type { RateLimiter } from './rate-limits/rate-limiter.js';

export interface Serving {
  /** Replaced as a whole when the supergraph is. */
  operations: Operations;
  readonly documents: PersistedDocuments;
  readonly formatter: ErrorFormatter;
  readonly verifier: TokenVerifier;
  readonly limits: RouterLimits;
  readonly rateLimiter: RateLimiter;
  /** Proxies of the operator in front of the router, whose X-Forwarded-For is believed. */
  readonly trustedProxies: number;
  readonly allowedOrigins: readonly string[];
  /** True where market data needs scope market:read. */
  readonly marketDataClosed: boolean;
  readonly metrics: RouterMetrics;
  readonly latency: LatencyDesk;
  /** Null: no operation is traced. */
  readonly tracing: Tracing | null;
  readonly inFlight: InFlight;
  /** Nonces of signed requests. */
  readonly nonces: NonceStore;
  /** null: mutations are not written down. */
  readonly audit: AuditLog | null;
  readonly leases: LeaseKeeper;
  readonly log: Log;
}

/** Path of GraphQL, for HTTP and WebSocket alike. */
export const GRAPHQL_PATH = '/graphql';

/** Counts what is being answered, so that a stop can wait for it. */
export class InFlight {
  #count = 0;
  #stopping = false;
  #idle: (() => void) | null = null;

  /** True once the router takes nothing new. */
  get stopping(): boolean {
    return this.#stopping;
  }

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#idle?.();
  }

  async track<T>(work: Promise<T>): Promise<T> {
    this.begin();
    try {
      return await work;
    } finally {
      this.end();
    }
  }

  stopTaking(): void {
    this.#stopping = true;
  }

  /** Resolves when nothing is in flight, or after the time given. */
  async drained(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((done) => {
      this.#idle = done;
      timer = setTimeout(done, withinMs);
    });
    clearTimeout(timer);
  }
}

/** Ids that a client may give; anything else is replaced. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Returns what resolvers know of their caller. */
export function contextOf(
  { marketDataClosed }: Serving,
  identity: Identity | null,
  requestId: string,
  address: string,
): RequestContext {
  return marketDataClosed ? { identity, requestId, address, marketDataClosed } : { identity, requestId, address };
}

/**
 * Runs a query or mutation within the time allowed. Never rejects.
 * @param parent trace that the client began; null = none
 */
export async function runOperation(
  serving: Serving,
  operation: CompiledOperation,
  variables: Variables,
  context: RequestContext,
  parent: string | null = null,
): Promise<FormattedResult> {
  const startedAtMs = performance.now();
  const result = await traced(serving, operation, context, parent, (within) =>
    guarded(serving, operation, variables, within),
  );
  const outcome = result.errors === undefined ? 'ok' : 'error';
  serving.metrics.answered(operation, outcome, startedAtMs);
  if (operation.mutationFields.length > 0)
    serving.audit?.answered(operation.mutationFields, variables, context, result);
  return result;
}

async function traced(
  { tracing, latency }: Serving,
  operation: CompiledOperation,
  context: RequestContext,
  parent: string | null,
  run: (context: RequestContext) => Promise<FormattedResult>,
): Promise<FormattedResult> {
  const span = tracing?.begin(spanNameOf(operation), 'SERVER', parent, context.times?.received) ?? null;
  if (tracing === null || span === null) return latency.settle(operation, context, await run(context));
  const { times, requestId } = context;
  if (times !== undefined) times.traceparent = span.traceparent;
  const within = { ...context, traceparent: span.traceparent };
  const result = await tracing.within(span, () => run(within));
  const settled = latency.settle(operation, within, result);
  span.set({ 'tradsys.request_id': requestId, 'graphql.operation.type': operation.type });
  if (times !== undefined && times.orderId > 0) span.set({ 'tradsys.order_id': String(times.orderId) });
  span.end(result.errors === undefined ? null : String(result.errors[0]?.extensions?.code ?? 'error'));
  return settled;
}

/** Of names out of the schema, as metrics are. */
export function spanNameOf(operation: CompiledOperation): string {
  return `${operation.type} ${rootFieldOf(operation)}`;
}

/** Writes down a mutation that is not executed. @param operation null where it was refused before it became one */
export function noteRefusal(
  { audit }: Serving,
  { mutationFields, errors }: RequestError,
  operation: CompiledOperation | null,
  variables: Variables,
  context: RequestContext,
): void {
  const fields = operation?.mutationFields ?? mutationFields;
  if (fields.length > 0) audit?.refused(fields, variables, context, String(errors[0]?.extensions.code));
}

async function guarded(serving: Serving, operation: CompiledOperation, variables: Variables, context: RequestContext) {
  const { operations, formatter, limits, inFlight } = serving;
  try {
    const running = operations.execute(operation, variables, context);
    const result = running instanceof Promise ? await within(inFlight.track(running), operation, limits) : running;
    return formatter.formatResult(result, context.requestId);
  } catch (error) {
    return formatter.formatResult(failed(error), context.requestId);
  }
}

/** The result of an operation that threw instead of telling its error: a fault, masked like any other. */
export function failed(error: unknown): ExecutionResult {
  const fault = error instanceof Error ? error : new Error(String(error));
  return { data: null, errors: [new GraphQLError(fault.message, { originalError: fault })] };
}

async function within(
  running: Promise<ExecutionResult>,
  operation: CompiledOperation,
  { requestTimeoutMs }: RouterLimits,
): Promise<ExecutionResult> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<ExecutionResult>((done) => {
    timer = setTimeout(() => done(timedOut(operation, requestTimeoutMs)), requestTimeoutMs);
  });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** A mutation that is late may still happen, so its outcome is told as unknown and never as failed. */
function timedOut(operation: CompiledOperation, requestTimeoutMs: number): ExecutionResult {
  const limit = { limit: 'requestTimeoutMs', max: requestTimeoutMs };
  const error =
    operation.type === MUTATION
      ? routerError(
          'OUTCOME_UNKNOWN',
          `no answer within ${requestTimeoutMs} ms: the mutation may or may not have been executed; ask for its result`,
          limit,
        )
      : routerError('TIMEOUT', `no answer within ${requestTimeoutMs} ms: ask for less at once`, limit);
  return { data: null, errors: [error] };
}

/**
 * Compiles; counts what is refused.
 * @param text empty where the document is only named by its hash
 * @throws RequestError
 */
export function compileOperation(
  { operations, documents, metrics, log }: Serving,
  text: string,
  operationName: string | undefined,
  hash: string | undefined,
): CompiledOperation {
  const startedAtMs = performance.now();
  try {
    const compiled = operations.compile(documents.resolve(text, hash), operationName);
    documents.keep(text, hash);
    return compiled;
  } catch (error) {
    metrics.refused(startedAtMs);
    if (error instanceof RequestError) throw error;
    log('error', 'a document broke the validation', { error: String(error) });
    throw new RequestError([routerError('GRAPHQL_VALIDATION_FAILED', 'the document cannot be validated')]);
  }
}
