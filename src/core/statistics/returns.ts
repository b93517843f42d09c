/** How well a sequence of returns or an equity curve did. */
import { meanOf, standardDeviation } from './descriptive.js';
import { requireSeries, type Series } from './series.js';

/**
 * Returns the annualised Sharpe ratio (Sharpe 1994): mean ÷ standard deviation of the excess return × √periods a year.
 * @param returns of one period each, as fractions
 * @param riskFree return of one period without risk
 * @returns null where the returns do not vary, since the ratio then has no value
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2)
 */
export function sharpeRatio(returns: Series, periodsPerYear: number, riskFree = 0): number | null {
  const deviation = standardDeviation(returns, 'returns');
  return deviation === 0 ? null : ((meanOf(returns) - riskFree) / deviation) * Math.sqrt(periodsPerYear);
}

/**
 * Returns the annualised Sortino ratio (Sortino & van der Meer 1991): mean excess over the target ÷ downside deviation,
 * the root of the mean of min(0, r − target)² over all periods.
 * @returns null where no return is below the target
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2)
 */
export function sortinoRatio(returns: Series, periodsPerYear: number, target = 0): number | null {
  requireSeries('returns', returns, 2);
  let squares = 0;
  for (let index = 0; index < returns.length; index += 1) squares += Math.min(0, returns[index]! - target) ** 2;
  if (squares === 0) return null;
  return ((meanOf(returns) - target) / Math.sqrt(squares / returns.length)) * Math.sqrt(periodsPerYear);
}

export interface Drawdown {
  /** Greatest fall from a peak as a fraction of the peak, 0 or more; above 1 where equity fell below 0. */
  readonly maxDrawdown: number;
  /** Position of the peak before that fall, and of its deepest point. */
  readonly peak: number;
  readonly trough: number;
  /** Fall from the running peak at each point, as long as the curve. */
  readonly drawdowns: Float64Array;
}

/**
 * Returns the drawdowns of an equity curve.
 * @param equity in money; a peak at or below 0 has no drawdown
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (1)
 */
export function drawdown(equity: Series): Drawdown {
  requireSeries('equity', equity, 1);
  const drawdowns = new Float64Array(equity.length);
  let highest = 0;
  let result = { maxDrawdown: 0, peak: 0, trough: 0 };
  for (let index = 0; index < equity.length; index += 1) {
    if (equity[index]! > equity[highest]!) highest = index;
    const top = equity[highest]!;
    const fall = top > 0 ? (top - equity[index]!) / top : 0;
    drawdowns[index] = fall;
    if (fall > result.maxDrawdown) result = { maxDrawdown: fall, peak: highest, trough: index };
  }
  return { ...result, drawdowns };
}
