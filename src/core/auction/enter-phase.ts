/** The change of an instrument's phase itself: what stands in the listing, and the event that tells it. */
import { clearHalt } from '../breaker/halt-schedule.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { memberOf, NONE, TRADING_STATUS } from '../values/codes.js';
import { AUCTION_KINDS, TRADING_STATUSES } from '../values/vocabulary.js';
import { NO_EQUILIBRIUM } from './auction-book.js';

const { AUCTION, HALTED } = TRADING_STATUS;

export interface PhaseEntry {
  readonly status: number;
  /** Kind of the auction; NONE in every other phase. */
  readonly kind: number;
  readonly reason: string;
  /** In HALTED: whether orders are taken and gather. */
  readonly queues: boolean;
  /** True where the step belongs to a halt that ends by itself; false ends such a halt's schedule. */
  readonly keepsHalt: boolean;
}

/** Puts an instrument into a phase and tells it. */
export function enterPhase(state: ExchangeState, listing: Listing, entry: PhaseEntry): void {
  const { status, kind, reason, queues, keepsHalt } = entry;
  state.trial.note(listing);
  listing.haltQueues = status === HALTED && queues;
  if (status !== AUCTION || listing.status !== AUCTION) listing.auction.told = NO_EQUILIBRIUM;
  state.auctionCount += Number(status === AUCTION) - Number(listing.status === AUCTION);
  listing.status = status;
  listing.auctionKind = kind;
  listing.statusReason = reason;
  if (status === AUCTION) state.touchAuction(listing);
  tellStatus(state, listing);
  if (!keepsHalt) clearHalt(state, listing);
}

/** Tells where an instrument stands. */
export function tellStatus({ events }: Pick<ExchangeState, 'events'>, listing: Listing): void {
  events.body({
    type: 'TradingStatusChanged',
    instrument: listing.index,
    status: memberOf(TRADING_STATUSES, listing.status),
    reason: listing.statusReason,
    auction: listing.auctionKind === NONE ? null : memberOf(AUCTION_KINDS, listing.auctionKind),
    queuesOrders: listing.haltQueues,
    scheduledUs: listing.scheduledUs === NONE ? null : listing.scheduledUs,
  });
}
