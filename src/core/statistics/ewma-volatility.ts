/**
 * Volatility of a price by exponentially weighted returns (J.P. Morgan, RiskMetrics Technical Document 1996, 5.2.1, with zero
 * mean): variance = λ × variance + (1 − λ) × r², where r = ln(price ÷ price before). The first return is the first variance.
 *
 * Complexity: O(1) a price, in time and in memory.
 */
export class EwmaVolatility {
  readonly #lambda: number;
  #price: number | null = null;
  #variance: number | null = null;

  /**
   * @param lambda weight of what was, above 0 and below 1
   * @throws RangeError when lambda is out of range
   */
  constructor(lambda: number) {
    if (!(lambda > 0 && lambda < 1)) throw new RangeError(`lambda ${lambda} is not between 0 and 1`);
    this.#lambda = lambda;
  }

  /** Standard deviation of one return, as a fraction of the price; null before the second price. */
  get volatility(): number | null {
    return this.#variance === null ? null : Math.sqrt(this.#variance);
  }

  /** @param price above 0 */
  add(price: number): void {
    if (this.#price !== null) {
      const change = Math.log(price / this.#price);
      const squared = change * change;
      this.#variance = this.#variance === null ? squared : this.#lambda * this.#variance + (1 - this.#lambda) * squared;
    }
    this.#price = price;
  }
}
