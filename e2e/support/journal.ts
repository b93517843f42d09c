/** What the journal of a stopped platform says happened: the oracle that no stream had a part in. */
import { FileJournal } from '../../src/adapters/file/file-journal.js';
import { startEmbeddedPostgres } from '../../src/adapters/postgres/embedded.js';
import { PostgresJournal } from '../../src/adapters/postgres/postgres-journal.js';
import type { ExchangeEvent } from '../../src/core/exchange/event.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { replayGroup } from '../../src/engine/replay.js';
import type { Journal } from '../../src/ports/journal.js';
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
