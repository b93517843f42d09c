/**
 * Strategies and backtests as their owners made them. Unlike history they are not made from events: this is where they are
 * kept, and what is saved is durable when the promise resolves.
 */
import type { StrategyType } from '../core/strategy/catalogue.js';

export const STRATEGY_STATUSES = ['CREATED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED'] as const;
export type StrategyStatus = (typeof STRATEGY_STATUSES)[number];

export const BACKTEST_STATUSES = ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELED'] as const;
export type BacktestStatus = (typeof BACKTEST_STATUSES)[number];

/** An account's figures of a symbol at a strategy's first start: what came before is not the strategy's. */
export interface Baseline {
  readonly qtyLots: number;
  /** Realized profit less cost less fees, quote units. */
  readonly netUnits: number;
}

export interface StrategyRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly type: StrategyType;
  readonly accountId: string;
  readonly symbols: readonly string[];
  /** Accepted by the type's schema, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly status: StrategyStatus;
  readonly error: string | null;
  /** How often it was started. */
  readonly runCount: number;
  /** By symbol; null before the first start. */
  readonly baseline: Readonly<Record<string, Baseline>> | null;
  /** Microseconds since 1970 UTC. */
  readonly createdUs: number;
  /** First start. */
  readonly startedUs: number | null;
}

export interface BacktestRecord {
  readonly id: string;
  readonly ownerId: string;
  /** What was asked for, as JSON. */
  readonly input: unknown;
  readonly status: BacktestStatus;
  /** 0 to 1. */
  readonly progress: number;
  /** Figures as JSON, of a backtest that is DONE. */
  readonly report: unknown;
  readonly error: string | null;
  readonly createdUs: number;
  readonly finishedUs: number | null;
}

/** Most strategies that are kept. */
export const MAX_STRATEGIES = 1_000;

/** Every method may throw HistoryUnreachableError: the database cannot be reached now. */
export interface StrategyStore {
  /** All, oldest first, at most MAX_STRATEGIES. */
  strategies(): Promise<readonly StrategyRecord[]>;
  /** Writes the record whole, new or in place of the one with its id. */
  saveStrategy(record: StrategyRecord): Promise<void>;
  backtest(id: string): Promise<BacktestRecord | null>;
  /** Newest first. @param limit 1 to 500; `before` is the last one of the page before */
  backtestsOf(
    ownerId: string,
    before: { readonly createdUs: number; readonly id: string } | null,
    limit: number,
  ): Promise<readonly BacktestRecord[]>;
  saveBacktest(record: BacktestRecord): Promise<void>;
  /** Marks every backtest that is QUEUED or RUNNING as FAILED: the process that ran them is gone. */
  failUnfinishedBacktests(error: string): Promise<void>;
}
