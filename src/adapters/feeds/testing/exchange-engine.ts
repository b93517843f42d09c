/** A real exchange behind the engine's ports, without journal or clock: for tests that need millions of commands or their own time. */
import type { Command, PlaceOrder } from '../../../core/exchange/command.js';
import type { ExchangeEvent } from '../../../core/exchange/event.js';
import { Exchange, type OrderPreview, type QueuePosition } from '../../../core/exchange/exchange.js';
import { START_US } from '../../../core/testing/fixtures.js';
import type { CommandOutcome, EngineClient, EngineQueries } from '../../../ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../../ports/event-feed.js';

export class ExchangeEngine implements EngineClient, EngineQueries, EventFeed {
  readonly exchange = new Exchange();
  timeUs = START_US;
  /** Every command submitted so far. */
  submitted = 0;
  /** Thrown by the next submissions, one each. */
  readonly faults: Error[] = [];
  readonly #consumers = new Set<EventConsumer>();

  get lastSequence(): number {
    return this.exchange.eventSequence;
  }

  async submit(command: Command): Promise<CommandOutcome> {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    const events = this.send(command);
    return {
      commandSequence: this.exchange.commandSequence,
      lastSequence: this.exchange.eventSequence,
      timeUs: this.timeUs,
      events,
    };
  }

  async preview(command: PlaceOrder): Promise<OrderPreview> {
    return this.exchange.preview(command, this.timeUs);
  }

  async queuePositions(orderIds: readonly number[]): Promise<readonly (QueuePosition | null)[]> {
    return this.exchange.queuePositions(orderIds);
  }

  /** Applies a command now and returns its events. */
  send(command: Command): ExchangeEvent[] {
    this.submitted += 1;
    this.timeUs += 1;
    const firstSequence = this.exchange.eventSequence + 1;
    this.exchange.apply(command, this.timeUs);
    const events = this.exchange.takeEvents();
    const batch: EventBatch = { firstSequence, lastSequence: this.exchange.eventSequence, events };
    if (events.length > 0) for (const consumer of this.#consumers) consumer.apply(batch);
    return events;
  }

  async follow(consumer: EventConsumer): Promise<() => void> {
    consumer.reset(this.exchange.image(), this.exchange.eventSequence);
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  get followers(): number {
    return this.#consumers.size;
  }

  read(): AsyncIterable<EventBatch> {
    throw new Error('this engine keeps no past events');
  }
}
