/**
 * What a strategy has bought, sold and paid, by its own executions alone: a deposit, a trade by hand or one of another
 * strategy on the same account is never in it. Sums stay within what an account can hold, so plain integers are exact.
 */
import type { Side } from '../values/vocabulary.js';

/** What a strategy has come to in one market. */
export interface OwnHolding {
  /** Signed lots bought and not sold again. */
  readonly qtyLots: number;
  /** Money of its trades without fees, ticks × lots: above 0 received. */
  readonly cashTickLots: number;
  /** Fees paid, quote units; negative = earned. */
  readonly feesUnits: number;
}

export const NOTHING: OwnHolding = { qtyLots: 0, cashTickLots: 0, feesUnits: 0 };

export class OwnLedger {
  fillCount = 0;
  readonly #holdings: OwnHolding[];

  constructor(markets: number) {
    this.#holdings = new Array<OwnHolding>(markets).fill(NOTHING);
  }

  /** By market. */
  get holdings(): readonly OwnHolding[] {
    return this.#holdings;
  }

  /** Takes what was kept of a run before. */
  restore(holdings: readonly OwnHolding[], fillCount: number): void {
    for (const [market, holding] of holdings.entries()) this.#holdings[market] = holding;
    this.fillCount = fillCount;
  }

  fill(market: number, side: Side, priceTicks: number, qtyLots: number, feeUnits: number): void {
    const sign = side === 'BUY' ? 1 : -1;
    const before = this.#holdings[market]!;
    this.#holdings[market] = {
      qtyLots: before.qtyLots + sign * qtyLots,
      cashTickLots: before.cashTickLots - sign * priceTicks * qtyLots,
      feesUnits: before.feesUnits + feeUnits,
    };
    this.fillCount += 1;
  }
}
