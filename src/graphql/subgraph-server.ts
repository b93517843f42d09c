/**
 * A subgraph as a service of its own: Apollo Server on fastify for queries and mutations, graphql-ws for subscriptions,
 * and the health endpoints. Only the router may ask: each operation carries its sealed context.
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { type FastifyInstance, type FastifyRequest, type RouteHandlerMethod } from 'fastify';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../ports/log.js';
import type { TraceSpan, Tracing } from '../ports/tracing.js';
import type { RequestContext } from './context.js';
import { openContext } from './context-seal.js';
import { toClientError } from './errors.js';
import type { ReachedSequence } from './reached-sequence.js';
import { StreamWindows } from './stream-window.js';
import type { Subgraph } from './subgraph.js';

export interface SubgraphServerOptions {
  readonly subgraph: Subgraph;
  /** Server with the health endpoints, perhaps listening already. */
  readonly app: FastifyInstance;
  /** Where /graphql will be answered from now on. */
  readonly route: GraphQLRoute;
  /** Shared with the router. */
  readonly secret: string;
  /** How far this process has followed the events. */
  readonly reached: ReachedSequence;
  readonly log: Log;
  /** Null or absent: operations are not traced here. */
  readonly tracing?: Tracing | null;
}

/** Name of the extension that carries the sealed context, and of the one that answers with the sequence. */
export const CONTEXT_EXTENSION = 'tradsys';
/** Name of the extension that tells the spans of the operation here. */
const TIMES_EXTENSION = 'tradsysTimes';
const PATH = '/graphql';
/** How long an answer waits for events that its caller has seen elsewhere. */
const REACH_WAIT_MS = 1_000;
const MAX_MESSAGE_BYTES = 4_000_000;

/** /graphql of a server that listens before its subgraph is there. */
export class GraphQLRoute {
  handler: RouteHandlerMethod | null = null;

  constructor(app: FastifyInstance) {
    app.post(PATH, (request, reply) => {
      if (this.handler !== null) return this.handler.call(app, request, reply);
      return reply.code(503).send({ errors: [notReady()] });
    });
  }
}

function notReady(): GraphQLError {
  return new GraphQLError('this subgraph is still starting: ask again shortly', {
    extensions: { code: 'ENGINE_UNAVAILABLE', http: { status: 503 } },
  });
}

/** Answers /graphql; returns how to end that in order. */
export async function addSubgraph(options: SubgraphServerOptions): Promise<() => Promise<void>> {
  const { app, subgraph, log } = options;
  const apollo = new ApolloServer<RequestContext>({
    schema: subgraph.schema,
    introspection: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: apolloLogger(log),
    formatError: (formatted, error) => formatError(formatted, error, log),
    plugins: [fastifyApolloDrainPlugin(app), tellSequence(options)],
  });
  await apollo.start();
  const spans = new WeakMap<FastifyRequest, TraceSpan>();
  const handler = fastifyApolloHandler(apollo, {
    context: (request: FastifyRequest) => contextOf(options, extensionsOf(request.body), spans.get(request)),
  }) as RouteHandlerMethod;
  options.route.handler = options.tracing == null ? handler : tracedHandler(options, options.tracing, handler, spans);
  const stopSockets = serveSockets(options);
  return async () => {
    await stopSockets();
    await apollo.stop();
  };
}

/** A server with bounds; the caller adds the routes. */
export function createHttpServer(): FastifyInstance {
  return Fastify({
    bodyLimit: MAX_MESSAGE_BYTES,
    connectionTimeout: 0,
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    logger: false,
  });
}

/** Listens and returns the port. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<number> {
  await app.listen({ host, port });
  return (app.server.address() as AddressInfo).port;
}

function extensionsOf(body: unknown): Record<string, unknown> {
  const extensions = (body as { extensions?: unknown } | null | undefined)?.extensions;
  return typeof extensions === 'object' && extensions !== null ? (extensions as Record<string, unknown>) : {};
}

/** @throws GraphQLError where the request is not from the router */
async function contextOf(
  options: SubgraphServerOptions,
  extensions: Record<string, unknown>,
  span?: TraceSpan,
): Promise<RequestContext> {
  const sealed = openContext(options.secret, extensions[CONTEXT_EXTENSION], Date.now());
  if (sealed === null) {
    const problem = 'this subgraph answers its router only: both need the same TRADSYS_INTERNAL_SECRET';
    throw new GraphQLError(problem, { extensions: { code: 'FORBIDDEN', http: { status: 403 } } });
  }
  sealed.context.times?.enter(performance.now());
  await options.reached.wait(sealed.sequence, REACH_WAIT_MS);
  const { context } = sealed;
  const traceparent = span?.traceparent ?? context.traceparent;
  if (traceparent === undefined) return context;
  if (context.times !== undefined) context.times.traceparent = traceparent;
  return { ...context, traceparent };
}

/** Runs each traced operation within a span of this subgraph, on which what the libraries tell is hung. */
function tracedHandler(
  { app, secret, subgraph }: SubgraphServerOptions,
  tracing: Tracing,
  handler: RouteHandlerMethod,
  spans: WeakMap<FastifyRequest, TraceSpan>,
): RouteHandlerMethod {
  return async (request, reply) => {
    const sealed = openContext(secret, extensionsOf(request.body)[CONTEXT_EXTENSION], Date.now());
    const parent = sealed?.context.traceparent;
    const span = parent === undefined ? null : tracing.begin(`subgraph ${subgraph.name}`, 'SERVER', parent);
    if (span === null) return handler.call(app, request, reply);
    spans.set(request, span);
    try {
      return await tracing.within(span, () => handler.call(app, request, reply));
    } finally {
      span.end();
    }
  };
}

/** Tells the router with each answer how far the events in it reach. */
function tellSequence({ reached }: SubgraphServerOptions): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response, contextValue: { times } }) {
          if (response.body.kind !== 'single') return;
          const { singleResult } = response.body;
          singleResult.extensions = {
            ...singleResult.extensions,
            [CONTEXT_EXTENSION]: reached.value,
            ...(times === undefined ? {} : { [TIMES_EXTENSION]: times.spansSince(times.entered, performance.now()) }),
          };
        },
      };
    },
  };
}

/** What was said on purpose passes; anything else is logged here and masked. */
function formatError(formatted: GraphQLFormattedError, error: unknown, log: Log): GraphQLFormattedError {
  const origin = originOf(error);
  const known = toClientError(origin);
  if (known instanceof GraphQLError && known !== error && typeof known.extensions.code === 'string') {
    const { locations, path } = formatted;
    return {
      message: known.message,
      extensions: known.extensions,
      ...(locations && { locations }),
      ...(path && { path }),
    };
  }
  const code = formatted.extensions?.code;
  if (code !== undefined && code !== 'INTERNAL_SERVER_ERROR') return formatted;
  if (formatted.message.startsWith('Argument "')) return { ...formatted, extensions: { code: 'BAD_USER_INPUT' } };
  log('error', 'an operation failed', { path: formatted.path, error: describe(origin) });
  const { locations, path } = formatted;
  return {
    message: 'Internal error',
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
    ...(locations && { locations }),
    ...(path && { path }),
  };
}

function originOf(error: unknown): unknown {
  let origin = error;
  while (origin instanceof GraphQLError && origin.originalError) origin = origin.originalError;
  return origin;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function serveSockets(options: SubgraphServerOptions): () => Promise<void> {
  const { app, subgraph, reached, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const format = (error: GraphQLError): GraphQLFormattedError => formatError(error.toJSON(), error, log);
  const windows = new WeakMap<object, StreamWindows>();
  const contexts = new WeakMap<object, RequestContext>();
  const server = useServer<Record<string, unknown>, { socket: WebSocket }>(
    {
      schema: subgraph.schema,
      onConnect: ({ connectionParams, extra: { socket } }) => {
        const ofSocket = new StreamWindows(connectionParams);
        windows.set(socket, ofSocket);
        socket.once('close', () => ofSocket.close());
      },
      onPong: ({ extra: { socket } }, payload) => windows.get(socket)?.grant(payload),
      // An operation that may not be asked is answered under its id: the others on the router's socket go on.
      onSubscribe: async (_socket, _id, payload) => {
        try {
          contexts.set(payload, await contextOf(options, payload.extensions ?? {}));
          return undefined;
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
      context: (_socket, _id, payload) => contexts.get(payload),
      onNext: async ({ extra: { socket } }, id, _payload, _args, { errors, data }) => {
        await windows.get(socket)?.take(id);
        const told = errors === undefined ? {} : { errors: errors.map(format) as unknown as GraphQLError[] };
        return { ...told, ...(data === undefined ? {} : { data }), extensions: { [CONTEXT_EXTENSION]: reached.value } };
      },
      onError: (_socket, _id, _payload, errors) => errors.map((error) => format(error as GraphQLError)),
      onComplete: ({ extra: { socket } }, id) => windows.get(socket)?.forget(id),
    },
    sockets,
  );
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url !== PATH) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  };
  app.server.on('upgrade', onUpgrade);
  return async () => {
    app.server.off('upgrade', onUpgrade);
    await server.dispose();
  };
}

function apolloLogger(log: Log) {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message?: unknown) => log(level, String(message));
  return { debug: at('debug'), info: at('debug'), warn: at('warn'), error: at('error') };
}
