/** Volatility of a whole price path; `ewma-volatility.ts` is its twin for a stream. */
import { EwmaVolatility } from './ewma-volatility.js';
import { logReturns, requireSeries, type Series } from './series.js';

/**
 * Returns the realised volatility √(Σ r²) of log returns over the path (Andersen et al. 2001), not annualised.
 * @param prices each above 0
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2), OUT_OF_RANGE
 */
export function realisedVolatility(prices: Series): number {
  requireSeries('prices', prices, 2);
  return Math.sqrt(logReturns(prices).reduce((sum, value) => sum + value * value, 0));
}

/**
 * Returns the exponentially weighted standard deviation of one log return at the end of the path (RiskMetrics 1996, 5.2.1).
 * @param lambda weight of what was: 0.94 for daily, 0.97 for monthly data in the source
 * @throws StatisticsError as `realisedVolatility`; RangeError where lambda is not between 0 and 1
 */
export function ewmaVolatility(prices: Series, lambda = 0.94): number {
  requireSeries('prices', prices, 2);
  logReturns(prices);
  const stream = new EwmaVolatility(lambda);
  for (let index = 0; index < prices.length; index += 1) stream.add(prices[index]!);
  return stream.volatility!;
}
