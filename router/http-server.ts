/** The HTTP side of the router: /graphql, the local pages, health and metrics, on node:http. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Identity } from '../src/graphql/context.js';
import { admit, checkRefusals, countRefusal, quotaHeaders, RateLimitedError, withAdmission } from './admission.js';
import { bearerToken, InvalidTokenError } from './authentication.js';
import { clientAddress } from './client-address.js';
import { describeError, type FormattedResult, RequestError, routerError } from './errors.js';
import {
  checkContentType,
  type GraphQLParameters,
  HttpError,
  httpError,
  type MediaType,
  negotiate,
  parseBody,
  parseSearch,
  readBody,
  statusOf,
} from './graphql-http.js';
import { type Readiness, readinessAnswer } from './health.js';
import { type CompiledOperation, QUERY, SUBSCRIPTION } from './operations.js';
import { isAllowedOrigin } from './origins.js';
import { landingPage } from './pages/landing-page.js';
import { asset, FAVICON, type Page } from './pages/page.js';
import { createQueryEditor } from './pages/query-editor.js';
import { createSandbox } from './pages/sandbox-page.js';
import { compileOperation, GRAPHQL_PATH, requestIdOf, runOperation, type Serving } from './serving.js';

export interface HttpServerOptions {
  readonly serving: Serving;
  readonly readiness: () => Promise<Readiness>;
  /** Whether the query editors are served. */
  readonly graphiql: boolean;
}

const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
/** How often connections are held against the timeouts above. */
const CONNECTION_CHECK_MS = 5_000;
/** How long a client that sent too much may take to read why, before its connection is cut. */
const LINGER_MS = 1_000;
const PREFLIGHT_SECONDS = '600';
const EXPOSED_HEADERS =
  'x-request-id, ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after';

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;

/** Returns the server, not yet listening. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { serving } = options;
  const handle = createHandler(options);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: BODY_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CONNECTION_CHECK_MS,
      noDelay: true,
    },
    (request, response) => {
      const url = request.url ?? '/';
      const searchAt = url.indexOf('?');
      handle(request, response, searchAt < 0 ? url : url.slice(0, searchAt)).catch((error: unknown) => {
        serving.log('error', 'a request failed', { path: url.slice(0, 200), error: describeError(error) });
        if (response.headersSent) response.destroy();
        else sendJson(response, 500, { errors: [{ message: 'Internal error' }] });
      });
    },
  );
  server.maxConnections = serving.limits.maxConnections;
  return server;
}

function createHandler({ serving, readiness, graphiql }: HttpServerOptions): Handler {
  const landing = landingPage(graphiql);
  const editor = createQueryEditor();
  const sandbox = createSandbox();
  return async (request, response, path) => {
    if (path === GRAPHQL_PATH) return serveGraphQL(serving, graphiql, request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendJson(response, 405, { error: `${path} is read by GET` }, { allow: 'GET, HEAD' });
      return;
    }
    switch (path) {
      case '/':
        return sendPage(request, response, landing);
      case '/favicon.ico':
        return sendPage(request, response, FAVICON);
      case '/healthz':
        return sendJson(response, 200, { status: 'ok' });
      case '/readyz': {
        const { status, body } = await readinessAnswer(readiness, serving.inFlight.stopping);
        return sendJson(response, status, body);
      }
      case '/metrics': {
        const { registry } = serving.metrics;
        return sendPage(request, response, asset(registry.contentType, await registry.metrics()));
      }
    }
    const page = graphiql ? ((await editor(path)) ?? sandbox(path)) : null;
    if (page !== null) return sendPage(request, response, page);
    sendJson(response, 404, { error: 'nothing here: / lists what there is' });
  };
}

function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  response.writeHead(200, {
    'content-type': page.contentType,
    'content-length': page.body.length,
    'x-content-type-options': 'nosniff',
    ...page.headers,
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

/** One GraphQL request on its way to an answer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  mediaType: MediaType;
}

async function serveGraphQL(serving: Serving, editors: boolean, request: IncomingMessage, response: ServerResponse) {
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
    const { status, result, headers } = await answer(serving, exchange);
    sendResult(exchange, status, result, headers);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    sendResult(exchange, error.status, serving.formatter.formatRequestErrors([error.error]), error.headers);
    if (error.status === 413) linger(request);
  }
}

/** A browser that opens the endpoint itself wants to see something. */
function isForEditor({ method, url, headers }: IncomingMessage, editors: boolean): boolean {
  return editors && method === 'GET' && url === GRAPHQL_PATH && (headers.accept ?? '').startsWith('text/html');
}

/** @throws HttpError 403 for a page of a foreign origin */
function checkOrigin({ headers }: IncomingMessage, allowed: readonly string[]): void {
  if (isAllowedOrigin(headers.origin, headers.host, allowed)) return;
  const problem = `pages of ${headers.origin} may not call: the operator allows origins by name`;
  throw httpError(403, 'FORBIDDEN', problem);
}

interface Answer {
  readonly status: number;
  readonly result: FormattedResult;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer(serving: Serving, exchange: Exchange): Promise<Answer> {
  const { request } = exchange;
  exchange.mediaType = negotiate(request.headers.accept);
  const parameters = await readParameters(request, serving.limits.maxMessageBytes);
  if (serving.inFlight.stopping) {
    throw httpError(503, 'SHUTTING_DOWN', 'the platform is stopping: send this again shortly', { connection: 'close' });
  }
  const address = clientAddress(request, serving.trustedProxies);
  try {
    const identity = await authenticate(serving, request.headers.authorization, address);
    const operation = await compileFor(serving, parameters, address);
    checkMethod(request, operation);
    const { variables } = parameters;
    const admission = admit(serving, operation, variables, { identity, address });
    const admitted = admission instanceof Promise ? await admission : admission;
    const context = { identity, requestId: exchange.requestId };
    const result = await runOperation(serving, operation, variables, context);
    return {
      status: statusOf(result, exchange.mediaType),
      result: withAdmission(result, admitted, serving.limits.maxCost),
      headers: quotaHeaders(admitted.quota),
    };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const result = serving.formatter.formatRequestErrors(error.errors);
    if (error instanceof RateLimitedError) return { status: 429, result, headers: refusalHeaders(error) };
    return { status: statusOf(result, exchange.mediaType), result };
  }
}

function refusalHeaders({ decision }: RateLimitedError): Record<string, string> {
  return { ...quotaHeaders(decision.quota), 'retry-after': String(Math.ceil(decision.retryAfterMs / 1000)) };
}

/** Documents that are kept cost nothing; the others are parsed only for who has not sent too much that was refused. */
async function compileFor(serving: Serving, { query, operationName }: GraphQLParameters, address: string) {
  if (!serving.operations.isKnown(query, operationName)) checkRefusals(serving, address);
  try {
    return compileOperation(serving, query, operationName);
  } catch (error) {
    if (error instanceof RequestError) await countRefusal(serving, address);
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

/** @throws HttpError 401 for a token that proves nothing, RateLimitedError for one too many of them; without a token the caller is nobody */
async function authenticate(
  serving: Serving,
  authorization: string | undefined,
  address: string,
): Promise<Identity | null> {
  try {
    const token = bearerToken(authorization);
    return token === null ? null : await serving.verifier.verify(token);
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    await countRefusal(serving, address);
    throw new HttpError(401, routerError('UNAUTHENTICATED', error.message), {
      'www-authenticate': 'Bearer error="invalid_token"',
    });
  }
}

function sendResult(
  { request, response, requestId, mediaType }: Exchange,
  status: number,
  result: FormattedResult,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(result);
  response.writeHead(status, {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...corsHeaders(request, status),
    ...headers,
  });
  response.end(body);
}

/** Only a page that may call learns that it may; 403 is for one that may not. */
function corsHeaders({ headers }: IncomingMessage, status: number): Record<string, string> {
  if (headers.origin === undefined) return {};
  if (status === 403) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': headers.origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
  };
}

function sendPreflight({ request, response }: Exchange): void {
  response.writeHead(204, {
    ...corsHeaders(request, 204),
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'authorization, content-type, x-request-id',
    'access-control-max-age': PREFLIGHT_SECONDS,
  });
  response.end();
}

/** Lets a client that is still sending read its answer, and then cuts it off. */
function linger(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
}
