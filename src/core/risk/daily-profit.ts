/**
 * Profit since the session began, which is 00:00 UTC of engine time.
 *
 * ```
 * profit     = realized − fees + position × mark − cost of the open position          since the account's beginning
 * of the day = profit − profit at 00:00, at the marks of the first command of the day
 * ```
 * What is deposited or withdrawn moves the base by as much as the profit, so that it is neither gain nor loss.
 * Units: quote units. Complexity: O(1); once a day O(positions).
 */
import type { Listing } from '../exchange/listing.js';
import type { Positions } from './positions.js';

const MAX = Number.MAX_SAFE_INTEGER;

/** Returns the profit of a position since its beginning, within ±(2^53 − 1). */
export function profitUnits(positions: Positions, row: number, listing: Listing): number {
  const value = within(positions.qtyLots[row]! * listing.riskMarkTicks * listing.unitsPerTickLot);
  const profit = positions.realizedPnlUnits[row]! - positions.feesUnits[row]! + (value - positions.costUnits[row]!);
  return within(profit) + 0;
}

/** Makes the present profit of every position the base of the day. */
export function beginDay(positions: Positions, listings: readonly Listing[]): void {
  const { rows } = positions;
  for (const row of rows.sortedRows()) {
    positions.recorder.note(row);
    positions.dayBaseUnits[row] = profitUnits(positions, row, listings[rows.secondOf(row)]!);
  }
}

/** Books lots that come in or go out at the reference price, without a profit or loss of the day. */
export function transferLots(positions: Positions, account: number, listing: Listing, lots: number): void {
  if (lots === 0) return;
  const found = positions.rows.find(account, listing.index);
  const before = found < 0 ? 0 : profitUnits(positions, found, listing);
  positions.transfer(account, listing.index, lots, listing.referencePxTicks * listing.unitsPerTickLot);
  const row = positions.rows.rowOf(account, listing.index);
  positions.dayBaseUnits[row]! += profitUnits(positions, row, listing) - before;
}

function within(value: number): number {
  return Math.max(-MAX, Math.min(MAX, value));
}
