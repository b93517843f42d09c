/** The price band of an account on an instrument: bounds, narrowed by the tighter of the two collars. */
import type { Listing } from '../exchange/listing.js';
import { NONE } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { Account } from './account.js';

/** Returns the tighter of the instrument's and the account's collar, parts per million; NONE when there is none. */
export function collarPpm(account: Account, listing: Listing): number {
  const own = account.limits.priceCollarPpm ?? NONE;
  if (listing.priceCollarPpm === NONE) return own;
  return own === NONE ? listing.priceCollarPpm : Math.min(own, listing.priceCollarPpm);
}

/** Ticks that a price may be away from `fromTicks`; Infinity without a collar. */
export function collarTicks(account: Account, listing: Listing, fromTicks: number): number {
  const ppm = collarPpm(account, listing);
  return ppm === NONE ? Number.POSITIVE_INFINITY : floorPpm(fromTicks, ppm);
}

/** Lowest price within the collar around `fromTicks` and the instrument's bounds. */
export function lowestPrice(account: Account, listing: Listing, fromTicks: number): number {
  return Math.max(listing.minPriceTicks, fromTicks - collarTicks(account, listing, fromTicks));
}

/** Highest price within the collar around `fromTicks` and the instrument's bounds. */
export function highestPrice(account: Account, listing: Listing, fromTicks: number): number {
  return Math.min(listing.maxPriceTicks, fromTicks + collarTicks(account, listing, fromTicks));
}
