/** Bars of simulated prices, for tests: seeded, so that each is the same on every run. */
import type { InstrumentSpec } from '../../instrument/instrument.js';
import { SeededRandom } from '../seeded-random.js';
import type { Bar } from '../strategy.js';

export const MINUTE_US = 60_000_000;
/** 2026-01-02 00:00 UTC. */
export const START_US = 1_767_312_000_000_000;

export function specOf(symbol: string, referencePxTicks: number): InstrumentSpec {
  return {
    symbol,
    description: symbol,
    baseAsset: symbol,
    quoteAsset: 'USD',
    tickSize: '0.01',
    lotSize: '1',
    minPriceTicks: 1,
    maxPriceTicks: 1_000_000,
    minQtyLots: 1,
    maxQtyLots: 1_000_000,
    makerFeePpm: 0,
    takerFeePpm: 0,
    priceCollarPpm: null,
    referencePxTicks,
    initialStatus: 'OPEN',
    allowedSelfTradePrevention: ['NONE'],
  };
}

/** Normal numbers from a seed (Box & Muller 1958). */
export function normals(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** One-minute bars through these closes; high and low lie a tick or two outside of open and close. */
export function barsThrough(closes: readonly number[], startUs = START_US, volumeLots = 10_000): Bar[] {
  return closes.map((closeTicks, index) => {
    const openTicks = closes[index - 1] ?? closeTicks;
    return {
      openTimeUs: startUs + index * MINUTE_US,
      openTicks,
      highTicks: Math.max(openTicks, closeTicks) + 2,
      lowTicks: Math.min(openTicks, closeTicks) - 2,
      closeTicks,
      volumeLots,
    };
  });
}

/** Closes of a random walk, ticks. */
export function walk(seed: number, count: number, level = 10_000, step = 10): number[] {
  const next = normals(seed);
  let at = level;
  return Array.from({ length: count }, () => {
    at = Math.max(100, at + step * next());
    return Math.round(at);
  });
}

/** Closes that revert to a level, ticks. */
export function reverting(seed: number, count: number, level = 10_000, speed = 0.1, step = 20): number[] {
  const next = normals(seed);
  let away = 0;
  return Array.from({ length: count }, () => {
    away = (1 - speed) * away + step * next();
    return Math.round(level + away);
  });
}
