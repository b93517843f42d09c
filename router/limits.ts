/** Every bound of the router in one place. A bound that is passed is answered with an error that names it. */
export interface RouterLimits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly maxMessageBytes: number;
  /** Lexical tokens of one document. */
  readonly maxTokens: number;
  /** Nested fields, fragments followed; introspection has its own bound. */
  readonly maxDepth: number;
  /** Aliased fields, fragments followed. */
  readonly maxAliases: number;
  /** Fields at the root of the operation, fragments followed. */
  readonly maxRootFields: number;
  /** Directives in the document. */
  readonly maxDirectives: number;
  /** Documents kept parsed and validated. */
  readonly maxCachedDocuments: number;
  /** Estimated memory of the documents that are kept. */
  readonly maxCachedDocumentBytes: number;
  /** Time an HTTP request may take from its last byte to its answer. */
  readonly requestTimeoutMs: number;
  /** HTTP requests and their connections at once. */
  readonly maxConnections: number;
  readonly maxSockets: number;
  readonly maxSubscriptionsPerSocket: number;
  /** Queries and mutations of one socket that are being answered at once. */
  readonly maxInFlightPerSocket: number;
  /** Time between opening a socket and its connection_init. */
  readonly connectionInitTimeoutMs: number;
  /** Time between two pings; a socket that answers none until the next is due is cut. */
  readonly keepAliveMs: number;
  /** Bytes that may wait for a slow reader until its socket is closed. */
  readonly maxBufferedBytes: number;
  /** Time that stop() gives requests in flight to finish. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: RouterLimits = {
  maxMessageBytes: 100_000,
  maxTokens: 1_000,
  maxDepth: 10,
  maxAliases: 15,
  maxRootFields: 10,
  maxDirectives: 20,
  maxCachedDocuments: 2_000,
  maxCachedDocumentBytes: 32_000_000,
  requestTimeoutMs: 30_000,
  maxConnections: 20_000,
  maxSockets: 10_000,
  maxSubscriptionsPerSocket: 100,
  maxInFlightPerSocket: 100,
  connectionInitTimeoutMs: 3_000,
  keepAliveMs: 12_000,
  maxBufferedBytes: 1_000_000,
  drainMs: 5_000,
};
