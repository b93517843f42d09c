/**
 * Snapshots in files: `<directory>/snapshots/<command sequence>-<event sequence>.snapshot`.
 *
 *     header (44 bytes, little endian)
 *       0 magic "TRADSYSS"  8 format version u32  12 command sequence f64  20 event sequence f64  28 payload bytes f64
 *       36 CRC-32 of payload  40 CRC-32 of 0..39
 *
 * A snapshot is in place as a whole or not at all. It only shortens recovery and the rebuilding of past events: the
 * journal is kept whole, so that any snapshot may be removed or found damaged without loss.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Log } from '../../ports/log.js';
import type { SnapshotInfo, SnapshotStore } from '../../ports/snapshot-store.js';
import { makeDirectoryDurably, writeFileDurably } from './durable-files.js';

export interface FileSnapshotStoreOptions {
  /** Data folder; the snapshots lie in its subfolder `snapshots`. */
  readonly directory: string;
  /** How many of the newest are kept, at least 1; default 3. */
  readonly keep?: number;
  readonly log?: Log;
}

/** The snapshot can't be used; an older one or the whole journal serves instead. */
export class SnapshotDamagedError extends Error {
  override readonly name = 'SnapshotDamagedError';
}

const FORMAT_VERSION = 1;
const HEADER_BYTES = 44;
const MAGIC = Buffer.from('TRADSYSS', 'latin1');
const FILE_NAME = /^(\d{16})-(\d{16})\.snapshot$/;
const DEFAULT_KEEP = 3;

export class FileSnapshotStore implements SnapshotStore {
  private constructor(
    private readonly folder: string,
    private readonly keep: number,
    private readonly log: Log,
  ) {}

  /**
   * Opens the folder, makes it when absent and forgets what a crash left half written. The journal of the same data
   * folder is opened before: its lock keeps other processes out of both.
   */
  static async open(options: FileSnapshotStoreOptions): Promise<FileSnapshotStore> {
    const keep = options.keep ?? DEFAULT_KEEP;
    if (!Number.isInteger(keep) || keep < 1) throw new RangeError(`keep must be a whole number from 1, not ${keep}`);
    const folder = join(options.directory, 'snapshots');
    await makeDirectoryDurably(folder);
    for (const name of await readdir(folder)) {
      if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
    }
    return new FileSnapshotStore(folder, keep, options.log ?? (() => undefined));
  }

  async list(): Promise<readonly SnapshotInfo[]> {
    const infos: SnapshotInfo[] = [];
    for (const name of (await readdir(this.folder)).sort()) {
      const match = FILE_NAME.exec(name);
      if (match !== null) infos.push({ commandSequence: Number(match[1]), eventSequence: Number(match[2]) });
    }
    return infos;
  }

  async load(info: SnapshotInfo): Promise<Uint8Array> {
    const path = join(this.folder, fileName(info));
    const bytes = await readFile(path);
    const problem = problemOf(bytes, info);
    if (problem !== null) throw new SnapshotDamagedError(`${path}: ${problem}`);
    return bytes.subarray(HEADER_BYTES);
  }

  async save(info: SnapshotInfo, bytes: Uint8Array): Promise<void> {
    await writeFileDurably(join(this.folder, fileName(info)), [encodeHeader(info, bytes), bytes]);
    const infos = await this.list();
    for (const old of infos.slice(0, Math.max(0, infos.length - this.keep))) {
      await rm(join(this.folder, fileName(old)), { force: true });
      this.log('debug', 'removed an old snapshot', { commandSequence: old.commandSequence });
    }
  }
}

function fileName(info: SnapshotInfo): string {
  return `${String(info.commandSequence).padStart(16, '0')}-${String(info.eventSequence).padStart(16, '0')}.snapshot`;
}

function encodeHeader(info: SnapshotInfo, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeDoubleLE(info.commandSequence, 12);
  header.writeDoubleLE(info.eventSequence, 20);
  header.writeDoubleLE(payload.byteLength, 28);
  header.writeUInt32LE(crc32(payload), 36);
  header.writeUInt32LE(crc32(header.subarray(0, 40)), 40);
  return header;
}

function problemOf(bytes: Buffer, info: SnapshotInfo): string | null {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC))
    return 'the file does not begin as a snapshot';
  const version = bytes.readUInt32LE(8);
  if (version !== FORMAT_VERSION) return `the format is ${version}, this version reads ${FORMAT_VERSION}`;
  if (crc32(bytes.subarray(0, 40)) !== bytes.readUInt32LE(40)) return 'the checksum of the header is wrong';
  if (bytes.readDoubleLE(12) !== info.commandSequence || bytes.readDoubleLE(20) !== info.eventSequence) {
    return 'the file has the name of another snapshot';
  }
  if (bytes.length - HEADER_BYTES !== bytes.readDoubleLE(28)) return 'the file is cut or too long';
  if (crc32(bytes.subarray(HEADER_BYTES)) !== bytes.readUInt32LE(36)) return 'the checksum of the content is wrong';
  return null;
}
