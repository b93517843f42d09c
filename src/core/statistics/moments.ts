/**
 * Mean and variance of a stream of numbers in one pass (Welford 1962; Knuth, TAOCP 2, 4.2.2): no sum of squares, so nothing
 * cancels where the numbers are large and close together.
 *
 * Complexity: O(1) a number, in time and in memory.
 */
export class Moments {
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #squares = 0;

  get count(): number {
    return this.#count;
  }

  /** null before the first number. */
  get mean(): number | null {
    return this.#count === 0 ? null : this.#mean;
  }

  /** Sample variance (n − 1 below); null before the second number. */
  get variance(): number | null {
    return this.#count < 2 ? null : this.#squares / (this.#count - 1);
  }

  add(value: number): void {
    this.#count += 1;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }
}
