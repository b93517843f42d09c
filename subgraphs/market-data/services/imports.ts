/**
 * Market data of other venues: checked row by row, saved beside the platform's own, read back in pages.
 *
 * A row that is wrong is told with its place and what is wrong; it keeps no other row from being imported.
 */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { INTERVAL_US, openTimeOf } from '../../../src/core/market-data/candles.js';
import { compareDecimals, withScale } from '../../../src/core/values/decimal.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { badUserInput, limitExceeded, withClientErrors } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import {
  type ImportedCandle,
  type ImportedMarketData,
  type ImportedTrade as ImportedTradeRecord,
  MAX_IMPORT_ROWS,
  type SavedCounts,
} from '../../../src/ports/imported-market-data.js';
import type {
  ImportedCandleInput,
  ImportedTrade,
  ImportedTradeInput,
  ImportResult,
  RefusedRow,
} from '../types/imported.js';
import { checkRange, type PageRequest } from './pages.js';
import { OWN_SOURCE } from './payloads.js';

const SOURCE = /^[a-z0-9][a-z0-9._-]{0,31}$/;
const TRADE_CURSOR = 'imported-trade';

/** A row is refused for one thing at a time. */
class RowProblem extends Error {
  override readonly name = 'RowProblem';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export class MarketImports {
  readonly #store: ImportedMarketData | null;
  readonly #nowUs: () => number;

  /** @param store null: this platform keeps no market data of others */
  constructor(store: ImportedMarketData | null, nowUs: () => number) {
    this.#store = store;
    this.#nowUs = nowUs;
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, HISTORY_UNAVAILABLE */
  importCandles(
    entry: InstrumentEntry,
    interval: CandleInterval,
    source: string,
    rows: readonly ImportedCandleInput[],
  ): Promise<ImportResult> {
    const seen = new Set<number>();
    return this.#import(source, rows, {
      read: (row) => this.#candleOf(entry, interval, source, row, seen),
      save: (store, candles) => store.saveCandles(entry.instrument, interval, candles),
    });
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, HISTORY_UNAVAILABLE */
  importTrades(entry: InstrumentEntry, source: string, rows: readonly ImportedTradeInput[]): Promise<ImportResult> {
    const seen = new Set<string>();
    return this.#import(source, rows, {
      read: (row) => this.#tradeOf(entry, row, seen),
      save: (store, trades) => store.saveTrades(entry.instrument, source, trades),
    });
  }

  /** Returns trades of one source, newest first. @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT, HISTORY_UNAVAILABLE */
  async trades(entry: InstrumentEntry, source: string, request: PageRequest): Promise<Connection<ImportedTrade>> {
    const first = checkPageSize(request.first);
    checkRange(request);
    checkSource(source, 'source');
    const [timeUs, tradeId] = request.after === null ? [] : decodePageCursor(TRADE_CURSOR, 2, request.after);
    const before = timeUs === undefined || tradeId === undefined ? null : { timeUs, tradeId };
    const records =
      this.#store === null
        ? []
        : await withClientErrors(this.#store.tradesOf(entry.instrument, source, request, before, first + 1));
    return toConnection(
      records,
      first,
      before === null,
      (record) => encodePageCursor(TRADE_CURSOR, [record.timeUs, record.tradeId]),
      (record) => ({
        id: String(record.tradeId),
        symbol: entry.symbol,
        source,
        px: record.px,
        qty: record.qty,
        aggressorSide: record.aggressorSide,
        transactTime: record.timeUs,
      }),
    );
  }

  async #import<Input, Row>(
    source: string,
    inputs: readonly Input[],
    {
      read,
      save,
    }: { read: (input: Input) => Row; save: (store: ImportedMarketData, rows: Row[]) => Promise<SavedCounts> },
  ): Promise<ImportResult> {
    checkSource(source, 'input.source');
    if (source === OWN_SOURCE) throw badUserInput('input.source', `"${OWN_SOURCE}" is the platform itself`);
    if (inputs.length > MAX_IMPORT_ROWS) {
      const problem = `${inputs.length} rows were sent; one request takes at most ${MAX_IMPORT_ROWS}`;
      throw limitExceeded('input', MAX_IMPORT_ROWS, problem);
    }
    if (this.#store === null) throw badUserInput('input', 'this platform keeps no market data of other venues');
    const refused: RefusedRow[] = [];
    const rows: Row[] = [];
    for (const [index, input] of inputs.entries()) {
      try {
        rows.push(read(input));
      } catch (error) {
        if (!(error instanceof RowProblem)) throw error;
        refused.push({ index, field: error.field, problem: error.message });
      }
    }
    const counts = await withClientErrors(save(this.#store, rows));
    return { ...counts, refused };
  }

  #candleOf(
    entry: InstrumentEntry,
    interval: CandleInterval,
    source: string,
    row: ImportedCandleInput,
    seen: Set<number>,
  ): ImportedCandle {
    const openTimeUs = openTimeOf(interval, row.openTime);
    if (openTimeUs + INTERVAL_US[interval] > this.#nowUs()) {
      throw new RowProblem('openTime', 'the bar has not ended: only finished ones are imported');
    }
    if (seen.has(openTimeUs)) throw new RowProblem('openTime', `another bar of the same ${interval} stands before it`);
    const candle = {
      openTimeUs,
      open: priceOf(entry, 'open', row.open),
      high: priceOf(entry, 'high', row.high),
      low: priceOf(entry, 'low', row.low),
      close: priceOf(entry, 'close', row.close),
      volume: qtyOf(entry, 'volume', row.volume, 'of 0 or more'),
      vwap: row.vwap ?? null,
      tradeCount: row.tradeCount ?? null,
      source,
    };
    const { open, high, low, close } = candle;
    if ([open, close, low].some((price) => compareDecimals(high, price) < 0)) {
      throw new RowProblem('high', 'is below open, close or low');
    }
    if ([open, close].some((price) => compareDecimals(low, price) > 0)) {
      throw new RowProblem('low', 'is above open or close');
    }
    if (candle.vwap !== null && compareDecimals(candle.vwap, '0') <= 0) throw new RowProblem('vwap', 'is not above 0');
    if (candle.tradeCount !== null && candle.tradeCount < 0) throw new RowProblem('tradeCount', 'is below 0');
    seen.add(openTimeUs);
    return candle;
  }

  #tradeOf(entry: InstrumentEntry, row: ImportedTradeInput, seen: Set<string>): ImportedTradeRecord {
    if (row.id < 0) throw new RowProblem('id', 'is below 0');
    if (row.time > this.#nowUs()) throw new RowProblem('time', 'lies in the future');
    const key = `${row.time}/${row.id}`;
    if (seen.has(key)) throw new RowProblem('id', 'another trade of the same id and time stands before it');
    const trade = {
      tradeId: row.id,
      timeUs: row.time,
      px: priceOf(entry, 'px', row.px),
      qty: qtyOf(entry, 'qty', row.qty, 'above 0'),
      aggressorSide: row.aggressorSide ?? 'NONE',
    };
    seen.add(key);
    return trade;
  }
}

function checkSource(source: string, field: string): void {
  if (SOURCE.test(source)) return;
  throw badUserInput(
    field,
    'takes 1 to 32 characters of a-z, 0-9, point, minus and underscore, a letter or digit first',
  );
}

/** Another venue's steps may be finer than the instrument's: digits are kept as they came, and at least those of the step. */
function priceOf({ terms }: InstrumentEntry, field: string, text: string): string {
  if (compareDecimals(text, '0') <= 0) throw new RowProblem(field, `${text} is not above 0`);
  return withScale(text, terms.priceScale);
}

function qtyOf({ terms }: InstrumentEntry, field: string, text: string, range: 'above 0' | 'of 0 or more'): string {
  const sign = compareDecimals(text, '0');
  if (sign < 0 || (sign === 0 && range === 'above 0')) throw new RowProblem(field, `${text} is not ${range}`);
  return withScale(text, terms.qtyScale);
}
