/**
 * Tells whether every limit of an account lets an order pass, for the short way of plain orders: O(1), without objects.
 *
 * It knows limits over all symbols only. The rules are those of `order-check.ts` and `limit-check.ts`, which decide, and
 * tell the arithmetic, wherever this says no; so it may say no where they would say yes, never the other way round.
 */
import type { RiskLimitValues } from '../exchange/command.js';
import type { Listing } from '../exchange/listing.js';
import { floorPpm } from '../values/decimal.js';
import type { Account } from './account.js';
import { type Exposures, notionalE6, valueE6 } from './exposures.js';
import type { Positions } from './positions.js';

const MAX = Number.MAX_SAFE_INTEGER;

/** The part of the state that limits are held against. */
interface LimitedState {
  readonly exposures: Exposures;
  readonly positions: Positions;
}

export class LimitPass {
  constructor(private readonly state: LimitedState) {}

  /** Tells whether quantity, notional and price of the order are within the limits. */
  admitsTerms(limits: RiskLimitValues, listing: Listing, priceTicks: number, lots: number): boolean {
    const { maxOrderQtyE8, maxOrderNotionalE6, priceCollarPpm } = limits;
    if (maxOrderQtyE8 !== null && lots > Math.floor(maxOrderQtyE8 / listing.lotE8)) return false;
    if (maxOrderNotionalE6 !== null && notionalE6(listing, priceTicks, lots) > maxOrderNotionalE6) return false;
    if (priceCollarPpm === null) return true;
    const from = listing.referencePxTicks;
    return Math.abs(priceTicks - from) <= floorPpm(from, priceCollarPpm);
  }

  /**
   * Tells whether the sums are within the limits once the lots are open.
   * @param addedLots lots that come to be open by the order
   * @param row, all rows of the account's figures on the instrument and on all; @param position its row in Positions
   */
  admitsSums(
    account: Account,
    limits: RiskLimitValues,
    listing: Listing,
    isBuy: boolean,
    addedLots: number,
    row: number,
    all: number,
    position: number,
  ): boolean {
    const { exposures, positions } = this.state;
    // Trades of the same command, in a batch.
    if (positions.rows.touchedCount > 0) exposures.catchUp(account);
    if (limits.maxDailyLossE6 !== null && -exposures.dailyPnlE6[all]! >= limits.maxDailyLossE6) return false;
    const qty = positions.qtyLots[position]!;
    const open = (isBuy ? exposures.openBuyLots : exposures.openSellLots)[row]! + addedLots;
    const { maxPositionQtyE8, maxGrossExposureE6, maxNetExposureE6 } = limits;
    if (maxPositionQtyE8 !== null && (isBuy ? qty : -qty) + open > Math.floor(maxPositionQtyE8 / listing.lotE8)) {
      return false;
    }
    if (maxGrossExposureE6 === null && maxNetExposureE6 === null) return true;
    const value = valueE6(listing, isBuy ? qty + open : qty - open);
    if (maxGrossExposureE6 !== null) {
      const before = exposures.grossE6[row]!;
      const opposite = (isBuy ? exposures.shortE6 : exposures.longE6)[row]!;
      const after = Math.max(Math.abs(value), Math.abs(opposite));
      const projected = Math.min(MAX, exposures.grossE6[all]! - before + after);
      if (projected > maxGrossExposureE6 && after > before) return false;
    }
    if (maxNetExposureE6 === null) return true;
    const sign = isBuy ? 1 : -1;
    const column = isBuy ? exposures.longE6 : exposures.shortE6;
    const added = sign * (value - column[row]!);
    return added <= 0 || Math.min(MAX, sign * column[all]! + added) <= maxNetExposureE6;
  }
}
