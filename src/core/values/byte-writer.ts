/**
 * A growable little-endian buffer for binary records. It is meant to be reused: `reset` keeps the memory, so that
 * writing allocates nothing once the buffer has reached the size of the largest group.
 *
 * Every method refuses what it could not give back unchanged (RangeError naming the field), since what is written
 * here is replayed later and must lead to the same state.
 */
import { encodeUtf8 } from './utf8.js';

const MAX_STRING_BYTES = 0xffff;
const MAX_INT32 = 0x7fffffff;

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #position = 0;

  /** @param capacity bytes to begin with; doubles when more is needed */
  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  /** Forgets what was written from `position` on and keeps the memory. */
  reset(position = 0): void {
    this.#position = position;
  }

  /** What was written, as a view that the next write or reset may overwrite. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#position);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#position] = value;
    this.#position += 1;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#position, value, true);
    this.#position += 4;
  }

  /** Overwrites four bytes that were written before, e.g. a length that is known only now. */
  patchUint32(position: number, value: number): void {
    this.#view.setUint32(position, value, true);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#position, value, true);
    this.#position += 8;
  }

  /** Writes an index: a whole number from 0 to 2^31 − 1, four bytes. */
  index(value: number, field: string): void {
    if (!Number.isInteger(value) || value < 0 || value > MAX_INT32) {
      throw new RangeError(`${field} must be a whole number from 0 to ${MAX_INT32}, not ${value}`);
    }
    this.uint32(value);
  }

  /** Writes a whole number of magnitude up to 2^53 − 1, eight bytes. */
  integer(value: number, field: string): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`${field} must be a whole number of at most ±${Number.MAX_SAFE_INTEGER}, not ${value}`);
    }
    this.float64(value);
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  /** Writes one byte 0 for null; otherwise 1 and the index. */
  optionalIndex(value: number | null, field: string): void {
    this.boolean(value !== null);
    if (value !== null) this.index(value, field);
  }

  /** Writes one byte 0 for null; otherwise 1 and the number. */
  optionalInteger(value: number | null, field: string): void {
    this.boolean(value !== null);
    if (value !== null) this.integer(value, field);
  }

  /** Writes the member's position in its list, one byte. */
  member<T extends string>(list: readonly T[], value: T, field: string): void {
    const code = list.indexOf(value);
    if (code < 0) throw new RangeError(`${field} must be one of ${list.join(', ')}, not ${String(value)}`);
    this.uint8(code);
  }

  /** Writes one byte 0 for null; otherwise 1 and the member. */
  optionalMember<T extends string>(list: readonly T[], value: T | null, field: string): void {
    this.boolean(value !== null);
    if (value !== null) this.member(list, value, field);
  }

  /** Writes the length in bytes (two bytes) and the text in UTF-8; at most 65,535 bytes, no unpaired surrogate. */
  string(value: string, field: string): void {
    // A UTF-16 unit needs at most three bytes.
    this.#reserve(2 + value.length * 3);
    const start = this.#position + 2;
    const end = encodeUtf8(value, this.#bytes, start);
    if (end < 0) throw new RangeError(`${field} must be well-formed text: it holds half of a surrogate pair`);
    const length = end - start;
    if (length > MAX_STRING_BYTES) {
      throw new RangeError(`${field} must be at most ${MAX_STRING_BYTES} bytes of UTF-8, not ${length}`);
    }
    this.#view.setUint16(this.#position, length, true);
    this.#position = end;
  }

  /** Writes one byte 0 for null; otherwise 1 and the text. */
  optionalString(value: string | null, field: string): void {
    this.boolean(value !== null);
    if (value !== null) this.string(value, field);
  }

  #reserve(count: number): void {
    const needed = this.#position + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
