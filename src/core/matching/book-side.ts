/**
 * One side of a book: price levels with first-in-first-out queues, best level first.
 *
 * ```
 * key = price for bids, −price for asks           (greater key = better price, so both sides share one code)
 * window: cells[key − base] = level or NIL         base ≤ key < base + width
 *         bits0: one bit a cell, bits1: one bit a word of bits0, root: one bit a word of bits1
 * far:    level ids outside the window, sorted by key, worst first
 * ```
 * Invariants: a bit is set exactly where a level of the window has orders; `best` is the level with the
 * greatest key that has orders; an emptied level keeps its record (and cell or far entry) until `drop`.
 * Complexity: append, remove, reduce and next best are O(1) inside the window (three clz32); far levels cost
 * O(log n) to find and O(n) to insert. When orders keep arriving at a best price outside the window, the
 * window moves there: O(width), at most once in RECENTRE_AFTER such orders.
 */
import { InvariantError } from '../values/invariant.js';
import { LEVEL_FLOAT, LEVEL_INT, type LevelTable } from './level-table.js';
import { INT, NIL, type OrderTable } from './order-table.js';

const RECENTRE_AFTER = 32;
const FIRST_FAR_SIZE = 16;

export class BookSide {
  /** Best level that has orders, NIL when the side is empty. */
  best = NIL;
  #base = 0;
  #cells: Int32Array | null = null;
  #bits0: Int32Array = new Int32Array(0);
  #bits1: Int32Array = new Int32Array(0);
  #root = 0;
  #far = new Int32Array(FIRST_FAR_SIZE);
  #farCount = 0;
  #farArrivals = 0;

  /**
   * @param sideIndex instrument × 2 + side
   * @param sign 1 for bids, −1 for asks
   * @param width cells of the window: 1,024 to 32,768, a power of two
   */
  constructor(
    private readonly orders: OrderTable,
    private readonly levels: LevelTable,
    readonly sideIndex: number,
    readonly sign: 1 | -1,
    private readonly width: number,
  ) {}

  /** Price of a level of this side, ticks. */
  priceOf(level: number): number {
    return this.levels.key[level]! * this.sign;
  }

  /** Puts an order with its price at the back of its level's queue; `shownLots` of it are public. */
  append(slot: number, shownLots: number): void {
    const { orders, levels } = this;
    const level = this.#levelAt(orders.priceTicks[slot]! * this.sign);
    levels.touch(level);
    const { ints } = orders;
    const levelInts = levels.ints;
    const tail = levelInts[level + LEVEL_INT.TAIL]!;
    if (orders.recorder.isOn) this.#note(slot, tail, NIL);
    ints[slot + INT.LEVEL] = level;
    ints[slot + INT.NEXT] = NIL;
    ints[slot + INT.PREV] = tail;
    if (tail === NIL) levelInts[level + LEVEL_INT.HEAD] = slot;
    else ints[tail + INT.NEXT] = slot;
    levelInts[level + LEVEL_INT.TAIL] = slot;
    levels.floats[level + LEVEL_FLOAT.QTY]! += shownLots;
    const count = levelInts[level + LEVEL_INT.COUNT]! + 1;
    levelInts[level + LEVEL_INT.COUNT] = count;
    if (count === 1) this.#open(level);
  }

  /** Takes an order with `shownLots` out of its queue. */
  remove(slot: number, shownLots: number): void {
    const { orders, levels } = this;
    const { ints } = orders;
    const levelInts = levels.ints;
    const level = ints[slot + INT.LEVEL]!;
    levels.touch(level);
    const next = ints[slot + INT.NEXT]!;
    const prev = ints[slot + INT.PREV]!;
    if (orders.recorder.isOn) this.#note(slot, prev, next);
    if (prev === NIL) levelInts[level + LEVEL_INT.HEAD] = next;
    else ints[prev + INT.NEXT] = next;
    if (next === NIL) levelInts[level + LEVEL_INT.TAIL] = prev;
    else ints[next + INT.PREV] = prev;
    ints[slot + INT.LEVEL] = NIL;
    levels.floats[level + LEVEL_FLOAT.QTY]! -= shownLots;
    const count = levelInts[level + LEVEL_INT.COUNT]! - 1;
    levelInts[level + LEVEL_INT.COUNT] = count;
    if (count === 0) this.#close(level);
  }

  /** Takes lots off an order's shown quantity where it stands. */
  reduce(slot: number, lots: number): void {
    const level = this.orders.level[slot]!;
    this.levels.touch(level);
    this.levels.qtyLots[level]! -= lots;
  }

  /** Returns the best level with a key below the given one, NIL when there is none. */
  below(key: number): number {
    let found = NIL;
    if (this.#cells !== null) {
      const cell = this.#highestBelow(Math.min(key - this.#base, this.width));
      if (cell !== NIL) found = this.#cells[cell]!;
    }
    for (let index = this.#farIndex(key) - 1; index >= 0; index -= 1) {
      const level = this.#far[index]!;
      if (this.levels.orderCount[level] === 0) continue;
      return found === NIL || this.levels.key[level]! > this.levels.key[found]! ? level : found;
    }
    return found;
  }

  /** Brings the index of levels in line with a level whose queue was put back as it had been. */
  reindex(level: number): void {
    const cell = this.levels.key[level]! - this.#base;
    if (this.#cells !== null && cell >= 0 && cell < this.width) {
      if (this.levels.orderCount[level]! > 0) this.#setBit(cell);
      else this.#clearBit(cell);
    }
    this.best = this.below(Number.POSITIVE_INFINITY);
  }

  /** Forgets the record of an empty level. */
  drop(level: number): void {
    const key = this.levels.key[level]!;
    const cell = key - this.#base;
    if (this.#cells !== null && cell >= 0 && cell < this.width) {
      this.#cells[cell] = NIL;
    } else {
      const index = this.#farIndex(key);
      if (this.#far[index] !== level) throw new InvariantError('a far price level is not where its key says');
      this.#far.copyWithin(index, index + 1, this.#farCount);
      this.#farCount -= 1;
    }
    this.levels.release(level);
  }

  #levelAt(key: number): number {
    if (this.#cells === null) this.#createWindow(key);
    const cells = this.#cells!;
    const cell = key - this.#base;
    if (cell >= 0 && cell < this.width) {
      const present = cells[cell]!;
      if (present !== NIL) return present;
      const level = this.levels.allocate(this.sideIndex, key);
      cells[cell] = level;
      return level;
    }
    return this.#farLevelAt(key);
  }

  #farLevelAt(key: number): number {
    if (this.best === NIL || key >= this.levels.key[this.best]!) {
      this.#farArrivals += 1;
      if (this.#farArrivals >= RECENTRE_AFTER) {
        this.#recentre(key);
        return this.#levelAt(key);
      }
    }
    const index = this.#farIndex(key);
    const present = index < this.#farCount ? this.#far[index]! : NIL;
    if (present !== NIL && this.levels.key[present] === key) return present;
    const level = this.levels.allocate(this.sideIndex, key);
    this.#insertFar(index, level);
    return level;
  }

  #insertFar(index: number, level: number): void {
    if (this.#farCount === this.#far.length) {
      const next = new Int32Array(this.#far.length * 2);
      next.set(this.#far);
      this.#far = next;
    }
    this.#far.copyWithin(index + 1, index, this.#farCount);
    this.#far[index] = level;
    this.#farCount += 1;
  }

  /** Returns the first far index whose key is not below the given one. */
  #farIndex(key: number): number {
    let low = 0;
    let high = this.#farCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.levels.key[this.#far[middle]!]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #open(level: number): void {
    const key = this.levels.key[level]!;
    const cell = key - this.#base;
    if (cell >= 0 && cell < this.width) this.#setBit(cell);
    if (this.best === NIL || key > this.levels.key[this.best]!) this.best = level;
  }

  #close(level: number): void {
    const key = this.levels.key[level]!;
    const cell = key - this.#base;
    if (cell >= 0 && cell < this.width) this.#clearBit(cell);
    if (level === this.best) this.best = this.below(key);
  }

  #note(slot: number, prev: number, next: number): void {
    const { recorder } = this.orders;
    recorder.note(slot);
    if (prev !== NIL) recorder.note(prev);
    if (next !== NIL) recorder.note(next);
  }

  #setBit(cell: number): void {
    const word = cell >>> 5;
    this.#bits0[word]! |= 1 << (cell & 31);
    this.#bits1[word >>> 5]! |= 1 << (word & 31);
    this.#root |= 1 << (word >>> 5);
  }

  #clearBit(cell: number): void {
    const word = cell >>> 5;
    this.#bits0[word]! &= ~(1 << (cell & 31));
    if (this.#bits0[word] !== 0) return;
    this.#bits1[word >>> 5]! &= ~(1 << (word & 31));
    if (this.#bits1[word >>> 5] === 0) this.#root &= ~(1 << (word >>> 5));
  }

  /** Returns the highest cell below the given one whose bit is set, NIL when there is none. */
  #highestBelow(cell: number): number {
    if (cell <= 0) return NIL;
    let word: number;
    let bits: number;
    if (cell < this.width) {
      word = cell >>> 5;
      bits = this.#bits0[word]! & ((1 << (cell & 31)) - 1);
      if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits);
      bits = this.#bits1[word >>> 5]! & ((1 << (word & 31)) - 1);
      if (bits === 0) {
        const group = word >>> 5;
        const groups = this.#root & ((1 << group) - 1);
        if (groups === 0) return NIL;
        return this.#highestOf(31 - Math.clz32(groups));
      }
      word = ((word >>> 5) << 5) + 31 - Math.clz32(bits);
      return (word << 5) + 31 - Math.clz32(this.#bits0[word]!);
    }
    return this.#root === 0 ? NIL : this.#highestOf(31 - Math.clz32(this.#root));
  }

  #highestOf(group: number): number {
    const word = (group << 5) + 31 - Math.clz32(this.#bits1[group]!);
    return (word << 5) + 31 - Math.clz32(this.#bits0[word]!);
  }

  #createWindow(key: number): void {
    this.#cells = new Int32Array(this.width).fill(NIL);
    this.#bits0 = new Int32Array(this.width >>> 5);
    this.#bits1 = new Int32Array(this.width >>> 10);
    this.#base = this.#baseFor(key);
  }

  /** Most levels lie behind the best one: a quarter of the window is kept free before it. */
  #baseFor(key: number): number {
    return key - (this.width - (this.width >>> 2));
  }

  #recentre(key: number): void {
    const cells = this.#cells!;
    const moved: number[] = [];
    for (let index = 0; index < this.#farCount; index += 1) moved.push(this.#far[index]!);
    for (let cell = 0; cell < this.width; cell += 1) if (cells[cell] !== NIL) moved.push(cells[cell]!);
    cells.fill(NIL);
    this.#bits0.fill(0);
    this.#bits1.fill(0);
    this.#root = 0;
    this.#farCount = 0;
    this.#farArrivals = 0;
    this.#base = this.#baseFor(key);
    for (const level of moved) {
      const cell = this.levels.key[level]! - this.#base;
      if (cell < 0 || cell >= this.width) {
        this.#insertFar(this.#farIndex(this.levels.key[level]!), level);
        continue;
      }
      cells[cell] = level;
      if (this.levels.orderCount[level]! > 0) this.#open(level);
    }
  }
}
