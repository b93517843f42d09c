/**
 * Bars of the past as a market: each bar is walked open → the extreme nearer to the open → the other extreme → close, in
 * quarters of its interval, each point by the rule of `PathOrders` with a quarter of the tradable share of the bar's volume.
 * The bar itself is told when its interval ends, so that the earliest price to act at is the next bar's open.
 */

import type { Bar } from '../strategy.js';
import { type FlowStep, type MarketFlow, type OrderBounds, PathOrders } from './market-flow.js';

export interface BarSeries extends OrderBounds {
  /** Oldest first; all of one interval. */
  readonly bars: readonly Bar[];
}

export interface BarFlowOptions {
  readonly intervalUs: number;
  /** Share of a bar's volume that a strategy may trade, above 0 to 1. */
  readonly participation: number;
  readonly halfSpreadTicks: number;
}

export class BarFlow implements MarketFlow {
  readonly isOrderFlow = false;
  readonly #series: readonly BarSeries[];
  readonly #next: number[];
  readonly #total: number;
  readonly #path: PathOrders;
  #queue: FlowStep[] = [];
  #at = 0;
  #done = 0;

  constructor(
    series: readonly BarSeries[],
    private readonly options: BarFlowOptions,
  ) {
    this.#series = series;
    this.#next = series.map(() => 0);
    this.#total = series.reduce((sum, { bars }) => sum + bars.length, 0);
    this.#path = new PathOrders(series.length, options.halfSpreadTicks, series);
  }

  get progress(): number {
    return this.#total === 0 ? 1 : this.#done / this.#total;
  }

  next(): FlowStep | null {
    if (this.#at === this.#queue.length && !this.#fill()) return null;
    return this.#queue[this.#at++]!;
  }

  /** Queues the steps of the next interval, of all markets that have a bar in it. */
  #fill(): boolean {
    let openTimeUs = Number.POSITIVE_INFINITY;
    for (const [market, { bars }] of this.#series.entries()) {
      openTimeUs = Math.min(openTimeUs, bars[this.#next[market]!]?.openTimeUs ?? openTimeUs);
    }
    if (openTimeUs === Number.POSITIVE_INFINITY) return false;
    const steps: FlowStep[] = [];
    const closed: FlowStep[] = [];
    for (const [market, { bars }] of this.#series.entries()) {
      const bar = bars[this.#next[market]!];
      if (bar?.openTimeUs !== openTimeUs) continue;
      this.#next[market]! += 1;
      this.#done += 1;
      this.#walk(steps, market, bar);
      closed.push({ kind: 'BAR', timeUs: openTimeUs + this.options.intervalUs, market, bar });
    }
    steps.sort((a, b) => a.timeUs - b.timeUs);
    this.#queue = steps.concat(closed);
    this.#at = 0;
    return true;
  }

  #walk(steps: FlowStep[], market: number, bar: Bar): void {
    const { intervalUs, participation } = this.options;
    const liquidity = Math.floor((bar.volumeLots * participation) / 4);
    const lowFirst = bar.openTicks - bar.lowTicks <= bar.highTicks - bar.openTicks;
    const [first, second] = lowFirst ? [bar.lowTicks, bar.highTicks] : [bar.highTicks, bar.lowTicks];
    for (const [quarter, priceTicks] of [bar.openTicks, first, second, bar.closeTicks].entries()) {
      // The last point stands before the end of the interval: the close is a price of this bar.
      const timeUs = bar.openTimeUs + Math.floor((intervalUs * quarter) / 4);
      this.#path.moveTo(steps, timeUs, market, priceTicks, liquidity);
    }
  }
}
