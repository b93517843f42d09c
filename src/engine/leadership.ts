/**
 * Leadership: one engine holds the lease and renews it, the others watch and take it over when it stands still.
 *
 * Time is measured on each engine's own steady clock, by whether the lease changes: clocks of machines may be set an hour
 * either way and nothing happens. A takeover raises the epoch; safety rests on the epoch that every write asks for, not on
 * how soon the old leader learns of it.
 *
 * A leader that is killed is followed within takeoverMs and two watches, one that stops in order at once.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { JournalDeposedError } from '../ports/journal.js';
import type { LeaderLease, LeaseState } from '../ports/leader-lease.js';
import type { Log } from '../ports/log.js';

export interface LeadershipOptions {
  readonly lease: LeaderLease;
  /** Name of this engine; each of a journal's engines has its own. */
  readonly engineId: string;
  readonly log: Log;
  /** Time between two renewals; default 400 ms. */
  readonly renewMs?: number;
  /** Time between two looks at another's lease; default 200 ms. */
  readonly watchMs?: number;
  /** A lease that did not change for so long is taken over; default 2.5 s. */
  readonly takeoverMs?: number;
}

/** Two engines of one journal call themselves the same. */
export class EngineConflictError extends Error {
  override readonly name = 'EngineConflictError';
}

export interface Lead {
  readonly epoch: number;
  readonly journalId: string;
}

const DEFAULT_RENEW_MS = 400;
const DEFAULT_WATCH_MS = 200;
const DEFAULT_TAKEOVER_MS = 2_500;

export class Leadership {
  readonly #options: LeadershipOptions;
  /** What the lease's holder is called: its name, and which of its lives. */
  readonly #holder: string;
  readonly #stopping = new AbortController();
  #renewing: Promise<void> | null = null;
  #lead: Lead | null = null;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#holder = `${options.engineId}/${randomUUID()}`;
  }

  /** Epoch under which this engine leads; null while it follows. */
  get lead(): Lead | null {
    return this.#lead;
  }

  /**
   * Watches until the lease can be had.
   * @returns null when stop() was called first
   * @throws EngineConflictError when an engine of the same name lives
   */
  async acquire(): Promise<Lead | null> {
    const { lease, watchMs = DEFAULT_WATCH_MS, takeoverMs = DEFAULT_TAKEOVER_MS, log } = this.#options;
    let seen: LeaseState | null = null;
    let seenAtMs = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        const state = await lease.read();
        const moved = seen === null || state.renewals !== seen.renewals || state.epoch !== seen.epoch;
        if (seen !== null && moved) this.#refuseNamesake(state);
        if (moved) seenAtMs = performance.now();
        seen = state;
        if (state.holder === '' || performance.now() - seenAtMs >= takeoverMs) {
          const epoch = await lease.take(state, this.#holder);
          if (epoch !== null) {
            log('info', 'this engine leads', { epoch, before: state.holder });
            this.#lead = { epoch, journalId: state.journalId };
            return this.#lead;
          }
        }
      } catch (error) {
        if (error instanceof EngineConflictError) throw error;
        log('warn', 'the lease cannot be read, trying again', { error: String(error) });
        // Who leads could not renew either: it gets its whole time anew.
        seen = null;
      }
      await this.#pause(watchMs);
    }
    return null;
  }

  /** Renews the lease until stop(); `onLost` is called once when another engine has it. */
  keep(onLost: (error: Error) => void): void {
    const lead = this.#lead;
    if (lead === null) throw new RangeError('only a leader keeps its lease');
    this.#renewing = this.#renew(lead, onLost);
  }

  /** Ends watching and renewing, and gives the lease back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#renewing;
    const { lease, log } = this.#options;
    try {
      if (this.#lead !== null) await lease.release(this.#lead.epoch);
    } catch (error) {
      log('warn', 'the lease could not be given back; the next leader waits until it stands still', {
        error: String(error),
      });
    }
    await lease.close();
  }

  async #renew({ epoch }: Lead, onLost: (error: Error) => void): Promise<void> {
    const { lease, renewMs = DEFAULT_RENEW_MS, log } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await lease.renew(epoch))) {
          this.#lead = null;
          onLost(new JournalDeposedError(epoch, (await lease.read()).epoch));
          return;
        }
      } catch (error) {
        // Nobody can take the lease where the database is away, and no write succeeds there either.
        log('warn', 'the lease cannot be renewed, trying again', { error: String(error) });
      }
      await this.#pause(renewMs);
    }
  }

  #refuseNamesake({ holder }: LeaseState): void {
    const { engineId } = this.#options;
    if (!holder.startsWith(`${engineId}/`) || holder === this.#holder) return;
    throw new EngineConflictError(
      `another engine called "${engineId}" leads this journal: give each engine a TRADSYS_ENGINE_ID of its own`,
    );
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
