/** Speed of mean reversion. */
import { leastSquares, ones } from './least-squares.js';
import { differences, requireSeries, requireVariation, type Series } from './series.js';

/**
 * Returns the half-life of an Ornstein–Uhlenbeck process fitted to the series: ln 2 ÷ −λ, where λ is the slope of
 * x[t] − x[t − 1] on x[t − 1] and a constant (Chan, Algorithmic Trading 2013, ch. 2).
 * @returns observations for half of a deviation to decay; null where λ is not below 0, since then nothing reverts
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (4), CONSTANT_SERIES
 */
export function halfLife(series: Series, name = 'series'): number | null {
  requireSeries(name, series, 4);
  requireVariation(name, series);
  const changes = differences(series);
  const before = Float64Array.from({ length: changes.length }, (_, index) => series[index]!);
  requireVariation(`${name} without its last value`, before);
  const lambda = leastSquares(changes, [before, ones(changes.length)], ['the lagged level', 'constant'])
    .coefficients[0]!;
  return lambda < 0 ? Math.LN2 / -lambda : null;
}
