/**
 * Strategies and backtests as their owners made them. Unlike history they are not made from events: this is where they are
 * kept, and what is saved is durable when the promise resolves.
 */
import type { StrategyType } from '../core/strategy/catalogue.js';
import type { OwnHolding } from '../core/strategy/own-ledger.js';

export const STRATEGY_STATUSES = ['CREATED', 'RUNNING', 'PAUSED', 'CLOSING', 'STOPPED', 'FAILED'] as const;
export type StrategyStatus = (typeof STRATEGY_STATUSES)[number];

export const BACKTEST_STATUSES = ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELED'] as const;
export type BacktestStatus = (typeof BACKTEST_STATUSES)[number];

/** What a strategy has come to in one symbol, and what that was valued at when it was kept. */
export interface KeptHolding extends OwnHolding {
  /** Twice the price, ticks: a mid may lie between two. */
  readonly markHalfTicks: number;
}

/** What a strategy has come to by its own executions up to an event. */
export interface StrategyLedger {
  /** Sequence of the last event that is counted in. */
  readonly throughSequence: number;
  /** False where orders of its may be in the market: then executions behind throughSequence are still to be counted. */
  readonly isQuiet: boolean;
  /** Fills since the first start. */
  readonly fillCount: number;
  /** Why it did what it did last, and when. */
  readonly reason: string | null;
  readonly reasonUs: number | null;
  /** By symbol. */
  readonly holdings: Readonly<Record<string, KeptHolding>>;
}

/** Of a strategy that never ran. */
export const NO_LEDGER: StrategyLedger = {
  throughSequence: 0,
  isQuiet: true,
  fillCount: 0,
  reason: null,
  reasonUs: null,
  holdings: {},
};

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
  /** Whether its inventory is to be closed, of one that is CLOSING. */
  readonly flatten: boolean;
  /** null before the first start. */
  readonly ledger: StrategyLedger | null;
  /** Microseconds since 1970 UTC. */
  readonly createdUs: number;
  /** First start. */
  readonly startedUs: number | null;
}

export interface BacktestRecord {
  readonly id: string;
  readonly ownerId: string;
  /** Shared by the backtests of one grid; null of one that was asked for alone. */
  readonly gridId: string | null;
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

/** Every method may throw HistoryUnreachableError: the database cannot be reached now. */
export interface StrategyStore {
  /** All, oldest first. How many an owner may keep is limited before they are saved. */
  strategies(): Promise<readonly StrategyRecord[]>;
  /** Writes the record whole, new or in place of the one with its id. */
  saveStrategy(record: StrategyRecord): Promise<void>;
  /** Does nothing where there is none. */
  deleteStrategy(id: string): Promise<void>;
  backtest(id: string): Promise<BacktestRecord | null>;
  /** Newest first. @param limit 1 to 500; `before` is the last one of the page before; `gridId` null = of any grid or none */
  backtestsOf(
    ownerId: string,
    before: { readonly createdUs: number; readonly id: string } | null,
    limit: number,
    gridId: string | null,
  ): Promise<readonly BacktestRecord[]>;
  /** Writes new ones, all or none. */
  addBacktests(records: readonly BacktestRecord[]): Promise<void>;
  saveBacktest(record: BacktestRecord): Promise<void>;
  /** Marks every backtest that is QUEUED or RUNNING as FAILED: the process that ran them is gone. */
  failUnfinishedBacktests(error: string): Promise<void>;
}
