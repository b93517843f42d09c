/** Rolling windows of the reference exchange: all that was ever noted, looked through each time. */
import type { Side } from '../values/vocabulary.js';
import type { ReferenceInstrument, ReferenceMarket, ReferenceState, ReferenceWindow } from './reference-state.js';

const STEPS = 60;

export function seeded(timeUs: number, value: number): Pick<ReferenceWindow, 'seedUs' | 'seed' | 'noted'> {
  return { seedUs: timeUs, seed: value, noted: [] };
}

export function noteIn(window: ReferenceWindow, timeUs: number, value: number): void {
  window.noted.push({ timeUs, value });
}

const stepOf = ({ terms }: ReferenceWindow, timeUs: number): number =>
  Math.floor(timeUs / Math.ceil(terms.windowUs / STEPS));

/** Last value of each step, the seed a whole window before its time; from the reference on. */
export function entriesOf(window: ReferenceWindow, nowUs: number): [step: number, value: number][] {
  const last = new Map([[stepOf(window, window.seedUs) - STEPS, window.seed]]);
  for (const { timeUs, value } of window.noted) last.set(stepOf(window, timeUs), value);
  const all = [...last];
  const passed = all.filter(([step]) => step <= stepOf(window, nowUs) - STEPS);
  return passed.length === 0 ? all : all.slice(passed.length - 1);
}

/** The value at the window's start, and the lowest and highest at which no breaker trips. */
export function boundsAt(window: ReferenceWindow, nowUs: number) {
  const reference = entriesOf(window, nowUs)[0]![1];
  const distance = Number((BigInt(reference) * BigInt(window.terms.movePpm)) / 1_000_000n);
  return { reference, low: reference - distance, high: reference + distance };
}

export function partAt(market: ReferenceMarket, member: number, price: number): number {
  return Number((BigInt(price) * 1_000_000n) / BigInt(market.bases[member]!));
}

/** Where the index would stand if the instrument traded at the price, below, within or above its bounds; 0 = within. */
function marketSide({ market, timeUs }: ReferenceState, { index }: ReferenceInstrument, price: number): -1 | 0 | 1 {
  const member = market?.members.indexOf(index) ?? -1;
  if (market === null || member < 0 || market.trippedUs !== null) return 0;
  const { low, high } = boundsAt(market, timeUs);
  const sum = market.parts.reduce((all, part, at) => all + (at === member ? partAt(market, member, price) : part), 0);
  return sum < low ? -1 : sum > high ? 1 : 0;
}

function ownSide({ timeUs }: ReferenceState, { breaker }: ReferenceInstrument, price: number): -1 | 0 | 1 {
  if (breaker === null) return 0;
  const { low, high } = boundsAt(breaker, timeUs);
  return price < low ? -1 : price > high ? 1 : 0;
}

export function isMarketBroken(state: ReferenceState, instrument: ReferenceInstrument, price: number): boolean {
  return marketSide(state, instrument, price) !== 0;
}

export function forbids(state: ReferenceState, instrument: ReferenceInstrument, price: number): boolean {
  return ownSide(state, instrument, price) !== 0 || isMarketBroken(state, instrument, price);
}

/** Tells whether the price lies beyond a breaker's bound on the side to which such orders move prices. */
export function isBeyond(state: ReferenceState, instrument: ReferenceInstrument, side: Side, price: number): boolean {
  const far = side === 'BUY' ? 1 : -1;
  return ownSide(state, instrument, price) === far || marketSide(state, instrument, price) === far;
}
