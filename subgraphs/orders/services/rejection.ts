/** Refusals of the engine as clients read them: the rule, its numbers in the units that clients use, and a sentence. */
import type { RejectionDetail } from '../../../src/core/exchange/event.js';
import type { AssetEntry } from '../../../src/core/exchange/reference-data.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import { formatPrice, formatQty, type InstrumentTerms } from '../../../src/core/instrument/terms.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import type { RiskCheck } from '../../../src/graphql/risk-check.js';

/** Why the engine refused an order. */
export interface Refusal extends RejectionDetail {
  readonly reason: OrdRejReason;
}

/** Prints a rule's number. @param paying asset that the order would pay with */
type Unit = (value: number, terms: InstrumentTerms, paying: AssetEntry) => string;

interface Arithmetic {
  readonly unit: Unit;
  /** What limit, current and projected are called in the sentence. */
  readonly names: readonly [limit: string, current: string, projected: string];
}

const USUAL: Arithmetic['names'] = ['the limit is', 'now', 'with this order'];
const lots: Unit = (value, terms) => formatQty(terms, value);
const ticks: Unit = (value, terms) => formatPrice(terms, value);
const count: Unit = (value) => String(value);
const qtyE8: Unit = (value) => withoutIdleZeros(formatScaled(value, 8));
const amountE6: Unit = (value) => withoutIdleZeros(formatScaled(value, 6));
const funds: Unit = (value, _terms, paying) => formatScaled(value, paying.scale);

const ARITHMETIC: Readonly<Partial<Record<OrdRejReason, Arithmetic>>> = {
  INVALID_QTY: { unit: lots, names: ['the bound is', '', 'orderQty'] },
  INVALID_PRICE: { unit: ticks, names: ['the bound is', '', 'price'] },
  POST_ONLY_WOULD_TAKE: { unit: ticks, names: ['the best price is', '', 'price'] },
  FOK_NOT_FILLABLE: { unit: lots, names: ['fillable', '', 'ordered'] },
  PRICE_COLLAR: { unit: ticks, names: ['the bound is', 'the reference price', 'the price'] },
  MAX_ORDER_QTY: { unit: qtyE8, names: USUAL },
  MAX_ORDER_NOTIONAL: { unit: amountE6, names: USUAL },
  POSITION_LIMIT: { unit: qtyE8, names: USUAL },
  OPEN_ORDER_LIMIT: { unit: count, names: USUAL },
  ORDER_RATE_LIMIT: { unit: count, names: USUAL },
  DAILY_LOSS_LIMIT: { unit: amountE6, names: USUAL },
  INSUFFICIENT_FUNDS: { unit: funds, names: ['available', 'held', 'needed'] },
};

const RISK_RULES: ReadonlySet<OrdRejReason> = new Set([
  'PRICE_COLLAR',
  'MAX_ORDER_QTY',
  'MAX_ORDER_NOTIONAL',
  'POSITION_LIMIT',
  'OPEN_ORDER_LIMIT',
  'ORDER_RATE_LIMIT',
  'DAILY_LOSS_LIMIT',
  'INSUFFICIENT_FUNDS',
  'KILL_SWITCH',
]);

/** Returns a decimal without zeros that say nothing: "5.00000000" is "5". */
function withoutIdleZeros(decimal: string): string {
  return decimal.replace(/\.?0+$/, '');
}

/**
 * Explains a refused order.
 * @param paying asset that the order would pay with: quote of a BUY, base of a SELL
 * @returns a sentence with the rule's numbers, and the check that failed where a risk rule refused
 */
export function explain(
  rejected: Refusal,
  terms: InstrumentTerms,
  paying: AssetEntry,
): { readonly text: string; readonly checks: readonly RiskCheck[] } {
  const { reason } = rejected;
  const arithmetic = ARITHMETIC[reason];
  const print = (value: number | null) =>
    value === null || arithmetic === undefined || !Number.isSafeInteger(value)
      ? null
      : arithmetic.unit(value, terms, paying);
  const limit = print(rejected.limit);
  const current = print(rejected.current);
  const projected = print(rejected.projected);
  const [limitName, currentName, projectedName] = arithmetic?.names ?? USUAL;
  const numbers = [told(limitName, limit), told(currentName, current), told(projectedName, projected)].filter(Boolean);
  const asset = reason === 'INSUFFICIENT_FUNDS' ? ` ${paying.code}` : '';
  const text =
    numbers.length === 0 ? REFUSAL_TEXTS[reason] : `${REFUSAL_TEXTS[reason]} (${numbers.join(', ')}${asset})`;
  if (!RISK_RULES.has(reason)) return { text, checks: [] };
  const headroom = print(headroomOf(rejected));
  return { text, checks: [{ rule: reason, passed: false, limit, current, projected, headroom, text }] };
}

/** The rule refused, so that what is projected lies beyond the limit, on whichever side. */
function headroomOf({ limit, projected }: Refusal): number | null {
  return limit === null || projected === null ? null : -Math.abs(projected - limit);
}

function told(name: string, value: string | null): string {
  return value === null || name === '' ? '' : `${name} ${value}`;
}
