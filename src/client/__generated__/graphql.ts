/* eslint-disable */
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** Opaque position in one event stream; hand it back as `after` to resume just behind it. */
  Cursor: { input: string; output: string; }
  /** RFC 3339 instant in UTC, up to nanoseconds, e.g. "2026-01-02T03:04:05.678901234Z". The engine keeps time in microseconds: answers carry six decimals, and finer digits of an input are cut off. Input may carry another offset and lies between 1970 and 2199. */
  DateTime: { input: string; output: string; }
  /** Exact decimal as a string, never a float. Prices carry the scale of tickSize and quantities that of lotSize, trailing zeros included (tick 0.01: "101.30"). As input: digits 0 to 9 with an optional leading - and one decimal point, at most 40 characters, no exponent; a number without quotes is refused. */
  Decimal: { input: string; output: string; }
  /** Any JSON value; which members it may have is said where it is used. */
  JSON: { input: unknown; output: unknown; }
  /** Integer up to 2^53 - 1, as in graphql-scalars: sequences and checksums pass the 32 bits of Int. */
  SafeInt: { input: number; output: number; }
};

/** How an account pays for what it buys. */
export type AccountKind =
  /** Pays in full: an order holds all that it may cost. */
  | 'CASH'
  /** May borrow and sell short within the margin requirements of each instrument. */
  | 'MARGIN'
  /** The venue itself: it earns the fees. */
  | 'VENUE';

/** What an account may do. */
export type AccountState =
  /** It trades as its limits allow. */
  | 'ACTIVE'
  /** It takes no orders. */
  | 'HALTED'
  /** It takes reduceOnly orders only. */
  | 'REDUCE_ONLY';

/** A deposit or a withdrawal. */
export type AdjustBalanceInput = {
  /** The account; FIX tag 1. */
  accountId: Scalars['ID']['input'];
  /** Amount in units of the currency, at most its decimals: above 0 a deposit, below 0 a withdrawal of what is available. */
  amount: Scalars['Decimal']['input'];
  /** Code of a registered currency, coin or share, e.g. USD. */
  currency: Scalars['String']['input'];
  /** Idempotency key of the transfer over all accounts, 1 to 64 printable ASCII characters: the same key with the same input moves nothing again; with other input it is refused. */
  transferId: Scalars['ID']['input'];
};

/** Side of the incoming order in a trade; as FIX AggressorSide, tag 2446. */
export type AggressorSide =
  /** The buyer took what rested in the book. */
  | 'BUY'
  /** Neither: the trade is of an auction. */
  | 'NONE'
  /** The seller took what rested in the book. */
  | 'SELL';

/** What an auction is for; AT_THE_OPEN orders take part in OPENING only, AT_THE_CLOSE orders in CLOSING only. */
export type AuctionKind =
  /** Ends the session. */
  | 'CLOSING'
  /** Interrupts continuous trading. */
  | 'INTRADAY'
  /** Opens the session. */
  | 'OPENING'
  /** Ends a halt within a session. */
  | 'REOPENING';

/** What entries must have; what is absent does not matter. */
export type AuditLogFilter = {
  /** The mutation, e.g. placeOrder. */
  action?: InputMaybe<Scalars['String']['input']>;
  /** Address of the client. */
  address?: InputMaybe<Scalars['String']['input']>;
  /** The session or API key. */
  credentialId?: InputMaybe<Scalars['ID']['input']>;
  /** Earliest time, inclusive. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** The result, e.g. FORBIDDEN. */
  result?: InputMaybe<Scalars['String']['input']>;
  /** Latest time, exclusive. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
  /** Who asked. */
  userId?: InputMaybe<Scalars['ID']['input']>;
};

/** Which backtests are meant. */
export type BacktestFilterInput = {
  /** Those of this grid; absent = all. */
  gridId?: InputMaybe<Scalars['ID']['input']>;
};

/** A parameter to vary, and its values. */
export type BacktestGridAxisInput = {
  /** Name of a parameter of the strategy's type. */
  parameter: Scalars['String']['input'];
  /** Values that it takes in turn, each once; null where the parameter takes it. */
  values: Array<InputMaybe<Scalars['JSON']['input']>>;
};

/** A strategy to run on history, at an exchange of its own. */
export type BacktestInput = {
  /** Earliest data, inclusive; absent = from the first. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Cash to begin with, in the quote currency, above 0. */
  initialCash: Scalars['Decimal']['input'];
  /** Bars that the market is made of; absent = trades. */
  interval?: InputMaybe<CandleInterval>;
  /** Time from a decision to its arrival at the exchange, ms, 0 to 60,000. */
  latencyMs?: InputMaybe<Scalars['Float']['input']>;
  /** Fee of resting orders, basis points, −100 to 1,000; negative = rebate. */
  makerFeeBps?: InputMaybe<Scalars['Float']['input']>;
  /** Share of the market's volume that the strategy may trade, above 0 to 1. */
  participation?: InputMaybe<Scalars['Float']['input']>;
  /** Seed of strategies that draw numbers and are given none of their own, 0 or more. */
  seed?: InputMaybe<Scalars['Int']['input']>;
  /** Source of the imported trades that the market is made of, as Instrument.importedTrades names it; absent = the platform's own. Without interval only. */
  source?: InputMaybe<Scalars['String']['input']>;
  /** The strategy; nothing of it is kept but with the backtest. */
  strategy: CreateStrategyInput;
  /** Fee of incoming orders, basis points, 0 to 1,000. */
  takerFeeBps?: InputMaybe<Scalars['Float']['input']>;
  /** Latest data, exclusive; absent = up to now. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Where a backtest is. */
export type BacktestStatus =
  /** Was canceled by its owner. */
  | 'CANCELED'
  /** Has a report. */
  | 'DONE'
  /** Could not be computed; error says why. */
  | 'FAILED'
  /** Waits for a thread. */
  | 'QUEUED'
  /** Is computed; progress tells how far. */
  | 'RUNNING';

/** How the orders of one request depend on each other. */
export type BatchMode =
  /** All are accepted or none is. */
  | 'ALL_OR_NONE'
  /** Each order for itself, in the given order. */
  | 'BEST_EFFORT';

/** Which working orders to cancel; FIX OrderMassCancelRequest, MsgType q. */
export type CancelAllOrdersInput = {
  /** An account of yours; FIX tag 1. */
  accountId: Scalars['ID']['input'];
  /** Only orders of this side; absent = both; FIX tag 54. */
  side?: InputMaybe<Side>;
  /** Only orders of this instrument; absent = all; FIX tag 55. */
  symbol?: InputMaybe<Scalars['ID']['input']>;
};

/** Width of a candle; intervals begin at whole multiples of it since 1970-01-01T00:00:00Z. */
export type CandleInterval =
  /** One day, UTC. */
  | 'D1'
  /** One hour. */
  | 'H1'
  /** Four hours. */
  | 'H4'
  /** One minute. */
  | 'M1'
  /** Five minutes. */
  | 'M5'
  /** Fifteen minutes. */
  | 'M15'
  /** One second. */
  | 'S1'
  /** Five seconds. */
  | 'S5';

/** New terms of an instrument's circuit breaker; its window begins anew at the last price. */
export type CircuitBreakerInput = {
  /** How long the reopening auction gathers orders, seconds, 0 to 86,400; 0 = trading opens at once. */
  auctionSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How long trading stays halted, seconds, 1 to 86,400. */
  cooldownSeconds: Scalars['Int']['input'];
  /** Greatest move at which trading goes on, percent of the reference, 0.0001 to 100 with at most four decimals. A trade at the bound happens, one beyond it trips. */
  movePercent: Scalars['Decimal']['input'];
  /** While it is halted: true = new orders are taken and gather for the auction; false = they are refused as TRADING_HALTED. */
  queueOrders?: InputMaybe<Scalars['Boolean']['input']>;
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
  /** How far back the reference lies, in seconds of engine time, 1 to 86,400: the last price from before the window, give or take a sixtieth of it; after an opening the price at which trading opened. */
  windowSeconds: Scalars['Int']['input'];
};

/** How the orders of a plan depend on each other, as FIX ContingencyType, tag 1385. */
export type Contingency =
  /** An entry and two exits, which work for what it has filled and are an OCO among themselves. */
  | 'BRACKET'
  /** Take profit and stop loss: what one fills the other loses, and the end of one is the end of the other. */
  | 'OCO'
  /** An entry and one exit, which works for what the entry has filled. */
  | 'OTO';

/** A new instrument. Assets that are not known yet are registered with it. */
export type CreateInstrumentInput = {
  /** Asset that is bought and sold, 1 to 16 characters. */
  baseAsset: Scalars['ID']['input'];
  /** Decimals of the smallest unit of baseAsset where it is registered now, 0 to 8. */
  baseAssetScale?: InputMaybe<Scalars['Int']['input']>;
  /** When it has sessions; absent = at all hours. */
  calendar?: InputMaybe<TradingCalendarInput>;
  /** What it is, in words, at most 200 characters; FIX tag 107. */
  description: Scalars['String']['input'];
  /** Smallest quantity step, in the base asset; FIX tag 1093. */
  lotSize: Scalars['Decimal']['input'];
  /** Fee of the resting order, basis points of price × quantity, at most two decimals; negative = rebate. */
  makerFeeBps?: InputMaybe<Scalars['Decimal']['input']>;
  /** Highest price of an order, a multiple of tickSize. */
  maxPrice: Scalars['Decimal']['input'];
  /** Largest quantity of an order, a multiple of lotSize. */
  maxQty: Scalars['Decimal']['input'];
  /** Lowest price of an order, a multiple of tickSize above 0. */
  minPrice: Scalars['Decimal']['input'];
  /** Smallest quantity of an order, a multiple of lotSize above 0. */
  minQty: Scalars['Decimal']['input'];
  /** Greatest distance of an order's price from the reference price, percent of the latter, at most four decimals; absent = no collar. */
  priceCollarPercent?: InputMaybe<Scalars['Decimal']['input']>;
  /** Currency that it is paid with, 1 to 16 characters; FIX tag 15. */
  quoteAsset: Scalars['ID']['input'];
  /** Decimals of the smallest unit of quoteAsset where it is registered now, 0 to 8. */
  quoteAssetScale?: InputMaybe<Scalars['Int']['input']>;
  /** Reference price until the first trade, a multiple of tickSize. */
  referencePx: Scalars['Decimal']['input'];
  /** Public symbol, 1 to 32 characters of A-Z, 0-9, point, minus and underscore; FIX tag 55. */
  symbol: Scalars['ID']['input'];
  /** Fee of the incoming order, basis points of price × quantity, at most two decimals. */
  takerFeeBps?: InputMaybe<Scalars['Decimal']['input']>;
  /** Smallest price step, quote per base; FIX tag 969. */
  tickSize: Scalars['Decimal']['input'];
  /** Trading phase to begin with; FIX tag 340. With a calendar: until its present phase is applied, at once. */
  tradingStatus?: InputMaybe<TradingStatus>;
};

/** A strategy to make, or to test. */
export type CreateStrategyInput = {
  /** Account of yours that it trades with; no other strategy may be at work on it. */
  accountId: Scalars['ID']['input'];
  /** What people call it, 1 to 100 characters. */
  name: Scalars['String']['input'];
  /** Object that the type's schema (Query.strategyTypes) accepts. */
  parameters: Scalars['JSON']['input'];
  /** Symbols that it trades, as many as its type takes, in one quote currency. */
  symbols: Array<Scalars['ID']['input']>;
  /** What it does. */
  type: StrategyType;
};

/** What a caller showed. */
export type CredentialKind =
  /** An API key. */
  | 'API_KEY'
  /** A token of the identity provider. */
  | 'EXTERNAL'
  /** Nothing: the command line on the database. */
  | 'OPERATOR'
  /** The access token of a session. */
  | 'SESSION'
  /** An access token that belongs to no session. */
  | 'TOKEN';

/** What an execution report tells, FIX tag 150. */
export type ExecType =
  /** The open quantity was taken out of the market; FIX 150=4. */
  | 'CANCELED'
  /** The order reached its end of life; FIX 150=C. */
  | 'EXPIRED'
  /** The order was accepted; FIX 150=0. */
  | 'NEW'
  /** The order was refused; FIX 150=8. */
  | 'REJECTED'
  /** Quantity or price was changed on request; FIX 150=5. */
  | 'REPLACED'
  /** The venue changed the order without a request; FIX 150=D. */
  | 'RESTATED'
  /** The order traded: lastQty at lastPx; FIX 150=F. */
  | 'TRADE'
  /** The stop was reached, the order works now; FIX 150=L. */
  | 'TRIGGERED';

/** What a subscriber wants done when it reads slower than the stream runs. */
export type FlowControl = {
  /** Least time between two deliveries for one symbol, in ms; 0 = every change. At most 60000. */
  conflateMs?: InputMaybe<Scalars['Int']['input']>;
  /** Most deliveries that wait to be read; then onOverflow decides. 1 to 2000. */
  maxBuffer?: InputMaybe<Scalars['Int']['input']>;
  /** What happens when maxBuffer deliveries wait and one more comes. */
  onOverflow?: InputMaybe<OverflowPolicy>;
};

/** A day whose session ends at another time. */
export type HalfDayInput = {
  /** When the session ends, local time as HH:MM or HH:MM:SS; DAY orders expire. */
  close: Scalars['String']['input'];
  /** When the closing auction begins, local time as HH:MM or HH:MM:SS; null = none. */
  closingAuction?: InputMaybe<Scalars['String']['input']>;
  /** The day, local, as YYYY-MM-DD. */
  date: Scalars['String']['input'];
};

/** Bars of one instrument and width, at most 500. */
export type ImportCandlesInput = {
  /** The bars, in any order. */
  candles: Array<ImportedCandleInput>;
  /** Width of the bars. */
  interval: CandleInterval;
  /** Where it came from, 1 to 32 characters of a-z, 0-9, point, minus and underscore; "venue" is the platform itself. */
  source: Scalars['String']['input'];
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
};

/** Trades of one instrument, at most 500. */
export type ImportTradesInput = {
  /** Where it came from, 1 to 32 characters of a-z, 0-9, point, minus and underscore; "venue" is the platform itself. */
  source: Scalars['String']['input'];
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
  /** The trades, in any order. */
  trades: Array<ImportedTradeInput>;
};

/** A finished bar of another venue. */
export type ImportedCandleInput = {
  /** Last price, quote per base; of any precision. */
  close: Scalars['Decimal']['input'];
  /** Highest price, quote per base; of any precision. */
  high: Scalars['Decimal']['input'];
  /** Lowest price, quote per base; of any precision. */
  low: Scalars['Decimal']['input'];
  /** First price, quote per base; of any precision. */
  open: Scalars['Decimal']['input'];
  /** A time within the bar: it counts in the interval that holds it. */
  openTime: Scalars['DateTime']['input'];
  /** Number of trades; absent = the source does not tell it. */
  tradeCount?: InputMaybe<Scalars['Int']['input']>;
  /** Quantity traded, in the base asset; of any precision. */
  volume: Scalars['Decimal']['input'];
  /** Volume-weighted average price, of any precision; absent = the source does not tell it. */
  vwap?: InputMaybe<Scalars['Decimal']['input']>;
};

/** A trade of another venue. */
export type ImportedTradeInput = {
  /** Side of the taker; absent or NONE = the source does not tell it. */
  aggressorSide?: InputMaybe<AggressorSide>;
  /** The source's id; or, where it has none, the trade's place among those of the same microsecond. */
  id: Scalars['SafeInt']['input'];
  /** Price, quote per base; of any precision. */
  px: Scalars['Decimal']['input'];
  /** Quantity above 0, in the base asset; of any precision. */
  qty: Scalars['Decimal']['input'];
  /** When it happened. */
  time: Scalars['DateTime']['input'];
};

/** Part of the way of a command, by monotonic time. */
export type LatencyStage =
  /** Until the answer is made: publishing, resolving; as services, the transport back too. */
  | 'ANSWER'
  /** Until it is executed: waiting in the queue, pre-trade risk, matching. */
  | 'ENGINE'
  /** Until it is durable. */
  | 'JOURNAL'
  /** From the request at the router until a subgraph has it: reading, authentication, limits, planning, transport. */
  | 'ROUTER'
  /** Until the engine has the command: checks and translation; as services, the transport to the engine too. */
  | 'SUBGRAPH'
  /** From the request at the router to the answer. */
  | 'TOTAL';

/** Time that latencies are counted over. */
export type LatencyWindow =
  /** The last 30 to 60 minutes. */
  | 'HOUR'
  /** The last 30 to 60 seconds. */
  | 'MINUTE'
  /** Since the router started. */
  | 'START';

/** What moved an amount. */
export type LedgerKind =
  /** Came in from outside, a correction in favour of the account too. */
  | 'DEPOSIT'
  /** A fee of a trade, or a rebate. */
  | 'FEE'
  /** What was bought or sold, and what was paid for it. */
  | 'TRADE'
  /** Went out, a correction against the account too. */
  | 'WITHDRAWAL';

/** Least level that is logged. */
export type LogThreshold =
  /** Everything, each command with its stages too. */
  | 'DEBUG'
  /** What an operator must look at. */
  | 'ERROR'
  /** What happens in the ordinary course. */
  | 'INFO'
  /** Nothing. */
  | 'SILENT'
  /** What an operator may want to look at. */
  | 'WARN';

/** How a margin pool stands. */
export type MarginStatus =
  /** Its equity is below the middle of initial and maintenance requirement: add money or close positions. */
  | 'CALL'
  /** Its equity is above the middle of both requirements. */
  | 'HEALTHY'
  /** Its equity is below the maintenance requirement: its positions are being closed. */
  | 'LIQUIDATION';

/** New margin terms of an instrument; they bind at once, open positions included. */
export type MarginTermsInput = {
  /** Share of a position's value that opening it takes, percent, above 0 to 100 with at most four decimals. */
  initialMarginPercent: Scalars['Decimal']['input'];
  /** Share of a position's value below which equity may not fall: positions are liquidated then. Percent, 0 to initialMarginPercent. */
  maintenanceMarginPercent: Scalars['Decimal']['input'];
  /** Whether margin accounts may sell what they do not hold. */
  shortSelling: Scalars['Boolean']['input'];
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
};

/** What positions in an instrument are valued at from now on. */
export type MarkInput = {
  /** What positions are valued at. */
  method: MarkMethod;
  /** Settlement price, on the tick; absent = the one before. SETTLEMENT needs one. */
  settlementPx?: InputMaybe<Scalars['Decimal']['input']>;
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
};

/** What positions in an instrument are valued at. */
export type MarkMethod =
  /** The price of the last trade. */
  | 'LAST'
  /** The middle of best bid and offer; on a one-sided book the last price. */
  | 'MID'
  /** The last settlement price that was set. */
  | 'SETTLEMENT';

/** New terms of the market-wide circuit breaker; its index begins anew at the last prices. */
export type MarketCircuitBreakerInput = {
  /** How long the reopening auction gathers orders, seconds, 0 to 86,400; 0 = trading opens at once. */
  auctionSeconds?: InputMaybe<Scalars['Int']['input']>;
  /** How long trading stays halted, seconds, 1 to 86,400. */
  cooldownSeconds: Scalars['Int']['input'];
  /** Greatest move at which trading goes on, percent of the reference, 0.0001 to 100 with at most four decimals. A trade at the bound happens, one beyond it trips. */
  movePercent: Scalars['Decimal']['input'];
  /** While it is halted: true = new orders are taken and gather for the auction; false = they are refused as TRADING_HALTED. */
  queueOrders?: InputMaybe<Scalars['Boolean']['input']>;
  /** Instruments of the index, 1 to 1,000, each once; FIX tag 55. */
  symbols: Array<Scalars['ID']['input']>;
  /** How far back the reference lies, in seconds of engine time, 1 to 86,400: the last price from before the window, give or take a sixtieth of it; after an opening the price at which trading opened. */
  windowSeconds: Scalars['Int']['input'];
};

/** New quotes of an account, in place of its former ones of the symbols that are named. */
export type MassQuoteInput = {
  /** An account of yours; FIX tag 1. */
  accountId: Scalars['ID']['input'];
  /** True: canceled once the WebSocket that sends them is gone for longer than its grace; false: not; absent: as connection_init asked by its cancelOnDisconnect. An HTTP request has no connection to end with: BAD_USER_INPUT. */
  cancelOnDisconnect?: InputMaybe<Scalars['Boolean']['input']>;
  /** True: a side that would trade at once is refused instead; FIX ExecInst 6. */
  postOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Your own id of this set of quotes, 1 to 64 characters, told back; FIX tag 117. */
  quoteId: Scalars['ID']['input'];
  /** The quotes, 1 to 100, each symbol at most once. */
  quotes: Array<QuoteInput>;
  /** What happens when a quote would trade with another order of the account. */
  selfTradePrevention?: InputMaybe<SelfTradePrevention>;
};

/** A new account. */
export type OpenAccountInput = {
  /** Its id, unique: 1 to 64 letters, digits, points, minuses and underscores; FIX tag 1. */
  id: Scalars['ID']['input'];
  /** How it pays for what it buys: in full, or on margin. VENUE is opened by the venue itself and refused here. */
  kind?: AccountKind;
  /** Name for people, 1 to 200 characters. */
  name: Scalars['String']['input'];
  /** User who owns it and may trade with it, as in the access token, 1 to 200 characters. */
  ownerId: Scalars['ID']['input'];
};

/** Why an order or a request on it was refused, as FIX OrdRejReason, tag 103; also names the rule of a risk check. */
export type OrdRejReason =
  /** The account is halted. */
  | 'ACCOUNT_HALTED'
  /** The account takes reduceOnly orders only. */
  | 'ACCOUNT_REDUCE_ONLY'
  /** Another order that was sent with this one was refused, so that none was placed. */
  | 'BATCH_REJECTED'
  /** The account sent more cancels within a second than its limit allows. */
  | 'CANCEL_RATE_LIMIT'
  /** The account's loss of the day reached its limit. */
  | 'DAILY_LOSS_LIMIT'
  /** The clOrdId was used before with other input. */
  | 'DUPLICATE_CL_ORD_ID'
  /** The engine does not take orders now; the order was not executed. */
  | 'ENGINE_UNAVAILABLE'
  /** The book could not fill the FOK order in full. */
  | 'FOK_NOT_FILLABLE'
  /** The gross exposure with all open orders would pass its limit. */
  | 'GROSS_EXPOSURE_LIMIT'
  /** The available balance does not cover the order and its fee. */
  | 'INSUFFICIENT_FUNDS'
  /** A price is missing, superfluous, off the tick or out of bounds. */
  | 'INVALID_PRICE'
  /** A quantity is off the lot or out of bounds. */
  | 'INVALID_QTY'
  /** The request contradicts itself or what is known; the text says what to change. */
  | 'INVALID_REQUEST'
  /** A kill switch is engaged for the account, the instrument or the whole venue. */
  | 'KILL_SWITCH'
  /** The account or the venue has as many order leases as there may be. */
  | 'LEASE_LIMIT'
  /** Price × quantity passes the account's limit for one order. */
  | 'MAX_ORDER_NOTIONAL'
  /** The quantity passes the account's limit for one order. */
  | 'MAX_ORDER_QTY'
  /** The net exposure with all open orders of the side would pass its limit. */
  | 'NET_EXPOSURE_LIMIT'
  /** Nothing rests in the book to trade a MARKET order with. */
  | 'NO_LIQUIDITY'
  /** The account has as many working orders as its limit allows. */
  | 'OPEN_ORDER_LIMIT'
  /** The account sent more orders within a second than its limit allows. */
  | 'ORDER_RATE_LIMIT'
  /** The position could pass the account's limit. */
  | 'POSITION_LIMIT'
  /** The order is postOnly and would have traded at once. */
  | 'POST_ONLY_WOULD_TAKE'
  /** The price is too far from the reference price. */
  | 'PRICE_COLLAR'
  /** The order is reduceOnly and would have increased or turned the position. */
  | 'REDUCE_ONLY_WOULD_INCREASE'
  /** The order would have traded with another order of its own account. */
  | 'SELF_TRADE'
  /** The order is finished. */
  | 'TOO_LATE_TO_CANCEL'
  /** The instrument is in a phase that takes no orders. */
  | 'TRADING_HALTED'
  /** The instrument's phase takes orders, but none of this kind. */
  | 'TRADING_PHASE'
  /** There is no such account that the caller may trade. */
  | 'UNKNOWN_ACCOUNT'
  /** The account has no such order. */
  | 'UNKNOWN_ORDER'
  /** No instrument has this symbol. */
  | 'UNKNOWN_SYMBOL'
  /** This combination of order type, time in force and options is not taken. */
  | 'UNSUPPORTED_ORDER';

/** State of an order, FIX tag 39. */
export type OrdStatus =
  /** Finished by a cancel, with or without fills; also the rest of an IOC or MARKET order; FIX 39=4. */
  | 'CANCELED'
  /** Finished at its expireTime or at the end of the session; FIX 39=C. */
  | 'EXPIRED'
  /** Finished, filled in full; FIX 39=2. */
  | 'FILLED'
  /** Works with no fill yet; FIX 39=0. */
  | 'NEW'
  /** Works, filled in part; FIX 39=1. */
  | 'PARTIALLY_FILLED'
  /** Never worked; ordRejReason says why; FIX 39=8. */
  | 'REJECTED';

/** How an order is priced, FIX tag 40. */
export type OrdType =
  /** Trades at its price or better, the rest waits in the book; FIX 40=2. */
  | 'LIMIT'
  /** Trades at the best prices that rest in the book, never rests itself; FIX 40=1. */
  | 'MARKET'
  /** Becomes a MARKET order once the last price reaches stopPx; FIX 40=3. */
  | 'STOP'
  /** Becomes a LIMIT order once the last price reaches stopPx; FIX 40=4. */
  | 'STOP_LIMIT'
  /** A STOP whose stopPx follows the best last price at a fixed distance; FIX 40=P. */
  | 'TRAILING_STOP';

/** Linked orders: takeProfit and stopLoss are an OCO, entry and one of them an OTO, all three a bracket. All are of one account, symbol and orderQty; the exits stand on one side, opposite to the entry, as LIMIT, STOP, STOP_LIMIT or TRAILING_STOP orders that are GTC, DAY or GTD. */
export type OrderPlanInput = {
  /** Order whose fills put the exits to work; of any type. One that ends without a fill takes the exits with it. */
  entry?: InputMaybe<PlaceOrderInput>;
  /** Exit at a worse price; otherwise as takeProfit. */
  stopLoss?: InputMaybe<PlaceOrderInput>;
  /** Exit at a better price. With an entry it waits for its fills and cannot be postOnly. */
  takeProfit?: InputMaybe<PlaceOrderInput>;
};

/** What happens when maxBuffer events wait for a subscriber that reads slower than the stream runs. */
export type OverflowPolicy =
  /** What waits is delivered, then the subscription ends with error code SLOW_CONSUMER. */
  | 'CLOSE'
  /** Of the waiting events only the newest of each symbol stays. */
  | 'CONFLATE'
  /** The oldest waiting event is dropped. */
  | 'DROP_OLDEST';

/** A new order; FIX NewOrderSingle, MsgType D. */
export type PlaceOrderInput = {
  /** An account of yours; FIX tag 1. */
  accountId: Scalars['ID']['input'];
  /** True: canceled once the WebSocket that sends it is gone for longer than its grace; false: not; absent: as connection_init asked by its cancelOnDisconnect. An HTTP request has no connection to end with: INVALID_REQUEST. */
  cancelOnDisconnect?: InputMaybe<Scalars['Boolean']['input']>;
  /** Idempotency key within the account, 1 to 64 printable ASCII characters: the same key with the same input returns the first result, also after a restart; with other input, DUPLICATE_CL_ORD_ID; FIX tag 11. */
  clOrdId?: InputMaybe<Scalars['ID']['input']>;
  /** Shown part of an iceberg order, base asset, at most orderQty; absent = all; FIX tag 1138. */
  displayQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** When a GTD order ends: needed for GTD, absent for others; FIX tag 126. */
  expireTime?: InputMaybe<Scalars['DateTime']['input']>;
  /** How it is priced; FIX tag 40. */
  ordType: OrdType;
  /** Quantity in the base asset, above 0, a multiple of lotSize; FIX tag 38. */
  orderQty: Scalars['Decimal']['input'];
  /** True: rejected where it would trade at once; FIX 18=6. */
  postOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Limit price in quote currency per unit, a multiple of tickSize: needed for LIMIT and STOP_LIMIT, absent for others; FIX tag 44. */
  price?: InputMaybe<Scalars['Decimal']['input']>;
  /** True: rejected where its quantity passes the position that it may close. While it rests it is lowered to the position whenever that shrinks, in the same step and keeping its place, and canceled where none is left; FIX 18=E. */
  reduceOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** What happens when it would trade with another order of the account. */
  selfTradePrevention?: InputMaybe<SelfTradePrevention>;
  /** Buy or sell; FIX tag 54. */
  side: Side;
  /** Last price that triggers the order, a multiple of tickSize: needed for STOP and STOP_LIMIT, absent for others; FIX tag 99. */
  stopPx?: InputMaybe<Scalars['Decimal']['input']>;
  /** What to trade; FIX tag 55. */
  symbol: Scalars['ID']['input'];
  /** How long it works; FIX tag 59. */
  timeInForce?: InputMaybe<TimeInForce>;
  /** Trailing distance in price units; exactly one of the two for TRAILING_STOP. */
  trailingOffset?: InputMaybe<Scalars['Decimal']['input']>;
  /** Trailing distance in percent of the price, above 0, below 100, at most four decimals; exactly one of the two for TRAILING_STOP. */
  trailingPercent?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Place of an order in a plan of linked orders. */
export type PlanLeg =
  /** Its fills put the exits to work. */
  | 'ENTRY'
  /** Exit at a worse price. */
  | 'STOP_LOSS'
  /** Exit at a better price. */
  | 'TAKE_PROFIT';

/** Whether the platform serves. */
export type PlatformState =
  /** A dependency is not ready; dependencies tell which and why. */
  | 'NOT_READY'
  /** Every dependency is ready. */
  | 'READY';

/** A moment of the past: exactly one of its fields. The state is rebuilt from snapshot and journal, at a bounded cost. */
export type PointInTime = {
  /** Event sequence, as books, ticks and cursors tell it: the state once the command of this event was done. */
  sequence?: InputMaybe<Scalars['SafeInt']['input']>;
  /** Instant: the state after the last command of no later engine time. */
  time?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Window and method of PortfolioRisk. */
export type PortfolioRiskInput = {
  /** Horizon in bars, 1 to 30. */
  horizon?: InputMaybe<Scalars['Int']['input']>;
  /** Width of the bars. */
  interval?: InputMaybe<CandleInterval>;
  /** λ of the EWMA covariance, 0.5 to 0.999; RiskMetrics takes 0.94 for days. */
  lambda?: InputMaybe<Scalars['Float']['input']>;
  /** Bars in the window, 100 to 500, up to now. */
  window?: InputMaybe<Scalars['Int']['input']>;
};

/** A two-sided quote of one symbol; FIX MassQuote, MsgType i. A side left out is withdrawn. */
export type QuoteInput = {
  /** Price to sell at, quote currency per unit, a multiple of tickSize; FIX tag 133. */
  askPx?: InputMaybe<Scalars['Decimal']['input']>;
  /** Quantity to rest at askPx from now on, base asset, a multiple of lotSize; FIX tag 135. */
  askQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** Price to buy at, quote currency per unit, a multiple of tickSize; FIX tag 132. */
  bidPx?: InputMaybe<Scalars['Decimal']['input']>;
  /** Quantity to rest at bidPx from now on, base asset, a multiple of lotSize; FIX tag 134. */
  bidQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** What is quoted; FIX tag 55. */
  symbol: Scalars['ID']['input'];
};

/** A change of a working order; FIX OrderCancelReplaceRequest, MsgType G. What is absent stays. */
export type ReplaceOrderInput = {
  /** Idempotency key of this change within the account, 1 to 64 printable ASCII characters. */
  clOrdId?: InputMaybe<Scalars['ID']['input']>;
  /** The order; FIX tag 37. */
  orderId: Scalars['ID']['input'];
  /** New quantity in all, what is filled included; base asset; FIX tag 38. */
  orderQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** New limit price, quote currency per unit; FIX tag 44. */
  price?: InputMaybe<Scalars['Decimal']['input']>;
  /** New trigger price, quote currency per unit; FIX tag 99. */
  stopPx?: InputMaybe<Scalars['Decimal']['input']>;
};

/** How an account came to stand to a limit. */
export type RiskAlertSeverity =
  /** The limit was reached or passed, or an order was refused by it. */
  | 'BREACH'
  /** Below 80 % of the limit again. */
  | 'CLEARED'
  /** At 80 % of the limit or more. */
  | 'WARNING';

/** What entries must have; what is absent does not matter. */
export type RiskAuditFilterInput = {
  /** The account; FIX tag 1. */
  accountId?: InputMaybe<Scalars['ID']['input']>;
  /** Earliest time, inclusive. */
  from?: InputMaybe<Scalars['DateTime']['input']>;
  /** User who did it. */
  setBy?: InputMaybe<Scalars['ID']['input']>;
  /** Latest time, exclusive. */
  to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** New limits of an account, in place of all it had: what is absent or null is not set from now on. null falls back to the limit of the account’s tier, where it has one. */
export type RiskLimitsInput = {
  /** Most cancels within one second, as maxOrdersPerSecond; cancelAllOrders is never held back. null = no limit. */
  maxCancelsPerSecond?: InputMaybe<Scalars['Int']['input']>;
  /** Loss since 00:00 UTC, realized and unrealized at risk marks, after fees, at which only reduceOnly orders are taken, in the quote currency, at most six decimals; null = no limit. */
  maxDailyLoss?: InputMaybe<Scalars['Decimal']['input']>;
  /** Largest sum of positions with their open orders, each counted above 0, at risk marks (the reference price, taken once a second), in the quote currency, at most six decimals; null = no limit. */
  maxGrossExposure?: InputMaybe<Scalars['Decimal']['input']>;
  /** Largest amount by which long positions and open buys outweigh short ones, or short ones and open sells the long ones, at risk marks, in the quote currency, at most six decimals; null = no limit. */
  maxNetExposure?: InputMaybe<Scalars['Decimal']['input']>;
  /** Most working orders at a time; null = no limit. */
  maxOpenOrders?: InputMaybe<Scalars['Int']['input']>;
  /** Largest price × quantity of one order, in the quote currency, at most six decimals; a MARKET order counts at the reference price. null = no limit. */
  maxOrderNotional?: InputMaybe<Scalars['Decimal']['input']>;
  /** Largest quantity of one order, in the base asset, at most eight decimals; null = no limit. */
  maxOrderQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** Most new orders and replaces within one second: a bucket that holds one second’s worth; at most 10^9. null = no limit. */
  maxOrdersPerSecond?: InputMaybe<Scalars['Int']['input']>;
  /** Largest quantity of one position either way with all open orders of its side filled, in the base asset, at most eight decimals; null = no limit. */
  maxPositionQty?: InputMaybe<Scalars['Decimal']['input']>;
  /** Greatest distance of a price from the reference price, percent of the latter, 0 to 100 with at most four decimals; null = no limit. The tighter of this and the instrument’s holds. */
  priceCollarPercent?: InputMaybe<Scalars['Decimal']['input']>;
};

/** How a tail is estimated. */
export type RiskMethod =
  /** Present positions under each return of the window, revalued in full. */
  | 'HISTORICAL'
  /** Normal returns with mean 0 and the EWMA covariance of the window. */
  | 'PARAMETRIC';

/** A user to make, or one to give another password and other scopes. */
export type SaveUserInput = {
  /** 12 to 256 characters; kept as an argon2id hash only. */
  password: Scalars['String']['input'];
  /** What the user may do, e.g. market:read, orders:read, orders:write. */
  scopes: Array<Scalars['String']['input']>;
  /** 1 to 64 of A-Z, a-z, 0-9, point, minus, underscore and @. */
  username: Scalars['ID']['input'];
};

/** What happens when an order would trade with another order of its own account; the incoming order decides. */
export type SelfTradePrevention =
  /** Both are canceled. */
  | 'CANCEL_BOTH'
  /** The incoming order is canceled. */
  | 'CANCEL_NEWEST'
  /** The resting order is canceled, the incoming one goes on. */
  | 'CANCEL_OLDEST'
  /** Both lose the quantity of the smaller one, with no trade. */
  | 'DECREMENT'
  /** They trade. */
  | 'NONE';

/** Times of a day, each after the one before. */
export type SessionHoursInput = {
  /** When the session ends, local time as HH:MM or HH:MM:SS; DAY orders expire. */
  close: Scalars['String']['input'];
  /** When the closing auction begins, local time as HH:MM or HH:MM:SS; null = none. */
  closingAuction?: InputMaybe<Scalars['String']['input']>;
  /** When continuous trading begins and the opening auction ends, local time as HH:MM or HH:MM:SS. */
  open: Scalars['String']['input'];
  /** When the opening auction begins, local time as HH:MM or HH:MM:SS; null = none, what was gathered trades at `open`. */
  openingAuction?: InputMaybe<Scalars['String']['input']>;
  /** When orders begin to gather, local time as HH:MM or HH:MM:SS; null = with the opening auction. */
  preOpen?: InputMaybe<Scalars['String']['input']>;
};

/** Change of one price. */
export type ShockInput = {
  /** Percent of the mark, −100 to 1000, at most four decimals. */
  percent: Scalars['Decimal']['input'];
  /** The instrument; FIX tag 55. */
  symbol: Scalars['ID']['input'];
};

/** Side of an order, FIX tag 54. */
export type Side =
  /** Buys the base asset, pays the quote currency; FIX 54=1. */
  | 'BUY'
  /** Sells the base asset for the quote currency; FIX 54=2. */
  | 'SELL';

/** Where a strategy is in its life. */
export type StrategyStatus =
  /** Its orders are being withdrawn, and its inventory closed where that was asked for; STOPPED once that is done. */
  | 'CLOSING'
  /** Made, never started. */
  | 'CREATED'
  /** Could not go on; error says why. Its quotes are withdrawn, its inventory is kept. */
  | 'FAILED'
  /** Its quotes are withdrawn, its inventory is kept; startStrategy lets it go on. */
  | 'PAUSED'
  /** At work; after a restart of the platform it is at work again. */
  | 'RUNNING'
  /** Ended for good: by stopStrategy, or because its work was done. */
  | 'STOPPED';

/** What a strategy does; Query.strategyTypes tells its parameters. */
export type StrategyType =
  /** Quotes both sides by Avellaneda and Stoikov (2008), post-only, within inventory limits. */
  | 'MARKET_MAKING'
  /** Trades against closes beyond Bollinger bands, back to the mean. */
  | 'MEAN_REVERSION'
  /** Follows the return of the last bars. */
  | 'MOMENTUM'
  /** Trades the spread of two cointegrated symbols back to its mean. */
  | 'PAIRS_TRADING'
  /** Works one order in equal slices over a time. */
  | 'TWAP'
  /** Works one order over a time in slices that follow a volume profile. */
  | 'VWAP';

/** How long an order works, FIX tag 59. */
export type TimeInForce =
  /** Takes part in the closing auction only; FIX 59=7. */
  | 'AT_THE_CLOSE'
  /** Takes part in the opening auction only; FIX 59=2. */
  | 'AT_THE_OPEN'
  /** Until the end of the trading session; FIX 59=0. */
  | 'DAY'
  /** Fill or kill: trades in full at once or is rejected; FIX 59=4. */
  | 'FOK'
  /** Good till cancel: until it is filled or canceled; FIX 59=1. */
  | 'GTC'
  /** Good till date: until expireTime; FIX 59=6. */
  | 'GTD'
  /** Immediate or cancel: what does not trade at once is canceled; FIX 59=3. */
  | 'IOC';

/** When an instrument has sessions: one a day, within a day of its time zone. */
export type TradingCalendarInput = {
  /** Days that end at another time; at most 500. */
  halfDays?: InputMaybe<Array<HalfDayInput>>;
  /** Days without a session, local, as YYYY-MM-DD; at most 500. */
  holidays?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Times of an ordinary day. */
  hours: SessionHoursInput;
  /** Time zone of all its times, an IANA name such as America/New_York. */
  timeZone: Scalars['ID']['input'];
  /** Days of the week that have a session. */
  weekdays: Array<Weekday>;
};

/** Trading phase of an instrument; as FIX TradSesStatus, tag 340. */
export type TradingStatus =
  /** Orders gather and trade at one price at the end of the phase; an indicative price is published. */
  | 'AUCTION'
  /** No trading and no new orders; FIX 340=3. */
  | 'CLOSED'
  /** Trading is suspended; orders may be canceled, and new ones gather where the halt says so; FIX 340=1. */
  | 'HALTED'
  /** Continuous trading; FIX 340=2. */
  | 'OPEN'
  /** Orders gather for the opening auction, none trades; FIX 340=4. */
  | 'PRE_OPEN';

/** Which circuit breaker halted an instrument. */
export type TripCause =
  /** The market-wide one: a trade would have moved the index too far. */
  | 'MARKET'
  /** Its own: a trade would have moved its price too far. */
  | 'SYMBOL';

/** A day of the week. */
export type Weekday =
  /** Fifth day. */
  | 'FRIDAY'
  /** First day of the week, ISO 8601. */
  | 'MONDAY'
  /** Sixth day. */
  | 'SATURDAY'
  /** Seventh day. */
  | 'SUNDAY'
  /** Fourth day. */
  | 'THURSDAY'
  /** Second day. */
  | 'TUESDAY'
  /** Third day. */
  | 'WEDNESDAY';

export type InstrumentsQueryVariables = Exact<{ [key: string]: never; }>;


export type InstrumentsQuery = { instruments: Array<{ symbol: string, description: string, tickSize: string, lotSize: string, ticker?: { bidPx?: string | null, askPx?: string | null, lastPx?: string | null, volume: string } | null }> };

export type OrderBookQueryVariables = Exact<{
  symbol: Scalars['ID']['input'];
  depth: Scalars['Int']['input'];
}>;


export type OrderBookQuery = { instrument?: { orderBook: { sequence: number, checksum: number, bids: Array<{ px: string, qty: string }>, asks: Array<{ px: string, qty: string }> } } | null };

export type TicksSubscriptionVariables = Exact<{
  symbols: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
}>;


export type TicksSubscription = { ticks: { symbol: string, sequence: number, bidPx?: string | null, bidQty?: string | null, askPx?: string | null, askQty?: string | null, lastPx?: string | null, lastQty?: string | null, transactTime: string } };

export type PlaceOrderMutationVariables = Exact<{
  input: PlaceOrderInput;
}>;


export type PlaceOrderMutation = { placeOrder: { __typename: 'OrderRejection', ordRejReason: OrdRejReason, text: string, rejected?: { id: string, ordStatus: OrdStatus } | null, riskChecks: Array<{ rule: OrdRejReason, passed: boolean, limit?: string | null, projected?: string | null }> } | { __typename: 'PlaceOrderSuccess', duplicate: boolean, order: { id: string, clOrdId?: string | null, ordStatus: OrdStatus, side: Side, orderQty: string, price?: string | null, cumQty: string, leavesQty: string, avgPx?: string | null, instrument: { symbol: string }, account: { id: string } }, fills: Array<{ execId: string, tradeId: string, lastPx: string, lastQty: string, fee: string, maker: boolean }> } };

export type CancelOrderMutationVariables = Exact<{
  orderId: Scalars['ID']['input'];
}>;


export type CancelOrderMutation = { cancelOrder: { __typename: 'CancelOrderSuccess', order: { id: string, ordStatus: OrdStatus, leavesQty: string, cumQty: string } } | { __typename: 'OrderRejection', ordRejReason: OrdRejReason, text: string } };

export type CancelAllMutationVariables = Exact<{
  input: CancelAllOrdersInput;
}>;


export type CancelAllMutation = { cancelAllOrders: { canceledCount: number, orderIds: Array<string> } };

export type AccountQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type AccountQuery = { account?: { id: string, balances: Array<{ currency: string, total: string, available: string, held: string }>, positions: Array<{ qty: string, avgPx?: string | null, realizedPnl: string, unrealizedPnl: string, instrument: { symbol: string } }> } | null };

export type FillsSubscriptionVariables = Exact<{
  accountId: Scalars['ID']['input'];
  after?: InputMaybe<Scalars['Cursor']['input']>;
}>;


export type FillsSubscription = { fills: { __typename: 'Fill', cursor: string, execId: string, tradeId: string, orderId: string, clOrdId?: string | null, accountId: string, symbol: string, side: Side, lastPx: string, lastQty: string, leavesQty: string, fee: string, maker: boolean, transactTime: string } | { __typename: 'StreamGap', after?: string | null, cursor: string, reason: string } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const InstrumentsDocument = new TypedDocumentString(`
    query Instruments {
  instruments {
    symbol
    description
    tickSize
    lotSize
    ticker {
      bidPx
      askPx
      lastPx
      volume
    }
  }
}
    `, {"hash":"c8aff86975e25f8dc366278a91db35e9037dc939fb0074aee89f29e2eef13af5"}) as unknown as TypedDocumentString<InstrumentsQuery, InstrumentsQueryVariables>;
export const OrderBookDocument = new TypedDocumentString(`
    query OrderBook($symbol: ID!, $depth: Int!) {
  instrument(symbol: $symbol) {
    orderBook(depth: $depth) {
      sequence
      checksum
      bids {
        px
        qty
      }
      asks {
        px
        qty
      }
    }
  }
}
    `, {"hash":"9c30e7a291204bf3c8cef8c49ecbd3ab90de35fb08d74205b64867cf1c8d9144"}) as unknown as TypedDocumentString<OrderBookQuery, OrderBookQueryVariables>;
export const TicksDocument = new TypedDocumentString(`
    subscription Ticks($symbols: [ID!]!) {
  ticks(symbols: $symbols) {
    symbol
    sequence
    bidPx
    bidQty
    askPx
    askQty
    lastPx
    lastQty
    transactTime
  }
}
    `, {"hash":"d7a7d28d9c2a08afb512fea4e4e69093e5c1a9eeacb6b956c7a9e06137f8f9c2"}) as unknown as TypedDocumentString<TicksSubscription, TicksSubscriptionVariables>;
export const PlaceOrderDocument = new TypedDocumentString(`
    mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on PlaceOrderSuccess {
      duplicate
      order {
        id
        clOrdId
        ordStatus
        side
        orderQty
        price
        cumQty
        leavesQty
        avgPx
        instrument {
          symbol
        }
        account {
          id
        }
      }
      fills {
        execId
        tradeId
        lastPx
        lastQty
        fee
        maker
      }
    }
    ... on OrderRejection {
      ordRejReason
      text
      rejected: order {
        id
        ordStatus
      }
      riskChecks {
        rule
        passed
        limit
        projected
      }
    }
  }
}
    `, {"hash":"b8db7ec37b786f29f714041d981ecc5720395f021ad2c04b2405f52ac72ea965"}) as unknown as TypedDocumentString<PlaceOrderMutation, PlaceOrderMutationVariables>;
export const CancelOrderDocument = new TypedDocumentString(`
    mutation CancelOrder($orderId: ID!) {
  cancelOrder(orderId: $orderId) {
    __typename
    ... on CancelOrderSuccess {
      order {
        id
        ordStatus
        leavesQty
        cumQty
      }
    }
    ... on OrderRejection {
      ordRejReason
      text
    }
  }
}
    `, {"hash":"1ff169588fe7861b37d73b68c9254d0d04bb5312d573f8ffa1575d627d936cda"}) as unknown as TypedDocumentString<CancelOrderMutation, CancelOrderMutationVariables>;
export const CancelAllDocument = new TypedDocumentString(`
    mutation CancelAll($input: CancelAllOrdersInput!) {
  cancelAllOrders(input: $input) {
    canceledCount
    orderIds
  }
}
    `, {"hash":"a119eea2a3af2ba515cddc414b314836f43efbd374f510ec418add7ae2c80ac9"}) as unknown as TypedDocumentString<CancelAllMutation, CancelAllMutationVariables>;
export const AccountDocument = new TypedDocumentString(`
    query Account($id: ID!) {
  account(id: $id) {
    id
    balances {
      currency
      total
      available
      held
    }
    positions {
      qty
      avgPx
      realizedPnl
      unrealizedPnl
      instrument {
        symbol
      }
    }
  }
}
    `, {"hash":"b71292bcb6a3d2e4e46458e1eaa75353b8c8b9bf499bd544e4ecab89bf903781"}) as unknown as TypedDocumentString<AccountQuery, AccountQueryVariables>;
export const FillsDocument = new TypedDocumentString(`
    subscription Fills($accountId: ID!, $after: Cursor) {
  fills(accountId: $accountId, after: $after) {
    __typename
    ... on Fill {
      cursor
      execId
      tradeId
      orderId
      clOrdId
      accountId
      symbol
      side
      lastPx
      lastQty
      leavesQty
      fee
      maker
      transactTime
    }
    ... on StreamGap {
      after
      cursor
      reason
    }
  }
}
    `, {"hash":"baeea2398cfbf888516c0be9fb4ab235a79f5e78d210803c1bcbf6ef042a9d18"}) as unknown as TypedDocumentString<FillsSubscription, FillsSubscriptionVariables>;