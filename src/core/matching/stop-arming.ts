/** A stop coming to wait for its trigger; what it does once triggered stands in `stop-trigger.ts`. */
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { NONE, TRADING_STATUS } from '../values/codes.js';
import type { Matcher } from './matcher.js';
import { WAITING } from './order-table.js';
import type { WorkingOrders } from './working-orders.js';

export class StopArming {
  constructor(
    private readonly state: ExchangeState,
    private readonly working: WorkingOrders,
    private readonly matcher: Matcher,
  ) {}

  /** Lets an accepted stop wait, or queues it where the last trade triggers it already and the instrument is open. */
  arm(slot: number, listing: Listing): void {
    const { orders } = this.state;
    orders.phase[slot] = WAITING;
    const isOpen = listing.status === TRADING_STATUS.OPEN;
    if (isOpen && listing.lastPxTicks !== NONE && listing.stops.isDue(slot, listing.lastPxTicks)) {
      this.matcher.queueTriggered(slot, listing.lastPxTicks);
    } else {
      this.working.park(slot);
    }
  }
}
