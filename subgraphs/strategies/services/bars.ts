/** Closed bars of the past as strategies take them, read from history page by page. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { INTERVAL_US } from '../../../src/core/market-data/candles.js';
import type { Bar } from '../../../src/core/strategy/strategy.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { CandleRecord, History } from '../../../src/ports/history.js';

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

/** Returns closed bars, oldest first; `isCut` where there are more than were asked for. */
export async function readBars(
  history: History,
  { instrument }: InstrumentEntry,
  { interval, fromUs, closedByUs, most }: BarQuery,
): Promise<{ bars: Bar[]; isCut: boolean }> {
  const bars: Bar[] = [];
  const range = { fromUs, toUs: closedByUs - INTERVAL_US[interval] + 1 };
  let after: number | null = null;
  for (;;) {
    const { records } = await history.candlesOf(instrument, interval, range, after, PAGE);
    for (const record of records) {
      if (bars.length === most) return { bars, isCut: true };
      bars.push(toBar(record));
    }
    if (records.length < PAGE) return { bars, isCut: false };
    after = records[records.length - 1]!.openTimeUs;
  }
}

function toBar({ openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots }: CandleRecord): Bar {
  return { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots };
}
