/**
 * Rate limits: so many operations of a class for each caller in a sliding window, counted by graphql-rate-limit.
 *
 * A caller takes its quota in leases of a twentieth: one entry in the store stands for a whole lease, which is then drawn from
 * a counter. So a store costs little however large the quota is, also one that is shared over a network, and the way of
 * most operations is one look into a map. A quota up to 39 is leased one by one and is exact; of a larger one at most
 * a lease more may pass within a window, since what is left of a lease stays valid as long as the lease does.
 */

import type { GraphQLResolveInfo } from 'graphql';
import { getGraphQLRateLimiter, type Store } from 'graphql-rate-limit';
import type { RateClass, RateLimits } from '../limits.js';
import { LruCache } from '../lru-cache.js';

/** Where a caller stands in a class. */
export interface Quota {
  readonly rateClass: RateClass;
  /** Operations in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** At least so many are left now. */
  readonly remaining: number;
  /** Time until the whole quota is there again if nothing more is taken. */
  readonly resetMs: number;
}

export interface Decision {
  readonly quota: Quota;
  /** 0: allowed; otherwise the time after which the same will be allowed if nothing else is taken. */
  readonly retryAfterMs: number;
}

export interface RateLimiterOptions {
  readonly rates: RateLimits;
  readonly windowMs: number;
  readonly store: Store;
  /** Callers that are remembered, for each class. */
  readonly maxKeys: number;
  readonly now?: () => number;
}

const LEASES = 20;

interface Terms {
  readonly rateClass: RateClass;
  readonly limit: number;
  readonly leaseSize: number;
  readonly maxLeases: number;
  readonly accounts: LruCache<Account>;
}

/** What is known here of one caller in one class. */
interface Account {
  readonly key: string;
  /** Left of the newest lease. */
  left: number;
  leaseEndsAtMs: number;
  /** Leases that were still to be had when one was taken last. */
  leasesLeft: number;
  /** Until then nothing of this weight or more is to be had. */
  refusedUntilMs: number;
  refusedWeight: number;
  /** The last of those who wait for a lease; one at a time, since the store is read and then written. */
  waiting: Promise<unknown> | null;
}

type Ask = ReturnType<typeof getGraphQLRateLimiter>;

export class RateLimiter {
  readonly #windowMs: number;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #terms: Readonly<Record<RateClass, Terms>>;
  readonly #ask: Ask;

  constructor({ rates, windowMs, store, maxKeys, now = Date.now }: RateLimiterOptions) {
    this.#windowMs = windowMs;
    this.#store = store;
    this.#now = now;
    const terms = (rateClass: RateClass): Terms => {
      const limit = rates[rateClass];
      const leaseSize = Math.max(1, Math.floor(limit / LEASES));
      const maxLeases = Math.floor(limit / leaseSize);
      return { rateClass, limit, leaseSize, maxLeases, accounts: new LruCache<Account>(maxKeys, maxKeys) };
    };
    this.#terms = {
      marketData: terms('marketData'),
      queries: terms('queries'),
      mutations: terms('mutations'),
      orderEntry: terms('orderEntry'),
      refusals: terms('refusals'),
    };
    this.#ask = getGraphQLRateLimiter({
      store,
      identifyContext: (context: { key: string }) => context.key,
    });
  }

  /**
   * Takes so many operations from the caller's quota, all of them or none. What weighs more than the whole quota takes all of it.
   * @param weight at least 1
   */
  take(key: string, rateClass: RateClass, weight: number): Decision | Promise<Decision> {
    const terms = this.#terms[rateClass];
    const bounded = Math.min(weight, terms.leaseSize * terms.maxLeases);
    const account = accountOf(terms, key);
    if (account.waiting === null) {
      const now = this.#now();
      if (this.#draw(account, bounded, now)) return { quota: this.#quota(terms, account, now), retryAfterMs: 0 };
      if (account.refusedUntilMs > now && bounded >= account.refusedWeight) return this.#refusal(terms, account, now);
    }
    return this.#takeInTurn(terms, account, bounded);
  }

  /** Returns the refusal that a caller would meet who has nothing left, or null. Takes nothing. */
  refusal(key: string, rateClass: RateClass): Decision | null {
    const terms = this.#terms[rateClass];
    const account = terms.accounts.get(key);
    const now = this.#now();
    return account !== undefined && account.refusedUntilMs > now && account.refusedWeight === 1
      ? this.#refusal(terms, account, now)
      : null;
  }

  #draw(account: Account, weight: number, now: number): boolean {
    if (account.left < weight || account.leaseEndsAtMs <= now) return false;
    account.left -= weight;
    return true;
  }

  async #takeInTurn(terms: Terms, account: Account, weight: number): Promise<Decision> {
    const before = account.waiting;
    const turn = (before ?? Promise.resolve()).then(() => this.#lease(terms, account, weight));
    // Whoever comes next waits for this turn, whatever became of it.
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    account.waiting = settled;
    try {
      return await turn;
    } finally {
      if (account.waiting === settled) account.waiting = null;
    }
  }

  async #lease(terms: Terms, account: Account, weight: number): Promise<Decision> {
    const now = this.#now();
    if (this.#draw(account, weight, now)) return { quota: this.#quota(terms, account, now), retryAfterMs: 0 };
    const left = account.leaseEndsAtMs > now ? account.left : 0;
    const leases = Math.ceil((weight - left) / terms.leaseSize);
    const refused = await this.#ask(
      {
        parent: undefined,
        args: { leases: { length: leases } },
        context: { key: account.key },
        // The limiter reads nothing but the name by which it counts.
        info: { fieldName: terms.rateClass } as GraphQLResolveInfo,
      },
      { max: terms.maxLeases, window: `${this.#windowMs}ms`, arrayLengthField: 'leases', uncountRejected: true },
    );
    const held = await this.#held(terms, account);
    account.leasesLeft = terms.maxLeases - held.length;
    if (refused === undefined) {
      account.left = left + leases * terms.leaseSize - weight;
      account.leaseEndsAtMs = now + this.#windowMs;
      account.refusedUntilMs = 0;
      return { quota: this.#quota(terms, account, now), retryAfterMs: 0 };
    }
    // Free again when the oldest leases that stand in the way have run out.
    const inTheWay = held[leases - account.leasesLeft - 1] ?? now;
    account.refusedUntilMs = Math.max(inTheWay + this.#windowMs, now + 1);
    account.refusedWeight = weight;
    return this.#refusal(terms, account, now);
  }

  async #held({ rateClass }: Terms, { key }: Account): Promise<readonly number[]> {
    const since = this.#now() - this.#windowMs;
    const timestamps = await this.#store.getForIdentity({ contextIdentity: key, fieldIdentity: rateClass });
    return timestamps.filter((timestamp) => timestamp > since);
  }

  #quota({ rateClass, limit, leaseSize }: Terms, account: Account, now: number): Quota {
    return {
      rateClass,
      limit,
      windowMs: this.#windowMs,
      remaining: account.leasesLeft * leaseSize + (account.leaseEndsAtMs > now ? account.left : 0),
      resetMs: Math.max(0, account.leaseEndsAtMs - now),
    };
  }

  #refusal(terms: Terms, account: Account, now: number): Decision {
    return { quota: this.#quota(terms, account, now), retryAfterMs: account.refusedUntilMs - now };
  }
}

function accountOf({ accounts, maxLeases }: Terms, key: string): Account {
  const known = accounts.get(key);
  if (known !== undefined) return known;
  const account: Account = {
    key,
    left: 0,
    leaseEndsAtMs: 0,
    leasesLeft: maxLeases,
    refusedUntilMs: 0,
    refusedWeight: 0,
    waiting: null,
  };
  accounts.set(key, account, 1);
  return account;
}
