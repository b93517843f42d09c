/** Auctions and phases in the reference exchange: prices are tried one by one, lines are sorted lists. */
import type { AuctionKind, TradingStatus } from '../values/vocabulary.js';
import { legOf, type ReferenceCore } from './reference-core.js';
import { afterFill, takeLead } from './reference-links.js';
import { isMargin } from './reference-margin.js';
import { holdOf, notionalOf, protectionOf, referenceFee, referencePx } from './reference-rules.js';
import { NOT_HALTED, type ReferenceInstrument, type ReferenceOrder, type ReferenceState } from './reference-state.js';
import { boundsAt, partAt, seeded } from './reference-windows.js';

export interface ReferenceEquilibrium {
  readonly price: number | null;
  readonly lots: number;
  readonly imbalance: number;
}

const NOTHING: ReferenceEquilibrium = { price: null, lots: 0, imbalance: 0 };
const ALLOWED: Readonly<Record<TradingStatus, readonly TradingStatus[]>> = {
  PRE_OPEN: ['PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED'],
  AUCTION: ['AUCTION', 'OPEN', 'HALTED', 'CLOSED'],
  OPEN: ['AUCTION', 'OPEN', 'HALTED', 'CLOSED'],
  HALTED: ['PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED'],
  CLOSED: ['PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED'],
};

/** Orders that would take part in an uncross. */
function participants(state: ReferenceState, instrument: number): ReferenceOrder[] {
  return [...state.resting, ...state.gathered.filter((order) => order.gathered === 'market')].filter(
    (order) => order.instrument === instrument,
  );
}

const limitOf = (order: ReferenceOrder): number => order.price ?? order.protection!;

function reaches(order: ReferenceOrder, price: number): boolean {
  return order.terms.side === 'BUY' ? limitOf(order) >= price : limitOf(order) <= price;
}

/** Tries every limit, its neighbours and the reference price. */
export function equilibriumIn(state: ReferenceState, instrument: ReferenceInstrument): ReferenceEquilibrium {
  const orders = participants(state, instrument.index);
  const reference = referencePx(instrument);
  const tried = new Set([reference, ...orders.flatMap((order) => [-1, 0, 1].map((by) => limitOf(order) + by))]);
  const sum = (side: string, price: number) =>
    orders.filter((order) => order.terms.side === side && reaches(order, price)).reduce((all, o) => all + o.leaves, 0);
  const results = [...tried].map((price) => {
    const [buy, sell] = [sum('BUY', price), sum('SELL', price)];
    return { price, lots: Math.min(buy, sell), imbalance: buy - sell };
  });
  const distance = ({ price }: { price: number }) => Math.abs(price - reference);
  results.sort((a, b) => b.lots - a.lots || Math.abs(a.imbalance) - Math.abs(b.imbalance) || distance(a) - distance(b));
  const best = results[0]!;
  return best.lots === 0 ? NOTHING : best;
}

function runUncross(core: ReferenceCore, instrument: ReferenceInstrument): ReferenceEquilibrium {
  const { state } = core;
  const found = equilibriumIn(state, instrument);
  const { price } = found;
  if (price === null) return found;
  const lineOf = (side: 'BUY' | 'SELL') =>
    [
      ...state.gathered.filter(
        (o) => o.gathered === 'market' && o.instrument === instrument.index && o.terms.side === side,
      ),
      ...state.queue(instrument.index, side),
    ].filter((order) => reaches(order, price));
  const [buys, sells] = [lineOf('BUY'), lineOf('SELL')];
  while (buys.length > 0 && sells.length > 0) {
    tradeAt(core, instrument, buys[0]!, sells[0]!, price);
    if (buys[0]!.leaves === 0) buys.shift();
    if (sells[0]!.leaves === 0) sells.shift();
  }
  return found;
}

function tradeAt(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  buyer: ReferenceOrder,
  seller: ReferenceOrder,
  price: number,
): void {
  const { state } = core;
  const lots = Math.min(buyer.leaves, seller.leaves);
  const notional = notionalOf(instrument, price, lots);
  const fee = referenceFee(notional, instrument.spec.takerFeePpm);
  for (const order of [seller, buyer]) takeLead(core, order);
  for (const [order, sign] of [
    [buyer, 1],
    [seller, -1],
  ] as const) {
    order.leaves -= lots;
    order.cum += lots;
    order.notional += notional;
    order.status = order.leaves === 0 ? 'FILLED' : 'PARTIALLY_FILLED';
    order.shown = Math.min(order.shown, order.leaves);
    core.setHold(order);
    state.balance(order.account, instrument.base).total += sign * lots * instrument.terms.baseUnitsPerLot;
    state.balance(order.account, instrument.quote).total -= sign * notional + fee;
    state.balance(0, instrument.quote).total += fee;
    core.changePosition(order.account, instrument, sign * lots, price, fee, true);
  }
  instrument.lastPx = price;
  state.tradeId += 1;
  core.tell({
    type: 'OrdersTraded',
    tradeId: state.tradeId,
    instrument: instrument.index,
    priceTicks: price,
    qtyLots: lots,
    aggressorSide: 'NONE',
    takerSide: 'BUY',
    maker: legOf(seller, fee),
    taker: legOf(buyer, fee),
  });
  for (const order of [buyer, seller]) if (order.leaves === 0) core.end(order);
  for (const order of [seller, buyer]) afterFill(core, order, lots);
}

/** Puts an accepted order where it gathers. */
export function gather(core: ReferenceCore, order: ReferenceOrder): void {
  const { auction } = core.state.instruments[order.instrument]!;
  if (order.terms.timeInForce === 'AT_THE_CLOSE' && auction !== 'CLOSING') awaitClose(core, order);
  else join(core, order);
}

function awaitClose({ state }: ReferenceCore, order: ReferenceOrder): void {
  state.queueNumber += 1;
  order.gathered = 'close';
  if (!order.listed) order.accountNumber = state.queueNumber;
  order.listed = true;
  state.gathered.push(order);
}

function join(core: ReferenceCore, order: ReferenceOrder): void {
  const { state } = core;
  const { selfTradePrevention: mode, side } = order.terms;
  const own = participants(state, order.instrument)
    .filter((other) => other !== order && other.account === order.account && other.terms.side !== side)
    .sort((a, b) => a.accountNumber - b.accountNumber);
  for (const other of mode === 'NONE' ? [] : own) {
    const [buy, sell] = side === 'BUY' ? [order, other] : [other, order];
    if (other.leaves === 0 || limitOf(buy) < limitOf(sell)) continue;
    if (mode === 'DECREMENT') {
      const lots = Math.min(order.leaves, other.leaves);
      core.decrement(other, lots, false);
      core.decrement(order, lots, false);
      other.shown = Math.min(other.shown, other.leaves);
    }
    if (mode === 'CANCEL_OLDEST' || mode === 'CANCEL_BOTH') core.cancel(other, 'SELF_TRADE');
    if (mode === 'CANCEL_NEWEST' || mode === 'CANCEL_BOTH') core.cancel(order, 'SELF_TRADE');
    if (order.leaves === 0) return;
  }
  if (order.terms.ordType !== 'MARKET') {
    order.gathered = null;
    core.rest(order);
    return;
  }
  state.queueNumber += 1;
  order.gathered = 'market';
  if (!order.listed) order.accountNumber = state.queueNumber;
  order.listed = true;
  state.gathered.push(order);
}

function joinClose(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const { state } = core;
  const awaiting = state.gathered.filter((o) => o.gathered === 'close' && o.instrument === instrument.index);
  state.gathered = state.gathered.filter((order) => !awaiting.includes(order));
  for (const order of awaiting) {
    const { account, terms, held, leaves } = order;
    if (terms.ordType === 'MARKET') order.protection = protectionOf(state, account, instrument, terms.side);
    const { total, held: allHeld } = state.balance(account, terms.side === 'BUY' ? instrument.quote : instrument.base);
    const isPaid = isMargin(state, account);
    if (!isPaid && holdOf(instrument, terms.side, limitOf(order), leaves) > total - allHeld + held) {
      core.cancel(order, 'INSUFFICIENT_FUNDS');
      continue;
    }
    core.setHold(order);
    join(core, order);
  }
}

/** Moves an instrument; false where the move is not allowed. */
export function movePhase(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  to: TradingStatus,
  kind: AuctionKind | null,
  reason: string,
  keepsHalt = false,
): boolean {
  const from = instrument.status;
  if (!ALLOWED[from].includes(to) || (to === 'PRE_OPEN' && instrument.hasOpened)) return false;
  if (to === 'OPEN' && instrument.auction === 'CLOSING') return false;
  const usual = !instrument.hasOpened ? 'OPENING' : from === 'HALTED' ? 'REOPENING' : 'INTRADAY';
  const auction = to === 'AUCTION' ? (from === 'AUCTION' ? instrument.auction : (kind ?? usual)) : null;
  if (to === 'AUCTION' && (auction === 'OPENING') === instrument.hasOpened) return false;
  if (to === 'OPEN' && from !== 'OPEN') beforeOpen(core, instrument);
  if (to === 'CLOSED' && from !== 'CLOSED') beforeClose(core, instrument);
  if (to === 'HALTED' && instrument.auction === 'CLOSING') stepBack(core, instrument);
  if (to === 'AUCTION' && from !== 'AUCTION') endReduceOnly(core, instrument);
  const changes = from !== to;
  if (changes && to === 'AUCTION') instrument.auctionsBegun += 1;
  Object.assign(instrument, { status: to, auction, reason, haltQueues: false });
  tellPhase(core, instrument);
  if (!keepsHalt) clearHalt(core, instrument);
  if (!changes) return true;
  if (auction === 'CLOSING') joinClose(core, instrument);
  if (to === 'OPEN') {
    instrument.hasOpened = true;
    reopen(core.state, instrument);
    if (instrument.lastPx !== null) core.triggerAt(instrument.index, instrument.lastPx);
    core.drain();
  }
  if (to === 'CLOSED') {
    instrument.hasOpened = false;
    core.drain();
    expire(core, instrument, 'DAY');
    const held = [...core.state.held].sort((a, b) => a.account - b.account || a.accountNumber - b.accountNumber);
    for (const order of [...core.state.waiting, ...held].filter((o) => o.instrument === instrument.index)) {
      if (order.leaves > 0 && order.terms.timeInForce === 'DAY') core.expire(order);
    }
  }
  return true;
}

/** Halts an instrument, as a breaker or an officer does. */
export function haltNow(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  haltQueues: boolean,
  reason: string,
  keepsHalt: boolean,
): void {
  if (instrument.auction === 'CLOSING') stepBack(core, instrument);
  Object.assign(instrument, { status: 'HALTED', auction: null, reason, haltQueues });
  tellPhase(core, instrument);
  if (!keepsHalt) clearHalt(core, instrument);
}

/** Somebody else has moved the instrument: what a breaker had still to do is forgotten. */
function clearHalt(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const { state } = core;
  const { cause, resumesUs } = instrument.halt;
  if (cause === null && resumesUs === null) return;
  instrument.halt = NOT_HALTED;
  tellHalt(core, instrument);
  const { market } = state;
  if (cause !== 'MARKET' || market === null || market.trippedUs === null) return;
  if (state.instruments.some(({ halt }) => halt.cause === 'MARKET')) return;
  const sum = market.parts.reduce((all, part) => all + part, 0);
  Object.assign(market, { trippedUs: null, ...seeded(state.timeUs, sum) });
  tellMarket(core);
}

/** Trading opens at a price: windows begin there, and the index takes it as no move. */
function reopen(state: ReferenceState, instrument: ReferenceInstrument): void {
  const price = referencePx(instrument);
  if (instrument.breaker !== null) Object.assign(instrument.breaker, seeded(state.timeUs, price));
  const { market } = state;
  const member = market?.members.indexOf(instrument.index) ?? -1;
  if (market === null || member < 0) return;
  const by = partAt(market, member, price) - market.parts[member]!;
  market.parts[member]! += by;
  market.seed += by;
  market.noted = market.noted.map(({ timeUs, value }) => ({ timeUs, value: value + by }));
}

export function tellHalt(core: ReferenceCore, { index: instrument, halt }: ReferenceInstrument): void {
  const { cause, trippedUs, referencePx: referencePxTicks, tripPx: tripPxTicks, resumesUs } = halt;
  const told = { instrument, cause, trippedUs, referencePxTicks, tripPxTicks, resumesUs };
  core.tell({ type: 'CircuitBreakerChanged', ...told });
}

export function tellMarket(core: ReferenceCore): void {
  const { market, timeUs } = core.state;
  const count = market!.members.length;
  const indexE6 = Math.floor(market!.parts.reduce((all, part) => all + part, 0) / count);
  const referenceE6 = Math.floor(boundsAt(market!, timeUs).reference / count);
  core.tell({ type: 'MarketBreakerChanged', trippedUs: market!.trippedUs, indexE6, referenceE6 });
}

export function tellPhase(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const { index, status, reason, auction, haltQueues: queuesOrders, scheduledUs } = instrument;
  core.tell({ type: 'TradingStatusChanged', instrument: index, status, reason, auction, queuesOrders, scheduledUs });
}

function tellEnd(
  core: ReferenceCore,
  { index: instrument }: ReferenceInstrument,
  auction: AuctionKind,
  { price: priceTicks, lots: qtyLots, imbalance: imbalanceLots }: ReferenceEquilibrium,
): void {
  core.tell({ type: 'AuctionEnded', instrument, auction, priceTicks, qtyLots, imbalanceLots });
}

function beforeOpen(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const kind = instrument.auction ?? (instrument.hasOpened ? 'REOPENING' : 'OPENING');
  endReduceOnly(core, instrument);
  const result = runUncross(core, instrument);
  if (instrument.status === 'AUCTION' || result.lots > 0) tellEnd(core, instrument, kind, result);
  endMarketOrders(core, instrument, 'MARKET_REMAINDER');
  expire(core, instrument, 'AT_THE_OPEN');
}

function beforeClose(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const { auction } = instrument;
  const uncrosses = auction !== null && auction !== 'OPENING';
  if (uncrosses) {
    endReduceOnly(core, instrument);
    joinClose(core, instrument);
    tellEnd(core, instrument, 'CLOSING', runUncross(core, instrument));
  } else if (auction === 'OPENING') {
    tellEnd(core, instrument, 'OPENING', NOTHING);
  }
  endMarketOrders(core, instrument, uncrosses ? 'MARKET_REMAINDER' : 'SESSION_CLOSE');
  expire(core, instrument, 'AT_THE_OPEN');
  expire(core, instrument, 'AT_THE_CLOSE');
  for (const order of core.state.gathered.filter((o) => o.instrument === instrument.index)) core.expire(order);
}

/** reduceOnly orders have no part in auctions. */
function endReduceOnly(core: ReferenceCore, { index }: ReferenceInstrument): void {
  const { state } = core;
  for (const order of [...state.queue(index, 'BUY'), ...state.queue(index, 'SELL')]) {
    if (order.leaves > 0 && order.terms.reduceOnly) core.cancel(order, 'REDUCE_ONLY');
  }
}

function stepBack(core: ReferenceCore, instrument: ReferenceInstrument): void {
  const { state } = core;
  const market = (side: string) =>
    state.gathered.filter((o) => o.gathered === 'market' && o.instrument === instrument.index && o.terms.side === side);
  const all = [
    ...market('BUY'),
    ...market('SELL'),
    ...state.queue(instrument.index, 'BUY'),
    ...state.queue(instrument.index, 'SELL'),
  ];
  for (const order of all.filter(({ terms }) => terms.timeInForce === 'AT_THE_CLOSE')) {
    state.gathered = state.gathered.filter((other) => other !== order);
    state.resting = state.resting.filter((other) => other !== order);
    awaitClose(core, order);
  }
}

function endMarketOrders(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  reason: 'MARKET_REMAINDER' | 'SESSION_CLOSE',
): void {
  for (const side of ['BUY', 'SELL']) {
    const market = core.state.gathered.filter(
      (o) => o.gathered === 'market' && o.instrument === instrument.index && o.terms.side === side,
    );
    for (const order of market) {
      if (['AT_THE_OPEN', 'AT_THE_CLOSE'].includes(order.terms.timeInForce)) core.expire(order);
      else core.cancel(order, reason);
    }
  }
}

function expire(core: ReferenceCore, instrument: ReferenceInstrument, timeInForce: string): void {
  const { state } = core;
  for (const order of [...state.queue(instrument.index, 'BUY'), ...state.queue(instrument.index, 'SELL')]) {
    if (order.leaves > 0 && order.terms.timeInForce === timeInForce) core.expire(order);
  }
}
