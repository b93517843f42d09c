/** Where backtests are computed: away from the thread that trades. */
import type { BacktestJob } from '../core/strategy/backtest/job.js';
import type { BacktestReport } from '../core/strategy/backtest/report.js';

/** The strategy failed, or its data do not serve; the message is for its owner. */
export class BacktestFailedError extends Error {
  override readonly name = 'BacktestFailedError';
}

export interface BacktestRunner {
  /**
   * Runs a backtest to its end.
   * @param onProgress told a share from 0 to 1, now and then
   * @throws BacktestFailedError, or the signal's reason where it was aborted
   */
  run(job: BacktestJob, onProgress: (progress: number) => void, signal: AbortSignal): Promise<BacktestReport>;
}
