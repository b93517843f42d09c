/**
 * A client's copy of an order book, kept by the updates of `Subscription.orderBook`. It imports nothing.
 *
 * Rule: a snapshot replaces the copy. A delta applies to the copy whose sequence is its prevSequence, tells each level by its
 * new quantity (0 removes it) and leads to its sequence. A delta that does not fit means that something is missing: the
 * copy is wrong, subscribe again. A copy of at least CHECKSUM_LEVELS levels a side can be checked.
 */

/** Levels of each side that the checksum covers; subscribe with at least this depth to be able to check. */
export const CHECKSUM_LEVELS = 10;

/** PriceLevel of the API. */
export interface Level {
  /** Decimal, as printed by the API. */
  readonly px: string;
  /** Decimal, as printed by the API; 0 in a delta removes the level. */
  readonly qty: string;
  readonly orderCount?: number;
}

/** OrderBookUpdate of the API; select at least these fields. */
export interface BookUpdate {
  readonly snapshot: boolean;
  readonly sequence: number;
  readonly prevSequence?: number | null;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly checksum?: number;
}

/** The update does not fit the copy, or the copy no longer equals the server's book: subscribe again. */
export class BookMismatchError extends Error {
  override readonly name = 'BookMismatchError';
}

/** The digits of a printed decimal without point and leading zeros. */
function digitsOf(decimal: string): string {
  return decimal.replace('.', '').replace(/^0+/, '');
}

function isZero(decimal: string): boolean {
  return digitsOf(decimal) === '';
}

/** Compares two printed decimals of one scale, both above 0. */
function compare(a: string, b: string): number {
  const [left, right] = [digitsOf(a), digitsOf(b)];
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Returns the CRC-32 (IEEE 802.3) of an ASCII text, 0 to 2^32 − 1. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * Returns the checksum of a book: of the best ten asks from low to high, then the best ten bids from high to low, each
 * level's price and quantity as printed, without the point and without leading zeros, all one behind the other.
 * @param asks best first
 * @param bids best first
 */
export function bookChecksum(asks: readonly Level[], bids: readonly Level[]): number {
  const best = [...asks.slice(0, CHECKSUM_LEVELS), ...bids.slice(0, CHECKSUM_LEVELS)];
  return crc32(best.map(({ px, qty }) => digitsOf(px) + digitsOf(qty)).join(''));
}

export class OrderBookCopy {
  readonly #bids = new Map<string, Level>();
  readonly #asks = new Map<string, Level>();
  #sequence = -1;

  /** Sequence of the last update; −1 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Best first. */
  get bids(): Level[] {
    return [...this.#bids.values()].sort((a, b) => compare(b.px, a.px));
  }

  /** Best first. */
  get asks(): Level[] {
    return [...this.#asks.values()].sort((a, b) => compare(a.px, b.px));
  }

  get checksum(): number {
    return bookChecksum(this.asks, this.bids);
  }

  /**
   * Takes the next update.
   * @throws BookMismatchError where it does not follow the one before
   */
  apply(update: BookUpdate): void {
    if (update.snapshot) {
      this.#bids.clear();
      this.#asks.clear();
    } else if (update.prevSequence !== this.#sequence) {
      throw new BookMismatchError(`the update follows ${update.prevSequence}, the copy stands at ${this.#sequence}`);
    }
    for (const [side, levels] of [
      [this.#bids, update.bids],
      [this.#asks, update.asks],
    ] as const) {
      for (const level of levels) {
        if (isZero(level.qty)) side.delete(level.px);
        else side.set(level.px, level);
      }
    }
    this.#sequence = update.sequence;
  }

  /**
   * Checks the copy against the checksum of the update that was applied last. Only for subscriptions with depth ≥ 10.
   * @throws BookMismatchError where they differ
   */
  verify({ checksum }: BookUpdate): void {
    const own = this.checksum;
    if (checksum !== own) throw new BookMismatchError(`checksum ${checksum} of the server, ${own} of the copy`);
  }
}
