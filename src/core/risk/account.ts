/** An account as the core holds it: its limits, its kill switch and the list of its working orders, oldest first. */
import type { RiskLimitValues } from '../exchange/command.js';
import { NIL } from '../matching/order-table.js';
import type { AccountKind } from '../values/vocabulary.js';

/** The account that earns the fees. */
export const VENUE_ACCOUNT = 0;

export const NO_LIMITS: RiskLimitValues = {
  maxOrderQtyE8: null,
  maxOrderNotionalE6: null,
  maxPositionQtyE8: null,
  maxGrossExposureE6: null,
  maxOpenOrders: null,
  maxDailyLossE6: null,
  maxOrdersPerSecond: null,
  priceCollarPpm: null,
};

export class Account {
  limits: RiskLimitValues = NO_LIMITS;
  /** User who set the limits; null = never set. */
  limitsSetBy: string | null = null;
  killSwitch = false;
  /** User who last moved the kill switch; null = never moved. */
  killSwitchSetBy: string | null = null;
  openOrders = 0;
  firstOrder = NIL;
  lastOrder = NIL;

  /** True where neither limits, switches nor margin restrict what the account may do. */
  get isFree(): boolean {
    return !this.killSwitch && this.kind !== 'MARGIN' && this.limits === NO_LIMITS;
  }

  constructor(
    readonly index: number,
    readonly accountId: string,
    readonly name: string,
    readonly ownerId: string,
    readonly kind: AccountKind,
  ) {}
}
