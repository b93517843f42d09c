/**
 * Checks a journal before anything starts on it: every header, checksum and sequence of every segment.
 *
 * A torn tail is what one interrupted append can leave: bytes at the end of the last segment, no longer than one
 * record, with no intact record header in or behind them. It was never acknowledged and is cut off. Everything else
 * that does not read is damage to what was acknowledged.
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_FORMAT_VERSION } from '../../core/exchange/command-codec.js';
import { JournalCorruptError } from '../../ports/journal.js';
import type { Log } from '../../ports/log.js';
import {
  decodeSegmentHeader,
  JOURNAL_FORMAT_VERSION,
  MAX_PAYLOAD_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from './journal-format.js';
import { BadRecordError, findRecordHeader, readAt, type SegmentRecord, scanRecords } from './journal-segment.js';

/** Distance of the marks from which reading can begin within a segment. */
const MARK_BYTES = 1024 * 1024;

/** What the journal knows of a segment. */
export interface SegmentState {
  /** File name. */
  readonly name: string;
  readonly firstSequence: number;
  /** Bytes up to the end of the last durable record. */
  size: number;
  /** Some records by sequence and offset, rising, about one a MARK_BYTES. */
  readonly marks: { readonly sequence: number; readonly offset: number }[];
}

export interface Inspection {
  readonly segments: SegmentState[];
  /** Last command in the journal; 0 when empty. */
  readonly lastSequence: number;
  /** False when the last record is a group: the journal was not closed in order. */
  readonly closedInOrder: boolean;
}

/** Name of the segment that begins with a command: its sequence in 16 digits, so that names sort as sequences do. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.journal`;
}

/** Remembers the record as a place to begin reading, when the last such place is far enough. */
export function addMark(segment: SegmentState, sequence: number, offset: number): void {
  const last = segment.marks[segment.marks.length - 1];
  if (last === undefined || offset - last.offset >= MARK_BYTES) segment.marks.push({ sequence, offset });
}

/**
 * Reads and checks every segment in the folder; cuts a torn tail and makes the last segment durable.
 * @throws JournalCorruptError naming file, offset and what to do
 */
export async function inspectSegments(folder: string, log: Log): Promise<Inspection> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.journal')).sort();
  const segments: SegmentState[] = [];
  let next: number | null = null;
  let closedInOrder = true;
  for (const [at, name] of names.entries()) {
    const inspected = await inspectSegment(join(folder, name), name, next, at === names.length - 1, log);
    segments.push(inspected.segment);
    next = inspected.next;
    closedInOrder = inspected.closedInOrder;
  }
  if (segments[0] !== undefined && segments[0].firstSequence !== 1) {
    log('warn', 'the journal no longer reaches back to its first command', { from: segments[0].firstSequence });
  }
  return { segments, lastSequence: (next ?? 1) - 1, closedInOrder };
}

interface InspectedSegment {
  readonly segment: SegmentState;
  /** Sequence that the next group must have. */
  readonly next: number;
  readonly closedInOrder: boolean;
}

async function inspectSegment(
  path: string,
  name: string,
  expected: number | null,
  isLast: boolean,
  log: Log,
): Promise<InspectedSegment> {
  const handle = await open(path, isLast ? 'r+' : 'r');
  try {
    const firstSequence = await readHeader(handle, path);
    if (segmentName(firstSequence) !== name) throw corrupt(path, 0, `it begins with command ${firstSequence}`);
    if (expected !== null && firstSequence !== expected) {
      throw corrupt(path, 0, `it begins with command ${firstSequence}, the segment before it ends before ${expected}`);
    }
    const segment: SegmentState = { name, firstSequence, size: SEGMENT_HEADER_BYTES, marks: [] };
    const fileBytes = (await handle.stat()).size;
    let next = firstSequence;
    let closedInOrder = true;
    try {
      for await (const record of scanRecords(handle, SEGMENT_HEADER_BYTES, fileBytes)) {
        checkSequence(record, next, path);
        if (record.count > 0) addMark(segment, record.firstSequence, record.offset);
        next += record.count;
        closedInOrder = record.count === 0;
        segment.size = record.offset + RECORD_HEADER_BYTES + record.payloadBytes;
      }
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error;
      await assertTornTail(handle, path, error, fileBytes, isLast);
      await handle.truncate(error.offset);
      closedInOrder = false;
      log('warn', 'cut off an append that a crash had interrupted; none of it was answered', {
        file: path,
        offset: error.offset,
        bytes: fileBytes - error.offset,
      });
    }
    // What a killed process had written may be in the page cache only.
    if (isLast) await handle.sync();
    return { segment, next, closedInOrder };
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: FileHandle, path: string): Promise<number> {
  const header = decodeSegmentHeader(await readAt(handle, 0, SEGMENT_HEADER_BYTES));
  if (typeof header === 'string') throw corrupt(path, 0, header);
  if (header.formatVersion !== JOURNAL_FORMAT_VERSION || header.commandFormatVersion !== COMMAND_FORMAT_VERSION) {
    throw new JournalCorruptError(
      `${path} is in format ${header.formatVersion}.${header.commandFormatVersion}, this version reads and writes ` +
        `${JOURNAL_FORMAT_VERSION}.${COMMAND_FORMAT_VERSION}. Start the version that wrote it, or use another data folder.`,
    );
  }
  return header.firstSequence;
}

function checkSequence(record: SegmentRecord, expected: number, path: string): void {
  if (record.firstSequence === expected) return;
  throw corrupt(path, record.offset, `the record begins with command ${record.firstSequence} instead of ${expected}`);
}

/** @throws JournalCorruptError when the bad record can't be what an interrupted append left */
async function assertTornTail(
  handle: FileHandle,
  path: string,
  bad: BadRecordError,
  fileBytes: number,
  isLast: boolean,
): Promise<void> {
  if (!isLast) throw corrupt(path, bad.offset, `${bad.message}, and later segments follow`);
  if (fileBytes - bad.offset > RECORD_HEADER_BYTES + MAX_PAYLOAD_BYTES) {
    throw corrupt(path, bad.offset, `${bad.message}, and more follows than one append writes`);
  }
  const behind = await findRecordHeader(handle, bad.offset + 1, fileBytes);
  if (behind >= 0) throw corrupt(path, bad.offset, `${bad.message}, and an intact record follows at byte ${behind}`);
}

function corrupt(path: string, offset: number, problem: string): JournalCorruptError {
  return new JournalCorruptError(
    `${path} is damaged at byte ${offset}: ${problem}. Nothing was changed. Answered commands may be lost here: ` +
      'put this file back from a backup or a copy, then start again.',
  );
}
