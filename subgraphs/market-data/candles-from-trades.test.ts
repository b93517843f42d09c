/** Candles as the API shows them against PostgreSQL's own grouping of the trades that it holds: every interval, every field. */
import { execute, parse } from 'graphql';
import { type Database, openDatabase } from '../../src/adapters/postgres/index.js';
import { query, silent, startTestServer, type TestServer } from '../../src/adapters/postgres/testing/test-server.js';
import { INTERVAL_US } from '../../src/core/market-data/candles.js';
import { CANDLE_INTERVALS, type CandleInterval } from '../../src/core/values/vocabulary.js';
import type { RequestContext } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { seededRandom } from '../../src/testing/random.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

const PUBLIC: RequestContext = { identity: null, requestId: 'test' };
const TRADES = 1_500;
/** The rest comes while the subgraph follows: pages of it are put together from history and memory. */
const TRADES_BEFORE = 1_000;

interface Candle {
  readonly openTime: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly vwap: string;
  readonly tradeCount: number;
  readonly closed: boolean;
}

const CANDLES = parse(`query ($symbol: ID!, $interval: CandleInterval!, $after: String) {
  instrument(symbol: $symbol) {
    candles(interval: $interval, first: 500, after: $after) {
      edges { node { openTime open high low close volume vwap tradeCount closed } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`);

/** KO and PEP trade in steps of 0.01 and lots of 1. The mean is rounded where the exact one lies within half of its last digit. */
const FROM_TRADES = `SELECT to_char(to_timestamp(open_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS "openTime",
    to_char(first / 100.0, 'FM9999990.00') AS open, to_char(high / 100.0, 'FM9999990.00') AS high,
    to_char(low / 100.0, 'FM9999990.00') AS low, to_char(last / 100.0, 'FM9999990.00') AS close,
    volume::text AS volume, (turnover / volume / 100)::text AS mean, trades::int AS "tradeCount", open_us + $2 <= $3 AS closed
  FROM (
    SELECT t.time_us / $2 * $2 AS open_us, (array_agg(t.price_ticks ORDER BY t.sequence))[1]::numeric AS first,
      max(t.price_ticks)::numeric AS high, min(t.price_ticks)::numeric AS low,
      (array_agg(t.price_ticks ORDER BY t.sequence DESC))[1]::numeric AS last,
      sum(t.qty_lots) AS volume, sum(t.price_ticks::numeric * t.qty_lots) AS turnover, count(*) AS trades
    FROM trades t WHERE t.instrument = $1 GROUP BY 1
  ) candle ORDER BY open_us`;

describe('Candles and the trades that they are made of', () => {
  let server: TestServer;
  let url: string;
  let database: Database;
  let subgraph: Subgraph;
  const venue = new TestVenue();
  const random = seededRandom(42);

  beforeAll(async () => {
    server = await startTestServer();
    url = await server.createDatabase();
    database = await openDatabase({ url, dataDir: server.dataDir, log: silent });
    venue.open(['alice', 'bob']);
    tradeUpTo(TRADES_BEFORE);
    await project();
    subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history: database.history });
    await subgraph.start();
    tradeUpTo(TRADES);
    await project();
  }, 120_000);
  afterAll(async () => {
    await subgraph.stop();
    await database.stop();
    await server.stop();
  });

  let traded = 0;
  let projected = 0;

  /** Gaps from none over microseconds to half a day: several trades in an interval, and many intervals without one. */
  function tradeUpTo(count: number): void {
    for (; traded < count; traded += 1) {
      const scale = [0, 10, 4e5, 3e6, 2e7, 9e8, 4e9, 4e10][Math.floor(random() * 8)] ?? 0;
      venue.nowUs += Math.floor(random() * scale);
      const instrument = Math.floor(random() * 2);
      const priceTicks = 6_000 + Math.floor(random() * 200);
      const qtyLots = 1 + Math.floor(random() * 500);
      const seller = 1 + (traded % 2);
      venue.place(seller, instrument, 'SELL', qtyLots, priceTicks);
      venue.place(3 - seller, instrument, 'BUY', qtyLots, priceTicks);
    }
  }

  async function project(): Promise<void> {
    while (projected < venue.events.length) {
      const events = venue.events.slice(projected, projected + 1_000);
      projected += events.length;
      await database.readModelStore.apply({
        firstSequence: events[0]?.sequence ?? 0,
        lastSequence: events.at(-1)?.sequence ?? 0,
        events,
      });
    }
  }

  async function candlesOf(symbol: string, interval: CandleInterval): Promise<Candle[]> {
    const candles: Candle[] = [];
    for (let after: string | null = null; ; ) {
      const variableValues = { symbol, interval, after };
      const result = await execute({
        schema: subgraph.schema,
        document: CANDLES,
        variableValues,
        contextValue: PUBLIC,
      });
      expect(result.errors).toBeUndefined();
      const page = (result.data as { instrument: { candles: Page } }).instrument.candles;
      candles.push(...page.edges.map(({ node }) => ({ ...node })));
      if (!page.pageInfo.hasNextPage) return candles;
      after = page.pageInfo.endCursor;
    }
  }

  interface Page {
    readonly edges: readonly { readonly node: Candle }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  }

  describe.each(['KO', 'PEP'])('of %s', (symbol) => {
    it.each(CANDLE_INTERVALS)('agree in every %s: prices, volume, mean price and count', async (interval) => {
      const instrument = symbol === 'KO' ? 0 : 1;
      const expected = await query(url, FROM_TRADES, [instrument, INTERVAL_US[interval], venue.nowUs]);
      const found = await candlesOf(symbol, interval);
      const withoutMean = found.map(({ vwap: _, openTime, ...rest }) => ({ ...rest, openTime: openTime.slice(0, 19) }));
      expect(withoutMean).toEqual(expected.map(({ mean: _, ...rest }) => rest));
      for (const [index, { vwap }] of found.entries()) {
        // Six decimals beyond a price's two; both are exact but for the last digits, so a difference of floats is enough.
        expect(Math.abs(Number(vwap) - Number(expected[index]?.mean))).toBeLessThanOrEqual(0.000_000_005_1);
      }
    });
  });

  it('leave out the intervals without a trade and count each trade once in every interval', async () => {
    for (const interval of CANDLE_INTERVALS) {
      const candles = [...(await candlesOf('KO', interval)), ...(await candlesOf('PEP', interval))];
      expect(candles.reduce((sum, candle) => sum + candle.tradeCount, 0)).toBe(TRADES);
    }
    const seconds = await candlesOf('KO', 'S1');
    const [first, last] = [seconds[0], seconds.at(-1)].map((candle) => Date.parse(candle?.openTime ?? '') / 1000);
    expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(100 * seconds.length);
  });
});
