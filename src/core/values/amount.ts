/**
 * Amounts: exact arithmetic on safe integers where a plain product could pass 2^53 − 1.
 */
import { floorPpm } from './decimal.js';
import { InvariantError } from './invariant.js';

/** Returns the value. @throws InvariantError when it is no safe integer */
export function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new InvariantError(`an amount left the safe integers: ${value}`);
  return value;
}

/**
 * Returns the fee of a notional, rounded towards zero: to the payer's advantage, and a rebate to the venue's.
 * @param notional 0 to 2^53 − 1 units
 * @param ppm −10^6 to 10^6; negative = rebate
 */
export function feeOf(notional: number, ppm: number): number {
  if (ppm >= 0) return floorPpm(notional, ppm);
  const rebate = floorPpm(notional, -ppm);
  return rebate === 0 ? 0 : -rebate;
}

/**
 * Returns value × part ÷ whole, rounded towards zero, exact for all safe integers.
 * Products past 2^53 go through BigInt: rare (quantities beyond 9 × 10^7 lots), slower, and right.
 * @param part 0 to whole
 * @param whole above 0
 */
export function proportionOf(value: number, part: number, whole: number): number {
  if (part === whole) return value;
  const product = value * part;
  if (Number.isSafeInteger(product)) return Math.trunc(product / whole) + 0;
  return Number((BigInt(value) * BigInt(part)) / BigInt(whole));
}
