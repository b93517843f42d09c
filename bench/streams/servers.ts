/** Three ways to tell every subscriber of every change of a best price. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { startMarketRouter } from '../../router/testing/market.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from '../../subgraphs/market-data/subgraph.js';

const TICKS =
  'subscription { ticks(symbols: ["KO"]) { symbol sequence bidPx bidQty askPx askQty lastPx lastQty transactTime } }';
const HELLO = [
  JSON.stringify({ type: 'connection_init' }),
  JSON.stringify({ type: 'subscribe', id: '1', payload: { query: TICKS } }),
];
/** As long as a tick on the wire. */
const RAW_MESSAGE = JSON.stringify({
  id: '1',
  type: 'next',
  payload: {
    data: {
      ticks: {
        symbol: 'KO',
        sequence: 123456,
        bidPx: '59.90',
        bidQty: '100',
        askPx: '60.10',
        askQty: '100',
        lastPx: '60.00',
        lastQty: '10',
        transactTime: '2026-01-02T00:00:00.123456Z',
      },
    },
  },
});

export interface BenchServer {
  readonly url: string;
  /** What a subscriber sends first. */
  readonly hello: readonly string[];
  /** Messages that a subscriber gets before the first event. */
  readonly greetings: number;
  /** Causes one event for every subscriber. */
  publish(): void;
  stop(): Promise<void>;
}

/** Lets the best bid rise and fall by turns, one tick a command. */
function ticker(venue: TestVenue): () => void {
  venue.place(1, 0, 'BUY', 1, 5990);
  let bid: number | null = null;
  return () => {
    venue.nowUs += 100;
    const events =
      bid === null ? venue.place(1, 0, 'BUY', 1, 5991) : venue.run({ type: 'CancelOrder', account: 1, orderId: bid });
    const accepted = events.find((event) => event.type === 'OrderAccepted');
    bid = accepted === undefined ? null : accepted.orderId;
    venue.events.length = 0;
  };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** The floor: one text to every socket, nothing else. */
export async function startRaw(): Promise<BenchServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket) => socket.send(RAW_MESSAGE));
  return {
    url: await listening(http),
    hello: [],
    greetings: 1,
    publish: () => {
      for (const socket of sockets.clients) socket.send(RAW_MESSAGE);
    },
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((done) => http.close(done));
    },
  };
}

/** The router as it ships. */
export async function startOurs(): Promise<BenchServer> {
  const { venue, socketUrl, stop } = await startMarketRouter();
  return { url: socketUrl, hello: HELLO, greetings: 2, publish: ticker(venue), stop };
}

/** graphql-ws as its documentation has it: each subscriber's own execution and its own JSON. */
export async function startGraphqlWs(): Promise<BenchServer> {
  const venue = new TestVenue();
  venue.open(['alice', 'bob']);
  const history = new RecordedHistory(venue.events) as unknown as History;
  const subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history });
  await subgraph.start();
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, path: '/graphql', perMessageDeflate: false });
  useServer({ schema: subgraph.schema, context: { identity: null, requestId: 'bench' } }, sockets);
  return {
    url: await listening(http),
    hello: HELLO,
    greetings: 2,
    publish: ticker(venue),
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((done) => http.close(done));
      await subgraph.stop();
    },
  };
}
