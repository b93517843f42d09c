/**
 * The event stream: durable batches to every follower in order, images for those who join, the past for those who ask.
 *
 * Invariants: batches are gap-free; a follower sees the image at some sequence and then every event behind it, once.
 * The exchange may be ahead of what is durable when somebody joins: the image is taken at once, held back until its last
 * event is durable, and given together with what the joining batch holds beyond it. Trading never waits.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { Exchange } from '../core/exchange/exchange.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed, PastImage, PointInTime } from '../ports/event-feed.js';
import { EventRing, sliceBatch } from './event-ring.js';
import type { EngineLimits } from './limits.js';
import type { PastEvents } from './past-events.js';
import type { PastImages } from './past-images.js';

interface Joining {
  readonly consumer: EventConsumer;
  readonly image: readonly ExchangeEvent[];
  /** The image's sequence. */
  readonly sequence: number;
  readonly resolve: (leave: () => void) => void;
  readonly reject: (error: Error) => void;
}

/** Most events in one batch that is read from the past. */
const READ_BATCH_EVENTS = 1000;

export class EventHub implements EventFeed {
  readonly #consumers = new Set<EventConsumer>();
  #joining: Joining[] = [];
  #closed: Error | null = null;
  #lastSequence: number;

  constructor(
    private readonly exchange: Exchange,
    private readonly ring: EventRing,
    private readonly past: PastEvents,
    private readonly limits: EngineLimits,
    private readonly images: PastImages,
  ) {
    this.#lastSequence = exchange.eventSequence;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Consumers that follow now. */
  get consumerCount(): number {
    return this.#consumers.size + this.#joining.length;
  }

  /**
   * Hands the batch to everybody; its events are durable.
   * @throws Error when the batch leaves a gap or a consumer threw; the others have received it all the same
   */
  publish(batch: EventBatch): void {
    if (
      batch.firstSequence !== this.#lastSequence + 1 ||
      batch.lastSequence - batch.firstSequence + 1 !== batch.events.length
    ) {
      throw new RangeError(
        `events ${batch.firstSequence} to ${batch.lastSequence} (${batch.events.length}) do not follow ${this.#lastSequence}`,
      );
    }
    this.#lastSequence = batch.lastSequence;
    this.ring.push(batch);
    const failures: unknown[] = [];
    for (const consumer of this.#consumers) {
      try {
        consumer.apply(batch);
      } catch (error) {
        failures.push(error);
        this.#consumers.delete(consumer);
      }
    }
    if (this.#joining.length > 0) this.#admit(batch, failures);
    if (failures.length > 0) throw new AggregateError(failures, 'a consumer of events failed');
  }

  /**
   * @throws EngineUnavailableError when the engine has stopped or maxConsumers follow already
   */
  async follow(consumer: EventConsumer): Promise<() => void> {
    if (this.#closed !== null) throw this.#closed;
    if (this.consumerCount >= this.limits.maxConsumers) {
      throw new EngineUnavailableError(
        `${this.limits.maxConsumers} consumers follow the events, which is the limit (maxConsumers)`,
      );
    }
    const image = this.exchange.image();
    const sequence = this.exchange.eventSequence;
    if (sequence === this.#lastSequence) {
      consumer.reset(image, sequence);
      return this.#add(consumer);
    }
    return new Promise((resolve, reject) => {
      this.#joining.push({ consumer, image, sequence, resolve, reject });
    });
  }

  /** `through` beyond the last durable event is taken as that one. */
  async *read(after: number, through: number): AsyncGenerator<EventBatch> {
    const end = Math.min(through, this.#lastSequence);
    let next = Math.max(0, after) + 1;
    while (next <= end) {
      const held = this.ring.find(next);
      if (held !== null) {
        const batch = sliceBatch(held, next, end, READ_BATCH_EVENTS);
        next = batch.lastSequence + 1;
        yield batch;
        continue;
      }
      // While this is rebuilt memory may move on; the loop then rebuilds the rest, and comes to its end.
      for await (const batch of this.past.read(
        next - 1,
        Math.min(end, this.ring.firstSequence - 1),
        READ_BATCH_EVENTS,
      )) {
        next = batch.lastSequence + 1;
        yield batch;
      }
    }
  }

  imageAt(moment: PointInTime): Promise<PastImage> {
    return this.images.at(moment);
  }

  /** Lets all consumers go and takes no new ones. */
  close(reason: Error): void {
    this.#closed = reason;
    this.#consumers.clear();
    for (const joining of this.#joining.splice(0)) joining.reject(reason);
  }

  #admit(batch: EventBatch, failures: unknown[]): void {
    const ready = this.#joining.filter((joining) => joining.sequence <= batch.lastSequence);
    this.#joining = this.#joining.filter((joining) => joining.sequence > batch.lastSequence);
    for (const { consumer, image, sequence, resolve, reject } of ready) {
      try {
        consumer.reset(image, sequence);
        if (sequence < batch.lastSequence) consumer.apply(sliceBatch(batch, sequence + 1, batch.lastSequence));
        resolve(this.#add(consumer));
      } catch (error) {
        failures.push(error);
        reject(error as Error);
      }
    }
  }

  #add(consumer: EventConsumer): () => void {
    this.#consumers.add(consumer);
    return () => {
      this.#consumers.delete(consumer);
    };
  }
}
