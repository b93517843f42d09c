/**
 * The augmented Dickey–Fuller test of a unit root (Said & Dickey 1984): Δx[t] on x[t − 1], lagged Δx and deterministic terms;
 * the statistic is the t-ratio of x[t − 1]. A small p-value speaks against a unit root, for stationarity.
 */
import { leastSquares, nestedResidualSums, ones } from './least-squares.js';
import { type CriticalValue, mackinnonCritical, mackinnonP, type Trend } from './mackinnon.js';
import { differences, requireSeries, requireVariation, requireWhole, type Series } from './series.js';
import { StatisticsError } from './statistics-error.js';

/** How many lagged differences: a number, or the one with the least information criterion up to Schwert's (1989) bound. */
export type LagChoice = number | 'AIC' | 'BIC';

export interface DickeyFuller {
  /** t-ratio of the lagged level. */
  readonly statistic: number;
  /** MacKinnon's approximate p-value of the null hypothesis that there is a unit root. */
  readonly pValue: number;
  /** At 1 %, 5 % and 10 %. */
  readonly criticalValues: readonly CriticalValue[];
  /** Lagged differences in the regression. */
  readonly lags: number;
  /** Observations of the regression. */
  readonly observations: number;
}

/** Greatest number of lagged differences. */
export const MAX_LAGS = 100;

const DETERMINISTIC: Readonly<Record<Trend, readonly string[]>> = { n: [], c: ['constant'], ct: ['constant', 'trend'] };

/**
 * Tests a series for a unit root.
 * @param lags a number from 0 to MAX_LAGS, or the criterion that chooses it
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS, CONSTANT_SERIES, COLLINEAR, OUT_OF_RANGE
 */
export function augmentedDickeyFuller(series: Series, trend: Trend = 'c', lags: LagChoice = 'AIC'): DickeyFuller {
  const { statistic, lags: used, observations } = dickeyFullerRatio(series, trend, lags);
  return {
    statistic,
    pValue: mackinnonP(statistic, trend),
    criticalValues: mackinnonCritical(trend, 1, observations),
    lags: used,
    observations,
  };
}

/** As `augmentedDickeyFuller`, without a table: what residuals of a first regression are held to differs. */
export function dickeyFullerRatio(
  series: Series,
  trend: Trend,
  lags: LagChoice,
  name = 'series',
): Pick<DickeyFuller, 'statistic' | 'lags' | 'observations'> {
  requireSeries(name, series, 4 + DETERMINISTIC[trend].length);
  requireVariation(name, series);
  const changes = differences(series);
  const used = typeof lags === 'number' ? lags : chooseLags(series, changes, trend, lags);
  requireWhole('lags', used, 0, MAX_LAGS);
  const least = 2 * used + DETERMINISTIC[trend].length + 3;
  if (series.length < least) {
    throw new StatisticsError(
      'TOO_FEW_OBSERVATIONS',
      `${name} has ${series.length} observations, at least ${least} are needed with ${used} lags`,
    );
  }
  const { y, columns, names } = regressionOf(series, changes, trend, used);
  const level = DETERMINISTIC[trend].length;
  const fit = leastSquares(y, columns, names);
  if (fit.residualVariance === 0) throw new StatisticsError('COLLINEAR', `${name} is explained without a rest`);
  return {
    statistic: fit.coefficients[level]! / fit.standardErrors[level]!,
    lags: used,
    observations: y.length,
  };
}

/** Every number of lags is judged on the same observations, those that the greatest one leaves. */
function chooseLags(series: Series, changes: Float64Array, trend: Trend, criterion: 'AIC' | 'BIC'): number {
  const fixed = DETERMINISTIC[trend].length;
  const bound = Math.ceil(12 * (series.length / 100) ** 0.25);
  const most = Math.min(bound, Math.floor(series.length / 2) - fixed - 1, MAX_LAGS);
  if (most < 0) {
    throw new StatisticsError('TOO_FEW_OBSERVATIONS', `${series.length} observations are too few to choose lags`);
  }
  const { y, columns, names } = regressionOf(series, changes, trend, most);
  const sums = nestedResidualSums(y, columns, names);
  const count = y.length;
  const penalty = criterion === 'AIC' ? 2 : Math.log(count);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let lags = 0; lags <= most; lags += 1) {
    const width = fixed + 1 + lags;
    const value = count * Math.log(sums[width]! / count) + penalty * width;
    if (value < least) {
      least = value;
      best = lags;
    }
  }
  return best;
}

function regressionOf(series: Series, changes: Float64Array, trend: Trend, lags: number) {
  const count = changes.length - lags;
  const y = changes.subarray(lags);
  const columns: Series[] = [];
  if (trend !== 'n') columns.push(ones(count));
  if (trend === 'ct') columns.push(Float64Array.from({ length: count }, (_, index) => index + 1));
  columns.push(Float64Array.from({ length: count }, (_, index) => series[lags + index]!));
  const names = [...DETERMINISTIC[trend], 'lagged level'];
  for (let lag = 1; lag <= lags; lag += 1) {
    columns.push(changes.subarray(lags - lag, lags - lag + count));
    names.push(`lag ${lag}`);
  }
  return { y, columns, names };
}
