/** Long memory of a price path. */
import { leastSquares, ones } from './least-squares.js';
import { requireSeries, requireVariation, requireWhole, type Series } from './series.js';

/**
 * Returns the generalised Hurst exponent of order 1 (Di Matteo 2007, Quantitative Finance 7, eq. 2): the slope of
 * ln E|x[t + τ] − x[t]| on ln τ for τ = 1 … maxLag. About 0.5 for a random walk, below it for a series that reverts, above it
 * for one that trends. Complexity: O(n × maxLag).
 * @param path levels such as log prices, not returns
 * @param maxLag 3 to a quarter of the path's length
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (20), CONSTANT_SERIES, OUT_OF_RANGE
 */
export function hurstExponent(path: Series, maxLag = 19): number {
  requireSeries('path', path, 20);
  requireVariation('path', path);
  requireWhole('maxLag', maxLag, 3, Math.max(3, Math.floor(path.length / 4)));
  const logs: number[] = [];
  const logLags: number[] = [];
  for (let lag = 1; lag <= maxLag; lag += 1) {
    let sum = 0;
    for (let index = lag; index < path.length; index += 1) sum += Math.abs(path[index]! - path[index - lag]!);
    // A period of exactly this lag says nothing about scale.
    if (sum === 0) continue;
    logs.push(Math.log(sum / (path.length - lag)));
    logLags.push(Math.log(lag));
  }
  return leastSquares(logs, [logLags, ones(logs.length)], ['ln τ', 'constant']).coefficients[0]!;
}
