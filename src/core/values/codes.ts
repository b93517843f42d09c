/**
 * Codes: each vocabulary member as the small integer that typed arrays, snapshots and the journal hold.
 *
 * A code is the member's position in its list in `vocabulary.ts`; lists only grow at their end.
 */
import {
  AUCTION_KINDS,
  CANCEL_REASONS,
  CONTINGENCIES,
  MARGIN_STATUSES,
  MARK_METHODS,
  ORD_REJ_REASONS,
  ORD_STATUSES,
  ORD_TYPES,
  type OrdType,
  PLAN_LEGS,
  RESTATE_REASONS,
  SELF_TRADE_PREVENTIONS,
  type SelfTradePrevention,
  TIMES_IN_FORCE,
  type TimeInForce,
  TRADING_STATUSES,
  TRIP_CAUSES,
} from './vocabulary.js';

type Codes<T extends readonly string[]> = Readonly<Record<T[number], number>>;

function codesOf<T extends readonly string[]>(members: T): Codes<T> {
  const codes: Record<string, number> = {};
  for (let code = 0; code < members.length; code += 1) codes[members[code] as string] = code;
  return codes as Codes<T>;
}

export const BUY = 0;
export const SELL = 1;
/** Aggressor of a trade that an auction made. */
export const NO_AGGRESSOR = 2;

export const ORD_TYPE = codesOf(ORD_TYPES);
export const TIME_IN_FORCE = codesOf(TIMES_IN_FORCE);
export const ORD_STATUS = codesOf(ORD_STATUSES);
export const AUCTION_KIND = codesOf(AUCTION_KINDS);
export const SELF_TRADE = codesOf(SELF_TRADE_PREVENTIONS);
export const TRADING_STATUS = codesOf(TRADING_STATUSES);
export const REJECT = codesOf(ORD_REJ_REASONS);
export const CANCEL = codesOf(CANCEL_REASONS);
export const RESTATE = codesOf(RESTATE_REASONS);
export const MARGIN_STATUS = codesOf(MARGIN_STATUSES);
export const MARK_METHOD = codesOf(MARK_METHODS);
export const TRIP_CAUSE = codesOf(TRIP_CAUSES);
export const PLAN_LEG = codesOf(PLAN_LEGS);
export const CONTINGENCY = codesOf(CONTINGENCIES);

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

// For the words of each order: comparing with literals costs a tenth of looking a word up, which no call site can cache.

/** As codeOf for ordType. */
export function ordTypeCode(member: OrdType): number {
  if (member === 'LIMIT') return ORD_TYPE.LIMIT;
  if (member === 'MARKET') return ORD_TYPE.MARKET;
  return codeOf(ORD_TYPE, member);
}

/** As codeOf for timeInForce. */
export function timeInForceCode(member: TimeInForce): number {
  if (member === 'GTC') return TIME_IN_FORCE.GTC;
  if (member === 'IOC') return TIME_IN_FORCE.IOC;
  if (member === 'DAY') return TIME_IN_FORCE.DAY;
  return codeOf(TIME_IN_FORCE, member);
}

/** As codeOf for selfTradePrevention. */
export function selfTradeCode(member: SelfTradePrevention): number {
  if (member === 'NONE') return SELF_TRADE.NONE;
  if (member === 'CANCEL_NEWEST') return SELF_TRADE.CANCEL_NEWEST;
  return codeOf(SELF_TRADE, member);
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
