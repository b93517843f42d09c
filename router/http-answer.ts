/** How answers leave over HTTP: pages, JSON and results, with the headers that keep browsers from doing more with them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Coding, codingOf, compress } from './compression.js';
import type { FormattedResult } from './errors.js';
import type { MediaType } from './graphql-http.js';
import type { Page } from './pages/page.js';

const PREFLIGHT_SECONDS = '600';
const EXPOSED_HEADERS =
  'x-request-id, ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, retry-after';

/** What is no page is never shown as one, framed, guessed at or kept. */
const JSON_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** Files that were compressed before. */
const smaller = new WeakMap<Page, Partial<Record<Coding, Promise<Buffer>>>>();

export async function sendPage(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  page: Page,
  compressFromBytes: number,
): Promise<void> {
  const coding = page.body.length >= compressFromBytes ? codingOf(headers['accept-encoding']) : null;
  const body = coding === null ? page.body : await compressedOnce(page, coding);
  response.writeHead(200, {
    'content-type': page.contentType,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    vary: 'accept-encoding',
    ...(coding === null ? {} : { 'content-encoding': coding }),
    ...page.headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function compressedOnce(page: Page, coding: Coding): Promise<Buffer> {
  const known = smaller.get(page) ?? {};
  smaller.set(page, known);
  known[coding] ??= compress(page.body, coding, 'file');
  return known[coding];
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...JSON_HEADERS,
    ...headers,
  });
  response.end(text);
}

/** One GraphQL request on its way to an answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  mediaType: MediaType;
}

export interface Answer {
  readonly status: number;
  readonly result: FormattedResult;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Whether it may be compressed. The length of a compressed answer tells something of what is in it to whoever can put
   * text of his own beside a secret, so what hands out secrets is sent as it is.
   */
  readonly compressible?: boolean;
}

export function sendAnswer(exchange: Exchange, answer: Answer, compressFromBytes: number): Promise<void> | void {
  const text = JSON.stringify(answer.result);
  if (answer.compressible === true && text.length >= compressFromBytes) {
    const coding = codingOf(exchange.request.headers['accept-encoding']);
    if (coding !== null) {
      return compress(text, coding, 'answer').then((body) => sendResult(exchange, answer, body, coding));
    }
  }
  sendResult(exchange, answer, text, null);
}

function sendResult(
  { request, response, requestId, mediaType }: Exchange,
  { status, headers }: Answer,
  body: Buffer | string,
  coding: Coding | null,
): void {
  const own: Record<string, string | number> = {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    ...JSON_HEADERS,
    'x-request-id': requestId,
  };
  if (coding !== null) own['content-encoding'] = coding;
  const { origin } = request.headers;
  if (origin !== undefined) Object.assign(own, corsHeaders(origin, status));
  response.writeHead(status, headers === undefined ? own : { ...own, ...headers });
  response.end(body);
}

/** Only a page that may call learns that it may; 403 is for one that may not. */
function corsHeaders(origin: string, status: number): Record<string, string> {
  if (status === 403) return { vary: 'origin' };
  return {
    vary: 'origin, accept-encoding',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
  };
}

export function sendPreflight({ request, response }: Exchange): void {
  const { origin } = request.headers;
  response.writeHead(204, {
    ...(origin === undefined ? {} : corsHeaders(origin, 204)),
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers':
      'authorization, content-type, x-request-id, x-tradsys-latency, traceparent, tracestate',
    'access-control-max-age': PREFLIGHT_SECONDS,
  });
  response.end();
}
