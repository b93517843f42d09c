/** Prices of other venues as they are told, and their bars on the way into the imported ones. */
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import type { Log } from '../../../src/ports/log.js';
import type { ReferenceBar, ReferenceFeed } from '../../../src/ports/reference-feed.js';
import type { ReferencePrice } from '../types/reference-price.js';
import type { MarketImports } from './imports.js';

export class References {
  readonly #feed: ReferenceFeed | null;
  readonly #imports: MarketImports;
  readonly #entryOf: (symbol: string) => InstrumentEntry | undefined;
  readonly #log: Log;

  /** @param feed null: no other venue is followed */
  constructor(
    feed: ReferenceFeed | null,
    imports: MarketImports,
    entryOf: (symbol: string) => InstrumentEntry | undefined,
    log: Log,
  ) {
    this.#feed = feed;
    this.#imports = imports;
    this.#entryOf = entryOf;
    this.#log = log;
  }

  start(): void {
    this.#feed?.start((symbol, interval, source, bars) => this.#keep(symbol, interval, source, bars));
  }

  async stop(): Promise<void> {
    await this.#feed?.stop();
  }

  pricesOf(symbol: string): ReferencePrice[] {
    const prices = this.#feed?.pricesOf(symbol) ?? [];
    return prices.map(({ receivedTimeUs, ...price }) => ({ ...price, receivedTime: receivedTimeUs }));
  }

  /** Returns false where the instrument is not listed or the database is away: the feed offers them again. */
  async #keep(
    symbol: string,
    interval: CandleInterval,
    source: string,
    bars: readonly ReferenceBar[],
  ): Promise<boolean> {
    const entry = this.#entryOf(symbol);
    if (entry === undefined) {
      this.#log('warn', 'bars of a venue wait for an instrument that is not listed', { symbol, source });
      return false;
    }
    const rows = bars.map(({ openTimeUs, ...bar }) => ({ openTime: openTimeUs, ...bar, vwap: null, tradeCount: null }));
    try {
      const { refused } = await this.#imports.importCandles(entry, interval, source, rows);
      if (refused.length > 0)
        this.#log('warn', 'bars of a venue were refused', { symbol, source, first: refused[0]?.problem });
      return true;
    } catch (error) {
      this.#log('warn', 'bars of a venue could not be kept', { symbol, source, error: (error as Error).message });
      return false;
    }
  }
}
