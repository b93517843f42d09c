/** Which instruments the breakers watch. */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NONE } from '../values/codes.js';
import type { MarketBreaker } from './market-breaker.js';
import { type SymbolBreaker, TradeGuard } from './trade-guard.js';

/** Gives an instrument its own breaker, or takes it away. */
export function setOwn(listing: Listing, own: SymbolBreaker | null): void {
  const guard = listing.tradeGuard ?? new TradeGuard();
  guard.own = own;
  listing.tradeGuard = own === null && guard.market === null ? null : guard;
}

/** Gives the venue its market-wide breaker, or takes it away. */
export function setMarketBreaker(state: ExchangeState, market: MarketBreaker | null): void {
  state.market = market;
  for (const listing of state.listings) {
    const member = market === null ? NONE : market.members.indexOf(listing.index);
    if (member === NONE && listing.tradeGuard === null) continue;
    const guard = listing.tradeGuard ?? new TradeGuard();
    guard.market = member === NONE ? null : market;
    guard.member = member;
    listing.tradeGuard = guard.own === null && guard.market === null ? null : guard;
  }
}
