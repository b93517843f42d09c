/** Figures of risk, worked out exactly from the view as of now. */
import type { RiskLimitValues } from '../../../src/core/exchange/command.js';
import type { PositionUpdated } from '../../../src/core/exchange/event.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { formatAvgPx, formatQty } from '../../../src/core/instrument/terms.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import { encodeStreamCursor } from '../../../src/graphql/cursor.js';
import { historyUnavailable } from '../../../src/graphql/errors.js';
import type { RiskCheck } from '../../../src/graphql/risk-check.js';
import { NO_TOTALS, type RiskView } from '../events.js';
import type { AccountRiskFigures } from '../types/account-risk.js';
import type { RiskLimits } from '../types/limits.js';
import type { Position } from '../types/position.js';
import { formatHalf, formatMark, formatScale, formatSum, toSum, valueTwice } from './money.js';
import { isOpen, measuresOf, toCheck } from './utilization.js';

/** Decimals of limits on quantities and on amounts. */
export const QTY_SCALE = 8;
export const AMOUNT_SCALE = 6;
/** Of a rule that compares nothing. */
const NO_NUMBERS = { symbol: null, limit: null, current: null, projected: null, headroom: null };
/** Percent as parts per million: 1 % = 10^4. */
export const PERCENT_SCALE = 4;

export function toRiskLimits(limits: RiskLimitValues): RiskLimits {
  return {
    maxOrderQty: formatScale(limits.maxOrderQtyE8, QTY_SCALE),
    maxOrderNotional: formatScale(limits.maxOrderNotionalE6, AMOUNT_SCALE),
    maxPositionQty: formatScale(limits.maxPositionQtyE8, QTY_SCALE),
    maxGrossExposure: formatScale(limits.maxGrossExposureE6, AMOUNT_SCALE),
    maxNetExposure: formatScale(limits.maxNetExposureE6, AMOUNT_SCALE),
    maxOpenOrders: limits.maxOpenOrders,
    maxDailyLoss: formatScale(limits.maxDailyLossE6, AMOUNT_SCALE),
    maxOrdersPerSecond: limits.maxOrdersPerSecond,
    maxCancelsPerSecond: limits.maxCancelsPerSecond,
    priceCollarPercent: formatScale(limits.priceCollarPpm, PERCENT_SCALE),
  };
}

/** Returns the position of an account in an instrument as of now; null where there never was one. */
export function presentPosition(view: RiskView, account: AccountEntry, instrument: number): Position | null {
  const state = view.account(account.account).positions.get(instrument);
  if (state === undefined) return null;
  return toPosition(view, account, state, encodeStreamCursor(view.sequence, 1));
}

/**
 * Returns a position as an event told it, valued at the present mark.
 * @param cursor where positions(after) goes on behind it; null where it cannot
 */
export function toPosition(
  view: RiskView,
  account: AccountEntry,
  state: PositionUpdated,
  cursor: string | null,
): Position {
  const { symbol, terms } = view.reference.instrumentAt(state.instrument);
  const mark = view.markOf(state.instrument);
  const unrealizedTwice = valueTwice(terms, BigInt(state.qtyLots), mark) - 2n * BigInt(state.costUnits);
  return {
    cursor,
    account: { id: account.accountId },
    instrument: { symbol },
    qty: formatQty(terms, state.qtyLots),
    avgPx: formatAvgPx(terms, state.costUnits, state.qtyLots),
    markPx: formatMark(terms, mark),
    realizedPnl: formatScaled(state.realizedPnlUnits, terms.quoteScale),
    unrealizedPnl: formatHalf(terms, unrealizedTwice),
    fees: formatScaled(state.feesUnits, terms.quoteScale),
  };
}

/** Figures of one account; `dayLoaded` tells whether today's trades are known in full. */
export class Figures implements AccountRiskFigures {
  readonly #view: RiskView;
  readonly #account: AccountEntry;
  readonly #dayLoaded: () => boolean;

  constructor(view: RiskView, account: AccountEntry, dayLoaded: () => boolean) {
    this.#view = view;
    this.#account = account;
    this.#dayLoaded = dayLoaded;
  }

  get killSwitch(): boolean {
    return this.#account.killSwitch;
  }

  limits(): RiskLimits {
    return toRiskLimits(this.#account.limits);
  }

  openOrderCount(): number {
    return this.#state.orders.size;
  }

  grossExposure(): string {
    return formatSum(this.#exposure((value) => (value < 0n ? -value : value)));
  }

  netExposure(): string {
    return formatSum(this.#exposure((value) => value));
  }

  dailyPnl(): string {
    if (!this.#dayLoaded()) throw historyUnavailable();
    return formatSum(this.#dailyPnlSum());
  }

  utilization(): RiskCheck[] {
    const measures = measuresOf(this.#view, this.#account);
    return [
      ...measures.map((measure) => toCheck(this.#view, measure, isOpen(measure))),
      {
        ...NO_NUMBERS,
        rule: 'KILL_SWITCH',
        passed: !this.killSwitch,
        text: this.killSwitch ? 'Kill switch: engaged, every new order is refused.' : 'Kill switch: released.',
      },
    ];
  }

  get #state() {
    return this.#view.account(this.#account.account);
  }

  #exposure(counted: (valueTwice: bigint) => bigint): bigint {
    let sum = 0n;
    for (const [instrument, { qtyLots }] of this.#state.positions) {
      const { terms } = this.#view.reference.instrumentAt(instrument);
      sum += toSum(terms, counted(valueTwice(terms, BigInt(qtyLots), this.#view.markOf(instrument))));
    }
    return sum;
  }

  /** Value now less value at 00:00, less what was paid for today's trades and their fees. */
  #dailyPnlSum(): bigint {
    let sum = 0n;
    const { positions, today } = this.#state;
    for (const [instrument, { qtyLots }] of positions) {
      const { terms } = this.#view.reference.instrumentAt(instrument);
      const totals = today.get(instrument) ?? NO_TOTALS;
      const qtyNow = BigInt(qtyLots);
      const now = valueTwice(terms, qtyNow, this.#view.markOf(instrument));
      const atOpen = valueTwice(terms, qtyNow - totals.netQtyLots, this.#view.dayOpenOf(instrument));
      sum += toSum(terms, now - atOpen - 2n * (totals.netNotionalUnits + totals.feeUnits));
    }
    return sum;
  }
}
