/** What every journal must do; each adapter runs this suite on itself. */
import { type Journal, JournalFailedError, type JournalGroup } from './journal.js';

export interface JournalFixture {
  /** Opens the journal; a second call after `close` finds what the first one wrote. */
  open(): Promise<Journal>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** A group with recognisable bytes. */
export function groupOf(firstSequence: number, count: number, size = 40): JournalGroup {
  const bytes = new Uint8Array(count * size);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (firstSequence * 31 + at * 7) & 0xff;
  return { firstSequence, count, bytes };
}

export async function collect(journal: Journal, after: number): Promise<JournalGroup[]> {
  const groups: JournalGroup[] = [];
  for await (const group of journal.read(after)) {
    groups.push({ firstSequence: group.firstSequence, count: group.count, bytes: new Uint8Array(group.bytes) });
  }
  return groups;
}

export function describeJournal(name: string, createFixture: () => Promise<JournalFixture>): void {
  describe(`${name} as a journal`, () => {
    let fixture: JournalFixture;
    let journal: Journal;
    beforeEach(async () => {
      fixture = await createFixture();
      journal = await fixture.open();
    });
    afterEach(async () => {
      await journal.close();
      await fixture.dispose();
    });
    const reopen = async (): Promise<void> => {
      await journal.close();
      journal = await fixture.open();
    };

    it('is empty at first', async () => {
      expect(journal.lastSequence).toBe(0);
      expect(await collect(journal, 0)).toEqual([]);
      await reopen();
      expect(journal.lastSequence).toBe(0);
    });

    it('gives back every group in order, at once and after reopening', async () => {
      const groups = [groupOf(1, 1), groupOf(2, 300), groupOf(302, 5, 5000), groupOf(307, 1, 3)];
      for (const group of groups) await journal.append(group);
      expect(journal.lastSequence).toBe(307);
      expect(await collect(journal, 0)).toEqual(groups);
      await reopen();
      expect(journal.lastSequence).toBe(307);
      expect(await collect(journal, 0)).toEqual(groups);
      const next = groupOf(308, 2);
      await journal.append(next);
      expect(await collect(journal, 0)).toEqual([...groups, next]);
    });

    it('reads only groups that hold commands behind the given sequence', async () => {
      const groups = [groupOf(1, 10), groupOf(11, 10), groupOf(21, 10)];
      for (const group of groups) await journal.append(group);
      expect(await collect(journal, 9)).toEqual(groups);
      expect(await collect(journal, 10)).toEqual(groups.slice(1));
      expect(await collect(journal, 29)).toEqual(groups.slice(2));
      expect(await collect(journal, 30)).toEqual([]);
      expect(await collect(journal, 1000)).toEqual([]);
    });

    it('takes the bytes at the call, so that the caller may use its buffer again once the append has resolved', async () => {
      const shared = groupOf(1, 4);
      const copy = new Uint8Array(shared.bytes);
      await journal.append(shared);
      shared.bytes.fill(0);
      expect((await collect(journal, 0))[0]?.bytes).toEqual(copy);
    });

    it('refuses a group that leaves a gap, overlaps or is empty, and goes on behind the last one', async () => {
      await journal.append(groupOf(1, 3));
      for (const wrong of [groupOf(5, 1), groupOf(3, 1), groupOf(1, 3), groupOf(4, 0)]) {
        await expect(journal.append(wrong)).rejects.toThrow(RangeError);
      }
      await journal.append(groupOf(4, 1));
      expect(journal.lastSequence).toBe(4);
      expect((await collect(journal, 0)).map((group) => group.firstSequence)).toEqual([1, 4]);
    });

    it('reads what was durable when reading began while appends go on', async () => {
      for (let at = 1; at <= 50; at += 1) await journal.append(groupOf(at, 1));
      const seen: number[] = [];
      let next = 51;
      for await (const group of journal.read(0)) {
        seen.push(group.firstSequence);
        if (next <= 60) await journal.append(groupOf(next, 1));
        next += 1;
      }
      expect(seen).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
      expect(journal.lastSequence).toBe(60);
    });

    it('refuses to append once it is closed', async () => {
      await journal.append(groupOf(1, 1));
      await journal.close();
      await expect(journal.append(groupOf(2, 1))).rejects.toThrow(JournalFailedError);
      await journal.close();
    });
  });
}
