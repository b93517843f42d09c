/**
 * Candles of one instrument in every interval, built in one pass over its trades.
 *
 * Intervals start at whole multiples of their width since 1970-01-01 00:00 UTC; a trade belongs to the interval with
 * openTime ≤ time < openTime + width. Empty intervals have no candle: nothing is carried over from the close before.
 * A candle is in the making until engine time reaches its end, told by a trade or by `closeThrough`; then it is closed and
 * never changes. Engine time never runs backwards, so no trade of the exchange is late; one that is given with an
 * earlier time all the same counts in the candle in the making, as a closed candle has been told already.
 * Volume and turnover are exact at any size. Complexity: O(1) a trade and interval. Memory: one candle an interval.
 */
import { CANDLE_INTERVALS, type CandleInterval } from '../values/vocabulary.js';
import { ExactSum } from './exact-sum.js';

const SECOND_US = 1_000_000;

/** Width of each interval, microseconds. */
export const INTERVAL_US: Readonly<Record<CandleInterval, number>> = {
  S1: SECOND_US,
  S5: 5 * SECOND_US,
  M1: 60 * SECOND_US,
  M5: 300 * SECOND_US,
  M15: 900 * SECOND_US,
  H1: 3600 * SECOND_US,
  H4: 14_400 * SECOND_US,
  D1: 86_400 * SECOND_US,
};

/** Returns the start of the interval that holds the time. */
export function openTimeOf(interval: CandleInterval, timeUs: number): number {
  return timeUs - (timeUs % INTERVAL_US[interval]);
}

/** What candles need of a trade. */
export interface CandleTrade {
  readonly timeUs: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
}

/** A candle as it stands; a value that never changes. */
export interface CandleValues {
  /** Start of the interval, microseconds since 1970 UTC. */
  readonly openTimeUs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly volumeLots: bigint;
  /** Sum of price × quantity, ticks × lots; VWAP = turnover ÷ volume. */
  readonly turnover: bigint;
  readonly tradeCount: number;
}

class CandleInTheMaking {
  #high: number;
  #low: number;
  #close: number;
  #count = 0;
  readonly #volume = new ExactSum();
  readonly #turnover = new ExactSum();

  constructor(
    readonly openTimeUs: number,
    readonly openTicks: number,
  ) {
    this.#high = openTicks;
    this.#low = openTicks;
    this.#close = openTicks;
  }

  static from(candle: CandleValues): CandleInTheMaking {
    const making = new CandleInTheMaking(candle.openTimeUs, candle.openTicks);
    making.#high = candle.highTicks;
    making.#low = candle.lowTicks;
    making.#close = candle.closeTicks;
    making.#count = candle.tradeCount;
    making.#volume.addExact(candle.volumeLots);
    making.#turnover.addExact(candle.turnover);
    return making;
  }

  add(priceTicks: number, qtyLots: number): void {
    if (priceTicks > this.#high) this.#high = priceTicks;
    if (priceTicks < this.#low) this.#low = priceTicks;
    this.#close = priceTicks;
    this.#count += 1;
    this.#volume.add(qtyLots);
    this.#turnover.add(priceTicks * qtyLots);
  }

  values(): CandleValues {
    return {
      openTimeUs: this.openTimeUs,
      openTicks: this.openTicks,
      highTicks: this.#high,
      lowTicks: this.#low,
      closeTicks: this.#close,
      volumeLots: this.#volume.value,
      turnover: this.#turnover.value,
      tradeCount: this.#count,
    };
  }
}

/** Called with each candle as it closes. */
export type CandleClosed = (interval: CandleInterval, candle: CandleValues) => void;

export class CandleBuilder {
  readonly #making = new Map<CandleInterval, CandleInTheMaking>();
  readonly #onClosed: CandleClosed;

  constructor(onClosed: CandleClosed) {
    this.#onClosed = onClosed;
  }

  /** Starts an interval with a candle that is already in the making, as history knows it. */
  load(interval: CandleInterval, candle: CandleValues): void {
    this.#making.set(interval, CandleInTheMaking.from(candle));
  }

  /**
   * Counts a trade in every interval.
   * @param trade its price × quantity is a safe integer, as the exchange makes sure of
   */
  add(trade: CandleTrade): void {
    for (const interval of CANDLE_INTERVALS) this.addTo(interval, trade);
  }

  /** Counts a trade in one interval. */
  addTo(interval: CandleInterval, trade: CandleTrade): void {
    let making = this.#making.get(interval);
    if (making !== undefined && trade.timeUs >= making.openTimeUs + INTERVAL_US[interval]) {
      this.#onClosed(interval, making.values());
      making = undefined;
    }
    if (making === undefined) {
      making = new CandleInTheMaking(openTimeOf(interval, trade.timeUs), trade.priceTicks);
      this.#making.set(interval, making);
    }
    making.add(trade.priceTicks, trade.qtyLots);
  }

  /** Closes every candle whose interval ended at or before this engine time. */
  closeThrough(timeUs: number): void {
    for (const [interval, making] of this.#making) {
      if (timeUs < making.openTimeUs + INTERVAL_US[interval]) continue;
      this.#making.delete(interval);
      this.#onClosed(interval, making.values());
    }
  }

  /** Returns the candle in the making, or null where the interval has had no trade yet. */
  current(interval: CandleInterval): CandleValues | null {
    return this.#making.get(interval)?.values() ?? null;
  }
}
