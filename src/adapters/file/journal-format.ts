/**
 * The journal's bytes on disk, little endian.
 *
 *     segment  = segment header, then records up to the end of the file
 *     segment header (28 bytes)
 *       0 magic "TRADSYSJ"  8 format version u32  12 command format version u32  16 first sequence f64  24 CRC-32 of 0..23
 *     record header (28 bytes), payload behind it
 *       0 magic  4 payload bytes u32  8 first sequence f64  16 commands u32  20 CRC-32 of payload  24 CRC-32 of 0..23
 *
 * The header has a CRC of its own, so that a damaged length is known as damage and never as a record that runs past the
 * end. The record magic holds bytes that no UTF-8 text contains: nobody can forge a record inside a name or an id.
 * A record of 0 commands and 0 bytes marks an orderly close: damage to the record before it is then no torn tail.
 */
import { crc32 } from 'node:zlib';

export const JOURNAL_FORMAT_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 28;
export const RECORD_HEADER_BYTES = 28;
/** Largest payload of one record. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

const SEGMENT_MAGIC = Buffer.from('TRADSYSJ', 'latin1');
export const RECORD_MAGIC = Buffer.from([0xf5, 0xc0, 0xff, 0xc1]);

export interface SegmentHeader {
  readonly formatVersion: number;
  readonly commandFormatVersion: number;
  readonly firstSequence: number;
}

export interface RecordHeader {
  readonly payloadBytes: number;
  readonly firstSequence: number;
  /** Commands in the payload; 0 = mark of an orderly close. */
  readonly count: number;
  readonly payloadCrc: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  SEGMENT_MAGIC.copy(bytes);
  bytes.writeUInt32LE(header.formatVersion, 8);
  bytes.writeUInt32LE(header.commandFormatVersion, 12);
  bytes.writeDoubleLE(header.firstSequence, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}

/** Returns the header, or what is wrong with it. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return 'the file is shorter than its header';
  if (!bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return 'the file does not begin as a journal';
  const formatVersion = bytes.readUInt32LE(8);
  // Another version may have laid out the rest differently: say so rather than complain of its checksum.
  if (formatVersion === JOURNAL_FORMAT_VERSION && crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24)) {
    return 'the checksum of the file header is wrong';
  }
  return { formatVersion, commandFormatVersion: bytes.readUInt32LE(12), firstSequence: bytes.readDoubleLE(16) };
}

/** Writes a record header at the start of `target`. */
export function encodeRecordHeader(target: Buffer, firstSequence: number, count: number, payload: Uint8Array): void {
  RECORD_MAGIC.copy(target);
  target.writeUInt32LE(payload.byteLength, 4);
  target.writeDoubleLE(firstSequence, 8);
  target.writeUInt32LE(count, 16);
  target.writeUInt32LE(crc32(payload), 20);
  target.writeUInt32LE(crc32(target.subarray(0, 24)), 24);
}

/** Returns the header at `offset`, or null where the bytes are none. */
export function decodeRecordHeader(bytes: Buffer, offset: number): RecordHeader | null {
  if (bytes.length - offset < RECORD_HEADER_BYTES) return null;
  if (bytes.compare(RECORD_MAGIC, 0, 4, offset, offset + 4) !== 0) return null;
  if (crc32(bytes.subarray(offset, offset + 24)) !== bytes.readUInt32LE(offset + 24)) return null;
  const payloadBytes = bytes.readUInt32LE(offset + 4);
  if (payloadBytes > MAX_PAYLOAD_BYTES) return null;
  return {
    payloadBytes,
    firstSequence: bytes.readDoubleLE(offset + 8),
    count: bytes.readUInt32LE(offset + 16),
    payloadCrc: bytes.readUInt32LE(offset + 20),
  };
}

/** Tells whether the payload is what its header says. */
export function isPayloadIntact(header: RecordHeader, payload: Uint8Array): boolean {
  return crc32(payload) === header.payloadCrc;
}
