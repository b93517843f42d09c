/**
 * Every `extensions.code` that a client of the API can meet, with what it means and what to do. One list for router and
 * subgraphs: the types of both are made of it, docs/errors.md is emitted from it, and a code that is not in it is masked.
 */

export interface ErrorTerms {
  /** What happened, a sentence. */
  readonly meaning: string;
  /** What a client does about it, a sentence. */
  readonly remedy: string;
  /** Whether the same request may be sent again as it is. */
  readonly retry: 'no' | 'later' | 'after asking';
  /** HTTP status where nothing was executed; what failed during execution is 200, beside whatever data there is. */
  readonly status: string;
  /** Further fields in `extensions`. */
  readonly details?: string;
}

/** Before execution a client of application/graphql-response+json gets 400; an older one 200. */
const REFUSED = '400 (200 as `application/json`)';
const EXECUTED = '200';

export const ERROR_CATALOGUE = {
  BAD_REQUEST: {
    meaning:
      'The HTTP request or the message is not one of GraphQL: its body, its parameters or their types are wrong.',
    remedy: 'Send what the message names.',
    retry: 'no',
    status: '400',
  },
  METHOD_NOT_ALLOWED: {
    meaning: 'The HTTP method is not served here, or the operation not by it: a mutation by GET.',
    remedy: 'Use the method that the `allow` header names.',
    retry: 'no',
    status: '405',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    meaning: 'The body is not JSON in UTF-8, or is compressed. Forms and plain text are refused as a matter of course.',
    remedy: 'Send `content-type: application/json`, uncompressed.',
    retry: 'no',
    status: '415',
  },
  NOT_ACCEPTABLE: {
    meaning: 'The `accept` header allows no media type that answers come in.',
    remedy: 'Accept `application/graphql-response+json` or `application/json`.',
    retry: 'no',
    status: '406',
  },
  GRAPHQL_PARSE_FAILED: {
    meaning: 'The document is not GraphQL.',
    remedy: 'Mend the place that `locations` tells.',
    retry: 'no',
    status: REFUSED,
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning: 'The document does not fit the schema, or asks for the schema where introspection is off.',
    remedy: 'Mend what the message names; schema/api.graphql is the contract.',
    retry: 'no',
    status: REFUSED,
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'No document is kept under this hash.',
    remedy: 'Send the document along with its hash once; clients with automatic persisted queries do so by themselves.',
    retry: 'no',
    status: REFUSED,
  },
  PERSISTED_QUERY_NOT_IN_LIST: {
    meaning: 'This platform runs only documents out of its manifest, and this is none of them.',
    remedy: 'Add the document to the manifest that the operator deploys (TRADSYS_PERSISTED_DOCUMENTS).',
    retry: 'no',
    status: REFUSED,
  },
  BAD_USER_INPUT: {
    meaning: 'A variable or an argument is not acceptable.',
    remedy: 'Mend the field that the message names.',
    retry: 'no',
    status: `${REFUSED}; ${EXECUTED} where a resolver found it`,
    details: '`field`: path of the argument',
  },
  LIMIT_EXCEEDED: {
    meaning: 'A documented bound was passed (docs/limits.md).',
    remedy: 'Ask for less at once, or send several operations.',
    retry: 'no',
    status: `413 for a body; ${REFUSED}; ${EXECUTED} where a resolver found it`,
    details:
      '`limit` and `max`: name and value of a bound of the router; `field` and `limit`: argument and its bound; `cost`',
  },
  RATE_LIMITED: {
    meaning: 'The caller has used up its quota of this class of operations. Nothing was executed.',
    remedy: 'Send it again after `retryAfterMs`.',
    retry: 'later',
    status: '429',
    details: '`rateClass`, `limit`, `windowMs`, `remaining`, `retryAfterMs`',
  },
  UNAUTHENTICATED: {
    meaning: 'The token proves nothing (any more), or the operation needs one and there is none.',
    remedy: 'Get a new token and send it as `Authorization: Bearer …`.',
    retry: 'no',
    status: `401 for a bad token; ${EXECUTED} where a field needs one`,
  },
  FORBIDDEN: {
    meaning: 'The caller is known and may not do this, or the page calls from an origin that is not allowed.',
    remedy: 'Ask the operator for the scope that the message names.',
    retry: 'no',
    status: `403 for an origin; ${EXECUTED} for a field`,
  },
  NOT_FOUND: {
    meaning: 'There is no such thing, or it is not the caller’s: both read the same, so that ids cannot be probed.',
    remedy: 'Check the id that the message names.',
    retry: 'no',
    status: EXECUTED,
    details: '`field`: path of the argument',
  },
  SLOW_CONSUMER: {
    meaning: 'A stream that loses nothing was closed because too many events waited to be read.',
    remedy: 'Read faster; resume with the last cursor as `after`.',
    retry: 'later',
    status: 'in a stream',
    details: '`limit`: events that may wait',
  },
  STREAM_GAP: {
    meaning: 'The events between the two cursors are kept nowhere any more.',
    remedy: 'Go on with `cursor` as `after`, or begin anew without one where the stream starts with the present state.',
    retry: 'no',
    status: 'in a stream',
    details: '`after`, `cursor`',
  },
  ENGINE_UNAVAILABLE: {
    meaning: 'The engine takes no commands now. This one was not executed and will not be.',
    remedy: 'Send it again shortly.',
    retry: 'later',
    status: EXECUTED,
  },
  OUTCOME_UNKNOWN: {
    meaning:
      'A command or mutation was not answered in time. It may or may not have been executed; it is never told as failed.',
    remedy: 'Send it again with the same `clOrdId` (an order is placed once), or ask for `orderByClOrdId`.',
    retry: 'after asking',
    status: EXECUTED,
    details: '`limit`, `max`: the time that was allowed, where it was the router’s',
  },
  TIMEOUT: {
    meaning: 'A query was not answered in time.',
    remedy: 'Ask for less at once, or again later.',
    retry: 'later',
    status: EXECUTED,
    details: '`limit`, `max`',
  },
  HISTORY_UNAVAILABLE: {
    meaning: 'The database cannot be read now. Trading and live streams go on, and nothing is lost.',
    remedy: 'Ask again shortly.',
    retry: 'later',
    status: EXECUTED,
  },
  IDENTITY_UNAVAILABLE: {
    meaning: 'Whether the token proves something cannot be told now: its issuer or the database does not answer.',
    remedy: 'Send it again shortly. Market data needs no token, and other tokens are taken as ever.',
    retry: 'later',
    status: '503; over WebSocket the close code 1013',
  },
  AUDIT_UNAVAILABLE: {
    meaning:
      'Mutations are refused until the audit log can be written again, as the operator wants it. Nothing was executed.',
    remedy: 'Send it again shortly.',
    retry: 'later',
    status: REFUSED,
  },
  SUBGRAPH_UNAVAILABLE: {
    meaning:
      'A part of the platform does not answer. What the others know is in `data`; what it would have told is null.',
    remedy: 'Ask again shortly; a mutation first for what became of it.',
    retry: 'after asking',
    status: EXECUTED,
    details: '`subgraph`: its name',
  },
  SHUTTING_DOWN: {
    meaning: 'The platform is stopping and takes nothing new. Nothing was executed.',
    remedy: 'Send it again shortly, on a new connection.',
    retry: 'later',
    status: '503',
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'A fault of the platform. What it was stands in its log under `requestId`, and nowhere else.',
    remedy: 'Report it with the `requestId`.',
    retry: 'after asking',
    status: `${EXECUTED}; 500 where not even a result could be made`,
    details: '`requestId`',
  },
} as const satisfies Readonly<Record<string, ErrorTerms>>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code);
}
