/**
 * Reads what ByteWriter wrote, strictly: anything that ByteWriter would not have written is a FormatError with the
 * offset at which it stands. `limit` narrows reading to one record.
 */
import { decodeUtf8 } from './utf8.js';

const MAX_INT32 = 0x7fffffff;

/** Bytes that are not in the expected format; `offset` counts from the start of the bytes read. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(`${message} at offset ${offset}`);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;
  #limit: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limit = bytes.byteLength;
  }

  get position(): number {
    return this.#position;
  }

  /** Bytes between the position and the limit. */
  get remaining(): number {
    return this.#limit - this.#position;
  }

  /** Offset behind the last byte that may be read; between the position and the end of the bytes. */
  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    if (limit < this.#position || limit > this.#bytes.byteLength) {
      throw new FormatError(`record of ${limit - this.#position} bytes reaches beyond its block`, this.#position);
    }
    this.#limit = limit;
  }

  uint8(): number {
    const at = this.#take(1);
    return this.#view.getUint8(at);
  }

  uint32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  float64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  index(): number {
    const value = this.uint32();
    if (value > MAX_INT32) throw new FormatError(`index ${value} is above ${MAX_INT32}`, this.#position - 4);
    return value;
  }

  integer(): number {
    const value = this.float64();
    if (!Number.isSafeInteger(value)) throw new FormatError(`${value} is no whole number`, this.#position - 8);
    return value;
  }

  boolean(): boolean {
    const value = this.uint8();
    if (value > 1) throw new FormatError(`flag is ${value}, neither 0 nor 1`, this.#position - 1);
    return value === 1;
  }

  optionalIndex(): number | null {
    return this.boolean() ? this.index() : null;
  }

  optionalInteger(): number | null {
    return this.boolean() ? this.integer() : null;
  }

  member<T extends string>(list: readonly T[]): T {
    const code = this.uint8();
    const value = list[code];
    if (value === undefined) {
      throw new FormatError(`code ${code} is none of ${list.join(', ')}`, this.#position - 1);
    }
    return value;
  }

  optionalMember<T extends string>(list: readonly T[]): T | null {
    return this.boolean() ? this.member(list) : null;
  }

  string(): string {
    const at = this.#take(2);
    const length = this.#view.getUint16(at, true);
    const start = this.#take(length);
    const text = decodeUtf8(this.#bytes, start, start + length);
    if (text === null) throw new FormatError('text is not UTF-8', start);
    return text;
  }

  optionalString(): string | null {
    return this.boolean() ? this.string() : null;
  }

  #take(count: number): number {
    const at = this.#position;
    if (at + count > this.#limit) throw new FormatError(`record ends ${at + count - this.#limit} bytes too early`, at);
    this.#position = at + count;
    return at;
  }
}
