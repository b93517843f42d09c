/**
 * Snapshots: the canonical stream of a state as checked bytes.
 *
 * ```
 * magic "TSXS" · version uint32 · ladderLevels uint32 · hash of the body uint32 · body
 * body: float64 a number, flag and UTF-8 a text, little endian, in the order of describeState
 * ```
 * Reading refuses another version, a wrong check sum, and bytes left over; it never returns half a state.
 */
import { ByteReader, FormatError } from '../values/byte-reader.js';
import { ByteWriter } from '../values/byte-writer.js';
import type { StateSink, StateSource } from '../values/state-hash.js';
import type { ExchangeState } from './state.js';
import { describeState } from './state-image.js';
import { restoreState } from './state-restore.js';

/** Layout of the body; a snapshot of another version is refused and the journal replayed instead. */
export const SNAPSHOT_VERSION = 8;

const MAGIC = 0x53585354;
const HEADER_BYTES = 16;

/** The bytes are no snapshot that this version can read: damaged, of another version, or something else. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

class SnapshotSink implements StateSink {
  readonly writer: ByteWriter;

  constructor(capacity: number) {
    this.writer = new ByteWriter(capacity);
  }

  number(value: number): void {
    this.writer.float64(value);
  }

  text(value: string | null): void {
    this.writer.optionalString(value, 'text');
  }
}

class SnapshotSource implements StateSource {
  constructor(private readonly reader: ByteReader) {}

  number(): number {
    return this.reader.integer();
  }

  text(): string | null {
    return this.reader.optionalString();
  }
}

/** Returns the state as bytes that nothing else refers to. */
export function writeSnapshot(state: ExchangeState): Uint8Array {
  const sink = new SnapshotSink(roomFor(state));
  const { writer } = sink;
  writer.uint32(MAGIC);
  writer.uint32(SNAPSHOT_VERSION);
  writer.uint32(state.capacities.ladderLevels);
  writer.uint32(0);
  describeState(state, sink);
  const bytes = writer.written();
  writer.patchUint32(HEADER_BYTES - 4, bodyHash(bytes.subarray(HEADER_BYTES)));
  return bytes;
}

/** Bytes that the state takes, about: a buffer that need not grow halves the pause. */
function roomFor({ orders, ledger, positions, accounts, clOrdIds, transferIds }: ExchangeState): number {
  const rows = ledger.rows.rowCount + positions.rows.rowCount;
  const keys = clOrdIds.count + transferIds.count;
  return (1 << 16) + orders.slotCount * 24 + orders.inUse * 200 + rows * 48 + keys * 96 + accounts.length * 256;
}

/** Returns the state that the bytes hold. @throws SnapshotError when they are not a whole snapshot of this version */
export function readSnapshot(bytes: Uint8Array): ExchangeState {
  const reader = new ByteReader(bytes);
  if (reader.remaining < HEADER_BYTES || reader.uint32() !== MAGIC)
    throw new SnapshotError('these bytes are no snapshot');
  const version = reader.uint32();
  if (version !== SNAPSHOT_VERSION) {
    throw new SnapshotError(`the snapshot has version ${version}, this program reads version ${SNAPSHOT_VERSION}`);
  }
  const ladderLevels = reader.uint32();
  if (reader.uint32() !== bodyHash(bytes.subarray(HEADER_BYTES))) throw new SnapshotError('the snapshot is damaged');
  try {
    const state = restoreState(new SnapshotSource(reader), ladderLevels);
    if (reader.remaining !== 0) throw new SnapshotError(`the snapshot has ${reader.remaining} bytes too many`);
    return state;
  } catch (error) {
    if (error instanceof FormatError) throw new SnapshotError(error.message);
    throw error;
  }
}

/** Hash of bytes by 32-bit words, little endian: one multiplication a word, as the pause of a snapshot counts. */
function bodyHash(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.byteLength & ~3;
  let hash = bytes.byteLength | 0;
  for (let at = 0; at < whole; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (let at = whole; at < bytes.byteLength; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 16)) >>> 0;
}
