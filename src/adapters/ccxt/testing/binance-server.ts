/**
 * A venue that speaks Binance's published wire format (spot: REST /api/v3, and market streams), for one market: BTCUSDT.
 * It does as told: loses updates, cuts connections, sends garbage, answers slowly or not at all.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';

type Kline = readonly [number, string, string, string, string, string];

export class BinanceServer {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  readonly klines: Kline[] = [];
  /** Requests so far, by path. */
  readonly requests: string[] = [];
  /** Before each answer over HTTP. */
  delayMs = 0;
  /** Status of each answer over HTTP. */
  status = 200;
  /** Body of each answer over HTTP in place of its own; null = its own. */
  page: string | null = null;
  /** Accepts subscriptions and sends nothing. */
  silent = false;
  connections = 0;
  #updateId = 100;
  #server: Server | null = null;
  #sockets = new WebSocketServer({ noServer: true });
  readonly #subscribers = new Map<WebSocket, Set<string>>();

  async start(port = 0): Promise<void> {
    this.#sockets = new WebSocketServer({ noServer: true });
    this.#sockets.on('connection', (socket) => this.#connect(socket));
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#sockets.emit('connection', ws));
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | undefined)?.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get socketCount(): number {
    return this.#subscribers.size;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#subscribers.keys()) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((done) => (server === null ? done() : server.close(() => done())));
  }

  /** Changes a level and tells it. @param qty "0" removes it @param lost true: nobody hears of it */
  set(side: 'bids' | 'asks', px: string, qty: string, lost = false): void {
    if (qty === '0') this[side].delete(px);
    else this[side].set(px, qty);
    this.#updateId += 1;
    if (lost) return;
    const change = [[px, qty]];
    this.#send('btcusdt@depth@100ms', {
      e: 'depthUpdate',
      E: Date.now(),
      s: 'BTCUSDT',
      U: this.#updateId,
      u: this.#updateId,
      b: side === 'bids' ? change : [],
      a: side === 'asks' ? change : [],
    });
  }

  ticker(last: string): void {
    const day = { o: last, h: last, l: last, v: '10.00000000', q: '599950.00000000' };
    this.#send('btcusdt@miniTicker', { e: '24hrMiniTicker', E: Date.now(), s: 'BTCUSDT', c: last, ...day });
  }

  /** Sends text as it is, well formed or not. */
  garbage(text: string): void {
    for (const socket of this.#subscribers.keys()) socket.send(text);
  }

  /** Best price and its quantity. */
  best(side: 'bids' | 'asks'): [string, string] | undefined {
    const sign = side === 'bids' ? -1 : 1;
    return [...this[side]].sort(([a], [b]) => sign * (Number(a) - Number(b)))[0];
  }

  #connect(socket: WebSocket): void {
    this.connections += 1;
    const streams = new Set<string>();
    this.#subscribers.set(socket, streams);
    socket.on('close', () => this.#subscribers.delete(socket));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const { method, params, id } = JSON.parse(String(data)) as { method: string; params: string[]; id: number };
      if (method === 'SUBSCRIBE') for (const stream of params) streams.add(stream);
      if (method === 'UNSUBSCRIBE') for (const stream of params) streams.delete(stream);
      if (!this.silent) socket.send(JSON.stringify({ result: null, id }));
    });
  }

  #send(stream: string, message: object): void {
    if (this.silent) return;
    for (const [socket, streams] of this.#subscribers) if (streams.has(stream)) socket.send(JSON.stringify(message));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://venue');
    // The host that the request was meant for comes first.
    const path = url.pathname.replace(/^\/api\.binance\.com(?=\/)/, '');
    this.requests.push(path);
    // The state is that of the request, however late the answer.
    const body = this.#bodyOf(path, url.searchParams);
    if (this.delayMs > 0) await sleep(this.delayMs, undefined, { ref: false });
    response.writeHead(body === null ? 404 : this.status, { 'content-type': 'application/json' });
    if (this.page !== null) {
      response.end(this.page);
      return;
    }
    response.end(
      JSON.stringify(
        this.status === 200 ? body : { code: -1001, msg: 'Internal error; unable to process your request.' },
      ),
    );
  }

  #bodyOf(path: string, query: URLSearchParams): unknown {
    switch (path) {
      case '/api/v3/exchangeInfo':
        return { timezone: 'UTC', serverTime: Date.now(), rateLimits: [], exchangeFilters: [], symbols: [SYMBOL] };
      case '/api/v3/depth':
        return { lastUpdateId: this.#updateId, bids: [...this.bids], asks: [...this.asks] };
      case '/api/v3/klines': {
        const from = Number(query.get('startTime') ?? 0);
        const limit = Number(query.get('limit') ?? 500);
        return this.klines.filter(([openTime]) => openTime >= from).slice(0, limit);
      }
      default:
        return null;
    }
  }
}

const SYMBOL = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  baseAssetPrecision: 8,
  quoteAsset: 'USDT',
  quotePrecision: 8,
  quoteAssetPrecision: 8,
  orderTypes: ['LIMIT', 'MARKET'],
  isSpotTradingAllowed: true,
  isMarginTradingAllowed: false,
  permissions: ['SPOT'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
  ],
};
