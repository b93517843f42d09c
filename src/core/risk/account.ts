/** An account as the core holds it: limits, switches, what it may do, and the list of its working orders, oldest first. */
import type { RiskLimitValues } from '../exchange/command.js';
import { NIL } from '../matching/order-table.js';
import type { AccountKind, AccountState } from '../values/vocabulary.js';
import { type AccountGuard, guardOf } from './account-guard.js';
import { NO_LIMITS, type SetLimits, type Tier } from './limit-values.js';
import { FREE_TO_TRADE, KillSwitch, NOTHING, REDUCING_ONLY } from './stop-level.js';

export { NO_LIMITS } from './limit-values.js';

/** The account that earns the fees. */
export const VENUE_ACCOUNT = 0;

export class Account {
  /** The account's own limits; null in one = that of its tier. */
  limits: RiskLimitValues = NO_LIMITS;
  /** User who set the limits; null = never set. */
  limitsSetBy: string | null = null;
  tier: Tier | null = null;
  /** User who chose the tier; null = never chosen. */
  tierSetBy: string | null = null;
  /** Limits on one instrument, by its index. */
  readonly symbolLimits = new Map<number, SetLimits>();
  /** Limits in force; null without any, so that an account without limits pays one comparison an order. */
  guard: AccountGuard | null = null;

  readonly kill = new KillSwitch();
  state: AccountState = 'ACTIVE';
  stateReason = '';
  /** User who last set the state; null = never set. */
  stateSetBy: string | null = null;
  /** Which orders its own switch and state let pass, one of `stop-level.ts`. */
  stopLevel = FREE_TO_TRADE;

  openOrders = 0;
  firstOrder = NIL;
  lastOrder = NIL;

  /** True where nothing but limits over all symbols restricts or follows what the account does: see `PlainOrders`. */
  get isFree(): boolean {
    const { guard } = this;
    return (guard === null || guard.symbols.size === 0) && this.stopLevel === FREE_TO_TRADE && this.kind !== 'MARGIN';
  }

  constructor(
    readonly index: number,
    readonly accountId: string,
    readonly name: string,
    readonly ownerId: string,
    readonly kind: AccountKind,
  ) {}

  get killSwitch(): boolean {
    return this.kill.engaged;
  }

  /** To be called when limits or the tier changed. */
  refreshGuard(): void {
    this.guard = guardOf(this.limits, this.tier?.limits ?? null, this.symbolLimits);
  }

  /** To be called when the switch or the state changed. */
  refreshStopLevel(): void {
    const byState = { ACTIVE: FREE_TO_TRADE, REDUCE_ONLY: REDUCING_ONLY, HALTED: NOTHING }[this.state];
    this.stopLevel = Math.max(this.kill.level, byState);
  }
}
