/** Settings of the feed of another venue's prices: off unless an exchange is named. */
import { z } from 'zod';
import { CANDLE_INTERVALS, type CandleInterval } from '../core/values/vocabulary.js';
import { wholeNumber } from './fields.js';

const MAX_MARKETS = 50;
/** The platform's symbol, then the venue's: BTC-USD=BTC/USD. */
const MARKET = /^([^=\s]{1,32})=(\S{1,64})$/;

export const referenceFeedShape = {
  TRADSYS_FEED_EXCHANGE: z
    .string()
    .regex(/^[a-z0-9]{2,40}$/, "takes ccxt's id of an exchange in lower case, e.g. kraken")
    .optional(),
  TRADSYS_FEED_MARKETS: z.string().max(10_000).optional(),
  TRADSYS_FEED_INTERVALS: z.string().default('M1,H1,D1'),
  TRADSYS_FEED_ADDRESS: z
    .string()
    .regex(/^https?:\/\/[^/\s]+$/, 'takes http(s)://host:port without a path')
    .optional(),
  TRADSYS_FEED_STALE_MS: wholeNumber(30_000, 100, 3_600_000),
};

export interface ReferenceFeedConfig {
  /** ccxt's id of the exchange. */
  readonly exchangeId: string;
  readonly markets: readonly { readonly symbol: string; readonly venueSymbol: string }[];
  /** Widths of the bars that are collected; empty = none. */
  readonly intervals: readonly CandleInterval[];
  /** Address in place of the exchange's hosts; null: its own. */
  readonly address: string | null;
  /** Age from which on a price is stale. */
  readonly staleMs: number;
}

type Values = z.infer<z.ZodObject<typeof referenceFeedShape>>;

const listOf = (text: string): string[] => text.split(',').flatMap((part) => part.trim() || []);

/** Returns the feed's settings, null where no exchange is named. */
export function readReferenceFeed(values: Values): ReferenceFeedConfig | null {
  if (values.TRADSYS_FEED_EXCHANGE === undefined) return null;
  return {
    exchangeId: values.TRADSYS_FEED_EXCHANGE,
    markets: listOf(values.TRADSYS_FEED_MARKETS ?? '').flatMap((text) => {
      const [, symbol, venueSymbol] = MARKET.exec(text) ?? [];
      return symbol === undefined || venueSymbol === undefined ? [] : [{ symbol, venueSymbol }];
    }),
    intervals: CANDLE_INTERVALS.filter((interval) => listOf(values.TRADSYS_FEED_INTERVALS).includes(interval)),
    address: values.TRADSYS_FEED_ADDRESS ?? null,
    staleMs: values.TRADSYS_FEED_STALE_MS,
  };
}

/** What contradicts itself in the feed's settings, a sentence each. */
export function referenceFeedProblems(values: Values): string[] {
  const problems: string[] = [];
  const markets = listOf(values.TRADSYS_FEED_MARKETS ?? '');
  if (values.TRADSYS_FEED_EXCHANGE === undefined) {
    if (markets.length > 0) problems.push('TRADSYS_FEED_MARKETS: set TRADSYS_FEED_EXCHANGE too, or neither');
    return problems;
  }
  if (markets.length < 1 || markets.length > MAX_MARKETS) {
    problems.push(`TRADSYS_FEED_MARKETS: takes 1 to ${MAX_MARKETS} pairs, e.g. BTC-USD=BTC/USD,ETH-USD=ETH/USD`);
  }
  const bad = markets.find((text) => !MARKET.test(text));
  if (bad !== undefined) problems.push(`TRADSYS_FEED_MARKETS: "${bad.slice(0, 40)}" is no pair symbol=venue symbol`);
  const known: readonly string[] = CANDLE_INTERVALS;
  const unknown = listOf(values.TRADSYS_FEED_INTERVALS).find((text) => !known.includes(text));
  if (unknown !== undefined) {
    problems.push(`TRADSYS_FEED_INTERVALS: "${unknown.slice(0, 10)}" is none of ${CANDLE_INTERVALS.join(', ')}`);
  }
  return problems;
}
