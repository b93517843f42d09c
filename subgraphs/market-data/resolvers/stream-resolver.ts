import { Arg, Authorized, Extensions, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { MarketRead } from '../../../src/graphql/declared-scopes.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { FLOW, FlowControl, LOSSLESS_FLOW } from '../../../src/graphql/flow-control.js';
import { Sized } from '../../../src/graphql/list-size.js';
import { CursorScalar } from '../../../src/graphql/scalars.js';
import { MAX_HEARTBEAT_MS, MIN_HEARTBEAT_MS } from '../services/heartbeats.js';
import type { MarketStreams } from '../services/streams.js';
import { MAX_DEPTH, MAX_SYMBOLS } from '../services/streams.js';
import { AuctionUpdate } from '../types/auction.js';
import { Candle } from '../types/candle.js';
import { Heartbeat } from '../types/heartbeat.js';
import { OrderBookUpdate } from '../types/order-book.js';
import { OrderBookL3Update } from '../types/order-queue.js';
import { Tick } from '../types/ticker.js';
import { Trade } from '../types/trade.js';
import { TradingStatusUpdate } from '../types/trading-status.js';

const DEFAULT_DEPTH = 10;
const DEFAULT_HEARTBEAT_MS = 5_000;
const SYMBOLS = `Instruments, 1 to ${MAX_SYMBOLS}; FIX tag 55.`;
const SYMBOL = 'The instrument; FIX tag 55.';
const AFTER =
  'Cursor of the last trade that was received, of any of the symbols; absent = only what happens from now on.';

/** Every subscriber is handed the same object for the same event, and it is public: executed once for all. */
const SHARED = { shared: true };

interface TicksArgs {
  readonly symbols: readonly string[];
  readonly flow?: FlowControl | null;
}

interface OrderBookArgs {
  readonly symbol: string;
  readonly depth: number | null;
  readonly flow?: FlowControl | null;
}

interface OrderBookL3Args {
  readonly symbol: string;
  readonly flow?: FlowControl | null;
}

interface TradesArgs extends TicksArgs {
  readonly after?: string | null;
}

interface HeartbeatArgs {
  readonly intervalMs?: number | null;
  readonly symbols?: readonly string[] | null;
}

interface CandlesArgs {
  readonly symbol: string;
  readonly interval: CandleInterval;
  readonly flow?: FlowControl | null;
}

/**
 * Returns the resolver class of the public streams; no identity is needed.
 * A class of its own for each subgraph: type-graphql calls `subscribe` without an instance. Payloads are typed so that it
 * hands them on as they are: every subscriber gets the same object.
 */
export function createStreamResolver(streams: MarketStreams): new () => object {
  @Resolver()
  class StreamResolver {
    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => Tick, {
      description:
        'The best bid and offer and the last trade: the present state of each symbol first, then every change. Public unless market data is closed.',
      subscribe: ({ args }: { args: TicksArgs }) => streams.ticks(args.symbols, args.flow ?? null),
    })
    ticks(
      @Root() tick: Readonly<Tick>,
      @Arg('symbols', () => [ID], { description: SYMBOLS }) _symbols: string[],
      @Arg('flow', () => FlowControl, { nullable: true, description: FLOW }) _flow: FlowControl | null,
    ): Tick {
      return tick;
    }

    @Extensions(SHARED)
    @Sized('depth', 10, 'bids', 'asks')
    @MarketRead()
    @Subscription(() => OrderBookUpdate, {
      description:
        'A book: the whole of it first, then what changes. A copy of at least ten levels a side can be checked against the checksum; subscribe with depth ≥ 10 to do so. Public unless market data is closed.',
      subscribe: ({ args }: { args: OrderBookArgs }) =>
        streams.orderBook(args.symbol, args.depth ?? DEFAULT_DEPTH, args.flow ?? null),
    })
    orderBook(
      @Root() update: Readonly<OrderBookUpdate>,
      @Arg('symbol', () => ID, { description: SYMBOL }) _symbol: string,
      @Arg('depth', () => Int, {
        nullable: true,
        defaultValue: DEFAULT_DEPTH,
        description: `Levels a side, 1 to ${MAX_DEPTH}.`,
      })
      _depth: number | null,
      @Arg('flow', () => FlowControl, {
        nullable: true,
        description: `${FLOW} Merged deltas lead to the same book; DROP_OLDEST is refused.`,
      })
      _flow: FlowControl | null,
    ): OrderBookUpdate {
      return update;
    }

    @Authorized<Scope>('admin')
    @Subscription(() => OrderBookL3Update, {
      description:
        'A book order by order: the whole of it first, then what changes. A new snapshot comes where an auction moved orders. Needs scope admin.',
      subscribe: ({ args, context }: { args: OrderBookL3Args; context: unknown }) => {
        requireScope(context as RequestContext, 'admin');
        return streams.orderBookL3(args.symbol, args.flow ?? null);
      },
    })
    orderBookL3(
      @Root() update: Readonly<OrderBookL3Update>,
      @Arg('symbol', () => ID, { description: SYMBOL }) _symbol: string,
      @Arg('flow', () => FlowControl, {
        nullable: true,
        description: `${FLOW} Merged deltas lead to the same book; DROP_OLDEST is refused.`,
      })
      _flow: FlowControl | null,
    ): OrderBookL3Update {
      return update;
    }

    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => Trade, {
      description:
        'Trades as they happen; none is merged or dropped. With `after` first what came behind that cursor, then live, no ' +
        'gap and no double; where the trades behind it are no longer kept, the stream ends with the error STREAM_GAP, ' +
        'whose extensions carry the cursor to go on from. Public unless market data is closed.',
      subscribe: ({ args }: { args: TradesArgs }) => streams.trades(args),
    })
    trades(
      @Root() trade: Readonly<Trade>,
      @Arg('symbols', () => [ID], { description: SYMBOLS }) _symbols: string[],
      @Arg('after', () => CursorScalar, { nullable: true, description: AFTER }) _after: string | null,
      @Arg('flow', () => FlowControl, { nullable: true, description: LOSSLESS_FLOW }) _flow: FlowControl | null,
    ): Trade {
      return trade;
    }

    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => Candle, {
      description:
        'The candle in the making whenever it changes, and each candle once more as it closes. Public unless market data is closed.',
      subscribe: ({ args }: { args: CandlesArgs }) => streams.candles(args.symbol, args.interval, args.flow ?? null),
    })
    candles(
      @Root() candle: Readonly<Candle>,
      @Arg('symbol', () => ID, { description: SYMBOL }) _symbol: string,
      @Arg('interval', () => CandleIntervalEnum, { description: 'Width of the candles.' }) _interval: CandleInterval,
      @Arg('flow', () => FlowControl, {
        nullable: true,
        description: `${FLOW} Of each candle its newest state stays; where more candles than maxBuffer wait, the oldest goes.`,
      })
      _flow: FlowControl | null,
    ): Candle {
      return candle;
    }

    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => TradingStatusUpdate, {
      description:
        'The trading phase of each symbol as it is, then each change of one, with its reason. Public unless market data is closed.',
      subscribe: ({ args }: { args: TicksArgs }) => streams.tradingStatus(args.symbols, args.flow ?? null),
    })
    tradingStatus(
      @Root() update: Readonly<TradingStatusUpdate>,
      @Arg('symbols', () => [ID], { description: SYMBOLS }) _symbols: string[],
      @Arg('flow', () => FlowControl, { nullable: true, description: FLOW }) _flow: FlowControl | null,
    ): TradingStatusUpdate {
      return update;
    }

    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => AuctionUpdate, {
      description:
        'Auctions: of each symbol the one that is under way, then each change of the indicative price and each end with what traded. Public unless market data is closed.',
      subscribe: ({ args }: { args: TicksArgs }) => streams.auction(args.symbols, args.flow ?? null),
    })
    auction(
      @Root() update: Readonly<AuctionUpdate>,
      @Arg('symbols', () => [ID], { description: SYMBOLS }) _symbols: string[],
      @Arg('flow', () => FlowControl, { nullable: true, description: FLOW }) _flow: FlowControl | null,
    ): AuctionUpdate {
      return update;
    }

    @Extensions(SHARED)
    @MarketRead()
    @Subscription(() => Heartbeat, {
      description:
        'A beat at once and then every intervalMs, with the last sequence of each stream, so that silence is told from loss. Public unless market data is closed.',
      subscribe: ({ args }: { args: HeartbeatArgs }) =>
        streams.heartbeat(args.intervalMs ?? DEFAULT_HEARTBEAT_MS, args.symbols ?? null),
    })
    heartbeat(
      @Root() beat: Readonly<Heartbeat>,
      @Arg('intervalMs', () => Int, {
        nullable: true,
        defaultValue: DEFAULT_HEARTBEAT_MS,
        description: `Time between two beats, ${MIN_HEARTBEAT_MS} to ${MAX_HEARTBEAT_MS} ms.`,
      })
      _intervalMs: number | null,
      @Arg('symbols', () => [ID], {
        nullable: true,
        description: `Instruments, at most ${MAX_SYMBOLS}; absent = those listed when it begins.`,
      })
      _symbols: string[] | null,
    ): Heartbeat {
      return beat;
    }
  }
  return StreamResolver;
}
