/** What passes between a backtest's thread and the one that asked for it. */
import type { BacktestReport } from '../../core/strategy/backtest/report.js';

export type WorkerMessage =
  | { readonly kind: 'PROGRESS'; readonly progress: number }
  | { readonly kind: 'DONE'; readonly report: BacktestReport }
  | { readonly kind: 'FAILED'; readonly error: string };
