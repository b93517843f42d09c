/**
 * One subgraph's HTTP: kept-alive connections, an answer read whole within its bound and its time.
 *
 * node:http itself, since this is the way of every operation where the parts are processes: fetch and its streams cost
 * several times the processor time of the operation they carry.
 */
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';

export interface SubgraphHttpOptions {
  /** http: or https:, with its path. */
  readonly url: string;
  readonly timeoutMs: number;
  /** Connections at a time; more requests wait for one. Default 128. */
  readonly maxConnections?: number;
}

const DEFAULT_CONNECTIONS = 128;
/** Largest answer, bytes. */
export const MAX_SUBGRAPH_ANSWER_BYTES = 64 * 1024 * 1024;

/** The subgraph gave no answer, or none that can be read. `message` is for the log only. */
export class SubgraphHttpError extends Error {
  override readonly name = 'SubgraphHttpError';

  constructor(
    message: string,
    /** The connection had been idle and was closed under the request before any answer: a query may be sent again. */
    readonly wasStale: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class SubgraphHttp {
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #send: typeof requestHttp;

  constructor(private readonly options: SubgraphHttpOptions) {
    this.#url = new URL(options.url);
    const isSecure = this.#url.protocol === 'https:';
    const settings = {
      keepAlive: true,
      maxSockets: options.maxConnections ?? DEFAULT_CONNECTIONS,
      scheduling: 'lifo',
    } as const;
    this.#agent = isSecure ? new SecureAgent(settings) : new Agent(settings);
    this.#send = isSecure ? requestHttps : requestHttp;
  }

  /**
   * Sends a JSON text and returns the JSON value of the answer, whatever its status.
   * @throws SubgraphHttpError when there is none within the time
   */
  post(body: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.options;
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const request = this.#send(this.#url, { method: 'POST', agent: this.#agent, headers });
      const late = setTimeout(
        () => request.destroy(new SubgraphHttpError(`no answer within ${timeoutMs} ms`, false)),
        timeoutMs,
      );
      let answered = false;
      const fail = (error: Error) => {
        clearTimeout(late);
        if (error instanceof SubgraphHttpError) return reject(error);
        const { code } = error as NodeJS.ErrnoException;
        const wasStale = !answered && request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
        reject(new SubgraphHttpError(`${code ?? error.name}: ${error.message}`, wasStale, { cause: error }));
      };
      request.once('error', fail);
      request.once('response', (response) => {
        answered = true;
        readJson(response).then((value) => {
          clearTimeout(late);
          resolve(value);
        }, fail);
      });
      request.end(body);
    });
  }

  /** Closes idle connections at once; the others end with what they carry. */
  close(): void {
    this.#agent.destroy();
  }
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > MAX_SUBGRAPH_ANSWER_BYTES) {
      response.destroy();
      throw new SubgraphHttpError(`the answer is larger than ${MAX_SUBGRAPH_ANSWER_BYTES} bytes`, false);
    }
    chunks.push(chunk);
  }
  const text = chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new SubgraphHttpError(`the answer is no JSON (status ${response.statusCode})`, false);
  }
}
