import { type ExecutionResult, parse, subscribe } from 'graphql';
import type { RequestContext } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { type EventBatch, type EventFeed, HistoryUnavailableError } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createRiskSubgraph } from './subgraph.js';

const ALICE: RequestContext = { identity: { userId: 'alice', scopes: new Set(['risk:read']) }, requestId: 'test' };
const POSITIONS = /* GraphQL */ `
  subscription ($after: Cursor, $flow: FlowControl) {
    positions(accountId: "alice", after: $after, flow: $flow) { cursor qty instrument { symbol } }
  }
`;

interface PositionItem {
  readonly cursor: string | null;
  readonly qty: string;
  readonly instrument: { readonly symbol: string };
}

describe('streams of positions', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;
  let journalFrom: number;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    journalFrom = 1;
    const feed: EventFeed = {
      get lastSequence() {
        return venue.lastSequence;
      },
      follow: (consumer) => venue.follow(consumer),
      async *read(after: number, through: number): AsyncIterable<EventBatch> {
        if (after + 1 < journalFrom) throw new HistoryUnavailableError(journalFrom);
        yield* venue.read(after, through);
      },
    };
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createRiskSubgraph({ engine: venue, feed, history });
    await subgraph.start();
  });

  afterEach(() => subgraph.stop());

  /** Alice sells one share of each instrument. */
  function sell(instrument = 0): void {
    venue.place(2, instrument, 'BUY', 1, 6000);
    venue.place(1, instrument, 'SELL', 1, 6000);
  }

  async function open(variableValues: Record<string, unknown> = {}) {
    const result = await subscribe({
      schema: subgraph.schema,
      document: parse(POSITIONS),
      variableValues,
      contextValue: ALICE,
    });
    if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result.errors));
    const stream = result as AsyncGenerator<ExecutionResult>;
    const next = async (): Promise<PositionItem> => {
      const { value } = await stream.next();
      expect(value?.errors).toBeUndefined();
      return JSON.parse(JSON.stringify(value.data.positions)) as PositionItem;
    };
    return { next, stream, close: () => stream.return(undefined) };
  }

  it('begin with every position as it is, of which only the last carries a cursor', async () => {
    sell(0);
    const { next, close } = await open();
    expect(await next()).toEqual({ cursor: null, qty: '9999', instrument: { symbol: 'KO' } });
    const last = await next();
    expect(last).toEqual({ cursor: expect.any(String), qty: '10000', instrument: { symbol: 'PEP' } });
    await close();
    sell(0);
    const resumed = await open({ after: last.cursor });
    expect(await resumed.next()).toMatchObject({ qty: '9998', instrument: { symbol: 'KO' } });
    await resumed.close();
  });

  it('tell every change behind a cursor, none twice, also when the view was interrupted', async () => {
    const first = await open();
    await first.next();
    await first.next();
    sell();
    const { cursor } = await first.next();
    for (let n = 0; n < 20; n += 1) sell(n % 2);
    const resumed = await open({ after: cursor });
    const seen: string[] = [];
    for (let n = 0; n < 10; n += 1) seen.push((await resumed.next()).qty);
    venue.resync();
    for (let n = 0; n < 5; n += 1) sell();
    for (let n = 0; n < 15; n += 1) seen.push((await resumed.next()).qty);
    const expected = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 9998 - n / 2 : 9999 - (n - 1) / 2));
    expect(seen).toEqual([...expected, 9988, 9987, 9986, 9985, 9984].map(String));
    await resumed.close();
    await first.close();
  });

  it('end with STREAM_GAP where the changes behind the cursor are no longer kept', async () => {
    const first = await open();
    await first.next();
    const { cursor } = await first.next();
    await first.close();
    for (let n = 0; n < 5; n += 1) sell();
    journalFrom = venue.events.length;
    const { stream } = await open({ after: cursor });
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'STREAM_GAP', after: cursor } });
  });

  it('close a subscriber behind its own maxBuffer with SLOW_CONSUMER', async () => {
    const { next, stream } = await open({ flow: { maxBuffer: 1 } });
    await next();
    await next();
    for (let n = 0; n < 3; n += 1) sell();
    expect(await next()).toMatchObject({ qty: '9999' });
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER' } });
  });
});
