/**
 * The WebSocket side of the router: graphql-transport-ws (graphql-ws) on the HTTP server's port, at /graphql.
 *
 * | close code | when |
 * |---|---|
 * | 1001 | the platform stops: reconnect and resume |
 * | 1003 | a message is binary |
 * | 1007 | a message is not UTF-8 |
 * | 1009 | a message is larger than allowed |
 * | 1013 | whether the token proves something cannot be told now |
 * | 4400 | cancelOnDisconnect of connection_init asks for what there can't be |
 * | 4401 | the access token expired, or an operation came before the connection was accepted |
 * | 4403 | the access token of connection_init proves nothing, or its session or API key was revoked |
 * | 4408 | no connection_init in time |
 * | 4413 | the client reads slower than its answers come: reconnect and resume |
 * | 4429 | the user has too many sockets open: close one |
 * Others are those of the protocol.
 */
import type { IncomingMessage, Server } from 'node:http';
import { type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConnectionLease, RequestContext } from '../src/graphql/context.js';
import { readTraceparent } from '../src/ports/tracing.js';
import { type Admitted, admit, checkRefusals, countRefusal, withAdmission } from './admission.js';
import { bearerToken, IdentityUnavailableError, InvalidTokenError, type VerifiedIdentity } from './authentication.js';
import { clientAddress } from './client-address.js';
import { describeError, limitError, RequestError, routerError } from './errors.js';
import { FramePump } from './frame-pump.js';
import { timesFor } from './latency.js';
import { type LeaseKeeper, type LeaseOwner, LeaseTermsError, leaseOf } from './leases.js';
import type { RouterLimits } from './limits.js';
import { type CompiledOperation, MUTATION, SUBSCRIPTION } from './operations.js';
import { hashOf } from './persisted-documents.js';
import { type SigningKey, verifySignature, WEBSOCKET_METHOD } from './request-signing.js';
import {
  compileOperation,
  contextOf,
  failed,
  GRAPHQL_PATH,
  noteRefusal,
  requestIdOf,
  runOperation,
  type Serving,
  spanNameOf,
} from './serving.js';
import { type SharedSubscription, SubscriptionHub } from './subscription-hub.js';
import { Tally } from './tally.js';
import { refuseUpgrade, sendRefusal } from './ws-refusal.js';
import { closeOrCut, cutSilent, send, shortened } from './ws-socket.js';

const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const TRY_AGAIN_LATER = 1013;
const INTERNAL_ERROR = 4500;
const BAD_REQUEST = 4400;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;
const TOO_MANY_SOCKETS = 4429;

/** Longest delay that a timer takes; later expiries are looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;
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
  /** null while there is no identity: what nobody owns stands under no lease. */
  lease: ConnectionLease | null;
  expiryTimer: NodeJS.Timeout | undefined;
  /** Ids of open subscriptions. */
  readonly subscriptions: Set<string>;
  /** Queries and mutations that are being answered. */
  inFlight: number;
  operations: number;
  alive: boolean;
}

/** Sockets that are open, by address and by user. */
interface Open {
  readonly addresses: Tally;
  readonly users: Tally;
}

type SocketContext = Context<Record<string, unknown>, Connection>;

/** What goes from onSubscribe to execute and subscribe. */
interface OperationArgs extends ExecutionArgs {
  readonly id: string;
  readonly operation: CompiledOperation;
  readonly connection: Connection;
  readonly admitted: Admitted;
  readonly contextValue: RequestContext;
  /** Trace that the client began; null = none. */
  readonly traceparent: string | null;
}

/** Serves WebSockets on the HTTP server's upgrades. */
export function createSocketServer(http: Server, serving: Serving): SocketServer {
  const { limits, metrics, inFlight } = serving;
  const connections = new Set<Connection>();
  const open: Open = { addresses: new Tally(), users: new Tally() };
  const protocol = createProtocol(serving, open.users);
  const unhook =
    serving.verifier.onRevoked?.((credentialId) => {
      for (const { identity, socket } of connections) {
        if (identity?.credential?.id !== credentialId) continue;
        void closeOrCut(socket, FORBIDDEN, 'Forbidden: the session or API key was revoked');
      }
    }) ?? (() => undefined);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    handleProtocols,
  });
  http.on('upgrade', (request, stream, head) => {
    const ofAddress = open.addresses.of(clientAddress(request, serving.trustedProxies));
    const refusal = refuseUpgrade(request, serving, { all: connections.size, ofAddress });
    if (refusal !== null) return sendRefusal(stream, refusal);
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, request));
  });

  const accept = (socket: WebSocket, request: IncomingMessage) => {
    const connection: Connection = {
      socket,
      request,
      requestId: requestIdOf(request),
      address: clientAddress(request, serving.trustedProxies),
      identity: null,
      lease: null,
      expiryTimer: undefined,
      subscriptions: new Set(),
      inFlight: 0,
      operations: 0,
      alive: true,
    };
    connections.add(connection);
    open.addresses.add(connection.address);
    metrics.socketOpened();
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => send(socket, text, limits.maxBufferedBytes),
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
      open.addresses.remove(connection.address);
      if (connection.identity !== null) open.users.remove(connection.identity.userId);
      const owner = leaseOwner(connection);
      if (owner !== null) serving.leases.release(owner);
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
      unhook();
      sockets.close();
    },
  };
}

function createProtocol(serving: Serving, users: Tally) {
  const { limits, metrics, formatter } = serving;
  const hub = new SubscriptionHub((result, requestId) => formatter.formatResult(result, requestId));
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: limits.connectionInitTimeoutMs,
    onConnect: (context) => authenticate(context, serving, users),
    onSubscribe: (context, id, payload) => prepare(context.extra, id, payload, serving),
    execute: async (args) => {
      const { operation, connection, admitted, contextValue, traceparent, variableValues } = args as OperationArgs;
      connection.inFlight += 1;
      try {
        const variables = variableValues ?? undefined;
        const result = await runOperation(serving, operation, variables, contextValue, traceparent);
        return withAdmission(result, admitted, limits.maxCost) as ExecutionResult;
      } finally {
        connection.inFlight -= 1;
      }
    },
    subscribe: async (args) => {
      const { operation, connection, id, contextValue: context, traceparent, variableValues } = args as OperationArgs;
      const startedAtMs = performance.now();
      const span = serving.tracing?.begin(spanNameOf(operation), 'SERVER', traceparent) ?? null;
      const contextValue = span === null ? context : { ...context, traceparent: span.traceparent };
      const outcome = (result: object) => (Symbol.asyncIterator in result ? 'ok' : 'error');
      try {
        const variables = variableValues ?? undefined;
        const result = hub.shares(operation)
          ? pumped(await hub.open(operation, variables, contextValue), connection, id)
          : await serving.operations.subscribe(operation, variables, contextValue);
        metrics.answered(operation, outcome(result), startedAtMs);
        span?.set({ 'tradsys.request_id': contextValue.requestId });
        span?.end();
        return result;
      } catch (error) {
        metrics.answered(operation, 'error', startedAtMs);
        span?.end('error');
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
async function authenticate(
  { extra, connectionParams }: SocketContext,
  serving: Serving,
  users: Tally,
): Promise<boolean | Record<string, unknown>> {
  try {
    const lease = leaseOf(connectionParams);
    const token = tokenOf(connectionParams) ?? bearerToken(extra.request.headers.authorization);
    if (token === null && lease.allOrders) throw new LeaseTermsError('cancelOnDisconnect: needs an access token');
    if (token === null) return true;
    const identity = await serving.verifier.verify(token, extra.address);
    if (identity.signing !== undefined) await checkSignature(identity.signing, connectionParams, serving);
    // It may have gone while its token was looked at: then nobody would count it off again.
    if (extra.socket.readyState !== extra.socket.OPEN) return false;
    const { maxSocketsPerUser } = serving.limits;
    if (users.of(identity.userId) >= maxSocketsPerUser) {
      const reason = `at most ${maxSocketsPerUser} sockets of one user (maxSocketsPerUser): close one`;
      extra.socket.close(TOO_MANY_SOCKETS, shortened(reason));
      return false;
    }
    users.add(identity.userId);
    extra.identity = identity;
    extra.lease = lease;
    closeAtExpiry(extra);
    if (!lease.allOrders) return true;
    await serving.leases.claim({ userId: identity.userId, lease });
    // It may have gone meanwhile.
    if (extra.socket.readyState !== extra.socket.OPEN) return false;
    const { leaseId, graceMs } = lease;
    return { cancelOnDisconnect: { leaseId, graceMs } };
  } catch (error) {
    if (error instanceof IdentityUnavailableError) {
      extra.socket.close(TRY_AGAIN_LATER, shortened(error.message));
      return false;
    }
    if (error instanceof LeaseTermsError) {
      extra.socket.close(BAD_REQUEST, shortened(error.message));
      return false;
    }
    if (!(error instanceof InvalidTokenError)) throw error;
    await serving.rateLimiter.take(`ip:${extra.address}`, 'refusals', 1);
    extra.socket.close(FORBIDDEN, shortened(`Forbidden: ${error.message}`));
    return false;
  }
}

/** A socket is signed for once, by its connection_init. @throws InvalidTokenError */
async function checkSignature(
  signing: SigningKey,
  parameters: Readonly<Record<string, unknown>> | undefined,
  { nonces, limits }: Serving,
): Promise<void> {
  const { timestamp, nonce, signature } = parameters ?? {};
  const signed = { timestamp, nonce, signature, method: WEBSOCKET_METHOD, target: GRAPHQL_PATH, body: NO_BODY };
  await verifySignature(signing, signed, nonces, limits.signatureWindowMs, Date.now());
}

const NO_BODY = new Uint8Array();

function leaseOwner({ identity, lease }: Connection): LeaseOwner | null {
  return identity === null || lease === null ? null : { userId: identity.userId, lease };
}

/** From its first mutation on orders on a socket is heard of, where it is still there. */
function holdLease(connection: Connection, { type, rateClass }: CompiledOperation, leases: LeaseKeeper): void {
  const { socket } = connection;
  const owner = leaseOwner(connection);
  if (owner === null || type !== MUTATION || rateClass !== 'orderEntry' || socket.readyState !== socket.OPEN) return;
  leases.hold(owner);
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
  payload: SubscribePayload,
  serving: Serving,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const receivedMs = performance.now();
  if (serving.inFlight.stopping) return [routerError('SHUTTING_DOWN', 'the platform is stopping: reconnect')];
  const { identity } = connection;
  const { variables } = payload;
  let operation: CompiledOperation | null = null;
  try {
    operation = await compileFor(connection, payload, serving);
    const admission = admit(serving, operation, variables ?? undefined, connection);
    const admitted = admission instanceof Promise ? await admission : admission;
    holdToSocketLimits(connection, operation, serving.limits);
    if (operation.type === SUBSCRIPTION) {
      connection.subscriptions.add(id);
      serving.metrics.subscriptionsChanged(1);
    }
    holdLease(connection, operation, serving.leases);
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
      // A socket has headers once; each operation tells its own context in its extensions.
      traceparent: identity === null ? null : readTraceparent(payload.extensions?.traceparent),
      contextValue: {
        ...contextOf(serving, identity, requestId, connection.address),
        ...(connection.lease === null ? undefined : { connection: connection.lease }),
        ...(operation.type === SUBSCRIPTION ? undefined : timesFor(operation, receivedMs, asksReceipt(payload))),
      },
    };
    // The route of the operation knows its schema.
    return args as OperationArgs;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const context = contextOf(serving, identity, connection.requestId, connection.address);
    noteRefusal(serving, error, operation, variables ?? undefined, context);
    return error.errors;
  }
}

/** A socket has no headers by operation, so the operation's extensions ask for the receipt: `{"latency": true}`. */
function asksReceipt({ extensions }: SubscribePayload): boolean {
  return extensions?.latency === true;
}

/** @throws RequestError */
async function compileFor({ address }: Connection, payload: SubscribePayload, serving: Serving) {
  const { query, extensions } = payload;
  const name = payload.operationName ?? undefined;
  if (!serving.operations.isKnown(query, name)) checkRefusals(serving, address);
  try {
    return compileOperation(serving, query, name, hashOf(undefined, extensions ?? undefined));
  } catch (error) {
    if (error instanceof RequestError) await countRefusal(serving, address, error);
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
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.close(UNSUPPORTED_DATA, 'messages are text');
    listener(String(data)).catch((error: unknown) => {
      reportFault(serving, error);
      socket.close(INTERNAL_ERROR, 'Internal error');
    });
  });
}

function reportFault({ log }: Serving, error: unknown): void {
  log('error', 'a socket’s operation failed', { error: describeError(error) });
}
