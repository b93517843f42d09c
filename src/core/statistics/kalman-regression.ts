/**
 * Regression whose coefficients drift: y[t] = slope[t] × x[t] + intercept[t] + noise, both coefficients random walks, followed
 * by a Kalman filter (Kalman 1960; for pairs: Chan, Algorithmic Trading 2013, ch. 3). Complexity: O(1) an observation.
 */
import { requireBetween } from './series.js';
import { StatisticsError } from './statistics-error.js';

/** What the filter says at an observation, before and after it has learned from it. */
export interface KalmanStep {
  /** y less its forecast from the coefficients before this observation. */
  readonly forecastError: number;
  /** Standard deviation that the filter expected of that error; forecastError ÷ this is a z-score. */
  readonly forecastStdDev: number;
  /** After this observation. */
  readonly slope: number;
  readonly intercept: number;
}

export class KalmanRegression {
  readonly #drift: number;
  readonly #noise: number;
  #slope = 0;
  #intercept = 0;
  /** Covariance of (slope, intercept): p00, p01, p11. */
  #p00: number;
  #p01 = 0;
  #p11: number;

  /**
   * @param delta how fast the coefficients may drift: variance of a step = delta ÷ (1 − delta); above 0, below 1
   * @param observationVariance variance of y about the line, above 0
   * @param priorVariance variance of the first guess of 0 for both coefficients, above 0
   * @throws StatisticsError OUT_OF_RANGE
   */
  constructor(delta = 1e-4, observationVariance = 1e-3, priorVariance = 1) {
    requireBetween('delta', delta, 0, 1);
    requireBetween('observationVariance', observationVariance, 0, Number.POSITIVE_INFINITY);
    requireBetween('priorVariance', priorVariance, 0, Number.POSITIVE_INFINITY);
    this.#drift = delta / (1 - delta);
    this.#noise = observationVariance;
    this.#p00 = priorVariance;
    this.#p11 = priorVariance;
  }

  /** @throws StatisticsError NOT_FINITE */
  add(y: number, x: number): KalmanStep {
    if (!Number.isFinite(y) || !Number.isFinite(x)) {
      throw new StatisticsError('NOT_FINITE', `an observation is (${y}, ${x}), not two finite numbers`);
    }
    const p00 = this.#p00 + this.#drift;
    const p01 = this.#p01;
    const p11 = this.#p11 + this.#drift;
    const forecastError = y - (this.#slope * x + this.#intercept);
    const towards0 = p00 * x + p01;
    const towards1 = p01 * x + p11;
    const variance = towards0 * x + towards1 + this.#noise;
    const gain0 = towards0 / variance;
    const gain1 = towards1 / variance;
    this.#slope += gain0 * forecastError;
    this.#intercept += gain1 * forecastError;
    this.#p00 = p00 - gain0 * towards0;
    this.#p01 = p01 - gain0 * towards1;
    this.#p11 = p11 - gain1 * towards1;
    return {
      forecastError,
      forecastStdDev: Math.sqrt(variance),
      slope: this.#slope,
      intercept: this.#intercept,
    };
  }
}
