/**
 * Trading phases of an instrument as one table: phase × phase → what happens, and what each phase takes.
 *
 * ```
 * CLOSED ──> PRE_OPEN ──> AUCTION ──> OPEN ──> AUCTION ──> CLOSED
 *              gathers    gathers,    trades   gathers,    nothing
 *                         indicative           indicative
 * HALTED: from and to every phase; takes nothing, or gathers where the halt says so
 * ```
 * Orders trade with each other in OPEN only, and in the uncross that ends an auction or leads into OPEN. Whatever the
 * table does not name is refused.
 */
import { POST_ONLY, REDUCE_ONLY } from '../matching/order-table.js';
import { AUCTION_KIND, NONE, ORD_TYPE, REJECT, TIME_IN_FORCE, TRADING_STATUS } from '../values/codes.js';

const { PRE_OPEN, AUCTION, OPEN, HALTED, CLOSED } = TRADING_STATUS;
const { IOC, FOK, AT_THE_OPEN } = TIME_IN_FORCE;

/** What moving from one phase to another does. */
export type PhaseAction =
  /** Begins to gather orders without an indicative price. */
  | 'GATHER'
  /** Begins an auction. */
  | 'START'
  /** Uncrosses what was gathered, then opens continuous trading. */
  | 'OPEN'
  /** Stops; an auction under way is interrupted without a trade. */
  | 'HALT'
  /** Uncrosses an auction under way unless it is the opening one, then ends the session. */
  | 'CLOSE'
  /** Stays, and tells the new reason. */
  | 'RESTATE';

/** Rows [from, to, action]. */
export const PHASE_ROWS: readonly (readonly [from: number, to: number, action: PhaseAction])[] = [
  [CLOSED, PRE_OPEN, 'GATHER'],
  [HALTED, PRE_OPEN, 'GATHER'],
  [CLOSED, AUCTION, 'START'],
  [PRE_OPEN, AUCTION, 'START'],
  [OPEN, AUCTION, 'START'],
  [HALTED, AUCTION, 'START'],
  [CLOSED, OPEN, 'OPEN'],
  [PRE_OPEN, OPEN, 'OPEN'],
  [AUCTION, OPEN, 'OPEN'],
  [HALTED, OPEN, 'OPEN'],
  [CLOSED, HALTED, 'HALT'],
  [PRE_OPEN, HALTED, 'HALT'],
  [AUCTION, HALTED, 'HALT'],
  [OPEN, HALTED, 'HALT'],
  [PRE_OPEN, CLOSED, 'CLOSE'],
  [AUCTION, CLOSED, 'CLOSE'],
  [OPEN, CLOSED, 'CLOSE'],
  [HALTED, CLOSED, 'CLOSE'],
  [PRE_OPEN, PRE_OPEN, 'RESTATE'],
  [AUCTION, AUCTION, 'RESTATE'],
  [OPEN, OPEN, 'RESTATE'],
  [HALTED, HALTED, 'RESTATE'],
  [CLOSED, CLOSED, 'RESTATE'],
];

/** Where an instrument stands, as far as its phase goes. */
export interface PhaseOf {
  readonly status: number;
  /** True from the first OPEN of the session to its close. */
  readonly hasOpened: boolean;
  readonly haltQueues: boolean;
  /** Kind of the auction under way; NONE in every other phase. */
  readonly auctionKind: number;
}

/**
 * Returns what a move does, null where it is not allowed: PRE_OPEN is for a session that has not opened yet, and what came
 * for the close only does not trade on, so a closing auction ends in CLOSED.
 */
export function phaseAction({ status, hasOpened, auctionKind }: PhaseOf, to: number): PhaseAction | null {
  if (to === OPEN && auctionKind === AUCTION_KIND.CLOSING) return null;
  if (to === PRE_OPEN && hasOpened) return null;
  return PHASE_ROWS.find((row) => row[0] === status && row[1] === to)?.[2] ?? null;
}

/** Tells whether orders gather in the phase without trading, so that the book may be crossed. */
export function gathersOrders({ status, haltQueues }: Pick<PhaseOf, 'status' | 'haltQueues'>): boolean {
  return status === PRE_OPEN || status === AUCTION || (status === HALTED && haltQueues);
}

/**
 * Returns why the phase does not take an order of these terms, NONE where it does.
 *
 * OPEN takes all but AT_THE_OPEN. Phases that gather take LIMIT and MARKET orders that can wait for the uncross and all
 * stops, AT_THE_OPEN only before the session's first uncross; IOC and FOK can't wait, postOnly means nothing where nobody
 * is the maker, and what a reduceOnly order may reduce can change before the uncross. CLOSED takes nothing.
 */
export function phaseRefusal(phase: PhaseOf, ordType: number, timeInForce: number, flags: number): number {
  if (phase.status === OPEN) return timeInForce === AT_THE_OPEN ? REJECT.TRADING_PHASE : NONE;
  if (!gathersOrders(phase)) return REJECT.TRADING_HALTED;
  if (ordType !== ORD_TYPE.MARKET && ordType !== ORD_TYPE.LIMIT) return NONE;
  const waits = timeInForce !== IOC && timeInForce !== FOK && !(timeInForce === AT_THE_OPEN && phase.hasOpened);
  return waits && (flags & (POST_ONLY | REDUCE_ONLY)) === 0 ? NONE : REJECT.TRADING_PHASE;
}
