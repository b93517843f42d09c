/** The newest batches in memory, bounded by their events; what is older is rebuilt from the journal. */
import type { EventBatch } from '../ports/event-feed.js';

export class EventRing {
  /** Batches from #head on; the part before it is given up in one go, so that dropping stays O(1) amortised. */
  #batches: EventBatch[] = [];
  #head = 0;
  #events = 0;

  /** @param capacity events to keep; the newest batch is kept whatever its size */
  constructor(private readonly capacity: number) {}

  /** First sequence that is still held; Infinity when nothing is. */
  get firstSequence(): number {
    return this.#batches[this.#head]?.firstSequence ?? Number.POSITIVE_INFINITY;
  }

  /** Gives everything up. */
  clear(): void {
    this.#batches = [];
    this.#head = 0;
    this.#events = 0;
  }

  push(batch: EventBatch): void {
    this.#batches.push(batch);
    this.#events += batch.events.length;
    while (this.#events > this.capacity && this.#batches.length - this.#head > 1) {
      this.#events -= this.#batches[this.#head]?.events.length ?? 0;
      this.#head += 1;
    }
    if (this.#head > 64 && this.#head * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Returns the batch that holds the sequence, or null when it is not in memory. */
  find(sequence: number): EventBatch | null {
    let low = this.#head;
    let high = this.#batches.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const batch = this.#batches[middle];
      if (batch === undefined) return null;
      if (sequence < batch.firstSequence) high = middle - 1;
      else if (sequence > batch.lastSequence) low = middle + 1;
      else return batch;
    }
    return null;
  }
}

/** The part of a batch with `from` ≤ sequence ≤ `through`, at most `most` events; both ends overlap the batch. */
export function sliceBatch(
  batch: EventBatch,
  from: number,
  through: number,
  most = Number.POSITIVE_INFINITY,
): EventBatch {
  const firstSequence = Math.max(from, batch.firstSequence);
  const lastSequence = Math.min(through, batch.lastSequence, firstSequence + most - 1);
  if (firstSequence === batch.firstSequence && lastSequence === batch.lastSequence) return batch;
  const start = firstSequence - batch.firstSequence;
  return { firstSequence, lastSequence, events: batch.events.slice(start, start + lastSequence - firstSequence + 1) };
}
