/**
 * The reference risk model: what limits are held against, worked out anew from orders, positions and marks each time it
 * is asked, on BigInt; and the rules on it. Nothing is kept but what cannot be worked out: buckets, marks, bases of the day.
 */
import type { RiskLimitValues } from '../exchange/command.js';
import type { EventBody } from '../exchange/event-buffer.js';
import { NO_LIMITS } from '../risk/limit-values.js';
import type { OrdRejReason, Side } from '../values/vocabulary.js';
import type { ReferenceAccount, ReferenceInstrument, ReferenceOrder, ReferenceState } from './reference-state.js';

const MILLION = 1_000_000;
const DAY_US = 24 * 3600 * MILLION;

export interface Figures {
  readonly grossE6: number;
  readonly longE6: number;
  readonly shortE6: number;
  readonly dailyPnlE6: number;
}

export interface Weighed {
  readonly reason: OrdRejReason;
  readonly refuses: boolean;
  readonly limit: number;
  readonly current: number;
  readonly projected: number;
}

/** Limits in force over all symbols: the account's own, else its tier's. */
export function limitsOf(state: ReferenceState, account: ReferenceAccount): RiskLimitValues {
  const tier = state.tiers.find(({ name }) => name === account.tier)?.limits ?? NO_LIMITS;
  const names = Object.keys(NO_LIMITS) as (keyof RiskLimitValues)[];
  return Object.fromEntries(
    names.map((name) => [name, account.limits[name] ?? tier[name]]),
  ) as unknown as RiskLimitValues;
}

/** Limits on one symbol, none where there are none. */
export function limitsOn(account: ReferenceAccount, instrument: number): RiskLimitValues {
  return account.symbolLimits.find((each) => each.instrument === instrument)?.limits ?? NO_LIMITS;
}

/** The limit on one order: the lower of the account's and the symbol's. */
export function orderLimit(
  state: ReferenceState,
  account: ReferenceAccount,
  instrument: number,
  name: keyof RiskLimitValues,
): number | null {
  const set = [limitsOf(state, account)[name], limitsOn(account, instrument)[name]].filter((limit) => limit !== null);
  return set.length === 0 ? null : Math.min(...set);
}

export function hasLimits(state: ReferenceState, account: ReferenceAccount): boolean {
  const all = [limitsOf(state, account), ...account.symbolLimits.map(({ limits }) => limits)];
  return all.some((limits) => Object.values(limits).some((limit) => limit !== null));
}

function e6(units: bigint, scale: number, towards: 'away from 0' | 'down'): number {
  if (scale <= 6) return Number(units * 10n ** BigInt(6 - scale));
  const part = 10n ** BigInt(scale - 6);
  const whole = units / part;
  if (whole * part === units) return Number(whole);
  if (units > 0n) return Number(towards === 'down' ? whole : whole + 1n);
  return Number(whole - 1n);
}

/** All open orders of an account on an instrument; the incoming one counts as soon as it is accepted. */
function openLots(state: ReferenceState, account: number, instrument: number, side: Side, but: ReferenceOrder | null) {
  return [...new Set([...state.resting, ...state.waiting, ...state.gathered, ...state.acting])]
    .filter((order) => order !== but && order.account === account && order.instrument === instrument)
    .filter((order) => order.terms.side === side)
    .reduce((sum, { leaves }) => sum + leaves, 0);
}

function value(instrument: ReferenceInstrument, lots: number): number {
  const units = BigInt(lots) * BigInt(instrument.mark) * BigInt(instrument.terms.quoteUnitsPerTickLot);
  return e6(units, instrument.terms.quoteScale, 'away from 0');
}

function profit(state: ReferenceState, account: number, { index, mark, terms }: ReferenceInstrument): bigint {
  const { qty, cost, realized, fees } = state.position(account, index);
  const worth = BigInt(qty) * BigInt(mark) * BigInt(terms.quoteUnitsPerTickLot);
  return BigInt(realized) - BigInt(fees) + worth - BigInt(cost);
}

function figuresOn(
  state: ReferenceState,
  account: number,
  instrument: ReferenceInstrument,
  more: { side: Side; lots: number; but: ReferenceOrder | null } | null = null,
): Figures {
  const { qty, dayBase } = state.position(account, instrument.index);
  const open = (side: Side) =>
    openLots(state, account, instrument.index, side, more?.but ?? null) + (more?.side === side ? more.lots : 0);
  const longE6 = value(instrument, qty + open('BUY'));
  const shortE6 = value(instrument, qty - open('SELL'));
  const earned = profit(state, account, instrument) - BigInt(dayBase);
  const dailyPnlE6 = e6(earned, instrument.terms.quoteScale, 'down');
  return { grossE6: Math.max(Math.abs(longE6), Math.abs(shortE6)), longE6, shortE6, dailyPnlE6 };
}

export function figuresOf(state: ReferenceState, account: number, instrument: number | null): Figures {
  const on = state.instruments.filter(({ index }) => instrument === null || index === instrument);
  const each = on.map((one) => figuresOn(state, account, one));
  const sum = (name: keyof Figures) => each.reduce((total, figures) => total + figures[name], 0);
  return { grossE6: sum('grossE6'), longE6: sum('longE6'), shortE6: sum('shortE6'), dailyPnlE6: sum('dailyPnlE6') };
}

/** Figures that are told: of each account with limits, and of symbols on which it has some, by account and symbol. */
export function toldFigures(state: ReferenceState): Map<string, EventBody> {
  const told = new Map<string, EventBody>();
  for (const [account, entry] of state.accounts.entries()) {
    if (!hasLimits(state, entry)) continue;
    const scopes = [...entry.symbolLimits.map(({ instrument }) => instrument).sort((a, b) => a - b), null];
    for (const instrument of scopes) {
      const figures = figuresOf(state, account, instrument);
      told.set(`${account} ${instrument}`, { type: 'ExposureUpdated', account, instrument, ...figures });
    }
  }
  return told;
}

/** What an order or replace asks for, as the rules on sums see it. */
export interface Asked {
  readonly account: number;
  readonly instrument: ReferenceInstrument;
  readonly side: Side;
  readonly lots: number;
  /** The order that a replace changes. */
  readonly replaces: ReferenceOrder | null;
}

export function positionRule(state: ReferenceState, { account, instrument, side, lots, replaces }: Asked): Weighed[] {
  const limit = orderLimit(state, state.accounts[account]!, instrument.index, 'maxPositionQtyE8');
  if (limit === null) return [];
  const { qty } = state.position(account, instrument.index);
  const held = side === 'BUY' ? qty : -qty;
  const lot = instrument.terms.lotE8;
  const projected = (held + openLots(state, account, instrument.index, side, replaces) + lots) * lot;
  return [
    { reason: 'POSITION_LIMIT', refuses: projected > limit, limit, current: held * lot + 0, projected: projected + 0 },
  ];
}

export function grossRule(state: ReferenceState, asked: Asked): Weighed[] {
  return scoped(state, asked, 'maxGrossExposureE6', (limit, scope) => {
    const { side, lots, replaces: but } = asked;
    const before = figuresOn(state, asked.account, asked.instrument).grossE6;
    const after = figuresOn(state, asked.account, asked.instrument, { side, lots, but }).grossE6;
    const current = figuresOf(state, asked.account, scope).grossE6;
    const projected = current - before + after;
    const refuses = projected > limit && after > before;
    return { reason: 'GROSS_EXPOSURE_LIMIT', refuses, limit, current, projected };
  });
}

export function netRule(state: ReferenceState, asked: Asked): Weighed[] {
  return scoped(state, asked, 'maxNetExposureE6', (limit, scope) => {
    const { side, lots, replaces: but } = asked;
    const [name, sign] = side === 'BUY' ? (['longE6', 1] as const) : (['shortE6', -1] as const);
    const before = figuresOn(state, asked.account, asked.instrument)[name];
    const after = figuresOn(state, asked.account, asked.instrument, { side, lots, but })[name];
    const current = sign * figuresOf(state, asked.account, scope)[name] + 0;
    const projected = current + sign * (after - before);
    const refuses = projected > limit && sign * after > sign * before;
    return { reason: 'NET_EXPOSURE_LIMIT', refuses, limit, current, projected };
  });
}

export function lossRule(state: ReferenceState, asked: Asked): Weighed[] {
  return scoped(state, asked, 'maxDailyLossE6', (limit, scope) => {
    const loss = -figuresOf(state, asked.account, scope).dailyPnlE6 + 0;
    return { reason: 'DAILY_LOSS_LIMIT', refuses: loss >= limit, limit, current: loss, projected: loss };
  });
}

export function openOrderRule(state: ReferenceState, asked: Asked): Weighed[] {
  const { account } = asked;
  return scoped(state, asked, 'maxOpenOrders', (limit, scope) => {
    const atWork = new Set(
      [...state.ordersOf(account), ...state.acting].filter((order) => !state.held.includes(order)),
    );
    const onSymbol = [...atWork].filter((order) => order.account === account && order.instrument === scope);
    const current = scope === null ? state.ordersOf(account).length : onSymbol.length;
    return { reason: 'OPEN_ORDER_LIMIT', refuses: current >= limit, limit, current, projected: current + 1 };
  });
}

/** The rule over all symbols and on the order's own, where each has a limit; of two the one to be told. */
function scoped(
  state: ReferenceState,
  { account, instrument }: Asked,
  name: keyof RiskLimitValues,
  weigh: (limit: number, scope: number | null) => Weighed,
): Weighed[] {
  const entry = state.accounts[account]!;
  const limits = [
    [limitsOf(state, entry)[name], null],
    [limitsOn(entry, instrument.index)[name], instrument.index],
  ] as const;
  const weighed = limits.flatMap(([limit, scope]) => (limit === null ? [] : [weigh(limit, scope)]));
  const [all, own] = weighed;
  if (all === undefined || own === undefined) return weighed;
  if (all.refuses !== own.refuses) return all.refuses ? [all] : [own];
  return own.limit - own.projected < all.limit - all.projected ? [own] : [all];
}

/** At the first command of a second marks are the reference prices; at the first of a day, bases are the profits. */
export function takeReferenceMarks(state: ReferenceState, beforeUs: number): void {
  const { timeUs } = state;
  if (Math.floor(timeUs / MILLION) === Math.floor(beforeUs / MILLION)) return;
  for (const instrument of state.instruments) instrument.mark = instrument.lastPx ?? instrument.spec.referencePxTicks;
  if (Math.floor(timeUs / DAY_US) === Math.floor(beforeUs / DAY_US)) return;
  for (const account of state.accounts.keys()) {
    for (const instrument of state.instruments) {
      const position = state.position(account, instrument.index);
      position.dayBase = Number(profit(state, account, instrument));
    }
  }
}

/** Moves the base of the day by what a transfer changes of the profit. */
export function neutrally(state: ReferenceState, account: number, on: ReferenceInstrument, transfer: () => void): void {
  const before = profit(state, account, on);
  transfer();
  state.position(account, on.index).dayBase += Number(profit(state, account, on) - before);
}
