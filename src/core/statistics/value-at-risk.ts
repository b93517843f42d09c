/**
 * Value at risk and expected shortfall of a portfolio's profit: what it loses at worst with a given confidence over a horizon, and
 * what it loses on average where it loses more. Losses are positive; a portfolio that gains even then has a negative one.
 */
import { normalDensity, normalQuantile } from './distributions.js';
import { requireBetween, requireSameLength, requireSeries, requireWhole, type Series } from './series.js';

/** Loss at a confidence, in the unit of the profits. */
export interface TailRisk {
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
}

/**
 * Returns the historical tail risk of profits that were observed or simulated: with n of them the k = ⌈n × (1 − confidence)⌉
 * worst are the tail, its best is −VaR (the lower empirical quantile) and its mean −ES (Acerbi & Tasche 2002).
 * @param confidence above 0.5 and below 1
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (as many as give the tail one: 20 at 0.95, 100 at 0.99), OUT_OF_RANGE
 */
export function historicalTailRisk(profits: Series, confidence: number): TailRisk {
  requireBetween('confidence', confidence, 0.5, 1);
  // 1 − 0.95 is a little more than 0.05, which must not make the tail one longer.
  const tail = 1 - confidence;
  requireSeries('profits', profits, Math.ceil(1 / tail - 1e-9));
  const worst = Float64Array.from(profits)
    .sort()
    .subarray(0, Math.max(1, Math.ceil(profits.length * tail - 1e-9)));
  const sum = worst.reduce((total, profit) => total + profit, 0);
  return { valueAtRisk: 0 - worst[worst.length - 1]!, expectedShortfall: 0 - sum / worst.length };
}

/**
 * Returns the tail risk of a normal profit with mean 0: VaR = σ z, ES = σ φ(z) ÷ (1 − confidence) with z the normal quantile of
 * the confidence (McNeil, Frey & Embrechts 2005, 2.2.4).
 * @param deviation standard deviation of the profit over the horizon
 * @throws StatisticsError OUT_OF_RANGE
 */
export function normalTailRisk(deviation: number, confidence: number): TailRisk {
  requireBetween('confidence', confidence, 0.5, 1);
  const z = normalQuantile(confidence);
  return { valueAtRisk: deviation * z, expectedShortfall: (deviation * normalDensity(z)) / (1 - confidence) };
}

/**
 * Returns the covariances of series of returns, weighted exponentially with mean 0 (RiskMetrics 1996, 5.3): the newest return
 * weighs (1 − λ), the one before λ (1 − λ), …, divided by 1 − λⁿ so that the weights of the n there are sum to 1.
 * @param lambda weight of what was, above 0 and below 1
 * @returns a row a series
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2), LENGTH_MISMATCH, OUT_OF_RANGE
 */
export function ewmaCovariance(returns: readonly Series[], lambda: number): Float64Array[] {
  requireBetween('lambda', lambda, 0, 1);
  for (const [index, series] of returns.entries()) {
    requireSeries(`returns ${index}`, series, 2);
    requireSameLength('returns 0', returns[0]!, `returns ${index}`, series);
  }
  const matrix = returns.map(() => new Float64Array(returns.length));
  const count = returns[0]?.length ?? 0;
  const whole = 1 - lambda ** count;
  for (const [row, a] of returns.entries()) {
    for (let column = 0; column <= row; column += 1) {
      const b = returns[column]!;
      let sum = 0;
      for (let at = 0; at < count; at += 1) sum = lambda * sum + (1 - lambda) * a[at]! * b[at]!;
      matrix[row]![column] = sum / whole;
      matrix[column]![row] = sum / whole;
    }
  }
  return matrix;
}

/** Returns the standard deviation of a portfolio's profit: √(w′ Σ w). @param weights amounts held, in the unit of the profit */
export function portfolioDeviation(weights: Series, covariances: readonly Series[]): number {
  let variance = 0;
  for (let row = 0; row < weights.length; row += 1) {
    for (let column = 0; column < weights.length; column += 1) {
      variance += weights[row]! * covariances[row]![column]! * weights[column]!;
    }
  }
  // A hedge that is perfect may come out a rounding below 0.
  return Math.sqrt(Math.max(0, variance));
}

/**
 * Returns log returns over `horizon` periods each, overlapping: the sum of every `horizon` neighbours.
 * @throws StatisticsError OUT_OF_RANGE, TOO_FEW_OBSERVATIONS (one horizon)
 */
export function horizonReturns(returns: Series, horizon: number): Float64Array {
  requireWhole('horizon', horizon, 1, 1_000);
  requireSeries('returns', returns, horizon);
  const result = new Float64Array(returns.length - horizon + 1);
  for (let at = 0; at < result.length; at += 1) {
    for (let step = 0; step < horizon; step += 1) result[at]! += returns[at + step]!;
  }
  return result;
}
