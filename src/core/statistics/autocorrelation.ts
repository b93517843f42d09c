/** Dependence of a series on its own past. */

import { meanOf } from './descriptive.js';
import { chiSquaredTail } from './distributions.js';
import { requireSeries, requireVariation, requireWhole, type Series } from './series.js';

/**
 * Returns the autocorrelations at lags 1 … maxLag, with n below each lag's sum (Box & Jenkins 1970, 2.1.5).
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS, CONSTANT_SERIES, OUT_OF_RANGE
 */
export function autocorrelations(series: Series, maxLag: number): number[] {
  requireSeries('series', series, 3);
  requireVariation('series', series);
  requireWhole('maxLag', maxLag, 1, series.length - 1);
  const mean = meanOf(series);
  let total = 0;
  for (let index = 0; index < series.length; index += 1) total += (series[index]! - mean) ** 2;
  return Array.from({ length: maxLag }, (_, at) => {
    const lag = at + 1;
    let sum = 0;
    for (let index = lag; index < series.length; index += 1) {
      sum += (series[index]! - mean) * (series[index - lag]! - mean);
    }
    return sum / total;
  });
}

export interface LjungBox {
  /** n (n + 2) Σ ρ² ÷ (n − lag). */
  readonly statistic: number;
  /** Of the null hypothesis that there is no autocorrelation up to the lag. */
  readonly pValue: number;
  readonly lags: number;
}

/**
 * Tests for autocorrelation up to a lag (Ljung & Box 1978).
 * @param fitted parameters of the model whose residuals these are; they lower the degrees of freedom
 * @throws as `autocorrelations`
 */
export function ljungBox(series: Series, lags: number, fitted = 0): LjungBox {
  const correlations = autocorrelations(series, lags);
  requireWhole('fitted', fitted, 0, lags - 1);
  const count = series.length;
  const statistic =
    count * (count + 2) * correlations.reduce((sum, value, index) => sum + value ** 2 / (count - index - 1), 0);
  return { statistic, pValue: chiSquaredTail(statistic, lags - fitted), lags };
}
