/** Holds accounts to their rates of orders and cancels; what it compared stands in the check. */
import { NIL } from '../matching/order-table.js';
import type { Account } from '../risk/account.js';
import type { OrderCheck } from '../risk/order-check.js';
import type { RateKind } from '../risk/rate-limits.js';
import { NONE, REJECT } from '../values/codes.js';
import { REQUEST } from './event-buffer.js';
import type { ExchangeState } from './state.js';

export class Throttle {
  constructor(
    private readonly state: ExchangeState,
    private readonly check: OrderCheck,
  ) {}

  /** Takes a token of the account's rate; where there is none, tells the arithmetic in the check and returns true. */
  isTooFast(account: Account, instrument: number, kind: RateKind): boolean {
    const refused = this.state.rates.take(account, instrument, kind, this.state.timeUs);
    if (refused !== null) Object.assign(this.check, refused);
    return refused !== null;
  }

  /** Returns why a cancel or replace of an order is held back, NONE where it is not. */
  reasonFor(request: number, account: Account, orderId: number): number {
    if (account.guard === null) return NONE;
    const { orders } = this.state;
    const named = orders.slotOf(orderId);
    const instrument = named === NIL ? NONE : orders.instrument[named]!;
    this.check.clear();
    const isCancel = request === REQUEST.CANCEL;
    if (!this.isTooFast(account, instrument, isCancel ? 'cancel' : 'order')) return NONE;
    return isCancel ? REJECT.CANCEL_RATE_LIMIT : REJECT.ORDER_RATE_LIMIT;
  }
}
