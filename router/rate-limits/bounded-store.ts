/** Where graphql-rate-limit keeps its timestamps: in memory, bounded in callers, forgetting what has run out. */
import { type Identity, Store } from 'graphql-rate-limit';

interface Entry {
  readonly timestamps: readonly number[];
  readonly endsAtMs: number;
}

/** Entries looked at for eviction with each write; more than one write adds, so that what ran out goes away. */
const SWEEP = 2;

/** All operations O(1) in the number of callers. */
export class BoundedStore extends Store {
  /** In the order of writing, so that the first are the first to run out. */
  readonly #entries = new Map<string, Entry>();
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor(maxEntries: number, now: () => number) {
    super();
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** Callers and classes that are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  override getForIdentity(identity: Identity): readonly number[] {
    return this.#entries.get(keyOf(identity))?.timestamps ?? [];
  }

  override setForIdentity(identity: Identity, timestamps: readonly number[], windowMs = 60_000): void {
    const key = keyOf(identity);
    this.#entries.delete(key);
    const last = timestamps[timestamps.length - 1];
    if (last !== undefined) this.#entries.set(key, { timestamps, endsAtMs: last + windowMs });
    this.#sweep();
  }

  #sweep(): void {
    const now = this.#now();
    let looked = 0;
    for (const [key, { endsAtMs }] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && (looked >= SWEEP || endsAtMs > now)) return;
      this.#entries.delete(key);
      looked += 1;
    }
  }
}

function keyOf({ contextIdentity, fieldIdentity }: Identity): string {
  return `${fieldIdentity}\n${contextIdentity}`;
}
