/**
 * Price levels of all books as columns, and the list of those that the present command touched.
 *
 * A level's key orders it within its side: the price for bids, minus the price for asks; the greater key is the
 * better price. A level emptied within a command stays as a record until the command ends, so that a level that
 * empties and fills again is told once, by what it was before and what it is after.
 */
import { RowRecorder } from '../values/row-recorder.js';
import { NIL } from './order-table.js';

const FIRST_SIZE = 1024;

export class LevelTable {
  key = new Float64Array(FIRST_SIZE);
  /** Lots shown in the public book. */
  qtyLots = new Float64Array(FIRST_SIZE);
  orderCount = new Int32Array(FIRST_SIZE);
  head = new Int32Array(FIRST_SIZE);
  tail = new Int32Array(FIRST_SIZE);
  /** instrument × 2 + side. */
  sideIndex = new Int32Array(FIRST_SIZE);
  /** Values before the present command, where it touched the level. */
  qtyBefore = new Float64Array(FIRST_SIZE);
  countBefore = new Int32Array(FIRST_SIZE);
  #isTouched = new Uint8Array(FIRST_SIZE);
  /** Levels touched by the present command. */
  touched = new Int32Array(FIRST_SIZE);
  touchedCount = 0;
  readonly recorder = new RowRecorder(this, ['key', 'qtyLots', 'orderCount', 'head', 'tail', 'sideIndex']);
  #free = new Int32Array(FIRST_SIZE);
  #freeCount = 0;
  #used = 0;
  #size = FIRST_SIZE;

  allocate(sideIndex: number, key: number): number {
    let level: number;
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      level = this.#free[this.#freeCount]!;
    } else {
      if (this.#used === this.#size) this.#grow();
      level = this.#used;
      this.#used += 1;
    }
    this.key[level] = key;
    this.qtyLots[level] = 0;
    this.orderCount[level] = 0;
    this.head[level] = NIL;
    this.tail[level] = NIL;
    this.sideIndex[level] = sideIndex;
    this.#isTouched[level] = 0;
    return level;
  }

  release(level: number): void {
    this.#free[this.#freeCount] = level;
    this.#freeCount += 1;
  }

  /** Notes the level's values before its first change in this command. */
  touch(level: number): void {
    this.recorder.note(level);
    if (this.#isTouched[level] === 1) return;
    this.#isTouched[level] = 1;
    this.qtyBefore[level] = this.qtyLots[level]!;
    this.countBefore[level] = this.orderCount[level]!;
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
    for (let index = 0; index < this.touchedCount; index += 1) this.#isTouched[this.touched[index]!] = 0;
    this.touchedCount = 0;
  }

  #isBefore(a: number, b: number): boolean {
    const sideA = this.sideIndex[a]!;
    const sideB = this.sideIndex[b]!;
    return sideA !== sideB ? sideA < sideB : this.key[a]! > this.key[b]!;
  }

  #grow(): void {
    const size = this.#size * 2;
    const float = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(size);
      next.set(column);
      return next;
    };
    const int = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(size);
      next.set(column);
      return next;
    };
    this.key = float(this.key);
    this.qtyLots = float(this.qtyLots);
    this.orderCount = int(this.orderCount);
    this.head = int(this.head);
    this.tail = int(this.tail);
    this.sideIndex = int(this.sideIndex);
    this.qtyBefore = float(this.qtyBefore);
    this.countBefore = int(this.countBefore);
    this.touched = int(this.touched);
    this.#free = int(this.#free);
    const isTouched = new Uint8Array(size);
    isTouched.set(this.#isTouched);
    this.#isTouched = isTouched;
    this.#size = size;
  }
}
