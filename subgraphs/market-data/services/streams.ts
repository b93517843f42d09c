/** Market data subscriptions: arguments checked, channels joined, every buffer bounded, everything left at the end. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { decodeStreamCursor, encodeStreamCursor } from '../../../src/graphql/cursor.js';
import {
  badUserInput,
  clipped,
  limitExceeded,
  notFound,
  streamGap,
  withClientErrors,
} from '../../../src/graphql/errors.js';
import { checkFlow, checkLosslessFlow, type Flow, type FlowControl } from '../../../src/graphql/flow-control.js';
import { OpenStreams, type PushStream } from '../../../src/graphql/push-stream.js';
import { ResumableStream } from '../../../src/graphql/resumable-stream.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { MarketView } from '../events.js';
import type { AuctionUpdate } from '../types/auction.js';
import type { Candle } from '../types/candle.js';
import type { Heartbeat } from '../types/heartbeat.js';
import type { OrderBookUpdate } from '../types/order-book.js';
import type { OrderBookL3Update } from '../types/order-queue.js';
import type { Tick } from '../types/ticker.js';
import type { Trade } from '../types/trade.js';
import type { TradingStatusUpdate } from '../types/trading-status.js';
import { BookSubscription } from './book-channel.js';
import { type Channel, Conflator, type Merging, type Sink } from './channel.js';
import { Heartbeats, MAX_HEARTBEAT_MS, MIN_HEARTBEAT_MS } from './heartbeats.js';
import { tradeRecordOf } from './instrument-market.js';
import type { QueueDelta } from './order-queue.js';
import type { OrderQueues } from './order-queues.js';
import { toTick, toTrade, toTradingStatus } from './payloads.js';

/** Most symbols of one subscription. */
export const MAX_SYMBOLS = 100;
/** Most levels a side that may be asked for. */
export const MAX_DEPTH = 1000;
/** Most market data subscriptions that this subgraph keeps open. */
export const MAX_STREAMS = 50_000;

const BOOK_WITHOUT_A_DELTA = 'a book that lost a delta is wrong: choose CONFLATE or CLOSE';

const TICKS: Merging<Tick> = {
  keyOf: (tick) => tick.symbol,
  merge: (older, newer) => ({ ...newer, conflated: older.conflated + newer.conflated + 1 }),
};

/** @throws GraphQLError LIMIT_EXCEEDED outside of 1 to MAX_DEPTH */
export function checkDepth(depth: number): number {
  if (!Number.isInteger(depth) || depth < 1 || depth > MAX_DEPTH) {
    throw limitExceeded('depth', MAX_DEPTH, `${depth} levels were asked for; a book is shown to 1 to ${MAX_DEPTH}`);
  }
  return depth;
}

export interface MarketStreamsDeps {
  readonly view: MarketView;
  readonly feed: EventFeed;
  readonly history: Pick<History, 'tradesAfter'>;
  readonly queues: OrderQueues;
}

export interface TradesRequest {
  readonly symbols: readonly string[];
  readonly after?: string | null;
  readonly flow?: FlowControl | null;
}

export class MarketStreams {
  readonly #view: MarketView;
  readonly #feed: EventFeed;
  readonly #history: Pick<History, 'tradesAfter'>;
  readonly #queues: OrderQueues;
  readonly #open = new OpenStreams();
  readonly #heartbeats: Heartbeats;

  constructor({ view, feed, history, queues }: MarketStreamsDeps) {
    this.#view = view;
    this.#feed = feed;
    this.#history = history;
    this.#queues = queues;
    this.#heartbeats = new Heartbeats(view);
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
    const stream = this.#join(channels, { ...flow, maxBuffer }, TICKS);
    for (const entry of entries) stream.push(toTick(entry, this.#view.marketAt(entry.instrument)));
    return stream;
  }

  orderBook(symbol: string, depth: number, flowControl: FlowControl | null): AsyncIterableIterator<OrderBookUpdate> {
    const flow = checkFlow(flowControl);
    checkDepth(depth);
    if (flow.onOverflow === 'DROP_OLDEST') {
      throw badUserInput('flow.onOverflow', BOOK_WITHOUT_A_DELTA);
    }
    const { instrument } = this.entryOf(symbol);
    const book = this.#view.bookChannel(instrument, depth);
    const stream = this.#join([book.channel], flow, book.merging, () => {
      if (book.channel.size === 0) this.#view.channelsOf(instrument).books.delete(depth);
    });
    return new BookSubscription(book, stream);
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, NOT_FOUND, BAD_USER_INPUT naming the field */
  trades({ symbols, after, flow }: TradesRequest): AsyncIterableIterator<Trade> {
    const entries = new Map(this.#entriesOf(symbols).map((entry) => [entry.instrument, entry]));
    const bounds = checkLosslessFlow(flow ?? null);
    const position = after === undefined || after === null ? null : decodeStreamCursor(after);
    this.#requireRoom();
    const channels = [...entries.keys()].map((instrument) => this.#view.channelsOf(instrument).trades);
    let onClose: () => void = () => undefined;
    const stream = new ResumableStream<Trade>(
      {
        feed: this.#feed,
        view: this.#view,
        listen: ({ item, interrupted }) => {
          const sink: Sink<Trade> = {
            push: (trade) => {
              item(trade);
              return true;
            },
            interrupted,
          };
          for (const channel of channels) channel.add(sink);
          return () => {
            for (const channel of channels) channel.remove(sink);
          };
        },
        positionOf: ({ sequence }) => ({ sequence, leg: 0 }),
        itemsOf: (event) => {
          const entry = event.type === 'OrdersTraded' ? entries.get(event.instrument) : undefined;
          return event.type !== 'OrdersTraded' || entry === undefined ? [] : [toTrade(entry, tradeRecordOf(event))];
        },
        fromHistory: async ({ sequence }, limit) => {
          const page = await this.#history.tradesAfter([...entries.keys()], sequence, limit);
          const records = page.records.map((record) =>
            toTrade(this.#view.reference.instrumentAt(record.instrument), record),
          );
          return { ...page, records };
        },
        gap: ({ sequence, leg }, through) => {
          const remedy = 'Instrument.trades pages through what the database holds; resume with `cursor` as `after`';
          throw streamGap(encodeStreamCursor(sequence, leg), encodeStreamCursor(through.sequence, through.leg), remedy);
        },
      },
      { after: position, ...bounds, onClose: () => onClose() },
    );
    onClose = this.#open.add(stream);
    return stream;
  }

  candles(symbol: string, interval: CandleInterval, flowControl: FlowControl | null): AsyncIterableIterator<Candle> {
    const flow = checkFlow(flowControl);
    if (flow.onOverflow === 'DROP_OLDEST') {
      throw badUserInput(
        'flow.onOverflow',
        'a closed candle that was dropped would be missing: choose CONFLATE or CLOSE',
      );
    }
    const channel = this.#view.candleChannel(this.entryOf(symbol).instrument, interval);
    return this.#join([channel], flow, { keyOf: (candle) => candle.openTime, merge: (_older, newer) => newer });
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, NOT_FOUND, BAD_USER_INPUT naming the field, ENGINE_UNAVAILABLE */
  async orderBookL3(
    symbol: string,
    flowControl: FlowControl | null,
  ): Promise<AsyncIterableIterator<OrderBookL3Update>> {
    const flow = checkFlow(flowControl);
    if (flow.onOverflow === 'DROP_OLDEST') throw badUserInput('flow.onOverflow', BOOK_WITHOUT_A_DELTA);
    const { instrument } = this.entryOf(symbol);
    this.#requireRoom();
    const queue = await withClientErrors(this.#queues.enter(instrument));
    try {
      const stream = this.#join([queue.channel], flow, queue.merging, () => this.#queues.leave());
      return new BookSubscription<OrderBookL3Update, QueueDelta>(queue, stream);
    } catch (error) {
      this.#queues.leave();
      throw error;
    }
  }

  /** The phase of each symbol as it is, then every change. */
  tradingStatus(
    symbols: readonly string[],
    flowControl: FlowControl | null,
  ): AsyncIterableIterator<TradingStatusUpdate> {
    const flow = checkFlow(flowControl);
    const entries = this.#entriesOf(symbols);
    const channels = entries.map(({ instrument }) => this.#view.channelsOf(instrument).status);
    const maxBuffer = Math.max(flow.maxBuffer, entries.length);
    const merging = {
      keyOf: ({ symbol }: TradingStatusUpdate) => symbol,
      merge: (_older: object, newer: TradingStatusUpdate) => newer,
    };
    const stream = this.#join(channels, { ...flow, maxBuffer }, merging);
    for (const entry of entries) stream.push(toTradingStatus(entry, this.#view.sequence, this.#view.timeUs));
    return stream;
  }

  /** The auctions under way of the symbols as they are, then every change and each end. */
  auction(symbols: readonly string[], flowControl: FlowControl | null): AsyncIterableIterator<AuctionUpdate> {
    const flow = checkFlow(flowControl);
    const entries = this.#entriesOf(symbols);
    const channels = entries.map(({ instrument }) => this.#view.channelsOf(instrument).auction);
    const maxBuffer = Math.max(flow.maxBuffer, entries.length * 2);
    const merging = {
      // The end of an auction is never merged into the beginning of the next.
      keyOf: ({ symbol, ended }: AuctionUpdate) => `${symbol} ${ended}`,
      merge: (_older: object, newer: AuctionUpdate) => newer,
    };
    const stream = this.#join(channels, { ...flow, maxBuffer }, merging);
    for (const { instrument } of entries) {
      const now = this.#view.auctionOf(instrument);
      if (now !== null) stream.push(now);
    }
    return stream;
  }

  /**
   * @param symbols null = every instrument listed now, at most MAX_SYMBOLS
   * @throws GraphQLError LIMIT_EXCEEDED, NOT_FOUND naming the field
   */
  heartbeat(intervalMs: number, symbols: readonly string[] | null): AsyncIterableIterator<Heartbeat> {
    if (intervalMs < MIN_HEARTBEAT_MS || intervalMs > MAX_HEARTBEAT_MS) {
      const problem = `${intervalMs} ms is not within ${MIN_HEARTBEAT_MS} to ${MAX_HEARTBEAT_MS}`;
      throw limitExceeded('intervalMs', MAX_HEARTBEAT_MS, problem);
    }
    const listed = this.#view.reference.instruments;
    const entries = symbols === null ? listed.slice(0, MAX_SYMBOLS) : this.#entriesOf(symbols);
    const instruments = entries.map(({ instrument }) => instrument);
    this.#requireRoom();
    const { channel, onLeft } = this.#heartbeats.join(instruments, intervalMs);
    const newest: Flow = { conflateMs: 0, maxBuffer: 1, onOverflow: 'DROP_OLDEST' };
    const stream = this.#join([channel], newest, null, onLeft);
    stream.push(this.#heartbeats.now(instruments));
    return stream;
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
    this.#requireRoom();
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

  /** @throws GraphQLError LIMIT_EXCEEDED */
  #requireRoom(): void {
    if (this.#open.size < MAX_STREAMS) return;
    throw limitExceeded(
      'subscription',
      MAX_STREAMS,
      `${MAX_STREAMS} market data subscriptions are open; try again later`,
    );
  }
}
