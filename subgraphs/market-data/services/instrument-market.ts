/** Everything public about one instrument, in memory: book, tape, candles, rolling statistics. */

import type { OrdersTraded } from '../../../src/core/exchange/event.js';
import { BookView } from '../../../src/core/market-data/book-view.js';
import { MarketStatistics } from '../../../src/core/market-data/market-statistics.js';
import { RollingTicker, type TickerStatistics } from '../../../src/core/market-data/ticker.js';
import type { TradeRecord } from '../../../src/ports/history.js';
import { type CandleState, CandleTape } from './candle-tape.js';
import { TradeTape } from './trade-tape.js';

/** What history adds to an instrument: its tape, candles and statistics up to the present. */
export interface LoadedPast {
  readonly tape: TradeTape;
  readonly candles: CandleTape;
  readonly ticker: RollingTicker;
}

/** Best bid and offer with the last trade. */
export interface TopOfBook {
  readonly bidPxTicks: number | null;
  readonly bidQtyLots: number;
  readonly askPxTicks: number | null;
  readonly askQtyLots: number;
  readonly lastPxTicks: number | null;
  readonly lastQtyLots: number;
}

export class InstrumentMarket {
  readonly book = new BookView();
  /** Of the ticks since the instrument is followed. */
  readonly derived = new MarketStatistics();
  /** Engine time from which on the instrument is followed, microseconds since 1970 UTC. */
  readonly followedFromUs: number;
  /** Sequence of the last change of the best prices or the last trade. */
  sequence: number;
  /** Engine time of it, microseconds since 1970 UTC. */
  timeUs: number;
  #tape: TradeTape;
  #candles: CandleTape;
  #ticker = new RollingTicker();
  #statisticsSinceUs: number;
  readonly #lastBefore: TradeRecord | null;

  /**
   * @param sequence the instrument is followed from here on
   * @param lastBefore the last trade known from before, until the past is loaded
   */
  constructor(
    readonly instrument: number,
    sequence: number,
    timeUs: number,
    onCandleClosed: (state: CandleState) => void,
    lastBefore: TradeRecord | null = null,
  ) {
    this.#lastBefore = lastBefore;
    this.followedFromUs = timeUs;
    this.sequence = sequence;
    this.timeUs = timeUs;
    this.book.reset(sequence, timeUs);
    this.#tape = new TradeTape([], sequence);
    this.#candles = CandleTape.startingAt(sequence, timeUs, onCandleClosed);
    this.#statisticsSinceUs = timeUs;
  }

  /** The newest trade known; null where there was none. */
  get lastTrade(): TradeRecord | null {
    return this.#tape.last ?? this.#lastBefore;
  }

  get tape(): TradeTape {
    return this.#tape;
  }

  get candles(): CandleTape {
    return this.#candles;
  }

  /** Statistics know nothing before this time, microseconds since 1970 UTC. */
  get statisticsSinceUs(): number {
    return this.#statisticsSinceUs;
  }

  /** @param timeUs present engine time */
  statistics(timeUs: number): TickerStatistics {
    return this.#ticker.statistics(timeUs);
  }

  /** Puts the past, loaded up to the present, in place of what was gathered since following began. */
  load(past: LoadedPast): void {
    this.#tape = past.tape;
    this.#candles = past.candles;
    this.#ticker = past.ticker;
    this.#statisticsSinceUs = 0;
  }

  trade(event: OrdersTraded): void {
    this.#tape.add(tradeRecordOf(event));
    this.#candles.add(event);
    this.#ticker.add(event.timeUs, event.priceTicks, event.qtyLots);
    this.derived.trade(event.priceTicks, event.qtyLots);
  }

  /** Takes note of a tick: the best prices or the last trade changed, last by this event. */
  tick(sequence: number, timeUs: number): void {
    this.sequence = sequence;
    this.timeUs = timeUs;
    this.derived.quote(this.book.at('BUY', 0), this.book.at('SELL', 0));
  }

  top(): TopOfBook {
    const bid = this.book.at('BUY', 0);
    const ask = this.book.at('SELL', 0);
    const last = this.lastTrade;
    return {
      bidPxTicks: bid?.priceTicks ?? null,
      bidQtyLots: bid?.qtyLots ?? 0,
      askPxTicks: ask?.priceTicks ?? null,
      askQtyLots: ask?.qtyLots ?? 0,
      lastPxTicks: last?.priceTicks ?? null,
      lastQtyLots: last?.qtyLots ?? 0,
    };
  }
}

/** Returns the public part of a trade. */
export function tradeRecordOf(event: OrdersTraded): TradeRecord {
  return {
    tradeId: event.tradeId,
    sequence: event.sequence,
    timeUs: event.timeUs,
    instrument: event.instrument,
    priceTicks: event.priceTicks,
    qtyLots: event.qtyLots,
    aggressorSide: event.aggressorSide,
  };
}
