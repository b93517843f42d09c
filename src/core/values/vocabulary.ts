/**
 * The platform's vocabulary: one list per enumeration, the same words in SDL, core, Prisma and events.
 *
 * A member's position in its list is its code in commands, events, journal and snapshots: members are
 * appended, never reordered or removed.
 */

/** Side of an order, FIX tag 54. */
export const SIDES = ['BUY', 'SELL'] as const;
export type Side = (typeof SIDES)[number];

/** Order type, FIX tag 40. */
export const ORD_TYPES = ['MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT', 'TRAILING_STOP'] as const;
export type OrdType = (typeof ORD_TYPES)[number];

/** How long an order works, FIX tag 59. */
export const TIMES_IN_FORCE = ['DAY', 'GTC', 'IOC', 'FOK', 'GTD', 'AT_THE_OPEN', 'AT_THE_CLOSE'] as const;
export type TimeInForce = (typeof TIMES_IN_FORCE)[number];

/** State of an order, FIX tag 39. */
export const ORD_STATUSES = ['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'] as const;
export type OrdStatus = (typeof ORD_STATUSES)[number];

/** What an execution report tells, FIX tag 150. */
export const EXEC_TYPES = [
  'NEW',
  'TRADE',
  'CANCELED',
  'REPLACED',
  'REJECTED',
  'EXPIRED',
  'TRIGGERED',
  'RESTATED',
] as const;
export type ExecType = (typeof EXEC_TYPES)[number];

/** What happens when an order would trade with another order of its own account; the taker's mode rules. */
export const SELF_TRADE_PREVENTIONS = ['NONE', 'CANCEL_NEWEST', 'CANCEL_OLDEST', 'CANCEL_BOTH', 'DECREMENT'] as const;
export type SelfTradePrevention = (typeof SELF_TRADE_PREVENTIONS)[number];

/** Trading phase of an instrument. */
export const TRADING_STATUSES = ['PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED'] as const;
export type TradingStatus = (typeof TRADING_STATUSES)[number];

/** What an auction is for; which one it is decides whether AT_THE_OPEN and AT_THE_CLOSE orders take part. */
export const AUCTION_KINDS = ['OPENING', 'INTRADAY', 'REOPENING', 'CLOSING'] as const;
export type AuctionKind = (typeof AUCTION_KINDS)[number];

/** Width of a candle. */
export const CANDLE_INTERVALS = ['S1', 'S5', 'M1', 'M5', 'M15', 'H1', 'H4', 'D1'] as const;
export type CandleInterval = (typeof CANDLE_INTERVALS)[number];

/** Side of the taker in a trade; NONE in an auction. */
export const AGGRESSOR_SIDES = ['BUY', 'SELL', 'NONE'] as const;
export type AggressorSide = (typeof AGGRESSOR_SIDES)[number];

/** Why an order or a request on it was refused, FIX tag 103. */
export const ORD_REJ_REASONS = [
  'UNKNOWN_SYMBOL',
  'UNKNOWN_ORDER',
  'UNKNOWN_ACCOUNT',
  'TRADING_HALTED',
  'INVALID_PRICE',
  'INVALID_QTY',
  'UNSUPPORTED_ORDER',
  'DUPLICATE_CL_ORD_ID',
  'TOO_LATE_TO_CANCEL',
  'POST_ONLY_WOULD_TAKE',
  'REDUCE_ONLY_WOULD_INCREASE',
  'FOK_NOT_FILLABLE',
  'NO_LIQUIDITY',
  'SELF_TRADE',
  'PRICE_COLLAR',
  'MAX_ORDER_QTY',
  'MAX_ORDER_NOTIONAL',
  'POSITION_LIMIT',
  'OPEN_ORDER_LIMIT',
  'INSUFFICIENT_FUNDS',
  'DAILY_LOSS_LIMIT',
  'ORDER_RATE_LIMIT',
  'KILL_SWITCH',
  'ENGINE_UNAVAILABLE',
  'INVALID_REQUEST',
  'BATCH_REJECTED',
  'TRADING_PHASE',
  'GROSS_EXPOSURE_LIMIT',
  'NET_EXPOSURE_LIMIT',
  'CANCEL_RATE_LIMIT',
  'ACCOUNT_HALTED',
  'ACCOUNT_REDUCE_ONLY',
  'LEASE_LIMIT',
] as const;
export type OrdRejReason = (typeof ORD_REJ_REASONS)[number];

/** Why a working order ended without filling. */
export const CANCEL_REASONS = [
  'REQUESTED',
  'IOC_REMAINDER',
  'MARKET_REMAINDER',
  'SELF_TRADE',
  'MASS_CANCEL',
  'KILL_SWITCH',
  'LINKED_ORDER',
  'DISCONNECT',
  'LIQUIDATION',
  'SESSION_CLOSE',
  'INSUFFICIENT_FUNDS',
  'REDUCE_ONLY',
  'QUOTE_REPLACED',
  'ACCOUNT_STATE',
  'CIRCUIT_BREAKER',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** Why the exchange itself changed a working order's quantity. */
export const RESTATE_REASONS = ['SELF_TRADE', 'LINKED_ORDER', 'REDUCE_ONLY'] as const;
export type RestateReason = (typeof RESTATE_REASONS)[number];

/** Kind of account: VENUE collects fees, CASH pays in full, MARGIN may borrow and sell short. */
export const ACCOUNT_KINDS = ['VENUE', 'CASH', 'MARGIN'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** How a margin pool stands: below the middle of its requirements CALL, below maintenance LIQUIDATION. */
export const MARGIN_STATUSES = ['HEALTHY', 'CALL', 'LIQUIDATION'] as const;
export type MarginStatus = (typeof MARGIN_STATUSES)[number];

/** What an instrument's positions are valued at. */
export const MARK_METHODS = ['MID', 'LAST', 'SETTLEMENT'] as const;
export type MarkMethod = (typeof MARK_METHODS)[number];
/** What an account may do: REDUCE_ONLY takes reduceOnly orders only, HALTED none. */
export const ACCOUNT_STATES = ['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** Which circuit breaker halted an instrument: its own or the market-wide one. */
export const TRIP_CAUSES = ['SYMBOL', 'MARKET'] as const;
export type TripCause = (typeof TRIP_CAUSES)[number];

/** What becomes of a batch of orders when one of them is refused. */
export const BATCH_MODES = ['ALL_OR_NONE', 'BEST_EFFORT'] as const;
export type BatchMode = (typeof BATCH_MODES)[number];

/** Place of an order in a plan of linked orders. */
export const PLAN_LEGS = ['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'] as const;
export type PlanLegName = (typeof PLAN_LEGS)[number];

/** How the orders of a plan depend on each other, after FIX ContingencyType, tag 1385. */
export const CONTINGENCIES = ['OCO', 'OTO', 'BRACKET'] as const;
export type Contingency = (typeof CONTINGENCIES)[number];
