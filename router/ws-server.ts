/**
 * The WebSocket side of the router: graphql-transport-ws (graphql-ws) on the HTTP server's port, at /graphql.
 *
 * | close code | when |
 * |---|---|
 * | 1001 | the platform stops: reconnect and resume |
 * | 1009 | a message is larger than allowed |
 * | 4401 | the access token expired, or an operation came before the connection was accepted |
 * | 4403 | the access token of connection_init proves nothing |
 * | 4408 | no connection_init in time |
 * | 4413 | the client reads slower than its answers come: reconnect and resume |
 * Others are those of the protocol.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RequestContext } from '../src/graphql/context.js';
import { type Admitted, admit, checkRefusals, countRefusal, withAdmission } from './admission.js';
import { bearerToken, InvalidTokenError, type VerifiedIdentity } from './authentication.js';
import { clientAddress } from './client-address.js';
import { describeError, limitError, RequestError, routerError } from './errors.js';
import { FramePump } from './frame-pump.js';
import type { RouterLimits } from './limits.js';
import { type CompiledOperation, SUBSCRIPTION } from './operations.js';
import { isAllowedOrigin } from './origins.js';
import { compileOperation, failed, GRAPHQL_PATH, requestIdOf, runOperation, type Serving } from './serving.js';
import { type SharedSubscription, SubscriptionHub } from './subscription-hub.js';

export const SLOW_READER = 4413;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 4500;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

/** How long a peer may take to answer a close frame before its connection is cut. */
const CLOSE_GRACE_MS = 1_000;
/** Longest delay that a timer takes; later expiries are looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** The protocol of WebSocket gives a reason 123 bytes. */
const MAX_REASON_BYTES = 123;

export interface SocketServer {
  readonly size: number;
  /** Closes every socket with 1001; what does not close in time is cut. */
  stop(): Promise<void>;
}

/** One client's socket. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** As quotas and bounds count. */
  readonly address: string;
  identity: VerifiedIdentity | null;
  expiryTimer: NodeJS.Timeout | undefined;
  /** Ids of open subscriptions. */
  readonly subscriptions: Set<string>;
  /** Queries and mutations that are being answered. */
  inFlight: number;
  operations: number;
  alive: boolean;
}

type SocketContext = Context<Record<string, unknown>, Connection>;

/** What goes from onSubscribe to execute and subscribe. */
interface OperationArgs extends ExecutionArgs {
  readonly id: string;
  readonly operation: CompiledOperation;
  readonly connection: Connection;
  readonly admitted: Admitted;
  readonly contextValue: RequestContext;
}

/** Serves WebSockets on the HTTP server's upgrades. */
export function createSocketServer(http: Server, serving: Serving): SocketServer {
  const { limits, metrics, inFlight } = serving;
  const connections = new Set<Connection>();
  const protocol = createProtocol(serving);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    handleProtocols,
  });
  http.on('upgrade', (request, stream, head) => {
    const refusal = refuseUpgrade(request, serving, connections.size);
    if (refusal !== null) return sendRefusal(stream, refusal);
    sockets.handleUpgrade(request, stream, head, (socket) => open(socket, request));
  });

  const open = (socket: WebSocket, request: IncomingMessage) => {
    const connection: Connection = {
      socket,
      request,
      requestId: requestIdOf(request),
      address: clientAddress(request, serving.trustedProxies),
      identity: null,
      expiryTimer: undefined,
      subscriptions: new Set(),
      inFlight: 0,
      operations: 0,
      alive: true,
    };
    connections.add(connection);
    metrics.socketOpened();
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(connection, text, limits.maxBufferedBytes),
        close: (code, reason) => socket.close(code, shortened(reason ?? '')),
        onMessage: (listener) => listen(connection, listener, serving),
      },
      connection,
    );
    socket.on('pong', () => {
      connection.alive = true;
    });
    // A broken frame or a reset: the library closes the socket by itself, with the code that says why.
    socket.on('error', (error) => serving.log('debug', 'a socket failed', { error: error.message }));
    socket.once('close', (code, reason) => {
      connections.delete(connection);
      clearTimeout(connection.expiryTimer);
      metrics.subscriptionsChanged(-connection.subscriptions.size);
      connection.subscriptions.clear();
      metrics.socketClosed(code);
      closed(code, reason.toString()).catch((error: unknown) => reportFault(serving, error));
    });
  };

  const heartbeat = setInterval(() => {
    for (const connection of connections) {
      if (!connection.alive) cutSilent(connection.socket);
      connection.alive = false;
      if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping();
    }
  }, limits.keepAliveMs);
  heartbeat.unref();

  return {
    get size() {
      return connections.size;
    },
    async stop() {
      inFlight.stopTaking();
      clearInterval(heartbeat);
      await Promise.all(
        [...connections].map(({ socket }) => closeOrCut(socket, GOING_AWAY, 'the platform is stopping: reconnect')),
      );
      sockets.close();
    },
  };
}

interface Refusal {
  readonly status: string;
  readonly reason: string;
}

function refuseUpgrade({ url, headers }: IncomingMessage, serving: Serving, open: number): Refusal | null {
  const { limits, inFlight, allowedOrigins } = serving;
  const path = (url ?? '').split('?', 1)[0];
  if (path !== GRAPHQL_PATH) return { status: '404 Not Found', reason: `WebSockets are served at ${GRAPHQL_PATH}` };
  if (!isAllowedOrigin(headers.origin, headers.host, allowedOrigins)) {
    return {
      status: '403 Forbidden',
      reason: 'pages of this origin may not call: the operator allows origins by name',
    };
  }
  if (inFlight.stopping) return { status: '503 Service Unavailable', reason: 'the platform is stopping' };
  if (open >= limits.maxSockets) {
    return {
      status: '503 Service Unavailable',
      reason: `at most ${limits.maxSockets} WebSockets (maxSockets) are open at once`,
    };
  }
  return null;
}

function sendRefusal(stream: Duplex, { status, reason }: Refusal): void {
  stream.on('error', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}

function createProtocol(serving: Serving) {
  const { limits, metrics, formatter } = serving;
  const hub = new SubscriptionHub((result, requestId) => formatter.formatResult(result, requestId));
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
    onConnect: (context) => authenticate(context, serving),
    onSubscribe: (context, id, payload) => prepare(context.extra, id, payload, serving),
    execute: async (args) => {
      const { operation, connection, admitted, contextValue, variableValues } = args as OperationArgs;
      connection.inFlight += 1;
      try {
        const variables = variableValues ?? undefined;
        const result = await runOperation(serving, operation, variables, contextValue);
        return withAdmission(result, admitted, limits.maxCost) as ExecutionResult;
      } finally {
        connection.inFlight -= 1;
      }
    },
    subscribe: async (args) => {
      const { operation, connection, id, contextValue, variableValues } = args as OperationArgs;
      const startedAtMs = performance.now();
      const outcome = (result: object) => (Symbol.asyncIterator in result ? 'ok' : 'error');
      try {
        const variables = variableValues ?? undefined;
        const result = hub.shares(operation)
          ? pumped(await hub.open(operation, variables, contextValue), connection, id)
          : await serving.operations.subscribe(operation, variables, contextValue);
        metrics.answered(operation, outcome(result), startedAtMs);
        return result;
      } catch (error) {
        metrics.answered(operation, 'error', startedAtMs);
        return failed(error);
      }
    },
    // Results of queries and mutations are formatted already, which formatting leaves alone.
    onNext: (_context, _id, _payload, args, result) => {
      const { operation, contextValue } = args as OperationArgs;
      if (operation.type !== SUBSCRIPTION) return result as FormattedExecutionResult;
      return formatter.formatResult(result, contextValue.requestId) as FormattedExecutionResult;
    },
    onError: ({ extra }, _id, _payload, errors) => errors.map((error) => formatter.formatError(error, extra.requestId)),
    onComplete: ({ extra }, id) => {
      if (extra.subscriptions.delete(id)) metrics.subscriptionsChanged(-1);
    },
  });
}

function pumped(opened: SharedSubscription | ExecutionResult, { socket }: Connection, id: string) {
  return 'next' in opened ? new FramePump(opened, socket, id) : opened;
}

/** Takes the token of connection_init, or else the one of the upgrade. Without a token the caller is nobody. */
async function authenticate({ extra, connectionParams }: SocketContext, serving: Serving): Promise<boolean> {
  try {
    const token = tokenOf(connectionParams) ?? bearerToken(extra.request.headers.authorization);
    if (token === null) return true;
    extra.identity = await serving.verifier.verify(token);
    closeAtExpiry(extra);
    return true;
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error;
    await serving.rateLimiter.take(`ip:${extra.address}`, 'refusals', 1);
    extra.socket.close(FORBIDDEN, shortened(`Forbidden: ${error.message}`));
    return false;
  }
}

/** connection_init carries the token as a header would, or bare. @throws InvalidTokenError when it is no text */
function tokenOf(parameters: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = parameters?.Authorization ?? parameters?.authorization ?? parameters?.token;
  if (given === undefined || given === null || given === '') return null;
  if (typeof given !== 'string') throw new InvalidTokenError('the access token is not a string');
  return given.includes(' ') ? bearerToken(given) : given;
}

function closeAtExpiry(connection: Connection): void {
  const { identity, socket } = connection;
  if (identity === null || socket.readyState !== socket.OPEN) return;
  const leftMs = identity.expiresAtMs - Date.now();
  if (leftMs <= 0) {
    void closeOrCut(socket, UNAUTHORIZED, 'Unauthorized: the access token has expired, reconnect with a new one');
    return;
  }
  connection.expiryTimer = setTimeout(() => closeAtExpiry(connection), Math.min(leftMs, MAX_TIMER_MS));
  connection.expiryTimer.unref();
}

/** Compiles the operation and holds caller and socket against their limits; errors go to the client under the operation's id. */
async function prepare(
  connection: Connection,
  id: string,
  { query, operationName, variables }: SubscribePayload,
  serving: Serving,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  if (serving.inFlight.stopping) return [routerError('SHUTTING_DOWN', 'the platform is stopping: reconnect')];
  const { identity } = connection;
  try {
    const operation = await compileFor(connection, query, operationName ?? undefined, serving);
    const admission = admit(serving, operation, variables ?? undefined, connection);
    const admitted = admission instanceof Promise ? await admission : admission;
    holdToSocketLimits(connection, operation, serving.limits);
    if (operation.type === SUBSCRIPTION) {
      connection.subscriptions.add(id);
      serving.metrics.subscriptionsChanged(1);
    }
    connection.operations += 1;
    const requestId = `${connection.requestId}.${connection.operations}`;
    const args: Omit<OperationArgs, 'schema'> = {
      id,
      operation,
      connection,
      admitted,
      document: operation.document,
      operationName: operation.operationName,
      variableValues: variables,
      contextValue: { identity, requestId },
    };
    // The route of the operation knows its schema.
    return args as OperationArgs;
  } catch (error) {
    if (error instanceof RequestError) return error.errors;
    throw error;
  }
}

/** @throws RequestError */
async function compileFor({ address }: Connection, query: string, name: string | undefined, serving: Serving) {
  if (!serving.operations.isKnown(query, name)) checkRefusals(serving, address);
  try {
    return compileOperation(serving, query, name);
  } catch (error) {
    if (error instanceof RequestError) await countRefusal(serving, address);
    throw error;
  }
}

/** @throws RequestError */
function holdToSocketLimits(connection: Connection, { type }: CompiledOperation, limits: RouterLimits): void {
  const open = connection.subscriptions.size;
  if (type === SUBSCRIPTION && open >= limits.maxSubscriptionsPerSocket) {
    const problem = `this socket has ${open} subscriptions open: complete one or open another socket`;
    throw new RequestError([limitError('maxSubscriptionsPerSocket', limits.maxSubscriptionsPerSocket, problem)]);
  }
  if (type !== SUBSCRIPTION && connection.inFlight >= limits.maxInFlightPerSocket) {
    const problem = `${connection.inFlight} operations of this socket wait for their answer: wait for one`;
    throw new RequestError([limitError('maxInFlightPerSocket', limits.maxInFlightPerSocket, problem)]);
  }
}

function listen({ socket }: Connection, listener: (text: string) => Promise<void>, serving: Serving): void {
  socket.on('message', (data) => {
    listener(String(data)).catch((error: unknown) => {
      reportFault(serving, error);
      socket.close(INTERNAL_ERROR, 'Internal error');
    });
  });
}

/** Resolves when the text has left for the network. A reader for whom too much waits is closed instead. */
function send({ socket }: Connection, text: string, maxBufferedBytes: number): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > maxBufferedBytes) {
    void closeOrCut(
      socket,
      SLOW_READER,
      `Slow reader: more than ${maxBufferedBytes} bytes wait to be read; reconnect and resume`,
    );
    return Promise.resolve();
  }
  // A send fails only when the socket is gone, which its close event tells.
  return new Promise((done) => socket.send(text, () => done()));
}

/** A peer that answers no ping is gone, or reads nothing of what waits for it. */
function cutSilent(socket: WebSocket): void {
  if (socket.bufferedAmount === 0) socket.terminate();
  else void closeOrCut(socket, SLOW_READER, 'Slow reader: no ping was answered and bytes wait; reconnect and resume');
}

/** Closes politely; a peer that does not answer is cut. */
function closeOrCut(socket: WebSocket, code: number, reason: string): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      done();
    });
    socket.close(code, shortened(reason));
  });
}

function shortened(reason: string): string {
  return Buffer.byteLength(reason) <= MAX_REASON_BYTES
    ? reason
    : Buffer.from(reason).toString('utf8', 0, MAX_REASON_BYTES - 3);
}

function reportFault({ log }: Serving, error: unknown): void {
  log('error', 'a socket’s operation failed', { error: describeError(error) });
}
