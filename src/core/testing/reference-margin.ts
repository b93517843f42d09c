/** Margin in the reference exchange: pools weighed on BigInt from the whole state. */
import type { ReferenceInstrument, ReferenceOrder, ReferenceState } from './reference-state.js';

export const PPM = 1_000_000n;

/** An order beside those that work. */
export interface Further {
  readonly instrument: ReferenceInstrument;
  readonly side: 'BUY' | 'SELL';
  readonly lots: number;
  readonly cost: bigint;
  readonly replaced: ReferenceOrder | null;
}

export const ceilShare = (value: bigint, ppm: number): bigint => (value * BigInt(ppm) + PPM - 1n) / PPM;
const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

export function isMargin(state: ReferenceState, account: number): boolean {
  return state.accounts[account]!.kind === 'MARGIN';
}

export function marginTermsOf(state: ReferenceState, instrument: number) {
  const full = { initialMarginPpm: 1_000_000, maintenanceMarginPpm: 1_000_000, shortSelling: false, setBy: null };
  return state.marginTerms.get(instrument) ?? full;
}

/** Value of lots at the mark of margin accounts: last trade or reference, or the settlement price. */
export function valueAt(
  state: ReferenceState,
  { index, lastPx, spec, terms }: ReferenceInstrument,
  lots: number,
): bigint {
  const mark = state.marks.get(index);
  const settled = mark?.method === 'SETTLEMENT' ? mark.settlementPxTicks : null;
  return BigInt(settled ?? lastPx ?? spec.referencePxTicks) * BigInt(terms.quoteUnitsPerTickLot) * BigInt(lots);
}

export function poolOf(state: ReferenceState, quote: number): ReferenceInstrument[] {
  return state.instruments.filter((instrument) => instrument.quote === quote);
}

/** Fee, and loss against the mark, of an order at a price. */
export function costAt(
  state: ReferenceState,
  instrument: ReferenceInstrument,
  side: 'BUY' | 'SELL',
  price: number,
  lots: number,
  waits: boolean,
): bigint {
  const { makerFeePpm, takerFeePpm } = instrument.spec;
  const notional = BigInt(price) * BigInt(lots) * BigInt(instrument.terms.quoteUnitsPerTickLot);
  const away =
    side === 'BUY' ? notional - valueAt(state, instrument, lots) : valueAt(state, instrument, lots) - notional;
  return ceilShare(notional, Math.max(makerFeePpm, takerFeePpm)) + (waits ? 0n : greater(0n, away));
}

/** Equity, and requirement with working orders and a further one; `without` lots of an instrument are taken away. */
export function weighPool(
  state: ReferenceState,
  account: number,
  quote: number,
  further: Further | null,
  without: { instrument: number; lots: number } | null = null,
): { equity: bigint; required: bigint } {
  const triggered = state.triggered.map(({ order }) => order).filter(({ listed, leaves }) => listed && leaves > 0);
  const own = [...state.ordersOf(account), ...triggered.filter((order) => order.account === account)];
  const working = own.filter((order) => order !== further?.replaced);
  let equity = BigInt(state.balance(account, quote).total);
  let required = further?.cost ?? 0n;
  for (const instrument of poolOf(state, quote)) {
    const taken = without?.instrument === instrument.index ? without.lots : 0;
    const qty = state.position(account, instrument.index).qty - taken;
    const open = { BUY: 0, SELL: 0 };
    for (const { terms, leaves, price, stopPx, protection, waiting } of working.filter(
      (one) => one.instrument === instrument.index,
    )) {
      open[terms.side] += leaves;
      required += costAt(state, instrument, terms.side, price ?? (waiting ? stopPx : protection)!, leaves, waiting);
    }
    if (further?.instrument === instrument) open[further.side] += further.lots;
    const worst = Math.max(Math.abs(qty + open.BUY), Math.abs(qty - open.SELL));
    equity += valueAt(state, instrument, qty);
    required += ceilShare(valueAt(state, instrument, worst), marginTermsOf(state, instrument.index).initialMarginPpm);
  }
  return { equity, required };
}

/** Tells whether the order only closes position, with all that works on its side. */
export function onlyCloses(
  state: ReferenceState,
  account: number,
  { instrument, side, lots, replaced }: Further,
): boolean {
  const { qty } = state.position(account, instrument.index);
  const triggered = state.triggered.map(({ order }) => order).filter(({ listed, leaves }) => listed && leaves > 0);
  const own = [...state.ordersOf(account), ...triggered.filter((order) => order.account === account)];
  const open = own
    .filter((order) => order !== replaced && order.instrument === instrument.index && order.terms.side === side)
    .reduce((sum, order) => sum + order.leaves, lots);
  // An order that would take nothing closes nothing, whichever way the position lies.
  return open <= Math.max(0, side === 'BUY' ? -qty : qty);
}

/** What may be withdrawn of an asset. */
export function withdrawableOf(state: ReferenceState, account: number, asset: number): number {
  const { total, held } = state.balance(account, asset);
  const bounds = [total];
  if (poolOf(state, asset).length > 0) {
    const { equity, required } = weighPool(state, account, asset, null);
    bounds.push(Number(equity - required));
  }
  if (state.instruments.some(({ base }) => base === asset)) bounds.push(total - held);
  return Math.max(0, Math.min(...bounds));
}

/** Tells whether the pool of an instrument can lose lots. */
export function canLose(
  state: ReferenceState,
  account: number,
  { index: instrument, quote }: ReferenceInstrument,
  lots: number,
) {
  const { equity, required } = weighPool(state, account, quote, null, { instrument, lots });
  return required <= equity;
}
