/** History by brute force: everything that the events tell, kept in lists that are filtered and sorted at each question. */
import type { ExchangeEvent, OrderEvent } from '../../core/exchange/event.js';
import { executionReportsOf, orderStateOf, tradedOrderState } from '../../core/exchange/execution-report.js';
import { type LedgerPosting, postingsOf } from '../../core/exchange/ledger-postings.js';
import { ReferenceData } from '../../core/exchange/reference-data.js';
import { CandleBuilder, type CandleValues } from '../../core/market-data/candles.js';
import { CANDLE_INTERVALS, type CandleInterval } from '../../core/values/vocabulary.js';
import type { CandleRecord, ExecutionReportRecord, OrderRecord, TradeRecord, TradeTotals } from '../history.js';

export class HistoryOracle {
  readonly orders = new Map<number, OrderRecord>();
  readonly reports: ExecutionReportRecord[] = [];
  readonly trades: TradeRecord[] = [];
  readonly postings: LedgerPosting[] = [];
  readonly candles: CandleRecord[] = [];
  readonly balances = new Map<string, Extract<ExchangeEvent, { type: 'BalanceUpdated' }>>();
  readonly positions = new Map<string, Extract<ExchangeEvent, { type: 'PositionUpdated' }>>();
  readonly reference = new ReferenceData();

  constructor(readonly events: readonly ExchangeEvent[]) {
    const builders = new Map<number, CandleBuilder>();
    for (const event of events) {
      this.reference.apply(event);
      this.postings.push(...postingsOf(event, this.reference));
      this.reports.push(...executionReportsOf(event));
      if (event.type === 'BalanceUpdated') this.balances.set(`${event.account} ${event.asset}`, event);
      else if (event.type === 'PositionUpdated') this.positions.set(`${event.account} ${event.instrument}`, event);
      else if (event.type === 'OrdersTraded') this.#trade(event, builders);
      else if ('ordStatus' in event) this.#order(event);
    }
    for (const [instrument, builder] of builders) {
      for (const interval of CANDLE_INTERVALS) {
        const candle = builder.current(interval);
        if (candle !== null) this.#candle(instrument, interval, candle);
      }
    }
  }

  #order(event: OrderEvent): void {
    const order = orderStateOf(event);
    if (event.type !== 'OrderRejected') this.orders.set(event.orderId, order);
    else {
      const { limit, current, projected } = event;
      this.orders.set(event.orderId, { ...order, rejection: { limit, current, projected } });
    }
  }

  #trade(event: Extract<ExchangeEvent, { type: 'OrdersTraded' }>, builders: Map<number, CandleBuilder>): void {
    const { tradeId, sequence, timeUs, instrument, priceTicks, qtyLots, aggressorSide } = event;
    this.trades.push({ tradeId, sequence, timeUs, instrument, priceTicks, qtyLots, aggressorSide });
    for (const leg of [0, 1] as const) {
      const { orderId } = leg === 0 ? event.maker : event.taker;
      const order = this.orders.get(orderId);
      if (order === undefined) throw new Error(`order ${orderId} traded before it was told`);
      this.orders.set(orderId, tradedOrderState(order, event, leg));
    }
    const builder =
      builders.get(instrument) ?? new CandleBuilder((interval, closed) => this.#candle(instrument, interval, closed));
    builders.set(instrument, builder);
    builder.add(event);
  }

  #candle(instrument: number, interval: CandleInterval, candle: CandleValues): void {
    this.candles.push({ instrument, interval, ...candle, volumeLots: Number(candle.volumeLots) });
  }

  totalsSince(fromUs: number): TradeTotals[] {
    const totals = new Map<string, TradeTotals>();
    for (const report of this.reports.filter(({ tradeId, timeUs }) => tradeId !== null && timeUs >= fromUs)) {
      const { account, instrument, side, lastPxTicks, lastQtyLots, feeUnits } = report;
      const sign = side === 'BUY' ? 1n : -1n;
      const qty = sign * BigInt(lastQtyLots ?? 0);
      const { quoteUnitsPerTickLot } = this.reference.instrumentAt(instrument).terms;
      const key = `${account} ${instrument}`;
      const before = totals.get(key);
      totals.set(key, {
        account,
        instrument,
        netQtyLots: (before?.netQtyLots ?? 0n) + qty,
        netNotionalUnits:
          (before?.netNotionalUnits ?? 0n) + qty * BigInt(lastPxTicks ?? 0) * BigInt(quoteUnitsPerTickLot),
        feeUnits: (before?.feeUnits ?? 0n) + BigInt(feeUnits ?? 0),
      });
    }
    return [...totals.values()];
  }
}

/** Sorts a copy by keys, each ascending. */
export function sortedBy<T>(items: Iterable<T>, ...keys: ((item: T) => number)[]): T[] {
  return [...items].sort((a, b) => {
    for (const key of keys) if (key(a) !== key(b)) return key(a) - key(b);
    return 0;
  });
}
