/**
 * What the exchange will do by itself with an instrument that is halted or in the auction behind a halt, and why.
 * The values stand in the listing; this says how they change together.
 */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { memberOf, NONE, TRIP_CAUSE } from '../values/codes.js';
import { TRIP_CAUSES } from '../values/vocabulary.js';

/** Has an instrument's next step done by itself at a time. */
export function schedule(state: ExchangeState, listing: Listing, dueUs: number): void {
  state.trial.note(listing);
  listing.resumesUs = dueUs;
  state.resuming.add(listing);
}

/** Forgets trip and next step: somebody else has moved the instrument, or it trades again. Tells it where there was any. */
export function clearHalt(state: ExchangeState, listing: Listing): void {
  if (listing.resumesUs === NONE && listing.tripCause === NONE) return;
  state.trial.note(listing);
  const wasMarket = listing.tripCause === TRIP_CAUSE.MARKET;
  listing.tripCause = NONE;
  listing.trippedUs = NONE;
  listing.tripReferencePxTicks = NONE;
  listing.tripPxTicks = NONE;
  listing.resumesUs = NONE;
  listing.reopeningUs = 0;
  state.resuming.delete(listing);
  tellHalt(state, listing);
  if (wasMarket) clearMarket(state);
}

/** The market-wide breaker looks on again, from here, when the last instrument that it halted has left its halt. */
function clearMarket(state: ExchangeState): void {
  const { market } = state;
  if (market === null || !market.isTripped) return;
  if (state.listings.some(({ tripCause }) => tripCause === TRIP_CAUSE.MARKET)) return;
  market.trippedUs = NONE;
  market.window.seed(state.timeUs, market.sum);
  tellMarket(state);
}

/** Tells where an instrument's breaker stands. */
export function tellHalt({ events }: Pick<ExchangeState, 'events'>, listing: Listing): void {
  const { tripCause, trippedUs, tripReferencePxTicks, tripPxTicks, resumesUs } = listing;
  events.body({
    type: 'CircuitBreakerChanged',
    instrument: listing.index,
    cause: tripCause === NONE ? null : memberOf(TRIP_CAUSES, tripCause),
    trippedUs: orNull(trippedUs),
    referencePxTicks: orNull(tripReferencePxTicks),
    tripPxTicks: orNull(tripPxTicks),
    resumesUs: orNull(resumesUs),
  });
}

/** Tells where the market-wide breaker stands; nothing where there is none. */
export function tellMarket({ events, market, timeUs }: Pick<ExchangeState, 'events' | 'market' | 'timeUs'>): void {
  if (market === null) return;
  const count = market.members.length;
  events.body({
    type: 'MarketBreakerChanged',
    trippedUs: orNull(market.trippedUs),
    indexE6: Math.floor(market.sum / count),
    referenceE6: Math.floor(market.window.referenceAt(timeUs) / count),
  });
}

function orNull(value: number): number | null {
  return value === NONE ? null : value;
}
