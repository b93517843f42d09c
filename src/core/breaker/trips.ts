/**
 * How a breaker trips.
 *
 * The trade that would break the band does not happen. The instrument is HALTED within the same command; what rests
 * keeps resting. Of the order that would have traded, what is left waits in the book for the reopening auction where the
 * halt takes orders and the order is one that can wait (LIMIT, neither IOC nor FOK); otherwise it is canceled as
 * CIRCUIT_BREAKER. Stops that its trades had triggered wait again in their old places and are held against the price at
 * which trading opens. Where a trade breaks both bands, the market-wide breaker trips: it halts all members of its index
 * that trade, and lengthens the halts of those that a breaker has halted already.
 */
import { enterPhase } from '../auction/enter-phase.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { AUCTION_KIND, NONE, TRADING_STATUS, TRIP_CAUSE } from '../values/codes.js';
import type { BreakerTerms } from './breaker-terms.js';
import { schedule, tellHalt, tellMarket } from './halt-schedule.js';
import type { MarketBreaker } from './market-breaker.js';

/** Reason of the halt, as shown to users. */
export const SYMBOL_REASON = 'CIRCUIT_BREAKER';
export const MARKET_REASON = 'MARKET_CIRCUIT_BREAKER';

const { OPEN, AUCTION, HALTED } = TRADING_STATUS;

export class Trips {
  constructor(private readonly state: ExchangeState) {}

  /** Works out the band that holds for an instrument's next trades. */
  refresh(listing: Listing): void {
    const { state } = this;
    state.trial.note(listing);
    listing.tradeGuard?.refresh(state.timeUs);
  }

  /** Trips the breaker that a trade at this price would break. @param priceTicks one that the guard forbids */
  trip(listing: Listing, priceTicks: number): void {
    const guard = listing.tradeGuard;
    if (guard === null) return;
    const { own, market } = guard;
    if (market !== null && guard.breaksMarket(priceTicks)) {
      this.#tripMarket(market);
    } else if (own !== null) {
      this.#halt(listing, own.terms, TRIP_CAUSE.SYMBOL, guard.referencePxTicks, priceTicks);
    }
  }

  #tripMarket(market: MarketBreaker): void {
    const { state } = this;
    for (const index of market.members) state.trial.note(state.listings[index]!);
    market.trippedUs = state.timeUs;
    tellMarket(state);
    for (const index of market.members) {
      const listing = state.listings[index]!;
      const { status, auctionKind } = listing;
      const isCall =
        status === AUCTION && (auctionKind === AUCTION_KIND.INTRADAY || auctionKind === AUCTION_KIND.REOPENING);
      if (status === OPEN || isCall) this.#halt(listing, market.terms, TRIP_CAUSE.MARKET, NONE, NONE);
      else if (status === HALTED && listing.resumesUs !== NONE) this.#lengthen(listing, market.terms);
    }
  }

  /** A breaker has halted the instrument already: it stays halted as long as the others. */
  #lengthen(listing: Listing, { cooldownUs }: BreakerTerms): void {
    const { state } = this;
    listing.tripCause = TRIP_CAUSE.MARKET;
    schedule(state, listing, Math.max(listing.resumesUs, state.timeUs + cooldownUs));
    tellHalt(state, listing);
  }

  #halt(listing: Listing, terms: BreakerTerms, cause: number, referencePxTicks: number, priceTicks: number): void {
    const { state } = this;
    const reason = cause === TRIP_CAUSE.SYMBOL ? SYMBOL_REASON : MARKET_REASON;
    enterPhase(state, listing, { status: HALTED, kind: NONE, reason, queues: terms.queuesOrders, keepsHalt: true });
    listing.tripCause = cause;
    listing.trippedUs = state.timeUs;
    listing.tripReferencePxTicks = referencePxTicks;
    listing.tripPxTicks = priceTicks;
    listing.reopeningUs = terms.auctionUs;
    schedule(state, listing, state.timeUs + terms.cooldownUs);
    tellHalt(state, listing);
  }
}
