/** Orders refused in a row: after one it waits, after too many the strategy cannot go on. */

/** Refusals in a row after which a strategy cannot go on. */
export const MAX_REFUSALS = 10;
export const REFUSAL_PAUSE_US = 1_000_000;

export class Refusals {
  #count = 0;
  #waitUntilUs = 0;

  /** True while the last refusal is too near to ask again. */
  waits(timeUs: number): boolean {
    return timeUs < this.#waitUntilUs;
  }

  /** An order was taken: what was refused before no longer counts. */
  clear(): void {
    this.#count = 0;
  }

  /** @throws Error after MAX_REFUSALS in a row, with the last reason */
  add(timeUs: number, symbol: string, reason: string): void {
    this.#count += 1;
    this.#waitUntilUs = timeUs + REFUSAL_PAUSE_US;
    if (this.#count >= MAX_REFUSALS) {
      throw new Error(`${symbol}: ${MAX_REFUSALS} orders in a row were refused: ${reason}`);
    }
  }
}
