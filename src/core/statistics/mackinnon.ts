/** P-values and critical values of τ statistics, by MacKinnon's response surfaces. */
import { normalCdf } from './distributions.js';
import { SURFACES, type Trend } from './mackinnon-tables.js';
import { StatisticsError } from './statistics-error.js';

export type { Trend } from './mackinnon-tables.js';

/** A value below which the statistic lies with the given probability when the null hypothesis holds. */
export interface CriticalValue {
  /** Significance: 0.01, 0.05 or 0.1. */
  readonly level: number;
  readonly value: number;
}

const LEVELS = [0.01, 0.05, 0.1] as const;

/**
 * Returns the approximate asymptotic p-value of a τ statistic (MacKinnon 1994), 0 to 1.
 * @param trend deterministic terms of the regression; for cointegration those of the first step
 * @param series how many series are integrated of order one: 1 for a unit-root test, 2 to 6 for cointegration
 * @throws StatisticsError OUT_OF_RANGE
 */
export function mackinnonP(statistic: number, trend: Trend, series = 1): number {
  const surface = SURFACES[trend];
  const at = series - 1;
  const most = surface.most[at];
  if (most === undefined) throw new StatisticsError('OUT_OF_RANGE', `series is ${series}, there are tables for 1 to 6`);
  if (statistic > most) return 1;
  if (statistic < surface.least[at]!) return 0;
  const coefficients = statistic <= surface.star[at]! ? surface.small[at]! : surface.large[at]!;
  return normalCdf(coefficients.reduceRight((value, coefficient) => value * statistic + coefficient, 0));
}

/**
 * Returns the critical values at 1 %, 5 % and 10 % (MacKinnon 2010).
 * @param observations sample size of the regression; Infinity gives the asymptotic values
 * @throws StatisticsError OUT_OF_RANGE where there is no table (without a constant only for one series)
 */
export function mackinnonCritical(trend: Trend, series = 1, observations = Number.POSITIVE_INFINITY): CriticalValue[] {
  const table = SURFACES[trend].critical[series - 1];
  if (table === undefined) {
    throw new StatisticsError('OUT_OF_RANGE', `there are no critical values for ${series} series and trend ${trend}`);
  }
  return LEVELS.map((level, index) => ({
    level,
    value: table[index]!.reduceRight((value, coefficient) => value / observations + coefficient, 0),
  }));
}
