/**
 * The vocabulary as GraphQL enums: the same words outside and inside, each described with its FIX tag where it has one.
 *
 * A missing or superfluous description is a compile error. Enums that a subgraph does not use stay out of its schema.
 */
import { registerEnumType } from 'type-graphql';
import type {
  AccountKind,
  AccountState,
  AggressorSide,
  AuctionKind,
  CandleInterval,
  Contingency,
  ExecType,
  MarginStatus,
  MarkMethod,
  OrdRejReason,
  OrdStatus,
  OrdType,
  PlanLegName,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradingStatus,
  TripCause,
} from '../core/values/vocabulary.js';

/** An enum object for type-graphql: each member under its own name. */
export type EnumObject<Member extends string> = { readonly [Name in Member]: Name };

/**
 * Registers an enum and returns the object that stands for it in `@Field(() => …)`.
 * @param descriptions what each member means; its order is the order in the SDL
 */
export function defineEnum<Member extends string>(
  name: string,
  description: string,
  descriptions: Readonly<Record<Member, string>>,
): EnumObject<Member> {
  const members = Object.keys(descriptions) as Member[];
  const enumObject = Object.fromEntries(members.map((member) => [member, member])) as EnumObject<Member>;
  registerEnumType(enumObject, {
    name,
    description,
    valuesConfig: Object.fromEntries(
      members.map((member) => [member, { description: descriptions[member] }]),
    ) as Partial<Record<Member, { description: string }>>,
  });
  return enumObject;
}

export const SideEnum = defineEnum<Side>('Side', 'Side of an order, FIX tag 54.', {
  BUY: 'Buys the base asset, pays the quote currency; FIX 54=1.',
  SELL: 'Sells the base asset for the quote currency; FIX 54=2.',
});

export const AccountKindEnum = defineEnum<AccountKind>('AccountKind', 'How an account pays for what it buys.', {
  VENUE: 'The venue itself: it earns the fees.',
  CASH: 'Pays in full: an order holds all that it may cost.',
  MARGIN: 'May borrow and sell short within the margin requirements of each instrument.',
});

export const MarkMethodEnum = defineEnum<MarkMethod>('MarkMethod', 'What positions in an instrument are valued at.', {
  MID: 'The middle of best bid and offer; on a one-sided book the last price.',
  LAST: 'The price of the last trade.',
  SETTLEMENT: 'The last settlement price that was set.',
});

export const MarginStatusEnum = defineEnum<MarginStatus>('MarginStatus', 'How a margin pool stands.', {
  HEALTHY: 'Its equity is above the middle of both requirements.',
  CALL: 'Its equity is below the middle of initial and maintenance requirement: add money or close positions.',
  LIQUIDATION: 'Its equity is below the maintenance requirement: its positions are being closed.',
});

export const OrdTypeEnum = defineEnum<OrdType>('OrdType', 'How an order is priced, FIX tag 40.', {
  MARKET: 'Trades at the best prices that rest in the book, never rests itself; FIX 40=1.',
  LIMIT: 'Trades at its price or better, the rest waits in the book; FIX 40=2.',
  STOP: 'Becomes a MARKET order once the last price reaches stopPx; FIX 40=3.',
  STOP_LIMIT: 'Becomes a LIMIT order once the last price reaches stopPx; FIX 40=4.',
  TRAILING_STOP: 'A STOP whose stopPx follows the best last price at a fixed distance; FIX 40=P.',
});

export const TimeInForceEnum = defineEnum<TimeInForce>('TimeInForce', 'How long an order works, FIX tag 59.', {
  DAY: 'Until the end of the trading session; FIX 59=0.',
  GTC: 'Good till cancel: until it is filled or canceled; FIX 59=1.',
  IOC: 'Immediate or cancel: what does not trade at once is canceled; FIX 59=3.',
  FOK: 'Fill or kill: trades in full at once or is rejected; FIX 59=4.',
  GTD: 'Good till date: until expireTime; FIX 59=6.',
  AT_THE_OPEN: 'Takes part in the opening auction only; FIX 59=2.',
  AT_THE_CLOSE: 'Takes part in the closing auction only; FIX 59=7.',
});

export const OrdStatusEnum = defineEnum<OrdStatus>('OrdStatus', 'State of an order, FIX tag 39.', {
  NEW: 'Works with no fill yet; FIX 39=0.',
  PARTIALLY_FILLED: 'Works, filled in part; FIX 39=1.',
  FILLED: 'Finished, filled in full; FIX 39=2.',
  CANCELED: 'Finished by a cancel, with or without fills; also the rest of an IOC or MARKET order; FIX 39=4.',
  REJECTED: 'Never worked; ordRejReason says why; FIX 39=8.',
  EXPIRED: 'Finished at its expireTime or at the end of the session; FIX 39=C.',
});

export const ExecTypeEnum = defineEnum<ExecType>('ExecType', 'What an execution report tells, FIX tag 150.', {
  NEW: 'The order was accepted; FIX 150=0.',
  TRADE: 'The order traded: lastQty at lastPx; FIX 150=F.',
  CANCELED: 'The open quantity was taken out of the market; FIX 150=4.',
  REPLACED: 'Quantity or price was changed on request; FIX 150=5.',
  REJECTED: 'The order was refused; FIX 150=8.',
  EXPIRED: 'The order reached its end of life; FIX 150=C.',
  TRIGGERED: 'The stop was reached, the order works now; FIX 150=L.',
  RESTATED: 'The venue changed the order without a request; FIX 150=D.',
});

export const SelfTradePreventionEnum = defineEnum<SelfTradePrevention>(
  'SelfTradePrevention',
  'What happens when an order would trade with another order of its own account; the incoming order decides.',
  {
    NONE: 'They trade.',
    CANCEL_NEWEST: 'The incoming order is canceled.',
    CANCEL_OLDEST: 'The resting order is canceled, the incoming one goes on.',
    CANCEL_BOTH: 'Both are canceled.',
    DECREMENT: 'Both lose the quantity of the smaller one, with no trade.',
  },
);

export const TradingStatusEnum = defineEnum<TradingStatus>(
  'TradingStatus',
  'Trading phase of an instrument; as FIX TradSesStatus, tag 340.',
  {
    PRE_OPEN: 'Orders gather for the opening auction, none trades; FIX 340=4.',
    AUCTION: 'Orders gather and trade at one price at the end of the phase; an indicative price is published.',
    OPEN: 'Continuous trading; FIX 340=2.',
    HALTED: 'Trading is suspended; orders may be canceled, and new ones gather where the halt says so; FIX 340=1.',
    CLOSED: 'No trading and no new orders; FIX 340=3.',
  },
);

export const AuctionKindEnum = defineEnum<AuctionKind>(
  'AuctionKind',
  'What an auction is for; AT_THE_OPEN orders take part in OPENING only, AT_THE_CLOSE orders in CLOSING only.',
  {
    OPENING: 'Opens the session.',
    INTRADAY: 'Interrupts continuous trading.',
    REOPENING: 'Ends a halt within a session.',
    CLOSING: 'Ends the session.',
  },
);

/** Words of `src/calendar`. */
type Weekday = 'MONDAY' | 'TUESDAY' | 'WEDNESDAY' | 'THURSDAY' | 'FRIDAY' | 'SATURDAY' | 'SUNDAY';

export const WeekdayEnum = defineEnum<Weekday>('Weekday', 'A day of the week.', {
  MONDAY: 'First day of the week, ISO 8601.',
  TUESDAY: 'Second day.',
  WEDNESDAY: 'Third day.',
  THURSDAY: 'Fourth day.',
  FRIDAY: 'Fifth day.',
  SATURDAY: 'Sixth day.',
  SUNDAY: 'Seventh day.',
});

export const CandleIntervalEnum = defineEnum<CandleInterval>(
  'CandleInterval',
  'Width of a candle; intervals begin at whole multiples of it since 1970-01-01T00:00:00Z.',
  {
    S1: 'One second.',
    S5: 'Five seconds.',
    M1: 'One minute.',
    M5: 'Five minutes.',
    M15: 'Fifteen minutes.',
    H1: 'One hour.',
    H4: 'Four hours.',
    D1: 'One day, UTC.',
  },
);

export const AggressorSideEnum = defineEnum<AggressorSide>(
  'AggressorSide',
  'Side of the incoming order in a trade; as FIX AggressorSide, tag 2446.',
  {
    BUY: 'The buyer took what rested in the book.',
    SELL: 'The seller took what rested in the book.',
    NONE: 'Neither: the trade is of an auction.',
  },
);

export const OrdRejReasonEnum = defineEnum<OrdRejReason>(
  'OrdRejReason',
  'Why an order or a request on it was refused, as FIX OrdRejReason, tag 103; also names the rule of a risk check.',
  {
    UNKNOWN_SYMBOL: 'No instrument has this symbol.',
    UNKNOWN_ORDER: 'The account has no such order.',
    UNKNOWN_ACCOUNT: 'There is no such account that the caller may trade.',
    TRADING_HALTED: 'The instrument is in a phase that takes no orders.',
    TRADING_PHASE: "The instrument's phase takes orders, but none of this kind.",
    INVALID_PRICE: 'A price is missing, superfluous, off the tick or out of bounds.',
    INVALID_QTY: 'A quantity is off the lot or out of bounds.',
    UNSUPPORTED_ORDER: 'This combination of order type, time in force and options is not taken.',
    DUPLICATE_CL_ORD_ID: 'The clOrdId was used before with other input.',
    TOO_LATE_TO_CANCEL: 'The order is finished.',
    POST_ONLY_WOULD_TAKE: 'The order is postOnly and would have traded at once.',
    REDUCE_ONLY_WOULD_INCREASE: 'The order is reduceOnly and would have increased or turned the position.',
    FOK_NOT_FILLABLE: 'The book could not fill the FOK order in full.',
    NO_LIQUIDITY: 'Nothing rests in the book to trade a MARKET order with.',
    SELF_TRADE: 'The order would have traded with another order of its own account.',
    PRICE_COLLAR: 'The price is too far from the reference price.',
    MAX_ORDER_QTY: "The quantity passes the account's limit for one order.",
    MAX_ORDER_NOTIONAL: "Price × quantity passes the account's limit for one order.",
    POSITION_LIMIT: "The position could pass the account's limit.",
    OPEN_ORDER_LIMIT: 'The account has as many working orders as its limit allows.',
    INSUFFICIENT_FUNDS: 'The available balance does not cover the order and its fee.',
    DAILY_LOSS_LIMIT: "The account's loss of the day reached its limit.",
    ORDER_RATE_LIMIT: 'The account sent more orders within a second than its limit allows.',
    KILL_SWITCH: 'A kill switch is engaged for the account, the instrument or the whole venue.',
    ENGINE_UNAVAILABLE: 'The engine does not take orders now; the order was not executed.',
    INVALID_REQUEST: 'The request contradicts itself or what is known; the text says what to change.',
    BATCH_REJECTED: 'Another order that was sent with this one was refused, so that none was placed.',
    GROSS_EXPOSURE_LIMIT: 'The gross exposure with all open orders would pass its limit.',
    NET_EXPOSURE_LIMIT: 'The net exposure with all open orders of the side would pass its limit.',
    CANCEL_RATE_LIMIT: 'The account sent more cancels within a second than its limit allows.',
    ACCOUNT_HALTED: 'The account is halted.',
    ACCOUNT_REDUCE_ONLY: 'The account takes reduceOnly orders only.',
    LEASE_LIMIT: 'The account or the venue has as many order leases as there may be.',
  },
);

export const AccountStateEnum = defineEnum<AccountState>('AccountState', 'What an account may do.', {
  ACTIVE: 'It trades as its limits allow.',
  REDUCE_ONLY: 'It takes reduceOnly orders only.',
  HALTED: 'It takes no orders.',
});

export const TripCauseEnum = defineEnum<TripCause>('TripCause', 'Which circuit breaker halted an instrument.', {
  SYMBOL: 'Its own: a trade would have moved its price too far.',
  MARKET: 'The market-wide one: a trade would have moved the index too far.',
});

/** How a risk alert stands to its limit. */
export type RiskAlertSeverity = 'WARNING' | 'BREACH' | 'CLEARED';

export const RiskAlertSeverityEnum = defineEnum<RiskAlertSeverity>(
  'RiskAlertSeverity',
  'How an account came to stand to a limit.',
  {
    WARNING: 'At 80 % of the limit or more.',
    BREACH: 'The limit was reached or passed, or an order was refused by it.',
    CLEARED: 'Below 80 % of the limit again.',
  },
);

/** How a list of orders is treated. */
export type BatchMode = 'ALL_OR_NONE' | 'BEST_EFFORT';

export const BatchModeEnum = defineEnum<BatchMode>('BatchMode', 'How the orders of one request depend on each other.', {
  ALL_OR_NONE: 'All are accepted or none is.',
  BEST_EFFORT: 'Each order for itself, in the given order.',
});

export const ContingencyEnum = defineEnum<Contingency>(
  'Contingency',
  'How the orders of a plan depend on each other, as FIX ContingencyType, tag 1385.',
  {
    OCO: 'Take profit and stop loss: what one fills the other loses, and the end of one is the end of the other.',
    OTO: 'An entry and one exit, which works for what the entry has filled.',
    BRACKET: 'An entry and two exits, which work for what it has filled and are an OCO among themselves.',
  },
);

export const PlanLegEnum = defineEnum<PlanLegName>('PlanLeg', 'Place of an order in a plan of linked orders.', {
  ENTRY: 'Its fills put the exits to work.',
  TAKE_PROFIT: 'Exit at a better price.',
  STOP_LOSS: 'Exit at a worse price.',
});

/** What happens to events that a subscriber does not read in time. */
export type OverflowPolicy = 'CONFLATE' | 'DROP_OLDEST' | 'CLOSE';

export const OverflowPolicyEnum = defineEnum<OverflowPolicy>(
  'OverflowPolicy',
  'What happens when maxBuffer events wait for a subscriber that reads slower than the stream runs.',
  {
    CONFLATE: 'Of the waiting events only the newest of each symbol stays.',
    DROP_OLDEST: 'The oldest waiting event is dropped.',
    CLOSE: 'What waits is delivered, then the subscription ends with error code SLOW_CONSUMER.',
  },
);
