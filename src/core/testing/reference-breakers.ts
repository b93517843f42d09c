/** Circuit breakers in the reference exchange: windows are lists of everything that traded, bounds are searched. */
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import type { Command } from '../exchange/command.js';
import type { TradingStatus } from '../values/vocabulary.js';
import { haltNow, movePhase, tellHalt, tellMarket } from './reference-auction.js';
import type { ReferenceCore } from './reference-core.js';
import { endsAtMarket, referencePx } from './reference-rules.js';
import type { ReferenceInstrument, ReferenceOrder, ReferenceState } from './reference-state.js';
import { boundsAt, forbids, isMarketBroken, noteIn, partAt, seeded } from './reference-windows.js';

/** Trips the breaker that a trade at this price would break; false where none would. */
export function tripped(core: ReferenceCore, instrument: ReferenceInstrument, price: number): boolean {
  const { state } = core;
  if (!forbids(state, instrument, price)) return false;
  if (isMarketBroken(state, instrument, price)) tripMarket(core);
  else {
    const { breaker } = instrument;
    const { reference } = boundsAt(breaker!, state.timeUs);
    halt(core, instrument, breaker!.terms, 'SYMBOL', { referencePx: reference, tripPx: price });
  }
  return true;
}

function tripMarket(core: ReferenceCore): void {
  const { state } = core;
  const { members, terms } = state.market!;
  state.market!.trippedUs = state.timeUs;
  tellMarket(core);
  for (const index of members) {
    const instrument = state.instruments[index]!;
    const { status, auction, halt: now } = instrument;
    if (status === 'OPEN' || (status === 'AUCTION' && (auction === 'INTRADAY' || auction === 'REOPENING'))) {
      halt(core, instrument, terms, 'MARKET', { referencePx: null, tripPx: null });
    } else if (status === 'HALTED' && now.resumesUs !== null) {
      const resumesUs = Math.max(now.resumesUs, state.timeUs + terms.cooldownUs);
      instrument.halt = { ...now, cause: 'MARKET', resumesUs };
      tellHalt(core, instrument);
    }
  }
}

function halt(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  { cooldownUs, auctionUs: reopeningUs, queuesOrders }: BreakerTerms,
  cause: 'SYMBOL' | 'MARKET',
  prices: { referencePx: number | null; tripPx: number | null },
): void {
  const { timeUs: trippedUs } = core.state;
  haltNow(core, instrument, queuesOrders, cause === 'SYMBOL' ? 'CIRCUIT_BREAKER' : 'MARKET_CIRCUIT_BREAKER', true);
  instrument.halt = { cause, trippedUs, ...prices, resumesUs: trippedUs + cooldownUs, reopeningUs };
  tellHalt(core, instrument);
}

/** Takes a trade in. */
export function noteTrade({ state }: ReferenceCore, instrument: ReferenceInstrument, price: number): void {
  if (instrument.breaker !== null) noteIn(instrument.breaker, state.timeUs, price);
  const { market } = state;
  const member = market?.members.indexOf(instrument.index) ?? -1;
  if (market === null || member < 0) return;
  market.parts[member] = partAt(market, member, price);
  noteIn(market, state.timeUs, sumOf(market.parts));
}

/** What is left of an order when a breaker halted its instrument. */
export function interrupt(core: ReferenceCore, order: ReferenceOrder, gather: (order: ReferenceOrder) => void): void {
  const { haltQueues } = core.state.instruments[order.instrument]!;
  const waits = haltQueues && !['IOC', 'FOK'].includes(order.terms.timeInForce) && !endsAtMarket(order.terms);
  if (waits) gather(order);
  else core.cancel(order, 'CIRCUIT_BREAKER');
}

/** The steps of halts that are due, between the orders that end by time. */
export function runDue(core: ReferenceCore, expireBy: (timeUs: number) => void): void {
  const { state } = core;
  for (;;) {
    const [next] = state.instruments
      .filter(({ halt }) => halt.resumesUs !== null && halt.resumesUs <= state.timeUs)
      .sort((a, b) => a.halt.resumesUs! - b.halt.resumesUs! || a.index - b.index);
    if (next === undefined) break;
    expireBy(next.halt.resumesUs!);
    if (next.status === 'HALTED' && next.halt.reopeningUs > 0)
      call(core, next, next.halt.reopeningUs, next.reason, true);
    else movePhase(core, next, 'OPEN', null, '');
  }
  expireBy(state.timeUs);
}

function call(
  core: ReferenceCore,
  instrument: ReferenceInstrument,
  auctionUs: number,
  reason: string,
  keepsHalt: boolean,
): void {
  movePhase(core, instrument, 'AUCTION', null, reason, keepsHalt);
  instrument.halt = { ...instrument.halt, resumesUs: core.state.timeUs + auctionUs };
  tellHalt(core, instrument);
}

/** @returns whether it was such a command; valid ones and those on what is not halted */
export function setBreakers(core: ReferenceCore, command: Command): boolean {
  const { state } = core;
  if (command.type === 'SetCircuitBreaker') {
    setBreaker(core, command);
  } else if (command.type === 'SetMarketBreaker') {
    setMarket(core, command);
  } else if (command.type === 'HaltTrading') {
    const { instrument, queuesOrders, reason, setBy } = command;
    if (instrument !== null && state.instruments[instrument]!.status === 'CLOSED') {
      const { symbol } = state.instruments[instrument]!.spec;
      refuse(core, `${symbol} is CLOSED; only an instrument in a session is halted.`);
      return true;
    }
    core.tell({ type: 'TradingHalted', instrument, queuesOrders, reason, setBy });
    for (const each of chosen(state, instrument, ({ status }) => status !== 'CLOSED')) {
      haltNow(core, each, queuesOrders, reason, false);
    }
  } else if (command.type === 'ResumeTrading') {
    const { instrument, auctionUs, reason, setBy } = command;
    if (instrument !== null && state.instruments[instrument]!.status !== 'HALTED') {
      refuse(core, `${state.instruments[instrument]!.spec.symbol} is not HALTED.`);
      return true;
    }
    core.tell({ type: 'TradingResumed', instrument, auctionUs, reason, setBy });
    for (const each of chosen(state, instrument, ({ status }) => status === 'HALTED')) {
      const next: TradingStatus = each.hasOpened ? 'OPEN' : 'PRE_OPEN';
      if (auctionUs > 0) call(core, each, auctionUs, reason, false);
      else movePhase(core, each, next, null, reason);
    }
  } else {
    return false;
  }
  return true;
}

function chosen(
  state: ReferenceState,
  index: number | null,
  where: (instrument: ReferenceInstrument) => boolean,
): ReferenceInstrument[] {
  return state.instruments.filter((each) => (index === null || each.index === index) && where(each));
}

function setBreaker(core: ReferenceCore, command: Extract<Command, { type: 'SetCircuitBreaker' }>): void {
  const { instrument: index, terms, setBy } = command;
  const instrument = core.state.instruments[index]!;
  const before = instrument.breaker?.terms ?? null;
  if (terms === null && before === null) {
    refuse(core, `${instrument.spec.symbol} has no circuit breaker.`);
    return;
  }
  const seed = seeded(core.state.timeUs, referencePx(instrument));
  instrument.breaker = terms === null ? null : { terms, setBy, ...seed };
  core.tell({ type: 'CircuitBreakerSet', instrument: index, terms, before, setBy });
}

function setMarket(core: ReferenceCore, command: Extract<Command, { type: 'SetMarketBreaker' }>): void {
  const { state } = core;
  const { terms, setBy } = command;
  const { market } = state;
  const before = market === null ? null : { instruments: market.members, terms: market.terms };
  if (terms === null && before === null) {
    refuse(core, 'There is no market-wide circuit breaker.');
    return;
  }
  const members = terms === null ? [] : [...command.instruments].sort((a, b) => a - b);
  state.market = null;
  if (terms !== null) {
    const bases = members.map((member) => referencePx(state.instruments[member]!));
    const parts = members.map(() => 1_000_000);
    const seed = seeded(state.timeUs, sumOf(parts));
    state.market = { members, bases, parts, terms, setBy, trippedUs: null, ...seed };
  }
  core.tell({ type: 'MarketBreakerSet', instruments: members, terms, before, setBy });
}

function sumOf(parts: readonly number[]): number {
  return parts.reduce((sum, part) => sum + part, 0);
}

function refuse(core: ReferenceCore, text: string): void {
  const refusal = { reason: 'INVALID_REQUEST' as const, limit: null, current: null, projected: null };
  core.refuse({ request: 'Administration', account: null }, refusal, text);
}
