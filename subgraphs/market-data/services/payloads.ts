/** Public shapes of market data: ticks and lots become Decimals here, once an event, for all subscribers. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice, formatQty, type InstrumentTerms } from '../../../src/core/instrument/terms.js';
import type { BookLevel } from '../../../src/core/market-data/book-view.js';
import { formatRatio, formatScaled } from '../../../src/core/values/decimal.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { encodeStreamCursor } from '../../../src/graphql/cursor.js';
import type { TradeRecord } from '../../../src/ports/history.js';
import type { ImportedCandle } from '../../../src/ports/imported-market-data.js';
import type { Candle } from '../types/candle.js';
import type { Instrument } from '../types/instrument.js';
import type { PriceLevel } from '../types/order-book.js';
import type { MarketStatistics } from '../types/statistics.js';
import type { Tick, Ticker } from '../types/ticker.js';
import type { Trade } from '../types/trade.js';
import type { TradingStatusUpdate } from '../types/trading-status.js';
import type { CandleState } from './candle-tape.js';
import type { InstrumentMarket } from './instrument-market.js';

/** Source of the candles that the platform's own trades make. */
export const OWN_SOURCE = 'venue';
/** Decimals of a volume-weighted average price beyond those of a price. */
const VWAP_EXTRA_DECIMALS = 6;
const PPM_PER_BASIS_POINT_SCALE = 2;
const PPM_PER_PERCENT_SCALE = 4;

/** Prints an exact sum of lots with the scale of lotSize. */
function formatLots(terms: InstrumentTerms, lots: bigint): string {
  return formatScaled(lots * BigInt(terms.lotUnits), terms.qtyScale);
}

/** Prints turnover ÷ volume; null where nothing traded. */
function formatVwap(terms: InstrumentTerms, turnover: bigint, volumeLots: bigint): string | null {
  if (volumeLots === 0n) return null;
  return formatRatio(
    turnover * BigInt(terms.tickUnits),
    volumeLots * 10n ** BigInt(terms.priceScale),
    terms.priceScale,
    terms.priceScale + VWAP_EXTRA_DECIMALS,
  );
}

function price(terms: InstrumentTerms, ticks: number | null): string | null {
  return ticks === null ? null : formatPrice(terms, ticks);
}

export function toInstrument(entry: InstrumentEntry): Instrument {
  const { terms } = entry;
  const { spec } = terms;
  return {
    symbol: entry.symbol,
    description: spec.description,
    baseCurrency: spec.baseAsset,
    quoteCurrency: spec.quoteAsset,
    tickSize: spec.tickSize,
    lotSize: spec.lotSize,
    minPrice: formatPrice(terms, spec.minPriceTicks),
    maxPrice: formatPrice(terms, spec.maxPriceTicks),
    minQty: formatQty(terms, spec.minQtyLots),
    maxQty: formatQty(terms, spec.maxQtyLots),
    makerFeeBps: formatRatio(BigInt(spec.makerFeePpm), 100n, 0, PPM_PER_BASIS_POINT_SCALE),
    takerFeeBps: formatRatio(BigInt(spec.takerFeePpm), 100n, 0, PPM_PER_BASIS_POINT_SCALE),
    priceCollarPercent:
      spec.priceCollarPpm === null ? null : formatRatio(BigInt(spec.priceCollarPpm), 10_000n, 0, PPM_PER_PERCENT_SCALE),
    tradingStatus: entry.status,
    statusReason: entry.statusReason,
  };
}

function topPayload(terms: InstrumentTerms, market: InstrumentMarket) {
  const top = market.top();
  return {
    bidPx: price(terms, top.bidPxTicks),
    bidQty: top.bidPxTicks === null ? null : formatQty(terms, top.bidQtyLots),
    askPx: price(terms, top.askPxTicks),
    askQty: top.askPxTicks === null ? null : formatQty(terms, top.askQtyLots),
    lastPx: price(terms, top.lastPxTicks),
    lastQty: top.lastPxTicks === null ? null : formatQty(terms, top.lastQtyLots),
  };
}

export function toTick(entry: InstrumentEntry, market: InstrumentMarket): Tick {
  return {
    cursor: encodeStreamCursor(market.sequence, 0),
    symbol: entry.symbol,
    sequence: market.sequence,
    ...topPayload(entry.terms, market),
    conflated: 0,
    transactTime: market.timeUs,
  };
}

/** @param nowUs present engine time, microseconds since 1970 UTC */
export function toTicker(entry: InstrumentEntry, market: InstrumentMarket, nowUs: number): Ticker {
  const { terms } = entry;
  const statistics = market.statistics(nowUs);
  return {
    symbol: entry.symbol,
    sequence: market.sequence,
    ...topPayload(terms, market),
    openPx: price(terms, statistics.openTicks),
    highPx: price(terms, statistics.highTicks),
    lowPx: price(terms, statistics.lowTicks),
    volume: formatLots(terms, statistics.volumeLots),
    vwap: formatVwap(terms, statistics.turnover, statistics.volumeLots),
    statisticsFrom: Math.max(market.statisticsSinceUs, nowUs - 86_400_000_000, 0),
    transactTime: market.timeUs,
  };
}

export function toStatistics(entry: InstrumentEntry, market: InstrumentMarket): MarketStatistics {
  const { terms } = entry;
  const { derived } = market;
  const tick = terms.tickUnits / 10 ** terms.priceScale;
  const scaled = (ticks: number | null, factor: number) => (ticks === null ? null : ticks * factor);
  return {
    symbol: entry.symbol,
    sequence: market.sequence,
    since: market.followedFromUs,
    tickCount: derived.mid.count,
    midMean: scaled(derived.mid.mean, tick),
    midVariance: scaled(derived.mid.variance, tick * tick),
    ewmaVolatility: derived.volatility.volatility,
    spread: price(terms, derived.spreadTicks),
    spreadMean: scaled(derived.spread.mean, tick),
    imbalance: derived.imbalance,
    tradeCount: derived.tradeCount,
    volume: formatLots(terms, derived.volumeLots),
    vwap: formatVwap(terms, derived.turnover, derived.volumeLots),
  };
}

export function toLevels(terms: InstrumentTerms, levels: readonly BookLevel[]): PriceLevel[] {
  return levels.map((level) => ({
    px: formatPrice(terms, level.priceTicks),
    qty: formatQty(terms, level.qtyLots),
    orderCount: level.orderCount,
  }));
}

export function toTrade(entry: InstrumentEntry, record: TradeRecord): Trade {
  return {
    cursor: encodeStreamCursor(record.sequence, 0),
    id: String(record.tradeId),
    symbol: entry.symbol,
    px: formatPrice(entry.terms, record.priceTicks),
    qty: formatQty(entry.terms, record.qtyLots),
    aggressorSide: record.aggressorSide,
    sequence: record.sequence,
    transactTime: record.timeUs,
  };
}

export function toTradingStatus(entry: InstrumentEntry, sequence: number, timeUs: number): TradingStatusUpdate {
  return {
    symbol: entry.symbol,
    tradingStatus: entry.status,
    auction: entry.auction,
    queuesOrders: entry.queuesOrders,
    reason: entry.statusReason,
    sequence,
    transactTime: timeUs,
  };
}

export function toCandle(entry: InstrumentEntry, { interval, candle, closed }: CandleState): Candle {
  const { terms } = entry;
  return {
    symbol: entry.symbol,
    interval,
    openTime: candle.openTimeUs,
    open: formatPrice(terms, candle.openTicks),
    high: formatPrice(terms, candle.highTicks),
    low: formatPrice(terms, candle.lowTicks),
    close: formatPrice(terms, candle.closeTicks),
    volume: formatLots(terms, candle.volumeLots),
    vwap: formatVwap(terms, candle.turnover, candle.volumeLots),
    tradeCount: candle.tradeCount,
    closed,
    source: OWN_SOURCE,
  };
}

/** An imported candle is a finished one, with the digits that its source gave. */
export function toImportedCandle(entry: InstrumentEntry, interval: CandleInterval, candle: ImportedCandle): Candle {
  const { openTimeUs, open, high, low, close, volume, vwap, tradeCount, source } = candle;
  return {
    symbol: entry.symbol,
    interval,
    openTime: openTimeUs,
    open,
    high,
    low,
    close,
    volume,
    vwap,
    tradeCount: tradeCount ?? 0,
    closed: true,
    source,
  };
}
