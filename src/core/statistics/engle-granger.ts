/**
 * The two-step test of cointegration (Engle & Granger 1987): least squares of y on x, then a Dickey–Fuller test of the
 * residuals without deterministic terms, held to MacKinnon's surfaces for as many series as take part: residuals of a fitted
 * regression look more stationary than they are, so that the table of a single series would find relations that are none.
 */
import { dickeyFullerRatio, type LagChoice } from './augmented-dickey-fuller.js';
import { crossProduct } from './descriptive.js';
import { halfLife } from './half-life.js';
import { leastSquares, ones } from './least-squares.js';
import { type CriticalValue, mackinnonCritical, mackinnonP } from './mackinnon.js';
import { requireSameLength, requireSeries, requireVariation, type Series } from './series.js';
import { StatisticsError } from './statistics-error.js';

export interface EngleGranger {
  /** Units of x per unit of y in the relation y = intercept + hedgeRatio × x. */
  readonly hedgeRatio: number;
  readonly intercept: number;
  /** Slope of time, one observation a unit; 0 without a trend. */
  readonly trendSlope: number;
  /** t-ratio of the residuals' lagged level. */
  readonly statistic: number;
  /** Of the null hypothesis that y and x are not cointegrated. */
  readonly pValue: number;
  /** At 1 %, 5 % and 10 %. */
  readonly criticalValues: readonly CriticalValue[];
  readonly lags: number;
  /** Observations for half of a deviation to decay; null where the residuals do not revert. */
  readonly halfLife: number | null;
  /** y − intercept − hedgeRatio × x (− trend), as long as the input. */
  readonly residuals: Float64Array;
  /** Sample standard deviation of the residuals. */
  readonly residualStdDev: number;
}

/** Share of y's variation that must be left: below it the series are copies of each other. */
const COLLINEAR_BELOW = 1e-12;

/**
 * Tests whether y and x move together in the long run.
 * @param trend deterministic terms of the first step: a constant, or a constant and a linear trend
 * @param lags of the second step: a number or the criterion that chooses it
 * @throws StatisticsError NOT_FINITE, LENGTH_MISMATCH, TOO_FEW_OBSERVATIONS, CONSTANT_SERIES, COLLINEAR, OUT_OF_RANGE
 */
export function engleGranger(
  y: Series,
  x: Series,
  trend: 'c' | 'ct' = 'c',
  lags: LagChoice = 1,
  nameY = 'y',
  nameX = 'x',
): EngleGranger {
  requireSeries(nameY, y, 6);
  requireSeries(nameX, x, 6);
  requireSameLength(nameY, y, nameX, x);
  requireVariation(nameY, y);
  requireVariation(nameX, x);
  const columns: Series[] = [x, ones(y.length)];
  if (trend === 'ct') columns.push(Float64Array.from({ length: y.length }, (_, index) => index + 1));
  const fit = leastSquares(y, columns, [nameX, 'constant', 'trend']);
  if (fit.residualSumOfSquares <= COLLINEAR_BELOW * crossProduct(y, y)) {
    throw new StatisticsError('COLLINEAR', `${nameY} is a linear function of ${nameX}`);
  }
  const ratio = dickeyFullerRatio(fit.residuals, 'n', lags, 'the residuals');
  return {
    hedgeRatio: fit.coefficients[0]!,
    intercept: fit.coefficients[1]!,
    trendSlope: fit.coefficients[2] ?? 0,
    statistic: ratio.statistic,
    pValue: mackinnonP(ratio.statistic, trend, 2),
    criticalValues: mackinnonCritical(trend, 2, y.length - 1),
    lags: ratio.lags,
    halfLife: halfLife(fit.residuals, 'the residuals'),
    residuals: fit.residuals,
    residualStdDev: Math.sqrt(crossProduct(fit.residuals, fit.residuals) / (y.length - 1)),
  };
}
