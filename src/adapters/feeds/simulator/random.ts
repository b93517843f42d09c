/**
 * Seeded random numbers: xoshiro128** (Blackman & Vigna, https://prng.di.unimi.it), its state filled by splitmix32
 * from a seed and the name of a stream, so that each participant's numbers depend on nobody else's.
 */

const TO_UNIT = 2 ** -32;

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  /** Second number of the last normal pair. */
  #spare: number | null = null;

  /**
   * @param seed whole number from 0 to 2^32 − 1
   * @param stream name of the stream, e.g. "maker-1/AAPL"
   */
  constructor(seed: number, stream: string) {
    let state = (seed ^ fnv1a(stream)) >>> 0;
    const next = () => {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    // A state of four zeros would never leave zero.
    this.#d = next() | 1;
  }

  /** Returns a number in [0, 1) with 32 random bits. */
  next(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result * TO_UNIT;
  }

  /** Returns true with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Returns a standard normal number (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.next() - 1;
      const y = 2 * this.next() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spare = y * factor;
        return x * factor;
      }
    }
  }

  /** Returns how many arrivals of a Poisson process fall into an interval. @param mean expected number, at most 30 */
  poisson(mean: number): number {
    const floor = Math.exp(-Math.min(mean, 30));
    let product = this.next();
    let count = 0;
    while (product > floor) {
      count += 1;
      product *= this.next();
    }
    return count;
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
