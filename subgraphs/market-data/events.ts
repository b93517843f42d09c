/**
 * The view: public market data in memory, followed from the event stream, told to channels once a command.
 *
 * Between two commands a book may be crossed or half changed; so all events of a command are taken before anything is
 * told. A tick, a delta or a candle is made only where somebody subscribes to it, and once for all who do.
 */
import type {
  AuctionEnded,
  AuctionIndicative,
  BookLevelChanged,
  ExchangeEvent,
  OrdersTraded,
} from '../../src/core/exchange/event.js';
import { type InstrumentEntry, ReferenceData } from '../../src/core/exchange/reference-data.js';
import type { ChangedPrices } from '../../src/core/market-data/book-delta.js';
import { type AuctionKind, CANDLE_INTERVALS, type CandleInterval } from '../../src/core/values/vocabulary.js';
import { ReachedSequence } from '../../src/graphql/reached-sequence.js';
import type { EventBatch, EventConsumer } from '../../src/ports/event-feed.js';
import type { TradeRecord } from '../../src/ports/history.js';
import { BookChannel, checksumOf } from './services/book-channel.js';
import type { CandleState } from './services/candle-tape.js';
import { Channel } from './services/channel.js';
import { InstrumentMarket, tradeRecordOf } from './services/instrument-market.js';
import { toCandle, toTick, toTrade, toTradingStatus } from './services/payloads.js';
import { toAuction } from './services/sessions.js';
import type { AuctionUpdate } from './types/auction.js';
import type { Candle } from './types/candle.js';
import type { Tick } from './types/ticker.js';
import type { Trade } from './types/trade.js';
import type { TradingStatusUpdate } from './types/trading-status.js';

const SECOND_US = 1_000_000;

/** What subscribers of one instrument listen to; outlives a reset of the view. */
export class InstrumentChannels {
  readonly ticks = new Channel<Tick>();
  readonly trades = new Channel<Trade>();
  readonly status = new Channel<TradingStatusUpdate>();
  readonly auction = new Channel<AuctionUpdate>();
  readonly candles = new Map(CANDLE_INTERVALS.map((interval) => [interval, new Channel<Candle>()]));
  /** By depth; a depth is there while somebody subscribes to it. */
  readonly books = new Map<number, BookChannel>();
}

interface TouchedInstrument {
  readonly levels: BookLevelChanged[];
  readonly trades: OrdersTraded[];
}

export interface MarketViewOptions {
  /** Called with each trade, in order. */
  readonly onTrade: (trade: OrdersTraded) => void;
  /** Called after the view started again from an image. */
  readonly onReset: () => void;
}

export class MarketView implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly #options: MarketViewOptions;
  readonly #markets: InstrumentMarket[] = [];
  /** The auctions that are under way. */
  readonly #auctions = new Map<number, AuctionUpdate>();
  readonly #channels = new Map<number, InstrumentChannels>();
  /** Instruments that the command under way touched. */
  readonly #touched = new Map<number, TouchedInstrument>();
  #commandSequence = 0;
  readonly #reached = new ReachedSequence();
  #timeUs = 0;

  constructor(options: MarketViewOptions) {
    this.#options = options;
  }

  /** Sequence of the last event taken, everything about it told. */
  get sequence(): number {
    return this.#reached.value;
  }

  /** Waits until the view has taken the sequence. Resolves false where it has not within the time. */
  whenReached(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#reached.wait(sequence, timeoutMs);
  }

  /** Lets everybody go who waits in whenReached. */
  stop(): void {
    this.#reached.stop();
  }

  /** Present engine time: that of the last event, microseconds since 1970 UTC. */
  get timeUs(): number {
    return this.#timeUs;
  }

  /** @throws RangeError for an instrument that no event has told */
  marketAt(instrument: number): InstrumentMarket {
    const market = this.#markets[instrument];
    if (market === undefined) throw new RangeError(`no instrument has index ${instrument}`);
    return market;
  }

  channelsOf(instrument: number): InstrumentChannels {
    let channels = this.#channels.get(instrument);
    if (channels === undefined) {
      channels = new InstrumentChannels();
      this.#channels.set(instrument, channels);
    }
    return channels;
  }

  /** Returns the book's channel at a depth, opened where nobody subscribed to it yet. */
  bookChannel(instrument: number, depth: number): BookChannel {
    const { books } = this.channelsOf(instrument);
    let channel = books.get(depth);
    if (channel === undefined) {
      channel = new BookChannel(() => this.reference.instrumentAt(instrument), this.marketAt(instrument).book, depth);
      books.set(depth, channel);
    }
    return channel;
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.reference.clear();
    const before = this.#markets.splice(0);
    this.#auctions.clear();
    this.#touched.clear();
    for (const event of image) if (event.timeUs > this.#timeUs) this.#timeUs = event.timeUs;
    for (const event of image) {
      if (event.type === 'InstrumentListed') {
        this.#list(event.instrument, sequence, this.#timeUs, before[event.instrument]?.lastTrade ?? null);
      }
      if (event.type === 'BookLevelChanged') this.marketAt(event.instrument).book.load(event);
      this.reference.apply(event);
      if (event.type === 'TradingStatusChanged') this.#followPhase(event.instrument, sequence, this.#timeUs);
      if (event.type === 'AuctionIndicative') this.#followAuction(event);
    }
    for (const market of this.#markets) market.tick(sequence, market.timeUs);
    this.#reached.set(sequence);
    for (const [instrument, { books, trades }] of this.#channels) {
      const market = this.marketAt(instrument);
      for (const channel of books.values()) channel.restart(market.book);
      this.tellTick(instrument);
      this.#tellStatus(instrument, sequence, this.#timeUs);
      trades.interrupt();
    }
    this.#options.onReset();
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) {
      if (event.commandSequence !== this.#commandSequence) {
        this.#endCommand();
        this.#commandSequence = event.commandSequence;
      }
      this.#advanceTime(event.timeUs);
      switch (event.type) {
        case 'BookLevelChanged':
          this.#touch(event.instrument).levels.push(event);
          break;
        case 'OrdersTraded':
          this.#touch(event.instrument).trades.push(event);
          break;
        case 'InstrumentListed':
          this.reference.apply(event);
          this.#list(event.instrument, event.sequence, event.timeUs);
          break;
        case 'TradingStatusChanged':
          this.reference.apply(event);
          this.#tellStatus(event.instrument, event.sequence, event.timeUs);
          this.#followPhase(event.instrument, event.sequence, event.timeUs);
          break;
        case 'AuctionIndicative':
        case 'AuctionEnded':
          this.#followAuction(event);
          break;
        default:
          this.reference.apply(event);
          break;
      }
    }
    this.#endCommand();
    this.#reached.set(batch.lastSequence);
  }

  /** Returns the auction that is under way, null where none is. */
  auctionOf(instrument: number): AuctionUpdate | null {
    return this.#auctions.get(instrument) ?? null;
  }

  /** An auction begins without an indicative price, and is no longer under way in any other phase. */
  #followPhase(instrument: number, sequence: number, timeUs: number): void {
    const entry = this.reference.instrumentAt(instrument);
    const known = this.#auctions.get(instrument);
    if (entry.auction === null) this.#auctions.delete(instrument);
    else if (known?.kind !== entry.auction) this.#followAuction(emptyAuction(entry, entry.auction, sequence, timeUs));
  }

  #followAuction(event: AuctionIndicative | AuctionEnded): void {
    const update = toAuction(this.reference.instrumentAt(event.instrument), event);
    if (!update.ended) this.#auctions.set(event.instrument, update);
    const { auction } = this.channelsOf(event.instrument);
    if (auction.size > 0) auction.publish(update);
  }

  #list(instrument: number, sequence: number, timeUs: number, lastBefore: TradeRecord | null = null): void {
    const onCandleClosed = (state: CandleState) => this.#tellCandle(instrument, state);
    this.#markets[instrument] = new InstrumentMarket(instrument, sequence, timeUs, onCandleClosed, lastBefore);
  }

  #touch(instrument: number): TouchedInstrument {
    let touched = this.#touched.get(instrument);
    if (touched === undefined) {
      touched = { levels: [], trades: [] };
      this.#touched.set(instrument, touched);
    }
    return touched;
  }

  /** Closes candles whenever a second has passed; no interval ends between two seconds. */
  #advanceTime(timeUs: number): void {
    if (timeUs <= this.#timeUs) return;
    const secondPassed = Math.floor(timeUs / SECOND_US) !== Math.floor(this.#timeUs / SECOND_US);
    this.#timeUs = timeUs;
    if (secondPassed) for (const market of this.#markets) market.candles.closeThrough(timeUs);
  }

  #endCommand(): void {
    if (this.#touched.size === 0) return;
    for (const [instrument, { levels, trades }] of this.#touched) {
      const market = this.marketAt(instrument);
      const channels = this.channelsOf(instrument);
      const entry = this.reference.instrumentAt(instrument);
      const bid = market.book.at('BUY', 0);
      const ask = market.book.at('SELL', 0);
      if (levels.length > 0) this.#changeBook(market, channels, entry, levels);
      if (trades.length > 0) this.#tradeAll(market, channels, entry, trades);
      const topChanged = market.book.at('BUY', 0) !== bid || market.book.at('SELL', 0) !== ask;
      if (trades.length === 0 && !topChanged) continue;
      const last = lastEventOf(levels, trades);
      market.tick(last.sequence, last.timeUs);
      if (channels.ticks.size > 0) channels.ticks.publish(toTick(entry, market));
    }
    this.#touched.clear();
  }

  #changeBook(
    market: InstrumentMarket,
    channels: InstrumentChannels,
    entry: InstrumentEntry,
    levels: readonly BookLevelChanged[],
  ): void {
    const last = levels[levels.length - 1];
    if (last === undefined) return;
    market.book.apply(levels, last.sequence, last.timeUs);
    if (channels.books.size === 0) return;
    const changed = changedPrices(levels);
    let checksum: number | null = null;
    for (const channel of channels.books.values()) {
      channel.advance(changed, () => {
        checksum ??= checksumOf(entry, market.book);
        return checksum;
      });
    }
  }

  #tradeAll(
    market: InstrumentMarket,
    channels: InstrumentChannels,
    entry: InstrumentEntry,
    trades: readonly OrdersTraded[],
  ): void {
    for (const trade of trades) {
      this.#options.onTrade(trade);
      market.trade(trade);
      if (channels.trades.size > 0) channels.trades.publish(toTrade(entry, tradeRecordOf(trade)));
    }
    for (const [interval, channel] of channels.candles) {
      const candle = channel.size > 0 ? market.candles.current(interval) : null;
      if (candle !== null) channel.publish(toCandle(entry, { interval, candle, closed: false }));
    }
  }

  #tellStatus(instrument: number, sequence: number, timeUs: number): void {
    const { status } = this.channelsOf(instrument);
    if (status.size > 0) status.publish(toTradingStatus(this.reference.instrumentAt(instrument), sequence, timeUs));
  }

  /** Tells the present state, outside of any change. */
  tellTick(instrument: number): void {
    const { ticks } = this.channelsOf(instrument);
    if (ticks.size > 0) ticks.publish(toTick(this.reference.instrumentAt(instrument), this.marketAt(instrument)));
  }

  #tellCandle(instrument: number, state: CandleState): void {
    const channel = this.candleChannel(instrument, state.interval);
    if (channel.size > 0) channel.publish(toCandle(this.reference.instrumentAt(instrument), state));
  }

  candleChannel(instrument: number, interval: CandleInterval): Channel<Candle> {
    const channel = this.channelsOf(instrument).candles.get(interval);
    if (channel === undefined) throw new RangeError(`no candles are kept for the interval ${interval}`);
    return channel;
  }

  /** Called with each closed candle of an instrument whose past was loaded. */
  readonly candleTeller =
    (instrument: number) =>
    (state: CandleState): void =>
      this.#tellCandle(instrument, state);
}

/** An auction in which nothing crosses yet. */
function emptyAuction(
  { instrument }: InstrumentEntry,
  auction: AuctionKind,
  sequence: number,
  timeUs: number,
): AuctionIndicative {
  const nothing = { priceTicks: null, qtyLots: 0, imbalanceLots: 0 };
  return { type: 'AuctionIndicative', instrument, auction, sequence, timeUs, commandSequence: 0, ...nothing };
}

function changedPrices(levels: readonly BookLevelChanged[]): ChangedPrices {
  const bids = new Set<number>();
  const asks = new Set<number>();
  for (const level of levels) (level.side === 'BUY' ? bids : asks).add(level.priceTicks);
  return { bids, asks };
}

function lastEventOf(
  levels: readonly BookLevelChanged[],
  trades: readonly OrdersTraded[],
): BookLevelChanged | OrdersTraded {
  const level = levels[levels.length - 1];
  const trade = trades[trades.length - 1];
  if (level === undefined || (trade !== undefined && trade.sequence > level.sequence)) return trade as OrdersTraded;
  return level;
}
