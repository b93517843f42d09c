/**
 * An instrument's newest candles in memory: those in the making and the last closed ones of each interval.
 *
 * Invariant: of each interval, memory holds every candle with openTime ≥ `fromUs`, and history alone what is older;
 * the seam lies between two candles, so that none is doubled. An interval that was under way when following began
 * stays with history until its candle has been loaded. Memory: MAX_CLOSED_CANDLES an interval.
 */
import {
  CandleBuilder,
  type CandleTrade,
  type CandleValues,
  INTERVAL_US,
  openTimeOf,
} from '../../../src/core/market-data/candles.js';
import { CANDLE_INTERVALS, type CandleInterval } from '../../../src/core/values/vocabulary.js';

/** Most closed candles of one interval that are kept in memory. */
export const MAX_CLOSED_CANDLES = 300;
const SLACK = 64;

/** A candle as it is told: in the making or closed. */
export interface CandleState {
  readonly interval: CandleInterval;
  readonly candle: CandleValues;
  readonly closed: boolean;
}

interface ClosedCandle {
  readonly candle: CandleValues;
  /** Sequence of a trade at or behind the candle's last one. */
  readonly sequence: number;
}

interface IntervalTape {
  closed: ClosedCandle[];
  fromUs: number;
  /** History must have reached this sequence to hold every candle before fromUs. */
  boundarySequence: number;
}

/** A trade with its place in the stream. */
export interface SequencedTrade extends CandleTrade {
  readonly sequence: number;
}

/** The newest candle of an interval as history holds it. */
export interface LoadedCandle {
  readonly candle: CandleValues | null;
  /** Sequence up to which it is complete. */
  readonly throughSequence: number;
}

export class CandleTape {
  readonly #builder: CandleBuilder;
  readonly #tapes = new Map<CandleInterval, IntervalTape>();
  #sequence: number;
  #onClosed: (state: CandleState) => void;

  private constructor(sequence: number, onClosed: (state: CandleState) => void) {
    this.#sequence = sequence;
    this.#onClosed = onClosed;
    this.#builder = new CandleBuilder((interval, candle) => this.#close(interval, candle));
  }

  /** Starts with nothing: intervals under way at this engine time belong to history. */
  static startingAt(sequence: number, timeUs: number, onClosed: (state: CandleState) => void): CandleTape {
    const tape = new CandleTape(sequence, onClosed);
    for (const interval of CANDLE_INTERVALS) {
      const fromUs = openTimeOf(interval, timeUs) + INTERVAL_US[interval];
      tape.#tapes.set(interval, { closed: [], fromUs, boundarySequence: sequence });
    }
    return tape;
  }

  /**
   * Starts with the newest candle of each interval and goes on with the trades behind it.
   * @param trades oldest first; those that a candle holds already are passed over for its interval
   */
  static loaded(
    loaded: ReadonlyMap<CandleInterval, LoadedCandle>,
    trades: readonly SequencedTrade[],
    onClosed: (state: CandleState) => void,
  ): CandleTape {
    // Candles that closed before the start have been told already.
    const tape = new CandleTape(0, () => undefined);
    for (const interval of CANDLE_INTERVALS) {
      const { candle, throughSequence } = loaded.get(interval) ?? { candle: null, throughSequence: 0 };
      tape.#tapes.set(interval, { closed: [], fromUs: candle?.openTimeUs ?? 0, boundarySequence: throughSequence });
      tape.#sequence = throughSequence;
      if (candle !== null) tape.#builder.load(interval, candle);
      for (const trade of trades) {
        if (trade.sequence <= throughSequence) continue;
        tape.#sequence = trade.sequence;
        tape.#builder.addTo(interval, trade);
      }
    }
    tape.#onClosed = onClosed;
    return tape;
  }

  add(trade: SequencedTrade): void {
    this.#sequence = trade.sequence;
    this.#builder.add(trade);
    for (const tape of this.#tapes.values()) {
      if (trade.timeUs < tape.fromUs) tape.boundarySequence = trade.sequence;
    }
  }

  /** Closes what ended at or before this engine time. */
  closeThrough(timeUs: number): void {
    this.#builder.closeThrough(timeUs);
  }

  /** Returns the candle in the making; null where there is none, or history alone knows it. */
  current(interval: CandleInterval): CandleValues | null {
    const candle = this.#builder.current(interval);
    return candle !== null && candle.openTimeUs >= this.#tape(interval).fromUs ? candle : null;
  }

  /** Where memory begins, microseconds since 1970 UTC, and what history must have reached to hold the rest. */
  seam(interval: CandleInterval): { readonly fromUs: number; readonly boundarySequence: number } {
    const { fromUs, boundarySequence } = this.#tape(interval);
    return { fromUs, boundarySequence };
  }

  /** Returns up to `limit` candles in memory with from ≤ openTime < to, oldest first. */
  oldestFirst(interval: CandleInterval, fromUs: number, toUs: number | null, limit: number): CandleState[] {
    const states: CandleState[] = [];
    for (const { candle } of this.#tape(interval).closed) {
      if (states.length === limit) return states;
      if (candle.openTimeUs >= fromUs && (toUs === null || candle.openTimeUs < toUs)) {
        states.push({ interval, candle, closed: true });
      }
    }
    const candle = this.current(interval);
    if (candle !== null && states.length < limit && candle.openTimeUs >= fromUs) {
      if (toUs === null || candle.openTimeUs < toUs) states.push({ interval, candle, closed: false });
    }
    return states;
  }

  #tape(interval: CandleInterval): IntervalTape {
    const tape = this.#tapes.get(interval);
    if (tape === undefined) throw new RangeError(`no candles are kept for the interval ${interval}`);
    return tape;
  }

  #close(interval: CandleInterval, candle: CandleValues): void {
    const tape = this.#tape(interval);
    if (candle.openTimeUs < tape.fromUs) return;
    tape.closed.push({ candle, sequence: this.#sequence });
    this.#onClosed({ interval, candle, closed: true });
    const excess = tape.closed.length - MAX_CLOSED_CANDLES;
    if (excess <= SLACK) return;
    const evicted = tape.closed[excess - 1];
    if (evicted !== undefined) {
      tape.fromUs = evicted.candle.openTimeUs + INTERVAL_US[interval];
      tape.boundarySequence = Math.max(tape.boundarySequence, evicted.sequence);
    }
    tape.closed = tape.closed.slice(excess);
  }
}
