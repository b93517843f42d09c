/** The market data service: the view and everything that answers from it, with its start and stop. */

import type { OrdersTraded } from '../../../src/core/exchange/event.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { BookView } from '../../../src/core/market-data/book-view.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { clipped, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { HistorySeam } from '../../../src/graphql/history-seam.js';
import { type PointInTime, stateAt } from '../../../src/graphql/point-in-time.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { ImportedMarketData } from '../../../src/ports/imported-market-data.js';
import type { Log } from '../../../src/ports/log.js';
import type { ReferenceFeed } from '../../../src/ports/reference-feed.js';
import { MarketView } from '../events.js';
import type { AuctionUpdate } from '../types/auction.js';
import type { OrderBook } from '../types/order-book.js';
import type { OrderBookL3 } from '../types/order-queue.js';
import type { MarketStatistics } from '../types/statistics.js';
import type { Ticker } from '../types/ticker.js';
import type { TradingSession } from '../types/trading-calendar.js';
import { InstrumentAdministration } from './administration.js';
import { checksumOf } from './book-channel.js';
import { MarketImports } from './imports.js';
import { OrderQueues } from './order-queues.js';
import { MarketPages } from './pages.js';
import { buildPast, type Past, readPast } from './past.js';
import { toLevels, toStatistics, toTicker } from './payloads.js';
import { References } from './references.js';
import { MarketRelations } from './relations.js';
import { toSession } from './sessions.js';
import { checkDepth, MarketStreams } from './streams.js';

export interface MarketDataDeps {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: History;
  /** Market data of other venues; absent = this platform keeps none. */
  readonly imported?: ImportedMarketData;
  /** Prices of another venue; absent = none is followed. */
  readonly references?: ReferenceFeed;
  /** Where failures of background work are told; nowhere when absent. */
  readonly log?: Log;
}

export class MarketData {
  readonly view: MarketView;
  readonly streams: MarketStreams;
  readonly pages: MarketPages;
  readonly relations: MarketRelations;
  readonly imports: MarketImports;
  readonly references: References;
  readonly administration: InstrumentAdministration;
  readonly #feed: EventFeed;
  readonly #queues: OrderQueues;
  readonly #seam: HistorySeam<Past>;
  #unfollow: (() => void) | null = null;

  constructor({ engine, feed, history, imported, references, log = () => undefined }: MarketDataDeps) {
    this.#feed = feed;
    this.view = new MarketView({
      onTrade: (trade) => this.#seam.observe(trade),
      onReset: () => {
        if (this.#unfollow !== null) this.#seam.restart();
      },
    });
    this.#seam = new HistorySeam<Past>({
      feed,
      what: 'market data',
      log,
      lastSequence: () => this.view.sequence,
      read: async () => {
        const rows = await readPast(history, [...this.view.reference.instruments.keys()]);
        return { rows, throughSequence: rows.throughSequence };
      },
      finish: (past, trades) => {
        this.#load(past, trades);
        return true;
      },
    });
    this.#queues = new OrderQueues(feed, log);
    this.streams = new MarketStreams({ view: this.view, feed, history, queues: this.#queues });
    this.pages = new MarketPages(this.view, history, imported ?? null);
    this.imports = new MarketImports(imported ?? null, () => Date.now() * 1000);
    this.references = new References(
      references ?? null,
      this.imports,
      (symbol) => this.view.reference.instrumentBySymbol(symbol),
      log,
    );
    this.relations = new MarketRelations(this.pages);
    this.administration = new InstrumentAdministration(engine, this.view);
  }

  /** Follows the stream, then loads the past; goes on without it while history cannot be read. */
  async start(): Promise<void> {
    this.#unfollow = await this.#feed.follow(this.view);
    await this.#seam.start();
    this.references.start();
  }

  async stop(): Promise<void> {
    await this.references.stop();
    this.#unfollow?.();
    this.#unfollow = null;
    this.#seam.stop();
    this.streams.endAll();
    this.#queues.stop();
    this.view.stop();
  }

  ticker(entry: InstrumentEntry): Ticker {
    return toTicker(entry, this.view.marketAt(entry.instrument), this.view.timeUs);
  }

  session(entry: InstrumentEntry): TradingSession {
    return toSession(entry, this.view.timeUs);
  }

  auction(entry: InstrumentEntry): AuctionUpdate | null {
    return this.view.auctionOf(entry.instrument);
  }

  statistics(entry: InstrumentEntry): MarketStatistics {
    return toStatistics(entry, this.view.marketAt(entry.instrument));
  }

  /** @throws GraphQLError LIMIT_EXCEEDED where depth is out of range */
  orderBook(entry: InstrumentEntry, depth: number): OrderBook {
    checkDepth(depth);
    return toOrderBook(entry, this.view.marketAt(entry.instrument).book, depth);
  }

  /**
   * The book as it was.
   * @throws GraphQLError as stateAt does; NOT_FOUND where the instrument was not listed then
   */
  async orderBookAt(symbol: string, depth: number, at: PointInTime, context: RequestContext): Promise<OrderBook> {
    checkDepth(depth);
    const { events, sequence } = await stateAt(this.#feed, at, context);
    const then = new MarketView({ onTrade: () => undefined, onReset: () => undefined });
    then.reset(events, sequence);
    const entry = then.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound(`instrument "${clipped(symbol)}" at that moment`, 'at');
    return toOrderBook(entry, then.marketAt(entry.instrument).book, depth);
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, ENGINE_UNAVAILABLE */
  async orderBookL3({ instrument }: InstrumentEntry, depth: number): Promise<OrderBookL3> {
    checkDepth(depth);
    const queue = await withClientErrors(this.#queues.enter(instrument));
    try {
      return queue.book(depth);
    } finally {
      this.#queues.leave();
    }
  }

  #load(past: Past, trades: readonly OrdersTraded[]): void {
    const byInstrument = new Map<number, OrdersTraded[]>();
    for (const trade of trades) {
      const of = byInstrument.get(trade.instrument);
      if (of === undefined) byInstrument.set(trade.instrument, [trade]);
      else of.push(trade);
    }
    for (const [instrument, rows] of past.rows) {
      const teller = this.view.candleTeller(instrument);
      const loaded = buildPast(rows, byInstrument.get(instrument) ?? [], teller);
      loaded.candles.closeThrough(this.view.timeUs);
      const market = this.view.marketAt(instrument);
      const before = market.lastTrade?.tradeId;
      market.load(loaded);
      if (market.lastTrade?.tradeId !== before) this.view.tellTick(instrument);
    }
  }
}

function toOrderBook(entry: InstrumentEntry, book: BookView, depth: number): OrderBook {
  return {
    symbol: entry.symbol,
    sequence: book.sequence,
    bids: toLevels(entry.terms, book.top('BUY', depth)),
    asks: toLevels(entry.terms, book.top('SELL', depth)),
    checksum: checksumOf(entry, book),
    transactTime: book.timeUs,
  };
}
