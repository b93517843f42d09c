/**
 * The rules on sums: position, gross and net exposure, open orders, loss of the day; each over all symbols and, where the
 * account has limits on the symbol, on that.
 *
 * Figures count in the direction of the order (long for a BUY, short for a SELL), so that what reduces is never refused
 * for what is there already. An order counts in full, with all that is open on its side; a replace counts what it adds.
 * Complexity: O(1).
 */
import type { RiskLimitValues } from '../exchange/command.js';
import type { Listing } from '../exchange/listing.js';
import type { ExchangeState } from '../exchange/state.js';
import { BUY } from '../values/codes.js';
import type { Account } from './account.js';
import { type AccountGuard, orderLimits, symbolLimits } from './account-guard.js';
import { ALL_INSTRUMENTS, valueE6 } from './exposures.js';

/** What an order would change. */
export interface Change {
  readonly side: number;
  /** Lots that come to be open by it; below 0 where a replace lowers them. */
  readonly addedLots: number;
}

/** One comparison of a rule: `isWithin` where it lets the order pass. */
export interface Compared {
  readonly isWithin: boolean;
  readonly limit: number;
  readonly current: number;
  readonly projected: number;
}

/** Rules in their precedence; DAILY_LOSS_LIMIT stands before those of one order. */
export type SumRule = 'DAILY_LOSS_LIMIT' | 'POSITION_LIMIT' | 'GROSS_EXPOSURE_LIMIT' | 'NET_EXPOSURE_LIMIT';

export class LimitCheck {
  constructor(private readonly state: ExchangeState) {}

  /** Compares one rule; null where no limit of it holds. Of two limits the one that refuses or has less room is told. */
  compare(rule: SumRule, account: Account, guard: AccountGuard, listing: Listing, change: Change): Compared | null {
    if (rule === 'POSITION_LIMIT') return this.#position(account, guard, listing, change);
    const all = this.#compareSum(rule, guard.account, account, listing, change, ALL_INSTRUMENTS);
    const own = this.#compareSum(rule, symbolLimits(guard, listing.index), account, listing, change, listing.index);
    return tighterOf(all, own);
  }

  /** One open order more, on the symbol; the account's own count is in `Account.openOrders`. */
  openOrders(account: Account, guard: AccountGuard, listing: Listing): Compared | null {
    const open = account.openOrders;
    const all = counted(guard.account.maxOpenOrders, open);
    const { exposures } = this.state;
    const row = exposures.rows.find(account.index, listing.index);
    const onSymbol = row < 0 ? 0 : exposures.openOrders[row]!;
    return tighterOf(all, counted(symbolLimits(guard, listing.index).maxOpenOrders, onSymbol));
  }

  #position(account: Account, guard: AccountGuard, listing: Listing, { side, addedLots }: Change): Compared | null {
    const limit = orderLimits(guard, listing.index).maxPositionQtyE8;
    if (limit === null) return null;
    const { exposures, positions } = this.state;
    const row = exposures.rows.find(account.index, listing.index);
    const qty = positions.qtyOf(account.index, listing.index);
    const open = row < 0 ? 0 : (side === BUY ? exposures.openBuyLots : exposures.openSellLots)[row]!;
    const held = (side === BUY ? qty : -qty) + 0;
    const projected = held + open + addedLots;
    const isWithin = projected <= Math.floor(limit / listing.lotE8);
    return { isWithin, limit, current: toE8(listing, held), projected: toE8(listing, projected) };
  }

  #compareSum(
    rule: SumRule,
    limits: RiskLimitValues,
    account: Account,
    listing: Listing,
    change: Change,
    scope: number,
  ): Compared | null {
    if (rule === 'DAILY_LOSS_LIMIT') return this.#loss(limits.maxDailyLossE6, account, scope);
    if (rule === 'GROSS_EXPOSURE_LIMIT') return this.#gross(limits.maxGrossExposureE6, account, listing, change, scope);
    return this.#net(limits.maxNetExposureE6, account, listing, change, scope);
  }

  #loss(limit: number | null, account: Account, scope: number): Compared | null {
    if (limit === null) return null;
    const { exposures } = this.state;
    const row = exposures.rows.find(account.index, scope);
    const loss = (row < 0 ? 0 : -exposures.dailyPnlE6[row]!) + 0;
    return { isWithin: loss < limit, limit, current: loss, projected: loss };
  }

  #gross(
    limit: number | null,
    account: Account,
    listing: Listing,
    { side, addedLots }: Change,
    scope: number,
  ): Compared | null {
    if (limit === null) return null;
    const { exposures } = this.state;
    const { rows, openBuyLots, openSellLots, grossE6 } = exposures;
    const row = rows.find(account.index, listing.index);
    const total = rows.find(account.index, scope);
    const [buys, sells] = row < 0 ? [0, 0] : [openBuyLots[row]!, openSellLots[row]!];
    const before = row < 0 ? exposures.grossWith(account, listing, 0, 0) : grossE6[row]!;
    const after =
      side === BUY
        ? exposures.grossWith(account, listing, buys + addedLots, sells)
        : exposures.grossWith(account, listing, buys, sells + addedLots);
    const current = total < 0 ? before : grossE6[total]!;
    const projected = Math.min(Number.MAX_SAFE_INTEGER, current - before + after);
    return { isWithin: projected <= limit || after <= before, limit, current, projected };
  }

  #net(
    limit: number | null,
    account: Account,
    listing: Listing,
    { side, addedLots }: Change,
    scope: number,
  ): Compared | null {
    if (limit === null) return null;
    const { exposures, positions } = this.state;
    const sign = side === BUY ? 1 : -1;
    const column = side === BUY ? exposures.longE6 : exposures.shortE6;
    const row = exposures.rows.find(account.index, listing.index);
    const total = exposures.rows.find(account.index, scope);
    const open = row < 0 ? 0 : (side === BUY ? exposures.openBuyLots : exposures.openSellLots)[row]!;
    const qty = positions.qtyOf(account.index, listing.index);
    const before = row < 0 ? valueE6(listing, qty) : column[row]!;
    const after = valueE6(listing, qty + sign * (open + addedLots));
    const current = sign * (total < 0 ? before : column[total]!) + 0;
    const projected = Math.min(Number.MAX_SAFE_INTEGER, current + sign * (after - before));
    return { isWithin: projected <= limit || sign * after <= sign * before, limit, current, projected };
  }
}

function counted(limit: number | null, open: number): Compared | null {
  if (limit === null) return null;
  return { isWithin: open < limit, limit, current: open, projected: open + 1 };
}

function tighterOf(all: Compared | null, own: Compared | null): Compared | null {
  if (all === null || own === null) return all ?? own;
  if (all.isWithin !== own.isWithin) return all.isWithin ? own : all;
  return own.limit - own.projected < all.limit - all.projected ? own : all;
}

/** Lots in 10⁻⁸ of the base asset, within ±(2^53 − 1). */
function toE8(listing: Listing, lots: number): number {
  const { MAX_SAFE_INTEGER: most } = Number;
  return Math.max(-most, Math.min(most, lots * listing.lotE8)) + 0;
}
