/** The price band of an account on an instrument: bounds, narrowed by the tighter of the two collars. */
import type { Listing } from '../exchange/listing.js';
import { BUY, NONE } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import type { Account } from './account.js';
import { orderLimits } from './account-guard.js';

/** Returns the tighter of the instrument's and the account's collar, parts per million; NONE when there is none. */
export function collarPpm(account: Account, listing: Listing): number {
  const own = account.guard === null ? NONE : (orderLimits(account.guard, listing.index).priceCollarPpm ?? NONE);
  if (listing.priceCollarPpm === NONE) return own;
  return own === NONE ? listing.priceCollarPpm : Math.min(own, listing.priceCollarPpm);
}

/** Ticks that a price may be away from `fromTicks`; Infinity without a collar. */
export function collarTicks(account: Account, listing: Listing, fromTicks: number): number {
  const ppm = collarPpm(account, listing);
  return ppm === NONE ? Number.POSITIVE_INFINITY : floorPpm(fromTicks, ppm);
}

/** How far from the reference price a MARKET order may trade in an auction where no collar says it, parts per million. */
export const AUCTION_PROTECTION_PPM = 100_000;

/**
 * Returns the worst price at which a MARKET order of the account trades in an auction: the collar, or without one
 * AUCTION_PROTECTION_PPM from the reference price, within the instrument's bounds. A buy holds funds at this price.
 */
export function protectionPrice(account: Account, listing: Listing, side: number): number {
  const from = listing.referencePxTicks;
  const own = collarPpm(account, listing);
  const distance = floorPpm(from, own === NONE ? AUCTION_PROTECTION_PPM : own);
  return side === BUY
    ? Math.min(listing.maxPriceTicks, from + distance)
    : Math.max(listing.minPriceTicks, from - distance);
}

/** Lowest price within the collar around `fromTicks` and the instrument's bounds. */
export function lowestPrice(account: Account, listing: Listing, fromTicks: number): number {
  return Math.max(listing.minPriceTicks, fromTicks - collarTicks(account, listing, fromTicks));
}

/** Highest price within the collar around `fromTicks` and the instrument's bounds. */
export function highestPrice(account: Account, listing: Listing, fromTicks: number): number {
  return Math.min(listing.maxPriceTicks, fromTicks + collarTicks(account, listing, fromTicks));
}
