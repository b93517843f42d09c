/**
 * Stops of one instrument that wait for their trigger.
 *
 * A buy stop is due at a trade at or above its stop price, a sell stop at or below it. Fixed stops stand in one list
 * a side, the one that is due first at the end; trailing stops are looked at one by one at each trade.
 * Trailing: the stop price of a sell follows the trades up at its distance and never goes down; of a buy, down and
 * never up.
 * Complexity: O(log n) to find and O(n) to insert or remove (one memory move); a trade costs O(1) beside what it
 * triggers, and O(trailing stops of the instrument).
 */
import { BUY, NONE } from '../values/codes.js';
import { floorPpm } from '../values/decimal.js';
import { InvariantError } from '../values/invariant.js';
import type { OrderTable } from './order-table.js';

/** Returns the trailing distance at a price, at least one tick; one of offset and ppm is NONE. */
export function trailingDistance(offsetTicks: number, ppm: number, priceTicks: number): number {
  return offsetTicks === NONE ? Math.max(1, floorPpm(priceTicks, ppm)) : offsetTicks;
}

export class StopBook {
  /** Sorted so that the stop that is due first stands last. */
  readonly #buys: number[] = [];
  readonly #sells: number[] = [];
  readonly #trailing: number[] = [];

  constructor(private readonly orders: OrderTable) {}

  get count(): number {
    return this.#buys.length + this.#sells.length + this.#trailing.length;
  }

  add(slot: number): void {
    if (this.#isTrailing(slot)) {
      this.#trailing.push(slot);
      return;
    }
    const list = this.#listOf(slot);
    list.splice(this.#placeOf(list, slot), 0, slot);
  }

  remove(slot: number): void {
    const list = this.#isTrailing(slot) ? this.#trailing : this.#listOf(slot);
    const index = list === this.#trailing ? list.indexOf(slot) : this.#placeOf(list, slot);
    if (list[index] !== slot) throw new InvariantError('a waiting stop is not where its price says');
    list.splice(index, 1);
  }

  /** Keeps which stops wait now and returns how to put them back; their rows are the order table's matter. */
  keep(): () => void {
    const kept = [this.#buys, this.#sells, this.#trailing].map((list) => [list, [...list]] as const);
    return () => {
      for (const [list, slots] of kept) list.splice(0, list.length, ...slots);
    };
  }

  /** Tells whether a trade at this price triggers the stop. */
  isDue(slot: number, priceTicks: number): boolean {
    const stopPx = this.orders.stopPxTicks[slot]!;
    return this.orders.side[slot] === BUY ? priceTicks >= stopPx : priceTicks <= stopPx;
  }

  /** Moves the stops that a trade at this price triggers to the end of `into`, the oldest first; trails the others. */
  collect(priceTicks: number, into: number[]): void {
    const from = into.length;
    for (const list of [this.#buys, this.#sells]) {
      while (list.length > 0 && this.isDue(list[list.length - 1]!, priceTicks)) into.push(list.pop()!);
    }
    this.#collectTrailing(priceTicks, into);
    if (into.length - from < 2) return;
    const { arrival } = this.orders;
    const collected = into.splice(from).sort((a, b) => arrival[a]! - arrival[b]!);
    into.push(...collected);
  }

  /** Waiting stops, the oldest first; allocates, for images and snapshots. */
  slots(): number[] {
    const { arrival } = this.orders;
    return [...this.#buys, ...this.#sells, ...this.#trailing].sort((a, b) => arrival[a]! - arrival[b]!);
  }

  /** Stop price at the order's trailing distance from a price. */
  trailedFrom(slot: number, priceTicks: number): number {
    const { trailingOffsetTicks, trailingPpm, side } = this.orders;
    const distance = trailingDistance(trailingOffsetTicks[slot]!, trailingPpm[slot]!, priceTicks);
    return side[slot] === BUY ? priceTicks + distance : priceTicks - distance;
  }

  #collectTrailing(priceTicks: number, into: number[]): void {
    const { stopPxTicks, side, recorder } = this.orders;
    const kept = this.#trailing.length;
    let keep = 0;
    for (let index = 0; index < kept; index += 1) {
      const slot = this.#trailing[index]!;
      if (this.isDue(slot, priceTicks)) {
        into.push(slot);
        continue;
      }
      const trailed = this.trailedFrom(slot, priceTicks);
      const better = side[slot] === BUY ? trailed < stopPxTicks[slot]! : trailed > stopPxTicks[slot]!;
      if (better) {
        recorder.note(slot);
        stopPxTicks[slot] = trailed;
      }
      this.#trailing[keep] = slot;
      keep += 1;
    }
    this.#trailing.length = keep;
  }

  #isTrailing(slot: number): boolean {
    return this.orders.trailingOffsetTicks[slot] !== NONE || this.orders.trailingPpm[slot] !== NONE;
  }

  #listOf(slot: number): number[] {
    return this.orders.side[slot] === BUY ? this.#buys : this.#sells;
  }

  /** Returns the index of the stop in its list, or where it belongs: due later first, then younger first. */
  #placeOf(list: readonly number[], slot: number): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isDueBefore(slot, list[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isDueBefore(a: number, b: number): boolean {
    const { stopPxTicks, arrival, side } = this.orders;
    const difference = stopPxTicks[a]! - stopPxTicks[b]!;
    if (difference !== 0) return side[a] === BUY ? difference < 0 : difference > 0;
    return arrival[a]! < arrival[b]!;
  }
}
