/** Reading one segment of the journal: records in order, and the search for records behind damage. */
import type { FileHandle } from 'node:fs/promises';
import {
  decodeRecordHeader,
  isPayloadIntact,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC,
  type RecordHeader,
} from './journal-format.js';

const CHUNK_BYTES = 1024 * 1024;

/** A record with the place where it stands. */
export interface SegmentRecord extends RecordHeader {
  readonly offset: number;
  /** Stays valid: its memory is not used again. */
  readonly payload: Uint8Array;
}

/** The bytes at `offset` are no whole and intact record. */
export class BadRecordError extends Error {
  override readonly name = 'BadRecordError';
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

/** Reads exactly the bytes from `position` to `position + length`, fewer only at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === length ? bytes : bytes.subarray(0, filled);
}

/** Hands out pieces of a file and reads it in chunks; a chunk is never overwritten. */
class ChunkReader {
  #chunk: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(
    private readonly handle: FileHandle,
    private readonly end: number,
  ) {}

  /** The bytes, when they lie in the chunk at hand: most do, and need no turn of the event loop. */
  peek(offset: number, length: number): Buffer | null {
    const at = offset - this.#start;
    return at >= 0 && at + length <= this.#chunk.length ? this.#chunk.subarray(at, at + length) : null;
  }

  /** The bytes, fewer only where the end comes before. */
  async read(offset: number, length: number): Promise<Buffer> {
    this.#chunk = await readAt(this.handle, offset, Math.min(Math.max(length, CHUNK_BYTES), this.end - offset));
    this.#start = offset;
    return this.#chunk.subarray(0, length);
  }
}

/**
 * Yields the records between two offsets, both at record boundaries.
 * @throws BadRecordError at the first record that is cut or damaged
 */
export async function* scanRecords(handle: FileHandle, from: number, end: number): AsyncGenerator<SegmentRecord> {
  const reader = new ChunkReader(handle, end);
  let offset = from;
  while (offset < end) {
    const head = reader.peek(offset, RECORD_HEADER_BYTES) ?? (await reader.read(offset, RECORD_HEADER_BYTES));
    if (head.length < RECORD_HEADER_BYTES) throw new BadRecordError(offset, 'the record is cut');
    const header = decodeRecordHeader(head, 0);
    if (header === null) throw new BadRecordError(offset, 'the header of the record is damaged');
    const length = RECORD_HEADER_BYTES + header.payloadBytes;
    const record = reader.peek(offset, length) ?? (await reader.read(offset, length));
    if (record.length < length) throw new BadRecordError(offset, 'the record is cut');
    const payload = record.subarray(RECORD_HEADER_BYTES);
    if (!isPayloadIntact(header, payload)) throw new BadRecordError(offset, 'the checksum of the record is wrong');
    yield { ...header, offset, payload };
    offset += length;
  }
}

/** Returns the offset of the first intact record header between two offsets, or −1. */
export async function findRecordHeader(handle: FileHandle, from: number, end: number): Promise<number> {
  for (let start = from; start + RECORD_HEADER_BYTES <= end; start += CHUNK_BYTES) {
    // Chunks overlap by a header, so that none hides on the seam.
    const chunk = await readAt(handle, start, Math.min(CHUNK_BYTES + RECORD_HEADER_BYTES - 1, end - start));
    for (let at = chunk.indexOf(RECORD_MAGIC); at >= 0; at = chunk.indexOf(RECORD_MAGIC, at + 1)) {
      if (decodeRecordHeader(chunk, at) !== null) return start + at;
    }
  }
  return -1;
}
