import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { type MarketRouter, startMarketRouter } from './testing/market.js';

const MAX_BYTES_PER_READER = 1_000_000;
const READERS = 10;
const BOOK = `subscription { orderBook(symbol: "KO", depth: 100, flow: { maxBuffer: 2000 }) {
  snapshot sequence prevSequence bids { px qty orderCount } asks { px qty orderCount } checksum } }`;
const TICKS = `subscription { ticks(symbols: ["KO", "PEP"], flow: { maxBuffer: 2000, onOverflow: DROP_OLDEST }) {
  cursor symbol sequence bidPx bidQty askPx askQty lastPx lastQty conflated transactTime } }`;
const TRADES = 'subscription { trades(symbols: ["KO"], flow: { maxBuffer: 2000 }) { cursor id px qty transactTime } }';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function bytesInUse(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((done) => setTimeout(done, 20));
    collectGarbage();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

/** A hundred thousand events and more: a busy machine takes its time. */
jest.setTimeout(60_000);

describe('a reader that stops for good', () => {
  let market: MarketRouter;
  const sockets: WebSocket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await market.stop();
  });

  async function stalledReader(): Promise<WebSocket> {
    const socket = new WebSocket(market.socketUrl, 'graphql-transport-ws');
    sockets.push(socket);
    // A cut socket tells so twice; its close is what the test looks at.
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message');
    for (const [index, query] of [BOOK, TICKS, TRADES].entries()) {
      socket.send(JSON.stringify({ type: 'subscribe', id: String(index), payload: { query } }));
    }
    await once(socket, 'message');
    socket.pause();
    return socket;
  }

  /** Moves best prices, deep levels and trades: every command makes a delta, a tick, or both. */
  async function trade(commands: number): Promise<void> {
    const { venue } = market;
    for (let n = 0; n < commands; n += 1) {
      venue.nowUs += 50;
      venue.place(1 + (n % 2), 0, n % 3 === 0 ? 'SELL' : 'BUY', 1 + (n % 5), 5950 + ((n * 7) % 100));
      if (n % 50 === 0) await new Promise((done) => setImmediate(done));
    }
    // The past is the venue's own memory, not the readers'.
    venue.events.length = 0;
  }

  it('costs less than a megabyte, whatever it subscribed to and however much happens', async () => {
    market = await startMarketRouter({ keepAliveMs: 60_000 });
    await trade(500);
    for (let index = 0; index < READERS; index += 1) await stalledReader();
    await trade(200);
    const before = await bytesInUse();
    const working = market.venue.exchange.image().length;
    await trade(12_000);
    const grown = market.venue.exchange.image().length - working;
    const after = await bytesInUse();
    const each = (after - before) / READERS;
    process.stdout.write(`${Math.round(each / 1000)} kB each; ${grown} more orders and levels in the venue\n`);
    expect(each).toBeLessThan(MAX_BYTES_PER_READER);
    expect(sockets.every(({ readyState }) => readyState === WebSocket.OPEN)).toBe(true);
  });

  it('is closed with 4413 after two pings that it did not answer, while another reader goes on', async () => {
    market = await startMarketRouter({ keepAliveMs: 300 });
    const stalled = await stalledReader();
    const other = await stalledReader();
    other.resume();
    let seen = 0;
    other.on('message', () => {
      seen += 1;
    });
    const closed = once(stalled, 'close') as Promise<[number]>;
    const startedAt = performance.now();
    let code: number | null = null;
    void closed.then(([closeCode]) => {
      code = closeCode;
    });
    while (performance.now() - startedAt < 2500) {
      await trade(100);
      await new Promise((done) => setTimeout(done, 20));
    }
    // It learns of its end only when it reads again.
    stalled.resume();
    await closed;
    expect([4413, 1006]).toContain(code);
    const metrics = await (await fetch(`${market.router.url}/metrics`)).text();
    expect(metrics).toMatch(/tradsys_router_sockets 1\n/);
    expect(metrics).toMatch(/tradsys_router_subscriptions 3\n/);
    expect(seen).toBeGreaterThan(100);
  });
});
