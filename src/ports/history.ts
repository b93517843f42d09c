/**
 * History: what the projector wrote, read back. It may lag behind the engine; every answer about a stream says
 * how far it reached, so that the caller can close the rest from the event feed.
 */

import type { OrderFields, RejectionDetail } from '../core/exchange/event.js';
import type { LedgerPosting } from '../core/exchange/ledger-postings.js';
import type {
  AggressorSide,
  CandleInterval,
  ExecType,
  OrdRejReason,
  OrdStatus,
  Side,
} from '../core/values/vocabulary.js';

/** Position of an account event: event sequence and leg (0, or 1 for the taker leg of a trade). */
export interface StreamPosition {
  readonly sequence: number;
  readonly leg: 0 | 1;
}

/** Position of a posting in the ledger. */
export type LedgerPosition = Pick<LedgerPosting, 'sequence' | 'entry'>;

export interface OrderRecord extends OrderFields {
  /** Arithmetic of the rule that refused it, set on refused orders only. */
  readonly rejection?: RejectionDetail;
  readonly ordRejReason: OrdRejReason | null;
  readonly text: string | null;
  readonly updatedUs: number;
}

export interface ExecutionReportRecord extends StreamPosition {
  readonly commandSequence: number;
  readonly timeUs: number;
  readonly orderId: number;
  readonly clOrdId: string | null;
  readonly account: number;
  readonly instrument: number;
  readonly execType: ExecType;
  readonly ordStatus: OrdStatus;
  readonly side: Side;
  readonly lastPxTicks: number | null;
  readonly lastQtyLots: number | null;
  readonly cumQtyLots: number;
  readonly leavesQtyLots: number;
  readonly cumNotionalUnits: number;
  readonly ordRejReason: OrdRejReason | null;
  readonly text: string | null;
  /** Set on execType TRADE only. */
  readonly tradeId: number | null;
  readonly feeUnits: number | null;
  readonly maker: boolean | null;
}

export interface TradeRecord {
  readonly tradeId: number;
  readonly sequence: number;
  readonly timeUs: number;
  readonly instrument: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly aggressorSide: AggressorSide;
}

export interface CandleRecord {
  readonly instrument: number;
  readonly interval: CandleInterval;
  /** Start of the interval, microseconds since 1970 UTC. */
  readonly openTimeUs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly volumeLots: number;
  /** Sum of price × quantity in ticks × lots, exact. */
  readonly turnover: bigint;
  readonly tradeCount: number;
}

/** What an account traded in an instrument over a period; amounts are exact, in lots and quote units. */
export interface TradeTotals {
  readonly account: number;
  readonly instrument: number;
  /** Bought less sold. */
  readonly netQtyLots: bigint;
  /** Price × quantity of what was bought less that of what was sold. */
  readonly netNotionalUnits: bigint;
  /** Fees paid; negative = earned. */
  readonly feeUnits: bigint;
}

/**
 * Records and the event sequence up to which the history was complete when they were read: both from one statement, so
 * that whoever adds the later events counts none twice.
 */
export interface Reached<T> {
  readonly records: readonly T[];
  readonly throughSequence: number;
  /** Records with a sequence up to this one may be gone, as they passed their retention; absent = none are. */
  readonly goneThrough?: number;
}

export interface OrderFilter {
  readonly account: number;
  readonly instrument: number | null;
  readonly ordStatus: readonly OrdStatus[] | null;
}

/** One setting of risk policy. */
export interface RiskAuditRecord {
  /** Sequence of the event that told it. */
  readonly sequence: number;
  readonly timeUs: number;
  /** The event's type. */
  readonly action: string;
  /** null = none in particular. */
  readonly account: number | null;
  readonly instrument: number | null;
  readonly tier: string | null;
  /** What held before, as JSON; null = nothing. */
  readonly before: string | null;
  /** What holds since, as JSON. */
  readonly after: string;
  readonly reason: string;
  /** User who did it. */
  readonly setBy: string;
}

/** What entries must have; null does not matter. The time range is from ≤ t < to. */
export interface RiskAuditFilter {
  readonly account: number | null;
  readonly setBy: string | null;
  readonly fromUs: number | null;
  readonly toUs: number | null;
}

/** Every list is bounded by `limit` (≤ 501) and sorted as said. */
export interface History {
  /** Last event sequence that the projector has written. */
  throughSequence(): Promise<number>;
  orders(ids: readonly number[]): Promise<readonly OrderRecord[]>;
  /** All legs of the plans, in no particular order. */
  ordersOfPlans(planIds: readonly number[]): Promise<readonly OrderRecord[]>;
  orderByClOrdId(account: number, clOrdId: string): Promise<OrderRecord | null>;
  /** Newest first by (createdUs, orderId); `before` is the last one of the page before. */
  ordersOf(
    filter: OrderFilter,
    before: { createdUs: number; orderId: number } | null,
    limit: number,
  ): Promise<readonly OrderRecord[]>;
  /** Oldest first, behind `after`. */
  executionReportsOfAccount(
    account: number,
    after: StreamPosition | null,
    limit: number,
    execType?: ExecType,
  ): Promise<Reached<ExecutionReportRecord>>;
  executionReportsOfOrder(
    orderId: number,
    after: StreamPosition | null,
    limit: number,
  ): Promise<Reached<ExecutionReportRecord>>;
  executionReportsOfCommand(commandSequence: number): Promise<Reached<ExecutionReportRecord>>;
  /** Newest first; `before` is a trade id, the time range is from ≤ t < to. */
  tradesOf(
    instrument: number,
    range: { fromUs: number | null; toUs: number | null },
    before: number | null,
    limit: number,
  ): Promise<Reached<TradeRecord>>;
  /** Of any of the instruments, oldest first, with a sequence above `after`. */
  tradesAfter(instruments: readonly number[], after: number, limit: number): Promise<Reached<TradeRecord>>;
  /** Oldest first behind `after` (an openTimeUs), with from ≤ openTimeUs < to. */
  candlesOf(
    instrument: number,
    interval: CandleInterval,
    range: { fromUs: number | null; toUs: number | null },
    after: number | null,
    limit: number,
  ): Promise<Reached<CandleRecord>>;
  /** The newest candle with openTimeUs < before, alone; empty where there is none. */
  lastCandleBefore(instrument: number, interval: CandleInterval, beforeUs: number): Promise<Reached<CandleRecord>>;
  /** Oldest first, behind `after`. */
  ledgerOf(account: number, after: LedgerPosition | null, limit: number): Promise<Reached<LedgerPosting>>;
  /** Newest first; `before` is the sequence of the last one of the page before. */
  riskAudit(filter: RiskAuditFilter, before: number | null, limit: number): Promise<readonly RiskAuditRecord[]>;
  /** Totals of all trades at or after the time, one record an account and instrument (at most one per position). */
  tradeTotalsSince(fromUs: number): Promise<Reached<TradeTotals>>;
}

/** The database cannot be reached now; trading goes on, history comes back with it. */
export class HistoryUnreachableError extends Error {
  override readonly name = 'HistoryUnreachableError';
}
