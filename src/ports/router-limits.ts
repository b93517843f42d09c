/**
 * Every bound of the router: its default, the range that an operator may choose from, and what passing it answers.
 *
 * The configuration reads each from its variable (see limitVariable), the router holds to it, docs/limits.md lists it.
 */

export interface LimitTerms {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** What is bounded, with its unit. */
  readonly what: string;
  /** What a client that passes it gets. */
  readonly answer: string;
}

const limit = (fallback: number, min: number, max: number, what: string, answer: string): LimitTerms => ({
  default: fallback,
  min,
  max,
  what,
  answer,
});

const EXCEEDED = '`LIMIT_EXCEEDED`';

export const ROUTER_LIMITS = {
  maxMessageBytes: limit(
    100_000,
    1_000,
    20_000_000,
    'bytes of one HTTP body or WebSocket message',
    `413 with ${EXCEEDED}; over WebSocket the close code 1009`,
  ),
  maxTokens: limit(1_000, 50, 1_000, 'lexical tokens of one document', EXCEEDED),
  maxDepth: limit(10, 2, 50, 'nested fields, fragments followed; introspection has a bound of its own, 20', EXCEEDED),
  maxAliases: limit(15, 0, 1_000, 'aliased fields, fragments followed', EXCEEDED),
  maxRootFields: limit(10, 1, 100, 'fields at the root of the operation, fragments followed', EXCEEDED),
  maxDirectives: limit(20, 0, 1_000, 'directives in the document', EXCEEDED),
  maxCost: limit(
    5_000,
    10,
    10_000_000,
    'static cost of one operation: objects that it may return, 10 for each mutation',
    `${EXCEEDED} with the estimate as \`cost\``,
  ),
  maxCachedDocuments: limit(2_000, 1, 100_000, 'documents kept parsed and validated', 'the least used is forgotten'),
  maxCachedDocumentBytes: limit(
    32_000_000,
    100_000,
    1_000_000_000,
    'estimated memory of the documents that are kept, bytes',
    'the least used is forgotten',
  ),
  requestTimeoutMs: limit(
    30_000,
    10,
    600_000,
    'time from a request’s last byte to its answer, ms',
    '`TIMEOUT`; for a mutation `OUTCOME_UNKNOWN`',
  ),
  headersTimeoutMs: limit(10_000, 100, 120_000, 'time to send the headers of a request, ms', '408, then cut'),
  bodyTimeoutMs: limit(30_000, 100, 600_000, 'time to send a whole request, ms', '408, then cut'),
  keepAliveTimeoutMs: limit(65_000, 100, 600_000, 'time that an idle HTTP connection is kept, ms', 'closed'),
  maxHeaderBytes: limit(16_384, 1_024, 65_536, 'bytes of the headers of one request', '431, then cut'),
  maxConnections: limit(20_000, 1, 1_000_000, 'connections at once', 'not accepted'),
  maxSockets: limit(10_000, 1, 1_000_000, 'WebSockets at once', '503'),
  maxSocketsPerAddress: limit(1_000, 1, 1_000_000, 'WebSockets of one IP address at once (IPv6: one /64)', '429'),
  maxSocketsPerUser: limit(100, 1, 1_000_000, 'WebSockets of one user at once', 'the close code 4429'),
  maxSubscriptionsPerSocket: limit(100, 1, 10_000, 'open subscriptions of one socket', EXCEEDED),
  maxInFlightPerSocket: limit(100, 1, 100_000, 'queries and mutations of one socket at once', EXCEEDED),
  connectionInitTimeoutMs: limit(
    3_000,
    100,
    60_000,
    'time between opening a socket and its connection_init, ms',
    'the close code 4408',
  ),
  keepAliveMs: limit(
    12_000,
    500,
    300_000,
    'time between two pings, ms; a socket that answers none until the next is due is cut',
    'cut',
  ),
  maxBufferedBytes: limit(
    1_000_000,
    10_000,
    1_000_000_000,
    'bytes that may wait for a slow reader',
    'the close code 4413',
  ),
  drainMs: limit(5_000, 0, 600_000, 'time that a stop gives requests in flight, ms', 'connection closed'),
  compressFromBytes: limit(
    1_400,
    0,
    1_000_000_000,
    'smallest answer over HTTP that is compressed (br or gzip, as the client accepts), bytes',
    'sent as it is',
  ),
  rateWindowMs: limit(10_000, 100, 3_600_000, 'window of the rate limits, ms', '`RATE_LIMITED`'),
  maxRateKeys: limit(
    20_000,
    10,
    10_000_000,
    'callers whose rates are remembered, for each class of operations',
    'the least recently seen is forgotten',
  ),
  signatureWindowMs: limit(
    30_000,
    1_000,
    300_000,
    'by how much the timestamp of a signed request may differ from the router’s clock, ms',
    '`UNAUTHENTICATED`',
  ),
  maxNonces: limit(
    200_000,
    100,
    10_000_000,
    'nonces of signed requests that are remembered, each for as long as its timestamp is good',
    '`UNAUTHENTICATED` until the oldest are out of the window',
  ),
  maxAuditEntries: limit(
    20_000,
    100,
    1_000_000,
    'entries of the audit log that wait for the database',
    'left out and counted, or `AUDIT_UNAVAILABLE` with `TRADSYS_AUDIT_WHEN_FULL=refuse`',
  ),
} as const satisfies Readonly<Record<string, LimitTerms>>;

export type RouterLimitName = keyof typeof ROUTER_LIMITS;
export type RouterLimits = { readonly [Name in RouterLimitName]: number };

export const DEFAULT_LIMITS: RouterLimits = Object.fromEntries(
  Object.entries(ROUTER_LIMITS).map(([name, terms]) => [name, terms.default]),
) as RouterLimits;

/** Returns the environment variable of a limit: maxTokens → TRADSYS_LIMIT_MAX_TOKENS. */
export function limitVariable(name: RouterLimitName): string {
  return `TRADSYS_LIMIT_${toVariable(name)}`;
}

/** Classes of operations, each with a quota of its own for each caller (user, or IP address where there is none). */
export const RATE_CLASSES = {
  marketData: 'public market data: queries that market data answers alone, and starts of such subscriptions',
  queries: 'other queries and starts of subscriptions; each field at the root counts',
  mutations: 'mutations other than order entry; each field at the root counts',
  orderEntry: 'placing, changing and canceling orders; each item of a batch counts',
  refusals: 'by IP address: documents that are refused and tokens that prove nothing',
} as const;
export type RateClass = keyof typeof RATE_CLASSES;

/** Operations of a class that a caller may send in one window. */
export type RateLimits = { readonly [Class in RateClass]: number };

export const PRODUCTION_RATES: RateLimits = {
  marketData: 2_000,
  queries: 2_000,
  mutations: 500,
  orderEntry: 5_000,
  refusals: 500,
};

/** Above what one process serves, so that a load test on one's own machine measures the platform. */
export const DEVELOPMENT_RATES: RateLimits = {
  marketData: 1_000_000,
  queries: 1_000_000,
  mutations: 1_000_000,
  orderEntry: 1_000_000,
  refusals: 1_000_000,
};

export const MIN_RATE = 1;
export const MAX_RATE = 1_000_000_000;

/** Returns the environment variable of a quota: orderEntry → TRADSYS_RATE_ORDER_ENTRY. */
export function rateVariable(name: RateClass): string {
  return `TRADSYS_RATE_${toVariable(name)}`;
}

function toVariable(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
