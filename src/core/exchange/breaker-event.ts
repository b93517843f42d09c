/** Events of circuit breakers, and of halts by hand. */
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import type { TripCause } from '../values/vocabulary.js';
import type { EventHeader } from './event-header.js';

export interface CircuitBreakerSet extends EventHeader {
  readonly type: 'CircuitBreakerSet';
  readonly instrument: number;
  /** null = none from now on. */
  readonly terms: BreakerTerms | null;
  /** null = none before. */
  readonly before: BreakerTerms | null;
  readonly setBy: string;
}

export interface MarketBreakerSet extends EventHeader {
  readonly type: 'MarketBreakerSet';
  /** Symbols of the index, by index; empty without terms. */
  readonly instruments: readonly number[];
  /** null = none from now on. */
  readonly terms: BreakerTerms | null;
  /** null = none before. */
  readonly before: { readonly instruments: readonly number[]; readonly terms: BreakerTerms } | null;
  readonly setBy: string;
}

/** The TradingStatusChanged events of what was halted stand behind it. */
export interface TradingHalted extends EventHeader {
  readonly type: 'TradingHalted';
  /** null = all in a session. */
  readonly instrument: number | null;
  readonly queuesOrders: boolean;
  readonly reason: string;
  readonly setBy: string;
}

/** The TradingStatusChanged events of what goes on stand behind it. */
export interface TradingResumed extends EventHeader {
  readonly type: 'TradingResumed';
  /** null = all that were halted. */
  readonly instrument: number | null;
  readonly auctionUs: number;
  readonly reason: string;
  readonly setBy: string;
}

/**
 * What the exchange will do by itself with an instrument that is halted or in the auction behind a halt, by value: told
 * behind the TradingStatusChanged that changed it. All null: nothing.
 */
export interface CircuitBreakerChanged extends EventHeader {
  readonly type: 'CircuitBreakerChanged';
  readonly instrument: number;
  /** Breaker that halted it; null where a command did, or nothing has. */
  readonly cause: TripCause | null;
  readonly trippedUs: number | null;
  /** Price that its own breaker measured from; null after a market-wide trip. */
  readonly referencePxTicks: number | null;
  /** Price at which the next trade would have been; null likewise. */
  readonly tripPxTicks: number | null;
  /** When its auction begins or, in the auction, when trading opens. */
  readonly resumesUs: number | null;
}

/** The market-wide breaker tripped, or looks on again after all that it halted have left their halts. */
export interface MarketBreakerChanged extends EventHeader {
  readonly type: 'MarketBreakerChanged';
  /** null while it looks on. */
  readonly trippedUs: number | null;
  /** Index in millionths: 1,000,000 where all its symbols stand at the prices at which the breaker was set. */
  readonly indexE6: number;
  /** Index that the move is measured from, in millionths. */
  readonly referenceE6: number;
}
