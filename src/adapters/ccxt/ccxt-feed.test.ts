import { setTimeout as sleep } from 'node:timers/promises';
import type { ReferenceBar, ReferenceFeed, ReferencePrice } from '../../ports/reference-feed.js';
import { seededRandom } from '../../testing/random.js';
import { BackOff } from './back-off.js';
import { type CcxtFeedOptions, createCcxtFeed, DEFAULT_TIMES } from './ccxt-feed.js';
import { BinanceServer } from './testing/binance-server.js';

const PATIENCE_MS = 12_000;
const MINUTE_MS = 60_000;

describe('A feed of reference prices', () => {
  let server: BinanceServer;
  let feed: ReferenceFeed;
  let kept: Map<number, ReferenceBar>;
  let keeps: boolean;

  beforeEach(async () => {
    server = new BinanceServer();
    server.set('bids', '59990.10', '0.50000');
    server.set('bids', '59990.00', '1.25000');
    server.set('asks', '60000.20', '0.75000');
    await server.start();
    kept = new Map();
    keeps = true;
  });
  afterEach(async () => {
    await feed.stop();
    await server.stop();
  });

  async function open(change: Partial<CcxtFeedOptions> = {}): Promise<void> {
    feed = await createCcxtFeed({
      exchangeId: 'binance',
      markets: [{ symbol: 'BTC-USDT', venueSymbol: 'BTC/USDT' }],
      intervals: [],
      address: server.url,
      ...DEFAULT_TIMES,
      minRetryMs: 10,
      maxRetryMs: 100,
      log: () => undefined,
      ...change,
    });
    feed.start(async (_symbol, _interval, _source, bars) => {
      if (keeps) for (const bar of bars) kept.set(bar.openTimeUs / 1000, bar);
      return keeps;
    });
  }

  function price(): ReferencePrice {
    const [only] = feed.pricesOf('BTC-USDT');
    if (only === undefined) throw new Error('no price is followed');
    return only;
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`${what} did not come: ${JSON.stringify(price())}`);
      await sleep(10);
    }
  }

  const shows = (): boolean => {
    const { bidPx, bidQty, askPx, askQty, stale } = price();
    const same = (shown: string | null, there: string | undefined) =>
      shown === null ? there === undefined : Number(shown) === Number(there);
    const [bid, ask] = [server.best('bids'), server.best('asks')];
    return !stale && same(bidPx, bid?.[0]) && same(bidQty, bid?.[1]) && same(askPx, ask?.[0]) && same(askQty, ask?.[1]);
  };

  it('shows the venue’s best bid and offer and last trade, and nothing before the first', async () => {
    await open();
    expect(price()).toMatchObject({
      source: 'binance',
      venueSymbol: 'BTC/USDT',
      bidPx: null,
      ageMs: null,
      stale: true,
    });
    await until('the book', shows);
    expect(price()).toMatchObject({ bidPx: '59990.1', askPx: '60000.2', bidQty: '0.5', problem: null, gaps: 0 });
    server.set('bids', '59991.00', '0.10000');
    await until('a better bid', shows);
    await until('the last trade', () => {
      server.ticker('59995.50');
      return price().lastPx === '59995.5';
    });
    expect(feed.pricesOf('ELSE')).toEqual([]);
  });

  it('takes the book anew where updates were missed', async () => {
    await open();
    await until('the book', shows);
    server.set('bids', '59990.10', '0', true);
    server.set('bids', '59980.00', '3.00000', true);
    await until('the book after the gap', () => {
      // The next update tells of the gap.
      server.set('asks', '60010.00', '1.00000');
      return price().gaps > 0 && shows();
    });
    expect(server.requests.filter((path) => path === '/api/v3/depth').length).toBeGreaterThan(1);
    expect(price().bidPx).toBe('59990');
  });

  it('comes back after cuts, and is stale meanwhile', async () => {
    await open();
    await until('the book', shows);
    const { port } = server;
    for (let round = 1; round <= 3; round += 1) {
      await server.stop();
      await until('the loss', () => price().stale);
      expect(price().problem).toMatch(/cannot be reached/);
      server.set('bids', `5999${round}.00`, '0.20000');
      await server.start(port);
      await until('the book after the cut', shows);
    }
    expect(price().reconnects).toBeGreaterThanOrEqual(3);
  });

  it('is stale when nothing came for long, and makes a silent connection anew', async () => {
    await open({ staleMs: 500, silenceMs: 4_000 });
    await until('the book', shows);
    server.silent = true;
    await until('staleness', () => price().stale);
    const before = server.connections;
    await until('another connection', () => server.connections > before);
    server.silent = false;
    await until('the book after the silence', shows);
  });

  it('asks again where the list of markets is a page about maintenance, an empty list or cut short', async () => {
    for (const page of ['<html>Down for maintenance</html>', '{}', '{"symbols": []}', '{"symbols": [']) {
      server.page = page;
      await open();
      await until('a second attempt', () => price().reconnects >= 2);
      expect(price()).toMatchObject({ stale: true, problem: expect.stringMatching(/cannot be reached/) });
      server.page = null;
      await until('the book', shows);
      await feed.stop();
    }
  });

  it('lives through garbage, slow answers and errors', async () => {
    await open({ requestTimeoutMs: 300 });
    await until('the book', shows);
    for (const text of [
      '{"e":"depthUpdate"',
      'nonsense',
      '[]',
      '{"e":"depthUpdate","s":"BTCUSDT","U":"x","u":null,"b":7}',
      '{}',
      'null',
    ]) {
      server.garbage(text);
    }
    server.set('bids', '59992.00', '0.30000');
    await until('the book after garbage', shows);
    server.delayMs = 1_000;
    server.cut();
    await until('the loss', () => price().stale);
    await sleep(500);
    expect(price().stale).toBe(true);
    server.delayMs = 0;
    server.status = 503;
    await sleep(200);
    expect(price().stale).toBe(true);
    server.status = 200;
    await until('the book after all', shows);
  });

  it('waits for a venue that is away at the start', async () => {
    server.status = 503;
    await open();
    await until('a failure', () => price().reconnects > 1);
    expect(price()).toMatchObject({ stale: true, bidPx: null });
    server.status = 200;
    await until('the book', shows);
  });

  it('says so where the venue has no such market', async () => {
    await open({ markets: [{ symbol: 'BTC-USDT', venueSymbol: 'BTC/EUR' }] });
    await until('the answer', () => price().problem === 'The venue has no market BTC/EUR.');
    expect(price().stale).toBe(true);
  });

  it('keeps finished bars from where it left off, whatever was cut, and refuses those that make no sense', async () => {
    const nowMs = Date.now();
    const first = nowMs - (nowMs % MINUTE_MS) - 1_200 * MINUTE_MS;
    for (let at = 0; at <= 1_200; at += 1) {
      server.klines.push([first + at * MINUTE_MS, '100.10', '101.00', '99.00', `100.${at % 10}0`, '12.50000']);
    }
    const bad = first + 1_100 * MINUTE_MS;
    server.klines[1_100] = [bad, '100', '90', '99', '100', '1'];
    await open({ intervals: ['M1', 'S5'] });
    keeps = false;
    await sleep(300);
    expect(kept.size).toBe(0);
    keeps = true;
    await until('the bars', () => kept.size >= 499);
    // 500 back from now, without the one under way and the one whose high lies below its low.
    expect(kept.size).toBe(499);
    expect(kept.has(bad)).toBe(false);
    expect(kept.get(bad + MINUTE_MS)).toEqual({
      openTimeUs: (bad + MINUTE_MS) * 1000,
      open: '100.1',
      high: '101',
      low: '99',
      close: '100.1',
      volume: '12.5',
    });
  });

  it('stops in time while the venue keeps every request waiting', async () => {
    server.delayMs = 30_000;
    await open({ intervals: ['M1'] });
    await until('a request', () => server.requests.length > 0);
    const startedMs = performance.now();
    await feed.stop();
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it('stops at once: no connection, request or timer is left', async () => {
    await open({ intervals: ['M1'] });
    await until('the book', shows);
    const startedMs = performance.now();
    await feed.stop();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await until('the end of the connections', () => server.socketCount === 0);
    const { connections } = server;
    const requests = server.requests.length;
    await sleep(300);
    expect([server.connections, server.requests.length]).toEqual([connections, requests]);
  });
});

describe('An exchange', () => {
  it.each(['nonexchange', '../kraken', 'Kraken', ''])(
    'that ccxt does not know is refused at the start: "%s"',
    async (exchangeId) => {
      const options = { exchangeId, markets: [], intervals: [], address: null, ...DEFAULT_TIMES, log: () => undefined };
      await expect(createCcxtFeed(options)).rejects.toThrow(/ccxt knows no exchange/);
    },
  );

  it.each(['kraken', 'coinbase', 'bybit', 'okx'])('of ccxt is followed by the same adapter: %s', async (exchangeId) => {
    const options = {
      exchangeId,
      markets: [],
      intervals: [],
      address: 'http://127.0.0.1:9',
      ...DEFAULT_TIMES,
      log: () => undefined,
    };
    const feed = await createCcxtFeed(options);
    expect(feed.pricesOf('BTC-USD')).toEqual([]);
    await feed.stop();
  });
});

describe('Pauses between attempts', () => {
  it('double up to their bound, with jitter, and begin again after a success', () => {
    const random = seededRandom(1);
    const backOff = new BackOff(100, 1_000, random);
    const bounds = [100, 200, 400, 800, 1_000, 1_000];
    for (const bound of bounds) {
      const pauseMs = backOff.next();
      expect(pauseMs).toBeGreaterThanOrEqual(bound / 2);
      expect(pauseMs).toBeLessThanOrEqual(bound);
    }
    backOff.reset();
    expect(backOff.next()).toBeLessThanOrEqual(100);
  });
});
