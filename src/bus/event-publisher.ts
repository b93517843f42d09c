/**
 * Durable events into the event log: the projector's own loop (offset, catch-up, retry with back-off, bounded buffer) with
 * the log as its store. Trading never waits for it: while the log is away events stay where they are safe, in the journal.
 */
import type { EventLog } from '../ports/bus.js';
import type { EventBatch, EventFeed } from '../ports/event-feed.js';
import type { Log } from '../ports/log.js';
import type { ReadModelStore } from '../ports/read-model-store.js';
import { createProjector, type Projector } from '../read-model/projector.js';
import type { TraceLinks } from '../telemetry/trace-links.js';
import { encodeBatches } from './messages.js';

/** Share of the longest message that a batch may take. */
const FILL = 0.6;
/** Further behind than this nobody is waiting for the events: who needs them reads the journal. */
const MAX_BEHIND_EVENTS = 50_000;

export interface EventPublisherOptions {
  readonly feed: EventFeed;
  readonly events: EventLog;
  readonly journalId: string;
  readonly maxMessageBytes: number;
  readonly log: Log;
  /** Events that belong to a trace, so that who takes them joins it; null or absent = none do. */
  readonly links?: TraceLinks | null;
}

/** Starts to publish from where the log ends. */
export function createEventPublisher(options: EventPublisherOptions): Projector {
  const publisher = createProjector({
    feed: options.feed,
    store: new EventLogStore(options),
    minIntervalMs: 0,
    maxRetryMs: 1_000,
    log: (level, message, fields) => options.log(level, `publishing events: ${message}`, fields),
  });
  publisher.start();
  return publisher;
}

class EventLogStore implements ReadModelStore {
  #published = 0;

  constructor(private readonly options: EventPublisherOptions) {}

  async offset(): Promise<number> {
    const { events, feed, journalId } = this.options;
    const kept = await events.lastSequence(journalId);
    const last = feed.lastSequence;
    this.#published = kept === null || kept < last - MAX_BEHIND_EVENTS ? last : Math.min(kept, last);
    return this.#published;
  }

  async apply(batch: EventBatch): Promise<void> {
    const { events, journalId, maxMessageBytes, links = null } = this.options;
    // Commands are answered, and their traces noted, in the turn in which their events come.
    if (links !== null) await new Promise((resolve) => setImmediate(resolve));
    const fresh = batch.events.filter(({ sequence }) => sequence > this.#published);
    for (const { first, last, bytes } of encodeBatches({ ...batch, events: fresh }, maxMessageBytes * FILL)) {
      await events.append(journalId, first, last, bytes, links?.between(first, last));
      this.#published = last;
    }
  }
}
