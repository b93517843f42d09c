/**
 * What one instrument gathers for an auction beside its book: MARKET orders, which have no price level, and
 * AT_THE_CLOSE orders, which wait outside of the book until the closing auction begins.
 *
 * LIMIT orders gather in the book itself, which may be crossed meanwhile. Lists are in order of arrival.
 * Complexity: O(1) to add, O(n) to remove one.
 */

import { NONE } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';

/** At what price what is gathered would trade, and how much. */
export interface Equilibrium {
  /** NONE where nothing would trade. */
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Lots that could not trade at the price: above 0 to buy, below 0 to sell; 0 without a price. */
  readonly imbalanceLots: number;
}

export const NO_EQUILIBRIUM: Equilibrium = { priceTicks: NONE, qtyLots: 0, imbalanceLots: 0 };

export class AuctionBook {
  readonly marketBuys: number[] = [];
  readonly marketSells: number[] = [];
  readonly awaitingClose: number[] = [];
  /**
   * Slots that may hold an iceberg of this instrument while its auction is under way; every resting iceberg is in it.
   * It follows from the book: neither told nor taken back.
   */
  readonly icebergs = new Set<number>();
  /** The indicative as told last; follows from the book, so that a restored exchange works it out again. */
  told: Equilibrium = NO_EQUILIBRIUM;
  /** True while the instrument is among the state's touched auctions. */
  isTouched = false;

  /** Gathered MARKET orders by side code. */
  market(side: number): number[] {
    return side === 0 ? this.marketBuys : this.marketSells;
  }

  /** @throws InvariantError when the order is in no list */
  remove(slot: number): void {
    for (const list of [this.marketBuys, this.marketSells, this.awaitingClose]) {
      const index = list.indexOf(slot);
      if (index < 0) continue;
      list.splice(index, 1);
      return;
    }
    throw new InvariantError('an order that gathers for an auction is in none of its lists');
  }

  /** Keeps what is gathered now and returns how to put it back. */
  keep(): () => void {
    const kept = [this.marketBuys, this.marketSells, this.awaitingClose].map((list) => [list, [...list]] as const);
    const { told } = this;
    return () => {
      for (const [list, slots] of kept) list.splice(0, list.length, ...slots);
      this.told = told;
    };
  }
}
