/** What is read of the past at a start: each instrument's newest trades, newest candles, and minutes of the last 24 h. */
import type { OrdersTraded } from '../../../src/core/exchange/event.js';
import { type CandleValues, INTERVAL_US, openTimeOf } from '../../../src/core/market-data/candles.js';
import { type MinuteCandle, RollingTicker, TICKER_MINUTES } from '../../../src/core/market-data/ticker.js';
import { CANDLE_INTERVALS, type CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { CandleRecord, History, Reached, TradeRecord } from '../../../src/ports/history.js';
import { type CandleState, CandleTape, type LoadedCandle } from './candle-tape.js';
import { type LoadedPast, tradeRecordOf } from './instrument-market.js';
import { TradeTape } from './trade-tape.js';

const TRADES_READ = 500;
/** Minutes read at once; a page of history holds at least as many candles. */
const MINUTES_READ = 480;
const MINUTE_US = INTERVAL_US.M1;

/** Minutes of one reading: every minute from fromUs to toUs that had a trade up to throughSequence. */
interface MinutePage {
  readonly toUs: number;
  readonly candles: readonly CandleRecord[];
  readonly throughSequence: number;
}

interface PastRows {
  readonly trades: Reached<TradeRecord>;
  readonly candles: ReadonlyMap<CandleInterval, LoadedCandle>;
  readonly minutes: readonly MinutePage[];
}

export interface Past {
  readonly rows: ReadonlyMap<number, PastRows>;
  /** Lowest sequence up to which all rows are complete. */
  readonly throughSequence: number;
}

export function candleValuesOf(record: CandleRecord): CandleValues {
  return {
    openTimeUs: record.openTimeUs,
    openTicks: record.openTicks,
    highTicks: record.highTicks,
    lowTicks: record.lowTicks,
    closeTicks: record.closeTicks,
    volumeLots: BigInt(record.volumeLots),
    turnover: record.turnover,
    tradeCount: record.tradeCount,
  };
}

/** Reads the past of these instruments, one after the other: a start must not crowd out anybody's queries. */
export async function readPast(history: History, instruments: readonly number[]): Promise<Past> {
  const rows = new Map<number, PastRows>();
  let throughSequence = Number.MAX_SAFE_INTEGER;
  for (const instrument of instruments) {
    const past = await readInstrument(history, instrument);
    rows.set(instrument, past);
    throughSequence = Math.min(throughSequence, past.trades.throughSequence);
    for (const candle of past.candles.values()) throughSequence = Math.min(throughSequence, candle.throughSequence);
    for (const page of past.minutes) throughSequence = Math.min(throughSequence, page.throughSequence);
  }
  return { rows, throughSequence };
}

async function readInstrument(history: History, instrument: number): Promise<PastRows> {
  const trades = await history.tradesOf(instrument, { fromUs: null, toUs: null }, null, TRADES_READ);
  const candles = new Map<CandleInterval, LoadedCandle>();
  for (const interval of CANDLE_INTERVALS) {
    const { records, throughSequence } = await history.lastCandleBefore(instrument, interval, Number.MAX_SAFE_INTEGER);
    const record = records[0];
    candles.set(interval, { candle: record === undefined ? null : candleValuesOf(record), throughSequence });
  }
  const newest = candles.get('M1')?.candle?.openTimeUs;
  const minutes = newest === undefined ? [] : await readMinutes(history, instrument, newest);
  return { trades, candles, minutes };
}

async function readMinutes(history: History, instrument: number, newestUs: number): Promise<MinutePage[]> {
  const pages: MinutePage[] = [];
  const firstUs = newestUs - (TICKER_MINUTES - 1) * MINUTE_US;
  for (let fromUs = firstUs; fromUs <= newestUs; fromUs += MINUTES_READ * MINUTE_US) {
    // Pages end at newestUs: minutes that history gained meanwhile come as trades.
    const toUs = Math.min(fromUs + MINUTES_READ * MINUTE_US, newestUs + MINUTE_US);
    const { records, throughSequence } = await history.candlesOf(
      instrument,
      'M1',
      { fromUs, toUs },
      null,
      MINUTES_READ,
    );
    pages.push({ toUs, candles: records, throughSequence });
  }
  return pages;
}

/**
 * Builds an instrument's past up to the present.
 * @param trades of the instrument, oldest first: all behind the rows' lowest throughSequence
 */
export function buildPast(
  rows: PastRows,
  trades: readonly OrdersTraded[],
  onCandleClosed: (state: CandleState) => void,
): LoadedPast {
  const tape = new TradeTape(
    [
      ...[...rows.trades.records].reverse(),
      ...trades.filter((trade) => trade.sequence > rows.trades.throughSequence).map(tradeRecordOf),
    ],
    rows.trades.records.length < TRADES_READ ? 0 : rows.trades.throughSequence,
  );
  return { tape, candles: CandleTape.loaded(rows.candles, trades, onCandleClosed), ticker: buildTicker(rows, trades) };
}

function buildTicker(rows: PastRows, trades: readonly OrdersTraded[]): RollingTicker {
  const minutes = new Map<number, MinuteCandle>();
  for (const page of rows.minutes) {
    for (const record of page.candles) minutes.set(record.openTimeUs, candleValuesOf(record));
  }
  for (const trade of trades) {
    const page = rows.minutes.find(({ toUs }) => trade.timeUs < toUs);
    if (page !== undefined && trade.sequence <= page.throughSequence) continue;
    const openTimeUs = openTimeOf('M1', trade.timeUs);
    minutes.set(openTimeUs, withTrade(minutes.get(openTimeUs), openTimeUs, trade));
  }
  const ticker = new RollingTicker();
  for (const [, minute] of [...minutes].sort(([a], [b]) => a - b)) ticker.load(minute);
  return ticker;
}

function withTrade(minute: MinuteCandle | undefined, openTimeUs: number, trade: OrdersTraded): MinuteCandle {
  const { priceTicks } = trade;
  const volumeLots = BigInt(trade.qtyLots);
  return {
    openTimeUs,
    openTicks: minute?.openTicks ?? priceTicks,
    highTicks: Math.max(minute?.highTicks ?? priceTicks, priceTicks),
    lowTicks: Math.min(minute?.lowTicks ?? priceTicks, priceTicks),
    volumeLots: (minute?.volumeLots ?? 0n) + volumeLots,
    turnover: (minute?.turnover ?? 0n) + volumeLots * BigInt(priceTicks),
  };
}
