/**
 * Marks and the figures of limits that follow them.
 *
 * At the first command of each second of engine time every instrument's risk mark becomes its reference price; at the
 * first of each day (UTC) the profit of the day begins at 0. Both follow from the time of the command before, so they
 * are no state of their own. Complexity: O(instruments) a second, and O(figures) where a mark moved.
 */
import { beginDay } from '../risk/daily-profit.js';
import { ALL_INSTRUMENTS } from '../risk/exposures.js';
import type { ExchangeState } from './state.js';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;

/** @param beforeUs time of the command before */
export function takeMarks(state: ExchangeState, beforeUs: number): void {
  const { timeUs } = state;
  if (timeUs < beforeUs - (beforeUs % SECOND_US) + SECOND_US) return;
  const moved = new Set<number>();
  for (const listing of state.listings) {
    if (listing.riskMarkTicks === listing.referencePxTicks) continue;
    state.trial.note(listing);
    listing.riskMarkTicks = listing.referencePxTicks;
    moved.add(listing.index);
  }
  if (timeUs >= beforeUs - (beforeUs % DAY_US) + DAY_US) {
    beginDay(state.positions, state.listings);
    state.exposures.revalue(null);
  } else if (moved.size > 0) {
    state.exposures.revalue(moved);
  }
}

/** Tells the figures that the command changed: those of whole accounts, and of symbols on which they have limits. */
export function tellExposures(state: ExchangeState): void {
  const { accounts, events, exposures } = state;
  const { rows } = exposures;
  rows.sortTouched();
  for (let index = 0; index < rows.touchedCount; index += 1) {
    const row = rows.touched[index]!;
    const guard = accounts[rows.firstOf(row)]!.guard;
    if (guard === null) continue;
    const instrument = rows.secondOf(row);
    const isTold = instrument === ALL_INSTRUMENTS || (guard.symbols.size > 0 && guard.symbols.has(instrument));
    if (isTold && exposures.hasChanged(row)) events.exposure(exposures, row);
  }
  rows.clearTouched();
}
