/** What the journal of a stopped platform says happened: the oracle that no stream had a part in. */
import { FileJournal } from '../../src/adapters/file/file-journal.js';
import type { ExchangeEvent } from '../../src/core/exchange/event.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { replayGroup } from '../../src/engine/replay.js';

export interface JournaledEvents {
  readonly events: readonly ExchangeEvent[];
  readonly reference: ReferenceData;
}

/** Replays the whole journal. */
export async function readJournal(directory: string): Promise<JournaledEvents> {
  const journal = await FileJournal.open({ directory });
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
    await journal.close();
  }
}
