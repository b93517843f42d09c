/** The router: one port for HTTP and WebSocket in front of the supergraph. */
import type { AddressInfo, Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { parse } from 'graphql';
import { Registry } from 'prom-client';
import type { AuditStore } from '../src/ports/audit-store.js';
import type { Log } from '../src/ports/log.js';
import type { NonceStore } from '../src/ports/nonce-store.js';
import type { RateStore } from '../src/ports/rate-store.js';
import type { Tracing } from '../src/ports/tracing.js';
import type { Readiness } from '../src/telemetry/health.js';
import type { LatencyRecorder } from '../src/telemetry/latency.js';
import type { TraceLinks } from '../src/telemetry/trace-links.js';
import { buildApiSchema } from './api-schema.js';
import { AuditLog } from './audit/audit-log.js';
import type { TokenVerifier } from './authentication.js';
import { readCostSchema } from './cost/cost-schema.js';
import { ErrorFormatter } from './errors.js';
import { FastPath, type LocalSubgraph, readGraphNames } from './fast-path.js';
import { createGateway } from './gateway.js';
import { createHttpServer, createObserverServer, type TlsFiles } from './http-server.js';
import { type EngineTraces, LatencyDesk } from './latency.js';
import { LeaseKeeper } from './leases.js';
import { DEFAULT_LIMITS, DEVELOPMENT_RATES, type RateLimits, type RouterLimits } from './limits.js';
import { RouterMetrics } from './metrics.js';
import { createObserverCheck, type ObserverOptions } from './observers.js';
import { Operations, type OperationsOptions } from './operations.js';
import { type DocumentManifest, PersistedDocuments } from './persisted-documents.js';
import { BoundedStore } from './rate-limits/bounded-store.js';
import { RateLimiter } from './rate-limits/rate-limiter.js';
import { SharedStore } from './rate-limits/shared-store.js';
import { MemoryNonces } from './request-signing.js';
import { InFlight, type Serving } from './serving.js';
import { createSocketServer } from './ws-server.js';

export interface RouterOptions {
  /** Subgraphs in this process; each that the supergraph names. */
  readonly subgraphs: readonly LocalSubgraph[];
  readonly supergraphSdl: string;
  /** Address to listen on, e.g. 127.0.0.1. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly verifier: TokenVerifier;
  /** State of each dependency, as /readyz tells it. */
  readonly readiness: () => Promise<Readiness>;
  /** Origins of pages that may call, beside the router's own: `https://desk.example.com`, `http://localhost:*`, `*`. */
  readonly allowedOrigins: readonly string[];
  /** Whether market data needs scope market:read; false when absent: it is everybody's. */
  readonly marketDataClosed?: boolean;
  /** Whether /graphiql and /sandbox are served. */
  readonly graphiql: boolean;
  /** Whether clients may ask for the schema; true when absent. */
  readonly introspection?: boolean;
  /** Registry that /metrics shows, the router's own measures included; an own one when absent. */
  readonly metrics?: Registry;
  /** Where latencies of commands are counted; nowhere when absent. */
  readonly latency?: LatencyRecorder;
  /** Null or absent: no operation is traced. */
  readonly tracing?: Tracing | null;
  /** Where the engine is in this process: its spans are told here, and which events belong to them. */
  readonly traceLinks?: TraceLinks;
  /** Commands that take as long or longer are logged with their stages; 0 or absent = none. */
  readonly slowCommandMs?: number;
  readonly limits?: Partial<RouterLimits>;
  /** Operations that a caller may send in a window, by class; those of development when absent. */
  readonly rates?: Partial<RateLimits>;
  /** Where quotas are counted together with other routers; null or absent: here alone. */
  readonly rateStore?: RateStore | null;
  /** Where nonces of signed requests are remembered together with other routers; here alone when absent. */
  readonly nonces?: NonceStore | null;
  /** Where mutations are written down; null or absent: nowhere. */
  readonly auditStore?: AuditStore | null;
  /** What becomes of mutations when no more entries may wait for the audit store; `drop` when absent. */
  readonly auditWhenFull?: 'drop' | 'refuse';
  /** Documents that may run; null or absent: whatever is valid. See persisted-documents.ts. */
  readonly manifest?: DocumentManifest | null;
  /** Who may read metrics and what is wrong on this port; everybody when absent. */
  readonly observers?: ObserverOptions;
  /** Where health, readiness and metrics are served beside; null or absent: nowhere. */
  readonly observerPort?: { readonly host: string; readonly port: number } | null;
  /** Certificate and key; null or absent: plain HTTP, as behind a proxy that ends TLS. */
  readonly tls?: TlsFiles | null;
  /** Proxies of the operator in front of the router, whose X-Forwarded-For is believed; 0 when absent. */
  readonly trustedProxies?: number;
  readonly log: Log;
}

export interface Router {
  /** Without a path, e.g. http://127.0.0.1:4000. */
  readonly url: string;
  readonly port: number;
  /** Of health, readiness and metrics alone; null where they have no port of their own. */
  readonly observerUrl: string | null;
  /**
   * Serves another supergraph from now on. What runs goes on as it was planned, subscriptions too; what comes next is planned anew.
   * @throws RouterStartError when the supergraph names a subgraph that is not there; then nothing has changed
   */
  reload(supergraphSdl: string, subgraphs: readonly LocalSubgraph[]): Promise<void>;
  /** Takes nothing new, finishes what is in flight, closes the sockets and frees the port; may be called again. */
  stop(): Promise<void>;
}

/** The router cannot start; the message says what to do. */
export class RouterStartError extends Error {
  override readonly name = 'RouterStartError';
}

/** @throws RouterStartError when the port cannot be had, or the supergraph names a subgraph that is not there */
export async function createRouter(options: RouterOptions): Promise<Router> {
  const { supergraphSdl, subgraphs, log } = options;
  const limits: RouterLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const introspection = options.introspection ?? true;
  const { auditStore = null, auditWhenFull = 'drop' } = options;
  const audit =
    auditStore === null
      ? null
      : new AuditLog({ store: auditStore, maxWaiting: limits.maxAuditEntries, whenFull: auditWhenFull, log });
  const plan = (sdl: string, locals: readonly LocalSubgraph[]) =>
    planSupergraph(sdl, locals, { limits, introspection, audited: audit !== null });
  let planned = await plan(supergraphSdl, subgraphs);
  let served = subgraphs;
  const serving: Serving = {
    operations: new Operations(planned),
    documents: new PersistedDocuments(
      options.manifest ?? null,
      limits.maxCachedDocuments,
      limits.maxCachedDocumentBytes,
    ),
    formatter: new ErrorFormatter(log),
    verifier: options.verifier,
    limits,
    rateLimiter: createRateLimiter({ ...DEVELOPMENT_RATES, ...options.rates }, limits, options.rateStore ?? null, log),
    trustedProxies: options.trustedProxies ?? 0,
    allowedOrigins: options.allowedOrigins,
    marketDataClosed: options.marketDataClosed ?? false,
    metrics: new RouterMetrics(options.metrics ?? new Registry()),
    latency: new LatencyDesk(options.latency ?? null, options.slowCommandMs ?? 0, log, engineTraces(options)),
    tracing: options.tracing ?? null,
    inFlight: new InFlight(),
    audit,
    nonces: options.nonces ?? new MemoryNonces(limits.maxNonces),
    leases: new LeaseKeeper(() => served, log),
    log,
  };
  serving.metrics.watchDocuments(() => serving.operations);
  if (audit !== null) serving.metrics.watchAudit(audit);
  const { readiness, graphiql, tls = null } = options;
  const isObserver = createObserverCheck(
    options.observers ?? { access: 'public', token: null },
    serving.trustedProxies,
  );
  const server = createHttpServer({ serving, readiness, graphiql, isObserver, tls });
  const sockets = createSocketServer(server, serving);
  let observing: { readonly url: string; stop(): Promise<void> } | null = null;
  serving.leases.start();
  try {
    await listen(server, options.host, options.port);
    observing = await observe(serving, options);
  } catch (error) {
    await sockets.stop();
    server.close();
    await serving.leases.stop();
    await planned.gateway.dispose();
    throw error;
  }
  server.on('error', (error) => log('error', 'the server failed', { error: error.message }));
  const { port } = server.address() as AddressInfo;
  const url = `${tls === null ? 'http' : 'https'}://${shownHost(options.host)}:${port}`;
  log('info', 'listening', { url });
  let stopped: Promise<void> | null = null;
  const stop = async () => {
    serving.inFlight.stopTaking();
    const closed = new Promise<void>((done) => server.close(() => done()));
    await serving.inFlight.drained(limits.drainMs);
    // What was answered last is still on its way to its socket.
    await setImmediate();
    await sockets.stop();
    await serving.leases.stop();
    server.closeAllConnections();
    await closed;
    await audit?.stop();
    await observing?.stop();
    await planned.gateway.dispose();
    log('info', 'stopped', { unanswered: serving.inFlight.count });
  };
  return {
    url,
    port,
    observerUrl: observing?.url ?? null,
    async reload(sdl, locals) {
      const next = await plan(sdl, locals);
      const before = planned;
      planned = next;
      served = locals;
      serving.operations = new Operations(next, serving.operations);
      before.gateway.retire();
      log('info', 'the supergraph was replaced', {});
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function engineTraces({ tracing, traceLinks }: RouterOptions): EngineTraces | null {
  return tracing == null || traceLinks === undefined ? null : { tracing, links: traceLinks };
}

/** @throws RouterStartError */
async function planSupergraph(
  supergraphSdl: string,
  subgraphs: readonly LocalSubgraph[],
  settings: Pick<OperationsOptions, 'limits' | 'introspection' | 'audited'>,
): Promise<OperationsOptions> {
  requireSubgraphs(supergraphSdl, subgraphs);
  const apiSchema = buildApiSchema(supergraphSdl, subgraphs);
  return {
    apiSchema,
    gateway: await createGateway(supergraphSdl, subgraphs),
    fastPath: new FastPath(supergraphSdl, apiSchema, subgraphs),
    costs: readCostSchema(parse(supergraphSdl)),
    ...settings,
  };
}

function createRateLimiter(
  rates: RateLimits,
  { rateWindowMs, maxRateKeys }: RouterLimits,
  shared: RateStore | null,
  log: Log,
): RateLimiter {
  const own = new BoundedStore(maxRateKeys * Object.keys(rates).length, Date.now);
  return new RateLimiter({
    rates,
    windowMs: rateWindowMs,
    store: shared === null ? own : new SharedStore(shared, own, log),
    maxKeys: maxRateKeys,
  });
}

function requireSubgraphs(supergraphSdl: string, subgraphs: readonly LocalSubgraph[]): void {
  const named = [...readGraphNames(parse(supergraphSdl)).values()];
  const missing = named.filter((name) => !subgraphs.some((subgraph) => subgraph.name === name));
  if (missing.length === 0) return;
  throw new RouterStartError(
    `the supergraph names subgraphs that were not started: ${missing.join(', ')}; compose it anew from those that are`,
  );
}

/** Serves health, readiness and metrics on a port of their own, where one is wanted. @throws RouterStartError */
async function observe(serving: Serving, { observerPort = null, readiness }: RouterOptions) {
  if (observerPort === null) return null;
  const server = createObserverServer(serving, readiness);
  await listen(server, observerPort.host, observerPort.port);
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    const closed = new Promise<void>((done) => server.close(() => done()));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://${shownHost(observerPort.host)}:${port}`, stop };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    const refused = (error: NodeJS.ErrnoException) => fail(explainListen(error, host, port));
    server.once('error', refused);
    server.listen(port, host, () => {
      server.off('error', refused);
      done();
    });
  });
}

function explainListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'it is in use: stop the other process or choose another port',
    EACCES: 'the system does not allow it: choose a port above 1023',
    EADDRNOTAVAIL: 'this machine does not have that address',
  };
  return new RouterStartError(`cannot listen on ${host}:${port}: ${reasons[error.code ?? ''] ?? error.message}`);
}

/** A host as a URL takes it: a wildcard is reached as localhost, an IPv6 address stands in brackets. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
