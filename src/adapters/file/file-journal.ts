/**
 * The journal in files: `<directory>/journal/<first sequence>.journal`, appended and synced group by group.
 *
 * Invariants
 * - `append` resolves only after fdatasync. After any error nothing is appended any more (fail-stop): what a failed
 *   sync left on the disk is unknown, and a second sync would not tell.
 * - A segment is complete before the next one begins; only the last record of the last segment can be torn by a crash.
 *   Opening cuts that one off. Anything else that does not read is damage, and nothing starts on it.
 * - One process writes a data folder (directory-lock.ts).
 *
 * Opening reads and checks every segment: about a second a gigabyte. Segments are never removed, so that history
 * can be rebuilt from the first command.
 */
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_FORMAT_VERSION } from '../../core/exchange/command-codec.js';
import { type Journal, JournalCorruptError, JournalFailedError, type JournalGroup } from '../../ports/journal.js';
import type { Log } from '../../ports/log.js';
import { type DirectoryLock, lockDirectory } from './directory-lock.js';
import { makeDirectoryDurably, syncDirectory, writeFileDurably } from './durable-files.js';
import {
  encodeRecordHeader,
  encodeSegmentHeader,
  JOURNAL_FORMAT_VERSION,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from './journal-format.js';
import { addMark, inspectSegments, type SegmentState, segmentName } from './journal-inspection.js';
import { BadRecordError, scanRecords } from './journal-segment.js';

export interface FileJournalOptions {
  /** Data folder, made when absent; the segments lie in its subfolder `journal`. */
  readonly directory: string;
  /** Size from which the next group begins a new segment, bytes; default 128 MiB. */
  readonly segmentBytes?: number;
  readonly log?: Log;
}

const DEFAULT_SEGMENT_BYTES = 128 * 1024 * 1024;

/** How far the journal reaches at a moment: plain values, so that another thread can read the same files by them. */
export interface FileJournalExtent {
  readonly folder: string;
  readonly lastSequence: number;
  readonly segments: readonly SegmentState[];
}

export class FileJournal implements Journal {
  #buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #failure: Error | null = null;
  #appending = false;
  #closed = false;
  /** Whether the last record is the mark of an orderly close. */
  #marked: boolean;

  private constructor(
    private readonly folder: string,
    private readonly segmentBytes: number,
    private readonly lock: DirectoryLock,
    private readonly segments: SegmentState[],
    private handle: FileHandle,
    private last: number,
    closedInOrder: boolean,
  ) {
    this.#marked = closedInOrder;
  }

  /**
   * Opens or creates the journal: takes the lock, checks every record, cuts a torn tail.
   * @throws JournalCorruptError naming file, offset and what to do
   * @throws DirectoryInUseError when another process has the folder
   */
  static async open(options: FileJournalOptions): Promise<FileJournal> {
    const log: Log = options.log ?? (() => undefined);
    const folder = join(options.directory, 'journal');
    await makeDirectoryDurably(folder);
    let journal: FileJournal | undefined;
    const lock = await lockDirectory(options.directory, (error) => journal?.fail(error), log);
    try {
      for (const name of await readdir(folder)) {
        // A segment that got no name yet never held a record.
        if (name.endsWith('.tmp')) await rm(join(folder, name));
      }
      // Names that a killed process had given and not made durable: what is appended below them would go with them.
      await syncDirectory(options.directory);
      await syncDirectory(folder);
      const { segments, lastSequence, closedInOrder } = await inspectSegments(folder, log);
      if (segments.length === 0) segments.push(await createSegment(folder, 1));
      const handle = await open(join(folder, lastOf(segments).name), 'r+');
      journal = new FileJournal(
        folder,
        options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
        lock,
        segments,
        handle,
        lastSequence,
        closedInOrder,
      );
      return journal;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  get lastSequence(): number {
    return this.last;
  }

  /** Bytes of all segments. */
  get sizeBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  async append(group: JournalGroup): Promise<void> {
    this.assertWritable();
    if (group.firstSequence !== this.last + 1 || group.count < 1) {
      throw new RangeError(`group of ${group.count} from ${group.firstSequence} does not follow ${this.last}`);
    }
    if (group.bytes.byteLength > MAX_PAYLOAD_BYTES) {
      throw new RangeError(`group of ${group.bytes.byteLength} bytes is above ${MAX_PAYLOAD_BYTES}`);
    }
    this.#appending = true;
    try {
      if (lastOf(this.segments).size >= this.segmentBytes) await this.roll(group.firstSequence);
      await this.writeRecord(group);
      this.#marked = false;
      this.last += group.count;
    } catch (error) {
      throw this.fail(error);
    } finally {
      this.#appending = false;
    }
  }

  read(after: number): AsyncGenerator<JournalGroup> {
    return readExtent(this.extent(after), after);
  }

  /**
   * What is durable now. A group that is being written behind it is not in it.
   * @param after command behind which it will be read; reading from further back takes longer
   */
  extent(after: number): FileJournalExtent {
    const segments = this.segments.map((segment, at) => {
      const next = this.segments[at + 1];
      const isBefore = next !== undefined && next.firstSequence <= after + 1;
      return { ...segment, marks: isBefore ? [] : [...segment.marks] };
    });
    return { folder: this.folder, lastSequence: this.last, segments };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#appending) throw new RangeError('the journal is closed after the last append has resolved');
    this.#closed = true;
    try {
      if (this.#failure === null && !this.#marked) {
        await this.writeRecord({ firstSequence: this.last + 1, count: 0, bytes: new Uint8Array(0) });
      }
    } finally {
      await this.handle.close();
      await this.lock.release();
    }
  }

  private assertWritable(): void {
    if (this.#failure !== null) {
      throw new JournalFailedError(`the journal has failed before: ${this.#failure.message}`, { cause: this.#failure });
    }
    if (this.#closed) throw new JournalFailedError('the journal is closed');
    if (this.#appending) throw new RangeError('groups are appended one at a time');
  }

  private fail(error: unknown): JournalFailedError {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#failure ??= cause;
    const segment = join(this.folder, lastOf(this.segments).name);
    return new JournalFailedError(
      `writing ${segment} failed (${cause.message}). Check the disk and its free space, then start again: what was answered is kept.`,
      { cause },
    );
  }

  private async writeRecord(group: JournalGroup): Promise<void> {
    const segment = lastOf(this.segments);
    const length = RECORD_HEADER_BYTES + group.bytes.byteLength;
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(length * 2);
    encodeRecordHeader(this.#buffer, group.firstSequence, group.count, group.bytes);
    this.#buffer.set(group.bytes, RECORD_HEADER_BYTES);
    for (let written = 0; written < length; ) {
      const result = await this.handle.write(this.#buffer, written, length - written, segment.size + written);
      written += result.bytesWritten;
    }
    await this.handle.datasync();
    if (this.#failure !== null) throw this.#failure;
    if (group.count > 0) addMark(segment, group.firstSequence, segment.size);
    segment.size += length;
  }

  private async roll(firstSequence: number): Promise<void> {
    const segment = await createSegment(this.folder, firstSequence);
    const handle = await open(join(this.folder, segment.name), 'r+');
    await this.handle.close();
    this.handle = handle;
    this.segments.push(segment);
  }
}

/**
 * Groups of an extent that hold commands with sequence > after, oldest first.
 * @throws JournalCorruptError when a record does not read any more
 */
export async function* readExtent(extent: FileJournalExtent, after: number): AsyncGenerator<JournalGroup> {
  const { folder, segments, lastSequence: through } = extent;
  for (const [at, segment] of segments.entries()) {
    const next = segments[at + 1];
    if (segment.firstSequence > through || (next !== undefined && next.firstSequence <= after + 1)) continue;
    yield* readSegment(folder, segment, after, through);
  }
}

async function createSegment(folder: string, firstSequence: number): Promise<SegmentState> {
  const name = segmentName(firstSequence);
  const header = encodeSegmentHeader({
    formatVersion: JOURNAL_FORMAT_VERSION,
    commandFormatVersion: COMMAND_FORMAT_VERSION,
    firstSequence,
  });
  await writeFileDurably(join(folder, name), [header]);
  return { name, firstSequence, size: SEGMENT_HEADER_BYTES, marks: [] };
}

async function* readSegment(
  folder: string,
  segment: SegmentState,
  after: number,
  through: number,
): AsyncGenerator<JournalGroup> {
  const path = join(folder, segment.name);
  let from = SEGMENT_HEADER_BYTES;
  for (const mark of segment.marks) {
    if (mark.sequence > after + 1) break;
    from = mark.offset;
  }
  const handle = await open(path, 'r');
  try {
    for await (const record of scanRecords(handle, from, segment.size)) {
      if (record.firstSequence > through) return;
      if (record.count === 0 || record.firstSequence + record.count - 1 <= after) continue;
      yield { firstSequence: record.firstSequence, count: record.count, bytes: record.payload };
    }
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    throw new JournalCorruptError(
      `${path} at byte ${error.offset}: ${error.message}; it was intact when it was opened.`,
    );
  } finally {
    await handle.close();
  }
}

function lastOf(segments: readonly SegmentState[]): SegmentState {
  const segment = segments[segments.length - 1];
  if (segment === undefined) throw new RangeError('a journal has at least one segment');
  return segment;
}
