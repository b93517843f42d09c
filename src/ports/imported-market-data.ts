/**
 * Market data that other venues made: bars and trades imported from files or taken from a live feed. They stand beside the
 * platform's own history, under the name of their source; they have no place in the event stream and no sequence.
 */
import type { AggressorSide, CandleInterval } from '../core/values/vocabulary.js';

/** Most rows that one call saves. */
export const MAX_IMPORT_ROWS = 500;

/** A finished bar of another venue. */
export interface ImportedCandle {
  /** Start of the interval, a whole multiple of its width since 1970 UTC, microseconds. */
  readonly openTimeUs: number;
  /** Prices, exact decimals of quote per base; another venue's steps may be finer than the instrument's. */
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Exact decimal, in the base asset. */
  readonly volume: string;
  /** Volume-weighted average price as the source told it, quote per base; null where it did not. */
  readonly vwap: string | null;
  /** Number of trades; null where the source did not tell it. */
  readonly tradeCount: number | null;
  readonly source: string;
}

/** A trade of another venue. */
export interface ImportedTrade {
  /** The source's id, a whole number; or, where it has none, the trade's place among those of the same microsecond. */
  readonly tradeId: number;
  readonly timeUs: number;
  /** Exact decimals: quote per base, and base. */
  readonly px: string;
  readonly qty: string;
  /** NONE where the source does not tell it. */
  readonly aggressorSide: AggressorSide;
}

/** What saving did to each row: every row is one of these. */
export interface SavedCounts {
  readonly inserted: number;
  /** Rows whose figures changed: the later import is the one that counts. */
  readonly updated: number;
  readonly unchanged: number;
}

export interface TimeRange {
  /** Microseconds since 1970 UTC, inclusive; null = from the first. */
  readonly fromUs: number | null;
  /** Exclusive; null = up to the last. */
  readonly toUs: number | null;
}

/** Every method throws HistoryUnreachableError while the database cannot be reached. */
export interface ImportedMarketData {
  /**
   * Saves bars, all or none: one an interval, of whichever source it came last. Saving the same again changes nothing.
   * @param candles at most MAX_IMPORT_ROWS, no openTimeUs twice
   */
  saveCandles(instrument: number, interval: CandleInterval, candles: readonly ImportedCandle[]): Promise<SavedCounts>;

  /** Saves trades of one source, all or none: one a source, time and id. @param trades at most MAX_IMPORT_ROWS */
  saveTrades(instrument: number, source: string, trades: readonly ImportedTrade[]): Promise<SavedCounts>;

  /** Oldest first, behind `after` (an openTimeUs). @param limit at most 501 */
  candlesOf(
    instrument: number,
    interval: CandleInterval,
    range: TimeRange,
    after: number | null,
    limit: number,
  ): Promise<readonly ImportedCandle[]>;

  /** Newest first by time and id, before `before`. @param limit at most 501 */
  tradesOf(
    instrument: number,
    source: string,
    range: TimeRange,
    before: { readonly timeUs: number; readonly tradeId: number } | null,
    limit: number,
  ): Promise<readonly ImportedTrade[]>;
}
