/** A GraphQL client as any other: queries and mutations over HTTP, one subscription over graphql-ws. */
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { CommandError } from '../exit-codes.js';

const ANSWER_WITHIN_MS = 20_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 60_000;

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
  }[];
}

/** Codes of faults that may be gone a moment later. */
const PASSING_CODES = new Set(['ENGINE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'RATE_LIMITED', 'UNAVAILABLE']);

export class GraphQLClient {
  constructor(
    readonly url: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Runs an operation and returns its data. It is asked again where no answer came, so it must be idempotent.
   * @throws CommandError when the platform refuses the operation or does not answer
   */
  async run<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#post(query, variables)) as T;
      } catch (error) {
        if (!(error instanceof PassingFault) || attempt === ATTEMPTS || this.signal.aborted)
          throw asCommandError(error);
        const pauseMs = Math.min(error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS);
        await sleep(pauseMs, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }

  /** Subscribes; `next` gets the data of each event. The returned function ends it. */
  subscribe(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    next: (data: unknown) => void,
    failed: (error: Error) => void,
  ): () => void {
    let ended = false;
    let end: () => void = () => undefined;
    // Loaded here, since it brings GraphQL with it: commands that ask once, and `start`, begin without.
    import('graphql-ws').then(({ createClient }) => {
      if (ended) return;
      const client = createClient({
        url: this.url.replace(/^http/, 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { Authorization: `Bearer ${this.token}` },
        retryAttempts: ATTEMPTS,
      });
      const unsubscribe = client.subscribe<Record<string, unknown>>(
        { query, variables: { ...variables } },
        {
          next: ({ data, errors }) => {
            if (errors !== undefined) failed(new CommandError(errors.map((error) => error.message).join('; ')));
            else next(data);
          },
          error: (error) => failed(asCommandError(error)),
          complete: () => undefined,
        },
      );
      end = () => {
        unsubscribe();
        void client.dispose();
      };
    }, failed);
    return () => {
      ended = true;
      end();
    };
  }

  async #post(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> {
    const response = await this.#fetch(JSON.stringify({ query, variables }));
    const text = await response.text();
    const answer = parseAnswer(text);
    if (answer === null) {
      const fault = `${this.url} answered with status ${response.status} and no GraphQL; is this the /graphql address?`;
      throw response.status >= 500 ? new PassingFault(fault) : new CommandError(fault);
    }
    const [first] = answer.errors ?? [];
    if (first !== undefined) {
      const { code, retryAfterMs } = first.extensions ?? {};
      if (code !== undefined && PASSING_CODES.has(code)) throw new PassingFault(first.message, retryAfterMs);
      throw new CommandError(`the platform refused: ${first.message}${code === undefined ? '' : ` (${code})`}`);
    }
    return answer.data;
  }

  async #fetch(body: string): Promise<Response> {
    try {
      return await fetch(this.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          authorization: `Bearer ${this.token}`,
        },
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
    } catch (error) {
      throw new PassingFault(
        `no answer from ${this.url} (${causeOf(error)}); is the platform running? \`tradsys start\``,
      );
    }
  }
}

/** A fault that may be gone at the next attempt. */
class PassingFault extends Error {
  override readonly name = 'PassingFault';
  /** @param retryAfterMs when the platform says that it will take it */
  constructor(
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

function parseAnswer(text: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(text);
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer);
    return isAnswer ? (answer as Answer) : null;
  } catch {
    // A page or a proxy's text: told by the caller with its status.
    return null;
  }
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof Error) return new CommandError(error.message);
  const close = error as { code?: number; reason?: string };
  return new CommandError(`the subscription ended: ${close.reason ?? 'connection lost'} (${close.code ?? 'no code'})`);
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(cause);
}
