/**
 * How trading resumes by itself: when the cooldown is over the reopening auction begins, when that is over trading opens.
 *
 * Each step is done before the first command at or after its time; the auction lasts its whole time from the moment in
 * which it begins, however late that was, so that nobody loses it to an outage. Behind the open the windows begin anew at
 * its price: a move from there trips again, as often as it comes. Steps and orders that end by time are done in the order
 * of their times; at one time orders end first.
 */
import type { Phases } from '../auction/phases.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NONE, TRADING_STATUS } from '../values/codes.js';
import { schedule, tellHalt } from './halt-schedule.js';

export class Resumption {
  constructor(
    private readonly state: ExchangeState,
    private readonly phases: Phases,
  ) {}

  /** Instrument whose step is due first, by its time, then its index; null while nothing is scheduled. */
  next(): Listing | null {
    let first: Listing | null = null;
    for (const listing of this.state.resuming) {
      const isEarlier =
        first === null ||
        listing.resumesUs < first.resumesUs ||
        (listing.resumesUs === first.resumesUs && listing.index < first.index);
      if (isEarlier) first = listing;
    }
    return first;
  }

  /** Does the step of an instrument that is due. */
  advance(listing: Listing): void {
    const { reopeningUs } = listing;
    if (listing.status === TRADING_STATUS.HALTED && reopeningUs > 0) {
      this.call(listing, reopeningUs, listing.statusReason, true);
    } else {
      this.phases.open(listing, '');
    }
  }

  /**
   * Begins the auction that ends by itself.
   * @param keepsHalt true: it belongs to the trip that halted the instrument
   */
  call(listing: Listing, auctionUs: number, reason: string, keepsHalt: boolean): void {
    const { state } = this;
    this.phases.startAuction(listing, NONE, reason, keepsHalt);
    schedule(state, listing, state.timeUs + auctionUs);
    tellHalt(state, listing);
  }
}
