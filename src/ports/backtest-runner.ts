/** Where backtests are computed: away from the thread that trades. */
import type { BacktestJob } from '../core/strategy/backtest/job.js';
import type { BacktestReport } from '../core/strategy/backtest/report.js';

/** The strategy failed, or its data do not serve; the message is for its owner. */
export class BacktestFailedError extends Error {
  override readonly name = 'BacktestFailedError';
}

/** Told how far a backtest is. */
export interface BacktestListener {
  /** It is being computed. */
  onStart?(): void;
  /** @param progress share from 0 to 1, told now and then */
  onProgress(progress: number): void;
}

export interface BacktestRunner {
  /**
   * Runs a backtest to its end, once there is room for it.
   * @param owner who asked for it: owners take turns, so that the many of one do not keep out another's
   * @param load called when its turn has come, so that what waits holds no data; its errors end the run, and the signal that
   *   it is given tells it to give up
   * @throws BacktestFailedError (also where it takes longer than it may), the error of `load`, or the signal's reason as soon
   *   as it is aborted, waiting or running
   */
  run(
    owner: string,
    load: (signal: AbortSignal) => Promise<BacktestJob>,
    listener: BacktestListener,
    signal: AbortSignal,
  ): Promise<BacktestReport>;
}
