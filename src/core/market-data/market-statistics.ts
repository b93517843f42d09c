/**
 * Statistics of one instrument, brought up to date with each tick: a change of the best prices or a trade.
 *
 * Prices are in ticks and quantities in lots, as floating point numbers but for the traded sums, which are exact. They cover
 * what happened since they began and know no window.
 * Complexity: O(1) a tick, in time and in memory.
 */
import { EwmaVolatility } from '../statistics/ewma-volatility.js';
import { Moments } from '../statistics/moments.js';
import { ExactSum } from './exact-sum.js';

/** Weight of the past in the volatility: the daily λ of RiskMetrics, here a tick. */
export const VOLATILITY_LAMBDA = 0.94;

/** The best level of a side. */
export interface BestLevel {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

export class MarketStatistics {
  /** Of the middle of best bid and offer, ticks; one number a tick at which both sides were there. */
  readonly mid = new Moments();
  /** Of the distance between best bid and offer, ticks. */
  readonly spread = new Moments();
  /** Of the middle, as a fraction of it, from one tick to the next. */
  readonly volatility = new EwmaVolatility(VOLATILITY_LAMBDA);
  readonly #volume = new ExactSum();
  readonly #turnover = new ExactSum();
  #tradeCount = 0;
  #imbalance: number | null = null;
  #spreadTicks: number | null = null;

  /** Best offer less best bid, ticks; null on an empty side. */
  get spreadTicks(): number | null {
    return this.#spreadTicks;
  }

  /** (bid − ask) ÷ (bid + ask) of the quantities at the best prices, −1 to 1; null on an empty book. */
  get imbalance(): number | null {
    return this.#imbalance;
  }

  get tradeCount(): number {
    return this.#tradeCount;
  }

  /** Lots traded, exact. */
  get volumeLots(): bigint {
    return this.#volume.value;
  }

  /** Sum of price × quantity, ticks × lots, exact; VWAP = turnover ÷ volume. */
  get turnover(): bigint {
    return this.#turnover.value;
  }

  /** Takes the best levels after a tick. */
  quote(bid: BestLevel | undefined, ask: BestLevel | undefined): void {
    const bidLots = bid?.qtyLots ?? 0;
    const askLots = ask?.qtyLots ?? 0;
    this.#imbalance = bidLots + askLots === 0 ? null : (bidLots - askLots) / (bidLots + askLots);
    if (bid === undefined || ask === undefined) {
      this.#spreadTicks = null;
      return;
    }
    this.#spreadTicks = ask.priceTicks - bid.priceTicks;
    this.spread.add(this.#spreadTicks);
    const mid = (bid.priceTicks + ask.priceTicks) / 2;
    this.mid.add(mid);
    this.volatility.add(mid);
  }

  /** Counts a trade. */
  trade(priceTicks: number, qtyLots: number): void {
    this.#tradeCount += 1;
    this.#volume.add(qtyLots);
    const amount = priceTicks * qtyLots;
    if (Number.isSafeInteger(amount)) this.#turnover.add(amount);
    else this.#turnover.addExact(BigInt(priceTicks) * BigInt(qtyLots));
  }
}
