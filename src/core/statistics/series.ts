/** Series of numbers, oldest value first, and what is asked of them before anything is computed. */
import { StatisticsError } from './statistics-error.js';

/** Numbers in the order of time, the oldest first. */
export type Series = ArrayLike<number>;

/**
 * Holds a series to what a statistic needs.
 * @param name what the message calls it
 * @param least fewest observations
 * @throws StatisticsError NOT_FINITE or TOO_FEW_OBSERVATIONS
 */
export function requireSeries(name: string, series: Series, least: number): void {
  for (let index = 0; index < series.length; index += 1) {
    if (!Number.isFinite(series[index])) {
      throw new StatisticsError('NOT_FINITE', `${name}[${index}] is ${series[index]}, not a finite number`);
    }
  }
  if (series.length < least) {
    throw new StatisticsError(
      'TOO_FEW_OBSERVATIONS',
      `${name} has ${series.length} observations, at least ${least} are needed`,
    );
  }
}

/** @throws StatisticsError LENGTH_MISMATCH */
export function requireSameLength(nameA: string, a: Series, nameB: string, b: Series): void {
  if (a.length === b.length) return;
  throw new StatisticsError('LENGTH_MISMATCH', `${nameA} has ${a.length} observations, ${nameB} has ${b.length}`);
}

/** @throws StatisticsError CONSTANT_SERIES where all values are equal */
export function requireVariation(name: string, series: Series): void {
  for (let index = 1; index < series.length; index += 1) if (series[index] !== series[0]) return;
  throw new StatisticsError('CONSTANT_SERIES', `${name} is constant at ${series[0]}`);
}

/** @throws StatisticsError OUT_OF_RANGE where the parameter is not a whole number from least to most */
export function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new StatisticsError('OUT_OF_RANGE', `${name} is ${value}, it must be a whole number from ${least} to ${most}`);
}

/** @throws StatisticsError OUT_OF_RANGE where the parameter is not above low and below high */
export function requireBetween(name: string, value: number, low: number, high: number): void {
  if (value > low && value < high) return;
  throw new StatisticsError('OUT_OF_RANGE', `${name} is ${value}, it must be above ${low} and below ${high}`);
}

/** Returns x[t] − x[t − 1]: one value fewer. */
export function differences(series: Series): Float64Array {
  const result = new Float64Array(Math.max(0, series.length - 1));
  for (let index = 0; index < result.length; index += 1) result[index] = series[index + 1]! - series[index]!;
  return result;
}

/**
 * Returns ln(p[t] ÷ p[t − 1]): one value fewer.
 * @throws StatisticsError NOT_FINITE, or OUT_OF_RANGE where a price is not above 0
 */
export function logReturns(prices: Series, name = 'prices'): Float64Array {
  requireSeries(name, prices, 1);
  const result = new Float64Array(prices.length - 1);
  for (let index = 0; index < prices.length; index += 1) {
    if (prices[index]! <= 0) {
      throw new StatisticsError('OUT_OF_RANGE', `${name}[${index}] is ${prices[index]}, a price must be above 0`);
    }
    if (index > 0) result[index - 1] = Math.log(prices[index]! / prices[index - 1]!);
  }
  return result;
}
