/**
 * Imported bars and trades in PostgreSQL: a page is one statement, so that it is saved whole or not at all, and a second copy
 * of the same rows writes nothing.
 */
import type pg from 'pg';
import type { CandleInterval } from '../../core/values/vocabulary.js';
import {
  type ImportedCandle,
  type ImportedMarketData,
  type ImportedTrade,
  MAX_IMPORT_ROWS,
  type SavedCounts,
  type TimeRange,
} from '../../ports/imported-market-data.js';
import type { Log } from '../../ports/log.js';
import { createGuard, type Guard, type GuardTexts } from './connection.js';
import { safeNumber } from './history-rows.js';
import { PartitionSpans } from './partitions.js';
import { storableText } from './rows.js';

const MAX_LIMIT = 501;
const END_OF_TIME = Number.MAX_SAFE_INTEGER;
const NOTHING: SavedCounts = { inserted: 0, updated: 0, unchanged: 0 };

/** New is what was not there when the statement began; what it wrote beside that, it changed. */
const COUNTS = 'SELECT (SELECT count(*) FROM present) AS present, (SELECT count(*) FROM saved) AS saved';

const SAVE_CANDLES = `WITH input AS (
    SELECT $1::int AS instrument, $2::candle_interval AS interval, row.* FROM unnest($3::bigint[], $4::numeric[], $5::numeric[], $6::numeric[],
      $7::numeric[], $8::numeric[], $9::numeric[], $10::bigint[], $11::text[])
      AS row (open_time_us, open, high, low, close, volume, vwap, trade_count, source)
  ), present AS (
    SELECT FROM imported_candles old WHERE instrument = $1 AND interval = $2::candle_interval AND open_time_us = ANY ($3::bigint[])
  ), saved AS (
    INSERT INTO imported_candles AS old SELECT * FROM input
    ON CONFLICT (instrument, interval, open_time_us) DO UPDATE SET open = excluded.open, high = excluded.high,
      low = excluded.low, close = excluded.close, volume = excluded.volume, vwap = excluded.vwap,
      trade_count = excluded.trade_count, source = excluded.source
    WHERE (old.open, old.high, old.low, old.close, old.volume, old.vwap, old.trade_count, old.source)
      IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, excluded.vwap, excluded.trade_count, excluded.source)
    RETURNING 1
  ) ${COUNTS}`;

const SAVE_TRADES = `WITH input AS (
    SELECT $1::int AS instrument, $2::text AS source, row.* FROM unnest($3::bigint[], $4::bigint[], $5::numeric[], $6::numeric[],
      $7::aggressor_side[]) AS row (time_us, trade_id, px, qty, aggressor_side)
  ), present AS (
    SELECT FROM imported_trades old JOIN input USING (instrument, source, time_us, trade_id)
  ), saved AS (
    INSERT INTO imported_trades AS old SELECT * FROM input
    ON CONFLICT (instrument, source, time_us, trade_id) DO UPDATE SET px = excluded.px, qty = excluded.qty,
      aggressor_side = excluded.aggressor_side
    WHERE (old.px, old.qty, old.aggressor_side) IS DISTINCT FROM (excluded.px, excluded.qty, excluded.aggressor_side)
    RETURNING 1
  ) ${COUNTS}`;

const CANDLES = `SELECT open_time_us, open, high, low, close, volume, vwap, trade_count, source
  FROM imported_candles WHERE instrument = $1 AND interval = $2::candle_interval AND open_time_us >= $3 AND open_time_us < $4
  ORDER BY open_time_us LIMIT $5`;

const TRADES = `SELECT trade_id, time_us, px, qty, aggressor_side
  FROM imported_trades WHERE instrument = $1 AND source = $2 AND time_us >= $3 AND time_us < $4 AND time_us <= $5
    AND (time_us, trade_id) < ($5, $6) ORDER BY time_us DESC, trade_id DESC LIMIT $7`;

type Column = readonly (string | null)[];
type Row = Readonly<Record<string, string | null>>;

const TEXTS: GuardTexts = {
  away: 'imported market data cannot be reached',
  unreachable: 'history cannot be read now; it comes back with its database',
  failed: 'a statement about imported market data failed',
};

export class PostgresImportedMarketData implements ImportedMarketData {
  readonly #pool: pg.Pool;
  readonly #guarded: Guard;
  readonly #partitions = new PartitionSpans();

  /** @param onUnreachable called whenever a statement met no database, or one too slow */
  constructor(pool: pg.Pool, log: Log, onUnreachable: () => void) {
    this.#pool = pool;
    this.#guarded = createGuard(TEXTS, log, onUnreachable);
  }

  saveCandles(instrument: number, interval: CandleInterval, candles: readonly ImportedCandle[]): Promise<SavedCounts> {
    const column = (of: (candle: ImportedCandle) => number | bigint | string | null): Column =>
      candles.map((candle) => of(candle)?.toString() ?? null);
    const times = candles.map(({ openTimeUs }) => openTimeUs);
    return this.#save('imported_candles', times, SAVE_CANDLES, [
      instrument,
      interval,
      column((candle) => candle.openTimeUs),
      column((candle) => candle.open),
      column((candle) => candle.high),
      column((candle) => candle.low),
      column((candle) => candle.close),
      column((candle) => candle.volume),
      column((candle) => candle.vwap),
      column((candle) => candle.tradeCount),
      column((candle) => storableText(candle.source)),
    ]);
  }

  saveTrades(instrument: number, source: string, trades: readonly ImportedTrade[]): Promise<SavedCounts> {
    const column = (of: (trade: ImportedTrade) => number | string): Column => trades.map((trade) => String(of(trade)));
    const times = trades.map(({ timeUs }) => timeUs);
    return this.#save('imported_trades', times, SAVE_TRADES, [
      instrument,
      storableText(source),
      column((trade) => trade.timeUs),
      column((trade) => trade.tradeId),
      column((trade) => trade.px),
      column((trade) => trade.qty),
      column((trade) => trade.aggressorSide),
    ]);
  }

  async candlesOf(
    instrument: number,
    interval: CandleInterval,
    { fromUs, toUs }: TimeRange,
    after: number | null,
    limit: number,
  ): Promise<readonly ImportedCandle[]> {
    requireLimit(limit);
    const lowest = Math.max(fromUs ?? 0, after === null ? 0 : after + 1);
    const rows = await this.#rows(CANDLES, [instrument, interval, lowest, toUs ?? END_OF_TIME, limit]);
    return rows.map((row) => ({
      openTimeUs: numberOf(row.open_time_us),
      open: row.open ?? '',
      high: row.high ?? '',
      low: row.low ?? '',
      close: row.close ?? '',
      volume: row.volume ?? '',
      vwap: row.vwap ?? null,
      tradeCount: row.trade_count == null ? null : numberOf(row.trade_count),
      source: row.source ?? '',
    }));
  }

  async tradesOf(
    instrument: number,
    source: string,
    { fromUs, toUs }: TimeRange,
    before: { readonly timeUs: number; readonly tradeId: number } | null,
    limit: number,
  ): Promise<readonly ImportedTrade[]> {
    requireLimit(limit);
    const { timeUs, tradeId } = before ?? { timeUs: END_OF_TIME, tradeId: END_OF_TIME };
    const range = [fromUs ?? 0, toUs ?? END_OF_TIME, timeUs, tradeId];
    const rows = await this.#rows(TRADES, [instrument, storableText(source), ...range, limit]);
    return rows.map((row) => ({
      tradeId: numberOf(row.trade_id),
      timeUs: numberOf(row.time_us),
      px: row.px ?? '',
      qty: row.qty ?? '',
      aggressorSide: row.aggressor_side as ImportedTrade['aggressorSide'],
    }));
  }

  async #save(
    table: 'imported_candles' | 'imported_trades',
    times: readonly number[],
    text: string,
    values: readonly (string | number | Column)[],
  ): Promise<SavedCounts> {
    if (times.length > MAX_IMPORT_ROWS) throw new RangeError(`at most ${MAX_IMPORT_ROWS} rows are saved at once`);
    if (times.length === 0) return NOTHING;
    try {
      await this.#guarded(async () => {
        for (const timeUs of times) await this.#partitions.ensure(this.#pool, table, timeUs);
      });
      const [row] = await this.#rows(text, values);
      const inserted = times.length - numberOf(row?.present);
      const updated = numberOf(row?.saved) - inserted;
      return { inserted, updated, unchanged: times.length - inserted - updated };
    } catch (error) {
      // A partition may have passed its retention, or the database be another one in the same place.
      this.#partitions.forget();
      throw error;
    }
  }

  #rows(text: string, values: readonly (string | number | Column)[]): Promise<Row[]> {
    return this.#guarded(async () => (await this.#pool.query<Row>(text, [...values])).rows);
  }

  /** Statements and addresses stay in the log: what is thrown may be shown. */
}

function numberOf(value: string | null | undefined): number {
  return safeNumber(value ?? '0');
}

function requireLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return;
  throw new RangeError(`1 to ${MAX_LIMIT} imported rows are read at once, not ${limit}`);
}
