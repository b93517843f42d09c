/**
 * The public book of one instrument, followed from BookLevelChanged events: price levels, not orders (L2).
 *
 * Invariants: bids fall and asks rise from the best on; no level has quantity 0; a level object never changes, so it may
 * be handed out and kept.
 * Complexity: finding a level is O(log levels). Adding or removing one moves the levels between it and the best price,
 * so that changes near the top, which are nearly all, cost next to nothing. The top n levels cost O(n).
 * Memory: one small object a level; the exchange bounds the number of levels by the instrument's price bounds.
 * Limitations: after a reset the sequence is that of the image, which may be above that of the book's last change.
 */
import type { Side } from '../values/vocabulary.js';

/** One price with everything that rests on it. */
export interface BookLevel {
  readonly priceTicks: number;
  /** Shown quantity in lots; 0 in a delta means that the level is gone. */
  readonly qtyLots: number;
  readonly orderCount: number;
}

/** A level after a command, as a BookLevelChanged event tells it. */
export interface LevelChange extends BookLevel {
  readonly side: Side;
}

/** The levels of one side, best last, so that what happens near the best price moves little memory. */
class BookSide {
  readonly #levels: BookLevel[] = [];
  /** 1 for bids (prices rise towards the best), −1 for asks. */
  readonly #direction: 1 | -1;

  constructor(side: Side) {
    this.#direction = side === 'BUY' ? 1 : -1;
  }

  get count(): number {
    return this.#levels.length;
  }

  /** @param rank 0 = best */
  at(rank: number): BookLevel | undefined {
    return this.#levels[this.#levels.length - 1 - rank];
  }

  get(priceTicks: number): BookLevel | undefined {
    const level = this.#levels[this.#indexOf(priceTicks)];
    return level?.priceTicks === priceTicks ? level : undefined;
  }

  clear(): void {
    this.#levels.length = 0;
  }

  set(level: BookLevel): void {
    const index = this.#indexOf(level.priceTicks);
    const found = this.#levels[index]?.priceTicks === level.priceTicks;
    if (level.qtyLots === 0) {
      if (found) this.#levels.splice(index, 1);
    } else if (found) {
      this.#levels[index] = level;
    } else {
      this.#levels.splice(index, 0, level);
    }
  }

  /** Index of the price, or where it belongs. */
  #indexOf(priceTicks: number): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const price = this.#levels[middle]?.priceTicks ?? 0;
      if ((price - priceTicks) * this.#direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class BookView {
  readonly #bids = new BookSide('BUY');
  readonly #asks = new BookSide('SELL');
  #sequence = 0;
  #prevSequence = 0;
  #timeUs = 0;

  /** Sequence of the last change; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Sequence of the change before the last. */
  get prevSequence(): number {
    return this.#prevSequence;
  }

  /** Engine time of the last change, microseconds since 1970 UTC; 0 before the first. */
  get timeUs(): number {
    return this.#timeUs;
  }

  /** Forgets every level and starts again at a sequence; the image's levels follow through `load`. */
  reset(sequence: number, timeUs: number): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#sequence = sequence;
    this.#prevSequence = sequence;
    this.#timeUs = timeUs;
  }

  /** Takes a level of an image without counting it as a change. */
  load(change: LevelChange): void {
    this.#side(change.side).set(levelOf(change));
  }

  /**
   * Takes all levels that one command changed.
   * @param sequence of the command's last level change; above the book's sequence
   */
  apply(changes: readonly LevelChange[], sequence: number, timeUs: number): void {
    for (const change of changes) this.#side(change.side).set(levelOf(change));
    this.#prevSequence = this.#sequence;
    this.#sequence = sequence;
    this.#timeUs = timeUs;
  }

  /** Returns the level at a rank (0 = best), or undefined beyond the last. */
  at(side: Side, rank: number): BookLevel | undefined {
    return this.#side(side).at(rank);
  }

  /** Returns the level at a price, or undefined where nothing rests. */
  get(side: Side, priceTicks: number): BookLevel | undefined {
    return this.#side(side).get(priceTicks);
  }

  /** Number of levels on a side. */
  levelCount(side: Side): number {
    return this.#side(side).count;
  }

  /** Returns up to `depth` levels of a side, best first. */
  top(side: Side, depth: number): BookLevel[] {
    const from = this.#side(side);
    const count = Math.min(depth, from.count);
    const levels: BookLevel[] = [];
    for (let rank = 0; rank < count; rank += 1) {
      const level = from.at(rank);
      if (level !== undefined) levels.push(level);
    }
    return levels;
  }

  #side(side: Side): BookSide {
    return side === 'BUY' ? this.#bids : this.#asks;
  }
}

function levelOf(change: LevelChange): BookLevel {
  return { priceTicks: change.priceTicks, qtyLots: change.qtyLots, orderCount: change.orderCount };
}
