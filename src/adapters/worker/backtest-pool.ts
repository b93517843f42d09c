/**
 * Backtests in threads of their own, one each, at most so many at a time; more wait in order. A thread has a bounded heap,
 * so that a backtest too large fails alone.
 */
import { Worker } from 'node:worker_threads';
import type { BacktestJob } from '../../core/strategy/backtest/job.js';
import type { BacktestReport } from '../../core/strategy/backtest/report.js';
import { BacktestFailedError, type BacktestRunner } from '../../ports/backtest-runner.js';
import type { WorkerMessage } from './messages.js';

export interface BacktestPoolOptions {
  /** Threads at a time, 1 to 64. */
  readonly threads: number;
  /** Heap of a thread, megabytes. */
  readonly maxHeapMb: number;
}

const THREAD = new URL('./backtest-thread.js', import.meta.url);

export class BacktestPool implements BacktestRunner {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: BacktestPoolOptions) {}

  async run(job: BacktestJob, onProgress: (progress: number) => void, signal: AbortSignal): Promise<BacktestReport> {
    if (this.#running >= this.options.threads) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#running += 1;
    try {
      signal.throwIfAborted();
      return await this.#runThread(job, onProgress, signal);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #runThread(job: BacktestJob, onProgress: (progress: number) => void, signal: AbortSignal): Promise<BacktestReport> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(THREAD, {
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
      const abort = () => fail(signal.reason instanceof Error ? signal.reason : new Error('canceled'));
      signal.addEventListener('abort', abort, { once: true });
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind === 'PROGRESS') onProgress(message.progress);
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
