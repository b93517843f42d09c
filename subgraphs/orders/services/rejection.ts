/** Refusals of the engine as clients read them: the rule, its numbers in the units that clients use, and a sentence. */
import type { RejectionDetail } from '../../../src/core/exchange/event.js';
import type { ReferenceData } from '../../../src/core/exchange/reference-data.js';
import { REFUSAL_TEXTS } from '../../../src/core/exchange/refusal-text.js';
import { formatPrice, formatQty, type InstrumentTerms } from '../../../src/core/instrument/terms.js';
import type { RuleRow } from '../../../src/core/risk/order-check.js';
import { formatScaled } from '../../../src/core/values/decimal.js';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import type { RiskCheck } from '../../../src/graphql/risk-check.js';

/** Why the engine refused an order. */
export interface Refusal extends RejectionDetail {
  readonly reason: OrdRejReason;
  /** Every rule of the check, where the engine told them. */
  readonly rules?: readonly RuleRow[];
}

/** Asset that the funds rule counts an order in. */
type PayingAsset = ReturnType<ReferenceData['fundsAssetOf']>;

/** Prints a rule's number. @param paying asset that the order would pay with */
type Unit = (value: number, terms: InstrumentTerms, paying: PayingAsset) => string;

interface Arithmetic {
  readonly unit: Unit;
  /** What limit, current and projected are called in the sentence. */
  readonly names: readonly [limit: string, current: string, projected: string];
}

/** A margin account's funds rule compares its equity with what is required. */
const MARGIN_NAMES: Arithmetic['names'] = ['equity', 'required now', 'required with this order'];
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
  DAILY_LOSS_LIMIT: { unit: amountE6, names: ['the limit is', 'lost today', 'lost today'] },
  GROSS_EXPOSURE_LIMIT: { unit: amountE6, names: USUAL },
  NET_EXPOSURE_LIMIT: { unit: amountE6, names: USUAL },
  CANCEL_RATE_LIMIT: { unit: count, names: USUAL },
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
  'GROSS_EXPOSURE_LIMIT',
  'NET_EXPOSURE_LIMIT',
  'CANCEL_RATE_LIMIT',
  'ACCOUNT_HALTED',
  'ACCOUNT_REDUCE_ONLY',
  'INSUFFICIENT_FUNDS',
  'KILL_SWITCH',
]);

/** Returns a decimal without zeros that say nothing: "5.00000000" is "5". */
function withoutIdleZeros(decimal: string): string {
  return decimal.replace(/\.?0+$/, '');
}

/**
 * Explains a refused order.
 * @param paying asset that the order would pay with, see ReferenceData.fundsAssetOf
 * @returns a sentence with the rule's numbers, and every rule of the check, passed or not; where the rules are not known
 * any more (a first result told again) the one that failed
 */
export function explain(
  rejected: Refusal,
  terms: InstrumentTerms,
  paying: PayingAsset,
): { readonly text: string; readonly checks: readonly RiskCheck[] } {
  const check = toRiskCheck({ ...rejected, rule: rejected.reason, passed: false }, terms, paying);
  const { rules = [] } = rejected;
  if (rules.length > 0) return { text: check.text, checks: rules.map((row) => toRiskCheck(row, terms, paying)) };
  return { text: check.text, checks: RISK_RULES.has(rejected.reason) ? [check] : [] };
}

/** Returns a rule with its numbers in the units that clients use. @param paying as in `explain` */
export function toRiskCheck(row: RuleRow, terms: InstrumentTerms, paying: PayingAsset): RiskCheck {
  const { rule, passed } = row;
  const arithmetic = ARITHMETIC[rule];
  const print = (value: number | null) =>
    value === null || arithmetic === undefined || !Number.isSafeInteger(value)
      ? null
      : arithmetic.unit(value, terms, paying);
  const limit = print(row.limit);
  const current = print(row.current);
  const projected = print(row.projected);
  const onMargin = rule === 'INSUFFICIENT_FUNDS' && paying.onMargin;
  const [limitName, currentName, projectedName] = onMargin ? MARGIN_NAMES : (arithmetic?.names ?? USUAL);
  const numbers = [told(limitName, limit), told(currentName, current), told(projectedName, projected)].filter(Boolean);
  const asset = rule === 'INSUFFICIENT_FUNDS' ? ` ${paying.code}` : '';
  const sentence = passed ? 'The order passes this rule.' : REFUSAL_TEXTS[rule];
  const text = numbers.length === 0 ? sentence : `${sentence} (${numbers.join(', ')}${asset})`;
  return { rule, passed, limit, current, projected, headroom: print(headroomOf(row)), text };
}

/** Distance to the limit, on whichever side of it; negative where the rule refused. */
function headroomOf({ limit, projected, passed }: RuleRow): number | null {
  return limit === null || projected === null ? null : Math.abs(projected - limit) * (passed ? 1 : -1) + 0;
}

function told(name: string, value: string | null): string {
  return value === null || name === '' ? '' : `${name} ${value}`;
}
