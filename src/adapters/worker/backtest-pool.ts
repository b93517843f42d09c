/**
 * Backtests in threads of their own, one each, at most so many at a time; more wait in order, and hold no data while they wait.
 * A thread has a bounded heap, so that a backtest too large fails alone.
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
  /** The thread's program; absent = that of backtests. */
  readonly thread?: URL;
}

const THREAD = new URL('./backtest-thread.js', import.meta.url);

export class BacktestPool implements BacktestRunner {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: BacktestPoolOptions) {}

  /** Backtests that wait for a thread. */
  get waiting(): number {
    return this.#waiting.length;
  }

  async run(
    load: () => Promise<BacktestJob>,
    listener: BacktestListener,
    signal: AbortSignal,
  ): Promise<BacktestReport> {
    await this.#turn(signal);
    try {
      const job = await load();
      signal.throwIfAborted();
      return await this.#runThread(job, listener, signal);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Waits for a thread. @throws the signal's reason */
  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.options.threads) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(reasonOf(signal));
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(begin);
    });
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

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('canceled');
}
