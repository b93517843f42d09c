/** Terms of circuit breakers, as commands carry them, and their bounds. */
import { WINDOW_STEPS } from './rolling-window.js';

export interface BreakerTerms {
  /** Greatest move from the reference at which trading goes on, parts per million, 1 to 1,000,000. */
  readonly movePpm: number;
  /** How far back the reference lies, microseconds, 60 to 86,400,000,000. */
  readonly windowUs: number;
  /** How long trading stays halted, microseconds, 1 to 86,400,000,000. */
  readonly cooldownUs: number;
  /** How long the reopening auction gathers orders, microseconds, 0 to 86,400,000,000; 0 = trading opens at once. */
  readonly auctionUs: number;
  /** While it is halted: true = new orders are taken and gather for the auction; false = they are refused. */
  readonly queuesOrders: boolean;
}

const MAX_US = 86_400_000_000;

/** Longest halt and auction, microseconds. */
export const MAX_PHASE_US = MAX_US;

/** Returns what is wrong with the terms, one sentence; null where nothing is. */
export function termsProblem({ movePpm, windowUs, cooldownUs, auctionUs }: BreakerTerms): string | null {
  return (
    outside('movePpm', movePpm, 1, 1_000_000) ??
    outside('windowUs', windowUs, WINDOW_STEPS, MAX_US) ??
    outside('cooldownUs', cooldownUs, 1, MAX_US) ??
    outside('auctionUs', auctionUs, 0, MAX_US)
  );
}

/** Returns what is wrong with a whole number, one sentence; null where it is within its bounds. */
export function outside(name: string, value: number, least: number, greatest: number): string | null {
  if (Number.isSafeInteger(value) && value >= least && value <= greatest) return null;
  return `${name} is a whole number from ${least} to ${greatest}, not ${value}.`;
}

/** Returns a copy with these fields only. */
export function copyOfTerms({ movePpm, windowUs, cooldownUs, auctionUs, queuesOrders }: BreakerTerms): BreakerTerms {
  return { movePpm, windowUs, cooldownUs, auctionUs, queuesOrders };
}
