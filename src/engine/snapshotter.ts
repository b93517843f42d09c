/**
 * Takes snapshots while trading goes on: the bytes in one go between two turns, the saving beside the traffic, and only
 * once every command in them is durable, so that no snapshot is ever ahead of the journal.
 */
import type { Exchange } from '../core/exchange/exchange.js';
import type { Log } from '../ports/log.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';

export interface SnapshotterOptions {
  readonly exchange: Exchange;
  readonly snapshots: SnapshotStore;
  /** Commands between two snapshots; 0 = none but on demand. */
  readonly everyCommands: number;
  /** Command of the newest snapshot so far. */
  readonly lastCommandSequence: number;
  readonly whenDurable: () => Promise<void>;
  readonly log: Log;
}

export interface SnapshotCounters {
  saved: number;
  failed: number;
  /** Last command in the newest snapshot. */
  lastCommandSequence: number;
  lastBytes: number;
  /** How long taking the bytes kept the event loop, milliseconds. */
  lastTakeMs: number;
}

export class Snapshotter {
  readonly counters: SnapshotCounters;
  #saving: Promise<void> | null = null;
  /** Command from which the next periodic snapshot is tried. */
  #nextAt: number;

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
  async take(): Promise<void> {
    await this.whenIdle();
    if (this.options.exchange.commandSequence === this.counters.lastCommandSequence) return;
    this.#saving = this.#save();
    try {
      await this.#saving;
    } catch (error) {
      this.counters.failed += 1;
      throw error;
    } finally {
      this.#saving = null;
    }
  }

  async #save(): Promise<void> {
    const { exchange, snapshots, whenDurable, log } = this.options;
    const info = { commandSequence: exchange.commandSequence, eventSequence: exchange.eventSequence };
    const startMs = performance.now();
    const bytes = exchange.snapshot();
    this.counters.lastTakeMs = Math.round(performance.now() - startMs);
    await whenDurable();
    await snapshots.save(info, bytes);
    this.counters.saved += 1;
    this.counters.lastCommandSequence = info.commandSequence;
    this.counters.lastBytes = bytes.byteLength;
    log('debug', 'snapshot saved', { ...info, bytes: bytes.byteLength, takeMs: this.counters.lastTakeMs });
  }
}
