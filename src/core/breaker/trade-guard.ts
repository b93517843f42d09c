/**
 * What circuit breakers say of an instrument's trades: the band of prices that its own breaker and the market-wide one
 * leave open at a time. An instrument without breakers has no guard.
 *
 * A price at the bound trades; one beyond it does not: the trade that would happen there trips the breaker.
 * Complexity: O(1) amortised; it allocates nothing where it is asked for each trade.
 */
import { NONE } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { BreakerTerms } from './breaker-terms.js';
import { MAX_PART, type MarketBreaker, ratioOf } from './market-breaker.js';
import { RollingWindow } from './rolling-window.js';

const MILLION = 1_000_000;

/** An instrument's own breaker. */
export class SymbolBreaker {
  readonly window: RollingWindow;

  constructor(
    readonly terms: BreakerTerms,
    readonly setBy: string,
  ) {
    this.window = new RollingWindow(terms.windowUs);
  }
}

export class TradeGuard {
  own: SymbolBreaker | null = null;
  market: MarketBreaker | null = null;
  /** Place among the members of the market-wide breaker; NONE where it is none. */
  member = NONE;
  /** Price that its own breaker measures from, as `refresh` found it; NONE without one. */
  referencePxTicks = NONE;
  #ownLow = 0;
  #ownHigh = 0;
  #marketLow = 0;
  #marketHigh = 0;

  /** Works out what holds now; to be called before an order trades. */
  refresh(timeUs: number): void {
    this.#ownLow = 0;
    this.#ownHigh = Number.POSITIVE_INFINITY;
    this.#marketLow = 0;
    this.#marketHigh = Number.POSITIVE_INFINITY;
    const { own, market } = this;
    if (own !== null) {
      const reference = own.window.referenceAt(timeUs);
      const distance = floorPpm(reference, own.terms.movePpm);
      this.referencePxTicks = reference;
      this.#ownLow = reference - distance;
      this.#ownHigh = reference + distance;
    }
    if (market !== null && !market.isTripped) this.#refreshMarket(market, timeUs);
  }

  /** Tells whether a trade at this price would trip a breaker. */
  forbids(priceTicks: number): boolean {
    return priceTicks < this.#ownLow || priceTicks > this.#ownHigh || this.breaksMarket(priceTicks);
  }

  /** Tells whether a trade at this price would trip the market-wide breaker. */
  breaksMarket(priceTicks: number): boolean {
    return priceTicks < this.#marketLow || priceTicks > this.#marketHigh;
  }

  /** Returns the limit of an order drawn in to what the breakers leave open on its far side. */
  limitFor(isBuy: boolean, limitTicks: number): number {
    return isBuy
      ? Math.min(limitTicks, this.#ownHigh, this.#marketHigh)
      : Math.max(limitTicks, this.#ownLow, this.#marketLow);
  }

  /** Takes a trade in. */
  note(priceTicks: number, timeUs: number): void {
    this.own?.window.note(timeUs, priceTicks);
    this.market?.note(this.member, priceTicks, timeUs);
  }

  /** Begins anew at the price at which trading opens. */
  reopen(priceTicks: number, timeUs: number): void {
    this.own?.window.seed(timeUs, priceTicks);
    this.market?.rebase(this.member, priceTicks);
  }

  /** Keeps what trades change and returns how to put it back. */
  keep(): () => void {
    const { own, market } = this;
    const entries = own?.window.kept();
    const putBack = market?.keep();
    return () => {
      if (entries !== undefined) own?.window.restore(entries);
      putBack?.();
    };
  }

  /** Turns the bounds of the index into prices, all other members standing where they stand. */
  #refreshMarket(market: MarketBreaker, timeUs: number): void {
    const { low, high } = market.bounds(timeUs);
    const others = market.sum - market.parts[this.member]!;
    const base = market.bases[this.member]!;
    // A part is at most `most` where price × 10⁶ < (most + 1) × base, and at least `least` where it is ≥ least × base.
    const [least, most] = [low - others, high - others];
    this.#marketLow = least <= 0 ? 0 : ratioOf(least, base, MILLION) + (isWhole(least, base) ? 0 : 1);
    if (most < MAX_PART)
      this.#marketHigh = most < 0 ? NONE : ratioOf(most + 1, base, MILLION) - (isWhole(most + 1, base) ? 1 : 0);
  }
}

/** Tells whether the product is a multiple of a million. */
function isWhole(value: number, factor: number): boolean {
  const product = value * factor;
  if (product <= Number.MAX_SAFE_INTEGER) return product % MILLION === 0;
  return (BigInt(value) * BigInt(factor)) % 1_000_000n === 0n;
}
