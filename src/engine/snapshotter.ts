/**
 * Takes snapshots while trading goes on, each only once every command in it is durable, so that none is ever ahead of the
 * journal.
 *
 * With a maker the state is worked out anew from the journal beside the trading thread, which does not pause for it. That
 * is a check too: what the journal gives back has to end with the event that trading ended with. Without a maker, at the
 * stop, and where the maker fails, the bytes are written in one go between two turns.
 */
import type { Exchange } from '../core/exchange/exchange.js';
import type { Log } from '../ports/log.js';
import { SnapshotDivergedError, type SnapshotMaker } from '../ports/snapshot-maker.js';
import type { SnapshotInfo, SnapshotStore } from '../ports/snapshot-store.js';

export interface SnapshotterOptions {
  readonly exchange: Exchange;
  readonly snapshots: SnapshotStore;
  /** Commands between two snapshots; 0 = none but on demand. */
  readonly everyCommands: number;
  /** Command of the newest snapshot so far. */
  readonly lastCommandSequence: number;
  readonly whenDurable: () => Promise<void>;
  /** null = all snapshots are taken in the trading thread. */
  readonly maker: SnapshotMaker | null;
  /** Told where replaying the journal ends otherwise than trading did: what was answered can't be given back. */
  readonly onDiverged: (error: SnapshotDivergedError) => void;
  readonly log: Log;
}

export interface SnapshotCounters {
  saved: number;
  failed: number;
  /** Last command in the newest snapshot. */
  lastCommandSequence: number;
  lastBytes: number;
  /** How long taking the bytes kept the trading thread, milliseconds; 0 where they were made beside it. */
  lastTakeMs: number;
}

export class Snapshotter {
  readonly counters: SnapshotCounters;
  #saving: Promise<void> | null = null;
  /** Command from which the next periodic snapshot is tried. */
  #nextAt: number;
  readonly #stopping = new AbortController();

  constructor(private readonly options: SnapshotterOptions) {
    this.counters = {
      saved: 0,
      failed: 0,
      lastCommandSequence: options.lastCommandSequence,
      lastBytes: 0,
      lastTakeMs: 0,
    };
    this.#nextAt = options.lastCommandSequence + options.everyCommands;
  }

  /** Takes one when enough commands have passed. A failure is logged and tried again later: the journal has it all. */
  takeIfDue(): void {
    const { exchange, everyCommands, log } = this.options;
    if (everyCommands === 0 || this.#saving !== null || exchange.commandSequence < this.#nextAt) return;
    this.#nextAt = exchange.commandSequence + everyCommands;
    this.take().catch((error: unknown) => {
      log('warn', 'a snapshot could not be saved; the next start replays more of the journal', {
        error: (error as Error).message,
      });
    });
  }

  /** Resolves when nothing is being saved, whatever became of it. */
  async whenIdle(): Promise<void> {
    while (this.#saving !== null) await this.#saving.catch(() => undefined);
  }

  /** Saves the state as it is now, unless the newest snapshot holds it. @throws Error when it can't be saved */
  take(): Promise<void> {
    return this.#takeBy(this.options.maker);
  }

  /** Saves the state when trading has ended: nothing is left to wait beside. @throws Error when it can't be saved */
  takeLast(): Promise<void> {
    this.#stopping.abort(new Error('the engine is stopping'));
    return this.#takeBy(null);
  }

  async #takeBy(maker: SnapshotMaker | null): Promise<void> {
    await this.whenIdle();
    if (this.options.exchange.commandSequence === this.counters.lastCommandSequence) return;
    this.#saving = this.#save(maker);
    try {
      await this.#saving;
    } catch (error) {
      this.counters.failed += 1;
      throw error;
    } finally {
      this.#saving = null;
    }
  }

  async #save(maker: SnapshotMaker | null): Promise<void> {
    const { exchange, log } = this.options;
    const info: SnapshotInfo = { commandSequence: exchange.commandSequence, eventSequence: exchange.eventSequence };
    const bytes = maker === null ? await this.#write(info) : await this.#make(info, maker);
    this.counters.saved += 1;
    this.counters.lastBytes = bytes;
    log('debug', 'snapshot saved', { ...info, bytes, takeMs: this.counters.lastTakeMs });
  }

  async #write(info: SnapshotInfo): Promise<number> {
    const { exchange, snapshots, whenDurable } = this.options;
    const startMs = performance.now();
    const bytes = exchange.snapshot();
    this.counters.lastTakeMs = Math.round(performance.now() - startMs);
    await whenDurable();
    await snapshots.save(info, bytes);
    this.counters.lastCommandSequence = info.commandSequence;
    return bytes.byteLength;
  }

  async #make(info: SnapshotInfo, maker: SnapshotMaker): Promise<number> {
    const { exchange, whenDurable, onDiverged, log } = this.options;
    await whenDurable();
    try {
      const bytes = await maker.make(info, this.counters.lastCommandSequence, this.#stopping.signal);
      this.counters.lastTakeMs = 0;
      this.counters.lastCommandSequence = info.commandSequence;
      return bytes;
    } catch (error) {
      if (error instanceof SnapshotDivergedError) onDiverged(error);
      if (error instanceof SnapshotDivergedError || this.#stopping.signal.aborted) throw error;
      log('warn', 'a snapshot could not be made beside trading and is taken in its thread', {
        ...info,
        error: (error as Error).message,
      });
      return this.#write({ commandSequence: exchange.commandSequence, eventSequence: exchange.eventSequence });
    }
  }
}
