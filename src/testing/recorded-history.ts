/**
 * Market history worked out afresh from a venue's recorded events at each question, as an oracle: it can lag behind the
 * venue and be out of reach, as the database can. Order history is not part of it.
 */
import type { ExchangeEvent, OrdersTraded } from '../core/exchange/event.js';
import { type LedgerPosting, postingsOf } from '../core/exchange/ledger-postings.js';
import { ReferenceData } from '../core/exchange/reference-data.js';
import { openTimeOf } from '../core/market-data/candles.js';
import type { CandleInterval } from '../core/values/vocabulary.js';
import {
  type CandleRecord,
  type History,
  HistoryUnreachableError,
  type LedgerPosition,
  type Reached,
  type TradeRecord,
  type TradeTotals,
} from '../ports/history.js';

interface TimeRange {
  readonly fromUs: number | null;
  readonly toUs: number | null;
}

type MarketHistory = Pick<
  History,
  'ledgerOf' | 'throughSequence' | 'tradesOf' | 'tradesAfter' | 'candlesOf' | 'lastCandleBefore' | 'tradeTotalsSince'
>;

export class RecordedHistory implements MarketHistory {
  readonly #events: readonly ExchangeEvent[];
  /** Sequence that history has reached; null = all that is recorded. */
  reached: number | null = null;
  reachable = true;
  /** Sequence up to which trades passed their retention; 0 = none did. */
  tradesGoneThrough = 0;
  /** Called before each answer; lets a test move the venue while history is being read. */
  onRead: () => void = () => undefined;

  constructor(events: readonly ExchangeEvent[]) {
    this.#events = events;
  }

  throughSequence(): Promise<number> {
    return this.#answer((_trades, through) => through);
  }

  async ledgerOf(account: number, after: LedgerPosition | null, limit: number): Promise<Reached<LedgerPosting>> {
    const { throughSequence } = await this.#answer((_trades, through) => ({ throughSequence: through }));
    const reference = new ReferenceData();
    const records = this.#events.slice(0, throughSequence).flatMap((event) => {
      reference.apply(event);
      return postingsOf(event, reference).filter((posting) => posting.account === account && isAfter(posting, after));
    });
    return { records: records.slice(0, limit), throughSequence };
  }

  tradesOf(instrument: number, range: TimeRange, before: number | null, limit: number): Promise<Reached<TradeRecord>> {
    return this.#answer((trades, throughSequence) => ({
      records: trades
        .filter((trade) => trade.instrument === instrument && within(trade.timeUs, range))
        .filter((trade) => before === null || trade.tradeId < before)
        .reverse()
        .slice(0, limit),
      throughSequence,
    }));
  }

  tradesAfter(instruments: readonly number[], after: number, limit: number): Promise<Reached<TradeRecord>> {
    return this.#answer((trades, throughSequence) => ({
      records: trades
        .filter((trade) => instruments.includes(trade.instrument))
        .filter(({ sequence }) => sequence > Math.max(after, this.tradesGoneThrough))
        .slice(0, limit),
      throughSequence,
      ...(this.tradesGoneThrough === 0 ? {} : { goneThrough: this.tradesGoneThrough }),
    }));
  }

  candlesOf(
    instrument: number,
    interval: CandleInterval,
    range: TimeRange,
    after: number | null,
    limit: number,
  ): Promise<Reached<CandleRecord>> {
    return this.#answer((trades, throughSequence) => ({
      records: candlesFrom(trades, instrument, interval)
        .filter((candle) => within(candle.openTimeUs, range) && (after === null || candle.openTimeUs > after))
        .slice(0, limit),
      throughSequence,
    }));
  }

  lastCandleBefore(instrument: number, interval: CandleInterval, beforeUs: number): Promise<Reached<CandleRecord>> {
    return this.#answer((trades, throughSequence) => ({
      records: candlesFrom(trades, instrument, interval)
        .filter((candle) => candle.openTimeUs < beforeUs)
        .slice(-1),
      throughSequence,
    }));
  }

  tradeTotalsSince(fromUs: number): Promise<Reached<TradeTotals>> {
    return this.#answer((trades, throughSequence) => {
      const totals = new Map<string, TradeTotals>();
      for (const trade of trades) {
        if (trade.timeUs < fromUs) continue;
        for (const [leg, sign] of [
          [trade.taker, trade.takerSide === 'BUY' ? 1n : -1n],
          [trade.maker, trade.takerSide === 'BUY' ? -1n : 1n],
        ] as const) {
          const key = `${leg.account}/${trade.instrument}`;
          const old = totals.get(key);
          // One cent (tick) of one share (lot) is 10^4 units of USD in the test venue.
          const notional = BigInt(trade.priceTicks) * BigInt(trade.qtyLots) * 10_000n;
          totals.set(key, {
            account: leg.account,
            instrument: trade.instrument,
            netQtyLots: (old?.netQtyLots ?? 0n) + sign * BigInt(trade.qtyLots),
            netNotionalUnits: (old?.netNotionalUnits ?? 0n) + sign * notional,
            feeUnits: (old?.feeUnits ?? 0n) + BigInt(leg.feeUnits),
          });
        }
      }
      return { records: [...totals.values()], throughSequence };
    });
  }

  async #answer<T>(work: (trades: readonly OrdersTraded[], throughSequence: number) => T): Promise<T> {
    await Promise.resolve();
    this.onRead();
    if (!this.reachable) throw new HistoryUnreachableError('the test took history away');
    const through = Math.min(this.reached ?? Number.MAX_SAFE_INTEGER, this.#events.length);
    const trades = this.#events.slice(0, through).filter((event) => event.type === 'OrdersTraded');
    return work(trades, through);
  }
}

function isAfter(posting: LedgerPosition, after: LedgerPosition | null): boolean {
  if (after === null) return true;
  return posting.sequence > after.sequence || (posting.sequence === after.sequence && posting.entry > after.entry);
}

function within(timeUs: number, { fromUs, toUs }: TimeRange): boolean {
  return (fromUs === null || timeUs >= fromUs) && (toUs === null || timeUs < toUs);
}

/** Groups trades into candles, the slow and obvious way. */
export function candlesFrom(
  trades: readonly OrdersTraded[],
  instrument: number,
  interval: CandleInterval,
): CandleRecord[] {
  const groups = new Map<number, OrdersTraded[]>();
  for (const trade of trades) {
    if (trade.instrument !== instrument) continue;
    const openTimeUs = openTimeOf(interval, trade.timeUs);
    groups.set(openTimeUs, [...(groups.get(openTimeUs) ?? []), trade]);
  }
  return [...groups].map(([openTimeUs, part]) => {
    const prices = part.map(({ priceTicks }) => priceTicks);
    return {
      instrument,
      interval,
      openTimeUs,
      openTicks: prices[0] ?? 0,
      highTicks: Math.max(...prices),
      lowTicks: Math.min(...prices),
      closeTicks: prices[prices.length - 1] ?? 0,
      volumeLots: part.reduce((sum, { qtyLots }) => sum + qtyLots, 0),
      turnover: part.reduce((sum, { qtyLots, priceTicks }) => sum + BigInt(qtyLots) * BigInt(priceTicks), 0n),
      tradeCount: part.length,
    };
  });
}
