/**
 * Rolling statistics of the last 24 hours of one instrument, by minute.
 *
 * The window is the minute in the making and the 1,439 minutes before it: never more than 24 h, at least 23 h 59 min.
 * A minute that falls out takes its trades with it as a whole. All sums are exact.
 * Complexity: O(1) a trade; O(1,440) at most once a minute, when the minute with the extreme price fell out.
 * Memory: 1,440 minutes, whatever the number of trades.
 */
import { INTERVAL_US } from './candles.js';
import { ExactSum } from './exact-sum.js';

/** Minutes in the window. */
export const TICKER_MINUTES = 1440;
const MINUTE_US = INTERVAL_US.M1;

/** Statistics over the window; prices are null where nothing traded in it. */
export interface TickerStatistics {
  /** Price of the first trade in the window. */
  readonly openTicks: number | null;
  readonly highTicks: number | null;
  readonly lowTicks: number | null;
  readonly volumeLots: bigint;
  /** Sum of price × quantity, ticks × lots; VWAP = turnover ÷ volume. */
  readonly turnover: bigint;
}

interface Minute {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly openTicks: number;
  highTicks: number;
  lowTicks: number;
  readonly volume: ExactSum;
  readonly turnover: ExactSum;
}

/** A whole minute as a candle tells it. */
export interface MinuteCandle {
  readonly openTimeUs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly volumeLots: bigint;
  readonly turnover: bigint;
}

export class RollingTicker {
  /** Minutes with trades, oldest first; the first `#head` of them have fallen out. */
  #minutes: Minute[] = [];
  #head = 0;
  #high = Number.NEGATIVE_INFINITY;
  #low = Number.POSITIVE_INFINITY;
  readonly #volume = new ExactSum();
  readonly #turnover = new ExactSum();

  /** Counts a trade. @param timeUs at or after that of the trade before */
  add(timeUs: number, priceTicks: number, qtyLots: number): void {
    const last = this.#minuteFor(timeUs, priceTicks);
    const amount = priceTicks * qtyLots;
    if (priceTicks > last.highTicks) last.highTicks = priceTicks;
    if (priceTicks < last.lowTicks) last.lowTicks = priceTicks;
    last.volume.add(qtyLots);
    last.turnover.add(amount);
    if (priceTicks > this.#high) this.#high = priceTicks;
    if (priceTicks < this.#low) this.#low = priceTicks;
    this.#volume.add(qtyLots);
    this.#turnover.add(amount);
  }

  /** Counts the trades of a minute that history holds; minutes come oldest first, before any trade behind them. */
  load(candle: MinuteCandle): void {
    const last = this.#minuteFor(candle.openTimeUs, candle.openTicks);
    last.highTicks = Math.max(last.highTicks, candle.highTicks);
    last.lowTicks = Math.min(last.lowTicks, candle.lowTicks);
    last.volume.addExact(candle.volumeLots);
    last.turnover.addExact(candle.turnover);
    this.#high = Math.max(this.#high, candle.highTicks);
    this.#low = Math.min(this.#low, candle.lowTicks);
    this.#volume.addExact(candle.volumeLots);
    this.#turnover.addExact(candle.turnover);
  }

  /** Returns the statistics of the window that ends with the minute of this engine time. */
  statistics(timeUs: number): TickerStatistics {
    this.#dropBefore(Math.floor(timeUs / MINUTE_US) - TICKER_MINUTES + 1);
    const first = this.#minutes[this.#head];
    return {
      openTicks: first?.openTicks ?? null,
      highTicks: first === undefined ? null : this.#high,
      lowTicks: first === undefined ? null : this.#low,
      volumeLots: this.#volume.value,
      turnover: this.#turnover.value,
    };
  }

  #minuteFor(timeUs: number, openTicks: number): Minute {
    const minute = Math.floor(timeUs / MINUTE_US);
    const last = this.#minutes.at(-1);
    if (last !== undefined && this.#head < this.#minutes.length && last.minute >= minute) return last;
    this.#dropBefore(minute - TICKER_MINUTES + 1);
    const added: Minute = {
      minute,
      openTicks,
      highTicks: openTicks,
      lowTicks: openTicks,
      volume: new ExactSum(),
      turnover: new ExactSum(),
    };
    this.#minutes.push(added);
    return added;
  }

  #dropBefore(minute: number): void {
    let extremeLost = false;
    for (;;) {
      const first = this.#minutes[this.#head];
      if (first === undefined || first.minute >= minute) break;
      this.#head += 1;
      this.#volume.subtractExact(first.volume.value);
      this.#turnover.subtractExact(first.turnover.value);
      if (first.highTicks >= this.#high || first.lowTicks <= this.#low) extremeLost = true;
    }
    // Cut in large pieces: one copy for every 1,440 minutes that fell out.
    if (this.#head >= TICKER_MINUTES) {
      this.#minutes = this.#minutes.slice(this.#head);
      this.#head = 0;
    }
    if (extremeLost) this.#findExtremes();
  }

  #findExtremes(): void {
    this.#high = Number.NEGATIVE_INFINITY;
    this.#low = Number.POSITIVE_INFINITY;
    for (let index = this.#head; index < this.#minutes.length; index += 1) {
      const minute = this.#minutes[index];
      if (minute === undefined) continue;
      this.#high = Math.max(this.#high, minute.highTicks);
      this.#low = Math.min(this.#low, minute.lowTicks);
    }
  }
}
