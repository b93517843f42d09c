/**
 * Closed bars of the past as strategies take them, read page by page: the platform's own, and imported ones in the intervals in
 * which it had no trade. Imported prices are rounded to the tick, volumes down to the lot.
 */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { InstrumentTerms } from '../../../src/core/instrument/terms.js';
import { INTERVAL_US } from '../../../src/core/market-data/candles.js';
import type { Bar, Strategy } from '../../../src/core/strategy/strategy.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { CandleRecord, History } from '../../../src/ports/history.js';
import type { ImportedCandle, ImportedMarketData } from '../../../src/ports/imported-market-data.js';

const PAGE = 500;

export interface BarQuery {
  readonly interval: CandleInterval;
  /** Microseconds since 1970 UTC, inclusive; null = from the first. */
  readonly fromUs: number | null;
  /** Bars must have closed by this time. */
  readonly closedByUs: number;
  /** Most bars that are read. */
  readonly most: number;
}

/** Where bars are kept. */
export interface BarSources {
  readonly history: Pick<History, 'candlesOf'>;
  readonly imported: Pick<ImportedMarketData, 'candlesOf'>;
}

/** Returns closed bars, oldest first; `isCut` where there are more than were asked for. @throws the signal's reason */
export async function readBars(
  { history, imported }: BarSources,
  { instrument, terms }: InstrumentEntry,
  { interval, fromUs, closedByUs, most }: BarQuery,
  signal?: AbortSignal,
): Promise<{ bars: Bar[]; isCut: boolean }> {
  const range = { fromUs, toUs: closedByUs - INTERVAL_US[interval] + 1 };
  const own = await readAll(most + 1, signal, async (after) => {
    const { records } = await history.candlesOf(instrument, interval, range, after, PAGE);
    return records.map(ownBar);
  });
  const others = await readAll(most + 1, signal, async (after) => {
    const candles = await imported.candlesOf(instrument, interval, range, after, PAGE);
    return candles.map((candle) => importedBar(candle, terms));
  });
  const taken = new Set(own.map(({ openTimeUs }) => openTimeUs));
  const bars = [...own, ...others.filter(({ openTimeUs }) => !taken.has(openTimeUs))];
  bars.sort((a, b) => a.openTimeUs - b.openTimeUs);
  return { bars: bars.slice(0, most), isCut: bars.length > most };
}

/** Warm-up bars are looked for over this many times their own span: markets close. */
const WARM_UP_SPAN = 4;
const WARM_UP_MOST = 20_000;

/** Returns the closed bars that a strategy wants to see before it trades, by market, oldest first. */
export async function readWarmUp(
  sources: BarSources,
  entries: readonly InstrumentEntry[],
  { barInterval, warmUpBars }: Pick<Strategy, 'barInterval' | 'warmUpBars'>,
  closedByUs: number,
): Promise<Bar[][]> {
  if (barInterval === null || warmUpBars === 0) return [];
  const fromUs = closedByUs - warmUpBars * WARM_UP_SPAN * INTERVAL_US[barInterval];
  const series: Bar[][] = [];
  for (const entry of entries) {
    const { bars } = await readBars(sources, entry, { interval: barInterval, fromUs, closedByUs, most: WARM_UP_MOST });
    series.push(bars.slice(-warmUpBars));
  }
  return series;
}

async function readAll(
  most: number,
  signal: AbortSignal | undefined,
  page: (after: number | null) => Promise<readonly Bar[]>,
): Promise<Bar[]> {
  const bars: Bar[] = [];
  for (let after: number | null = null; bars.length < most; ) {
    signal?.throwIfAborted();
    const read = await page(after);
    for (const bar of read) bars.push(bar);
    if (read.length < PAGE) break;
    after = read[read.length - 1]!.openTimeUs;
  }
  return bars;
}

function ownBar({ openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots }: CandleRecord): Bar {
  return { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots };
}

function importedBar(candle: ImportedCandle, terms: InstrumentTerms): Bar {
  const tick = terms.tickUnits / 10 ** terms.priceScale;
  const lot = terms.lotUnits / 10 ** terms.qtyScale;
  const ticks = (text: string) => Math.max(1, Math.round(Number(text) / tick));
  return {
    openTimeUs: candle.openTimeUs,
    openTicks: ticks(candle.open),
    highTicks: ticks(candle.high),
    lowTicks: ticks(candle.low),
    closeTicks: ticks(candle.close),
    volumeLots: Math.floor(Number(candle.volume) / lot),
  };
}
