/**
 * Rates of orders and cancels: token buckets on engine time.
 *
 * A bucket holds one second's worth: a rate of 5 lets 5 orders pass at once, then one each 200 ms. Orders and replaces
 * take an order token when they come to this rule, accepted or refused later; cancels take a cancel token. What the rule
 * refuses takes none. Buckets are full when the rate is set.
 * Tokens are millionths, so that a microsecond refills a whole number of them.
 */
import type { RiskLimitValues } from '../exchange/command.js';
import type { Account } from './account.js';
import { symbolLimits } from './account-guard.js';
import { ALL_INSTRUMENTS, type Exposures } from './exposures.js';

const TOKEN = 1_000_000;
const SECOND_US = 1_000_000;

export const RATE_KINDS = ['order', 'cancel'] as const;
export type RateKind = (typeof RATE_KINDS)[number];

/** What the rule compared: most in a second, how many of them are used up, and with this one. */
export interface RateUse {
  readonly limit: number;
  readonly current: number;
  readonly projected: number;
}

export function rateOf(limits: RiskLimitValues, kind: RateKind): number | null {
  return kind === 'order' ? limits.maxOrdersPerSecond : limits.maxCancelsPerSecond;
}

export class RateLimits {
  constructor(private readonly exposures: Exposures) {}

  /** Fills the buckets whose rate is another one than before. */
  fillChanged(
    account: Account,
    instrument: number,
    before: RiskLimitValues,
    after: RiskLimitValues,
    nowUs: number,
  ): void {
    for (const kind of RATE_KINDS) {
      const rate = rateOf(after, kind);
      if (rate === null || rate === rateOf(before, kind)) continue;
      this.set(account.index, instrument, kind, rate * TOKEN, nowUs);
    }
  }

  set(account: number, instrument: number, kind: RateKind, tokens: number, timeUs: number): void {
    const { exposures } = this;
    const row = exposures.rows.rowOf(account, instrument);
    exposures.recorder.note(row);
    if (kind === 'order') {
      exposures.orderTokens[row] = tokens;
      exposures.orderTokensUs[row] = timeUs;
    } else {
      exposures.cancelTokens[row] = tokens;
      exposures.cancelTokensUs[row] = timeUs;
    }
  }

  /** Takes a token from each bucket that holds; where one is empty takes none and returns what it compared. */
  take(account: Account, instrument: number, kind: RateKind, nowUs: number): RateUse | null {
    const { guard } = account;
    if (guard === null) return null;
    const all = rateOf(guard.account, kind);
    const own = rateOf(symbolLimits(guard, instrument), kind);
    const ofAll = all === null ? 0 : this.#tokens(account.index, ALL_INSTRUMENTS, kind, all, nowUs);
    const ofOwn = own === null ? 0 : this.#tokens(account.index, instrument, kind, own, nowUs);
    if (all !== null && ofAll < TOKEN) return useOf(all, ofAll);
    if (own !== null && ofOwn < TOKEN) return useOf(own, ofOwn);
    if (all !== null) this.set(account.index, ALL_INSTRUMENTS, kind, ofAll - TOKEN, nowUs);
    if (own !== null) this.set(account.index, instrument, kind, ofOwn - TOKEN, nowUs);
    return null;
  }

  /**
   * As `take`, of an account without limits on symbols; false, with nothing taken, where there is no token.
   * @param row of the account's figures over all symbols
   */
  takeAt(row: number, limits: RiskLimitValues, isOrder: boolean, nowUs: number): boolean {
    const rate = isOrder ? limits.maxOrdersPerSecond : limits.maxCancelsPerSecond;
    if (rate === null) return true;
    const { exposures } = this;
    const tokens = isOrder ? exposures.orderTokens : exposures.cancelTokens;
    const tokensUs = isOrder ? exposures.orderTokensUs : exposures.cancelTokensUs;
    const filled = Math.min(rate * TOKEN, tokens[row]! + Math.min(nowUs - tokensUs[row]!, SECOND_US) * rate);
    if (filled < TOKEN) return false;
    exposures.recorder.note(row);
    tokens[row] = filled - TOKEN;
    tokensUs[row] = nowUs;
    return true;
  }

  /** What `take` would compare, of the emptier bucket; null where no rate holds. */
  use(account: Account, instrument: number, kind: RateKind, nowUs: number): RateUse | null {
    const { guard } = account;
    if (guard === null) return null;
    const all = rateOf(guard.account, kind);
    const own = rateOf(symbolLimits(guard, instrument), kind);
    const ofAll = all === null ? null : useOf(all, this.#tokens(account.index, ALL_INSTRUMENTS, kind, all, nowUs));
    const ofOwn = own === null ? null : useOf(own, this.#tokens(account.index, instrument, kind, own, nowUs));
    if (ofAll === null || ofOwn === null) return ofAll ?? ofOwn;
    return ofOwn.limit - ofOwn.projected < ofAll.limit - ofAll.projected ? ofOwn : ofAll;
  }

  #tokens(account: number, instrument: number, kind: RateKind, rate: number, nowUs: number): number {
    const { exposures } = this;
    const row = exposures.rows.rowOf(account, instrument);
    const isOrder = kind === 'order';
    const sinceUs = nowUs - (isOrder ? exposures.orderTokensUs : exposures.cancelTokensUs)[row]!;
    const tokens = (isOrder ? exposures.orderTokens : exposures.cancelTokens)[row]!;
    return Math.min(rate * TOKEN, tokens + Math.min(sinceUs, SECOND_US) * rate);
  }
}

function useOf(rate: number, tokens: number): RateUse {
  const current = rate - Math.floor(tokens / TOKEN);
  return { limit: rate, current, projected: current + 1 };
}
