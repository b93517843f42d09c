/** Nonces of signed requests: each is taken once for as long as its request's timestamp is good. */

export interface NonceStore {
  /** Earliest time that a request may be of, ms since 1970: of what was sent before nothing is remembered. */
  readonly sinceMs: number;
  /**
   * Returns false where the key has used the nonce already.
   * @param untilMs end of the nonce's life, ms since 1970
   * @throws NonceStoreFullError
   * @throws HistoryUnreachableError where the store is a database that is away
   */
  take(keyId: string, nonce: string, untilMs: number): boolean | Promise<boolean>;
}

/** No more nonces can be remembered now, and what cannot be remembered is not let in. */
export class NonceStoreFullError extends Error {
  override readonly name = 'NonceStoreFullError';
}
