/**
 * Reads a journal's files as they are: nothing is locked, cut or mended, so that a running platform's journal, a copy and a
 * damaged one can be looked at alike. What an interrupted append left at the end is told, not read.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_FORMAT_VERSION } from '../../core/exchange/command-codec.js';
import { JournalCorruptError, type JournalGroup } from '../../ports/journal.js';
import { decodeSegmentHeader, JOURNAL_FORMAT_VERSION, SEGMENT_HEADER_BYTES } from './journal-format.js';
import { segmentName } from './journal-inspection.js';
import { BadRecordError, readAt, scanRecords } from './journal-segment.js';

/** A group with the place where it stands. */
export interface StoredGroup extends JournalGroup {
  readonly file: string;
  readonly offset: number;
}

export interface TornTail {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly problem: string;
}

/**
 * Yields every group, oldest first, each checked by its checksum and sequence.
 * @param onTorn told of what an append under way or interrupted left at the end
 * @throws JournalCorruptError naming file and offset where the journal does not read, or has a gap
 */
export async function* readJournalFiles(
  directory: string,
  onTorn: (tail: TornTail) => void = () => undefined,
): AsyncGenerator<StoredGroup> {
  const folder = join(directory, 'journal');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.journal')).sort();
  let next: number | null = null;
  for (const [at, name] of names.entries()) {
    const file = join(folder, name);
    const handle = await open(file, 'r');
    try {
      const first = await firstSequenceOf(file, name, await readAt(handle, 0, SEGMENT_HEADER_BYTES));
      if (next !== null && first !== next) throw damaged(file, 0, `it begins with command ${first} instead of ${next}`);
      let expected: number = first;
      const { size } = await handle.stat();
      try {
        for await (const record of scanRecords(handle, SEGMENT_HEADER_BYTES, size)) {
          const { firstSequence, count, payload, offset } = record;
          if (firstSequence !== expected)
            throw damaged(file, offset, `command ${firstSequence} in place of ${expected}`);
          if (count > 0) yield { file, offset, firstSequence, count, bytes: payload };
          expected += count;
        }
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error;
        if (at < names.length - 1) throw damaged(file, error.offset, `${error.message}, and later segments follow`);
        onTorn({ file, offset: error.offset, bytes: size - error.offset, problem: error.message });
      }
      next = expected;
    } finally {
      await handle.close();
    }
  }
}

async function firstSequenceOf(file: string, name: string, bytes: Buffer): Promise<number> {
  const header = decodeSegmentHeader(bytes);
  if (typeof header === 'string') throw damaged(file, 0, header);
  const { formatVersion, commandFormatVersion, firstSequence } = header;
  if (formatVersion !== JOURNAL_FORMAT_VERSION || commandFormatVersion !== COMMAND_FORMAT_VERSION) {
    throw damaged(
      file,
      0,
      `it is in format ${formatVersion}.${commandFormatVersion}, which this version does not read`,
    );
  }
  if (segmentName(firstSequence) !== name) throw damaged(file, 0, `it begins with command ${firstSequence}`);
  return firstSequence;
}

function damaged(file: string, offset: number, problem: string): JournalCorruptError {
  return new JournalCorruptError(`${file} is damaged at byte ${offset}: ${problem}`);
}
