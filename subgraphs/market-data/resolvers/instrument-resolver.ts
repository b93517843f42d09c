import { Arg, Authorized, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { RequestContext } from '../../../src/graphql/context.js';
import { MarketRead } from '../../../src/graphql/declared-scopes.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { About, Paged, Sized } from '../../../src/graphql/list-size.js';
import { MAX_PAGE_SIZE } from '../../../src/graphql/page.js';
import { AT, PointInTime } from '../../../src/graphql/point-in-time.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { MarketData } from '../services/market-data.js';
import { MAX_ORDERS } from '../services/order-queue.js';
import { toInstrument } from '../services/payloads.js';
import { MAX_DEPTH } from '../services/streams.js';
import { AuctionUpdate } from '../types/auction.js';
import { CandleConnection } from '../types/candle.js';
import { Instrument } from '../types/instrument.js';
import { OrderBook } from '../types/order-book.js';
import { OrderBookL3 } from '../types/order-queue.js';
import { ReferencePrice } from '../types/reference-price.js';
import { MarketStatistics } from '../types/statistics.js';
import { Ticker } from '../types/ticker.js';
import { TradeConnection } from '../types/trade.js';
import { TradingSession } from '../types/trading-calendar.js';

const FROM = 'Earliest time, inclusive; absent = from the first.';
const TO = 'Latest time, exclusive; absent = up to the last.';

/** What field resolvers need of their parent; no class, so that type-graphql copies nothing into one. */
type InstrumentKey = Pick<Instrument, 'symbol'>;

/** Public reads: no identity is needed. */
@Resolver(() => Instrument)
export class InstrumentResolver {
  readonly #market: MarketData;

  constructor(market: MarketData) {
    this.#market = market;
  }

  @MarketRead()

  @Query(() => Instrument, { nullable: true, description: 'An instrument by its symbol; null where there is none.' })
  instrument(
    @Arg('symbol', () => ID, { description: 'Public symbol; FIX tag 55.' }) symbol: string,
  ): Instrument | null {
    const entry = this.#market.view.reference.instrumentBySymbol(symbol);
    return entry === undefined ? null : toInstrument(entry);
  }

  @About(20)
  @MarketRead()
  @Query(() => [Instrument], { description: 'Every instrument, in the order of listing.' })
  instruments(): Instrument[] {
    return this.#market.view.reference.instruments.map(toInstrument);
  }

  @FieldResolver(() => Ticker, {
    nullable: true,
    description: 'Best bid and offer, last trade and 24 h statistics, as of now.',
  })
  ticker(@Root() { symbol }: InstrumentKey): Ticker {
    return this.#market.ticker(this.#market.streams.entryOf(symbol));
  }

  @FieldResolver(() => MarketStatistics, {
    description: 'What follows from the ticks so far, brought up to date with each.',
  })
  statistics(@Root() { symbol }: InstrumentKey): MarketStatistics {
    return this.#market.statistics(this.#market.streams.entryOf(symbol));
  }

  @About(1)
  @FieldResolver(() => [ReferencePrice], {
    description: 'What other venues show for it, one a venue, each with its age; empty where none is followed.',
  })
  referencePrices(@Root() { symbol }: InstrumentKey): ReferencePrice[] {
    return this.#market.references.pricesOf(symbol);
  }

  @FieldResolver(() => TradingSession, { description: 'Where it stands in its sessions, and its calendar.' })
  session(@Root() { symbol }: InstrumentKey): TradingSession {
    return this.#market.session(this.#market.streams.entryOf(symbol));
  }

  @FieldResolver(() => AuctionUpdate, {
    nullable: true,
    description: 'The auction that is under way, with its indicative price; null in every other phase.',
  })
  auction(@Root() { symbol }: InstrumentKey): AuctionUpdate | null {
    return this.#market.auction(this.#market.streams.entryOf(symbol));
  }

  @Sized('depth', 10, 'bids', 'asks')
  @FieldResolver(() => OrderBook, { description: 'The public book, best prices first.' })
  orderBook(
    @Root() { symbol }: InstrumentKey,
    @Arg('depth', () => Int, {
      nullable: true,
      defaultValue: 10,
      description: `Most levels a side, 1 to ${MAX_DEPTH}.`,
    })
    depth: number | null,
    @Arg('at', () => PointInTime, { nullable: true, description: AT }) at: PointInTime | null,
    @Ctx() context: RequestContext,
  ): OrderBook | Promise<OrderBook> {
    if (at != null) return this.#market.orderBookAt(symbol, depth ?? 10, at, context);
    return this.#market.orderBook(this.#market.streams.entryOf(symbol), depth ?? 10);
  }

  @Authorized('admin')
  @Sized('depth', 10, 'bids', 'asks')
  @FieldResolver(() => OrderBookL3, {
    description: 'The book order by order, without whose orders they are. Needs scope admin.',
  })
  orderBookL3(
    @Root() { symbol }: InstrumentKey,
    @Arg('depth', () => Int, {
      nullable: true,
      defaultValue: 10,
      description: `Most prices a side, 1 to ${MAX_DEPTH}; LIMIT_EXCEEDED where more than ${MAX_ORDERS} orders of a side stand on them.`,
    })
    depth: number | null,
  ): Promise<OrderBookL3> {
    return this.#market.orderBookL3(this.#market.streams.entryOf(symbol), depth ?? 10);
  }

  @Paged(50)
  @FieldResolver(() => TradeConnection, { description: 'Trades, newest first.' })
  trades(
    @Root() { symbol }: InstrumentKey,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 50,
      description: `Most trades of the page, 1 to ${MAX_PAGE_SIZE}.`,
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last trade of the page before.' })
    after: string | null,
    @Arg('from', () => DateTimeScalar, { nullable: true, description: FROM }) from: number | null,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: TO }) to: number | null,
  ): Promise<TradeConnection> {
    const request = { first: first ?? 50, after: after ?? null, fromUs: from ?? null, toUs: to ?? null };
    return this.#market.pages.trades(this.#market.streams.entryOf(symbol), request) as Promise<TradeConnection>;
  }

  @Paged(500)
  @FieldResolver(() => CandleConnection, { description: 'Candles, oldest first, the one in the making last.' })
  candles(
    @Root() { symbol }: InstrumentKey,
    @Arg('interval', () => CandleIntervalEnum, { description: 'Width of the candles.' }) interval: CandleInterval,
    @Arg('from', () => DateTimeScalar, { nullable: true, description: FROM }) from: number | null,
    @Arg('to', () => DateTimeScalar, { nullable: true, description: TO }) to: number | null,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: 500,
      description: `Most candles of the page, 1 to ${MAX_PAGE_SIZE}.`,
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last candle of the page before.' })
    after: string | null,
  ): Promise<CandleConnection> {
    const request = { first: first ?? 500, after: after ?? null, fromUs: from ?? null, toUs: to ?? null };
    const entry = this.#market.streams.entryOf(symbol);
    return this.#market.pages.candles(entry, interval, request) as Promise<CandleConnection>;
  }
}
