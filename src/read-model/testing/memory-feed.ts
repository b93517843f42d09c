/** An event feed over batches that a test has: it publishes when told, remembers all, and can be asked how it was used. */
import {
  type EventBatch,
  type EventConsumer,
  type EventFeed,
  HistoryUnavailableError,
} from '../../ports/event-feed.js';

export class MemoryFeed implements EventFeed {
  /** Ranges that were read, as [after, through]. */
  readonly reads: [number, number][] = [];
  /** First sequence that can be read. */
  firstAvailable = 1;
  readonly #consumers = new Set<EventConsumer>();
  #published = 0;

  /** @param batches all that will ever be published */
  constructor(readonly batches: readonly EventBatch[]) {}

  get lastSequence(): number {
    return this.batches[this.#published - 1]?.lastSequence ?? 0;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Publishes the next batches to everybody who follows. */
  publish(count: number): void {
    for (const batch of this.batches.slice(this.#published, this.#published + count)) {
      this.#published += 1;
      for (const consumer of this.#consumers) consumer.apply(batch);
    }
  }

  publishAll(): void {
    this.publish(this.batches.length - this.#published);
  }

  async follow(consumer: EventConsumer): Promise<() => void> {
    consumer.reset([], this.lastSequence);
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  async *read(after: number, through: number): AsyncIterable<EventBatch> {
    this.reads.push([after, through]);
    if (after + 1 < this.firstAvailable && after < through) throw new HistoryUnavailableError(this.firstAvailable);
    for (const batch of this.batches) {
      if (batch.lastSequence <= after) continue;
      if (batch.firstSequence > through) return;
      const events = batch.events.filter(({ sequence }) => sequence > after && sequence <= through);
      yield { firstSequence: events[0]?.sequence ?? 0, lastSequence: events.at(-1)?.sequence ?? 0, events };
    }
  }
}
