/** The HTTP side of the router: /graphql, the local pages, health and metrics, on node:http or node:https. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Identity } from '../src/graphql/context.js';
import { readTraceparent } from '../src/ports/tracing.js';
import { type Readiness, readinessAnswer } from '../src/telemetry/health.js';
import { admit, checkRefusals, countRefusal, quotaHeaders, RateLimitedError, withAdmission } from './admission.js';
import { bearerToken, IdentityUnavailableError, InvalidTokenError } from './authentication.js';
import { clientAddress } from './client-address.js';
import { describeError, RequestError, routerError } from './errors.js';
import {
  checkContentType,
  type GraphQLParameters,
  HttpError,
  httpError,
  negotiate,
  parseBody,
  parseSearch,
  readBody,
  statusOf,
} from './graphql-http.js';
import { type Answer, type Exchange, sendAnswer, sendJson, sendPage, sendPreflight } from './http-answer.js';
import { RECEIPT_HEADER, timesFor } from './latency.js';
import type { RouterLimits } from './limits.js';
import type { IsObserver } from './observers.js';
import { type CompiledOperation, QUERY, SUBSCRIPTION } from './operations.js';
import { isAllowedOrigin } from './origins.js';
import { landingPage } from './pages/landing-page.js';
import { asset, FAVICON, type Page } from './pages/page.js';
import { createQueryEditor } from './pages/query-editor.js';
import { createSandbox } from './pages/sandbox-page.js';
import { verifySignature } from './request-signing.js';
import {
  compileOperation,
  contextOf,
  GRAPHQL_PATH,
  noteRefusal,
  requestIdOf,
  runOperation,
  type Serving,
} from './serving.js';

export interface HttpServerOptions {
  readonly serving: Serving;
  readonly readiness: () => Promise<Readiness>;
  /** Whether the query editors are served. */
  readonly graphiql: boolean;
  /** Who may read metrics and what is wrong. */
  readonly isObserver: IsObserver;
  /** null: plain HTTP. */
  readonly tls: TlsFiles | null;
}

/** Certificate chain and key, PEM. */
export interface TlsFiles {
  readonly cert: Buffer | string;
  readonly key: Buffer | string;
}

/** Longest time between two looks at which connections are over their time; a short limit is looked at more often. */
const MAX_CONNECTION_CHECK_MS = 5_000;
/** How long a client that sent too much may take to read why, before its connection is cut. */
const LINGER_MS = 1_000;
const TIMESTAMP_HEADER = 'x-tradsys-timestamp';
const NONCE_HEADER = 'x-tradsys-nonce';
const SIGNATURE_HEADER = 'x-tradsys-signature';
/** A year: browsers that were here by TLS come by TLS only. */
const TRANSPORT_SECURITY = 'max-age=31536000';

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** Returns the server, not yet listening. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { serving, tls } = options;
  const handle = createHandler(options);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '/';
    const searchAt = url.indexOf('?');
    if (tls !== null) response.setHeader('strict-transport-security', TRANSPORT_SECURITY);
    handle(request, response, searchAt < 0 ? url : url.slice(0, searchAt)).catch((error: unknown) => {
      const requestId = requestIdOf(request);
      serving.log('error', 'a request failed', { requestId, path: url.slice(0, 200), error: describeError(error) });
      if (response.headersSent) response.destroy();
      else {
        const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId };
        sendJson(response, 500, { errors: [{ message: 'Internal error', extensions }] }, { 'x-request-id': requestId });
      }
    });
  };
  const bounds = boundsOf(serving.limits);
  const server =
    tls === null
      ? createServer(bounds, listener)
      : createSecureServer(
          { ...bounds, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: bounds.headersTimeout },
          listener,
        );
  server.maxConnections = serving.limits.maxConnections;
  return server;
}

function boundsOf(limits: RouterLimits) {
  const headersTimeout = Math.min(limits.headersTimeoutMs, limits.bodyTimeoutMs);
  return {
    headersTimeout,
    requestTimeout: limits.bodyTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    connectionsCheckingInterval: Math.min(MAX_CONNECTION_CHECK_MS, Math.ceil(headersTimeout / 2)),
    noDelay: true,
  };
}

function createHandler({ serving, readiness, graphiql, isObserver }: HttpServerOptions): Handler {
  const observe = createObserverHandler(serving, readiness);
  const { compressFromBytes } = serving.limits;
  const landing = landingPage(graphiql);
  const editor = createQueryEditor();
  const sandbox = createSandbox();
  return async (request, response, path) => {
    if (path === GRAPHQL_PATH) return serveGraphQL(serving, graphiql, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendJson(response, 405, { error: `${path.slice(0, 100)} is read by GET` }, { allow: 'GET, HEAD' });
      return;
    }
    const show = (page: Page) => sendPage(request, response, page, compressFromBytes);
    switch (path) {
      case '/':
        return show(landing);
      case '/favicon.ico':
        return show(FAVICON);
    }
    if (await observe(request, response, path, isObserver(request))) return;
    const page = graphiql ? ((await editor(path)) ?? sandbox(path)) : null;
    if (page !== null) return show(page);
    sendJson(response, 404, { error: 'nothing here: / lists what there is' });
  };
}

/** Returns how health, readiness and metrics are answered; false for what is none of them, or nothing for who asks. */
function createObserverHandler(serving: Serving, readiness: () => Promise<Readiness>) {
  return async (request: IncomingMessage, response: ServerResponse, path: string, isObserver: boolean) => {
    switch (path) {
      case '/healthz':
        sendJson(response, 200, { status: 'ok' });
        return true;
      case '/readyz': {
        const { status, body } = await readinessAnswer(readiness, serving.inFlight.stopping);
        sendJson(response, status, isObserver ? body : { status: body.status });
        return true;
      }
      case '/metrics': {
        if (!isObserver) return false;
        const { registry } = serving.metrics;
        const page = asset(registry.contentType, await registry.metrics());
        await sendPage(request, response, page, serving.limits.compressFromBytes);
        return true;
      }
    }
    return false;
  };
}

/** Returns a server of health, readiness and metrics alone, not yet listening. */
export function createObserverServer(serving: Serving, readiness: () => Promise<Readiness>): Server {
  const observe = createObserverHandler(serving, readiness);
  return createServer(boundsOf(serving.limits), (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    observe(request, response, path, true).then(
      (isAnswered) => {
        if (!isAnswered) sendJson(response, 404, { error: 'nothing here but /healthz, /readyz and /metrics' });
      },
      (error: unknown) => {
        serving.log('error', 'metrics or readiness could not be told', { error: describeError(error) });
        response.destroy();
      },
    );
  });
}

async function serveGraphQL(serving: Serving, editors: boolean, request: IncomingMessage, response: ServerResponse) {
  const receivedMs = performance.now();
  const exchange: Exchange = { request, response, requestId: requestIdOf(request), mediaType: 'application/json' };
  serving.inFlight.begin();
  response.once('close', () => serving.inFlight.end());
  try {
    if (isForEditor(request, editors)) {
      response.writeHead(303, { location: '/graphiql' }).end();
      return;
    }
    checkOrigin(request, serving.allowedOrigins);
    if (request.method === 'OPTIONS') return sendPreflight(exchange);
    await sendAnswer(exchange, await answer(serving, exchange, receivedMs), serving.limits.compressFromBytes);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const { status, headers } = error;
    const result = serving.formatter.formatRequestErrors([error.error]);
    await sendAnswer(exchange, { status, result, headers }, serving.limits.compressFromBytes);
    if (status === 413) linger(request);
  }
}

/** A browser that opens the endpoint itself wants to see something. */
function isForEditor({ method, url, headers }: IncomingMessage, editors: boolean): boolean {
  return editors && method === 'GET' && url === GRAPHQL_PATH && (headers.accept ?? '').startsWith('text/html');
}

/**
 * A browser tells the origin of a page with whatever that page may read the answer of. What it sends without (a picture, a
 * script, a form by GET) cannot be read by the page, and is refused where the browser says that the page is a foreign one.
 * @throws HttpError 403
 */
function checkOrigin({ headers }: IncomingMessage, allowed: readonly string[]): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === 'cross-site') {
    throw httpError(403, 'FORBIDDEN', 'a page of another site embeds this address: that is not allowed');
  }
  if (isAllowedOrigin(headers.origin, headers.host, allowed)) return;
  const problem = `pages of ${headers.origin} may not call: the operator allows origins by name`;
  throw httpError(403, 'FORBIDDEN', problem);
}

async function answer(serving: Serving, exchange: Exchange, receivedMs: number): Promise<Answer> {
  const { request } = exchange;
  exchange.mediaType = negotiate(request.headers.accept);
  const parameters = await readParameters(request, serving.limits.maxMessageBytes);
  if (serving.inFlight.stopping) {
    throw httpError(503, 'SHUTTING_DOWN', 'the platform is stopping: send this again shortly', { connection: 'close' });
  }
  const address = clientAddress(request, serving.trustedProxies);
  const { variables } = parameters;
  let identity: Identity | null = null;
  let operation: CompiledOperation | null = null;
  try {
    identity = await authenticate(serving, request, parameters.body, address);
    operation = await compileFor(serving, parameters, address);
    checkMethod(request, operation);
    const admission = admit(serving, operation, variables, { identity, address });
    const admitted = admission instanceof Promise ? await admission : admission;
    const receipt = request.headers[RECEIPT_HEADER];
    const timed = timesFor(operation, receivedMs, receipt !== undefined && receipt !== '0');
    const context = { ...contextOf(serving, identity, exchange.requestId, address), ...timed };
    // Who is nobody does not decide what is traced.
    const parent = identity === null ? null : readTraceparent(request.headers.traceparent);
    const result = await runOperation(serving, operation, variables, context, parent);
    return {
      status: statusOf(result, exchange.mediaType),
      result: withAdmission(result, admitted, serving.limits.maxCost),
      headers: quotaHeaders(admitted.quota),
      compressible: operation.type === QUERY,
    };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    noteRefusal(serving, error, operation, variables, contextOf(serving, identity, exchange.requestId, address));
    const result = serving.formatter.formatRequestErrors(error.errors);
    if (error instanceof RateLimitedError) return { status: 429, result, headers: refusalHeaders(error) };
    return { status: statusOf(result, exchange.mediaType), result };
  }
}

function refusalHeaders({ decision }: RateLimitedError): Record<string, string> {
  return { ...quotaHeaders(decision.quota), 'retry-after': String(Math.ceil(decision.retryAfterMs / 1000)) };
}

/** Documents that are kept cost nothing; the others are parsed only for who has not sent too much that was refused. */
async function compileFor(serving: Serving, parameters: GraphQLParameters, address: string) {
  const { query, hash, operationName } = parameters;
  if (!serving.operations.isKnown(query, operationName)) checkRefusals(serving, address);
  try {
    return compileOperation(serving, query, operationName, hash);
  } catch (error) {
    if (error instanceof RequestError) await countRefusal(serving, address, error);
    throw error;
  }
}

/** @throws HttpError for what is not served by HTTP, or not by this method */
function checkMethod({ method }: IncomingMessage, { type }: CompiledOperation): void {
  if (type === SUBSCRIPTION) {
    const problem = `subscriptions are served over WebSocket (graphql-transport-ws) at ${GRAPHQL_PATH}`;
    throw httpError(400, 'BAD_REQUEST', problem);
  }
  if (method === 'GET' && type !== QUERY) {
    throw httpError(405, 'METHOD_NOT_ALLOWED', 'a mutation changes something: send it by POST', { allow: 'POST' });
  }
}

async function readParameters(request: IncomingMessage, maxBytes: number): Promise<GraphQLParameters> {
  if (request.method === 'POST') {
    checkContentType(request);
    return parseBody(await readBody(request, maxBytes));
  }
  if (request.method === 'GET') {
    const url = request.url ?? '';
    return parseSearch(url.slice(url.indexOf('?') + 1 || url.length));
  }
  throw httpError(405, 'METHOD_NOT_ALLOWED', 'send operations by POST, or queries by GET', {
    allow: 'GET, POST, OPTIONS',
  });
}

/** @throws HttpError 401 for a token or a signature that proves nothing, RateLimitedError for one too many of them; without a token the caller is nobody */
async function authenticate(
  serving: Serving,
  { headers, method = '', url: target = '' }: IncomingMessage,
  body: Buffer,
  address: string,
): Promise<Identity | null> {
  try {
    const token = bearerToken(headers.authorization);
    if (token === null) return null;
    const identity = await serving.verifier.verify(token, address);
    if (identity.signing !== undefined) {
      const { [TIMESTAMP_HEADER]: timestamp, [NONCE_HEADER]: nonce, [SIGNATURE_HEADER]: signature } = headers;
      const signed = { timestamp, nonce, signature, method, target, body };
      const { nonces, limits } = serving;
      await verifySignature(identity.signing, signed, nonces, limits.signatureWindowMs, Date.now());
    }
    return identity;
  } catch (error) {
    if (error instanceof IdentityUnavailableError) {
      throw httpError(503, 'IDENTITY_UNAVAILABLE', error.message, { 'retry-after': '5' });
    }
    if (!(error instanceof InvalidTokenError)) throw error;
    await countRefusal(serving, address);
    throw new HttpError(401, routerError('UNAUTHENTICATED', error.message), {
      'www-authenticate': 'Bearer error="invalid_token"',
    });
  }
}

/** Lets a client that is still sending read its answer, and then cuts it off. */
function linger(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
}
