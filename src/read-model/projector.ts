/**
 * The projector: follows the event stream and writes it into the read model, gap-free, however often either side fails.
 *
 * It keeps no state of its own beyond the store's offset: what it has not written it asks of the feed again. Live batches
 * wait in a bounded buffer while one is being written; when the buffer overflows (the database is slow or away) it is
 * dropped, and what was in it is read from the feed later. Consecutive batches are written as one, so that a backlog is
 * worked off in large statements.
 *
 * ```
 * feed.follow ─> buffer (bounded) ─┐
 *                                  ├─> merged batch ─> store.apply (rows and offset in one statement)
 * feed.read (what lies before it) ─┘
 * ```
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventBatch, type EventFeed, HistoryUnavailableError } from '../ports/event-feed.js';
import type { Log } from '../ports/log.js';
import { ForeignEventsError, type ReadModelStore, SequenceGapError } from '../ports/read-model-store.js';
import { BatchBuffer } from './batch-buffer.js';

const DEFAULTS = {
  /** Events of one statement: about 4 ms of work for this process and 15 for the database. */
  maxBatchEvents: 1000,
  /** Live events that wait at most; about 20 MB. */
  maxBufferedEvents: 20_000,
  /** Least time from one write to the next: single orders are written together, and planning is paid once for them. */
  minIntervalMs: 20,
  minRetryMs: 50,
  maxRetryMs: 5000,
};
/** How long a stop waits for the write under way. */
const STOP_PATIENCE_MS = 5000;
/** Callers that may wait for a sequence at once. */
const MAX_WAITERS = 10_000;

export interface ProjectorOptions extends Partial<typeof DEFAULTS> {
  readonly feed: EventFeed;
  readonly store: ReadModelStore;
  readonly log: Log;
}

/**
 * STARTING: the offset is not known yet. CATCHING_UP: reads what it missed. LIVE: follows. RETRYING: the store fails,
 * attempts go on. FAILED: the events that it needs are gone or are not those of this read model; only a person can mend that.
 */
export type ProjectorState = 'STARTING' | 'CATCHING_UP' | 'LIVE' | 'RETRYING' | 'FAILED' | 'STOPPED';

export interface ProjectorStatus {
  readonly state: ProjectorState;
  /** Last event sequence that is written. */
  readonly throughSequence: number;
  /** Events that are durable and not written yet. */
  readonly lag: number;
  /** Why the last attempt failed, without address or statement; null when it did not. */
  readonly lastError: string | null;
}

export interface Projector {
  readonly status: ProjectorStatus;
  /** Why it gave up (FAILED); null while it goes on. */
  readonly failure: Error | null;
  /** Begins to follow. Called once. */
  start(): void;
  /** Resolves true when the sequence is written, false after the time, or at once where it will never be. */
  waitFor(sequence: number, timeoutMs: number): Promise<boolean>;
  /** Ends with the write under way; what is left is written after the next start. */
  stop(): Promise<void>;
}

interface Waiter {
  readonly sequence: number;
  readonly settle: (reached: boolean) => void;
}

export function createProjector(options: ProjectorOptions): Projector {
  return new FeedProjector(options);
}

class FeedProjector implements Projector {
  readonly #options: ProjectorOptions & typeof DEFAULTS;
  readonly #buffer: BatchBuffer;
  readonly #stopping = new AbortController();
  readonly #waiters = new Set<Waiter>();
  #state: ProjectorState = 'STARTING';
  #throughSequence = 0;
  /** True once the read model was found to be this journal's. */
  #compared = false;
  #lastError: string | null = null;
  #failure: Error | null = null;
  #running: Promise<void> | null = null;
  #unfollow: (() => void) | null = null;
  #wake: (() => void) | null = null;

  constructor(options: ProjectorOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#buffer = new BatchBuffer(this.#options.maxBufferedEvents);
  }

  get status(): ProjectorStatus {
    return {
      state: this.#state,
      throughSequence: this.#throughSequence,
      lag: Math.max(0, this.#options.feed.lastSequence - this.#throughSequence),
      lastError: this.#lastError,
    };
  }

  get failure(): Error | null {
    return this.#failure;
  }

  start(): void {
    if (this.#running !== null) throw new Error('the projector was started before');
    this.#running = this.#run();
  }

  waitFor(sequence: number, timeoutMs: number): Promise<boolean> {
    if (this.#throughSequence >= sequence) return Promise.resolve(true);
    if (this.#hasEnded || this.#waiters.size >= MAX_WAITERS) return Promise.resolve(false);
    return new Promise((resolve) => {
      const settle = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const timer = setTimeout(() => settle(false), timeoutMs);
      const waiter: Waiter = { sequence, settle };
      this.#waiters.add(waiter);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    const patience = new AbortController();
    await Promise.race([
      this.#running,
      sleep(STOP_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
    this.#enter('STOPPED');
    this.#settleWaiters();
  }

  get #hasEnded(): boolean {
    return this.#state === 'FAILED' || this.#state === 'STOPPED' || this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    try {
      for (let failures = 0; !this.#stopping.signal.aborted; failures += 1) {
        try {
          if (this.#unfollow === null) await this.#follow();
          await this.#project(() => {
            failures = 0;
          });
        } catch (error) {
          if (isFinal(error)) throw error;
          await this.#backOff(error, failures);
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#unfollow?.();
      this.#buffer.clear();
    }
  }

  async #follow(): Promise<void> {
    this.#unfollow = await this.#options.feed.follow({
      // The image is a state, and the read model is the way to it: what led there is read from the feed.
      reset: (_image, sequence) => {
        this.#buffer.restart(sequence);
        this.#wake?.();
      },
      apply: (batch) => {
        this.#buffer.push(batch);
        this.#wake?.();
      },
    });
  }

  /** Writes from the store's offset on until it is stopped or something fails. */
  async #project(onWritten: () => void): Promise<void> {
    const offset = await this.#options.store.offset();
    if (!this.#compared) await this.#begin(offset, onWritten);
    else this.#advance(offset);
    this.#compared = true;
    while (!this.#stopping.signal.aborted) {
      const startedMs = performance.now();
      if (this.#throughSequence >= this.#buffer.lastSequence) {
        this.#enter('LIVE');
        await this.#awaitEvents();
        continue;
      }
      const merged = this.#buffer.take(this.#throughSequence, this.#options.maxBatchEvents);
      if (merged === null) await this.#catchUp(this.#throughSequence, onWritten);
      else await this.#write(merged, onWritten);
      await this.#rest(startedMs);
    }
  }

  /** Begins with the last event that is written already: the store tells whether it was made from this journal. */
  async #begin(offset: number, onWritten: () => void): Promise<void> {
    const { lastSequence } = this.#options.feed;
    if (offset > lastSequence) {
      throw new ForeignEventsError(
        `the database holds events up to ${offset} and the journal up to ${lastSequence}: it was written from another journal. Use an empty database; history is made anew from the journal`,
      );
    }
    if (offset === 0) return;
    try {
      await this.#catchUp(offset - 1, onWritten);
    } catch (error) {
      // A journal that begins just behind what is written lacks nothing, and has nothing to compare.
      if (!(error instanceof HistoryUnavailableError) || error.firstAvailable > offset + 1) throw error;
      this.#advance(offset);
    }
  }

  /** Reads from the feed what lies between the position and the buffer, and writes it in large batches. */
  async #catchUp(from: number, onWritten: () => void): Promise<void> {
    this.#enter('CATCHING_UP');
    const through = Math.max(this.#buffer.firstSequence - 1, from + 1);
    const pending = new BatchBuffer(Number.MAX_SAFE_INTEGER);
    pending.restart(from);
    let position = from;
    const flush = async (least: number): Promise<void> => {
      while (pending.size > 0 && pending.size >= least && !this.#stopping.signal.aborted) {
        const merged = pending.take(position, this.#options.maxBatchEvents);
        if (merged === null) throw new SequenceGapError(position, pending.firstSequence);
        await this.#write(merged, onWritten);
        position = merged.lastSequence;
      }
    };
    for await (const batch of this.#options.feed.read(from, through)) {
      if (this.#stopping.signal.aborted) return;
      pending.push(batch);
      await flush(this.#options.maxBatchEvents);
    }
    await flush(0);
  }

  async #write(batch: EventBatch, onWritten: () => void): Promise<void> {
    await this.#options.store.apply(batch);
    this.#lastError = null;
    if (this.#state === 'RETRYING') this.#enter('CATCHING_UP');
    this.#advance(Math.max(batch.lastSequence, this.#throughSequence));
    onWritten();
  }

  #advance(sequence: number): void {
    this.#throughSequence = sequence;
    for (const waiter of this.#waiters) if (waiter.sequence <= sequence) waiter.settle(true);
  }

  async #awaitEvents(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#throughSequence < this.#buffer.lastSequence || this.#stopping.signal.aborted) resolve();
    });
    this.#wake = null;
  }

  async #rest(startedMs: number): Promise<void> {
    const waiting = this.#buffer.lastSequence - this.#throughSequence;
    const restMs = this.#options.minIntervalMs - (performance.now() - startedMs);
    if (restMs <= 0 || waiting >= this.#options.maxBatchEvents) return;
    await this.#pause(restMs);
  }

  async #backOff(error: unknown, failures: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { minRetryMs, maxRetryMs, log } = this.#options;
    this.#lastError = messageOf(error);
    this.#enter('RETRYING');
    const ceilingMs = Math.min(minRetryMs * 2 ** Math.min(failures, 20), maxRetryMs);
    // Half of the delay is chance, so that several projectors do not return to a weak database together.
    const delayMs = ceilingMs * (0.5 + Math.random() / 2);
    log(failures === 0 ? 'warn' : 'debug', 'projector cannot write, trying again', { error: this.#lastError, delayMs });
    await this.#pause(delayMs);
  }

  async #pause(delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  #fail(error: unknown): void {
    this.#lastError = messageOf(error);
    this.#failure = error instanceof Error ? error : new Error(this.#lastError);
    this.#enter('FAILED');
    this.#options.log('error', 'projector gave up, history stands still', { error: this.#lastError });
    this.#settleWaiters();
  }

  #settleWaiters(): void {
    for (const waiter of this.#waiters) waiter.settle(false);
  }

  #enter(state: ProjectorState): void {
    if (this.#state === state || this.#state === 'FAILED') return;
    this.#options.log('debug', 'projector state', {
      from: this.#state,
      to: state,
      throughSequence: this.#throughSequence,
    });
    this.#state = state;
  }
}

/** What no further attempt can change. A gap is mended by beginning at the store's offset again. */
function isFinal(error: unknown): boolean {
  return error instanceof HistoryUnavailableError || error instanceof ForeignEventsError;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
