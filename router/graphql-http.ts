/**
 * GraphQL over HTTP (https://graphql.github.io/graphql-over-http): what a request asks, and how its result is told.
 *
 * A request must be one that a browser does not send to a foreign site unasked: JSON bodies only, no forms, no text, and
 * no mutation by GET.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { ErrorCode } from '../src/graphql/error-catalogue.js';
import { type FormattedResult, limitError, RequestError, routerError } from './errors.js';
import type { Variables } from './operations.js';
import { hashOf } from './persisted-documents.js';

export interface GraphQLParameters {
  /** Empty where the document is only named by its hash. */
  readonly query: string;
  /** SHA-256 that names the document; see persisted-documents.ts. */
  readonly hash: string | undefined;
  readonly operationName: string | undefined;
  readonly variables: Variables;
  /** As it came; empty for GET. */
  readonly body: Buffer;
}

/** The request is refused before its document is looked at. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly error: GraphQLError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: GraphQLError, headers: Readonly<Record<string, string>> = {}) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }
}

export function httpError(status: number, code: ErrorCode, message: string, headers = {}): HttpError {
  return new HttpError(status, routerError(code, message), headers);
}

export type MediaType = 'application/json' | 'application/graphql-response+json';
const MEDIA_TYPES: readonly MediaType[] = ['application/json', 'application/graphql-response+json'];

/** Returns the media type that the client likes best; JSON where it does not care. @throws HttpError 406 */
export function negotiate(accept: string | undefined): MediaType {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'application/json';
  let best: MediaType | null = null;
  let bestQuality = 0;
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    const charset = parameters.find((parameter) => parameter.startsWith('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') continue;
    const type =
      name === '*/*' || name === 'application/*' ? 'application/json' : MEDIA_TYPES.find((each) => each === name);
    if (type !== undefined && quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  if (best !== null) return best;
  throw httpError(406, 'NOT_ACCEPTABLE', `answers come as ${MEDIA_TYPES.join(' or ')}: name one of them in Accept`);
}

/** @throws HttpError 415 for what is not JSON in UTF-8 */
export function checkContentType({ headers }: IncomingMessage): void {
  const given = headers['content-type'];
  if (given !== 'application/json') {
    const [type, ...parameters] = (given ?? '').split(';').map((part) => part.trim().toLowerCase());
    const charset = parameters
      .find((parameter) => parameter.startsWith('charset='))
      ?.slice(8)
      .replaceAll('"', '');
    if (type !== 'application/json' || (charset !== undefined && charset !== 'utf-8')) {
      throw httpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'send the request as "content-type: application/json" in UTF-8');
    }
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw httpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'send the body uncompressed, without content-encoding');
  }
}

/** @throws HttpError 413 when the body is larger than allowed, 400 when the client went away */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      request.removeAllListeners('data');
      fail(tooLarge(maxBytes));
    });
    request.once('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    // Every request closes in the end, and only one that is cut short is refused.
    const cutShort = () => {
      if (!request.complete) fail(httpError(400, 'BAD_REQUEST', 'the body ended early'));
    };
    request.once('error', cutShort);
    request.once('close', cutShort);
  });
}

function tooLarge(maxBytes: number): HttpError {
  const problem = `the body is larger than ${maxBytes} bytes: send several operations`;
  return new HttpError(413, limitError('maxMessageBytes', maxBytes, problem), { connection: 'close' });
}

/** @throws HttpError 400 naming the parameter */
export function parseBody(body: Buffer): GraphQLParameters {
  if (!isUtf8(body)) throw httpError(400, 'BAD_REQUEST', 'the body is not UTF-8');
  return toParameters(parseJson(body.toString('utf8'), 'the body'), body);
}

/** @param search what follows the `?` of the URL */
export function parseSearch(search: string): GraphQLParameters {
  const parameters = new URLSearchParams(search);
  const json = (name: string) => {
    const text = parameters.get(name);
    return text === null || text === '' ? undefined : parseJson(text, name);
  };
  return toParameters(
    {
      query: parameters.get('query') ?? undefined,
      documentId: parameters.get('documentId') ?? undefined,
      operationName: parameters.get('operationName') ?? undefined,
      variables: json('variables'),
      extensions: json('extensions'),
    },
    NO_BODY,
  );
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw httpError(400, 'BAD_REQUEST', `${what} is not JSON`);
  }
}

const NO_BODY = Buffer.alloc(0);

function toParameters(value: unknown, body: Buffer): GraphQLParameters {
  if (Array.isArray(value)) {
    throw httpError(400, 'BAD_REQUEST', 'the body is a list: batches are not accepted, send one operation a request');
  }
  if (!isRecord(value)) throw httpError(400, 'BAD_REQUEST', 'the body is not an object such as {"query": "…"}');
  const { query, documentId, operationName, variables, extensions } = value;
  if (isPresent(extensions) && !isRecord(extensions)) {
    throw httpError(400, 'BAD_REQUEST', 'extensions: send an object or leave it out');
  }
  const hash = readHash(documentId, isRecord(extensions) ? extensions : undefined);
  const text = query ?? '';
  if (typeof text !== 'string' || (text === '' && hash === undefined)) {
    throw httpError(400, 'BAD_REQUEST', 'query: send the document as a string');
  }
  if (isPresent(operationName) && typeof operationName !== 'string') {
    throw httpError(400, 'BAD_REQUEST', 'operationName: send a string or leave it out');
  }
  if (isPresent(variables) && !isRecord(variables)) {
    throw httpError(400, 'BAD_REQUEST', 'variables: send an object or leave it out');
  }
  return {
    query: text,
    hash,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
    variables: isRecord(variables) ? variables : undefined,
    body,
  };
}

function readHash(documentId: unknown, extensions: Record<string, unknown> | undefined): string | undefined {
  try {
    return hashOf(documentId, extensions);
  } catch (error) {
    const [first] = error instanceof RequestError ? error.errors : [];
    throw first === undefined ? error : new HttpError(400, first);
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A request that was not executed is 400 to clients that know graphql-response+json; older ones expect 200. */
export function statusOf(result: FormattedResult, mediaType: MediaType): number {
  return 'data' in result || mediaType === 'application/json' ? 200 : 400;
}
