/** Circuit breakers in the canonical stream of the state and in the state image; behind everything else of both. */

import { type BreakerTerms, copyOfTerms } from '../breaker/breaker-terms.js';
import { tellHalt, tellMarket } from '../breaker/halt-schedule.js';
import type { RollingWindow } from '../breaker/rolling-window.js';
import { NONE } from '../values/codes.js';
import type { StateSink } from '../values/state-hash.js';
import type { EventBuffer } from './event-buffer.js';
import type { Listing } from './listing.js';
import type { ExchangeState } from './state.js';

/** Tells halts, the instruments' breakers and the market-wide one. */
export function describeBreakers(state: ExchangeState, sink: StateSink): void {
  for (const listing of state.listings) {
    describeHalt(listing, sink);
    const own = listing.tradeGuard?.own ?? null;
    sink.number(own === null ? 0 : 1);
    if (own === null) continue;
    describeTerms(own.terms, sink);
    sink.text(own.setBy);
    describeWindow(own.window, state.timeUs, sink);
  }
  const { market } = state;
  sink.number(market === null ? 0 : market.members.length);
  if (market === null) return;
  for (const [place, member] of market.members.entries()) {
    sink.number(member);
    sink.number(market.bases[place]!);
    sink.number(market.parts[place]!);
  }
  describeTerms(market.terms, sink);
  sink.text(market.setBy);
  sink.number(market.trippedUs);
  describeWindow(market.window, state.timeUs, sink);
}

function describeHalt(listing: Listing, sink: StateSink): void {
  sink.number(listing.tripCause);
  sink.number(listing.trippedUs);
  sink.number(listing.tripReferencePxTicks);
  sink.number(listing.tripPxTicks);
  sink.number(listing.resumesUs);
  sink.number(listing.reopeningUs);
}

function describeTerms(terms: BreakerTerms, sink: StateSink): void {
  sink.number(terms.movePpm);
  sink.number(terms.windowUs);
  sink.number(terms.cooldownUs);
  sink.number(terms.auctionUs);
  sink.number(terms.queuesOrders ? 1 : 0);
}

function describeWindow(window: RollingWindow, timeUs: number, sink: StateSink): void {
  const entries = window.entries(timeUs);
  sink.number(entries.length);
  for (const [step, value] of entries) {
    sink.number(step);
    sink.number(value);
  }
}

/** Tells breakers that are set, and what they did, as events. */
export function tellBreakers(state: ExchangeState, buffer: EventBuffer): void {
  const before = null;
  for (const listing of state.listings) {
    const own = listing.tradeGuard?.own ?? null;
    const { index: instrument } = listing;
    if (own !== null) {
      buffer.body({ type: 'CircuitBreakerSet', instrument, terms: copyOfTerms(own.terms), before, setBy: own.setBy });
    }
    if (listing.resumesUs !== NONE) tellHalt({ events: buffer }, listing);
  }
  const { market, timeUs } = state;
  if (market === null) return;
  const { members, terms, setBy } = market;
  buffer.body({ type: 'MarketBreakerSet', instruments: members, terms, before, setBy });
  if (market.isTripped) tellMarket({ events: buffer, market, timeUs });
}
