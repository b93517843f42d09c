/**
 * Orders that end by time, the next one first: a binary heap over slots by (dueUs, createdUs, order id).
 *
 * Complexity: O(log n) to add and remove, O(1) to look at the next one.
 */
import { NIL, type OrderTable } from './order-table.js';

export class ExpiryHeap {
  readonly #slots: number[] = [];
  /** Whether each slot that was added or removed in a trial was in the heap before it. */
  readonly #before = new Map<number, boolean>();
  #isRecording = false;

  constructor(private readonly orders: OrderTable) {}

  /** Slot of the order that ends next, NIL when none does. */
  get next(): number {
    return this.#slots[0] ?? NIL;
  }

  add(slot: number): void {
    if (this.#isRecording && !this.#before.has(slot)) this.#before.set(slot, false);
    this.#slots.push(slot);
    this.#rise(this.#slots.length - 1, slot);
  }

  /** Takes an order out, where it is in. */
  remove(slot: number): void {
    const index = this.orders.heapIndex[slot]!;
    if (index === NIL) return;
    if (this.#isRecording && !this.#before.has(slot)) this.#before.set(slot, true);
    this.orders.heapIndex[slot] = NIL;
    const last = this.#slots.pop()!;
    if (last === slot) return;
    this.#rise(index, last);
    this.#sink(this.orders.heapIndex[last]!, last);
  }

  /** Begins a trial. */
  begin(): void {
    this.#isRecording = true;
  }

  /** Ends a trial. */
  end(): void {
    this.#isRecording = false;
    this.#before.clear();
  }

  /** Takes out what the trial added: to be called while the orders' rows are still those of the trial. */
  takeOutAdded(): void {
    this.#isRecording = false;
    for (const [slot, wasIn] of this.#before) if (!wasIn) this.remove(slot);
  }

  /** Takes back what the trial removed: to be called once the orders' rows are those of before. */
  putBackRemoved(): void {
    for (const [slot, wasIn] of this.#before) if (wasIn && this.orders.heapIndex[slot] === NIL) this.add(slot);
  }

  #rise(from: number, slot: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = this.#slots[parent]!;
      if (!this.#isBefore(slot, above)) break;
      this.#put(index, above);
      index = parent;
    }
    this.#put(index, slot);
  }

  #sink(from: number, slot: number): void {
    let index = from;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= this.#slots.length) break;
      if (child + 1 < this.#slots.length && this.#isBefore(this.#slots[child + 1]!, this.#slots[child]!)) child += 1;
      if (!this.#isBefore(this.#slots[child]!, slot)) break;
      this.#put(index, this.#slots[child]!);
      index = child;
    }
    this.#put(index, slot);
  }

  #put(index: number, slot: number): void {
    this.#slots[index] = slot;
    this.orders.heapIndex[slot] = index;
  }

  #isBefore(a: number, b: number): boolean {
    const { dueUs, createdUs } = this.orders;
    if (dueUs[a] !== dueUs[b]) return dueUs[a]! < dueUs[b]!;
    if (createdUs[a] !== createdUs[b]) return createdUs[a]! < createdUs[b]!;
    return this.orders.idOf(a) < this.orders.idOf(b);
  }
}
