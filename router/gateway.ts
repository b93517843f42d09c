/**
 * The federation gateway for operations that cross subgraphs: Hive's runtime with its planner, on schemas in this process.
 *
 * It is used as an executor only: documents come parsed, validated and bounded; HTTP, WebSocket, limits, identity and
 * masking are the router's own. Nothing is polled, reported or fetched.
 */
import type { EventEmitter } from 'node:events';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import type { Executor } from '@graphql-mesh/transport-common';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  getOperationAST,
  OperationTypeNode,
  subscribe,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import { routerError } from './errors.js';
import type { LocalSubgraph } from './fast-path.js';

export interface GatewayRequest {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly context: RequestContext;
}

export interface Gateway {
  execute(request: GatewayRequest): Promise<ExecutionResult>;
  subscribe(request: GatewayRequest): Promise<AsyncIterable<ExecutionResult> | ExecutionResult>;
  /** Ends what runs and frees everything; may be called again. */
  dispose(): Promise<void>;
  /** Lets what runs end by itself, subscriptions too, and disposes then. */
  retire(): void;
}

/** A subgraph in another process, asked through an executor; what the executor throws is the network's, not the subgraph's. */
export interface RemoteSubgraph {
  readonly name: string;
  readonly execute: Executor;
}

/** What a resolver's context carries through the runtime. */
interface Carrier {
  readonly headers: Record<string, string>;
  readonly requestContext: RequestContext;
}

/** What the runtime asks of a subgraph. */
interface SubgraphRequest {
  readonly document: DocumentNode;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string | undefined;
  readonly context?: Carrier;
}

export async function createGateway(
  supergraphSdl: string,
  subgraphs: readonly (LocalSubgraph | RemoteSubgraph)[],
): Promise<Gateway> {
  const executors = new Map(
    subgraphs.map((subgraph) => [
      subgraph.name,
      answering(subgraph.name, 'schema' in subgraph ? createLocalExecutor(subgraph) : subgraph.execute),
    ]),
  );
  const runtime = withoutSignals(() =>
    createGatewayRuntime<Record<string, unknown>>({
      supergraph: supergraphSdl,
      unifiedGraphHandler,
      transports: () => ({
        getSubgraphExecutor: ({ subgraphName }) => {
          const executor = executors.get(subgraphName);
          if (executor === undefined)
            throw new Error(`the supergraph names a subgraph that was not handed in: ${subgraphName}`);
          return executor;
        },
      }),
      logging: 'error',
      landingPage: false,
      graphiql: false,
      requestId: false,
      subgraphErrors: false,
      maskedErrors: false,
      // Loaders gather in process; merging operations would only cost a print and a parse.
      __experimental__batchExecution: false,
    }),
  );
  // The planner is built before the first operation needs it.
  await runtime.getSchema();
  const start = async ({ document, operationName, variables, context }: GatewayRequest) => {
    const carrier: Carrier = { headers: {}, requestContext: context };
    const enveloped = runtime.getEnveloped({ ...carrier });
    const args = {
      schema: enveloped.schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: await enveloped.contextFactory(),
    };
    return { enveloped, args };
  };
  const running = new Running(async () => runtime[Symbol.asyncDispose]());
  return {
    execute: (request) =>
      running.during(async () => {
        const { enveloped, args } = await start(request);
        return completed((await enveloped.execute(args)) as ExecutionResult);
      }),
    subscribe: (request) =>
      running.during(async () => {
        const { enveloped, args } = await start(request);
        const result = (await enveloped.subscribe(args)) as AsyncIterable<ExecutionResult> | ExecutionResult;
        return Symbol.asyncIterator in result ? forgettingErrors(result, running.begin()) : completed(result);
      }),
    dispose: () => running.dispose(),
    retire: () => running.retire(),
  };
}

/** Counts what runs on a gateway, so that one that was replaced goes when nothing does any more. */
class Running {
  readonly #end: () => Promise<void>;
  #count = 0;
  #retired = false;
  #disposed: Promise<void> | null = null;

  constructor(end: () => Promise<void>) {
    this.#end = end;
  }

  /** @returns tells the end, once */
  begin(): () => void {
    this.#count += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#count -= 1;
      this.#disposeIdle();
    };
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const end = this.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  retire(): void {
    this.#retired = true;
    this.#disposeIdle();
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#end();
    return this.#disposed;
  }

  #disposeIdle(): void {
    if (this.#retired && this.#count === 0) void this.dispose();
  }
}

/** A subgraph that cannot be asked has answered with an error of its own, so that the others' data stands. */
function answering(name: string, execute: Executor): Executor {
  return async (request) => {
    try {
      return await execute(request);
    } catch (cause) {
      const problem = `${name} does not answer now: what it knows is missing here; ask again shortly`;
      const error = routerError('SUBGRAPH_UNAVAILABLE', problem, { subgraph: name });
      Object.defineProperty(error, 'cause', { value: cause });
      return { data: null, errors: [error] };
    }
  };
}

function createLocalExecutor({ schema, execute: executeElsewhere }: LocalSubgraph): Executor {
  const run = ({ document, variables, operationName, context }: SubgraphRequest) => {
    if (executeElsewhere !== undefined && context !== undefined) {
      return executeElsewhere({ document, variables, operationName, context: context.requestContext });
    }
    context?.requestContext.times?.enter(performance.now());
    const args = {
      schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context?.requestContext,
    };
    const isSubscription = getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION;
    return isSubscription ? subscribe(args) : execute(args);
  };
  return run as unknown as Executor;
}

/** By the specification an operation that began has `data`, null when its root failed; the runtime leaves it out. */
function completed(result: ExecutionResult): ExecutionResult {
  return 'data' in result && result.data !== undefined ? result : { ...result, data: null };
}

/** The runtime gathers the errors of all events of a subscription in one list; each event is to tell its own. */
function forgettingErrors(results: AsyncIterable<ExecutionResult>, ended: () => void): AsyncIterable<ExecutionResult> {
  const iterator = results[Symbol.asyncIterator]();
  const own = (step: IteratorResult<ExecutionResult, unknown>): IteratorResult<ExecutionResult, unknown> => {
    if (step.done === true) {
      ended();
      return step;
    }
    const gathered = step.value.errors as unknown[] | undefined;
    if (gathered === undefined) return { done: false, value: completed(step.value) };
    return {
      done: false,
      value: completed({ ...step.value, errors: gathered.splice(0) as ExecutionResult['errors'] }),
    };
  };
  const stepped: AsyncIterableIterator<ExecutionResult, unknown> = {
    next: async () => {
      try {
        return own(await iterator.next());
      } catch (error) {
        ended();
        throw error;
      }
    },
    return: async () => {
      ended();
      return (await iterator.return?.()) ?? { done: true, value: undefined };
    },
    throw: async (error) => {
      ended();
      await iterator.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => stepped,
  };
  return stepped;
}

/**
 * The runtime listens for signals to dispose itself at once. Operations in flight still need it then, and what a signal
 * means is for the process to say, so its listeners are taken off again.
 */
function withoutSignals<T>(create: () => T): T {
  const emitter: EventEmitter = process;
  const before = TERMINATION.map((event) => emitter.listeners(event));
  const created = create();
  for (const [index, event] of TERMINATION.entries()) {
    for (const listener of emitter.listeners(event)) {
      if (before[index]?.includes(listener) !== true) emitter.off(event, listener as () => void);
    }
  }
  return created;
}

/** Events at which the runtime would dispose itself. */
const TERMINATION = ['SIGINT', 'SIGTERM', 'exit'] as const;
