/**
 * The market-wide breaker: an index of symbols of equal weight, over a rolling window.
 *
 * A member's part is its last price in millionths of the price that it had when the breaker was set, rounded down; the
 * index is the sum of the parts. A price that an auction finds moves the window along with the index: it is no move.
 * Complexity: O(1) a trade, O(members) to trip and to clear.
 */
import { floorPpm } from '../values/decimal.js';
import type { BreakerTerms } from './breaker-terms.js';
import { RollingWindow } from './rolling-window.js';

const MILLION = 1_000_000;

/** Most symbols of the index. */
export const MAX_MEMBERS = 1_000;
/** Greatest part, at nine million times the base: the sum of all parts stays exact. */
export const MAX_PART = 9_000_000_000_000;

export class MarketBreaker {
  readonly window: RollingWindow;
  readonly parts: Float64Array;
  /** Sum of the parts. */
  sum = 0;
  /** When it tripped, microseconds since 1970 UTC; NONE while no member is halted by it. */
  trippedUs = -1;

  /**
   * @param members instruments, each once
   * @param bases their prices when it was set, ticks
   */
  constructor(
    readonly members: readonly number[],
    readonly bases: readonly number[],
    readonly terms: BreakerTerms,
    readonly setBy: string,
  ) {
    this.window = new RollingWindow(terms.windowUs);
    this.parts = new Float64Array(members.length);
  }

  get isTripped(): boolean {
    return this.trippedUs >= 0;
  }

  /** Part of a member at a price. */
  partAt(member: number, priceTicks: number): number {
    return Math.min(MAX_PART, ratioOf(priceTicks, MILLION, this.bases[member]!));
  }

  /** Takes a trade's price in. */
  note(member: number, priceTicks: number, timeUs: number): void {
    this.#replace(member, this.partAt(member, priceTicks));
    this.window.note(timeUs, this.sum);
  }

  /** Takes a price in that is no move. */
  rebase(member: number, priceTicks: number): void {
    this.window.shift(this.#replace(member, this.partAt(member, priceTicks)));
  }

  /** Lowest and highest sum at which trading goes on. */
  bounds(timeUs: number): { readonly low: number; readonly high: number } {
    const reference = this.window.referenceAt(timeUs);
    const distance = floorPpm(reference, this.terms.movePpm);
    return { low: reference - distance, high: reference + distance };
  }

  /** Keeps what trades change and returns how to put it back. */
  keep(): () => void {
    const [entries, parts, sum, trippedUs] = [this.window.kept(), this.parts.slice(), this.sum, this.trippedUs];
    return () => {
      this.window.restore(entries);
      this.parts.set(parts);
      this.sum = sum;
      this.trippedUs = trippedUs;
    };
  }

  #replace(member: number, part: number): number {
    const change = part - this.parts[member]!;
    this.parts[member] = part;
    this.sum += change;
    return change;
  }
}

/** Returns floor(value × factor ÷ divisor), exact at any size. @param value whole, 0 or more */
export function ratioOf(value: number, factor: number, divisor: number): number {
  const product = value * factor;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / divisor);
  return Number((BigInt(value) * BigInt(factor)) / BigInt(divisor));
}
