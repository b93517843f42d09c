/**
 * A 64-bit hash over a stream of whole numbers and texts, the same on every machine and Node version.
 *
 * Two 32-bit lanes, each mixed with Math.imul and rotations (the round of MurmurHash3, other constants a lane).
 * It compares states and inputs; it is no signature: who may choose the input can make two inputs collide.
 */

/** Takes a state told as numbers and texts in a canonical order. */
export interface StateSink {
  /** @param value safe integer */
  number(value: number): void;
  text(value: string | null): void;
}

/** Gives back what a StateSink was told, in the same order. */
export interface StateSource {
  number(): number;
  text(): string | null;
}

const TWO_32 = 4_294_967_296;

export class StateHasher implements StateSink {
  #a = 0x243f6a88;
  #b = 0x85a308d3 | 0;
  #count = 0;

  reset(): void {
    this.#a = 0x243f6a88;
    this.#b = 0x85a308d3 | 0;
    this.#count = 0;
  }

  number(value: number): void {
    this.#word(value | 0);
    this.#word(Math.floor(value / TWO_32) | 0);
  }

  text(value: string | null): void {
    if (value === null) {
      this.#word(-1);
      return;
    }
    this.#word(value.length);
    for (let index = 0; index < value.length; index += 1) this.#word(value.charCodeAt(index));
  }

  /** High half of the hash, signed 32 bits. */
  high(): number {
    return finish(this.#a ^ this.#count, this.#b);
  }

  /** Low half of the hash, signed 32 bits. */
  low(): number {
    return finish(this.#b ^ this.#count, this.#a);
  }

  /** 16 hex digits. */
  digest(): string {
    return hex(this.high()) + hex(this.low());
  }

  #word(word: number): void {
    let k = Math.imul(word, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    let a = this.#a ^ Math.imul(k, 0x1b873593);
    a = (a << 13) | (a >>> 19);
    this.#a = (Math.imul(a, 5) + 0xe6546b64) | 0;
    let m = Math.imul(word ^ this.#count, 0x239b961b);
    m = (m << 17) | (m >>> 15);
    let b = this.#b ^ Math.imul(m, 0xab0e9789);
    b = (b << 19) | (b >>> 13);
    this.#b = (Math.imul(b, 5) + 0x561ccd1b) | 0;
    this.#count = (this.#count + 1) | 0;
  }
}

function finish(own: number, other: number): number {
  let h = own ^ Math.imul(other, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
