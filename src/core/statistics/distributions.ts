/** Distribution functions that p-values and quantiles are read from. */
import { StatisticsError } from './statistics-error.js';

const SQRT_2 = Math.SQRT2;
const SQRT_2_PI = Math.sqrt(2 * Math.PI);

/**
 * Returns the standard normal distribution function at x, to about 1e-15, by the incomplete gamma function
 * (Abramowitz & Stegun 1964, 7.1.1 and 6.5.16).
 */
export function normalCdf(x: number): number {
  if (x === 0) return 0.5;
  const half = (x / SQRT_2) ** 2;
  return x < 0 ? upperGamma(0.5, half) / 2 : 1 - upperGamma(0.5, half) / 2;
}

/** Returns the standard normal density at x. */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / SQRT_2_PI;
}

/**
 * Returns the standard normal quantile: Acklam's rational approximation (2003), then one step of Halley's method.
 * @param p probability, above 0 and below 1
 * @throws StatisticsError OUT_OF_RANGE
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new StatisticsError('OUT_OF_RANGE', `probability ${p} is not between 0 and 1`);
  const x = p <= 0.5 ? lowerQuantile(p) : -lowerQuantile(1 - p);
  const error = normalCdf(x) - p;
  const step = error / normalDensity(x);
  return x - step / (1 + (x * step) / 2);
}

/** Upper tail of the chi-squared distribution: the p-value of a statistic with so many degrees of freedom. */
export function chiSquaredTail(statistic: number, degreesOfFreedom: number): number {
  return statistic <= 0 ? 1 : upperGamma(degreesOfFreedom / 2, statistic / 2);
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0);

function lowerQuantile(p: number): number {
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(C, q) / polynomial(D, q);
  }
  const q = p - 0.5;
  return (polynomial(A, q * q) * q) / polynomial(B, q * q);
}

/**
 * Regularised upper incomplete gamma function Q(a, x): by its series below a + 1, by Lentz's continued fraction above
 * (Press et al., Numerical Recipes, 3rd ed. 2007, 6.2).
 */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (scale === 0) return x < a + 1 ? 1 : 0;
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = a + 1; Math.abs(term) > sum * 1e-17; n += 1) {
      term *= x / n;
      sum += term;
    }
    return 1 - sum * scale;
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let i = 1; i < 1_000; i += 1) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / nonZero(an * d + b, tiny);
    c = nonZero(b + an / c, tiny);
    const change = d * c;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return fraction * scale;
}

const nonZero = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Natural logarithm of the gamma function for a > 0 (Lanczos 1964, g = 7, nine terms). */
function logGamma(a: number): number {
  const x = a - 1;
  let sum = LANCZOS[0]!;
  for (let index = 1; index < LANCZOS.length; index += 1) sum += LANCZOS[index]! / (x + index);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
