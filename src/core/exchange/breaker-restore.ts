/** The reverse of `describeBreakers`. */
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import { setMarketBreaker, setOwn } from '../breaker/guards.js';
import { MarketBreaker } from '../breaker/market-breaker.js';
import type { RollingWindow } from '../breaker/rolling-window.js';
import { SymbolBreaker } from '../breaker/trade-guard.js';
import { NONE } from '../values/codes.js';
import type { StateSource } from '../values/state-hash.js';
import type { Listing } from './listing.js';
import type { ExchangeState } from './state.js';

/** Puts back what `describeBreakers` told. */
export function restoreBreakers(state: ExchangeState, source: StateSource): void {
  for (const listing of state.listings) {
    restoreHalt(listing, source);
    if (listing.resumesUs !== NONE) state.resuming.add(listing);
    if (source.number() === 0) continue;
    const own = new SymbolBreaker(restoreTerms(source), source.text() ?? '');
    restoreWindow(own.window, source);
    setOwn(listing, own);
  }
  const count = source.number();
  if (count === 0) return;
  const rows = Array.from({ length: count }, () => [source.number(), source.number(), source.number()] as const);
  const terms = restoreTerms(source);
  const [members, bases] = [rows.map(([member]) => member), rows.map(([, base]) => base)];
  const market = new MarketBreaker(members, bases, terms, source.text() ?? '');
  for (const [place, [, , part]] of rows.entries()) market.parts[place] = part;
  market.sum = rows.reduce((sum, [, , part]) => sum + part, 0);
  market.trippedUs = source.number();
  restoreWindow(market.window, source);
  setMarketBreaker(state, market);
}

function restoreHalt(listing: Listing, source: StateSource): void {
  listing.tripCause = source.number();
  listing.trippedUs = source.number();
  listing.tripReferencePxTicks = source.number();
  listing.tripPxTicks = source.number();
  listing.resumesUs = source.number();
  listing.reopeningUs = source.number();
}

function restoreTerms(source: StateSource): BreakerTerms {
  const [movePpm, windowUs, cooldownUs, auctionUs] = [
    source.number(),
    source.number(),
    source.number(),
    source.number(),
  ];
  return { movePpm, windowUs, cooldownUs, auctionUs, queuesOrders: source.number() === 1 };
}

function restoreWindow(window: RollingWindow, source: StateSource): void {
  const count = source.number();
  window.restore(Array.from({ length: count }, () => [source.number(), source.number()] as const));
}
