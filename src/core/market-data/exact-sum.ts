/** A sum of safe integers that stays exact beyond 2^53, at the price of plain addition while it is below. */
export class ExactSum {
  /** What has passed out of `#low`; bigint arithmetic is left to the rare spill. */
  #high = 0n;
  #low = 0;

  get value(): bigint {
    return this.#high + BigInt(this.#low);
  }

  /** @param amount 0 to 2^53 − 1 */
  add(amount: number): void {
    if (amount <= Number.MAX_SAFE_INTEGER - this.#low) {
      this.#low += amount;
    } else {
      this.#high += BigInt(this.#low);
      this.#low = amount;
    }
  }

  addExact(amount: bigint): void {
    this.#high += amount;
  }

  subtractExact(amount: bigint): void {
    this.#high -= amount;
  }
}
