/**
 * Risk alerts: an account's limits as they come near, are breached and clear.
 *
 * A rule of an account stands at nothing, WARNING or BREACH. It rises when its measure reaches 80 % of the limit
 * (WARNING), reaches or passes the limit, or an order is refused by it (BREACH), and is told each time that it rises. It
 * falls in one step only, to nothing, told as CLEARED: when the measure is below 80 % again or, for rules on single
 * orders, when the next order of the account is accepted below 80 %. So nothing is told twice, and nothing flutters.
 * After a start or a resync the present measures are taken in without telling what has been told before.
 * Memory: one entry a rule that stands above nothing.
 */
import type { ExchangeEvent, OrderFields } from '../../../src/core/exchange/event.js';
import type { AccountEntry } from '../../../src/core/exchange/reference-data.js';
import { tighter } from '../../../src/core/risk/limit-values.js';
import { powerOfTen } from '../../../src/core/values/decimal.js';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import type { RiskAlertSeverity } from '../../../src/graphql/enums.js';
import type { RiskView } from '../events.js';
import type { RiskAlert } from '../types/alerts.js';
import { AlertStreams } from './alert-streams.js';
import { limitsInForce, type Measure, measuresOf, toCheck } from './utilization.js';

/** Most subscriptions to risk alerts that this subgraph keeps open. */
export const MAX_RISK_ALERT_STREAMS = 10_000;

/** Rules on single orders, and the scale of their numbers. */
const ORDER_RULES: Readonly<Partial<Record<OrdRejReason, number>>> = {
  MAX_ORDER_QTY: 8,
  MAX_ORDER_NOTIONAL: 6,
  PRICE_COLLAR: 0,
  ORDER_RATE_LIMIT: 0,
  CANCEL_RATE_LIMIT: 0,
};
const SUM_RULES: ReadonlySet<OrdRejReason> = new Set([
  'POSITION_LIMIT',
  'GROSS_EXPOSURE_LIMIT',
  'NET_EXPOSURE_LIMIT',
  'OPEN_ORDER_LIMIT',
  'DAILY_LOSS_LIMIT',
]);

type Level = 'NONE' | 'WARNING' | 'BREACH';
const RANK: Readonly<Record<Level, number>> = { NONE: 0, WARNING: 1, BREACH: 2 };

export class RiskAlerts {
  readonly #view: RiskView;
  readonly #streams = new AlertStreams<RiskAlert>('risk', MAX_RISK_ALERT_STREAMS);
  /** By account, then rule and instrument. */
  readonly #levels = new Map<number, Map<string, Level>>();
  readonly #dirty = new Set<number>();

  constructor(view: RiskView) {
    this.#view = view;
  }

  /** Notes what an event means for limits; to be called when the view has taken it. */
  observe(event: ExchangeEvent): void {
    switch (event.type) {
      case 'OrderRejected':
        this.#refused(event.account, event.instrument, event.reason, event);
        break;
      case 'RequestRejected':
        if (event.account !== null) this.#refused(event.account, null, event.reason, event);
        break;
      case 'OrderAccepted':
      case 'OrderReplaced':
        this.#accepted(event);
        this.#dirty.add(event.account);
        break;
      case 'TierLimitsSet':
        for (const { account, tier } of this.#view.reference.accounts)
          if (tier === event.tier) this.#dirty.add(account);
        break;
      case 'OrdersTraded':
        this.#dirty.add(event.maker.account);
        this.#dirty.add(event.taker.account);
        break;
      case 'ExposureUpdated':
      case 'PositionUpdated':
      case 'RiskLimitsSet':
      case 'AccountTierSet':
      case 'OrderCanceled':
      case 'OrderExpired':
      case 'OrderRestated':
        this.#dirty.add(event.account);
        break;
      default:
        break;
    }
  }

  /** Measures the accounts that a batch touched, and tells what rose or cleared. */
  endBatch(timeUs: number): void {
    for (const account of this.#dirty) this.#measure(this.#view.reference.accounts[account], timeUs, true);
    this.#dirty.clear();
  }

  /** Takes the present measures in. */
  restart(): void {
    this.#levels.clear();
    this.#dirty.clear();
    for (const account of this.#view.reference.accounts) this.#measure(account, 0, false);
  }

  /** Follows an account, or all. @throws GraphQLError LIMIT_EXCEEDED */
  follow(account: AccountEntry | null): AsyncIterableIterator<RiskAlert> {
    return this.#streams.follow(account);
  }

  endAll(): void {
    this.#streams.endAll();
  }

  #measure(account: AccountEntry | undefined, timeUs: number, tells: boolean): void {
    if (account === undefined) return;
    const { tier, symbolLimits, limits } = account;
    const isFree = tier === null && symbolLimits.size === 0 && Object.values(limits).every((limit) => limit === null);
    if (isFree && !this.#levels.has(account.account)) return;
    const seen = new Set<string>();
    for (const measure of measuresOf(this.#view, account)) {
      if (measure.limit === null || !SUM_RULES.has(measure.rule)) continue;
      const key = keyOf(measure);
      seen.add(key);
      this.#move(account, measure, key, levelOf(measure), null, timeUs, tells);
    }
    // Limits that are gone hold nothing any more.
    for (const key of this.#levels.get(account.account)?.keys() ?? []) {
      const [rule = ''] = key.split(' ');
      if (SUM_RULES.has(rule as OrdRejReason) && !seen.has(key)) this.#levels.get(account.account)!.delete(key);
    }
  }

  #refused(
    index: number,
    instrument: number | null,
    rule: OrdRejReason,
    told: {
      readonly limit: number | null;
      readonly current: number | null;
      readonly projected: number | null;
      readonly timeUs: number;
    },
  ): void {
    const account = this.#view.reference.accounts[index];
    const isSum = SUM_RULES.has(rule);
    if (account === undefined || (!isSum && ORDER_RULES[rule] === undefined)) return;
    const { limit, current, projected, timeUs } = told;
    const measures = measuresOf(this.#view, account).filter((each) => each.rule === rule && each.limit !== null);
    const found =
      measures.find((each) => each.limit === limit && each.instrument !== null && each.instrument === instrument) ??
      measures.find((each) => each.limit === limit) ??
      measures[0];
    if (found === undefined) return;
    // Of a collar the engine tells prices, the limit is a percentage: only the latter is one of the account's.
    const isPrice = rule === 'PRICE_COLLAR';
    const measure = { ...found, current: isPrice ? null : current };
    this.#move(account, measure, keyOf(found), 'BREACH', isPrice ? null : projected, timeUs, true);
    if (isSum) this.#dirty.delete(index);
  }

  /** An accepted order clears the rules on single orders that it is well within, and warns of those that it is near. */
  #accepted(order: OrderFields & { readonly timeUs: number }): void {
    const account = this.#view.reference.accounts[order.account];
    if (account === undefined) return;
    const onSymbol = account.symbolLimits.get(order.instrument);
    const own = limitsInForce(this.#view, account);
    const limits = onSymbol === undefined ? own : tighter(own, onSymbol);
    const { terms } = this.#view.reference.instrumentAt(order.instrument);
    const qtyE8 = order.orderQtyLots * terms.lotE8;
    const units = (order.priceTicks ?? 0) * order.orderQtyLots * terms.quoteUnitsPerTickLot;
    const notionalE6 = toE6(units, terms.quoteScale);
    const levels = this.#levels.get(order.account);
    for (const [rule, limit, value, what] of [
      ['MAX_ORDER_QTY', limits.maxOrderQtyE8, qtyE8, 'Largest quantity of one order'],
      ['MAX_ORDER_NOTIONAL', limits.maxOrderNotionalE6, notionalE6, 'Largest price × quantity of one order'],
      ['PRICE_COLLAR', limits.priceCollarPpm, 0, 'Greatest distance from the reference price, percent'],
      ['ORDER_RATE_LIMIT', limits.maxOrdersPerSecond, 0, 'Most orders within a second'],
      ['CANCEL_RATE_LIMIT', limits.maxCancelsPerSecond, 0, 'Most cancels within a second'],
    ] as const) {
      if (limit === null && levels === undefined) continue;
      const scale = rule === 'PRICE_COLLAR' ? 4 : (ORDER_RULES[rule] ?? 0);
      const isOnSymbol = onSymbol !== undefined && levels?.has(`${rule} ${order.instrument}`) === true;
      const instrument = isOnSymbol ? order.instrument : null;
      const measure: Measure = { rule, instrument, limit, current: value, scale, what, endsAtLimit: false };
      const level = limit === null ? 'NONE' : levelOf(measure);
      this.#move(account, { ...measure, current: null }, keyOf(measure), level, value, order.timeUs, true);
    }
  }

  #move(
    account: AccountEntry,
    measure: Measure,
    key: string,
    level: Level,
    projected: number | null,
    timeUs: number,
    tells: boolean,
  ): void {
    const levels = this.#levels.get(account.account) ?? new Map<string, Level>();
    const before = levels.get(key) ?? 'NONE';
    if (level !== 'NONE' && RANK[level] <= RANK[before]) return;
    if (level === before) return;
    if (level === 'NONE') levels.delete(key);
    else levels.set(key, level);
    if (levels.size === 0) this.#levels.delete(account.account);
    else this.#levels.set(account.account, levels);
    if (tells) this.#tell(account, measure, level === 'NONE' ? 'CLEARED' : level, projected, timeUs);
  }

  #tell(
    account: AccountEntry,
    measure: Measure,
    severity: RiskAlertSeverity,
    projected: number | null,
    transactTime: number,
  ): void {
    if (this.#streams.isIdle) return;
    const check = toCheck(this.#view, measure, severity !== 'BREACH', projected);
    const { rule } = measure;
    const alert = { accountId: account.accountId, symbol: check.symbol ?? null, rule, severity, check, transactTime };
    this.#streams.tell(account.account, alert);
  }
}

function keyOf({ rule, instrument }: Pick<Measure, 'rule' | 'instrument'>): string {
  return `${rule} ${instrument ?? ''}`;
}

function levelOf({ limit, current, endsAtLimit }: Measure): Level {
  if (limit === null || current === null) return 'NONE';
  if (current > limit || (endsAtLimit && current === limit && current > 0)) return 'BREACH';
  return current > 0 && BigInt(current) * 5n >= BigInt(limit) * 4n ? 'WARNING' : 'NONE';
}

/** An amount of quote units in 10⁻⁶, rounded up. */
function toE6(units: number, scale: number): number {
  if (scale <= 6) return units * powerOfTen(6 - scale);
  return Math.ceil(units / powerOfTen(scale - 6));
}
