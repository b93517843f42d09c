/** One market of a strategy as its runner knows it: the book, the bars in the making, own orders and own holding. */
import { BookView } from '../market-data/book-view.js';
import { CandleBuilder, type CandleValues } from '../market-data/candles.js';
import type { Side, TradingStatus } from '../values/vocabulary.js';
import type { OwnLedger } from './own-ledger.js';
import { OwnOrders } from './own-orders.js';
import type { DeskMarket, DeskOrder, MarketFacts, Strategy } from './strategy.js';

export class MarketSeat implements DeskMarket {
  readonly book = new BookView();
  readonly own = new OwnOrders();
  readonly candles: CandleBuilder | null;
  status: TradingStatus = 'OPEN';
  lastTicks: number | null = null;

  constructor(
    readonly facts: MarketFacts,
    private readonly market: number,
    private readonly ledger: OwnLedger,
    strategy: Strategy,
    makesBars: boolean,
    onBar: (candle: CandleValues) => void,
  ) {
    this.candles = makesBars && strategy.barInterval !== null ? new CandleBuilder((_, candle) => onBar(candle)) : null;
  }

  get positionLots(): number {
    return this.ledger.holdings[this.market]!.qtyLots;
  }

  get bidTicks(): number | null {
    return this.book.at('BUY', 0)?.priceTicks ?? null;
  }

  get bidLots(): number {
    return this.book.at('BUY', 0)?.qtyLots ?? 0;
  }

  get askTicks(): number | null {
    return this.book.at('SELL', 0)?.priceTicks ?? null;
  }

  get askLots(): number {
    return this.book.at('SELL', 0)?.qtyLots ?? 0;
  }

  get orders(): readonly DeskOrder[] {
    return this.own.list;
  }

  othersBestTicks(side: Side): number | null {
    for (let rank = 0; ; rank += 1) {
      const level = this.book.at(side, rank);
      if (level === undefined) return null;
      if (level.qtyLots > this.#ownLots(side, level.priceTicks)) return level.priceTicks;
    }
  }

  /** Own lots that rest at a price. What is on its way is not in the book yet. */
  #ownLots(side: Side, priceTicks: number): number {
    let lots = 0;
    for (const order of this.own.list) {
      if (order.side === side && order.priceTicks === priceTicks && order.orderId !== 0) lots += order.leavesLots;
    }
    return lots;
  }
}
