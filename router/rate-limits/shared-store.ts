/**
 * graphql-rate-limit's store over one that several routers share.
 *
 * The limiter reads all timestamps and writes all of them back; two routers that do so at once would lose what one of
 * them counted. So only what is new is written, and the shared store adds it to whatever is there. Between reading and
 * adding another router may take the last lease too: each may let one lease more pass, never lose one.
 *
 * While the shared store cannot be reached quotas are counted here alone: a database that is down stops nobody.
 */
import { createHash } from 'node:crypto';
import { type Identity, Store } from 'graphql-rate-limit';
import type { Log } from '../../src/ports/log.js';
import { type RateStore, RateStoreUnreachableError } from '../../src/ports/rate-store.js';
import type { BoundedStore } from './bounded-store.js';

/** Callers with longer names are counted by their digest: a name out of a token may be of any length. */
const MAX_NAME_LENGTH = 128;
/** Said once in this time, however many requests meet it. */
const COMPLAIN_EVERY_MS = 60_000;

export class SharedStore extends Store {
  readonly #shared: RateStore;
  readonly #own: BoundedStore;
  readonly #log: Log;
  /** What was read and is not written back yet; a caller's turns come one after another. */
  readonly #read = new Map<string, readonly number[]>();
  /** What is known after writing, for the limiter's next look. */
  readonly #known = new Map<string, readonly number[]>();
  #complainedAtMs = Number.NEGATIVE_INFINITY;

  constructor(shared: RateStore, own: BoundedStore, log: Log) {
    super();
    this.#shared = shared;
    this.#own = own;
    this.#log = log;
  }

  override async getForIdentity(identity: Identity): Promise<readonly number[]> {
    const key = keyOf(identity);
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      return known;
    }
    const read = await this.#asking(
      () => this.#shared.read(nameOf(identity), identity.fieldIdentity),
      () => this.#own.getForIdentity(identity),
    );
    this.#read.set(key, read);
    return read;
  }

  override async setForIdentity(identity: Identity, timestamps: readonly number[], windowMs = 60_000): Promise<void> {
    const key = keyOf(identity);
    const before = this.#read.get(key) ?? [];
    this.#read.delete(key);
    this.#own.setForIdentity(identity, timestamps, windowMs);
    const added = without(timestamps, before);
    const after =
      added.length === 0
        ? before
        : await this.#asking(
            () => this.#shared.add(nameOf(identity), identity.fieldIdentity, added, windowMs),
            () => timestamps,
          );
    this.#known.set(key, after);
  }

  async #asking(ask: () => Promise<readonly number[]>, otherwise: () => readonly number[]): Promise<readonly number[]> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RateStoreUnreachableError)) throw error;
      const now = Date.now();
      if (now - this.#complainedAtMs >= COMPLAIN_EVERY_MS) {
        this.#complainedAtMs = now;
        this.#log('warn', 'quotas are counted by this router alone', {
          error: error.message,
          cause: String(error.cause),
        });
      }
      return otherwise();
    }
  }
}

function keyOf({ contextIdentity, fieldIdentity }: Identity): string {
  return `${fieldIdentity}\n${contextIdentity}`;
}

function nameOf({ contextIdentity }: Identity): string {
  return contextIdentity.length <= MAX_NAME_LENGTH
    ? contextIdentity
    : `sha256:${createHash('sha256').update(contextIdentity).digest('hex')}`;
}

/** Items of one list that the other does not have, each as often as it is there more often. */
function without(list: readonly number[], others: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const other of others) counts.set(other, (counts.get(other) ?? 0) + 1);
  return list.filter((item) => {
    const left = counts.get(item) ?? 0;
    if (left > 0) counts.set(item, left - 1);
    return left === 0;
  });
}
