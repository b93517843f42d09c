/**
 * The life of an order as one table: state × event → state. Whatever the table does not name is a bug.
 *
 * States are OrdStatus codes plus FREE for a slot that holds no order. FILLED, CANCELED, REJECTED and EXPIRED
 * are final. A stop that waits for its trigger is NEW (FIX), and triggering does not change its status.
 */
import { ORD_STATUS } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import { ORD_STATUSES } from '../values/vocabulary.js';

/** What can happen to an order; positions are codes. */
export const ORDER_TRANSITIONS = [
  'ACCEPT',
  'REJECT',
  'FILL_PART',
  'FILL_ALL',
  'REPLACE',
  'RESTATE',
  'TRIGGER',
  'CANCEL',
  'EXPIRE',
] as const;

/** State of a slot without a working order. */
export const FREE = ORD_STATUSES.length;
/** State of a slot whose order is being checked. */
export const PENDING = FREE + 1;

export const ACCEPT = 0;
export const REJECT_ORDER = 1;
export const FILL_PART = 2;
export const FILL_ALL = 3;
export const REPLACE = 4;
export const RESTATE_ORDER = 5;
export const TRIGGER = 6;
export const CANCEL_ORDER = 7;
export const EXPIRE = 8;

const { NEW, PARTIALLY_FILLED, FILLED, CANCELED, REJECTED, EXPIRED } = ORD_STATUS;

/** Rows [state, event, next state]: the whole life of an order. */
export const TRANSITION_ROWS: readonly (readonly [state: number, transition: number, next: number])[] = [
  [PENDING, ACCEPT, NEW],
  [PENDING, REJECT_ORDER, REJECTED],
  [NEW, FILL_PART, PARTIALLY_FILLED],
  [NEW, FILL_ALL, FILLED],
  [NEW, REPLACE, NEW],
  [NEW, RESTATE_ORDER, NEW],
  [NEW, TRIGGER, NEW],
  [NEW, CANCEL_ORDER, CANCELED],
  [NEW, EXPIRE, EXPIRED],
  [PARTIALLY_FILLED, FILL_PART, PARTIALLY_FILLED],
  [PARTIALLY_FILLED, FILL_ALL, FILLED],
  [PARTIALLY_FILLED, REPLACE, PARTIALLY_FILLED],
  [PARTIALLY_FILLED, RESTATE_ORDER, PARTIALLY_FILLED],
  [PARTIALLY_FILLED, CANCEL_ORDER, CANCELED],
  [PARTIALLY_FILLED, EXPIRE, EXPIRED],
];

const WIDTH = 16;
const TABLE = new Int8Array((PENDING + 1) * WIDTH).fill(-1);
for (const [state, transition, next] of TRANSITION_ROWS) TABLE[state * WIDTH + transition] = next;

/**
 * Returns the state that follows.
 * @throws InvariantError when the table has no such transition
 */
export function nextState(state: number, transition: number): number {
  const next = TABLE[state * WIDTH + transition] ?? -1;
  if (next < 0) {
    const from = ORD_STATUSES[state] ?? (state === FREE ? 'FREE' : 'PENDING');
    throw new InvariantError(`an order in state ${from} cannot ${ORDER_TRANSITIONS[transition] ?? transition}`);
  }
  return next;
}

/** Tells whether an order in this state may still trade. */
export function isWorking(state: number): boolean {
  return state === NEW || state === PARTIALLY_FILLED;
}
