/** Trades of the past as a market: each trade moves the price by the rule of `PathOrders`, with a share of its quantity. */
import type { AggressorSide } from '../../values/vocabulary.js';
import { type FlowStep, type MarketFlow, type OrderBounds, PathOrders } from './market-flow.js';

export interface PastTrade {
  readonly timeUs: number;
  readonly market: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly aggressorSide: AggressorSide;
}

export interface TradeFlowOptions {
  readonly participation: number;
  readonly halfSpreadTicks: number;
}

export class TradeFlow implements MarketFlow {
  readonly isOrderFlow = false;
  readonly #path: PathOrders;
  #queue: FlowStep[] = [];
  #at = 0;
  #next = 0;

  /** @param trades in the order of time, over all markets */
  constructor(
    private readonly trades: readonly PastTrade[],
    bounds: readonly OrderBounds[],
    private readonly options: TradeFlowOptions,
  ) {
    this.#path = new PathOrders(bounds.length, options.halfSpreadTicks, bounds);
  }

  get progress(): number {
    return this.trades.length === 0 ? 1 : this.#next / this.trades.length;
  }

  next(): FlowStep | null {
    if (this.#at === this.#queue.length) {
      const trade = this.trades[this.#next];
      if (trade === undefined) return null;
      this.#next += 1;
      const steps: FlowStep[] = [];
      const liquidity = Math.floor(trade.qtyLots * this.options.participation);
      this.#path.moveTo(steps, trade.timeUs, trade.market, trade.priceTicks, liquidity);
      steps.push({ kind: 'TRADE', ...trade });
      this.#queue = steps;
      this.#at = 0;
    }
    return this.#queue[this.#at++]!;
  }
}
