/** A client as a user would write one: fetch for queries and mutations, graphql-ws for subscriptions. */
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphQLAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are shaped by each test's own document
  readonly data: any;
  readonly errors: readonly { message: string; path?: unknown[]; extensions?: { code?: string } }[] | undefined;
}

const ANSWER_WITHIN_MS = 15_000;

/** Sends one operation over HTTP. Resolves with whatever the platform answered; rejects only without an answer. */
export async function post(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  token: string | null = null,
): Promise<GraphQLAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const body = (await response.json()) as Omit<GraphQLAnswer, 'status'>;
  return { status: response.status, data: body.data, errors: body.errors };
}

/** A subscription whose events are collected as they come. */
export interface Collector<T> {
  readonly events: T[];
  /** Set once the stream ended with an error. */
  readonly failure: unknown;
  /** Resolves when the condition holds; rejects with what was received when it does not in time. */
  until(condition: (events: readonly T[]) => boolean, what: string, timeoutMs?: number): Promise<readonly T[]>;
  close(): void;
}

export function connect(url: string, token: string | null): Client {
  return createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
    connectionParams: token === null ? {} : { Authorization: `Bearer ${token}` },
    onNonLazyError: () => undefined,
  });
}

/** Resolves when the server has dealt with what was sent before on this socket: the streams asked for are open. */
export async function settled(client: Client): Promise<void> {
  for await (const _ of client.iterate({ query: '{ __typename }' })) return;
}

/** Subscribes and collects `data[field]` of each event. */
export function collect<T>(
  client: Client,
  field: string,
  query: string,
  variables: Record<string, unknown> = {},
): Collector<T> {
  const events: T[] = [];
  const waiting = new Set<() => void>();
  let failure: unknown;
  const wake = () => {
    for (const check of [...waiting]) check();
  };
  const close = client.subscribe<Record<string, T>>(
    { query, variables },
    {
      next: (message) => {
        if (message.errors !== undefined) failure = message.errors;
        const event = message.data?.[field];
        if (event !== undefined && event !== null) events.push(event);
        wake();
      },
      error: (error) => {
        failure = error;
        wake();
      },
      complete: wake,
    },
  );
  return {
    events,
    get failure() {
      return failure;
    },
    until: (condition, what, timeoutMs = ANSWER_WITHIN_MS) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(events)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(events);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const seen = JSON.stringify(events.slice(-5));
          reject(
            new Error(
              `${what}: not within ${timeoutMs} ms; ${events.length} events, failure ${String(failure)}, last ${seen}`,
            ),
          );
        }, timeoutMs);
        waiting.add(check);
        check();
      }),
    close,
  };
}
