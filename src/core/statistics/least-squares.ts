/**
 * Ordinary least squares by QR: Q'y gives coefficients, standard errors and the residual sum of squares of every
 * leading set of columns from one decomposition, without forming X'X, whose condition number is the square of X's.
 */
import type { Series } from './series.js';
import { StatisticsError } from './statistics-error.js';

/** A column whose part not explained by those before it is below this share of its length counts as their combination. */
const COLLINEAR_BELOW = 1e-10;

/** A fitted regression y = Σ coefficient × column + residual. */
export interface LeastSquaresFit {
  /** One for each column, in their order. */
  readonly coefficients: Float64Array;
  /** Of the coefficients, from the residual variance with n − k degrees of freedom. */
  readonly standardErrors: Float64Array;
  readonly residuals: Float64Array;
  readonly residualSumOfSquares: number;
  /** Residual sum of squares ÷ (n − k). */
  readonly residualVariance: number;
  /** 1 − RSS ÷ total sum of squares about the mean; null where y is constant. */
  readonly rSquared: number | null;
  readonly observations: number;
}

/**
 * Regresses y on columns (a constant is a column of ones). Complexity: O(n k²).
 * @param columns each as long as y; the names say in messages which one is at fault
 * @throws StatisticsError TOO_FEW_OBSERVATIONS where there are not more observations than columns, COLLINEAR
 */
export function leastSquares(
  y: Series,
  columns: readonly Series[],
  names: readonly string[] = columns.map((_, index) => `column ${index + 1}`),
): LeastSquaresFit {
  const count = y.length;
  const width = columns.length;
  const { r, projected } = decompose(y, columns, names);
  const coefficients = new Float64Array(width);
  for (let row = width - 1; row >= 0; row -= 1) {
    let value = projected[row]!;
    for (let column = row + 1; column < width; column += 1) value -= r[row * width + column]! * coefficients[column]!;
    coefficients[row] = value / r[row * width + row]!;
  }
  const residuals = new Float64Array(count);
  let residualSumOfSquares = 0;
  for (let index = 0; index < count; index += 1) {
    let fitted = 0;
    for (let column = 0; column < width; column += 1) fitted += coefficients[column]! * columns[column]![index]!;
    const residual = y[index]! - fitted;
    residuals[index] = residual;
    residualSumOfSquares += residual * residual;
  }
  const residualVariance = residualSumOfSquares / (count - width);
  return {
    coefficients,
    standardErrors: standardErrorsOf(r, width, residualVariance),
    residuals,
    residualSumOfSquares,
    residualVariance,
    rSquared: rSquaredOf(y, residualSumOfSquares),
    observations: count,
  };
}

/**
 * Returns the residual sums of squares of y on the first k columns, for k = 0, 1, … all: one decomposition serves a whole
 * search over lags.
 * @throws as `leastSquares`
 */
export function nestedResidualSums(y: Series, columns: readonly Series[], names?: readonly string[]): Float64Array {
  const { projected } = decompose(y, columns, names);
  const sums = new Float64Array(columns.length + 1);
  let sum = 0;
  for (let index = 0; index < y.length; index += 1) sum += y[index]! * y[index]!;
  sums[0] = sum;
  for (let k = 1; k <= columns.length; k += 1) sums[k] = sums[k - 1]! - projected[k - 1]! ** 2;
  return sums;
}

/** Returns a column of ones. */
export function ones(count: number): Float64Array {
  return new Float64Array(count).fill(1);
}

interface Decomposition {
  /** Upper triangle, row-major. */
  readonly r: Float64Array;
  /** Q'y. */
  readonly projected: Float64Array;
}

/**
 * Gram–Schmidt on whole columns, each taken out twice ("twice is enough", Kahan; Parlett 1980, 6.9): as orthogonal as
 * Householder's, on contiguous memory, which makes the narrow regressions of unit-root tests several times faster than a
 * general matrix.
 */
function decompose(
  y: Series,
  columns: readonly Series[],
  names: readonly string[] = columns.map((_, index) => `column ${index + 1}`),
): Decomposition {
  const count = y.length;
  const width = columns.length;
  if (count <= width) {
    throw new StatisticsError(
      'TOO_FEW_OBSERVATIONS',
      `the regression has ${count} observations for ${width} coefficients, at least ${width + 1} are needed`,
    );
  }
  const basis: Float64Array[] = [];
  const r = new Float64Array(width * width);
  const projected = new Float64Array(width);
  for (let column = 0; column < width; column += 1) {
    const q = Float64Array.from(columns[column]!);
    const length = Math.sqrt(dot(q, q));
    for (let round = 0; round < 2; round += 1) {
      for (let row = 0; row < column; row += 1) {
        const part = dot(basis[row]!, q);
        r[row * width + column]! += part;
        takeOut(q, basis[row]!, part);
      }
    }
    const rest = Math.sqrt(dot(q, q));
    if (!(rest > COLLINEAR_BELOW * length)) {
      throw new StatisticsError('COLLINEAR', `${names[column]} is a linear combination of the other regressors`);
    }
    for (let index = 0; index < count; index += 1) q[index]! /= rest;
    r[column * width + column] = rest;
    projected[column] = dot(q, y);
    basis.push(q);
  }
  return { r, projected };
}

function dot(a: Series, b: Series): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}

function takeOut(from: Float64Array, direction: Float64Array, part: number): void {
  for (let index = 0; index < from.length; index += 1) from[index]! -= part * direction[index]!;
}

/** Square roots of the diagonal of s² (R'R)⁻¹: the lengths of the rows of R⁻¹, scaled. */
function standardErrorsOf(r: Float64Array, width: number, residualVariance: number): Float64Array {
  const squares = new Float64Array(width);
  const inverse = new Float64Array(width);
  for (let column = 0; column < width; column += 1) {
    inverse[column] = 1 / r[column * width + column]!;
    squares[column]! += inverse[column]! ** 2;
    for (let row = column - 1; row >= 0; row -= 1) {
      let value = 0;
      for (let k = row + 1; k <= column; k += 1) value -= r[row * width + k]! * inverse[k]!;
      inverse[row] = value / r[row * width + row]!;
      squares[row]! += inverse[row]! ** 2;
    }
  }
  return squares.map((value) => Math.sqrt(value * residualVariance));
}

function rSquaredOf(y: Series, residualSumOfSquares: number): number | null {
  let sum = 0;
  for (let index = 0; index < y.length; index += 1) sum += y[index]!;
  const mean = sum / y.length;
  let total = 0;
  for (let index = 0; index < y.length; index += 1) total += (y[index]! - mean) ** 2;
  return total === 0 ? null : 1 - residualSumOfSquares / total;
}
