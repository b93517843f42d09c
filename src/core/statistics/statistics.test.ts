import fc from 'fast-check';
import { seededRandom } from '../../testing/random.js';
import { augmentedDickeyFuller } from './augmented-dickey-fuller.js';
import { autocorrelations, ljungBox } from './autocorrelation.js';
import { correlationMatrix, pearson, ranks, spearman } from './correlation.js';
import { covariance, mean, standardDeviation, variance } from './descriptive.js';
import { chiSquaredTail, normalCdf, normalQuantile } from './distributions.js';
import { engleGranger } from './engle-granger.js';
import { halfLife } from './half-life.js';
import { hurstExponent } from './hurst.js';
import { johansen } from './johansen.js';
import { KalmanRegression } from './kalman-regression.js';
import { leastSquares, nestedResidualSums, ones } from './least-squares.js';
import { mackinnonCritical, mackinnonP } from './mackinnon.js';
import { drawdown, sharpeRatio, sortinoRatio } from './returns.js';
import type { StatisticsProblem } from './statistics-error.js';
import { ewmaVolatility, realisedVolatility } from './volatility.js';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true });

/** Normal numbers from uniform ones (Box & Muller 1958). */
function normals(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const u = 1 - random();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
  });
}

function walk(seed: number, count: number): number[] {
  let level = 100;
  return normals(seed, count).map((step) => (level += step));
}

/** x[t] = (1 − speed) × x[t − 1] + noise. */
function reverting(seed: number, count: number, speed: number): number[] {
  let level = 0;
  return normals(seed, count).map((step) => (level = (1 - speed) * level + step));
}

function problemOf(compute: () => unknown): StatisticsProblem | null {
  try {
    compute();
    return null;
  } catch (error) {
    return (error as { problem: StatisticsProblem }).problem;
  }
}

describe('Descriptive statistics', () => {
  const heights = [2, 4, 4, 4, 5, 5, 7, 9];

  it('give the textbook example', () => {
    expect(mean(heights)).toBe(5);
    expect(variance(heights)).toBeCloseTo(32 / 7, 14);
    expect(standardDeviation(heights)).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(covariance([1, 2, 3], [2, 4, 7])).toBeCloseTo(2.5, 14);
  });

  it('do not lose a small variation on a large level', () => {
    expect(variance([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBe(30);
  });
});

describe('Correlation', () => {
  it('is Anscombe’s 0.8164 on his first data set', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    expect(pearson(x, y)).toBeCloseTo(0.81642051634484, 12);
    const fit = leastSquares(y, [x, ones(11)]);
    expect(fit.coefficients[0]).toBeCloseTo(0.500090909090909, 12);
    expect(fit.coefficients[1]).toBeCloseTo(3.00009090909091, 12);
    expect(fit.standardErrors[0]).toBeCloseTo(0.117905501, 8);
    expect(fit.standardErrors[1]).toBeCloseTo(1.124746791, 8);
    expect(fit.rSquared).toBeCloseTo(0.6665424595, 9);
  });

  it('ranks ties at their mean rank', () => {
    expect([...ranks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1]);
    // Spearman's 1904 form 1 − 6 Σd² ÷ n (n² − 1) holds without ties.
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7.5])).toBeCloseTo(1 - (6 * 2) / (5 * 24), 14);
  });

  it('is a symmetric matrix with ones, from −1 to 1, blind to scale and level', () => {
    const columns = fc.array(fc.array(finite, { minLength: 12, maxLength: 12 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(columns, (series) => {
        fc.pre(series.every((one) => standardDeviation(one) > 1e-3));
        const names = series.map((_, index) => `${index}`);
        for (const measure of [pearson, spearman]) {
          const matrix = correlationMatrix(series, names, measure);
          for (const [i, row] of matrix.entries()) {
            for (const [j, value] of row.entries()) {
              expect(value).toBe(matrix[j]![i]);
              expect(Math.abs(value)).toBeLessThanOrEqual(1);
              if (i === j) expect(value).toBe(1);
            }
          }
        }
        const shifted = series.map((one) => one.map((value) => 3 * value + 7));
        expect(pearson(shifted[0]!, shifted[1]!)).toBeCloseTo(pearson(series[0]!, series[1]!), 6);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Least squares', () => {
  it('leaves residuals at right angles to every column, and nested sums that are those of each leading set', () => {
    const columns = [ones(60), walk(3, 60), reverting(4, 60, 0.5), normals(5, 60)];
    const y = walk(6, 60);
    const fit = leastSquares(y, columns);
    for (const column of columns) {
      let product = 0;
      for (let index = 0; index < column.length; index += 1) product += column[index]! * fit.residuals[index]!;
      expect(product).toBeCloseTo(0, 6);
    }
    const sums = nestedResidualSums(y, columns);
    for (let k = 1; k <= columns.length; k += 1) {
      expect(sums[k]).toBeCloseTo(leastSquares(y, columns.slice(0, k)).residualSumOfSquares, 5);
    }
  });
});

describe('Distributions', () => {
  it('give published values', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316300957, 15);
    expect(normalCdf(-40)).toBe(0);
    expect(normalCdf(40)).toBe(1);
    expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 12);
    expect(chiSquaredTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12);
    expect(chiSquaredTail(18.307038053275146, 10)).toBeCloseTo(0.05, 12);
  });

  it('invert one another', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
    );
  });

  it('of MacKinnon agree with his critical values', () => {
    for (const trend of ['c', 'ct'] as const) {
      for (let series = 1; series <= 6; series += 1) {
        for (const { level, value } of mackinnonCritical(trend, series)) {
          expect(Math.abs(mackinnonP(value, trend, series) - level)).toBeLessThan(0.006);
        }
      }
    }
    expect(problemOf(() => mackinnonP(-3, 'c', 7))).toBe('OUT_OF_RANGE');
    expect(problemOf(() => mackinnonCritical('n', 2))).toBe('OUT_OF_RANGE');
  });
});

describe('Tests of reversion and memory', () => {
  it('tell a random walk from a series that reverts', () => {
    expect(augmentedDickeyFuller(walk(61, 500)).pValue).toBeGreaterThan(0.05);
    expect(augmentedDickeyFuller(reverting(12, 500, 0.2), 'c', 'BIC').pValue).toBeLessThan(0.01);
    expect(halfLife(reverting(13, 5_000, 0.1))).toBeGreaterThan(5);
    expect(halfLife(reverting(13, 5_000, 0.1))).toBeLessThan(9);
    expect(halfLife(walk(14, 50).map((value, index) => value + index * index))).toBeNull();
    expect(hurstExponent(walk(15, 4_000))).toBeCloseTo(0.5, 1);
    expect(hurstExponent(reverting(16, 4_000, 0.5))).toBeLessThan(0.2);
    expect(hurstExponent(Array.from({ length: 400 }, (_, index) => index))).toBeCloseTo(1, 10);
  });

  it('find a relation of independent random walks in about one of twenty', () => {
    let found = 0;
    for (let seed = 1; seed <= 1_000; seed += 1) {
      if (engleGranger(walk(2 * seed, 250), walk(2 * seed + 1, 250)).pValue < 0.05) found += 1;
    }
    // Two-sided 99.9 % range of a binomial of 1,000 at 5 %.
    expect(found).toBeGreaterThan(27);
    expect(found).toBeLessThan(75);
  });

  it('find the relation of a simulated pair whose spread reverts', () => {
    let found = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const x = walk(2 * seed, 500);
      const spread = reverting(2 * seed + 1, 500, 0.15);
      const y = x.map((value, index) => 5 + 0.8 * value + spread[index]!);
      const { pValue, hedgeRatio } = engleGranger(y, x);
      if (pValue < 0.05 && Math.abs(hedgeRatio - 0.8) < 0.2) found += 1;
    }
    expect(found).toBeGreaterThan(95);
  });

  it('count the common relations of several series', () => {
    const [a, b] = [walk(21, 800), walk(22, 800)];
    const noise = reverting(23, 800, 0.4);
    expect(johansen([a, b]).rank).toBe(0);
    const tied = a.map((value, index) => 2 * value + noise[index]!);
    const { rank, vectors } = johansen([a, tied, b]);
    expect(rank).toBe(1);
    expect(vectors[0]![0]! / vectors[0]![1]!).toBeCloseTo(-2, 1);
    expect(johansen([reverting(24, 800, 0.4), noise]).rank).toBe(2);
    expect(johansen([a, tied], 'ct', 2).rows[0]!.trace).toBeGreaterThan(johansen([a, b], 'ct', 2).rows[0]!.trace);
  });

  it('find autocorrelation where there is some', () => {
    expect(autocorrelations([1, 2, 3, 4, 5], 1)[0]).toBeCloseTo(0.4, 14);
    expect(ljungBox(reverting(31, 500, 0.5), 10).pValue).toBeLessThan(1e-6);
    expect(ljungBox(normals(32, 500), 10).pValue).toBeGreaterThan(0.05);
  });
});

describe('The drifting regression', () => {
  it('follows a slope that changes', () => {
    const filter = new KalmanRegression(1e-3, 1e-2);
    const x = normals(41, 2_000).map((value) => value + 5);
    const noise = normals(42, 2_000);
    let last = filter.add(0, 0);
    const slopeAt = (index: number) => (index < 1_000 ? 2 : -1);
    for (let index = 0; index < 2_000; index += 1) {
      last = filter.add(slopeAt(index) * x[index]! + 3 + noise[index]! * 0.1, x[index]!);
      if (index === 999) expect(last.slope).toBeCloseTo(2, 0);
    }
    expect(last.slope).toBeCloseTo(-1, 0);
    expect(Math.abs(last.forecastError / last.forecastStdDev)).toBeLessThan(4);
  });
});

describe('Performance', () => {
  it('gives ratios by hand', () => {
    const returns = [0.01, -0.02, 0.03, 0.01];
    expect(sharpeRatio(returns, 1)).toBeCloseTo(0.0075 / Math.sqrt(0.001275 / 3), 12);
    expect(sharpeRatio([0.01, 0.01], 252)).toBeNull();
    expect(sortinoRatio(returns, 4)).toBeCloseTo((0.0075 / Math.sqrt(0.0004 / 4)) * 2, 12);
    expect(sortinoRatio([0.01, 0.02], 252)).toBeNull();
  });

  it('finds the deepest fall from a peak', () => {
    const { maxDrawdown, peak, trough, drawdowns } = drawdown([100, 120, 90, 130, 104, 125]);
    expect(maxDrawdown).toBeCloseTo(0.25, 14);
    expect([peak, trough]).toEqual([1, 2]);
    expect(drawdowns[4]).toBeCloseTo(0.2, 14);
  });

  it('measures volatility of a path', () => {
    const path = [100, 110, 99];
    expect(realisedVolatility(path)).toBeCloseTo(Math.hypot(Math.log(1.1), Math.log(0.9)), 14);
    expect(ewmaVolatility(path, 0.9)).toBeCloseTo(Math.sqrt(0.9 * Math.log(1.1) ** 2 + 0.1 * Math.log(0.9) ** 2), 14);
  });
});

describe('Input that has no answer', () => {
  const series = walk(51, 100);
  const constant = new Array<number>(100).fill(3);
  const withNaN = [...series.slice(0, 50), Number.NaN, ...series.slice(51)];
  const cases: readonly [string, StatisticsProblem, () => unknown][] = [
    ['a mean of nothing', 'TOO_FEW_OBSERVATIONS', () => mean([])],
    ['a variance of one', 'TOO_FEW_OBSERVATIONS', () => variance([1])],
    ['a constant series correlated', 'CONSTANT_SERIES', () => pearson(series, constant)],
    ['lengths that differ', 'LENGTH_MISMATCH', () => pearson(series, series.slice(1))],
    ['NaN in a correlation', 'NOT_FINITE', () => spearman(series, withNaN)],
    ['a constant series tested for a unit root', 'CONSTANT_SERIES', () => augmentedDickeyFuller(constant)],
    ['NaN tested for a unit root', 'NOT_FINITE', () => augmentedDickeyFuller(withNaN)],
    ['too few bars for the lags', 'TOO_FEW_OBSERVATIONS', () => augmentedDickeyFuller(series.slice(0, 12), 'c', 6)],
    ['a fraction of a lag', 'OUT_OF_RANGE', () => augmentedDickeyFuller(series, 'c', 1.5)],
    ['a negative lag', 'OUT_OF_RANGE', () => augmentedDickeyFuller(series, 'c', -1)],
    [
      'a straight line tested for a unit root',
      'COLLINEAR',
      () =>
        augmentedDickeyFuller(
          series.map((_, index) => index),
          'ct',
          1,
        ),
    ],
    [
      'a pair of copies',
      'COLLINEAR',
      () =>
        engleGranger(
          series.map((value) => 2 * value + 1),
          series,
        ),
    ],
    ['a pair with a constant', 'CONSTANT_SERIES', () => engleGranger(series, constant)],
    ['a pair with infinity', 'NOT_FINITE', () => engleGranger([...series.slice(1), 1 / 0], series)],
    ['a pair of three bars', 'TOO_FEW_OBSERVATIONS', () => engleGranger([1, 2, 4], [3, 1, 2])],
    ['copies among several', 'COLLINEAR', () => johansen([series, walk(52, 100), series.map((value) => -value)])],
    ['one series alone', 'OUT_OF_RANGE', () => johansen([series])],
    ['a regression on copies', 'COLLINEAR', () => leastSquares(series, [ones(100), ones(100)])],
    ['more coefficients than bars', 'TOO_FEW_OBSERVATIONS', () => leastSquares([1, 2], [ones(2), [1, 3]])],
    ['a negative price', 'OUT_OF_RANGE', () => realisedVolatility([1, -1])],
    ['a drift out of range', 'OUT_OF_RANGE', () => new KalmanRegression(1)],
    ['a constant path', 'CONSTANT_SERIES', () => hurstExponent(constant)],
    ['a probability of one', 'OUT_OF_RANGE', () => normalQuantile(1)],
  ];

  for (const [what, problem, compute] of cases) {
    it(`is refused by name: ${what}`, () => expect(problemOf(compute)).toBe(problem));
  }
});
