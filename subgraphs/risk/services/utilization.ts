/** Limits in force with where the account stands to each, measured as the engine measures them. */
import type { RiskLimitValues } from '../../../src/core/exchange/command.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { NO_LIMITS, withDefaults } from '../../../src/core/risk/limit-values.js';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import type { RiskCheck } from '../../../src/graphql/risk-check.js';
import { ALL_SYMBOLS, type RiskView } from '../events.js';
import { formatScale } from './money.js';

const QTY = 8;
const AMOUNT = 6;
const PERCENT = 4;
const COUNT = 0;

/** One limit and what is held against it, both in 10^−scale. */
export interface Measure {
  readonly rule: OrdRejReason;
  /** null for a limit of the account over all symbols. */
  readonly instrument: number | null;
  readonly limit: number | null;
  /** null where the rule looks at single orders only. */
  readonly current: number | null;
  readonly scale: number;
  readonly what: string;
  /** Rules that refuse when the limit is reached, not only when it would be passed. */
  readonly endsAtLimit: boolean;
}

/** Limits of the account over all symbols, those of its tier where it has none. */
export function limitsInForce(view: RiskView, { limits, tier }: AccountEntry): RiskLimitValues {
  return withDefaults(limits, tier === null ? null : (view.reference.tiers.get(tier) ?? NO_LIMITS));
}

/** Every rule of the account, then those of the symbols on which it has limits. Complexity: O(positions + open orders). */
export function measuresOf(view: RiskView, account: AccountEntry): Measure[] {
  const { orders, positions } = view.account(account.account);
  const instruments = new Set([...positions.keys(), ...[...orders.values()].map(({ instrument }) => instrument)]);
  let largest = 0;
  for (const instrument of instruments) largest = Math.max(largest, projectedQtyE8(view, account.account, instrument));
  const own = rulesOf(limitsInForce(view, account), null, {
    openOrders: orders.size,
    positionE8: largest,
    ...sumsOf(view, account.account, null),
  });
  const onSymbols = [...account.symbolLimits]
    .sort(([a], [b]) => a - b)
    .flatMap(([instrument, limits]) => {
      const open = [...orders.values()].filter((order) => order.instrument === instrument).length;
      const positionE8 = projectedQtyE8(view, account.account, instrument);
      const rules = rulesOf(limits, instrument, {
        openOrders: open,
        positionE8,
        ...sumsOf(view, account.account, instrument),
      });
      return rules.filter(({ limit }) => limit !== null);
    });
  return [...own, ...onSymbols];
}

interface Figures {
  readonly openOrders: number;
  readonly positionE8: number;
  readonly grossE6: number;
  readonly netE6: number;
  readonly lossE6: number;
}

function rulesOf(limits: RiskLimitValues, instrument: number | null, figures: Figures): Measure[] {
  const { openOrders, positionE8, grossE6, netE6, lossE6 } = figures;
  const rule = (
    name: OrdRejReason,
    limit: number | null,
    current: number | null,
    scale: number,
    what: string,
    endsAtLimit = false,
  ): Measure => ({ rule: name, instrument, limit, current, scale, what, endsAtLimit });
  return [
    rule('MAX_ORDER_QTY', limits.maxOrderQtyE8, null, QTY, 'Largest quantity of one order'),
    rule('MAX_ORDER_NOTIONAL', limits.maxOrderNotionalE6, null, AMOUNT, 'Largest price × quantity of one order'),
    rule('PRICE_COLLAR', limits.priceCollarPpm, null, PERCENT, 'Greatest distance from the reference price, percent'),
    rule('POSITION_LIMIT', limits.maxPositionQtyE8, positionE8, QTY, 'Largest position with open orders filled'),
    rule('GROSS_EXPOSURE_LIMIT', limits.maxGrossExposureE6, grossE6, AMOUNT, 'Gross exposure with open orders'),
    rule('NET_EXPOSURE_LIMIT', limits.maxNetExposureE6, netE6, AMOUNT, 'Net exposure with open orders of a side'),
    rule('OPEN_ORDER_LIMIT', limits.maxOpenOrders, openOrders, COUNT, 'Working orders', true),
    rule('DAILY_LOSS_LIMIT', limits.maxDailyLossE6, lossE6, AMOUNT, 'Lost today', true),
    rule('ORDER_RATE_LIMIT', limits.maxOrdersPerSecond, null, COUNT, 'Most orders within a second'),
    rule('CANCEL_RATE_LIMIT', limits.maxCancelsPerSecond, null, COUNT, 'Most cancels within a second'),
  ];
}

/** As the engine told them; 0 before it did. */
function sumsOf(view: RiskView, account: number, instrument: number | null) {
  const told = view.account(account).exposures.get(instrument ?? ALL_SYMBOLS);
  if (told === undefined) return { grossE6: 0, netE6: 0, lossE6: 0 };
  const netE6 = Math.max(0, told.longE6, -told.shortE6);
  return { grossE6: told.grossE6, netE6, lossE6: Math.max(0, -told.dailyPnlE6) };
}

/** Quantity of the position either way with all open orders of its side filled. */
function projectedQtyE8(view: RiskView, account: number, instrument: number): number {
  const { orders, positions } = view.account(account);
  const { lotE8 } = view.reference.instrumentAt(instrument).terms;
  const qty = positions.get(instrument)?.qtyLots ?? 0;
  let [buys, sells] = [0, 0];
  for (const order of orders.values()) {
    if (order.instrument !== instrument) continue;
    if (order.side === 'BUY') buys += order.leavesQtyLots;
    else sells += order.leavesQtyLots;
  }
  return Math.max(0, qty + buys, sells - qty) * lotE8;
}

/** A measure as clients read it. @param projected value that an order would have led to; null without one */
export function toCheck(view: RiskView, measure: Measure, passed: boolean, projected: number | null = null): RiskCheck {
  const { rule, instrument, limit, current, scale, what } = measure;
  const print = (value: number | null) => formatScale(value, scale);
  const used = projected ?? current;
  const headroom = limit === null || used === null ? null : print(limit - used);
  const symbol = instrument === null ? null : view.reference.instrumentAt(instrument).symbol;
  const on = symbol === null ? '' : ` on ${symbol}`;
  const now = current === null ? '' : `now ${print(current)}, `;
  const text = `${what}${on}: ${now}${limit === null ? 'no limit' : `limit ${print(limit)}`}.`;
  return {
    rule,
    symbol,
    passed,
    limit: print(limit),
    current: print(current),
    projected: print(projected),
    headroom,
    text,
  };
}

/** Tells whether one more order could pass the rule. */
export function isOpen({ limit, current, endsAtLimit }: Measure): boolean {
  if (limit === null || current === null) return true;
  return endsAtLimit ? current < limit : current <= limit;
}
