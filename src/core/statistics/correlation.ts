/** Correlation of pairs of series and of whole sets. */
import { crossProduct } from './descriptive.js';
import { requireSameLength, requireSeries, requireVariation, type Series } from './series.js';

/**
 * Returns Pearson's product-moment correlation, −1 to 1.
 * @throws StatisticsError NOT_FINITE, TOO_FEW_OBSERVATIONS (2), LENGTH_MISMATCH, CONSTANT_SERIES
 */
export function pearson(x: Series, y: Series, nameX = 'x', nameY = 'y'): number {
  requirePair(x, y, nameX, nameY);
  const ratio = crossProduct(x, y) / Math.sqrt(crossProduct(x, x) * crossProduct(y, y));
  return Math.min(1, Math.max(-1, ratio));
}

/**
 * Returns Spearman's rank correlation, −1 to 1: Pearson's of the ranks, ties at their mean rank (Spearman 1904; Kendall,
 * Rank Correlation Methods 1948, 3.8).
 * @throws as `pearson`
 */
export function spearman(x: Series, y: Series, nameX = 'x', nameY = 'y'): number {
  requirePair(x, y, nameX, nameY);
  return pearson(ranks(x), ranks(y), nameX, nameY);
}

/** Returns each value's rank from 1, ties sharing the mean of their ranks. Complexity: O(n log n). */
export function ranks(series: Series): Float64Array {
  const order = Array.from({ length: series.length }, (_, index) => index).sort((a, b) => series[a]! - series[b]!);
  const result = new Float64Array(series.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && series[order[end]!] === series[order[start]!]) end += 1;
    for (let index = start; index < end; index += 1) result[order[index]!] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/**
 * Returns the matrix of a measure over all pairs, row-major in the order of the series, ones on the diagonal.
 * @param names what messages call the series
 * @throws as the measure
 */
export function correlationMatrix(
  series: readonly Series[],
  names: readonly string[],
  measure: typeof pearson = pearson,
): number[][] {
  const matrix = series.map(() => new Array<number>(series.length).fill(1));
  for (let row = 0; row < series.length; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      const value = measure(series[row]!, series[column]!, names[row], names[column]);
      if (row === column) continue;
      matrix[row]![column] = value;
      matrix[column]![row] = value;
    }
  }
  return matrix;
}

function requirePair(x: Series, y: Series, nameX: string, nameY: string): void {
  requireSeries(nameX, x, 2);
  requireSeries(nameY, y, 2);
  requireSameLength(nameX, x, nameY, y);
  requireVariation(nameX, x);
  requireVariation(nameY, y);
}
