/**
 * Snapshots made in a thread: it reads the newest snapshot and the journal behind it, as a start does, and saves
 * what comes of it. It costs the time of that replay on another core and, while it lasts, the memory of a second exchange.
 */
import { Worker } from 'node:worker_threads';
import type { ExchangeOptions } from '../../core/exchange/exchange.js';
import type { Log } from '../../ports/log.js';
import { SnapshotDivergedError, type SnapshotMaker } from '../../ports/snapshot-maker.js';
import type { SnapshotInfo } from '../../ports/snapshot-store.js';
import type { SnapshotJob, SnapshotMessage, SnapshotSource } from './messages.js';

export interface ThreadSnapshotMakerOptions {
  /** Asked at each snapshot, when what it reads up to is durable. @param newest as in `SnapshotMaker.make` */
  readonly source: (newest: number) => SnapshotSource;
  readonly exchange?: ExchangeOptions;
  /** Longest time that one may take, milliseconds; default 5 minutes. */
  readonly timeoutMs?: number;
  readonly log: Log;
}

const THREAD = new URL('./snapshot-thread.js', import.meta.url);
const DEFAULT_TIMEOUT_MS = 300_000;

export class ThreadSnapshotMaker implements SnapshotMaker {
  constructor(private readonly options: ThreadSnapshotMakerOptions) {}

  async make(info: SnapshotInfo, newest: number, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    const { source, exchange, log, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const job: SnapshotJob = { source: source(newest), exchange, info };
    // What the process was started with is not the thread's business.
    const worker = new Worker(THREAD, { workerData: job, execArgv: [] });
    const timeout = AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([signal, timeout]);
    try {
      return await outcomeOf(worker, info, ended, log);
    } catch (error) {
      if (!timeout.aborted) throw error;
      throw new Error(`it took longer than ${timeoutMs} ms`);
    } finally {
      await worker.terminate();
    }
  }
}

function outcomeOf(worker: Worker, info: SnapshotInfo, ended: AbortSignal, log: Log): Promise<number> {
  return new Promise((resolve, reject) => {
    ended.addEventListener('abort', () => reject(ended.reason as Error), { once: true });
    worker.on('message', (message: SnapshotMessage) => {
      if (message.kind === 'MADE') resolve(message.bytes);
      else if (message.kind === 'DIVERGED') reject(new SnapshotDivergedError(info, message.eventSequence));
      else if (message.kind === 'FAILED') reject(new Error(message.error));
      else log('warn', message.message, message.fields);
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('its thread ended early')));
  });
}
