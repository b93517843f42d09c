import { describeJournal, groupOf } from '../../ports/journal.contract.js';
import { JournalCorruptError, JournalDeposedError, JournalFailedError } from '../../ports/journal.js';
import { describeSnapshotStore } from '../../ports/snapshot-store.contract.js';
import { applyMigrations } from './migrate.js';
import { PostgresJournal } from './postgres-journal.js';
import { PostgresLease } from './postgres-lease.js';
import { PostgresSnapshotStore } from './postgres-snapshot-store.js';
import { query, silent, startTestServer, type TestServer } from './testing/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function migrated(): Promise<string> {
  const url = await server.createDatabase();
  await applyMigrations(url, silent);
  return url;
}

/** Takes the lead from whoever has it. */
async function takeLead(lease: PostgresLease, holder: string): Promise<number> {
  const epoch = await lease.take(await lease.read(), holder);
  if (epoch === null) throw new Error('the lease moved meanwhile');
  return epoch;
}

async function openLeading(url: string, lease: PostgresLease, holder = 'a'): Promise<PostgresJournal> {
  const journal = await PostgresJournal.open({ url, log: silent });
  await journal.lead(await takeLead(lease, holder));
  return journal;
}

describeJournal('PostgreSQL', async () => {
  const url = await migrated();
  const lease = new PostgresLease({ url, log: silent });
  return { open: () => openLeading(url, lease), dispose: () => lease.close() };
});

describeSnapshotStore('PostgreSQL', async () => {
  const url = await migrated();
  const stores: PostgresSnapshotStore[] = [];
  return {
    open: () => {
      const store = new PostgresSnapshotStore({ url, log: silent });
      stores.push(store);
      return Promise.resolve(store);
    },
    dispose: async () => {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
});

describe('The journal in PostgreSQL', () => {
  let url: string;
  let lease: PostgresLease;
  const journals: PostgresJournal[] = [];
  const lead = async (holder: string) => {
    const journal = await openLeading(url, lease, holder);
    journals.push(journal);
    return journal;
  };
  beforeEach(async () => {
    url = await migrated();
    lease = new PostgresLease({ url, log: silent });
  });
  afterEach(async () => {
    await Promise.all([...journals.splice(0).map((journal) => journal.close()), lease.close()]);
  });

  it('lets a deposed leader write nothing, which then refuses for ever', async () => {
    const old = await lead('a');
    await old.append(groupOf(1, 3));
    const next = await lead('b');
    expect(next.lastSequence).toBe(3);
    await expect(old.append(groupOf(4, 1))).rejects.toThrow(JournalDeposedError);
    await next.append(groupOf(4, 2));
    await expect(old.append(groupOf(4, 1))).rejects.toThrow(JournalFailedError);
    expect(await next.refresh()).toBe(5);
  });

  it('lets through one of an append and a takeover that meet, and the new leader sees what was written', async () => {
    for (let round = 0; round < 25; round += 1) {
      const old = await lead(`old ${round}`);
      const first = old.lastSequence + 1;
      const [written, taken] = await Promise.allSettled([old.append(groupOf(first, 1)), lead(`new ${round}`)]);
      if (taken.status === 'rejected') throw taken.reason;
      const expected = written.status === 'fulfilled' ? first : first - 1;
      expect(taken.value.lastSequence).toBe(expected);
      await taken.value.append(groupOf(expected + 1, 1));
      await Promise.all(journals.splice(0).map((journal) => journal.close()));
    }
  });

  it('writes nothing before it leads', async () => {
    const journal = await PostgresJournal.open({ url, log: silent });
    journals.push(journal);
    await expect(journal.append(groupOf(1, 1))).rejects.toThrow('does not lead');
  });

  it('takes a group that is there from a try whose answer was lost, and refuses another in its place', async () => {
    const journal = await lead('a');
    const { bytes } = groupOf(1, 2);
    const [row] = await query(url, 'SELECT epoch FROM engine_lease');
    const insert = 'INSERT INTO engine_journal SELECT $1, 2, $2, 1, 0, $3';
    await query(url, insert, [1, row?.epoch, Buffer.from(bytes)]);
    await journal.append(groupOf(1, 2));
    await query(url, insert, [3, row?.epoch, Buffer.from('something else')]);
    await expect(journal.append(groupOf(3, 2))).rejects.toThrow('somebody else wrote to it');
  });

  it('goes on when its connection is cut while it writes', async () => {
    const journal = await lead('a');
    for (let at = 1; at <= 20; at += 1) {
      const append = journal.append(groupOf(at, 1));
      if (at % 4 === 0) {
        await query(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradsys journal'`,
        );
      }
      await append;
    }
    const seen: number[] = [];
    for await (const group of journal.read(0)) seen.push(group.firstSequence);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it('tells a damaged row, a missing row and a foreign format from what it wrote', async () => {
    const journal = await lead('a');
    for (const first of [1, 2, 3]) await journal.append(groupOf(first, 1));
    const readAll = async () => {
      for await (const _ of journal.read(0));
    };
    await query(
      url,
      'UPDATE engine_journal SET bytes = set_bit(bytes, 77, 1 - get_bit(bytes, 77)) WHERE first_sequence = 2',
    );
    await expect(readAll()).rejects.toThrow('commands 2 to 2 in PostgreSQL is damaged');
    await query(url, 'DELETE FROM engine_journal WHERE first_sequence = 3');
    await expect(readAll()).rejects.toThrow(JournalCorruptError);
    await query(url, 'UPDATE engine_journal SET format = 99');
    await expect(PostgresJournal.open({ url, log: silent })).rejects.toThrow(
      'has format 99, this version reads 1: start',
    );
  });
});

describe('The lease in PostgreSQL', () => {
  it('has one holder, is taken only as it was seen, and knows its journal', async () => {
    const url = await migrated();
    const lease = new PostgresLease({ url, log: silent });
    try {
      const free = await lease.read();
      expect(free).toMatchObject({ epoch: 0, holder: '' });
      const taken = await Promise.all([lease.take(free, 'a'), lease.take(free, 'b')]);
      expect(taken.filter((epoch) => epoch !== null)).toEqual([1]);
      const seen = await lease.read();
      expect(seen.journalId).toBe(free.journalId);
      expect(await lease.renew(1)).toBe(true);
      expect(await lease.take(seen, 'c')).toBeNull();
      expect(await lease.take(await lease.read(), 'c')).toBe(2);
      expect(await lease.renew(1)).toBe(false);
      await lease.release(1);
      expect((await lease.read()).holder).toBe('c');
      await lease.release(2);
      expect((await lease.read()).holder).toBe('');
    } finally {
      await lease.close();
    }
  });
});
