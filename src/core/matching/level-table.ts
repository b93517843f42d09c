/**
 * Price levels of all books as columns, and the list of those that the present command touched. The words of a level lie
 * together: its number is the place of its record (see `values/records.ts`).
 *
 * A level's key orders it within its side: the price for bids, minus the price for asks; the greater key is the
 * better price. A level emptied within a command stays as a record until the command ends, so that a level that
 * empties and fills again is told once, by what it was before and what it is after.
 */
import { recordColumns } from '../values/records.js';
import { RowRecorder } from '../values/row-recorder.js';
import { NIL } from './order-table.js';

/** Words of a level's record in its two memories; see FLOAT in `order-table.ts`. */
export const LEVEL_FLOAT = { KEY: 0, QTY: 1, QTY_BEFORE: 2, COUNT_BEFORE: 3 } as const;
export const LEVEL_INT = { COUNT: 0, HEAD: 1, TAIL: 2, SIDE: 3 } as const;

const FIRST_SIZE = 1024;
const LEVEL_WORDS = 4;
const UNTOUCHED = -1;

export class LevelTable {
  key = new Float64Array(0);
  /** Lots shown in the public book. */
  qtyLots = new Float64Array(0);
  /** Values before the present command, where it touched the level; countBefore is UNTOUCHED where it did not. */
  qtyBefore = new Float64Array(0);
  countBefore = new Float64Array(0);
  orderCount = new Int32Array(0);
  head = new Int32Array(0);
  tail = new Int32Array(0);
  /** instrument × 2 + side. */
  sideIndex = new Int32Array(0);
  /** Levels touched by the present command. */
  touched = new Int32Array(0);
  touchedCount = 0;
  #free = new Int32Array(0);
  #freeCount = 0;
  #used = 0;
  #size = 0;
  readonly recorder = new RowRecorder(this, ['key', 'qtyLots', 'orderCount', 'head', 'tail', 'sideIndex']);

  /** Memory of the key and the quantities, words by LEVEL_FLOAT. */
  get floats(): Float64Array {
    return this.key;
  }

  /** Memory of the counts and links, words by LEVEL_INT. */
  get ints(): Int32Array {
    return this.orderCount;
  }

  allocate(sideIndex: number, key: number): number {
    let level: number;
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      level = this.#free[this.#freeCount]!;
    } else {
      if (this.#used === this.#size) this.#grow(Math.max(FIRST_SIZE, this.#size * 2));
      level = this.#used * LEVEL_WORDS;
      this.#used += 1;
    }
    this.key[level] = key;
    this.qtyLots[level] = 0;
    this.orderCount[level] = 0;
    this.head[level] = NIL;
    this.tail[level] = NIL;
    this.sideIndex[level] = sideIndex;
    this.countBefore[level] = UNTOUCHED;
    return level;
  }

  release(level: number): void {
    this.#free[this.#freeCount] = level;
    this.#freeCount += 1;
  }

  /** Notes the level's values before its first change in this command. */
  touch(level: number): void {
    this.recorder.note(level);
    const { floats } = this;
    if (floats[level + LEVEL_FLOAT.COUNT_BEFORE] !== UNTOUCHED) return;
    floats[level + LEVEL_FLOAT.QTY_BEFORE] = floats[level + LEVEL_FLOAT.QTY]!;
    floats[level + LEVEL_FLOAT.COUNT_BEFORE] = this.ints[level + LEVEL_INT.COUNT]!;
    this.touched[this.touchedCount] = level;
    this.touchedCount += 1;
  }

  /** Sorts the touched levels by instrument, BUY before SELL, best price first. */
  sortTouched(): void {
    const { touched, touchedCount } = this;
    if (touchedCount < 2) return;
    if (touchedCount > 64) {
      touched.subarray(0, touchedCount).sort((a, b) => (this.#isBefore(a, b) ? -1 : 1));
      return;
    }
    for (let index = 1; index < touchedCount; index += 1) {
      const level = touched[index]!;
      let hole = index;
      while (hole > 0 && this.#isBefore(level, touched[hole - 1]!)) {
        touched[hole] = touched[hole - 1]!;
        hole -= 1;
      }
      touched[hole] = level;
    }
  }

  /** Forgets the touched list; the caller has told and released what it had to. */
  clearTouched(): void {
    for (let index = 0; index < this.touchedCount; index += 1) this.countBefore[this.touched[index]!] = UNTOUCHED;
    this.touchedCount = 0;
  }

  #isBefore(a: number, b: number): boolean {
    const sideA = this.sideIndex[a]!;
    const sideB = this.sideIndex[b]!;
    return sideA !== sideB ? sideA < sideB : this.key[a]! > this.key[b]!;
  }

  #grow(size: number): void {
    [this.key, this.qtyLots, this.qtyBefore, this.countBefore] = recordColumns(this.key, LEVEL_WORDS, size);
    [this.orderCount, this.head, this.tail, this.sideIndex] = recordColumns(this.orderCount, LEVEL_WORDS, size);
    const touched = new Int32Array(size);
    touched.set(this.touched);
    this.touched = touched;
    const free = new Int32Array(size);
    free.set(this.#free);
    this.#free = free;
    this.#size = size;
  }
}
