/**
 * Backtests in threads of their own, one each, at most so many at a time; more wait, and hold no data while they wait.
 * A place that falls free goes to the owner who has the fewest, of these to the one not served for longest; each owner's own
 * come in the order of asking. A thread has a bounded heap and a bounded time, so that a backtest too large fails alone.
 */
import { Worker } from 'node:worker_threads';
import type { BacktestJob } from '../../core/strategy/backtest/job.js';
import type { BacktestReport } from '../../core/strategy/backtest/report.js';
import { BacktestFailedError, type BacktestListener, type BacktestRunner } from '../../ports/backtest-runner.js';
import type { WorkerMessage } from './messages.js';

export interface BacktestPoolOptions {
  /** Threads at a time, 1 to 64. */
  readonly threads: number;
  /** Heap of a thread, megabytes. */
  readonly maxHeapMb: number;
  /** Time that one may hold its place, reading its data and computing, seconds, 1 to 86,400; absent = any. */
  readonly maxSeconds?: number;
  /** The thread's program; absent = that of backtests. */
  readonly thread?: URL;
}

/** Of a process that serves many: it trades beside them, so they have one core at most and no backtest keeps it for good. */
export const SERVED_BACKTESTS: BacktestPoolOptions = { threads: 1, maxHeapMb: 2_048, maxSeconds: 600 };

const THREAD = new URL('./backtest-thread.js', import.meta.url);

export class BacktestPool implements BacktestRunner {
  /** Places that are held, by owner; none of an owner who has none. */
  readonly #held = new Map<string, number>();
  /** Backtests that wait, by owner, who was served last comes last; none of an owner who has none. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;

  constructor(private readonly options: BacktestPoolOptions) {}

  /** Backtests that wait for a thread. */
  get waiting(): number {
    let count = 0;
    for (const queue of this.#waiting.values()) count += queue.length;
    return count;
  }

  async run(
    owner: string,
    load: (signal: AbortSignal) => Promise<BacktestJob>,
    listener: BacktestListener,
    signal: AbortSignal,
  ): Promise<BacktestReport> {
    await this.#turn(owner, signal);
    const limit = new AbortController();
    const { maxSeconds } = this.options;
    const timer =
      maxSeconds === undefined ? undefined : setTimeout(() => limit.abort(tooLong(maxSeconds)), maxSeconds * 1_000);
    const either = AbortSignal.any([signal, limit.signal]);
    try {
      const job = await untilAborted(load(either), either);
      return await this.#runThread(job, listener, either);
    } finally {
      clearTimeout(timer);
      this.#next(owner);
    }
  }

  /** Waits for a thread. @throws the signal's reason */
  #turn(owner: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.options.threads) {
      this.#running += 1;
      this.#held.set(owner, (this.#held.get(owner) ?? 0) + 1);
      return Promise.resolve();
    }
    return new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const queue = this.#waiting.get(owner)!;
        queue.splice(queue.indexOf(begin), 1);
        if (queue.length === 0) this.#waiting.delete(owner);
        reject(reasonOf(signal));
      };
      signal.addEventListener('abort', leave, { once: true });
      const queue = this.#waiting.get(owner);
      if (queue === undefined) this.#waiting.set(owner, [begin]);
      else queue.push(begin);
    });
  }

  /** Hands the place of an owner to whoever is next; it counts as that owner's until then, so that others come first. */
  #next(owner: string): void {
    let next: string | null = null;
    for (const other of this.#waiting.keys()) {
      if (next === null || this.#heldBy(other) < this.#heldBy(next)) next = other;
    }
    const left = this.#heldBy(owner) - 1;
    if (left === 0) this.#held.delete(owner);
    else this.#held.set(owner, left);
    if (next === null) {
      this.#running -= 1;
      return;
    }
    const queue = this.#waiting.get(next)!;
    const begin = queue.shift()!;
    this.#waiting.delete(next);
    if (queue.length > 0) this.#waiting.set(next, queue);
    this.#held.set(next, this.#heldBy(next) + 1);
    begin();
  }

  #heldBy(owner: string): number {
    return this.#held.get(owner) ?? 0;
  }

  #runThread(job: BacktestJob, listener: BacktestListener, signal: AbortSignal): Promise<BacktestReport> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.options.thread ?? THREAD, {
        workerData: job,
        resourceLimits: { maxOldGenerationSizeMb: this.options.maxHeapMb },
        // What the process was started with is not the thread's business.
        execArgv: [],
      });
      const end = () => {
        signal.removeEventListener('abort', abort);
        void worker.terminate();
      };
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const abort = () => fail(reasonOf(signal));
      signal.addEventListener('abort', abort, { once: true });
      worker.on('online', () => listener.onStart?.());
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'PROGRESS') listener.onProgress(message.progress);
        else if (message.kind === 'FAILED') fail(new BacktestFailedError(message.error));
        else {
          end();
          resolve(message.report);
        }
      });
      worker.on('error', (error) => {
        const isTooLarge = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
        const advice = 'take fewer bars or a wider interval';
        fail(
          isTooLarge ? new BacktestFailedError(`it needs more than ${this.options.maxHeapMb} MB: ${advice}`) : error,
        );
      });
      worker.on('exit', (code) => {
        if (code !== 0) fail(new BacktestFailedError('its thread ended early'));
      });
    });
  }
}

function tooLong(seconds: number): BacktestFailedError {
  const advice = 'narrow from and to, take a wider interval, or run it with tradsys backtest';
  return new BacktestFailedError(`it was not done within ${seconds} s, the most that a backtest may take: ${advice}`);
}

/** @throws the signal's reason as soon as it is aborted, whatever the work does */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(reasonOf(signal));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    const done = await Promise.race([work, aborted]);
    signal.throwIfAborted();
    return done;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('canceled');
}
