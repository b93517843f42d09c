/** Runs one backtest in a thread of its own and ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BacktestJob, createBacktest } from '../../core/strategy/backtest/job.js';
import type { WorkerMessage } from './messages.js';

const STEPS = 2_000;
const PROGRESS_MS = 100;

const tell = (message: WorkerMessage) => parentPort?.postMessage(message);

function run(job: BacktestJob): void {
  const backtest = createBacktest(job);
  let toldAt = performance.now();
  while (backtest.step(STEPS)) {
    if (performance.now() - toldAt < PROGRESS_MS) continue;
    toldAt = performance.now();
    tell({ kind: 'PROGRESS', progress: backtest.progress });
  }
  if (backtest.failure === null) tell({ kind: 'DONE', report: backtest.report() });
  else tell({ kind: 'FAILED', error: backtest.failure });
}

try {
  run(workerData as BacktestJob);
} catch (error) {
  tell({ kind: 'FAILED', error: error instanceof Error ? error.message : String(error) });
}
