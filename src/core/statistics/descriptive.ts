/** Mean, variance and covariance of whole series; two passes, since one over squares cancels where values are large and close. */
import { requireSameLength, requireSeries, type Series } from './series.js';

/**
 * Returns the arithmetic mean.
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (1)
 */
export function mean(series: Series, name = 'series'): number {
  requireSeries(name, series, 1);
  return meanOf(series);
}

/**
 * Returns the sample variance, n − 1 below.
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2)
 */
export function variance(series: Series, name = 'series'): number {
  requireSeries(name, series, 2);
  return crossProduct(series, series) / (series.length - 1);
}

/** Returns the square root of the sample variance, in the unit of the series. @throws as `variance` */
export function standardDeviation(series: Series, name = 'series'): number {
  return Math.sqrt(variance(series, name));
}

/**
 * Returns the sample covariance, n − 1 below.
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2), LENGTH_MISMATCH
 */
export function covariance(x: Series, y: Series): number {
  requireSeries('x', x, 2);
  requireSeries('y', y, 2);
  requireSameLength('x', x, 'y', y);
  return crossProduct(x, y) / (x.length - 1);
}

/** As `mean`, of a series that was looked at before and is not empty. */
export function meanOf(series: Series): number {
  let sum = 0;
  for (let index = 0; index < series.length; index += 1) sum += series[index]!;
  const first = sum / series.length;
  // A second pass takes out what the running sum rounded away.
  let rest = 0;
  for (let index = 0; index < series.length; index += 1) rest += series[index]! - first;
  return first + rest / series.length;
}

/** Σ (x − mean x) × (y − mean y) of series that were looked at before. */
export function crossProduct(x: Series, y: Series): number {
  const meanX = meanOf(x);
  const meanY = x === y ? meanX : meanOf(y);
  let sum = 0;
  for (let index = 0; index < x.length; index += 1) sum += (x[index]! - meanX) * (y[index]! - meanY);
  return sum;
}
