/**
 * Events that memory no longer holds, made again: a snapshot at or before them and the journal behind it, replayed in
 * an exchange of its own. The core is deterministic, so that the events are the ones that were published.
 *
 * Cost: the replay of every command since that snapshot; snapshots are few, so that far back this may be the whole
 * journal. It runs in slices and lets the event loop go between them, since trading goes on beside it.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { ExchangeOptions } from '../core/exchange/exchange.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import { type EventBatch, HistoryUnavailableError } from '../ports/event-feed.js';
import { type Journal, JournalCorruptError } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import type { EngineLimits } from './limits.js';
import { replayGroup } from './replay.js';
import { Semaphore } from './semaphore.js';
import { startFromSnapshot } from './snapshot-start.js';

export interface PastEventsOptions {
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  readonly exchange?: ExchangeOptions;
  readonly limits: EngineLimits;
  readonly log: Log;
}

/** Longest time that a replay keeps the event loop. */
const SLICE_MS = 4;

export class PastEvents {
  readonly #turns: Semaphore;

  constructor(private readonly options: PastEventsOptions) {
    const { maxRebuilds, maxWaitingRebuilds } = options.limits;
    this.#turns = new Semaphore(
      maxRebuilds,
      maxWaitingRebuilds,
      () =>
        new EngineUnavailableError(
          `${maxWaitingRebuilds} readers wait for past events, which is the limit (maxWaitingRebuilds); try again later`,
        ),
    );
  }

  /**
   * Yields the events with `after` < sequence ≤ `through` in batches of about `most`; all of them are durable.
   * @throws HistoryUnavailableError when the journal begins behind them and no snapshot closes the gap
   */
  async *read(after: number, through: number, most: number): AsyncGenerator<EventBatch> {
    await this.#turns.acquire();
    try {
      yield* this.#replay(after, through, most);
    } finally {
      this.#turns.release();
    }
  }

  async *#replay(after: number, through: number, most: number): AsyncGenerator<EventBatch> {
    const exchange = await startFromSnapshot(this.options, (info) => info.eventSequence <= after);
    const startSequence = exchange.commandSequence;
    let events: ExchangeEvent[] = [];
    let sliceStartMs = performance.now();
    for await (const group of this.options.journal.read(startSequence)) {
      if (group.firstSequence > exchange.commandSequence + 1) await this.#refuse();
      for (const _ of replayGroup(exchange, group)) {
        if (exchange.eventSequence > after) {
          for (const event of exchange.takeEvents()) {
            if (event.sequence > after && event.sequence <= through) events.push(event);
          }
        }
        if (events.length >= most || exchange.eventSequence >= through) {
          if (events.length > 0) yield batchOf(events);
          events = [];
          if (exchange.eventSequence >= through) return;
        }
        if (performance.now() - sliceStartMs > SLICE_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          sliceStartMs = performance.now();
        }
      }
    }
    throw new JournalCorruptError(
      `replaying the journal gives ${exchange.eventSequence} events where at least ${through} were published`,
    );
  }

  /** @throws HistoryUnavailableError with the first event behind the oldest snapshot: from there on replay works */
  async #refuse(): Promise<never> {
    const oldest = (await this.options.snapshots.list())[0];
    throw new HistoryUnavailableError((oldest?.eventSequence ?? 0) + 1);
  }
}

function batchOf(events: readonly ExchangeEvent[]): EventBatch {
  const firstSequence = events[0]?.sequence ?? 0;
  return { firstSequence, lastSequence: firstSequence + events.length - 1, events };
}
