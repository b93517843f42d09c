/** Prices and bars of other venues, as they come. They are told beside the platform's own and never trade. */
import type { CandleInterval } from '../core/values/vocabulary.js';

/** What another venue shows for an instrument, as last heard. Prices and quantities are decimals, digits as they came. */
export interface ReferencePrice {
  /** The platform's instrument. */
  readonly symbol: string;
  /** Name of the venue, e.g. "kraken"; also the source of its bars. */
  readonly source: string;
  /** What the venue calls it, e.g. "BTC/USD". */
  readonly venueSymbol: string;
  readonly bidPx: string | null;
  readonly bidQty: string | null;
  readonly askPx: string | null;
  readonly askQty: string | null;
  readonly lastPx: string | null;
  /** When the newest of it came here, microseconds since 1970 UTC; null before the first. */
  readonly receivedTimeUs: number | null;
  /** How long ago that was; null before the first. */
  readonly ageMs: number | null;
  /** True where it may be out of date: `problem` says why. */
  readonly stale: boolean;
  /** One sentence; null where nothing is wrong. */
  readonly problem: string | null;
  /** Times that updates were missed and the book was taken anew. */
  readonly gaps: number;
  /** Times that the connection was lost, or went silent, and was made again. */
  readonly reconnects: number;
}

/** A finished bar of another venue; decimals, digits as they came. */
export interface ReferenceBar {
  /** Microseconds since 1970 UTC. */
  readonly openTimeUs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** Takes bars, oldest first. Resolves with false where they could not be kept: they are offered again later. */
export type ReferenceBarSink = (
  symbol: string,
  interval: CandleInterval,
  source: string,
  bars: readonly ReferenceBar[],
) => Promise<boolean>;

export interface ReferenceFeed {
  /** Begins; a venue that is away is tried again and again. Called once. */
  start(sink: ReferenceBarSink): void;
  /** Prices of an instrument, one a venue; empty where none is followed. */
  pricesOf(symbol: string): readonly ReferencePrice[];
  /** Ends every connection, timer and request. */
  stop(): Promise<void>;
}
