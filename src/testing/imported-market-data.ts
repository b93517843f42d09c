/** Imported market data in memory, held to the same contract as the database's; it can be out of reach, as that can. */
import type { CandleInterval } from '../core/values/vocabulary.js';
import { HistoryUnreachableError } from '../ports/history.js';
import {
  type ImportedCandle,
  type ImportedMarketData,
  type ImportedTrade,
  MAX_IMPORT_ROWS,
  type SavedCounts,
  type TimeRange,
} from '../ports/imported-market-data.js';

export class RecordedImports implements ImportedMarketData {
  reachable = true;
  readonly #candles = new Map<string, ImportedCandle>();
  readonly #trades = new Map<string, ImportedTrade>();

  async saveCandles(
    instrument: number,
    interval: CandleInterval,
    candles: readonly ImportedCandle[],
  ): Promise<SavedCounts> {
    return this.#save(this.#candles, candles, (candle) => `${instrument}/${interval}/${candle.openTimeUs}`);
  }

  async saveTrades(instrument: number, source: string, trades: readonly ImportedTrade[]): Promise<SavedCounts> {
    return this.#save(this.#trades, trades, (trade) => `${instrument}/${source}/${trade.timeUs}/${trade.tradeId}`);
  }

  async candlesOf(
    instrument: number,
    interval: CandleInterval,
    range: TimeRange,
    after: number | null,
    limit: number,
  ): Promise<readonly ImportedCandle[]> {
    return this.#of(this.#candles, `${instrument}/${interval}/`)
      .filter(({ openTimeUs }) => within(openTimeUs, range) && openTimeUs > (after ?? -1))
      .sort((a, b) => a.openTimeUs - b.openTimeUs)
      .slice(0, limit);
  }

  async tradesOf(
    instrument: number,
    source: string,
    range: TimeRange,
    before: { readonly timeUs: number; readonly tradeId: number } | null,
    limit: number,
  ): Promise<readonly ImportedTrade[]> {
    const order = (a: Pick<ImportedTrade, 'timeUs' | 'tradeId'>, b: Pick<ImportedTrade, 'timeUs' | 'tradeId'>) =>
      b.timeUs - a.timeUs || b.tradeId - a.tradeId;
    return this.#of(this.#trades, `${instrument}/${source}/`)
      .filter((trade) => within(trade.timeUs, range) && (before === null || order(before, trade) < 0))
      .sort(order)
      .slice(0, limit);
  }

  #of<T>(rows: Map<string, T>, prefix: string): T[] {
    this.#requireReachable();
    return [...rows].flatMap(([key, row]) => (key.startsWith(prefix) ? [row] : []));
  }

  #save<T>(rows: Map<string, T>, given: readonly T[], keyOf: (row: T) => string): SavedCounts {
    this.#requireReachable();
    if (given.length > MAX_IMPORT_ROWS) throw new RangeError(`at most ${MAX_IMPORT_ROWS} rows are saved at once`);
    const shown = (row: T | undefined) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    const counts = { inserted: 0, updated: 0, unchanged: 0 };
    for (const row of given) {
      const old = rows.get(keyOf(row));
      if (old === undefined) counts.inserted += 1;
      else if (shown(old) === shown(row)) counts.unchanged += 1;
      else counts.updated += 1;
      rows.set(keyOf(row), row);
    }
    return counts;
  }

  #requireReachable(): void {
    if (!this.reachable) throw new HistoryUnreachableError('the test took history away');
  }
}

function within(timeUs: number, { fromUs, toUs }: TimeRange): boolean {
  return (fromUs === null || timeUs >= fromUs) && (toUs === null || timeUs < toUs);
}
