import { cp, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, describeJournal, groupOf } from '../../ports/journal.contract.js';
import { JournalCorruptError, JournalFailedError } from '../../ports/journal.js';
import { DirectoryInUseError } from './directory-lock.js';
import { FileJournal, type FileJournalOptions } from './file-journal.js';
import { encodeSegmentHeader, RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './journal-format.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-journal-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

for (const [name, segmentBytes] of [
  ['a file journal in one segment', undefined],
  ['a file journal with a segment for every group', 1],
] as const) {
  describeJournal(name, async () => ({
    open: () => FileJournal.open({ directory, ...(segmentBytes === undefined ? {} : { segmentBytes }) }),
    dispose: async () => undefined,
  }));
}

const folder = (): string => join(directory, 'journal');
async function segmentPaths(): Promise<string[]> {
  return (await readdir(folder())).sort().map((name) => join(folder(), name));
}
async function lastSegment(): Promise<string> {
  return (await segmentPaths()).at(-1) ?? '';
}

/** Writes the groups and leaves the files as a killed process would: with no mark of an orderly close. */
async function leaveBehind(counts: readonly number[], options: Partial<FileJournalOptions> = {}): Promise<void> {
  const journal = await FileJournal.open({ ...options, directory });
  for (const count of counts) await journal.append(groupOf(journal.lastSequence + 1, count));
  const copy = `${directory}.copy`;
  await cp(folder(), copy, { recursive: true });
  await journal.close();
  await rm(folder(), { recursive: true });
  await rename(copy, folder());
}

async function failureOf(action: Promise<unknown>): Promise<Error> {
  const failure: unknown = await action.then(() => null).catch((error: unknown) => error);
  if (!(failure instanceof Error)) throw new Error('it succeeded');
  return failure;
}

describe('file journal after a crash', () => {
  it('cuts off the last record wherever it was torn, keeps every record before it and goes on behind them', async () => {
    await leaveBehind([1, 2, 3]);
    const path = await lastSegment();
    const whole = await readFile(path);
    const lastRecord = whole.length - RECORD_HEADER_BYTES - 3 * 40;
    for (let length = lastRecord; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      const warnings: unknown[] = [];
      const journal = await FileJournal.open({ directory, log: (level, _, fields) => warnings.push([level, fields]) });
      expect(journal.lastSequence).toBe(3);
      expect((await stat(path)).size).toBe(lastRecord);
      expect(warnings).toEqual(
        length === lastRecord ? [] : [['warn', { file: path, offset: lastRecord, bytes: length - lastRecord }]],
      );
      await journal.append(groupOf(4, 1));
      expect((await collect(journal, 0)).map((group) => group.count)).toEqual([1, 2, 1]);
      await journal.close();
    }
  });

  it('cuts off a record whose length reached the disk before its content', async () => {
    await leaveBehind([1, 2]);
    const path = await lastSegment();
    const whole = await readFile(path);
    const keep = SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES + 40;
    for (const from of [keep, keep + 10, keep + RECORD_HEADER_BYTES, whole.length - 1]) {
      await writeFile(path, Buffer.from(whole).fill(0, from));
      const journal = await FileJournal.open({ directory });
      expect(journal.lastSequence).toBe(1);
      await journal.close();
    }
  });

  it('forgets a segment that got no name yet', async () => {
    await leaveBehind([1]);
    await writeFile(join(folder(), '0000000000000002.journal.tmp'), 'half a hea');
    const journal = await FileJournal.open({ directory });
    expect(journal.lastSequence).toBe(1);
    expect(await readdir(folder())).toEqual(['0000000000000001.journal']);
    await journal.close();
  });
});

describe('file journal that is damaged', () => {
  it('refuses one flipped bit anywhere before the last record, names file and offset, and changes nothing', async () => {
    await leaveBehind([1, 2, 1]);
    const path = await lastSegment();
    const whole = await readFile(path);
    const lastRecord = whole.length - RECORD_HEADER_BYTES - 40;
    for (let at = 0; at < lastRecord; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, damaged);
      const failure = await failureOf(FileJournal.open({ directory }));
      expect(failure).toBeInstanceOf(JournalCorruptError);
      expect(failure.message).toContain(path);
      expect(await readFile(path)).toEqual(damaged);
    }
  });

  it('refuses damage to the last record too when the journal was closed in order', async () => {
    const journal = await FileJournal.open({ directory });
    await journal.append(groupOf(1, 1));
    await journal.append(groupOf(2, 1));
    await journal.close();
    const path = await lastSegment();
    const whole = await readFile(path);
    for (let at = SEGMENT_HEADER_BYTES; at < whole.length - RECORD_HEADER_BYTES; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      await writeFile(path, damaged);
      expect(await failureOf(FileJournal.open({ directory }))).toBeInstanceOf(JournalCorruptError);
    }
  });

  it('refuses a cut or missing segment before the last one', async () => {
    await leaveBehind([1, 2, 1], { segmentBytes: 1 });
    const [first = '', second = ''] = await segmentPaths();
    await truncate(first, (await stat(first)).size - 1);
    expect((await failureOf(FileJournal.open({ directory }))).message).toMatch(/later segments follow/);
    await rm(first);
    const journal = await FileJournal.open({ directory });
    expect((await collect(journal, 0)).map((group) => group.firstSequence)).toEqual([2, 4]);
    await journal.close();
    await leaveBehind([1], { segmentBytes: 1 });
    await rm((await segmentPaths())[1] ?? second);
    expect(await failureOf(FileJournal.open({ directory }))).toBeInstanceOf(JournalCorruptError);
  });

  it('refuses another format and says which version it needs', async () => {
    await leaveBehind([1]);
    const header = { formatVersion: 9, commandFormatVersion: 1, firstSequence: 1 };
    await writeFile(await lastSegment(), encodeSegmentHeader(header));
    const failure = await failureOf(FileJournal.open({ directory }));
    expect(failure).toBeInstanceOf(JournalCorruptError);
    expect(failure.message).toMatch(/format 9\.1.*Start the version that wrote it/);
  });

  it('refuses damage that appears while it is open when it reads there', async () => {
    const journal = await FileJournal.open({ directory });
    await journal.append(groupOf(1, 1));
    await journal.append(groupOf(2, 1));
    const path = await lastSegment();
    const bytes = await readFile(path);
    bytes[SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES] = (bytes[SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(collect(journal, 0)).rejects.toThrow(JournalCorruptError);
    await journal.close();
  });
});

describe('file journal that can not write', () => {
  it('fails the append and every later one, even when writing would work again', async () => {
    const journal = await FileJournal.open({ directory, segmentBytes: 1 });
    await journal.append(groupOf(1, 1));
    await rename(folder(), `${folder()}.gone`);
    const failure = await failureOf(journal.append(groupOf(2, 1)));
    expect(failure).toBeInstanceOf(JournalFailedError);
    expect(failure.message).toMatch(/Check the disk and its free space/);
    await rename(`${folder()}.gone`, folder());
    await expect(journal.append(groupOf(2, 1))).rejects.toThrow(JournalFailedError);
    expect(journal.lastSequence).toBe(1);
    await journal.close();
  });

  it('stops writing when its lock is taken away', async () => {
    const journal = await FileJournal.open({ directory });
    await journal.append(groupOf(1, 1));
    await rm(join(directory, 'lock'));
    let failure: unknown = null;
    for (let attempt = 0; attempt < 60 && failure === null; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      failure = await journal.append(groupOf(journal.lastSequence + 1, 1)).then(
        () => null,
        (error: unknown) => error,
      );
    }
    expect(failure).toBeInstanceOf(JournalFailedError);
    await journal.close();
  });

  it('lets no second writer into the folder until it is closed', async () => {
    const journal = await FileJournal.open({ directory });
    const failure = await failureOf(FileJournal.open({ directory }));
    expect(failure).toBeInstanceOf(DirectoryInUseError);
    expect(failure.message).toContain(`process ${process.pid}`);
    await journal.close();
    await (await FileJournal.open({ directory })).close();
  });
});
