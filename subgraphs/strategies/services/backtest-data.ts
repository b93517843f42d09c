/** The past that a backtest is fed with, read page by page, and given up as soon as it is canceled. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { BacktestData } from '../../../src/core/strategy/backtest/job.js';
import type { PastTrade } from '../../../src/core/strategy/backtest/trade-flow.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { BacktestFailedError } from '../../../src/ports/backtest-runner.js';
import type { History } from '../../../src/ports/history.js';
import type { ImportedMarketData, ImportedTrade } from '../../../src/ports/imported-market-data.js';
import { readBars } from './bars.js';

export const MAX_BARS = 200_000;
export const MAX_TRADES = 500_000;
const PAGE = 500;

export interface DataQuery {
  /** null = trades. */
  readonly interval: CandleInterval | null;
  /** Source of imported trades; null = the platform's own. */
  readonly source: string | null;
  /** Microseconds since 1970 UTC, inclusive; null = from the first. */
  readonly fromUs: number | null;
  /** Exclusive. */
  readonly toUs: number;
}

export interface DataSources {
  readonly history: Pick<History, 'candlesOf' | 'tradesOf'>;
  readonly imported: Pick<ImportedMarketData, 'candlesOf' | 'tradesOf'>;
}

/** @throws BacktestFailedError where there is nothing, or too much; the signal's reason where it was aborted */
export async function readBacktestData(
  sources: DataSources,
  entries: readonly InstrumentEntry[],
  query: DataQuery,
  signal: AbortSignal,
): Promise<BacktestData> {
  const { interval } = query;
  if (interval !== null) {
    const bars = [];
    for (const entry of entries) bars.push(await barsOf(sources, entry, interval, query, signal));
    return { kind: 'BARS', interval, bars };
  }
  const trades: PastTrade[] = [];
  for (const [market, entry] of entries.entries()) {
    const before = trades.length;
    if (query.source === null) await readOwn(sources.history, entry, market, query, signal, trades);
    else await readImported(sources.imported, entry, market, query.source, query, signal, trades);
    if (trades.length === before) {
      const whose = query.source === null ? '' : ` of ${query.source}`;
      throw new BacktestFailedError(`${entry.symbol} has no trades${whose} in the range`);
    }
  }
  // Each market came newest first; sorting keeps the order of trades at one time.
  trades.reverse();
  return { kind: 'TRADES', trades: trades.sort((a, b) => a.timeUs - b.timeUs) };
}

async function barsOf(
  sources: DataSources,
  entry: InstrumentEntry,
  interval: CandleInterval,
  { fromUs, toUs }: DataQuery,
  signal: AbortSignal,
) {
  const query = { interval, fromUs, closedByUs: toUs, most: MAX_BARS };
  const { bars, isCut } = await readBars(sources, entry, query, signal);
  if (isCut) throw new BacktestFailedError(`${entry.symbol} has more than ${MAX_BARS} bars: narrow from and to`);
  if (bars.length === 0) throw new BacktestFailedError(`${entry.symbol} has no closed ${interval} bars in the range`);
  return bars;
}

async function readOwn(
  history: DataSources['history'],
  { instrument }: InstrumentEntry,
  market: number,
  { fromUs, toUs }: DataQuery,
  signal: AbortSignal,
  trades: PastTrade[],
): Promise<void> {
  for (let before: number | null = null; ; ) {
    signal.throwIfAborted();
    const { records } = await history.tradesOf(instrument, { fromUs, toUs }, before, PAGE);
    for (const { timeUs, priceTicks, qtyLots, aggressorSide } of records) {
      trades.push({ timeUs, market, priceTicks, qtyLots, aggressorSide });
    }
    requireRoom(trades);
    if (records.length < PAGE) return;
    before = records[records.length - 1]!.tradeId;
  }
}

/** Prices of another venue are rounded to the tick, quantities down to the lot; what is less than a lot is left out. */
async function readImported(
  imported: DataSources['imported'],
  { instrument, terms }: InstrumentEntry,
  market: number,
  source: string,
  { fromUs, toUs }: DataQuery,
  signal: AbortSignal,
  trades: PastTrade[],
): Promise<void> {
  const tick = terms.tickUnits / 10 ** terms.priceScale;
  const lot = terms.lotUnits / 10 ** terms.qtyScale;
  for (let before: ImportedTrade | null = null; ; ) {
    signal.throwIfAborted();
    const page: readonly ImportedTrade[] = await imported.tradesOf(instrument, source, { fromUs, toUs }, before, PAGE);
    for (const { timeUs, px, qty, aggressorSide } of page) {
      const qtyLots = Math.floor(Number(qty) / lot + 1e-9);
      if (qtyLots < 1) continue;
      trades.push({ timeUs, market, priceTicks: Math.max(1, Math.round(Number(px) / tick)), qtyLots, aggressorSide });
    }
    requireRoom(trades);
    if (page.length < PAGE) return;
    before = page[page.length - 1]!;
  }
}

function requireRoom(trades: readonly PastTrade[]): void {
  if (trades.length <= MAX_TRADES) return;
  throw new BacktestFailedError(`there are more than ${MAX_TRADES} trades: narrow from and to`);
}
