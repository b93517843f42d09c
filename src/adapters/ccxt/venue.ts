/**
 * One exchange of ccxt, loaded when it is wanted: the package's entry loads all 300 (5 s and 90 MB), one of them takes a
 * quarter of that.
 */
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** [price, quantity, …], best first. */
type BookSide = readonly (readonly (number | undefined)[])[];

/** What is used of ccxt's unified interface. */
export interface Venue {
  readonly id: string;
  readonly has: Readonly<Record<string, boolean | string | undefined>>;
  readonly timeframes: Readonly<Record<string, string | number>> | undefined;
  readonly markets: Readonly<Record<string, object>> | undefined;
  readonly clients: Readonly<Record<string, { log: (...args: unknown[]) => void }>>;
  readonly urls: { api: unknown };
  loadMarkets(reload: boolean): Promise<unknown>;
  watchOrderBook(symbol: string, limit?: number): Promise<{ readonly bids: BookSide; readonly asks: BookSide }>;
  watchTicker(symbol: string): Promise<VenueTicker>;
  fetchTicker(symbol: string): Promise<VenueTicker>;
  fetchOHLCV(symbol: string, timeframe: string, since: number, limit: number): Promise<(number | undefined)[][]>;
  numberToString(value: number): string;
  loadHttpProxyAgent(): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface VenueTicker {
  readonly bid?: number;
  readonly bidVolume?: number;
  readonly ask?: number;
  readonly askVolume?: number;
  readonly last?: number;
}

export interface VenueOptions {
  /** ccxt's id of the exchange, e.g. "kraken". */
  readonly exchangeId: string;
  /** Address that stands for all of the exchange's hosts, http(s)://host:port, their names first in the path: a proxy or a test's server. */
  readonly address: string | null;
  /** Bound of a request. */
  readonly timeoutMs: number;
}

/** There is no such exchange. */
export class UnknownVenueError extends Error {
  override readonly name = 'UnknownVenueError';
}

/** @throws UnknownVenueError */
export async function loadVenue({ exchangeId, address, timeoutMs }: VenueOptions): Promise<Venue> {
  const Exchange = await loadClass(exchangeId);
  const venue = new Exchange({
    enableRateLimit: true,
    timeout: timeoutMs,
    newUpdates: true,
    // Where an exchange has several kinds of markets, those that are paid and delivered at once are meant.
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
  });
  if (address !== null) {
    venue.urls.api = readdressed(venue.urls.api, address);
    // ccxt asks for this before it opens a socket without TLS.
    if (address.startsWith('http://')) await venue.loadHttpProxyAgent();
  }
  return venue;
}

async function loadClass(exchangeId: string): Promise<new (config: object) => Venue> {
  const problem = `TRADSYS_FEED_EXCHANGE: ccxt knows no exchange "${exchangeId}"; its ids are lower case, e.g. kraken, binance, coinbase`;
  if (!/^[a-z0-9]{2,40}$/.test(exchangeId)) throw new UnknownVenueError(problem);
  const root = dirname(dirname(createRequire(import.meta.url).resolve('ccxt')));
  // The streaming form of an exchange has its own folder; a few have requests alone.
  for (const folder of ['js/src/pro', 'js/src']) {
    const file = join(root, folder, `${exchangeId}.js`);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (!exists) continue;
    const module = (await import(pathToFileURL(file).href)) as { default: new (config: object) => Venue };
    return module.default;
  }
  throw new UnknownVenueError(problem);
}

/** Puts the address in front of every URL's host, which becomes the first part of the path: one server stands for all hosts. */
function readdressed(urls: unknown, address: string): unknown {
  if (typeof urls === 'string') {
    return urls.replace(/^(http|ws)s?:\/\//, (_all, scheme: string) => `${address.replace(/^http/, scheme)}/`);
  }
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, value]) => [name, readdressed(value, address)]));
}
