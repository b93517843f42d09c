/** What a command changed, found by comparing the whole public state before and after it. */
import type { EventBody } from '../exchange/event-buffer.js';
import type { AuctionKind, Side } from '../values/vocabulary.js';
import { equilibriumIn, type ReferenceEquilibrium } from './reference-auction.js';
import { toldFigures } from './reference-risk.js';
import { pairOf, type ReferenceState, sortedPairs } from './reference-state.js';

interface Level {
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly orderCount: number;
}

interface Indicative {
  readonly instrument: number;
  readonly auction: AuctionKind;
  readonly equilibrium: ReferenceEquilibrium;
}

/** The values that change events tell. */
export interface Photograph {
  /** Of the instruments whose auction is under way, by instrument and how many of its auctions have begun. */
  readonly indicatives: Map<string, Indicative>;
  readonly levels: Map<string, Level>;
  readonly balances: Map<string, { total: number; held: number }>;
  readonly positions: Map<string, { qty: number; cost: number; realized: number; fees: number }>;
  readonly figures: Map<string, EventBody>;
}

export function photograph(state: ReferenceState): Photograph {
  const levels = new Map<string, Level>();
  for (const order of state.resting) {
    const { instrument, price, shown, terms } = order;
    const key = `${instrument} ${terms.side} ${price}`;
    const level = levels.get(key);
    levels.set(key, {
      instrument,
      side: terms.side,
      priceTicks: price!,
      qtyLots: (level?.qtyLots ?? 0) + shown,
      orderCount: (level?.orderCount ?? 0) + 1,
    });
  }
  const indicatives: Photograph['indicatives'] = new Map();
  for (const instrument of state.instruments) {
    const { index, status, auction, auctionsBegun } = instrument;
    if (status !== 'AUCTION') continue;
    const equilibrium = equilibriumIn(state, instrument);
    indicatives.set(`${index} ${auctionsBegun}`, { instrument: index, auction: auction!, equilibrium });
  }
  const copied = <T extends object>(map: Map<string, T>): Map<string, T> =>
    new Map([...map].map(([key, value]) => [key, { ...value }]));
  const told = [...state.positions].map(([key, { dayBase: _untold, ...position }]) => [key, position] as const);
  const [positions, figures] = [new Map(told), toldFigures(state)];
  return { indicatives, levels, balances: copied(state.balances), positions, figures };
}

/** Change events in their defined order: indicatives, levels, balances, positions. */
export function changesBetween(before: Photograph, after: Photograph): EventBody[] {
  const gone = [...before.levels]
    .filter(([key]) => !after.levels.has(key))
    .map(([, level]) => ({ ...level, qtyLots: 0, orderCount: 0 }));
  const changed = [...after.levels]
    .filter(([key, level]) => !same(before.levels.get(key), level))
    .map(([, level]) => level);
  const levels = [...gone, ...changed].sort(
    (a, b) => a.instrument - b.instrument || a.side.localeCompare(b.side) || better(a.side, a.priceTicks, b.priceTicks),
  );
  const zero = { total: 0, held: 0 };
  const balances = changedPairs(before.balances, after.balances, zero);
  const flat = { qty: 0, cost: 0, realized: 0, fees: 0 };
  const positions = changedPairs(before.positions, after.positions, flat);
  // Each auction begins from nothing, also one that begins in the command that ended the one before it.
  const nothing = { price: null, lots: 0, imbalance: 0 };
  const indicatives = [...after.indicatives].filter(
    ([key, { equilibrium }]) => !same(equilibrium, before.indicatives.get(key)?.equilibrium ?? nothing),
  );
  return [
    ...indicatives.map(([, { instrument, auction, equilibrium }]) => {
      const { price: priceTicks, lots: qtyLots, imbalance: imbalanceLots } = equilibrium;
      return { type: 'AuctionIndicative' as const, instrument, auction, priceTicks, qtyLots, imbalanceLots };
    }),
    ...levels.map((level) => ({ type: 'BookLevelChanged' as const, ...level })),
    ...balances.map((key) => {
      const [account, asset] = pairOf(key);
      const { total: totalUnits, held: heldUnits } = after.balances.get(key)!;
      return { type: 'BalanceUpdated' as const, account, asset, totalUnits, heldUnits };
    }),
    ...positions.map((key) => {
      const [account, instrument] = pairOf(key);
      const { qty: qtyLots, cost: costUnits, realized: realizedPnlUnits, fees: feesUnits } = after.positions.get(key)!;
      return { type: 'PositionUpdated' as const, account, instrument, qtyLots, costUnits, realizedPnlUnits, feesUnits };
    }),
    ...[...after.figures].filter(([key, told]) => !same(before.figures.get(key), told)).map(([, told]) => told),
  ];
}

function changedPairs<T extends object>(before: Map<string, T>, after: Map<string, T>, nothing: T): string[] {
  return sortedPairs([...after.keys()].filter((key) => !same(before.get(key) ?? nothing, after.get(key))));
}

function better(side: Side, a: number, b: number): number {
  return side === 'BUY' ? b - a : a - b;
}

function same(a: object | undefined, b: object | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const others = Object.values(b);
  return Object.values(a).every((value, index) => value === others[index]);
}
