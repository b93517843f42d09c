/**
 * The state as it was: a snapshot at or before a moment and the journal behind it, replayed up to the moment in an exchange of
 * its own. Bounded: one rebuild at a time, a few that wait, so many commands each, and the last images kept.
 */
import type { Exchange, ExchangeOptions } from '../core/exchange/exchange.js';
import { EngineUnavailableError } from '../ports/engine-client.js';
import { HistoryUnavailableError, type PastImage, type PointInTime, RewindLimitError } from '../ports/event-feed.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import { replayGroup } from './replay.js';
import { Semaphore } from './semaphore.js';
import { startFromSnapshot } from './snapshot-start.js';

export interface PastImagesOptions {
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  readonly exchange?: ExchangeOptions;
  /** Most commands that one rebuild replays. */
  readonly maxRewindCommands: number;
  readonly log: Log;
}

const MAX_WAITING = 8;
const MAX_KEPT = 4;
/** Longest time that a replay keeps the event loop. */
const SLICE_MS = 4;

export class PastImages {
  readonly #turns = new Semaphore(
    1,
    MAX_WAITING,
    () =>
      new EngineUnavailableError(`${MAX_WAITING} readers wait for past states, which is the limit; try again later`),
  );
  /** By what was asked for, the newest last. */
  readonly #kept = new Map<string, PastImage>();

  constructor(private readonly options: PastImagesOptions) {}

  /**
   * The state after the command that the moment's event belongs to, or after the last command of no later time.
   * @throws RewindLimitError when no snapshot is near enough
   * @throws HistoryUnavailableError when the journal begins behind the moment
   */
  async at(moment: PointInTime): Promise<PastImage> {
    await this.#turns.acquire();
    try {
      const key = 'sequence' in moment ? `s${moment.sequence}` : `t${moment.timeUs}`;
      const kept = this.#kept.get(key);
      if (kept !== undefined) return kept;
      const image = await this.#rebuild(moment);
      this.#kept.set(key, image);
      if (this.#kept.size > MAX_KEPT) {
        for (const oldest of this.#kept.keys()) {
          this.#kept.delete(oldest);
          break;
        }
      }
      return image;
    } finally {
      this.#turns.release();
    }
  }

  async #rebuild(moment: PointInTime): Promise<PastImage> {
    const { maxRewindCommands, journal } = this.options;
    const exchange = await this.#startBefore(moment);
    const isReached = 'sequence' in moment ? () => exchange.eventSequence >= moment.sequence : () => false;
    const isBeyond = 'timeUs' in moment ? (timeUs: number) => timeUs > moment.timeUs : () => false;
    let replayed = 0;
    let sliceStartMs = performance.now();
    if (isReached()) return imageOf(exchange);
    for await (const group of journal.read(exchange.commandSequence)) {
      if (group.firstSequence > exchange.commandSequence + 1)
        throw new HistoryUnavailableError(exchange.eventSequence + 1);
      const before = exchange.commandSequence;
      for (const _ of replayGroup(exchange, group, (record) => isBeyond(record.timeUs))) {
        exchange.takeEvents();
        replayed += 1;
        if (isReached()) return imageOf(exchange);
        if (replayed >= maxRewindCommands) throw new RewindLimitError(maxRewindCommands);
      }
      if (exchange.commandSequence < group.firstSequence + group.count - 1 || exchange.commandSequence === before) {
        return imageOf(exchange);
      }
      if (performance.now() - sliceStartMs > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceStartMs = performance.now();
      }
    }
    return imageOf(exchange);
  }

  #startBefore(moment: PointInTime): Promise<Exchange> {
    if ('sequence' in moment) return startFromSnapshot(this.options, (info) => info.eventSequence <= moment.sequence);
    return startFromSnapshot(
      this.options,
      () => true,
      ({ timeUs }) => timeUs <= moment.timeUs,
    );
  }
}

function imageOf(exchange: Exchange): PastImage {
  const { commandSequence, eventSequence: sequence, timeUs } = exchange;
  return { commandSequence, sequence, timeUs, events: exchange.image() };
}
