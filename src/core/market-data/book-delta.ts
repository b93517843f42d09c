/**
 * Deltas of a book seen to a depth: what to change in a copy of the best n levels a side so that it equals the book's.
 *
 * Invariants: a delta applies to the copy whose sequence is its prevSequence and leads to its sequence; levels are told
 * by value, quantity 0 removes. Levels that come into sight because better ones went are told in full, and levels
 * that better ones push out of sight are removed, so that the copy needs no rule of its own.
 * Complexity: O(changed levels + levels that crossed the depth) a command.
 */
import type { Side } from '../values/vocabulary.js';
import type { BookLevel, BookView } from './book-view.js';

/** A change of the best levels; applied as one. */
export interface BookDelta {
  readonly sequence: number;
  /** Sequence of the copy that it applies to. */
  readonly prevSequence: number;
  /** Engine time, microseconds since 1970 UTC. */
  readonly timeUs: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Prices that one command changed on each side. */
export interface ChangedPrices {
  readonly bids: ReadonlySet<number>;
  readonly asks: ReadonlySet<number>;
}

/** The best `depth` levels of one side as last told; the boundary is the worst price in sight. */
class DepthWindow {
  readonly #view: BookView;
  readonly #side: Side;
  readonly #depth: number;
  /** Price of the level at the depth, null while the side has fewer levels and everything is in sight. */
  #boundary: number | null;

  constructor(view: BookView, side: Side, depth: number) {
    this.#view = view;
    this.#side = side;
    this.#depth = depth;
    this.#boundary = this.#boundaryNow();
  }

  /** Returns what changed in sight since the last call, given every price that changed. */
  advance(changed: ReadonlySet<number>): BookLevel[] {
    const before = this.#boundary;
    const after = this.#boundaryNow();
    this.#boundary = after;
    const levels: BookLevel[] = [];
    for (const price of changed) {
      const level = this.#view.get(this.#side, price);
      if (level !== undefined && this.#inSight(price, after)) levels.push(level);
      else if (this.#inSight(price, before)) levels.push({ priceTicks: price, qtyLots: 0, orderCount: 0 });
    }
    for (let rank = Math.min(this.#depth, this.#view.levelCount(this.#side)) - 1; rank >= 0; rank -= 1) {
      const level = this.#view.at(this.#side, rank);
      if (level === undefined || this.#inSight(level.priceTicks, before)) break;
      if (!changed.has(level.priceTicks)) levels.push(level);
    }
    for (let rank = this.#depth; ; rank += 1) {
      const level = this.#view.at(this.#side, rank);
      if (level === undefined || !this.#inSight(level.priceTicks, before)) break;
      if (!changed.has(level.priceTicks)) levels.push({ priceTicks: level.priceTicks, qtyLots: 0, orderCount: 0 });
    }
    return levels;
  }

  #boundaryNow(): number | null {
    return this.#view.at(this.#side, this.#depth - 1)?.priceTicks ?? null;
  }

  #inSight(price: number, boundary: number | null): boolean {
    if (boundary === null) return true;
    return this.#side === 'BUY' ? price >= boundary : price <= boundary;
  }
}

/** Makes the deltas of a book at one depth; `advance` is called once for each command that changed the book. */
export class DepthFeed {
  readonly depth: number;
  readonly #view: BookView;
  readonly #bids: DepthWindow;
  readonly #asks: DepthWindow;
  #sequence: number;

  /** @param depth levels a side, at least 1 */
  constructor(view: BookView, depth: number) {
    this.depth = depth;
    this.#view = view;
    this.#bids = new DepthWindow(view, 'BUY', depth);
    this.#asks = new DepthWindow(view, 'SELL', depth);
    this.#sequence = view.sequence;
  }

  /** Sequence of the last change in sight: that of a copy of the book at this depth. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Returns the delta since the last one, or null where nothing in sight changed. */
  advance(changed: ChangedPrices): BookDelta | null {
    const bids = this.#bids.advance(changed.bids);
    const asks = this.#asks.advance(changed.asks);
    if (bids.length === 0 && asks.length === 0) return null;
    const prevSequence = this.#sequence;
    this.#sequence = this.#view.sequence;
    return { sequence: this.#sequence, prevSequence, timeUs: this.#view.timeUs, bids, asks };
  }
}

/** Merges deltas that follow each other into one that does the same. */
export function mergeDeltas(first: BookDelta, second: BookDelta): BookDelta {
  return {
    sequence: second.sequence,
    prevSequence: first.prevSequence,
    timeUs: second.timeUs,
    bids: mergeLevels(first.bids, second.bids),
    asks: mergeLevels(first.asks, second.asks),
  };
}

function mergeLevels(first: readonly BookLevel[], second: readonly BookLevel[]): readonly BookLevel[] {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const byPrice = new Map<number, BookLevel>();
  for (const level of first) byPrice.set(level.priceTicks, level);
  for (const level of second) byPrice.set(level.priceTicks, level);
  return [...byPrice.values()];
}
