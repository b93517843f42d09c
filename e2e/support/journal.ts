/** What the journal of a stopped platform says happened: the oracle that no stream had a part in. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectoryDurably } from '../../src/adapters/file/durable-files.js';
import { FileJournal } from '../../src/adapters/file/file-journal.js';
import { FileSnapshotStore } from '../../src/adapters/file/file-snapshot-store.js';
import { encodeSegmentHeader, JOURNAL_FORMAT_VERSION } from '../../src/adapters/file/journal-format.js';
import { segmentName } from '../../src/adapters/file/journal-inspection.js';
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded.js';
import { PostgresJournal } from '../../src/adapters/postgres/postgres-journal.js';
import { COMMAND_FORMAT_VERSION } from '../../src/core/exchange/command-codec.js';
import type { ExchangeEvent } from '../../src/core/exchange/event.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { replayGroup } from '../../src/engine/replay.js';
import type { Journal, JournalGroup } from '../../src/ports/journal.js';
import type { SnapshotInfo } from '../../src/ports/snapshot-store.js';
import { AS_SERVICES } from './platform.js';

export interface JournaledEvents {
  readonly events: readonly ExchangeEvent[];
  readonly reference: ReferenceData;
}

/** Replays the whole journal. */
export async function readJournal(directory: string): Promise<JournaledEvents> {
  const { journal, close } = await openJournal(directory);
  try {
    const exchange = new Exchange();
    const reference = new ReferenceData();
    const events: ExchangeEvent[] = [];
    for await (const group of journal.read(0)) {
      for (const _ of replayGroup(exchange, group)) {
        for (const event of exchange.takeEvents()) {
          reference.apply(event);
          events.push(event);
        }
      }
    }
    return { events, reference };
  } finally {
    await close();
  }
}

/** The file journal of the embedded platform, or the rows that the services left in their database. */
async function openJournal(directory: string): Promise<{ journal: Journal; close: () => Promise<void> }> {
  if (!AS_SERVICES) {
    const journal = await FileJournal.open({ directory });
    return { journal, close: () => journal.close() };
  }
  const postgres = await startEmbeddedPostgres({ dataDir: directory, log: () => undefined });
  const journal = await PostgresJournal.open({ url: postgres.url, log: () => undefined });
  return {
    journal,
    close: async () => {
      await journal.close();
      await postgres.stop();
    },
  };
}

/** The oldest snapshot of the embedded platform; null while there is none. */
export async function oldestSnapshot(directory: string): Promise<SnapshotInfo | null> {
  const store = await FileSnapshotStore.open({ directory });
  return (await store.list())[0] ?? null;
}

/** Lets the file journal of a stopped platform begin behind its oldest snapshot, as an operator short of disk would. */
export async function trimJournal(directory: string): Promise<void> {
  const snapshot = await oldestSnapshot(directory);
  if (snapshot === null) throw new Error(`no snapshot in ${directory}`);
  const whole = await FileJournal.open({ directory });
  const kept: JournalGroup[] = [];
  for await (const group of whole.read(snapshot.commandSequence)) kept.push({ ...group, bytes: group.bytes.slice() });
  await whole.close();
  const firstSequence = kept[0]?.firstSequence ?? snapshot.commandSequence + 1;
  const folder = join(directory, 'journal');
  await rm(folder, { recursive: true });
  await makeDirectoryDurably(folder);
  const versions = { formatVersion: JOURNAL_FORMAT_VERSION, commandFormatVersion: COMMAND_FORMAT_VERSION };
  await writeFile(join(folder, segmentName(firstSequence)), encodeSegmentHeader({ ...versions, firstSequence }));
  const trimmed = await FileJournal.open({ directory });
  for (const group of kept) await trimmed.append(group);
  await trimmed.close();
}
