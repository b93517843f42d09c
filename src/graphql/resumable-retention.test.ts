/** A stream that resumes behind what the database has dropped: told by the journal where it reaches, as one gap where not. */
import type { ExchangeEvent } from '../core/exchange/event.js';
import { type EventBatch, HistoryUnavailableError } from '../ports/event-feed.js';
import type { StreamCursor } from './cursor.js';
import { ResumableStream } from './resumable-stream.js';

const LAST = 100;
const GONE_THROUGH = 40;

interface Item {
  readonly sequence: number;
}
interface Gap {
  readonly gap: readonly [number, number];
}

/** @param journalFrom first event that the journal still holds */
function openStream(journalFrom: number, after: number): ResumableStream<Item, Gap> {
  async function* read(from: number, through: number): AsyncGenerator<EventBatch> {
    if (from + 1 < journalFrom) throw new HistoryUnavailableError(journalFrom);
    for (let sequence = from + 1; sequence <= through; sequence += 1) {
      const event = { sequence } as ExchangeEvent;
      yield { firstSequence: sequence, lastSequence: sequence, events: [event] };
    }
  }
  return new ResumableStream<Item, Gap>(
    {
      feed: { read },
      view: { sequence: LAST, whenReached: async () => true },
      listen: () => () => undefined,
      positionOf: ({ sequence }) => ({ sequence, leg: 0 }),
      itemsOf: ({ sequence }) => [{ sequence }],
      fromHistory: async ({ sequence }: StreamCursor, limit) => {
        const from = Math.max(sequence + 1, GONE_THROUGH + 1);
        const records = Array.from({ length: Math.min(limit, LAST - from + 1) }, (_, at) => ({ sequence: from + at }));
        return { records, throughSequence: LAST, goneThrough: GONE_THROUGH };
      },
      gap: (from, to) => ({ gap: [from.sequence, to.sequence] }),
    },
    { after: { sequence: after, leg: 1 } },
  );
}

async function take(stream: ResumableStream<Item, Gap>, count: number): Promise<(Item | Gap)[]> {
  const items: (Item | Gap)[] = [];
  while (items.length < count) {
    const { value, done } = await stream.next();
    if (done === true) break;
    items.push(value);
  }
  await stream.return();
  return items;
}

const sequences = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ sequence: from + at }));

describe('A resumed stream behind the retention of history', () => {
  it('says once what is gone, and delivers the rest', async () => {
    const items = await take(openStream(90, 10), 61);
    expect(items).toEqual([{ gap: [10, GONE_THROUGH] }, ...sequences(GONE_THROUGH + 1, LAST)]);
  });

  it('is whole where the journal holds what the database dropped', async () => {
    expect(await take(openStream(1, 10), 90)).toEqual(sequences(11, LAST));
  });

  it('has no gap where it begins behind what is gone', async () => {
    expect(await take(openStream(90, GONE_THROUGH), 60)).toEqual(sequences(GONE_THROUGH + 1, LAST));
  });
});
