/** Where routers count quotas together. What is counted are leases, so it is asked seldom (see router/rate-limits). */

/** The store cannot be asked now; each router counts for itself meanwhile. */
export class RateStoreUnreachableError extends Error {
  override readonly name = 'RateStoreUnreachableError';
}

export interface RateStore {
  /**
   * Returns when the leases of a caller in a class were taken, milliseconds since 1970 UTC, ascending; some may have run out.
   * @throws RateStoreUnreachableError
   */
  read(caller: string, rateClass: string): Promise<readonly number[]>;
  /**
   * Adds leases to those that are there, whoever took them meanwhile; returns all that still count.
   * @param takenAtMs at least one
   * @param windowMs how long a lease counts
   * @throws RateStoreUnreachableError
   */
  add(caller: string, rateClass: string, takenAtMs: readonly number[], windowMs: number): Promise<readonly number[]>;
}
