/**
 * Codes: each vocabulary member as the small integer that typed arrays, snapshots and the journal hold.
 *
 * A code is the member's position in its list in `vocabulary.ts`; lists only grow at their end.
 */
import {
  CANCEL_REASONS,
  ORD_REJ_REASONS,
  ORD_STATUSES,
  ORD_TYPES,
  RESTATE_REASONS,
  SELF_TRADE_PREVENTIONS,
  TIMES_IN_FORCE,
  TRADING_STATUSES,
} from './vocabulary.js';

type Codes<T extends readonly string[]> = Readonly<Record<T[number], number>>;

function codesOf<T extends readonly string[]>(members: T): Codes<T> {
  const codes: Record<string, number> = {};
  for (let code = 0; code < members.length; code += 1) codes[members[code] as string] = code;
  return codes as Codes<T>;
}

export const BUY = 0;
export const SELL = 1;

export const ORD_TYPE = codesOf(ORD_TYPES);
export const TIME_IN_FORCE = codesOf(TIMES_IN_FORCE);
export const ORD_STATUS = codesOf(ORD_STATUSES);
export const SELF_TRADE = codesOf(SELF_TRADE_PREVENTIONS);
export const TRADING_STATUS = codesOf(TRADING_STATUSES);
export const REJECT = codesOf(ORD_REJ_REASONS);
export const CANCEL = codesOf(CANCEL_REASONS);
export const RESTATE = codesOf(RESTATE_REASONS);

/** Absent price, time or quantity in a numeric column. */
export const NONE = -1;

/**
 * Returns the code of a member.
 * @throws TypeError when the word is not in the list: the command did not come through the codec or the types
 */
export function codeOf<T extends string>(codes: Readonly<Record<T, number>>, member: T): number {
  const code = codes[member];
  if (code === undefined) throw new TypeError(`"${member}" is not one of ${Object.keys(codes).join(', ')}`);
  return code;
}

/**
 * Returns the member of a code.
 * @throws RangeError when the list has no such position
 */
export function memberOf<T extends string>(members: readonly T[], code: number): T {
  const member = members[code];
  if (member === undefined) throw new RangeError(`${code} is no code of ${members.join(', ')}`);
  return member;
}
