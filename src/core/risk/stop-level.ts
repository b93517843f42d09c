/** Which orders a kill switch or an account's state lets pass; of several levels the highest holds. */

/** All orders pass. */
export const FREE_TO_TRADE = 0;
/** Only orders that are reduceOnly pass. */
export const REDUCING_ONLY = 1;
/** No order passes. */
export const NOTHING = 2;

/** A kill switch: of an account, of an instrument, or of the whole venue. */
export class KillSwitch {
  engaged = false;
  /** Whether reduceOnly orders pass, and keep working, while it is engaged. */
  allowReduceOnly = false;
  reason = '';
  /** User who last moved it; null = never moved. */
  setBy: string | null = null;

  get level(): number {
    if (!this.engaged) return FREE_TO_TRADE;
    return this.allowReduceOnly ? REDUCING_ONLY : NOTHING;
  }
}

/** Tells whether a level stops an order. */
export function isStopped(level: number, isReduceOnly: boolean): boolean {
  return level === NOTHING || (level === REDUCING_ONLY && !isReduceOnly);
}
