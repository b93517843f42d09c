/**
 * Columns that are views of one memory, so that what belongs to one row lies together in the processor's cache.
 *
 * ```
 * words:  a0 b0 c0 –   a1 b1 c1 –   …       N words a row
 * views:  a = words from 0, b = words from 1, c = words from 2
 * row i is the number i × N:  a[i × N], b[i × N] and c[i × N] are neighbours
 * ```
 * So a row is named by the place of its first word, a multiple of N, and every column is read as any array is. An order
 * has some thirty columns: as separate arrays each order met would cost that many cache misses, as records it costs four.
 */

type Column = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
type Tuple<T, N extends number, Built extends T[] = []> = Built['length'] extends N
  ? Built
  : Tuple<T, N, [...Built, T]>;

/** Words of a row. */
export type RecordWords = 4 | 8 | 16;

/**
 * Returns the columns of `rows` rows of `words` words each.
 * @param first the first column of before, whose memory is copied; an empty array at the start
 */
export function recordColumns<C extends Column, N extends RecordWords>(first: C, words: N, rows: number): Tuple<C, N> {
  const Kind = first.constructor as {
    new (length: number): C;
    new (buffer: ArrayBuffer, byteOffset: number): C;
    readonly BYTES_PER_ELEMENT: number;
  };
  const memory = new Kind(rows * words);
  memory.set(first);
  const columns: C[] = [memory];
  for (let word = 1; word < words; word += 1) columns.push(new Kind(memory.buffer, word * Kind.BYTES_PER_ELEMENT));
  return columns as Tuple<C, N>;
}
