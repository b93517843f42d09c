/** Pages of trades and candles: memory for the newest, history for the rest, and nothing missing or doubled between. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { INTERVAL_US } from '../../../src/core/market-data/candles.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { badUserInput, historyUnavailable, withClientErrors } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, MAX_PAGE_SIZE, toConnection } from '../../../src/graphql/page.js';
import type { History, TradeRecord } from '../../../src/ports/history.js';
import type { ImportedCandle, ImportedMarketData } from '../../../src/ports/imported-market-data.js';
import type { MarketView } from '../events.js';
import type { Candle } from '../types/candle.js';
import type { Trade } from '../types/trade.js';
import type { CandleState } from './candle-tape.js';
import { candleValuesOf } from './past.js';
import { toCandle, toImportedCandle, toTrade } from './payloads.js';

/** The part of a list that a page is cut from. */
export interface PageRequest {
  readonly first: number;
  readonly after: string | null;
  /** Microseconds since 1970 UTC, inclusive. */
  readonly fromUs: number | null;
  /** Microseconds since 1970 UTC, exclusive. */
  readonly toUs: number | null;
}

/** A finished bar as statistics read it: its close is a float, quote per base. */
export interface ClosedBar {
  readonly openTimeUs: number;
  readonly close: number;
}

/** A candle with its place, whoever made it. */
type PlacedCandle = { readonly openTimeUs: number } & (
  | { readonly own: CandleState; readonly imported: null }
  | { readonly own: null; readonly imported: ImportedCandle }
);

const TRADE_CURSOR = 'trade';
const CANDLE_CURSOR = 'candle';

/** @throws GraphQLError BAD_USER_INPUT where nothing lies between */
export function checkRange({ fromUs, toUs }: PageRequest): void {
  if (fromUs !== null && toUs !== null && fromUs >= toUs) throw badUserInput('to', 'must be later than from');
}

function cursorNumber(kind: string, after: string | null): number | null {
  return after === null ? null : (decodePageCursor(kind, 1, after)[0] ?? null);
}

export class MarketPages {
  readonly #view: MarketView;
  readonly #history: History;
  readonly #imported: ImportedMarketData | null;

  /** @param imported null: there are no candles but the platform's own */
  constructor(view: MarketView, history: History, imported: ImportedMarketData | null) {
    this.#view = view;
    this.#history = history;
    this.#imported = imported;
  }

  /** Returns trades, newest first. @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT, HISTORY_UNAVAILABLE */
  async trades(entry: InstrumentEntry, request: PageRequest): Promise<Connection<Trade>> {
    const first = checkPageSize(request.first);
    checkRange(request);
    const before = cursorNumber(TRADE_CURSOR, request.after);
    const records = await withClientErrors(this.#tradeRecords(entry.instrument, request, before, first + 1));
    return toConnection(
      records,
      first,
      before === null,
      (record) => encodePageCursor(TRADE_CURSOR, [record.tradeId]),
      (record) => toTrade(entry, record),
    );
  }

  /** Returns candles, oldest first. @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT, HISTORY_UNAVAILABLE */
  async candles(entry: InstrumentEntry, interval: CandleInterval, request: PageRequest): Promise<Connection<Candle>> {
    const first = checkPageSize(request.first);
    checkRange(request);
    const after = cursorNumber(CANDLE_CURSOR, request.after);
    const states = await withClientErrors(this.#candleStates(entry.instrument, interval, request, after, first + 1));
    return toConnection(
      states,
      first,
      after === null,
      ({ openTimeUs }) => encodePageCursor(CANDLE_CURSOR, [openTimeUs]),
      ({ own, imported }) => (own === null ? toImportedCandle(entry, interval, imported) : toCandle(entry, own)),
    );
  }

  /**
   * Returns closed bars, own and imported, oldest first, at most so many. Complexity: one look at history for each page of them.
   * @throws GraphQLError BAD_USER_INPUT, HISTORY_UNAVAILABLE
   */
  async closedCandles(
    entry: InstrumentEntry,
    interval: CandleInterval,
    range: Pick<PageRequest, 'fromUs' | 'toUs'>,
    most: number,
  ): Promise<ClosedBar[]> {
    const request = { ...range, first: MAX_PAGE_SIZE, after: null };
    checkRange(request);
    const tick = entry.terms.tickUnits / 10 ** entry.terms.priceScale;
    const bars: ClosedBar[] = [];
    let after: number | null = null;
    for (let size = MAX_PAGE_SIZE; size === MAX_PAGE_SIZE && bars.length < most; ) {
      const states: PlacedCandle[] = await withClientErrors(
        this.#candleStates(entry.instrument, interval, request, after, MAX_PAGE_SIZE),
      );
      for (const { openTimeUs, own, imported } of states) {
        if (own === null) bars.push({ openTimeUs, close: Number(imported.close) });
        else if (own.closed) bars.push({ openTimeUs, close: own.candle.closeTicks * tick });
      }
      size = states.length;
      after = states[states.length - 1]?.openTimeUs ?? null;
    }
    return bars.length > most ? bars.slice(0, most) : bars;
  }

  async #tradeRecords(
    instrument: number,
    range: PageRequest,
    before: number | null,
    limit: number,
  ): Promise<readonly TradeRecord[]> {
    const { tape } = this.#view.marketAt(instrument);
    const { boundarySequence, oldestTradeId } = tape;
    const { trades, needsHistory } = tape.newestFirst(range, before, limit);
    if (!needsHistory || boundarySequence === 0) return trades;
    const beforeMemory = oldestTradeId === null ? before : Math.min(before ?? oldestTradeId, oldestTradeId);
    const older = await this.#history.tradesOf(instrument, range, beforeMemory, limit - trades.length);
    requireReached(older.throughSequence, boundarySequence);
    return [...trades, ...older.records];
  }

  /** The platform's own candles, and the imported ones of the intervals that have none. */
  async #candleStates(
    instrument: number,
    interval: CandleInterval,
    request: PageRequest,
    after: number | null,
    limit: number,
  ): Promise<PlacedCandle[]> {
    const [own, imported] = await Promise.all([
      this.#ownCandles(instrument, interval, request, after, limit),
      this.#imported?.candlesOf(instrument, interval, request, after, limit) ?? [],
    ]);
    const placed: PlacedCandle[] = own.map((state) => ({
      openTimeUs: state.candle.openTimeUs,
      own: state,
      imported: null,
    }));
    if (imported.length === 0) return placed;
    const taken = new Set(placed.map(({ openTimeUs }) => openTimeUs));
    for (const one of imported) {
      if (!taken.has(one.openTimeUs)) placed.push({ openTimeUs: one.openTimeUs, own: null, imported: one });
    }
    // Either list holds its first `limit`, hence so does the sorted whole.
    return placed.sort((a, b) => a.openTimeUs - b.openTimeUs).slice(0, limit);
  }

  async #ownCandles(
    instrument: number,
    interval: CandleInterval,
    { fromUs, toUs }: PageRequest,
    after: number | null,
    limit: number,
  ): Promise<CandleState[]> {
    // The tape may be replaced or cut while history is read; this page keeps to the seam it began with.
    const { candles } = this.#view.marketAt(instrument);
    const seam = candles.seam(interval);
    const lowest = Math.max(fromUs ?? 0, after === null ? 0 : after + 1);
    const fromMemory = candles.oldestFirst(interval, Math.max(lowest, seam.fromUs), toUs, limit);
    if (lowest >= seam.fromUs) return fromMemory;
    const historyTo = Math.min(toUs ?? seam.fromUs, seam.fromUs);
    const older = await this.#history.candlesOf(instrument, interval, { fromUs, toUs: historyTo }, after, limit);
    requireReached(older.throughSequence, seam.boundarySequence);
    const states = older.records.map(
      (record): CandleState => ({
        interval,
        candle: candleValuesOf(record),
        // Only an interval that history alone knows can still be under way.
        closed: record.openTimeUs + INTERVAL_US[interval] <= this.#view.timeUs,
      }),
    );
    return [...states, ...fromMemory].slice(0, limit);
  }
}

/** @throws GraphQLError HISTORY_UNAVAILABLE where history lacks what memory no longer holds */
function requireReached(throughSequence: number, boundarySequence: number): void {
  if (throughSequence < boundarySequence) throw historyUnavailable();
}
