import { type ExecutionResult, parse, subscribe } from 'graphql';
import type { RequestContext } from '../../src/graphql/context.js';
import { encodeStreamCursor } from '../../src/graphql/cursor.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { type EventBatch, type EventFeed, HistoryUnavailableError } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import { seededRandom } from '../../src/testing/random.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

const PUBLIC: RequestContext = { identity: null, requestId: 'test' };
const TRADES = /* GraphQL */ `
  subscription ($symbols: [ID!]!, $after: Cursor, $flow: FlowControl) {
    trades(symbols: $symbols, after: $after, flow: $flow) { cursor id symbol px qty sequence }
  }
`;

interface TradeItem {
  readonly cursor: string;
  readonly id: string;
  readonly symbol: string;
  readonly sequence: number;
}

describe('market data streams', () => {
  let venue: TestVenue;
  let history: RecordedHistory;
  let subgraph: Subgraph;
  let journalFrom: number;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    history = new RecordedHistory(venue.events);
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
    subgraph = await createMarketDataSubgraph({ engine: venue, feed, history: history as unknown as History });
    await subgraph.start();
  });

  afterEach(() => subgraph.stop());

  function trade(instrument = 0, qtyLots = 1): void {
    venue.nowUs += 1000;
    venue.place(1, instrument, 'SELL', qtyLots, 6000);
    venue.place(2, instrument, 'BUY', qtyLots, 6000);
  }

  async function open<T>(source: string, variableValues: Record<string, unknown> = {}) {
    const schema = subgraph.schema;
    const result = await subscribe({ schema, document: parse(source), variableValues, contextValue: PUBLIC });
    if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result.errors));
    const stream = result as AsyncGenerator<ExecutionResult>;
    const next = async (): Promise<T> => {
      const { value, done } = await stream.next();
      if (done === true) throw new Error('the stream ended');
      expect(value.errors).toBeUndefined();
      return JSON.parse(JSON.stringify(Object.values(value.data as object)[0])) as T;
    };
    return { next, stream, close: () => stream.return(undefined) };
  }

  const tradesOf = (...instruments: number[]) =>
    venue.events.flatMap((event) =>
      event.type === 'OrdersTraded' && instruments.includes(event.instrument) ? [event.sequence] : [],
    );

  it('resumes trades behind any cursor, whatever history has reached and whatever happens meanwhile', async () => {
    const random = seededRandom(3);
    for (let n = 0; n < 60; n += 1) trade(n % 3 === 0 ? 1 : 0);
    for (let round = 0; round < 40; round += 1) {
      const sequences = tradesOf(0, 1);
      const from = sequences[Math.floor(random() * sequences.length)] ?? 0;
      history.reached = Math.max(0, venue.events.length - Math.floor(random() * 200));
      history.reachable = random() < 0.8;
      // Where history is there, the journal may have let go of all that history holds.
      journalFrom = history.reachable && random() < 0.5 ? history.reached + 1 : 1;
      let reads = 0;
      history.onRead = () => {
        reads += 1;
        if (reads <= 2) trade(Math.floor(random() * 2));
      };
      const trades = await open<TradeItem>(TRADES, { symbols: ['KO', 'PEP'], after: encodeStreamCursor(from, 0) });
      const received: number[] = [];
      const owed = () => tradesOf(0, 1).filter((sequence) => sequence > from);
      for (let step = 0; step < 4; step += 1) {
        if (random() < 0.3) venue.resync();
        trade(step % 2);
        const count = Math.floor(random() * (owed().length - received.length + 1));
        for (let n = 0; n < count; n += 1) received.push((await trades.next()).sequence);
      }
      while (received.length < owed().length) received.push((await trades.next()).sequence);
      expect(received).toEqual(owed());
      await trades.close();
    }
  });

  it('gives each trade the cursor behind which a stream goes on, of the symbols asked for only', async () => {
    const first = await open<TradeItem>(TRADES, { symbols: ['PEP'] });
    trade(0);
    trade(1);
    const { cursor, symbol } = await first.next();
    expect(symbol).toBe('PEP');
    await first.close();
    trade(1);
    trade(0);
    const second = await open<TradeItem>(TRADES, { symbols: ['PEP'], after: cursor });
    expect((await second.next()).sequence).toBe(tradesOf(1)[1]);
    trade(1);
    expect((await second.next()).sequence).toBe(tradesOf(1)[2]);
    await second.close();
  });

  it('ends with STREAM_GAP where neither history nor journal holds the trades, and goes on behind it', async () => {
    for (let n = 0; n < 5; n += 1) trade();
    const [from = 0] = tradesOf(0);
    history.reached = from;
    journalFrom = tradesOf(0)[3] ?? 0;
    const broken = await open<TradeItem>(TRADES, { symbols: ['KO'], after: encodeStreamCursor(from, 0) });
    const error = await broken.stream.next().then(
      () => null,
      (reason: { extensions: { code: string; cursor: string } }) => reason,
    );
    expect(error?.extensions.code).toBe('STREAM_GAP');
    const resumed = await open<TradeItem>(TRADES, { symbols: ['KO'], after: error?.extensions.cursor });
    expect((await resumed.next()).sequence).toBe(tradesOf(0).find((sequence) => sequence >= journalFrom));
    await resumed.close();
  });

  it('says STREAM_GAP where trades passed their retention and the journal begins behind them, and passes nothing over', async () => {
    for (let n = 0; n < 5; n += 1) trade();
    const sequences = tradesOf(0);
    const [from = 0, , kept = 0] = sequences;
    history.tradesGoneThrough = kept - 1;
    const whole = await open<TradeItem>(TRADES, { symbols: ['KO'], after: encodeStreamCursor(from, 0) });
    expect((await whole.next()).sequence).toBe(sequences[1]);
    await whole.close();
    journalFrom = kept;
    const broken = await open<TradeItem>(TRADES, { symbols: ['KO'], after: encodeStreamCursor(from, 0) });
    const error = await broken.stream.next().then(
      () => null,
      (reason: { extensions: { code: string; cursor: string } }) => reason,
    );
    expect(error?.extensions.code).toBe('STREAM_GAP');
    const resumed = await open<TradeItem>(TRADES, { symbols: ['KO'], after: error?.extensions.cursor });
    for (const sequence of sequences.slice(2)) expect((await resumed.next()).sequence).toBe(sequence);
    trade();
    expect((await resumed.next()).sequence).toBe(tradesOf(0)[5]);
    await resumed.close();
  });

  it('closes a subscriber behind its own maxBuffer with SLOW_CONSUMER, after what waited', async () => {
    const trades = await open<TradeItem>(TRADES, { symbols: ['KO'], flow: { maxBuffer: 3 } });
    for (let n = 0; n < 5; n += 1) trade();
    for (let n = 0; n < 3; n += 1) expect((await trades.next()).sequence).toBe(tradesOf(0)[n]);
    await expect(trades.stream.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER', limit: 3 } });
  });

  it('serves a subscriber that set no bound from the journal, however far it falls behind', async () => {
    const trades = await open<TradeItem>(TRADES, { symbols: ['KO'] });
    for (let n = 0; n < 1500; n += 1) trade();
    for (const sequence of tradesOf(0)) expect((await trades.next()).sequence).toBe(sequence);
    await trades.close();
  });

  it('begins ticks with the present state of every symbol', async () => {
    venue.place(1, 0, 'BUY', 3, 5990);
    trade(1, 2);
    const ticks = await open<object>(
      'subscription { ticks(symbols: ["PEP", "KO"]) { symbol bidPx bidQty lastPx conflated } }',
    );
    expect(await ticks.next()).toEqual({ symbol: 'PEP', bidPx: null, bidQty: null, lastPx: '60.00', conflated: 0 });
    expect(await ticks.next()).toEqual({ symbol: 'KO', bidPx: '59.90', bidQty: '3', lastPx: null, conflated: 0 });
    venue.place(1, 0, 'BUY', 1, 5991);
    expect(await ticks.next()).toMatchObject({ symbol: 'KO', bidPx: '59.91', bidQty: '1' });
    venue.resync();
    expect(await ticks.next()).toMatchObject({ symbol: 'KO', bidPx: '59.91', lastPx: null });
    expect(await ticks.next()).toMatchObject({ symbol: 'PEP', bidPx: null, lastPx: '60.00' });
    await ticks.close();
  });

  it('tells the trading phase of each symbol, then its changes with their reason', async () => {
    const status = await open<object>(
      'subscription { tradingStatus(symbols: ["KO"]) { symbol tradingStatus reason } }',
    );
    expect(await status.next()).toEqual({ symbol: 'KO', tradingStatus: 'OPEN', reason: '' });
    venue.run({ type: 'SetTradingStatus', instrument: 1, status: 'HALTED', reason: 'elsewhere' });
    venue.run({ type: 'SetTradingStatus', instrument: 0, status: 'HALTED', reason: 'news pending' });
    expect(await status.next()).toEqual({ symbol: 'KO', tradingStatus: 'HALTED', reason: 'news pending' });
    await status.close();
  });

  it('beats at once and then at its interval, with the head of every stream', async () => {
    trade(0);
    venue.place(1, 0, 'BUY', 1, 5990);
    const query =
      'subscription { heartbeat(intervalMs: 100, symbols: ["KO"]) { sequence streams { symbol tickSequence tradeSequence orderBookSequence checksum } } }';
    interface Beat {
      readonly sequence: number;
      readonly streams: readonly {
        tickSequence: number;
        tradeSequence: number;
        orderBookSequence: number;
        checksum: number;
      }[];
    }
    const beats = await open<Beat>(query);
    const others = await open<Beat>(query);
    const first = await beats.next();
    await others.next();
    expect(first.sequence).toBe(venue.events.length);
    const lastLevel = venue.events.findLast(({ type }) => type === 'BookLevelChanged')?.sequence;
    expect(first.streams[0]).toMatchObject({
      tradeSequence: tradesOf(0)[0],
      orderBookSequence: lastLevel,
      tickSequence: lastLevel,
    });
    expect(first.streams[0]?.checksum).toBeGreaterThan(0);
    trade(1);
    const second = await beats.next();
    expect(second).toEqual({ sequence: venue.events.length, streams: first.streams });
    expect(await others.next()).toEqual(second);
    await beats.close();
    await others.close();
  });

  it.each([
    ['heartbeat(intervalMs: 99) { sequence }', 'intervalMs', 'LIMIT_EXCEEDED'],
    ['heartbeat(intervalMs: 60001) { sequence }', 'intervalMs', 'LIMIT_EXCEEDED'],
    ['heartbeat(symbols: ["NONE"]) { sequence }', 'symbols', 'NOT_FOUND'],
    ['trades(symbols: ["KO"], flow: { conflateMs: 5 }) { id }', 'flow.conflateMs', 'BAD_USER_INPUT'],
    ['trades(symbols: ["KO"], flow: { onOverflow: DROP_OLDEST }) { id }', 'flow.onOverflow', 'BAD_USER_INPUT'],
    ['trades(symbols: ["KO"], flow: { maxBuffer: 2001 }) { id }', 'flow.maxBuffer', 'LIMIT_EXCEEDED'],
    ['trades(symbols: ["KO"], after: "nonsense") { id }', 'after', 'BAD_USER_INPUT'],
    [
      'candles(symbol: "KO", interval: M1, flow: { onOverflow: DROP_OLDEST }) { open }',
      'flow.onOverflow',
      'BAD_USER_INPUT',
    ],
  ])('refuses %s, naming the field', async (field, named, code) => {
    const document = parse(`subscription { ${field} }`);
    const result = await subscribe({ schema: subgraph.schema, document, contextValue: PUBLIC });
    expect('errors' in result && result.errors?.[0]?.extensions).toMatchObject({ code, field: named });
  });
});
