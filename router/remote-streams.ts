/**
 * Subscriptions of a subgraph in another process: one WebSocket for all of them, and a window for each.
 *
 * Nothing is asked twice: where the connection ends, every stream on it ends with SUBGRAPH_UNAVAILABLE, and its client resumes
 * from its own last cursor. (A library that subscribes again by itself would leave a hole in the stream, or repeat it.)
 * At most WINDOW results of a stream wait here. The subgraph sends no more until some are taken, so that a client who
 * reads slowly is held to the stream's own buffer and overflow policy, which are the subgraph's.
 */
import type { ExecutionResult, FormattedExecutionResult, GraphQLError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { grantOf, WINDOW_PARAMETER } from '../src/graphql/stream-window.js';
import type { Log } from '../src/ports/log.js';
import { errorOfSubgraph, routerError } from './errors.js';

/** Results of one stream that may wait to be taken. */
export const WINDOW = 64;
/** The connection is kept for the next subscription this long. */
const IDLE_MS = 3_000;
/** A connection that is silent is asked for a sign of life, and is given up without one. */
const KEEP_ALIVE_MS = 10_000;
const SIGN_OF_LIFE_MS = 5_000;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

export interface StreamRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export interface RemoteStreamsOptions {
  /** Of the subgraph. */
  readonly name: string;
  /** Address of its /graphql, http: or https:. */
  readonly url: string;
  /** Called with the extensions of each result, which stay here. */
  readonly onExtensions: (extensions: Readonly<Record<string, unknown>>) => void;
  readonly log: Log;
}

export class RemoteStreams {
  readonly #options: RemoteStreamsOptions;
  readonly #client: Client;
  #socket: WebSocket | null = null;
  #nextId = 0;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: RemoteStreamsOptions) {
    this.#options = options;
    this.#client = createClient({
      url: options.url.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      lazy: true,
      lazyCloseTimeout: IDLE_MS,
      retryAttempts: 0,
      keepAlive: KEEP_ALIVE_MS,
      connectionParams: { [WINDOW_PARAMETER]: WINDOW },
      // The id is chosen just before subscribing, in the same turn.
      generateID: () => String(this.#nextId),
      on: {
        connected: (socket) => {
          this.#socket = socket as WebSocket;
        },
        ping: (received) => {
          if (!received) this.#awaitLife();
        },
        pong: () => clearTimeout(this.#silence),
        closed: () => {
          clearTimeout(this.#silence);
          this.#socket = null;
        },
      },
    });
  }

  subscribe({ operationName, ...request }: StreamRequest): RemoteStream {
    this.#nextId += 1;
    const id = String(this.#nextId);
    const stream = new RemoteStream({
      onTaken: (count) => this.#grant(id, count),
      onLeft: () => {
        // A result that waits for its window holds up the end of the stream.
        this.#grant(id, Number.MAX_SAFE_INTEGER);
        unsubscribe();
      },
    });
    const unsubscribe = this.#client.subscribe(
      { ...request, ...(operationName === undefined ? {} : { operationName }) },
      {
        next: (result) => stream.push(this.#received(result as FormattedExecutionResult)),
        error: (cause) => stream.end(this.#errorOf(cause)),
        complete: () => stream.end(null),
      },
    );
    return stream;
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#silence);
    await this.#client.dispose();
  }

  #grant(id: string, count: number): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: 'pong', payload: grantOf(id, count) }));
    }
  }

  #awaitLife(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#options.log('warn', 'a subgraph gives no sign of life, its connection is given up', {
        name: this.#options.name,
      });
      this.#client.terminate();
    }, SIGN_OF_LIFE_MS);
    this.#silence.unref();
  }

  #received({ extensions, errors, data }: FormattedExecutionResult): ExecutionResult {
    if (extensions !== undefined) this.#options.onExtensions(extensions);
    const told = data === undefined ? {} : { data };
    return errors === undefined ? told : { errors: errors.map(errorOfSubgraph), ...told };
  }

  /** What the subgraph said passes; the end of a connection is told by what it means. */
  #errorOf(cause: unknown): GraphQLError {
    if (Array.isArray(cause) && cause.length > 0) return errorOfSubgraph(cause[0]);
    const { name, log } = this.#options;
    log('warn', 'a stream of a subgraph was cut', { name, error: describe(cause) });
    const problem = `${name} does not answer now, the stream ends here: subscribe again, with the last cursor where it has one`;
    return routerError('SUBGRAPH_UNAVAILABLE', problem, { subgraph: name });
  }
}

interface StreamHooks {
  readonly onTaken: (count: number) => void;
  readonly onLeft: () => void;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<ExecutionResult, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** What came of one subscription and was not taken yet. */
export class RemoteStream implements AsyncGenerator<ExecutionResult, undefined, undefined> {
  readonly #hooks: StreamHooks;
  #waiting: ExecutionResult[] = [];
  readonly #waiters: Waiter[] = [];
  #ended = false;
  #error: Error | null = null;
  #taken = 0;

  constructor(hooks: StreamHooks) {
    this.#hooks = hooks;
  }

  /** Results that wait; at most WINDOW where the subgraph keeps to it. */
  get size(): number {
    return this.#waiting.length;
  }

  push(result: ExecutionResult): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#waiting.push(result);
    else {
      this.#note();
      waiter.resolve({ value: result, done: false });
    }
  }

  /** What waits is still delivered, then the error or the end. */
  end(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (this.#error === null) waiter.resolve(DONE);
      else waiter.reject(this.#takeError());
    }
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const value = this.#waiting.shift();
    if (value !== undefined) {
      this.#note();
      return Promise.resolve({ value, done: false });
    }
    if (this.#error !== null) return Promise.reject(this.#takeError());
    if (this.#ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    const left = !this.#ended;
    this.#waiting = [];
    this.end(null);
    this.#error = null;
    if (left) this.#hooks.onLeft();
    return Promise.resolve(DONE);
  }

  throw(error: Error): Promise<IteratorReturnResult<undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #takeError(): Error {
    const error = this.#error as Error;
    this.#error = null;
    return error;
  }

  #note(): void {
    this.#taken += 1;
    if (this.#ended || this.#taken < WINDOW / 2) return;
    this.#hooks.onTaken(this.#taken);
    this.#taken = 0;
  }
}

/** Of an error or of the event by which a socket closes. */
function describe(cause: unknown): string {
  const { message, code, reason } = cause as { message?: unknown; code?: unknown; reason?: unknown };
  return [code, reason, message].filter((part) => part !== undefined && part !== '').join(' ');
}
