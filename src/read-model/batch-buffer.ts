/**
 * Consecutive event batches, bounded by the number of events: what does not fit drops all that waits, since a buffer
 * with a hole is of no use and its events can be read again.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { EventBatch } from '../ports/event-feed.js';

export class BatchBuffer {
  readonly #maxEvents: number;
  #batches: EventBatch[] = [];
  #size = 0;
  #lastSequence = 0;

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** Number of events that wait. */
  get size(): number {
    return this.#size;
  }

  /** Sequence of the newest event ever pushed, waiting or not. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Sequence of the oldest event that waits; one above the newest where none does. */
  get firstSequence(): number {
    return this.#batches[0]?.firstSequence ?? this.#lastSequence + 1;
  }

  /** Empties it and goes on behind the sequence. */
  restart(sequence: number): void {
    this.clear();
    this.#lastSequence = sequence;
  }

  clear(): void {
    this.#batches = [];
    this.#size = 0;
  }

  /** Takes the next batch in. */
  push(batch: EventBatch): void {
    if (this.#size + batch.events.length > this.#maxEvents) this.clear();
    else {
      this.#batches.push(batch);
      this.#size += batch.events.length;
    }
    this.#lastSequence = batch.lastSequence;
  }

  /**
   * Takes the events that follow the sequence out, merged into one batch of about `maxEvents` (whole batches, at least one).
   * @returns null where the next event does not wait here
   */
  take(after: number, maxEvents: number): EventBatch | null {
    while ((this.#batches[0]?.lastSequence ?? after + 1) <= after) this.#shift();
    const first = this.#batches[0];
    if (first === undefined || first.firstSequence > after + 1) return null;
    const events: ExchangeEvent[] = [];
    let lastSequence = after;
    for (let next: EventBatch | undefined = first; next !== undefined; next = this.#batches[0]) {
      if (events.length > 0 && events.length + next.events.length > maxEvents) break;
      for (const event of next.events) events.push(event);
      lastSequence = next.lastSequence;
      this.#shift();
    }
    return { firstSequence: first.firstSequence, lastSequence, events };
  }

  #shift(): void {
    this.#size -= this.#batches.shift()?.events.length ?? 0;
  }
}
