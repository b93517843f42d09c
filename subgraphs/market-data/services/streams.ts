/** Market data subscriptions: arguments checked, channels joined, every buffer bounded, everything left at the end. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { OverflowPolicy } from '../../../src/graphql/enums.js';
import { badUserInput, clipped, limitExceeded, notFound } from '../../../src/graphql/errors.js';
import { OpenStreams, type PushStream } from '../../../src/graphql/push-stream.js';
import type { MarketView } from '../events.js';
import type { Candle } from '../types/candle.js';
import { type FlowControl, MAX_CONFLATE_MS, MAX_FLOW_BUFFER } from '../types/inputs.js';
import type { OrderBookUpdate } from '../types/order-book.js';
import type { Tick } from '../types/ticker.js';
import type { Trade } from '../types/trade.js';
import { BookSubscription } from './book-channel.js';
import { type Channel, Conflator, type Merging, type Sink } from './channel.js';

/** Most symbols of one subscription. */
export const MAX_SYMBOLS = 100;
/** Most levels a side that may be asked for. */
export const MAX_DEPTH = 1000;
/** Most market data subscriptions that this subgraph keeps open. */
export const MAX_STREAMS = 50_000;
/** Trades that wait for a subscriber before it is told to resume. */
const TRADES_BUFFER = 10_000;
const CANDLES_BUFFER = 1000;

interface Flow {
  readonly conflateMs: number;
  readonly maxBuffer: number;
  readonly onOverflow: OverflowPolicy;
}

const TICKS: Merging<Tick> = {
  keyOf: (tick) => tick.symbol,
  merge: (older, newer) => ({ ...newer, conflated: older.conflated + newer.conflated + 1 }),
};

/** @throws GraphQLError LIMIT_EXCEEDED naming the field */
function checkFlow(flow: FlowControl | null): Flow {
  const conflateMs = flow?.conflateMs ?? 0;
  const maxBuffer = flow?.maxBuffer ?? 1000;
  if (conflateMs < 0 || conflateMs > MAX_CONFLATE_MS) {
    throw limitExceeded('flow.conflateMs', MAX_CONFLATE_MS, `${conflateMs} ms is not within 0 to ${MAX_CONFLATE_MS}`);
  }
  if (maxBuffer < 1 || maxBuffer > MAX_FLOW_BUFFER) {
    throw limitExceeded('flow.maxBuffer', MAX_FLOW_BUFFER, `${maxBuffer} is not within 1 to ${MAX_FLOW_BUFFER}`);
  }
  return { conflateMs, maxBuffer, onOverflow: flow?.onOverflow ?? 'CONFLATE' };
}

/** @throws GraphQLError LIMIT_EXCEEDED outside of 1 to MAX_DEPTH */
export function checkDepth(depth: number): number {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) {
    throw limitExceeded('depth', MAX_DEPTH, `${depth} levels were asked for; a book is shown to 1 to ${MAX_DEPTH}`);
  }
  return depth;
}

export class MarketStreams {
  readonly #view: MarketView;
  readonly #open = new OpenStreams();

  constructor(view: MarketView) {
    this.#view = view;
  }

  /** @throws GraphQLError NOT_FOUND naming the field */
  entryOf(symbol: string, field = 'symbol'): InstrumentEntry {
    const entry = this.#view.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}"`, field);
    return entry;
  }

  ticks(symbols: readonly string[], flowControl: FlowControl | null): AsyncIterableIterator<Tick> {
    const flow = checkFlow(flowControl);
    const entries = this.#entriesOf(symbols);
    const channels = entries.map(({ instrument }) => this.#view.channelsOf(instrument).ticks);
    // The newest tick of each symbol must find room, or CONFLATE would lose one.
    const maxBuffer = flow.onOverflow === 'CONFLATE' ? Math.max(flow.maxBuffer, entries.length) : flow.maxBuffer;
    return this.#join(channels, { ...flow, maxBuffer }, TICKS);
  }

  orderBook(symbol: string, depth: number, flowControl: FlowControl | null): AsyncIterableIterator<OrderBookUpdate> {
    const flow = checkFlow(flowControl);
    checkDepth(depth);
    if (flow.onOverflow === 'DROP_OLDEST') {
      throw badUserInput('flow.onOverflow', 'a book that lost a delta is wrong: choose CONFLATE or CLOSE');
    }
    const { instrument } = this.entryOf(symbol);
    const book = this.#view.bookChannel(instrument, depth);
    const stream = this.#join([book.channel], flow, book.merging, () => {
      if (book.channel.size === 0) this.#view.channelsOf(instrument).books.delete(depth);
    });
    return new BookSubscription(book, stream);
  }

  trades(symbols: readonly string[]): AsyncIterableIterator<Trade> {
    const channels = this.#entriesOf(symbols).map(({ instrument }) => this.#view.channelsOf(instrument).trades);
    return this.#join(channels, { conflateMs: 0, maxBuffer: TRADES_BUFFER, onOverflow: 'CLOSE' }, null);
  }

  candles(symbol: string, interval: CandleInterval): AsyncIterableIterator<Candle> {
    const channel = this.#view.candleChannel(this.entryOf(symbol).instrument, interval);
    const flow: Flow = { conflateMs: 0, maxBuffer: CANDLES_BUFFER, onOverflow: 'CONFLATE' };
    return this.#join([channel], flow, { keyOf: (candle) => candle.openTime, merge: (_older, newer) => newer });
  }

  /** Ends every subscription: what waits is still delivered. */
  endAll(): void {
    this.#open.endAll();
  }

  #entriesOf(symbols: readonly string[]): InstrumentEntry[] {
    const unique = [...new Set(symbols)];
    if (unique.length < 1 || unique.length > MAX_SYMBOLS) {
      throw limitExceeded(
        'symbols',
        MAX_SYMBOLS,
        `${unique.length} symbols; one subscription takes 1 to ${MAX_SYMBOLS}`,
      );
    }
    return unique.map((symbol) => this.entryOf(symbol, 'symbols'));
  }

  #join<T>(
    channels: readonly Channel<T>[],
    flow: Flow,
    merging: Merging<T> | null,
    onLeft: () => void = () => undefined,
  ): PushStream<T> {
    if (this.#open.size >= MAX_STREAMS) {
      throw limitExceeded(
        'subscription',
        MAX_STREAMS,
        `${MAX_STREAMS} market data subscriptions are open; try again later`,
      );
    }
    let conflator: Conflator<T> | null = null;
    const stream: PushStream<T> = this.#open.open<T>({
      maxBuffer: flow.maxBuffer,
      onOverflow: flow.onOverflow,
      ...(merging === null ? {} : merging),
      onClose: () => {
        conflator?.close();
        for (const channel of channels) channel.remove(sink);
        onLeft();
      },
    });
    if (flow.conflateMs > 0 && merging !== null) conflator = new Conflator(stream, flow.conflateMs, merging);
    const sink: Sink<T> = conflator ?? stream;
    for (const channel of channels) channel.add(sink);
    return stream;
  }
}
