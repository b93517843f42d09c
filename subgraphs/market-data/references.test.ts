/** Another venue, over real sockets in its own wire format, shown through the subgraph. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execute, parse } from 'graphql';
import { createCcxtFeed, DEFAULT_TIMES } from '../../src/adapters/ccxt/ccxt-feed.js';
import { BinanceServer } from '../../src/adapters/ccxt/testing/binance-server.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { RecordedImports } from '../../src/testing/imported-market-data.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

const MINUTE_MS = 60_000;
const PATIENCE_MS = 15_000;
const QUERY = parse(`{ instrument(symbol: "KO") {
  referencePrices { symbol source venueSymbol bidPx askPx ageMs stale problem gaps reconnects }
  candles(interval: M1) { edges { node { source close closed } } }
} }`);

interface Answer {
  readonly referencePrices: readonly { readonly bidPx: string | null; readonly stale: boolean }[];
  readonly candles: { readonly edges: readonly { readonly node: object }[] };
}

describe('Reference prices', () => {
  const server = new BinanceServer();
  let subgraph: Subgraph;

  beforeAll(async () => {
    server.set('bids', '59.90', '10.00000');
    server.set('asks', '60.10', '20.00000');
    const nowMs = Date.now();
    const ended = nowMs - (nowMs % MINUTE_MS) - 2 * MINUTE_MS;
    server.klines.push([ended, '60.00', '60.20', '59.80', '60.05', '12.00000']);
    await server.start();
    const references = await createCcxtFeed({
      ...DEFAULT_TIMES,
      exchangeId: 'binance',
      markets: [{ symbol: 'KO', venueSymbol: 'BTC/USDT' }],
      intervals: ['M1'],
      address: server.url,
      minRetryMs: 10,
      log: () => undefined,
    });
    const venue = new TestVenue();
    venue.open(['alice']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    const imported = new RecordedImports();
    subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history, imported, references });
    await subgraph.start();
  });
  afterAll(async () => {
    await subgraph.stop();
    await server.stop();
  });

  async function until(holds: (answer: Answer) => boolean): Promise<Answer> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const contextValue = { identity: null, requestId: 'test' };
      const { data, errors } = await execute({ schema: subgraph.schema, document: QUERY, contextValue });
      expect(errors).toBeUndefined();
      const answer = JSON.parse(JSON.stringify(data?.instrument)) as Answer;
      if (holds(answer)) return answer;
      if (performance.now() > deadline) throw new Error(`not in time: ${JSON.stringify(answer)}`);
      await sleep(20);
    }
  }

  it('are shown with their age, beside bars of that source', async () => {
    const fresh = await until(
      ({ referencePrices: [price], candles }) => price?.stale === false && candles.edges.length > 0,
    );
    expect(fresh.referencePrices).toEqual([
      {
        symbol: 'KO',
        source: 'binance',
        venueSymbol: 'BTC/USDT',
        bidPx: '59.9',
        askPx: '60.1',
        ageMs: expect.any(Number),
        stale: false,
        problem: null,
        gaps: 0,
        reconnects: 0,
      },
    ]);
    expect(fresh.candles.edges[0]?.node).toEqual({ source: 'binance', close: '60.05', closed: true });
  });

  it('say that they are stale from the moment the venue is lost, and why', async () => {
    await until(({ referencePrices: [price] }) => price?.stale === false);
    await server.stop();
    const stale = await until(({ referencePrices: [price] }) => price?.stale === true);
    expect(stale.referencePrices[0]).toMatchObject({
      bidPx: '59.9',
      problem: expect.stringMatching(/cannot be reached/),
    });
  });
});
