/**
 * Johansen's test of the cointegration rank (Johansen 1988, 1991): the vector error-correction model Δx[t] = Π x[t − 1] +
 * Γ lagged Δx is concentrated to residuals R0 (of Δx) and R1 (of levels) on the lagged differences; the eigenvalues of
 * S11⁻¹ S10 S00⁻¹ S01 tell how many independent relations pull the series back together.
 */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix, SingularValueDecomposition, solve } from 'ml-matrix';
import { meanOf } from './descriptive.js';
import { MAX_EIGENVALUE, TRACE } from './johansen-tables.js';
import type { Trend } from './mackinnon-tables.js';
import {
  differences,
  requireSameLength,
  requireSeries,
  requireVariation,
  requireWhole,
  type Series,
} from './series.js';
import { StatisticsError } from './statistics-error.js';

/** One null hypothesis: that there are at most `rank` relations. */
export interface JohansenRow {
  readonly rank: number;
  /** −T Σ ln(1 − λ) over the eigenvalues from this rank on. */
  readonly trace: number;
  /** −T ln(1 − λ) of this rank's eigenvalue. */
  readonly maxEigenvalue: number;
  /** At 10 %, 5 % and 1 %. */
  readonly traceCritical: readonly [number, number, number];
  readonly maxEigenvalueCritical: readonly [number, number, number];
}

export interface Johansen {
  /** In falling order, each from 0 to 1. */
  readonly eigenvalues: readonly number[];
  /** By eigenvalue: weights of the series in the relation, scaled so that its S11 variance is 1. */
  readonly vectors: readonly (readonly number[])[];
  /** Rank 0, 1, … series − 1. */
  readonly rows: readonly JohansenRow[];
  /** Relations that the trace statistic finds at 5 %: the first rank that it does not refuse. */
  readonly rank: number;
  readonly observations: number;
}

/** Most series, the size of the published tables. */
export const MAX_SERIES = 12;

/**
 * Tests how many cointegrating relations tie the series.
 * @param series 2 to MAX_SERIES, each as long as the others
 * @param trend deterministic terms taken out of levels and differences: none, a constant, a constant and a linear trend
 * @param lags lagged differences in the model, 0 or more
 * @throws StatisticsError NOT_FINITE, LENGTH_MISMATCH, TOO_FEW_OBSERVATIONS, CONSTANT_SERIES, COLLINEAR, OUT_OF_RANGE
 */
export function johansen(
  series: readonly Series[],
  trend: Trend = 'c',
  lags = 1,
  names: readonly string[] = series.map((_, index) => `series ${index + 1}`),
): Johansen {
  const width = series.length;
  requireWhole('the number of series', width, 2, MAX_SERIES);
  requireWhole('lags', lags, 0, 50);
  const length = series[0]!.length;
  for (let index = 0; index < width; index += 1) {
    requireSeries(names[index]!, series[index]!, width * (lags + 1) + lags + 4);
    requireSameLength(names[0]!, series[0]!, names[index]!, series[index]!);
    requireVariation(names[index]!, series[index]!);
  }
  const rows = length - 1 - lags;
  const levels = series.map((one) => detrended(one, trend));
  const changes = levels.map((one) => differences(one));
  // A constant in the model is a mean taken out of each block; a trend was taken out of the levels before.
  const block = (column: Float64Array) => (trend === 'n' ? column : centred(column));
  const r0 = columnsOf(changes.map((one) => block(one.slice(lags))));
  const r1 = columnsOf(levels.map((one) => block(one.slice(lags, lags + rows))));
  const lagged: Float64Array[] = [];
  for (let lag = 1; lag <= lags; lag += 1) {
    for (const one of changes) lagged.push(block(one.slice(lags - lag, lags - lag + rows)));
  }
  const [resid0, resid1] = lagged.length === 0 ? [r0, r1] : withoutPart(r0, r1, columnsOf(lagged));
  const s00 = moment(resid0, resid0);
  const s11 = moment(resid1, resid1);
  const s10 = moment(resid1, resid0);
  return toResult(s00, s10, s11, trend, rows);
}

function toResult(s00: Matrix, s10: Matrix, s11: Matrix, trend: Trend, rows: number): Johansen {
  const width = s00.rows;
  const cholesky = new CholeskyDecomposition(scaled(s11));
  if (!cholesky.isPositiveDefinite() || new SingularValueDecomposition(scaled(s11)).condition > 1e13) {
    throw new StatisticsError('COLLINEAR', 'the series are linear combinations of one another');
  }
  // With S11 = L L', the eigenvalues are those of the symmetric L⁻¹ S10 S00⁻¹ S01 L⁻¹'.
  const lower = new CholeskyDecomposition(s11).lowerTriangularMatrix;
  const middle = s10.mmul(solve(s00, s10.transpose()));
  const half = solve(lower, middle);
  const symmetric = solve(lower, half.transpose());
  const balanced = Matrix.add(symmetric, symmetric.transpose()).mul(0.5);
  const eigen = new EigenvalueDecomposition(balanced, { assumeSymmetric: true });
  const order = eigen.realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => eigen.realEigenvalues[b]! - eigen.realEigenvalues[a]!);
  const eigenvalues = order.map((index) => Math.min(1, Math.max(0, eigen.realEigenvalues[index]!)));
  const vectors = solve(lower.transpose(), eigen.eigenvectorMatrix);
  const terms = eigenvalues.map((value) => -rows * Math.log1p(-value));
  const result = terms.map((maxEigenvalue, rank) => ({
    rank,
    trace: terms.slice(rank).reduce((sum, term) => sum + term, 0),
    maxEigenvalue,
    traceCritical: TRACE[trend][width - rank - 1]!,
    maxEigenvalueCritical: MAX_EIGENVALUE[trend][width - rank - 1]!,
  }));
  const first = result.findIndex(({ trace, traceCritical }) => trace <= traceCritical[1]);
  return {
    eigenvalues,
    vectors: order.map((index) => vectors.getColumn(index)),
    rows: result,
    rank: first < 0 ? width : first,
    observations: rows,
  };
}

/** Ones on the diagonal, so that the condition tells of collinearity and not of units. */
function scaled(matrix: Matrix): Matrix {
  const roots = matrix.diagonal().map((value) => Math.sqrt(value));
  const result = matrix.clone();
  for (let row = 0; row < matrix.rows; row += 1) {
    for (let column = 0; column < matrix.columns; column += 1) {
      result.set(row, column, matrix.get(row, column) / (roots[row]! * roots[column]!));
    }
  }
  return result;
}

/** Residuals of both blocks on the lagged differences, by the normal equations of the small block. */
function withoutPart(a: Matrix, b: Matrix, z: Matrix): [Matrix, Matrix] {
  const inner = z.transpose().mmul(z);
  const rest = (m: Matrix) => Matrix.sub(m, z.mmul(solve(inner, z.transpose().mmul(m), true)));
  return [rest(a), rest(b)];
}

const moment = (a: Matrix, b: Matrix) => a.transpose().mmul(b).div(a.rows);

function columnsOf(columns: readonly Float64Array[]): Matrix {
  const matrix = new Matrix(columns[0]!.length, columns.length);
  columns.forEach((column, index) => {
    for (let row = 0; row < column.length; row += 1) matrix.set(row, index, column[row]!);
  });
  return matrix;
}

function centred(series: Series): Float64Array {
  const mean = meanOf(series);
  return Float64Array.from({ length: series.length }, (_, index) => series[index]! - mean);
}

function detrended(series: Series, trend: Trend): Float64Array {
  if (trend === 'n') return Float64Array.from(series);
  const result = centred(series);
  if (trend === 'c') return result;
  const middle = (series.length - 1) / 2;
  let product = 0;
  let squares = 0;
  for (let index = 0; index < result.length; index += 1) {
    product += (index - middle) * result[index]!;
    squares += (index - middle) ** 2;
  }
  for (let index = 0; index < result.length; index += 1) result[index]! -= (product / squares) * (index - middle);
  return result;
}
