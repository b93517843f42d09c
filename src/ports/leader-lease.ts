/**
 * Who leads: a lease with an epoch. The epoch rises with each takeover and is checked by every write to the journal, so
 * that it does not matter when a leader learns that it was deposed: from the takeover on it can write nothing.
 */

/** How the lease stands. Time is measured by whoever looks: a holder that lives changes `renewals`. */
export interface LeaseState {
  /** Names the journal that the lease belongs to. */
  readonly journalId: string;
  readonly epoch: number;
  /** Engine that holds it, as it calls itself; empty = given back. */
  readonly holder: string;
  readonly renewals: number;
}

export interface LeaderLease {
  /** @throws Error while the store cannot be reached */
  read(): Promise<LeaseState>;
  /**
   * Takes the lease over, provided that it still stands as it was seen.
   * @returns the new epoch; null where somebody else was quicker, or its holder lives after all
   */
  take(seen: LeaseState, holder: string): Promise<number | null>;
  /** Tells that the holder lives. @returns false where the epoch is no longer the current one */
  renew(epoch: number): Promise<boolean>;
  /** Gives the lease back, so that the next leader need not wait; changes nothing where it is another's. */
  release(epoch: number): Promise<void>;
  close(): Promise<void>;
}
