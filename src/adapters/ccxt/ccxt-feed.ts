/**
 * Reference prices and bars from an exchange through ccxt: best bid and offer and last trade streamed where the exchange
 * streams them and polled otherwise, bars polled as they end.
 *
 * - A connection that is lost, or silent for `silenceMs`, is made again, with back-off and jitter.
 * - Where updates were missed (ccxt compares the exchange's own sequence or checksum), the book is taken anew.
 * - Bars are asked for from the last one kept on, so that what a cut left out comes with the next answer.
 * - A price is stale from the moment of a failure, and when nothing came for `staleMs`; it says so until news come.
 * Memory: the newest state of each market, and one answer of bars at a time; nothing queues, since of an update that is not
 * looked at in time only the newest state counts. At most MAX_MARKETS markets.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { INTERVAL_US } from '../../core/market-data/candles.js';
import type { CandleInterval } from '../../core/values/vocabulary.js';
import type { Log } from '../../ports/log.js';
import type { ReferenceBar, ReferenceBarSink, ReferenceFeed, ReferencePrice } from '../../ports/reference-feed.js';
import { BackOff } from './back-off.js';
import { loadVenue, type Venue, type VenueTicker } from './venue.js';

/** Most markets that are followed. */
export const MAX_MARKETS = 50;
/** Bars of one answer, and as many are asked for of the past at first. */
const BARS_AT_ONCE = 500;
/** Behind the end of a bar, so that the exchange has finished it. */
const BAR_DELAY_MS = 2_000;
const CLOSE_WITHIN_MS = 2_000;
const SHOWN_ERROR_LENGTH = 200;
/** ccxt's errors of a book that missed an update; it subscribes anew by itself. */
const GAP_ERRORS = ['ChecksumError', 'InvalidNonce'];
/** ccxt's errors of a connection that is gone, or a request that failed. Behind any other a stream is not trusted any more. */
const NETWORK_ERRORS = [
  'NetworkError',
  'RequestTimeout',
  'ExchangeNotAvailable',
  'OnMaintenance',
  'OperationFailed',
  'DDoSProtection',
  'RateLimitExceeded',
  'ExchangeClosedByUser',
];

const TIMEFRAMES: Readonly<Partial<Record<CandleInterval, string>>> = {
  S1: '1s',
  S5: '5s',
  M1: '1m',
  M5: '5m',
  M15: '15m',
  H1: '1h',
  H4: '4h',
  D1: '1d',
};

export interface FollowedMarket {
  /** The platform's instrument. */
  readonly symbol: string;
  /** ccxt's unified symbol, e.g. "BTC/USD". */
  readonly venueSymbol: string;
}

export interface CcxtFeedOptions {
  /** ccxt's id of the exchange. */
  readonly exchangeId: string;
  readonly markets: readonly FollowedMarket[];
  readonly intervals: readonly CandleInterval[];
  /** Address in place of the exchange's hosts; null: its own. */
  readonly address: string | null;
  readonly staleMs: number;
  readonly silenceMs: number;
  /** Between two requests for a price that is not streamed. */
  readonly pollMs: number;
  readonly requestTimeoutMs: number;
  readonly minRetryMs: number;
  readonly maxRetryMs: number;
  readonly log: Log;
}

export const DEFAULT_TIMES = {
  staleMs: 30_000,
  silenceMs: 60_000,
  pollMs: 5_000,
  requestTimeoutMs: 10_000,
  minRetryMs: 250,
  maxRetryMs: 30_000,
} as const;

type Fields = 'bidPx' | 'bidQty' | 'askPx' | 'askQty' | 'lastPx';

class MarketState {
  readonly values: Record<Fields, string | null> = {
    bidPx: null,
    bidQty: null,
    askPx: null,
    askQty: null,
    lastPx: null,
  };
  receivedMs: number | null = null;
  problem: string | null = 'Nothing has come from the venue yet.';
  gaps = 0;
  reconnects = 0;

  constructor(readonly market: FollowedMarket) {}

  price(source: string, nowMs: number, staleMs: number): ReferencePrice {
    const ageMs = this.receivedMs === null ? null : Math.max(0, nowMs - this.receivedMs);
    const isOld = ageMs !== null && ageMs > staleMs;
    const problem = this.problem ?? (isOld ? `Nothing has come from the venue for more than ${staleMs} ms.` : null);
    return {
      symbol: this.market.symbol,
      source,
      venueSymbol: this.market.venueSymbol,
      ...this.values,
      receivedTimeUs: this.receivedMs === null ? null : this.receivedMs * 1000,
      ageMs,
      stale: problem !== null,
      problem,
      gaps: this.gaps,
      reconnects: this.reconnects,
    };
  }
}

/**
 * Makes the feed of an exchange; it is loaded here, and asked for nothing until the start.
 * @throws UnknownVenueError where ccxt has no such exchange
 */
export async function createCcxtFeed(options: CcxtFeedOptions): Promise<ReferenceFeed> {
  const { exchangeId, address, requestTimeoutMs, markets } = options;
  if (markets.length > MAX_MARKETS) throw new RangeError(`at most ${MAX_MARKETS} markets are followed`);
  return new CcxtFeed(await loadVenue({ exchangeId, address, timeoutMs: requestTimeoutMs }), options);
}

class CcxtFeed implements ReferenceFeed {
  readonly #venue: Venue;
  readonly #options: CcxtFeedOptions;
  readonly #states: readonly MarketState[];
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(venue: Venue, options: CcxtFeedOptions) {
    this.#venue = venue;
    this.#options = options;
    this.#states = options.markets.map((market) => new MarketState(market));
  }

  start(sink: ReferenceBarSink): void {
    this.#running = this.#run(sink);
  }

  pricesOf(symbol: string): readonly ReferencePrice[] {
    const nowMs = Date.now();
    const own = this.#states.filter(({ market }) => market.symbol === symbol);
    return own.map((state) => state.price(this.#options.exchangeId, nowMs, this.#options.staleMs));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#closeConnections();
    // A request that hangs is left to its own bound.
    await Promise.race([this.#running, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    await this.#closeConnections();
  }

  async #run(sink: ReferenceBarSink): Promise<void> {
    await this.#repeat('markets', this.#states, async () => {
      // Anew each time: ccxt remembers an attempt that failed.
      await this.#venue.loadMarkets(true);
      // ccxt takes what is no list, such as a page about maintenance, for a list of none.
      if (Object.keys(this.#venue.markets ?? {}).length === 0) throw new Error('the venue names no markets');
      return 'DONE';
    });
    const listed = this.#states.filter((state) => {
      if (this.#venue.markets?.[state.market.venueSymbol] !== undefined || this.#stopping.signal.aborted) return true;
      state.problem = `The venue has no market ${state.market.venueSymbol}.`;
      this.#options.log('error', 'the venue has no such market', { ...state.market });
      return false;
    });
    await Promise.all([...listed.flatMap((state) => this.#follow(state)), this.#collectBars(listed, sink)]);
  }

  #follow(state: MarketState): Promise<void>[] {
    const { has } = this.#venue;
    const { venueSymbol } = state.market;
    if (has.watchOrderBook !== true) return [this.#poll(state)];
    const book = this.#repeat('book', [state], async () => {
      const { bids, asks } = await this.#within(this.#venue.watchOrderBook(venueSymbol));
      this.#take(state, {
        bidPx: bids[0]?.[0],
        bidQty: bids[0]?.[1],
        askPx: asks[0]?.[0],
        askQty: asks[0]?.[1],
      });
      return 'AGAIN';
    });
    if (has.watchTicker !== true) return [book];
    const last = this.#repeat('ticker', [], async () => {
      // Its silence says nothing: where nothing trades, no trade is told. The book's connection is the one that is watched.
      const ticker = await this.#venue.watchTicker(venueSymbol);
      if (ticker.last !== undefined) state.values.lastPx = this.#venue.numberToString(ticker.last);
      return 'AGAIN';
    });
    return [book, last];
  }

  #poll(state: MarketState): Promise<void> {
    return this.#repeat('price', [state], async () => {
      const ticker: VenueTicker = await this.#venue.fetchTicker(state.market.venueSymbol);
      const { bid, bidVolume, ask, askVolume, last } = ticker;
      this.#take(state, { bidPx: bid, bidQty: bidVolume, askPx: ask, askQty: askVolume, lastPx: last });
      await this.#pause(this.#options.pollMs);
      return 'AGAIN';
    });
  }

  #take(state: MarketState, values: Readonly<Partial<Record<Fields, number | undefined>>>): void {
    for (const [field, value] of Object.entries(values) as [Fields, number | undefined][]) {
      state.values[field] = value === undefined || !(value > 0) ? null : this.#venue.numberToString(value);
    }
    state.receivedMs = Date.now();
    state.problem = null;
  }

  /** Does something again and again, with pauses behind failures, until it is done or the feed stops. */
  async #repeat(what: string, states: readonly MarketState[], work: () => Promise<'DONE' | 'AGAIN'>): Promise<void> {
    const { minRetryMs, maxRetryMs } = this.#options;
    const backOff = new BackOff(minRetryMs, maxRetryMs);
    while (!this.#stopping.signal.aborted) {
      try {
        if ((await work()) === 'DONE') return;
        backOff.reset();
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        const name = this.#noteFailure(what, states, error);
        if (![...GAP_ERRORS, ...NETWORK_ERRORS].includes(name)) await this.#closeConnections();
        await this.#pause(backOff.next());
      }
    }
  }

  /** Returns the error's name. */
  #noteFailure(what: string, states: readonly MarketState[], error: unknown): string {
    const name = error instanceof Error ? error.constructor.name : 'Error';
    const isGap = GAP_ERRORS.includes(name);
    for (const state of states) {
      if (isGap) state.gaps += 1;
      else state.reconnects += 1;
      state.problem = isGap
        ? 'Updates of the venue were missed; its book is taken anew.'
        : 'The venue cannot be reached, or does not answer; it is tried again.';
    }
    const message = error instanceof Error ? error.message.slice(0, SHOWN_ERROR_LENGTH) : '';
    this.#options.log(isGap ? 'info' : 'warn', 'a reference feed failed and is tried again', {
      what,
      error: `${name}: ${message}`,
    });
    return name;
  }

  /** A stream that is silent for too long is taken for lost, whatever its socket says. */
  async #within<T>(news: Promise<T>): Promise<T> {
    const { silenceMs } = this.#options;
    const clock = new AbortController();
    const silence = sleep(silenceMs, 'SILENCE' as const, { signal: clock.signal }).catch(() => 'STOPPED' as const);
    // What comes of it after the silence, or the stop, is nobody's.
    news.catch(() => undefined);
    this.#keepQuiet();
    try {
      const first = await Promise.race([news.then((value) => ({ value })), silence]);
      if (typeof first === 'object') return first.value;
      await this.#closeConnections();
      throw new Error(`nothing came for ${silenceMs} ms`);
    } finally {
      clock.abort();
    }
  }

  /** ccxt prints frames that it cannot read; they are the venue's, not ours to show. */
  #keepQuiet(): void {
    for (const client of Object.values(this.#venue.clients)) client.log = () => undefined;
  }

  async #closeConnections(): Promise<void> {
    await Promise.race([this.#venue.close().catch(() => undefined), sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  /** One request after the other; each market and width when its next bar has ended. */
  async #collectBars(states: readonly MarketState[], sink: ReferenceBarSink): Promise<void> {
    const { log, intervals } = this.#options;
    const offered = intervals.filter((interval) => {
      const timeframe = TIMEFRAMES[interval];
      const isOffered = timeframe !== undefined && this.#venue.timeframes?.[timeframe] !== undefined;
      if (!isOffered) log('warn', 'the venue has no bars of this width', { interval });
      return isOffered;
    });
    const series = states.flatMap(({ market }) => offered.map((interval) => new BarSeries(market, interval)));
    await Promise.all(
      series.map((each) =>
        this.#repeat('bars', [], async () => {
          const isBehind = await this.#collect(each, sink);
          if (!isBehind) await this.#pause(each.untilNextMs(Date.now()));
          return 'AGAIN';
        }),
      ),
    );
  }

  /** Takes the next bars. Returns true where there may be more at once. @throws Error where they could not be kept */
  async #collect(series: BarSeries, sink: ReferenceBarSink): Promise<boolean> {
    const { market, interval } = series;
    const nowMs = Date.now();
    const rows = await this.#venue.fetchOHLCV(
      market.venueSymbol,
      TIMEFRAMES[interval] ?? '',
      series.fromMs(nowMs),
      BARS_AT_ONCE,
    );
    const bars = series.finished(rows, nowMs, (value) => this.#venue.numberToString(value));
    const last = bars[bars.length - 1];
    if (last === undefined) return false;
    if (!(await sink(market.symbol, interval, this.#options.exchangeId, bars)))
      throw new Error('bars could not be kept');
    const isNew = series.keptThrough(last.openTimeUs / 1000);
    return isNew && rows.length >= BARS_AT_ONCE;
  }
}

/** The bars of one width of one market: from where on they are asked for. */
class BarSeries {
  readonly #widthMs: number;
  #keptMs: number | null = null;

  constructor(
    readonly market: FollowedMarket,
    readonly interval: CandleInterval,
  ) {
    this.#widthMs = INTERVAL_US[interval] / 1000;
  }

  /** The last bar kept is asked for once more: a correction of it is taken. */
  fromMs(nowMs: number): number {
    return this.#keptMs ?? nowMs - (nowMs % this.#widthMs) - BARS_AT_ONCE * this.#widthMs;
  }

  untilNextMs(nowMs: number): number {
    return this.#widthMs - (nowMs % this.#widthMs) + BAR_DELAY_MS;
  }

  /** Returns false where it was kept before. */
  keptThrough(openTimeMs: number): boolean {
    const isNew = this.#keptMs === null || openTimeMs > this.#keptMs;
    this.#keptMs = Math.max(openTimeMs, this.#keptMs ?? 0);
    return isNew;
  }

  /** Returns the bars that have ended and make sense, oldest first, each once. */
  finished(
    rows: readonly (readonly (number | undefined)[])[],
    nowMs: number,
    print: (value: number) => string,
  ): ReferenceBar[] {
    const byTime = new Map<number, ReferenceBar>();
    for (const [timeMs = Number.NaN, open = 0, high = 0, low = 0, close = 0, volume = 0] of rows) {
      const isWhole = Number.isSafeInteger(timeMs) && timeMs >= 0 && timeMs % this.#widthMs === 0;
      const isSound = low > 0 && high >= Math.max(open, close) && low <= Math.min(open, close) && volume >= 0;
      if (!isWhole || !isSound || timeMs + this.#widthMs > nowMs) continue;
      const [o, h, l, c, v] = [open, high, low, close, volume].map(print);
      byTime.set(timeMs, {
        openTimeUs: timeMs * 1000,
        open: o ?? '',
        high: h ?? '',
        low: l ?? '',
        close: c ?? '',
        volume: v ?? '',
      });
    }
    return [...byTime.values()].sort((a, b) => a.openTimeUs - b.openTimeUs);
  }
}
