/** Exact amounts of risk: values at marks that may lie between two ticks, summed over instruments of different scales. */

import type { InstrumentTerms } from '../../../src/core/instrument/terms.js';
import { formatRatio, parseScaled, powerOfTen } from '../../../src/core/values/decimal.js';

/** Amounts over several instruments are whole numbers of this part of a quote unit: half of 10^−12. */
const SUM_SCALE = 12;
const SUM_PARTS = 2n * 10n ** BigInt(SUM_SCALE);

/** Doubled ticks: the middle of two prices is a whole number of them. */
export type HalfTicks = number;

/** Returns twice the value of a quantity at a mark, in quote units. */
export function valueTwice(terms: InstrumentTerms, qtyLots: bigint, mark: HalfTicks): bigint {
  return qtyLots * BigInt(mark) * BigInt(terms.quoteUnitsPerTickLot);
}

/** Returns twice an amount of quote units in the parts that sums are made of. */
export function toSum(terms: InstrumentTerms, twiceUnits: bigint): bigint {
  return twiceUnits * BigInt(powerOfTen(SUM_SCALE - terms.quoteScale));
}

/** Prints a sum, rounded half to even at six decimals, at least two. */
export function formatSum(sum: bigint): string {
  return formatRatio(sum, SUM_PARTS, 2, 6);
}

/** Prints parts per million of a sum. */
export function formatShare(sumPpm: bigint): string {
  return formatRatio(sumPpm, SUM_PARTS * 1_000_000n, 2, 6);
}

export function formatMark(terms: InstrumentTerms, mark: HalfTicks): string {
  const scale = terms.priceScale;
  return formatRatio(BigInt(mark) * BigInt(terms.tickUnits), 2n * 10n ** BigInt(scale), scale, scale + 1);
}

/** Prints half of an amount of quote units. */
export function formatHalf(terms: InstrumentTerms, twiceUnits: bigint): string {
  return formatRatio(twiceUnits, 2n * 10n ** BigInt(terms.quoteScale), terms.quoteScale, terms.quoteScale);
}

/** Prints a whole number of 10^−scale without zeros that say nothing; null stays null. */
export function formatScale(value: number | null, scale: number): string | null {
  return value === null ? null : formatRatio(BigInt(value), 10n ** BigInt(scale), 0, scale);
}

/** Returns the limit at a scale, null where there is none, or what is wrong with it. */
export function parseLimit(text: string | null | undefined, scale: number): number | null | 'INVALID' {
  if (text === null || text === undefined) return null;
  const value = parseScaled(text, scale);
  return typeof value === 'number' && value >= 0 ? value : 'INVALID';
}
