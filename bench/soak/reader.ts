/** A subscriber of the soak: follows a book or ticks, checks what it gets, and may stop reading for good. */
import { WebSocket } from 'ws';
import { type BookUpdate, OrderBookCopy } from '../../src/client/order-book.js';

const QUERIES = {
  book: `subscription ($symbol: ID!) { stream: orderBook(symbol: $symbol, depth: 20) {
    snapshot sequence prevSequence bids { px qty } asks { px qty } checksum transactTime } }`,
  ticks: `subscription ($symbol: ID!) { stream: ticks(symbols: [$symbol]) {
    sequence bidPx bidQty askPx askQty lastPx conflated transactTime } }`,
};
/** Every so manyth delay is kept. */
const SAMPLE_EACH = 10;
const MAX_DELAYS = 500;

type Update = BookUpdate & { readonly sequence: number; readonly transactTime: string };

export class Reader {
  readonly #socket: WebSocket;
  readonly #copy: OrderBookCopy | null;
  #stopped = false;
  #lastSequence = -1;
  received = 0;
  /** What went wrong first; null while nothing did. */
  fault: string | null = null;
  /** Of some updates: time from the engine's clock to here, on the same machine. */
  readonly delaysMs: number[] = [];
  /** Resolves with the first message of the stream. */
  readonly ready: Promise<void>;

  constructor(url: string, symbol: string, kind: keyof typeof QUERIES) {
    this.#copy = kind === 'book' ? new OrderBookCopy() : null;
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
    this.#socket = socket;
    this.ready = new Promise((done, fail) => {
      socket.on('error', fail);
      socket.on('close', (code, reason) => {
        if (!this.#stopped) this.fault ??= `closed with ${code} ${reason.toString()}`;
        fail(new Error(`closed with ${code} before the first message`));
      });
      socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as { type: string; payload?: { data?: { stream: Update } } };
        if (message.type === 'connection_ack') {
          const payload = { query: QUERIES[kind], variables: { symbol } };
          socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
        } else if (message.type === 'next' && message.payload?.data !== undefined) {
          this.#take(message.payload.data.stream);
          done();
        } else if (message.type !== 'ping') this.fault ??= String(data);
      });
    });
  }

  stall(): void {
    this.#stopped = true;
    this.#socket.pause();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket.terminate();
  }

  #take(update: Update): void {
    this.received += 1;
    if (this.received % SAMPLE_EACH === 0 && this.delaysMs.length < MAX_DELAYS) {
      this.delaysMs.push(Date.now() - Date.parse(update.transactTime));
    }
    try {
      if (this.#copy !== null) {
        this.#copy.apply(update);
        if (this.received % SAMPLE_EACH === 0) this.#copy.verify(update);
      } else if (update.sequence <= this.#lastSequence) {
        throw new Error(`tick ${update.sequence} behind ${this.#lastSequence}`);
      }
      this.#lastSequence = update.sequence;
    } catch (error) {
      this.fault ??= (error as Error).message;
    }
  }
}
