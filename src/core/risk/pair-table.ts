/**
 * Rows by a pair of small indexes (account and asset, account and instrument), without objects.
 *
 * Open addressing with linear probing over a power of two at most half full; rows are dense, numbered in the
 * order of their creation and never removed. Complexity: O(1) expected; growing rehashes.
 * It also keeps the list of rows that the present command touched.
 */
export const PAIR_SPAN = 2 ** 20;

const FIRST_ROWS = 256;

export class PairTable {
  /** first × 2^20 + second, by row: sorting rows by key sorts by first, then second. */
  key = new Float64Array(FIRST_ROWS);
  rowCount = 0;
  /** Rows touched by the present command. */
  touched = new Int32Array(FIRST_ROWS);
  touchedCount = 0;
  #isTouched = new Uint8Array(FIRST_ROWS);
  #size = FIRST_ROWS;
  #index = new Int32Array(FIRST_ROWS * 2).fill(-1);

  /** @param onGrow told the new number of rows that columns must hold */
  constructor(private readonly onGrow: (rows: number) => void) {
    onGrow(FIRST_ROWS);
  }

  /** Returns the pair's row, −1 when it has none. */
  find(first: number, second: number): number {
    const key = first * PAIR_SPAN + second;
    const mask = this.#index.length - 1;
    let place = hash(first, second) & mask;
    for (;;) {
      const row = this.#index[place]!;
      if (row < 0 || this.key[row] === key) return row;
      place = (place + 1) & mask;
    }
  }

  /** Returns the pair's row, created where it had none. */
  rowOf(first: number, second: number): number {
    const found = this.find(first, second);
    if (found >= 0) return found;
    if (this.rowCount === this.#size) this.#grow();
    const row = this.rowCount;
    this.rowCount += 1;
    this.key[row] = first * PAIR_SPAN + second;
    this.#insert(row);
    return row;
  }

  firstOf(row: number): number {
    return Math.floor(this.key[row]! / PAIR_SPAN);
  }

  secondOf(row: number): number {
    return this.key[row]! % PAIR_SPAN;
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
    const { touched, touchedCount, key } = this;
    if (touchedCount > 64) {
      touched.subarray(0, touchedCount).sort((a, b) => key[a]! - key[b]!);
      return;
    }
    for (let index = 1; index < touchedCount; index += 1) {
      const row = touched[index]!;
      let hole = index;
      while (hole > 0 && key[touched[hole - 1]!]! > key[row]!) {
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

  /** Rows sorted by key; allocates, for images and snapshots. */
  sortedRows(): number[] {
    return Array.from({ length: this.rowCount }, (_, row) => row).sort((a, b) => this.key[a]! - this.key[b]!);
  }

  #insert(row: number): void {
    const mask = this.#index.length - 1;
    let place = hash(this.firstOf(row), this.secondOf(row)) & mask;
    while (this.#index[place]! >= 0) place = (place + 1) & mask;
    this.#index[place] = row;
  }

  #grow(): void {
    this.#size *= 2;
    const key = new Float64Array(this.#size);
    key.set(this.key);
    this.key = key;
    const touched = new Int32Array(this.#size);
    touched.set(this.touched);
    this.touched = touched;
    const isTouched = new Uint8Array(this.#size);
    isTouched.set(this.#isTouched);
    this.#isTouched = isTouched;
    this.#index = new Int32Array(this.#size * 2).fill(-1);
    for (let row = 0; row < this.rowCount; row += 1) this.#insert(row);
    this.onGrow(this.#size);
  }
}

/** Spreads both halves; 0x9E3779B1 is 2^32 ÷ the golden ratio. */
function hash(first: number, second: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** Returns the column with room for `rows`, its values kept. */
export function grownFloats(column: Float64Array, rows: number): Float64Array {
  const next = new Float64Array(rows);
  next.set(column.subarray(0, Math.min(column.length, rows)));
  return next;
}
