import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { seededRandom } from '../../src/testing/random.js';
import { candlesFrom, RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';
import type { OrderBookUpdate } from './types/order-book.js';

const SECOND_US = 1_000_000;
const PUBLIC: RequestContext = { identity: null, requestId: 'test' };

function as(...scopes: Scope[]): RequestContext {
  return { identity: { userId: 'someone', scopes: new Set(scopes) }, requestId: 'test' };
}

describe('market data', () => {
  let venue: TestVenue;
  let history: RecordedHistory;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    history = new RecordedHistory(venue.events);
    subgraph = await open();
  });

  afterEach(() => subgraph.stop());

  async function open(): Promise<Subgraph> {
    const opened = await createMarketDataSubgraph({
      engine: venue,
      feed: venue,
      history: history as unknown as History,
    });
    await opened.start();
    return opened;
  }

  /** Runs an operation; the result is plain data. */
  async function ask(source: string, variableValues = {}, contextValue = PUBLIC): Promise<ExecutionResult> {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  async function stream(source: string, variableValues = {}) {
    const result = await subscribe({
      schema: subgraph.schema,
      document: parse(source),
      variableValues,
      contextValue: PUBLIC,
    });
    if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result.errors));
    const next = async <T>(): Promise<T> => {
      const { value } = await result.next();
      expect(value?.errors).toBeUndefined();
      return Object.values(value?.data as object)[0] as T;
    };
    return { next, close: () => result.return(undefined) };
  }

  function trade(priceTicks: number, qtyLots: number, instrument = 0): void {
    venue.place(1, instrument, 'SELL', qtyLots, priceTicks);
    venue.place(2, instrument, 'BUY', qtyLots, priceTicks);
  }

  it('gives instruments with their terms, ticker and book, without a token', async () => {
    venue.place(1, 0, 'BUY', 10, 5990);
    venue.place(1, 0, 'BUY', 5, 5990);
    venue.place(1, 0, 'SELL', 7, 6010);
    trade(6000, 3);
    const { data, errors } = await ask(`{
      instruments { symbol }
      instrument(symbol: "KO") {
        symbol quoteCurrency tickSize lotSize minPrice maxPrice takerFeeBps makerFeeBps priceCollarPercent tradingStatus
        ticker { bidPx bidQty askPx askQty lastPx lastQty openPx highPx lowPx volume vwap }
        orderBook(depth: 5) { sequence bids { px qty orderCount } asks { px qty orderCount } checksum }
      }
      unknown: instrument(symbol: "NONE") { symbol }
    }`);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      instruments: [{ symbol: 'KO' }, { symbol: 'PEP' }],
      instrument: {
        symbol: 'KO',
        quoteCurrency: 'USD',
        tickSize: '0.01',
        lotSize: '1',
        minPrice: '0.01',
        maxPrice: '10000.00',
        takerFeeBps: '5',
        makerFeeBps: '0',
        priceCollarPercent: null,
        tradingStatus: 'OPEN',
        ticker: { bidPx: '59.90', bidQty: '15', askPx: '60.10', askQty: '7', lastPx: '60.00', lastQty: '3' },
        orderBook: {
          bids: [{ px: '59.90', qty: '15', orderCount: 2 }],
          asks: [{ px: '60.10', qty: '7', orderCount: 1 }],
        },
      },
      unknown: null,
    });
    expect(data?.instrument).toMatchObject({ ticker: { openPx: '60.00', volume: '3', vwap: '60.00' } });
  });

  it.each([
    ['orderBook(depth: 0) { sequence }', 'depth', 1000],
    ['orderBook(depth: 1001) { sequence }', 'depth', 1000],
    ['trades(first: 501) { edges { cursor } }', 'first', 500],
    ['candles(interval: M1, first: 0) { edges { cursor } }', 'first', 500],
  ])('refuses %s, naming field and limit', async (field, named, limit) => {
    const { errors } = await ask(`{ instrument(symbol: "KO") { ${field} } }`);
    expect(errors?.[0]?.message).toContain(named);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', field: named, limit });
  });

  it.each([
    ['ticks(symbols: []) { sequence }', 'symbols', 'LIMIT_EXCEEDED'],
    [
      `ticks(symbols: [${Array.from({ length: 101 }, (_, n) => `"S${n}"`).join()}]) { sequence }`,
      'symbols',
      'LIMIT_EXCEEDED',
    ],
    ['ticks(symbols: ["KO", "NONE"]) { sequence }', 'symbols', 'NOT_FOUND'],
    ['ticks(symbols: ["KO"], flow: { maxBuffer: 0 }) { sequence }', 'flow.maxBuffer', 'LIMIT_EXCEEDED'],
    ['ticks(symbols: ["KO"], flow: { conflateMs: 60001 }) { sequence }', 'flow.conflateMs', 'LIMIT_EXCEEDED'],
    ['orderBook(symbol: "KO", depth: 5000) { sequence }', 'depth', 'LIMIT_EXCEEDED'],
    ['orderBook(symbol: "KO", flow: { onOverflow: DROP_OLDEST }) { sequence }', 'flow.onOverflow', 'BAD_USER_INPUT'],
    ['candles(symbol: "NONE", interval: M1) { open }', 'symbol', 'NOT_FOUND'],
  ])('refuses the subscription %s', async (field, named, code) => {
    const result = await subscribe({
      schema: subgraph.schema,
      document: parse(`subscription { ${field} }`),
      contextValue: PUBLIC,
    });
    expect('errors' in result && result.errors?.[0]?.extensions).toMatchObject({ code, field: named });
  });

  it('pages trades newest first across memory and history, each once, also after a restart', async () => {
    for (let n = 0; n < 1400; n += 1) {
      venue.nowUs += 1000;
      trade(6000 + (n % 7), 1);
    }
    for (const restarted of [false, true]) {
      if (restarted) {
        await subgraph.stop();
        subgraph = await open();
        trade(6000, 1);
      }
      const ids: number[] = [];
      let after: string | null = null;
      for (;;) {
        const { data, errors } = await ask(
          `query ($after: String) { instrument(symbol: "KO") { trades(first: 333, after: $after) {
             edges { cursor node { id px } } pageInfo { hasNextPage endCursor } } } }`,
          { after },
        );
        expect(errors).toBeUndefined();
        // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
        const { edges, pageInfo } = (data as any).instrument.trades;
        // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
        ids.push(...edges.map((edge: any) => Number(edge.node.id)));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      const count = restarted ? 1401 : 1400;
      expect(ids).toEqual(Array.from({ length: count }, (_, n) => count - n));
    }
  });

  it('serves trades and candles from memory while history is away, and says so where it needs history', async () => {
    trade(6000, 2);
    history.reachable = false;
    venue.nowUs += 61 * SECOND_US;
    trade(6005, 3);
    const recent = await ask(`{ instrument(symbol: "KO") {
      trades { edges { node { px } } }
      candles(interval: M1) { edges { node { open volume tradeCount closed vwap } } } } }`);
    expect(recent).toEqual({
      data: {
        instrument: {
          trades: { edges: [{ node: { px: '60.05' } }, { node: { px: '60.00' } }] },
          candles: {
            edges: [
              { node: { open: '60.00', volume: '2', tradeCount: 1, closed: true, vwap: '60.00' } },
              { node: { open: '60.05', volume: '3', tradeCount: 1, closed: false, vwap: '60.05' } },
            ],
          },
        },
      },
    });
    for (let n = 0; n < 1300; n += 1) trade(6000, 1);
    const older = await ask('{ instrument(symbol: "KO") { trades(first: 10) { edges { cursor } } } }');
    expect(older.errors).toBeUndefined();
    const oldest = await ask(
      `{ instrument(symbol: "KO") { trades(to: "2026-01-02T00:00:30Z") { edges { cursor } } } }`,
    );
    expect(oldest.errors?.[0]?.extensions).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
  });

  it('merges candles of history with those in memory: none doubled at the seam, whatever history has reached', async () => {
    const random = seededRandom(7);
    for (let n = 0; n < 400; n += 1) {
      venue.nowUs += Math.floor(random() * 4 * SECOND_US);
      trade(6000 + Math.floor(random() * 20), 1 + Math.floor(random() * 5));
    }
    for (const lag of [0, 1, 50, 400, venue.events.length]) {
      await subgraph.stop();
      history.reached = venue.events.length - lag;
      let moved = 0;
      history.onRead = () => {
        moved += 1;
        if (moved % 3 !== 0 || moved > 30) return;
        venue.nowUs += SECOND_US;
        trade(6000 + Math.floor(random() * 20), 2);
        if (history.reached !== null && lag < 400) history.reached += 2;
      };
      subgraph = await open();
      history.onRead = () => undefined;
      history.reached = null;
      const trades = venue.events.filter((event) => event.type === 'OrdersTraded');
      for (const interval of ['S1', 'M1', 'H1', 'D1'] as const) {
        const { data, errors } = await ask(
          `query ($interval: CandleInterval!) { instrument(symbol: "KO") { candles(interval: $interval) {
             edges { node { openTime tradeCount volume open close } } } } }`,
          { interval },
        );
        expect(errors).toBeUndefined();
        const expected = candlesFrom(trades, 0, interval).map((candle) => ({
          openTime: new Date(candle.openTimeUs / 1000).toISOString().replace('Z', '000Z'),
          tradeCount: candle.tradeCount,
          volume: `${candle.volumeLots}`,
          open: (candle.openTicks / 100).toFixed(2),
          close: (candle.closeTicks / 100).toFixed(2),
        }));
        // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
        const found = (data as any).instrument.candles.edges.map((edge: any) => edge.node);
        expect(found).toEqual(expected.slice(0, 500));
      }
      const { data } = await ask('{ instrument(symbol: "KO") { ticker { volume openPx lastPx } } }');
      expect(data?.instrument).toMatchObject({
        ticker: {
          volume: `${trades.reduce((sum, { qtyLots }) => sum + qtyLots, 0)}`,
          openPx: ((trades[0]?.priceTicks ?? 0) / 100).toFixed(2),
          lastPx: ((trades.at(-1)?.priceTicks ?? 0) / 100).toFixed(2),
        },
      });
    }
  });

  it('starts without history, says from when its statistics count, and loads the rest when history is back', async () => {
    trade(6000, 2);
    await subgraph.stop();
    history.reachable = false;
    venue.nowUs += SECOND_US;
    const starting = createMarketDataSubgraph({ engine: venue, feed: venue, history: history as unknown as History });
    subgraph = await starting;
    const started = subgraph.start();
    trade(6010, 5);
    const query = '{ instrument(symbol: "KO") { ticker { volume lastPx statisticsFrom } } }';
    expect((await ask(query)).data).toMatchObject({
      instrument: { ticker: { volume: '5', lastPx: '60.10', statisticsFrom: '2026-01-02T00:00:00.000000Z' } },
    });
    history.reachable = true;
    await started;
    expect((await ask(query)).data).toMatchObject({
      instrument: { ticker: { volume: '7', statisticsFrom: '2026-01-01T00:00:01.000000Z' } },
    });
  });

  it('streams ticks of the symbols asked for: one a command, merged for a slow reader', async () => {
    const ticks = await stream(
      'subscription { ticks(symbols: ["KO"], flow: { maxBuffer: 2 }) { symbol sequence bidPx askPx lastPx conflated } }',
    );
    expect(await ticks.next()).toMatchObject({ symbol: 'KO', bidPx: null, lastPx: null, conflated: 0 });
    venue.place(1, 0, 'BUY', 1, 5990);
    venue.place(1, 1, 'BUY', 1, 14_990);
    expect(await ticks.next()).toMatchObject({ symbol: 'KO', bidPx: '59.90', askPx: null, lastPx: null, conflated: 0 });
    for (let n = 1; n <= 10; n += 1) venue.place(1, 0, 'BUY', 1, 5990 + n);
    venue.place(1, 0, 'BUY', 1, 5900);
    expect(await ticks.next()).toMatchObject({ bidPx: '60.00', conflated: 9 });
    venue.place(2, 0, 'SELL', 1, 6000);
    expect(await ticks.next()).toMatchObject({ lastPx: '60.00' });
    await ticks.close();
  });

  it('lets no more ticks through than conflateMs allows', async () => {
    const ticks = await stream('subscription { ticks(symbols: ["KO"], flow: { conflateMs: 40 }) { bidPx conflated } }');
    expect(await ticks.next()).toEqual({ bidPx: null, conflated: 0 });
    for (let n = 0; n < 6; n += 1) venue.place(1, 0, 'BUY', 1, 5990 + n);
    expect(await ticks.next()).toEqual({ bidPx: '59.90', conflated: 0 });
    expect(await ticks.next()).toEqual({ bidPx: '59.95', conflated: 4 });
    await ticks.close();
  });

  it.each([
    ['as it comes', 'flow: {}', 1],
    ['read in steps', 'flow: { maxBuffer: 3 }', 9],
    ['at a pace', 'flow: { conflateMs: 1, maxBuffer: 2 }', 5],
  ])('keeps a copy of the book equal to the book, %s', async (_how, flow, every) => {
    const random = seededRandom(11);
    for (let n = 0; n < 30; n += 1) move(random);
    const books = await stream(`subscription { orderBook(symbol: "KO", depth: 10, ${flow}) {
      snapshot sequence prevSequence bids { px qty orderCount } asks { px qty orderCount } checksum } }`);
    const truth = new Map<number, unknown>();
    const copy = new BookCopy();
    for (let n = 0; n < 300; n += 1) {
      move(random);
      const book = await bookNow();
      truth.set(book.sequence, { bids: book.bids, asks: book.asks, checksum: book.checksum });
      if (n % every !== 0) continue;
      while (copy.checksum !== book.checksum) {
        copy.take(await books.next());
        if (truth.has(copy.sequence)) expect(copy.book()).toEqual(truth.get(copy.sequence));
      }
    }
    expect(copy.updates).toBeGreaterThan(20);
    venue.resync();
    move(random);
    for (let n = 0; n < 12 && copy.checksum !== (await bookNow()).checksum; n += 1) copy.take(await books.next());
    const { bids, asks, checksum } = await bookNow();
    expect(copy.book()).toEqual({ bids, asks, checksum });
    await books.close();
  });

  it('streams trades and candles, each candle once more as it closes', async () => {
    const trades = await stream('subscription { trades(symbols: ["KO", "PEP"]) { symbol px qty aggressorSide } }');
    const candles = await stream(
      'subscription { candles(symbol: "KO", interval: S1) { open close tradeCount closed } }',
    );
    trade(6000, 2);
    trade(15_000, 1, 1);
    venue.nowUs += 2 * SECOND_US;
    venue.place(1, 1, 'BUY', 1, 14_000);
    expect(await trades.next()).toEqual({ symbol: 'KO', px: '60.00', qty: '2', aggressorSide: 'BUY' });
    expect(await trades.next()).toMatchObject({ symbol: 'PEP', px: '150.00' });
    expect(await candles.next()).toEqual({ open: '60.00', close: '60.00', tradeCount: 1, closed: false });
    expect(await candles.next()).toEqual({ open: '60.00', close: '60.00', tradeCount: 1, closed: true });
    await trades.close();
    await candles.close();
  });

  it('ends its subscriptions when it stops', async () => {
    const result = await subscribe({
      schema: subgraph.schema,
      document: parse('subscription { trades(symbols: ["KO"]) { px } }'),
      contextValue: PUBLIC,
    });
    const waiting = (result as AsyncGenerator).next();
    await subgraph.stop();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  const CREATE = `mutation ($input: CreateInstrumentInput!) { createInstrument(input: $input) {
    symbol baseCurrency minQty maxPrice makerFeeBps priceCollarPercent tradingStatus ticker { lastPx } } }`;
  const BTC = {
    symbol: 'BTC-EUR',
    description: 'Bitcoin in euro',
    baseAsset: 'BTC',
    quoteAsset: 'EUR',
    tickSize: '0.1',
    lotSize: '0.0001',
    minPrice: '0.1',
    maxPrice: '100000.0',
    minQty: '0.0001',
    maxQty: '100',
    makerFeeBps: '-0.25',
    takerFeeBps: '1.5',
    priceCollarPercent: '12.5',
    referencePx: '50000',
  };

  it('lists an instrument for an administrator only, with its assets', async () => {
    expect((await ask(CREATE, { input: BTC })).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect((await ask(CREATE, { input: BTC }, as('risk:write'))).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await ask(CREATE, { input: BTC }, as('admin'))).toEqual({
      data: {
        createInstrument: {
          symbol: 'BTC-EUR',
          baseCurrency: 'BTC',
          minQty: '0.0001',
          maxPrice: '100000.0',
          makerFeeBps: '-0.25',
          priceCollarPercent: '12.5',
          tradingStatus: 'OPEN',
          ticker: { lastPx: null },
        },
      },
    });
  });

  it.each([
    ['symbol', { symbol: 'btc eur' }],
    ['symbol', { symbol: 'KO' }],
    ['quoteAsset', { quoteAsset: 'BTC' }],
    ['tickSize', { tickSize: '0' }],
    ['maxPrice', { maxPrice: '0.15' }],
    ['maxPrice', { minPrice: '10', maxPrice: '5' }],
    ['minQty', { minQty: '0' }],
    ['referencePx', { referencePx: '100000.1' }],
    ['makerFeeBps', { makerFeeBps: '0.001' }],
    ['takerFeeBps', { takerFeeBps: '99999999' }],
    ['priceCollarPercent', { priceCollarPercent: '-1' }],
  ])('refuses an instrument for its %s', async (field, change) => {
    const before = venue.exchange.stateHash();
    const { errors } = await ask(CREATE, { input: { ...BTC, ...change } }, as('admin'));
    expect(errors?.[0]?.extensions).toMatchObject({ field: `input.${field}` });
    expect(venue.exchange.stateHash()).toBe(before);
  });

  it('moves the trading phase with scope risk:write or admin, seen at once', async () => {
    const HALT =
      'mutation { setTradingStatus(symbol: "KO", status: HALTED, reason: "news") { tradingStatus statusReason } }';
    expect((await ask(HALT, {}, as('orders:write'))).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ask(HALT, {}, as('risk:write'))).toEqual({
      data: { setTradingStatus: { tradingStatus: 'HALTED', statusReason: 'news' } },
    });
    expect(await ask('{ instrument(symbol: "KO") { tradingStatus } }')).toEqual({
      data: { instrument: { tradingStatus: 'HALTED' } },
    });
  });

  it('answers entity references, null for what there is not', async () => {
    const { data } = await ask(
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Instrument { symbol tickSize ticker { lastPx } } } }',
      {
        of: [
          { __typename: 'Instrument', symbol: 'PEP' },
          { __typename: 'Instrument', symbol: 'NONE' },
        ],
      },
    );
    expect(data).toEqual({ _entities: [{ symbol: 'PEP', tickSize: '0.01', ticker: { lastPx: null } }, null] });
  });

  async function bookNow(): Promise<OrderBookUpdate> {
    const { data } = await ask(
      '{ instrument(symbol: "KO") { orderBook(depth: 10) { sequence bids { px qty orderCount } asks { px qty orderCount } checksum } } }',
    );
    return (data as { instrument: { orderBook: OrderBookUpdate } }).instrument.orderBook;
  }

  /** Places or cancels something at random round 60.00. */
  function move(random: () => number): void {
    const side = random() < 0.5 ? 'BUY' : 'SELL';
    const offset = Math.floor(random() * 30) - 4;
    const priceTicks = side === 'BUY' ? 6000 - offset : 6000 + offset;
    venue.place(random() < 0.5 ? 1 : 2, 0, side, 1 + Math.floor(random() * 9), priceTicks, {
      selfTradePrevention: 'NONE',
    });
  }
});

/** A book as a client keeps it. */
class BookCopy {
  sequence = 0;
  checksum = -1;
  updates = 0;
  readonly #bids = new Map<string, object>();
  readonly #asks = new Map<string, object>();

  take(update: OrderBookUpdate): void {
    this.updates += 1;
    if (update.snapshot) {
      this.#bids.clear();
      this.#asks.clear();
    } else {
      expect(update.prevSequence).toBe(this.sequence);
    }
    for (const [copy, levels] of [
      [this.#bids, update.bids],
      [this.#asks, update.asks],
    ] as const) {
      for (const level of levels) {
        if (Number(level.qty) === 0) copy.delete(level.px);
        else copy.set(level.px, { ...level });
      }
    }
    this.sequence = update.sequence;
    this.checksum = update.checksum;
  }

  book() {
    const sorted = (levels: Map<string, object>, sign: number) =>
      [...levels].sort(([a], [b]) => sign * (Number(a) - Number(b))).map(([, level]) => level);
    return { bids: sorted(this.#bids, -1), asks: sorted(this.#asks, 1), checksum: this.checksum };
  }
}
