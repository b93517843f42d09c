/** The pre-trade rules of the reference exchange, as a list in the documented precedence, on BigInt arithmetic. */
import type { PlaceOrder } from '../exchange/command.js';
import type { OrdRejReason } from '../values/vocabulary.js';
import { costAt, type Further, isMargin, marginTermsOf, onlyCloses, valueAt, weighPool } from './reference-margin.js';
import { takes } from './reference-phases.js';
import {
  grossRule,
  lossRule,
  netRule,
  openOrderRule,
  orderLimit,
  positionRule,
  type Weighed,
} from './reference-risk.js';
import type { ReferenceInstrument, ReferenceOrder, ReferenceState } from './reference-state.js';
import { isBeyond } from './reference-windows.js';

export interface Proposal {
  readonly terms: PlaceOrder;
  readonly account: number;
  readonly instrument: ReferenceInstrument;
  readonly orderQty: number;
  readonly price: number | null;
  readonly displayQty: number | null;
  /** Filled already, and held already, by the order that a replace changes. */
  readonly cum: number;
  readonly held: number;
  readonly isNew: boolean;
  /** Order that a replace or a trigger changes. */
  readonly replaced: ReferenceOrder | null;
  readonly stopPx: number | null;
  /** True where a trailing stop's price stays where it is. */
  readonly keepsTrailing: boolean;
  /** An exit or counter of a plan, which must be able to wait; and one that waits for its entry. */
  readonly isLeg?: boolean;
  readonly isHeld?: boolean;
}

export interface Refusal {
  readonly reason: OrdRejReason;
  readonly limit: number | null;
  readonly current: number | null;
  readonly projected: number | null;
  /** Where it is not the usual sentence of the reason. */
  readonly text?: string;
}

/** A refusal without arithmetic. */
export function refusalFor(reason: OrdRejReason): Refusal {
  return { reason, limit: null, current: null, projected: null };
}

type Rule = (state: ReferenceState, proposal: Proposal) => Refusal | null;

function refuse(
  reason: OrdRejReason,
  limit: number | null = null,
  current: number | null = null,
  projected: number | null = null,
): Refusal {
  return { reason, limit, current, projected };
}

export function notionalOf(instrument: ReferenceInstrument, price: number, lots: number): number {
  return Number(BigInt(price) * BigInt(lots) * BigInt(instrument.terms.quoteUnitsPerTickLot));
}

/** Fee rounded towards zero. */
export function referenceFee(notional: number, ppm: number): number {
  return Number((BigInt(notional) * BigInt(ppm)) / 1_000_000n);
}

/** What an order of these terms holds for its remaining lots. */
export function holdOf(instrument: ReferenceInstrument, side: string, price: number | null, lots: number): number {
  if (side === 'SELL') return lots * instrument.terms.baseUnitsPerLot;
  if (price === null) return 0;
  const { makerFeePpm, takerFeePpm } = instrument.spec;
  const notional = notionalOf(instrument, price, lots);
  const scaled = BigInt(notional) * BigInt(Math.max(makerFeePpm, takerFeePpm));
  return notional + Number((scaled + 999_999n) / 1_000_000n);
}

export function referencePx(instrument: ReferenceInstrument): number {
  return instrument.lastPx ?? instrument.spec.referencePxTicks;
}

function maxQtyOf({ spec, terms }: ReferenceInstrument): number {
  const greatest = 2 ** 52 - 1;
  return Math.min(
    spec.maxQtyLots,
    Math.floor(greatest / (spec.maxPriceTicks * terms.quoteUnitsPerTickLot)),
    Math.floor(greatest / terms.baseUnitsPerLot),
    Math.floor(greatest / terms.lotE8),
  );
}

interface Band {
  readonly low: number;
  readonly high: number;
  /** False where there is no collar at all. */
  readonly collared: boolean;
  /** Price that the collar is measured from. */
  readonly from: number;
}

/** Lowest and highest price within collar and bounds. */
function bandOf(state: ReferenceState, proposal: Proposal): Band {
  const { instrument, account, terms } = proposal;
  const { spec } = instrument;
  const from = terms.ordType === 'STOP_LIMIT' ? stopPxOf(proposal)! : referencePx(instrument);
  const own = orderLimit(state, state.accounts[account]!, instrument.index, 'priceCollarPpm');
  const collars = [spec.priceCollarPpm, own].filter((ppm) => ppm !== null);
  if (collars.length === 0) return { low: spec.minPriceTicks, high: spec.maxPriceTicks, collared: false, from };
  const distance = Number((BigInt(from) * BigInt(Math.min(...collars))) / 1_000_000n);
  const low = Math.max(spec.minPriceTicks, from - distance);
  return { low, high: Math.min(spec.maxPriceTicks, from + distance), collared: true, from };
}

/** Worst price at which a MARKET order trades in an auction. */
export function protectionOf(
  state: ReferenceState,
  account: number,
  { spec, ...instrument }: ReferenceInstrument,
  side: string,
): number {
  const from = instrument.lastPx ?? spec.referencePxTicks;
  const collars = [spec.priceCollarPpm, state.accounts[account]!.limits.priceCollarPpm].filter((ppm) => ppm !== null);
  const ppm = collars.length === 0 ? 100_000 : Math.min(...collars);
  const distance = Number((BigInt(from) * BigInt(ppm)) / 1_000_000n);
  return side === 'BUY' ? Math.min(spec.maxPriceTicks, from + distance) : Math.max(spec.minPriceTicks, from - distance);
}

/** Worst price that the order may trade at. */
export function limitPriceOf(state: ReferenceState, proposal: Proposal): number {
  if (proposal.price !== null) return proposal.price;
  const band = bandOf(state, proposal);
  return proposal.terms.side === 'BUY' ? band.high : band.low;
}

export function isWithin(side: 'BUY' | 'SELL', price: number, limit: number): boolean {
  return side === 'BUY' ? price <= limit : price >= limit;
}

/**
 * Plays the order against copies of the resting orders and returns lots and notional that trade.
 * `decrement` says what an own order does under DECREMENT: end the walk or be passed over.
 */
export function simulate(state: ReferenceState, proposal: Proposal, decrement: 'stops' | 'is passed over') {
  const { terms, instrument, orderQty } = proposal;
  const limit = limitPriceOf(state, proposal);
  const mode = terms.selfTradePrevention;
  const makers = state
    .queue(instrument.index, terms.side === 'BUY' ? 'SELL' : 'BUY')
    .filter((maker) => isWithin(terms.side, maker.price!, limit))
    .filter((maker) => decrement !== 'stops' || !isBeyond(state, instrument, terms.side, maker.price!))
    .map((maker) => ({ account: maker.account, price: maker.price!, shown: maker.shown, leaves: maker.leaves, maker }));
  let lots = 0;
  let units = 0;
  while (makers.length > 0 && lots < orderQty) {
    const maker = makers.shift()!;
    if (maker.account === proposal.account && mode !== 'NONE') {
      if (mode === 'CANCEL_OLDEST' || (mode === 'DECREMENT' && decrement === 'is passed over')) continue;
      break;
    }
    const traded = Math.min(maker.shown, orderQty - lots);
    lots += traded;
    units += notionalOf(instrument, maker.price, traded);
    const leaves = maker.leaves - traded;
    if (traded < maker.shown || leaves === 0) continue;
    const behind = makers.findIndex((other) => other.price !== maker.price);
    const refilled = { ...maker, leaves, shown: Math.min(leaves, maker.maker.displayQty ?? leaves) };
    makers.splice(behind < 0 ? makers.length : behind, 0, refilled);
  }
  return { lots, units };
}

/** Stops and MARKET orders that take what the book gives and never rest. */
export function endsAtMarket({ ordType }: PlaceOrder): boolean {
  return ['MARKET', 'STOP', 'TRAILING_STOP'].includes(ordType);
}

export function isStop({ ordType }: PlaceOrder): boolean {
  return ['STOP', 'STOP_LIMIT', 'TRAILING_STOP'].includes(ordType);
}

/** Stop price at the order's trailing distance from a price. */
export function trailedFrom(terms: PlaceOrder, px: number): number {
  const part = Number((BigInt(px) * BigInt(terms.trailingPpm ?? 0)) / 1_000_000n);
  const distance = terms.trailingOffsetTicks ?? Math.max(1, part);
  return terms.side === 'BUY' ? px + distance : px - distance;
}

/** Price at which the stop begins to wait; null where it needs one and has none. */
export function stopPxOf({ terms, stopPx, keepsTrailing, instrument }: Proposal): number | null {
  if (terms.ordType !== 'TRAILING_STOP' || keepsTrailing) return stopPx;
  return trailedFrom(terms, referencePx(instrument));
}

/** What a MARKET buy needs: the notional of all that it could take, and the fee on it. */
export function costOf(state: ReferenceState, proposal: Proposal): number {
  const { units } = simulate(state, proposal, 'is passed over');
  return units + referenceFee(units, proposal.instrument.spec.takerFeePpm);
}

export function gathersNow({ instrument, terms }: Proposal): boolean {
  return takes(instrument, terms) === 'gathers';
}

const canRest = ({ terms }: Proposal): boolean => !endsAtMarket(terms) && !['IOC', 'FOK'].includes(terms.timeInForce);

const canWait = ({ terms, isHeld }: Proposal): boolean =>
  terms.ordType !== 'MARKET' &&
  ['GTC', 'DAY', 'GTD'].includes(terms.timeInForce) &&
  !(terms.postOnly && isHeld === true);

const isSupported: Rule = (state, proposal) => {
  const { account, instrument } = proposal;
  const { terms, displayQty, stopPx, keepsTrailing } = proposal;
  const { ordType, timeInForce, expireTimeUs, trailingOffsetTicks, trailingPpm } = terms;
  if (timeInForce === 'GTD') {
    if (ordType === 'MARKET' || expireTimeUs === null) return refuse('UNSUPPORTED_ORDER');
    if (expireTimeUs <= state.timeUs) return refuse('UNSUPPORTED_ORDER', state.timeUs, null, expireTimeUs);
  }
  const trails = ordType === 'TRAILING_STOP';
  const distances = [trailingOffsetTicks, trailingPpm].filter((distance) => distance !== null).length;
  const paysInBase = state.instruments.some(({ base }) => base === instrument.quote);
  const supported =
    !(isMargin(state, account) && paysInBase) &&
    (timeInForce === 'GTD' || expireTimeUs === null) &&
    distances === (trails ? 1 : 0) &&
    (stopPx === null || ordType === 'STOP' || ordType === 'STOP_LIMIT' || (trails && keepsTrailing)) &&
    (!terms.postOnly || (ordType === 'LIMIT' && canRest(proposal))) &&
    (displayQty === null || canRest(proposal)) &&
    (!['AT_THE_OPEN', 'AT_THE_CLOSE'].includes(timeInForce) ||
      (['MARKET', 'LIMIT'].includes(ordType) && displayQty === null && !terms.postOnly && !terms.reduceOnly)) &&
    (proposal.isLeg !== true || canWait(proposal));
  return supported ? null : refuse('UNSUPPORTED_ORDER');
};

export const qtyRule: Rule = (_state, { instrument, orderQty, cum, displayQty }) => {
  if (orderQty < instrument.spec.minQtyLots) return refuse('INVALID_QTY', instrument.spec.minQtyLots, null, orderQty);
  const most = maxQtyOf(instrument);
  if (orderQty > most) return refuse('INVALID_QTY', most, null, orderQty);
  if (orderQty <= cum) return refuse('INVALID_QTY', cum + 1, null, orderQty);
  if (displayQty !== null && (displayQty < 1 || displayQty > orderQty)) {
    return refuse('INVALID_QTY', orderQty, null, displayQty);
  }
  return null;
};

const priceRule: Rule = (_state, proposal) => {
  const { terms, instrument, price, keepsTrailing } = proposal;
  const { minPriceTicks, maxPriceTicks } = instrument.spec;
  const bounded = (px: number | null): Refusal | null => {
    if (px === null || px < minPriceTicks) return refuse('INVALID_PRICE', minPriceTicks, null, px);
    return px > maxPriceTicks ? refuse('INVALID_PRICE', maxPriceTicks, null, px) : null;
  };
  if (endsAtMarket(terms)) {
    if (price !== null) return refuse('INVALID_PRICE', null, null, price);
  } else if (bounded(price) !== null) {
    return bounded(price);
  }
  if (!isStop(terms)) return null;
  if (terms.ordType === 'TRAILING_STOP' && !keepsTrailing) {
    const given = terms.trailingOffsetTicks ?? terms.trailingPpm!;
    const most = terms.trailingOffsetTicks === null ? 999_999 : maxPriceTicks;
    if (given < 1) return refuse('INVALID_PRICE', 1, null, given);
    if (given > most) return refuse('INVALID_PRICE', most, null, given);
  }
  return bounded(stopPxOf(proposal));
};

/** Price that values the order. */
function valuedAt(proposal: Proposal): number {
  return proposal.price ?? (isStop(proposal.terms) ? stopPxOf(proposal)! : referencePx(proposal.instrument));
}

const limitRules: Rule = (state, proposal) => {
  const { account, instrument, orderQty } = proposal;
  const entry = state.accounts[account]!;
  const maxOrderQtyE8 = orderLimit(state, entry, instrument.index, 'maxOrderQtyE8');
  const maxOrderNotionalE6 = orderLimit(state, entry, instrument.index, 'maxOrderNotionalE6');
  const qtyE8 = orderQty * instrument.terms.lotE8;
  if (maxOrderQtyE8 !== null && qtyE8 > maxOrderQtyE8) return refuse('MAX_ORDER_QTY', maxOrderQtyE8, null, qtyE8);
  if (maxOrderNotionalE6 === null) return null;
  const units = BigInt(notionalOf(instrument, valuedAt(proposal), orderQty));
  const scale = instrument.terms.quoteScale;
  const shrink = 10n ** BigInt(Math.max(0, scale - 6));
  const notional = (units * 10n ** BigInt(Math.max(0, 6 - scale)) + shrink - 1n) / shrink;
  const projected = Number(notional > 2n ** 53n - 1n ? 2n ** 53n - 1n : notional);
  return projected > maxOrderNotionalE6 ? refuse('MAX_ORDER_NOTIONAL', maxOrderNotionalE6, null, projected) : null;
};

const collarRule: Rule = (state, proposal) => {
  const { low, high, collared, from } = bandOf(state, proposal);
  const { price } = proposal;
  if (!collared || price === null) return null;
  if (price < low) return refuse('PRICE_COLLAR', low, from, price);
  return price > high ? refuse('PRICE_COLLAR', high, from, price) : null;
};

const openOrdersRule: Rule = (state, proposal) => {
  const stays = canRest(proposal) || isStop(proposal.terms) || gathersNow(proposal);
  if (!proposal.isNew || !stays) return null;
  const beyond = refusing(openOrderRule)(state, proposal);
  if (beyond !== null) return beyond;
  const all = state.slots.length - state.freeSlots.length - state.freedInCommand.length - 1;
  const { maxOrders } = state.capacities;
  return all + 1 > maxOrders ? refuse('OPEN_ORDER_LIMIT', maxOrders, all, all + 1) : null;
};

const reduceOnlyRule: Rule = (state, { terms, account, instrument, orderQty, cum }) => {
  if (!terms.reduceOnly || isStop(terms)) return null;
  const { qty } = state.position(account, instrument.index);
  const closable = Math.max(0, terms.side === 'BUY' ? -qty : qty);
  const leaves = orderQty - cum;
  return leaves > closable ? refuse('REDUCE_ONLY_WOULD_INCREASE', closable, qty, leaves) : null;
};

const bookRules: Rule = (state, proposal) => {
  const { terms, instrument, orderQty, price } = proposal;
  if (isStop(terms) || gathersNow(proposal)) return null;
  const best = state.queue(instrument.index, terms.side === 'BUY' ? 'SELL' : 'BUY')[0];
  const limit = limitPriceOf(state, proposal);
  const crosses = best !== undefined && isWithin(terms.side, best.price!, limit);
  if (terms.ordType === 'MARKET') {
    if (best === undefined) return refuse('NO_LIQUIDITY');
    if (!crosses) return refuse('PRICE_COLLAR', limit, referencePx(instrument), best.price);
  }
  if (crosses && terms.postOnly) return refuse('POST_ONLY_WOULD_TAKE', best.price, null, price);
  if (terms.timeInForce !== 'FOK') return null;
  const { lots } = simulate(state, proposal, 'stops');
  return lots < orderQty ? refuse('FOK_NOT_FILLABLE', lots, null, orderQty) : null;
};

const fundsRule: Rule = (state, proposal) => {
  if (isMargin(state, proposal.account)) return marginRule(state, proposal);
  const { terms, instrument, account, orderQty, cum } = proposal;
  const { total, held } = state.balance(account, terms.side === 'BUY' ? instrument.quote : instrument.base);
  const available = total - held + proposal.held;
  const price = terms.ordType === 'MARKET' ? protectionOf(state, account, instrument, terms.side) : valuedAt(proposal);
  const needed =
    terms.side === 'BUY' && terms.ordType === 'MARKET' && !gathersNow(proposal)
      ? costOf(state, proposal)
      : holdOf(instrument, terms.side, price, orderQty - cum);
  return needed > available ? refuse('INSUFFICIENT_FUNDS', available, held, needed) : null;
};

/** Whether a pool can carry the order; supplies in tests are far from what can't be counted. */
export const marginRule: Rule = (state, proposal) => {
  const { terms, instrument, account, orderQty, cum, held, replaced } = proposal;
  const { side } = terms;
  const isMarket = terms.ordType === 'MARKET' && !gathersNow(proposal);
  if (side === 'SELL' && !marginTermsOf(state, instrument.index).shortSelling) {
    const balance = state.balance(account, instrument.base);
    const available = balance.total - balance.held + held;
    const needed = holdOf(instrument, side, null, orderQty - cum);
    if (needed > available) return refuse('INSUFFICIENT_FUNDS', available, balance.held, needed);
  }
  let lots = orderQty - cum;
  let cost = 0n;
  if (isMarket) {
    const probed = simulate(state, proposal, 'is passed over');
    const away = BigInt(probed.units) - valueAt(state, instrument, probed.lots);
    const loss = side === 'BUY' ? away : -away;
    lots = probed.lots;
    cost = BigInt(referenceFee(probed.units, instrument.spec.takerFeePpm)) + (loss > 0n ? loss : 0n);
  } else {
    const protection = protectionOf(state, account, instrument, side);
    const price = terms.ordType === 'MARKET' ? protection : valuedAt(proposal);
    cost = costAt(state, instrument, side, price, lots, isStop(terms));
  }
  const further: Further = { instrument, side, lots, cost, replaced };
  const now = weighPool(state, account, instrument.quote, { ...further, lots: 0, cost: 0n });
  const { equity, required } = weighPool(state, account, instrument.quote, further);
  if (required <= equity || onlyCloses(state, account, further)) return null;
  return refuse('INSUFFICIENT_FUNDS', Number(equity), Number(now.required), Number(required));
};

/** A rule on sums as one of the check. */
const refusing =
  (weigh: (state: ReferenceState, asked: Parameters<typeof grossRule>[1]) => Weighed[]): Rule =>
  (state, { account, instrument, terms, orderQty, cum, replaced }) => {
    const asked = { account, instrument, side: terms.side, lots: orderQty - cum, replaces: replaced ?? null };
    const found = weigh(state, asked).find(({ refuses }) => refuses);
    return found === undefined ? null : refuse(found.reason, found.limit, found.current, found.projected);
  };

const stopRule: Rule = (state, { account, instrument, terms }) => {
  const { kill, state: now } = state.accounts[account]!;
  const stops = [state.kill, instrument.kill, kill].filter(({ engaged }) => engaged);
  if (stops.some(({ allowReduceOnly }) => !(allowReduceOnly && terms.reduceOnly))) return refuse('KILL_SWITCH');
  if (now === 'HALTED') return refuse('ACCOUNT_HALTED');
  return now === 'REDUCE_ONLY' && !terms.reduceOnly ? refuse('ACCOUNT_REDUCE_ONLY') : null;
};

const dailyLossRule: Rule = (state, proposal) =>
  proposal.terms.reduceOnly ? null : refusing(lossRule)(state, proposal);

const RULES: readonly Rule[] = [
  isSupported,
  qtyRule,
  priceRule,
  (_state, { terms, instrument }) =>
    instrument.spec.allowedSelfTradePrevention.includes(terms.selfTradePrevention) ? null : refuse('SELF_TRADE'),
  stopRule,
  (_state, { instrument, terms }) => {
    const taken = takes(instrument, terms);
    return taken === 'at once' || taken === 'gathers' ? null : refuse(taken);
  },
  dailyLossRule,
  limitRules,
  collarRule,
  openOrdersRule,
];

/** Rules that an exit which waits for its entry is not asked yet. */
const PRESENT_RULES: readonly Rule[] = [
  refusing(positionRule),
  refusing(grossRule),
  refusing(netRule),
  reduceOnlyRule,
  bookRules,
  fundsRule,
];

/** Returns why the order is refused, null when it is not. */
export function refusalOf(state: ReferenceState, proposal: Proposal): Refusal | null {
  for (const rule of proposal.isHeld === true ? RULES : [...RULES, ...PRESENT_RULES]) {
    const refusal = rule(state, proposal);
    if (refusal !== null) return refusal;
  }
  return null;
}
