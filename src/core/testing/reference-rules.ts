/** The pre-trade rules of the reference exchange, as a list in the documented precedence, on BigInt arithmetic. */
import type { PlaceOrder } from '../exchange/command.js';
import type { OrdRejReason } from '../values/vocabulary.js';
import type { ReferenceInstrument, ReferenceState } from './reference-state.js';

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
}

export interface Refusal {
  readonly reason: OrdRejReason;
  readonly limit: number | null;
  readonly current: number | null;
  readonly projected: number | null;
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

/** Lowest and highest price within collar and bounds; `collared` tells whether there is a collar at all. */
function bandOf(
  state: ReferenceState,
  { instrument, account }: Proposal,
): { low: number; high: number; collared: boolean } {
  const { spec } = instrument;
  const collars = [spec.priceCollarPpm, state.accounts[account]!.limits.priceCollarPpm].filter((ppm) => ppm !== null);
  if (collars.length === 0) return { low: spec.minPriceTicks, high: spec.maxPriceTicks, collared: false };
  const reference = referencePx(instrument);
  const distance = Number((BigInt(reference) * BigInt(Math.min(...collars))) / 1_000_000n);
  return {
    low: Math.max(spec.minPriceTicks, reference - distance),
    high: Math.min(spec.maxPriceTicks, reference + distance),
    collared: true,
  };
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
function simulate(state: ReferenceState, proposal: Proposal, decrement: 'stops' | 'is passed over') {
  const { terms, instrument, orderQty } = proposal;
  const limit = limitPriceOf(state, proposal);
  const mode = terms.selfTradePrevention;
  const makers = state
    .queue(instrument.index, terms.side === 'BUY' ? 'SELL' : 'BUY')
    .filter((maker) => isWithin(terms.side, maker.price!, limit))
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

const isResting = ({ terms }: Proposal): boolean => terms.ordType === 'LIMIT' && terms.timeInForce === 'GTC';

const isSupported: Rule = (_state, proposal) => {
  const { terms, displayQty } = proposal;
  const supported =
    ['MARKET', 'LIMIT'].includes(terms.ordType) &&
    ['GTC', 'IOC', 'FOK'].includes(terms.timeInForce) &&
    terms.stopPxTicks === null &&
    terms.expireTimeUs === null &&
    terms.trailingOffsetTicks === null &&
    terms.trailingPpm === null &&
    !terms.reduceOnly &&
    (isResting(proposal) || (!terms.postOnly && displayQty === null));
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

const priceRule: Rule = (_state, { terms, instrument, price }) => {
  const { minPriceTicks, maxPriceTicks } = instrument.spec;
  if (terms.ordType === 'MARKET') return price === null ? null : refuse('INVALID_PRICE', null, null, price);
  if (price === null || price < minPriceTicks) return refuse('INVALID_PRICE', minPriceTicks, null, price);
  return price > maxPriceTicks ? refuse('INVALID_PRICE', maxPriceTicks, null, price) : null;
};

const limitRules: Rule = (state, { terms, account, instrument, orderQty, price }) => {
  const { limits } = state.accounts[account]!;
  const qtyE8 = orderQty * instrument.terms.lotE8;
  if (limits.maxOrderQtyE8 !== null && qtyE8 > limits.maxOrderQtyE8) {
    return refuse('MAX_ORDER_QTY', limits.maxOrderQtyE8, null, qtyE8);
  }
  if (limits.maxOrderNotionalE6 === null) return null;
  const px = terms.ordType === 'MARKET' ? referencePx(instrument) : price!;
  const units = BigInt(notionalOf(instrument, px, orderQty));
  const scale = instrument.terms.quoteScale;
  const shrink = 10n ** BigInt(Math.max(0, scale - 6));
  const notional = (units * 10n ** BigInt(Math.max(0, 6 - scale)) + shrink - 1n) / shrink;
  const projected = Number(notional > 2n ** 53n - 1n ? 2n ** 53n - 1n : notional);
  return projected > limits.maxOrderNotionalE6
    ? refuse('MAX_ORDER_NOTIONAL', limits.maxOrderNotionalE6, null, projected)
    : null;
};

const collarRule: Rule = (state, proposal) => {
  const { low, high, collared } = bandOf(state, proposal);
  const { price, instrument } = proposal;
  if (!collared || price === null) return null;
  if (price < low) return refuse('PRICE_COLLAR', low, referencePx(instrument), price);
  return price > high ? refuse('PRICE_COLLAR', high, referencePx(instrument), price) : null;
};

const openOrdersRule: Rule = (state, proposal) => {
  if (!isResting(proposal) || !proposal.isNew) return null;
  const limit = state.accounts[proposal.account]!.limits.maxOpenOrders;
  const open = state.ordersOf(proposal.account).length;
  if (limit !== null && open + 1 > limit) return refuse('OPEN_ORDER_LIMIT', limit, open, open + 1);
  const all = state.resting.length;
  const { maxOrders } = state.capacities;
  return all + 1 > maxOrders ? refuse('OPEN_ORDER_LIMIT', maxOrders, all, all + 1) : null;
};

const bookRules: Rule = (state, proposal) => {
  const { terms, instrument, orderQty, price } = proposal;
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
  const { terms, instrument, account, orderQty, cum, price } = proposal;
  const { total, held } = state.balance(account, terms.side === 'BUY' ? instrument.quote : instrument.base);
  const available = total - held + proposal.held;
  let needed = holdOf(instrument, terms.side, price, orderQty - cum);
  if (terms.side === 'BUY' && price === null) {
    const { units } = simulate(state, proposal, 'is passed over');
    needed = units + referenceFee(units, instrument.spec.takerFeePpm);
  }
  return needed > available ? refuse('INSUFFICIENT_FUNDS', available, held, needed) : null;
};

const RULES: readonly Rule[] = [
  isSupported,
  qtyRule,
  priceRule,
  (_state, { terms, instrument }) =>
    instrument.spec.allowedSelfTradePrevention.includes(terms.selfTradePrevention) ? null : refuse('SELF_TRADE'),
  (state, { account }) => (state.accounts[account]!.killSwitch ? refuse('KILL_SWITCH') : null),
  (_state, { instrument }) => (instrument.status === 'OPEN' ? null : refuse('TRADING_HALTED')),
  limitRules,
  collarRule,
  openOrdersRule,
  bookRules,
  fundsRule,
];

/** Returns why the order is refused, null when it is not. */
export function refusalOf(state: ReferenceState, proposal: Proposal): Refusal | null {
  for (const rule of RULES) {
    const refusal = rule(state, proposal);
    if (refusal !== null) return refusal;
  }
  return null;
}
