/**
 * Rows by a pair of small indexes (account and asset, account and instrument), without objects.
 *
 * Open addressing with linear probing over a power of two at most half full; rows are numbered in the order of their
 * creation and never removed. A row is the place of its record: a multiple of `words` (see `values/records.ts`).
 * It also keeps the list of rows that the present command touched. Complexity: O(1) expected; growing rehashes.
 */
import { type RecordWords, recordColumns } from '../values/records.js';

/** Indexes are below this. */
export const PAIR_SPAN = 2 ** 20;

const FIRST_ROWS = 256;

export class PairTable {
  #first = new Int32Array(0);
  #second = new Int32Array(0);
  /** 1 while the present command has touched the row. */
  #isTouched = new Int32Array(0);
  rowCount = 0;
  /** Rows touched by the present command. */
  touched = new Int32Array(0);
  touchedCount = 0;
  #size = 0;
  #index = new Int32Array(0);

  /**
   * @param words words of a row in the owner's columns
   * @param onGrow told the new number of rows that columns must hold
   */
  constructor(
    private readonly words: RecordWords,
    private readonly onGrow: (rows: number) => void,
  ) {
    this.#grow(FIRST_ROWS);
  }

  /** Returns the pair's row, −1 when it has none. */
  find(first: number, second: number): number {
    const index = this.#index;
    const mask = index.length - 1;
    let place = hash(first, second) & mask;
    for (;;) {
      const row = index[place]!;
      if (row < 0 || (this.#first[row] === first && this.#second[row] === second)) return row;
      place = (place + 1) & mask;
    }
  }

  /** Returns the pair's row, created where it had none. */
  rowOf(first: number, second: number): number {
    const found = this.find(first, second);
    if (found >= 0) return found;
    if (this.rowCount === this.#size) this.#grow(this.#size * 2);
    const row = this.rowCount * this.words;
    this.rowCount += 1;
    this.#first[row] = first;
    this.#second[row] = second;
    this.#insert(row);
    return row;
  }

  firstOf(row: number): number {
    return this.#first[row]!;
  }

  secondOf(row: number): number {
    return this.#second[row]!;
  }

  /** Returns true the first time that the present command touches the row. */
  touch(row: number): boolean {
    if (this.#isTouched[row] === 1) return false;
    this.#isTouched[row] = 1;
    this.touched[this.touchedCount] = row;
    this.touchedCount += 1;
    return true;
  }

  sortTouched(): void {
    const { touched, touchedCount } = this;
    if (touchedCount < 2) return;
    if (touchedCount > 64) {
      touched.subarray(0, touchedCount).sort((a, b) => this.#compare(a, b));
      return;
    }
    for (let index = 1; index < touchedCount; index += 1) {
      const row = touched[index]!;
      let hole = index;
      while (hole > 0 && this.#compare(touched[hole - 1]!, row) > 0) {
        touched[hole] = touched[hole - 1]!;
        hole -= 1;
      }
      touched[hole] = row;
    }
  }

  clearTouched(): void {
    for (let index = 0; index < this.touchedCount; index += 1) this.#isTouched[this.touched[index]!] = 0;
    this.touchedCount = 0;
  }

  /** Rows sorted by first, then second; allocates, for images and snapshots. */
  sortedRows(): number[] {
    return Array.from({ length: this.rowCount }, (_, index) => index * this.words).sort((a, b) => this.#compare(a, b));
  }

  #compare(a: number, b: number): number {
    const difference = this.#first[a]! - this.#first[b]!;
    return difference === 0 ? this.#second[a]! - this.#second[b]! : difference;
  }

  #insert(row: number): void {
    const mask = this.#index.length - 1;
    let place = hash(this.#first[row]!, this.#second[row]!) & mask;
    while (this.#index[place]! >= 0) place = (place + 1) & mask;
    this.#index[place] = row;
  }

  #grow(size: number): void {
    [this.#first, this.#second, this.#isTouched] = recordColumns(this.#first, this.words, size);
    const touched = new Int32Array(size);
    touched.set(this.touched);
    this.touched = touched;
    this.#index = new Int32Array(size * 2).fill(-1);
    for (let index = 0; index < this.rowCount; index += 1) this.#insert(index * this.words);
    this.#size = size;
    this.onGrow(size);
  }
}

/** Spreads both halves; 0x9E3779B1 is 2^32 ÷ the golden ratio. */
function hash(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
