/**
 * Commands: everything that may change the exchange's state, in the imperative.
 *
 * Shape: plain data with integers for money. Prices are ticks, quantities lots, balances units of the
 * asset's smallest denomination; `account`, `instrument` and `asset` are the indexes that the exchange
 * issued when they were opened, listed or registered (0, 1, 2, …). Optional values are null, never absent,
 * so that every command of one type has one hidden class.
 * The sequencer adds the command's sequence and time; a command itself carries no clock.
 */
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import type {
  AccountKind,
  AccountState,
  AuctionKind,
  BatchMode,
  MarkMethod,
  OrdType,
  PlanLegName,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradingStatus,
} from '../values/vocabulary.js';

/** Registers an asset (currency, coin or share) with the number of decimals of its smallest unit. */
export interface RegisterAsset {
  readonly type: 'RegisterAsset';
  /** Code, e.g. USD, BTC, AAPL; 1 to 16 characters. */
  readonly asset: string;
  /** Decimals of one unit, 0 to 8: 6 means that a unit is 0.000001. */
  readonly scale: number;
}

/** Lists an instrument; its assets are registered before. */
export interface ListInstrument {
  readonly type: 'ListInstrument';
  readonly spec: InstrumentSpec;
}

/** Moves an instrument to another trading phase. */
export interface SetTradingStatus {
  readonly type: 'SetTradingStatus';
  readonly instrument: number;
  readonly status: TradingStatus;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
}

/** Begins an auction of a given kind; SetTradingStatus with AUCTION begins the usual one. */
export interface StartAuction {
  readonly type: 'StartAuction';
  readonly instrument: number;
  readonly auction: AuctionKind;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
}

/**
 * Moves an instrument to the phase that its calendar has due. It never fails: one that is not after the last one applied
 * changes nothing; where the phase can't follow the present one (a halt holds until the close), only its time is noted.
 */
export interface AdvanceSession {
  readonly type: 'AdvanceSession';
  readonly instrument: number;
  readonly status: TradingStatus;
  /** Kind of the auction where status is AUCTION; null = the usual one. */
  readonly auction: AuctionKind | null;
  /** When the calendar has it due, microseconds since 1970 UTC. */
  readonly scheduledUs: number;
  readonly reason: string;
}

/** Gives an instrument a calendar of sessions, or takes it away. */
export interface SetTradingCalendar {
  readonly type: 'SetTradingCalendar';
  readonly instrument: number;
  /** As text that the core only keeps, at most 32,768 characters; null = no sessions. */
  readonly calendar: string | null;
}

/** Opens an account. The first account opened is the VENUE account, which earns the fees. */
export interface OpenAccount {
  readonly type: 'OpenAccount';
  /** Public id, 1 to 64 characters, unique. */
  readonly accountId: string;
  readonly name: string;
  /** User who owns the account. */
  readonly ownerId: string;
  readonly kind: AccountKind;
}

/** Adds to (amountUnits > 0) or takes from (amountUnits < 0) an account's balance. */
export interface AdjustBalance {
  readonly type: 'AdjustBalance';
  readonly account: number;
  readonly asset: number;
  /** Signed units of the asset; a withdrawal beyond what is available is refused. */
  readonly amountUnits: number;
  /** Idempotency key of the transfer, 1 to 64 characters. */
  readonly transferId: string;
}

/** Pre-trade limits, of an account, of a tier or of an account on one symbol; null = no limit. */
export interface RiskLimitValues {
  /** Largest quantity of one order, in 10⁻⁸ of the base asset. */
  readonly maxOrderQtyE8: number | null;
  /** Largest notional of one order, in 10⁻⁶ of the quote asset. */
  readonly maxOrderNotionalE6: number | null;
  /** Largest position either way with all open orders of its side filled, in 10⁻⁸ of the base asset. */
  readonly maxPositionQtyE8: number | null;
  /** Largest sum of positions with their open orders, each counted above 0, in 10⁻⁶ of the quote asset. */
  readonly maxGrossExposureE6: number | null;
  /** Largest amount by which long ones outweigh short ones, or the other way, in 10⁻⁶ of the quote asset. */
  readonly maxNetExposureE6: number | null;
  readonly maxOpenOrders: number | null;
  /** Loss since 00:00 UTC at which only reduceOnly orders are taken, in 10⁻⁶ of the quote asset. */
  readonly maxDailyLossE6: number | null;
  /** Orders and replaces within one second of engine time; the bucket holds one second's worth. */
  readonly maxOrdersPerSecond: number | null;
  /** Cancels within one second of engine time; CancelAllOrders is never held back. */
  readonly maxCancelsPerSecond: number | null;
  /** Greatest distance of a price from the reference price, in parts per million. */
  readonly priceCollarPpm: number | null;
}

/** Replaces an account's limits, over all symbols or on one of them. */
export interface SetRiskLimits {
  readonly type: 'SetRiskLimits';
  readonly account: number;
  /** The symbol that they are on; null = all. */
  readonly instrument: number | null;
  readonly limits: RiskLimitValues;
  /** User who set them. */
  readonly setBy: string;
}

/** Replaces the limits of a tier, which is made where there is none of this name. */
export interface SetTierLimits {
  readonly type: 'SetTierLimits';
  /** 1 to 64 characters. */
  readonly tier: string;
  readonly limits: RiskLimitValues;
  readonly setBy: string;
}

/** Puts an account into a tier, whose limits hold where it has none of its own; null = into none. */
export interface SetAccountTier {
  readonly type: 'SetAccountTier';
  readonly account: number;
  readonly tier: string | null;
  readonly setBy: string;
}

/** Sets what an account may do; orders that it may no longer have are canceled. */
export interface SetAccountState {
  readonly type: 'SetAccountState';
  readonly account: number;
  readonly state: AccountState;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
  readonly setBy: string;
}

/** Engages or releases a kill switch: of an account, of an instrument, or, where both are null, of the whole venue. */
export interface SetKillSwitch {
  readonly type: 'SetKillSwitch';
  readonly account: number | null;
  readonly instrument: number | null;
  readonly engaged: boolean;
  /** While it is engaged: whether reduceOnly orders are taken and keep working. */
  readonly allowReduceOnly: boolean;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
  readonly setBy: string;
}

/** Gives an instrument its circuit breaker, or takes it away. */
export interface SetCircuitBreaker {
  readonly type: 'SetCircuitBreaker';
  readonly instrument: number;
  /** null = none. */
  readonly terms: BreakerTerms | null;
  readonly setBy: string;
}

/** Gives the venue its market-wide circuit breaker, over an index of instruments of equal weight, or takes it away. */
export interface SetMarketBreaker {
  readonly type: 'SetMarketBreaker';
  /** 1 to 1,000, each once; of no meaning without terms. */
  readonly instruments: readonly number[];
  /** null = none. */
  readonly terms: BreakerTerms | null;
  readonly setBy: string;
}

/** Halts an instrument, or all that are in a session, until they are resumed. */
export interface HaltTrading {
  readonly type: 'HaltTrading';
  /** null = all. */
  readonly instrument: number | null;
  /** True: orders are taken and gather for the auction that follows; false: they are refused. */
  readonly queuesOrders: boolean;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
  readonly setBy: string;
}

/** Ends the halt of an instrument, or of all that are halted, whatever halted them. */
export interface ResumeTrading {
  readonly type: 'ResumeTrading';
  /** null = all. */
  readonly instrument: number | null;
  /** How long an auction gathers orders before trading opens, microseconds, 0 to 86,400,000,000; 0 = it opens at once. */
  readonly auctionUs: number;
  /** Why, as shown to users; at most 200 characters. */
  readonly reason: string;
  readonly setBy: string;
}

/** Sets what margin accounts must put up for positions in an instrument; binds at once, open positions included. */
export interface SetMarginTerms {
  readonly type: 'SetMarginTerms';
  readonly instrument: number;
  /** Share of a position's value that opening it takes, parts per million, 1 to 1,000,000. */
  readonly initialMarginPpm: number;
  /** Share below which positions are liquidated, parts per million, 0 to initialMarginPpm. */
  readonly maintenanceMarginPpm: number;
  /** Whether margin accounts may sell what they do not hold. */
  readonly shortSelling: boolean;
  readonly setBy: string;
}

/** Sets what positions in an instrument are valued at. */
export interface SetMark {
  readonly type: 'SetMark';
  readonly instrument: number;
  readonly method: MarkMethod;
  /** Settlement price; null keeps the one before. SETTLEMENT needs one. */
  readonly settlementPxTicks: number | null;
  readonly setBy: string;
}

/** FIX NewOrderSingle. */
export interface PlaceOrder {
  readonly type: 'PlaceOrder';
  readonly account: number;
  readonly instrument: number;
  readonly side: Side;
  readonly ordType: OrdType;
  readonly timeInForce: TimeInForce;
  readonly orderQtyLots: number;
  /** Limit price; null for orders without one. */
  readonly priceTicks: number | null;
  readonly stopPxTicks: number | null;
  readonly trailingOffsetTicks: number | null;
  /** Trailing distance in parts per million of the price. */
  readonly trailingPpm: number | null;
  /** Shown part of an iceberg; null = all. */
  readonly displayQtyLots: number | null;
  readonly expireTimeUs: number | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** Idempotency key within the account, 1 to 64 characters; null = none. */
  readonly clOrdId: string | null;
}

/** FIX OrderCancelRequest. */
export interface CancelOrder {
  readonly type: 'CancelOrder';
  /** Account on whose behalf; an order of another account is UNKNOWN_ORDER. */
  readonly account: number;
  readonly orderId: number;
}

/** FIX OrderCancelReplaceRequest: null leaves a value as it is. */
export interface ReplaceOrder {
  readonly type: 'ReplaceOrder';
  readonly account: number;
  readonly orderId: number;
  readonly orderQtyLots: number | null;
  readonly priceTicks: number | null;
  readonly stopPxTicks: number | null;
  /** Idempotency key of the replacement; null = none. */
  readonly clOrdId: string | null;
}

/** FIX OrderMassCancelRequest: all working orders of an account, narrowed by instrument and side where given. */
export interface CancelAllOrders {
  readonly type: 'CancelAllOrders';
  readonly account: number;
  readonly instrument: number | null;
  readonly side: Side | null;
}

/** Orders placed one after the other in one step; FIX NewOrderList without links between the orders. */
export interface PlaceOrders {
  readonly type: 'PlaceOrders';
  /** 1 to 100, placed in this order. */
  readonly orders: readonly PlaceOrder[];
  /** What becomes of the others when one is refused; `batch-entry.ts` says precisely. */
  readonly mode: BatchMode;
}

/** Cancels some orders of an account in one step, each as CancelOrder does. */
export interface CancelOrders {
  readonly type: 'CancelOrders';
  readonly account: number;
  /** 1 to 1,000. */
  readonly orderIds: readonly number[];
}

/** Price and size of one side of a quote. */
export interface QuoteSide {
  readonly priceTicks: number;
  /** What shall rest from now on. */
  readonly qtyLots: number;
}

/** Both sides of one symbol; null withdraws the side. */
export interface QuoteEntry {
  readonly instrument: number;
  readonly bid: QuoteSide | null;
  readonly ask: QuoteSide | null;
}

/** FIX MassQuote: replaces the account's former quotes of the symbols that it names, in one step. */
export interface MassQuote {
  readonly type: 'MassQuote';
  readonly account: number;
  /** The quoter's own id, 1 to 64 characters; told back, never a key. */
  readonly quoteId: string;
  readonly postOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  /** 1 to 100, each instrument at most once. */
  readonly entries: readonly QuoteEntry[];
}

/** Places orders that are canceled once their lease runs out; opens the lease, or claims and renews it, first. */
export interface PlaceUnderLease {
  readonly type: 'PlaceUnderLease';
  /** Of each order's account, 1 to 64 characters. */
  readonly leaseId: string;
  /** Who may renew it from now on, 1 to 64 characters. */
  readonly holder: string;
  /** From now to when it runs out unless it is renewed, 1 to 86,400,000,000. */
  readonly timeoutUs: number;
  /** Which of the orders of a PlaceOrders come under it, by place; null = all. */
  readonly leased: readonly boolean[] | null;
  readonly command: LeasableCommand;
}

/** What may be placed under a lease. Of a MassQuote the quotes that stay come under it too. */
export type LeasableCommand = PlaceOrder | PlaceOrders | MassQuote;

/** One lease of a RenewLeases. */
export interface LeaseRenewal {
  readonly account: number;
  readonly leaseId: string;
  readonly holder: string;
  /** From now to when it runs out, sooner or later than it would, 0 to 86,400,000,000. */
  readonly timeoutUs: number;
  /** Whether the holder takes it over from another one. */
  readonly claims: boolean;
}

/** Sets when leases run out. One that is not there, or is another's and not claimed, is left alone: it is no fault. */
export interface RenewLeases {
  readonly type: 'RenewLeases';
  /** 1 to 1,000. */
  readonly renewals: readonly LeaseRenewal[];
}

/** Starts, renews or stops the dead-man timer of an account: when it runs out all of the account's orders are canceled. */
export interface CancelAllAfter {
  readonly type: 'CancelAllAfter';
  readonly account: number;
  /** From now, 1 to 86,400,000,000; 0 stops it. */
  readonly timeoutUs: number;
}

/** One order of a plan. */
export interface PlanLeg {
  readonly name: PlanLegName;
  readonly order: PlaceOrder;
}

/**
 * Linked orders placed in one step: OCO (take profit and stop loss), OTO (an entry and one exit) or bracket (all three).
 * What they do to each other stands in `matching/linked-orders.ts`, what they must have in common in `plan-entry.ts`.
 */
export interface PlacePlan {
  readonly type: 'PlacePlan';
  /** In the order of PLAN_LEGS, each name at most once. */
  readonly legs: readonly PlanLeg[];
  readonly mode: BatchMode;
}

/** Lets time pass: orders whose time has ended expire, as they do before every other command. */
export interface AdvanceTime {
  readonly type: 'AdvanceTime';
}

export type Command =
  | RegisterAsset
  | ListInstrument
  | SetTradingStatus
  | StartAuction
  | AdvanceSession
  | SetTradingCalendar
  | OpenAccount
  | AdjustBalance
  | SetRiskLimits
  | SetTierLimits
  | SetAccountTier
  | SetAccountState
  | SetKillSwitch
  | SetCircuitBreaker
  | SetMarketBreaker
  | HaltTrading
  | ResumeTrading
  | SetMarginTerms
  | SetMark
  | PlaceOrder
  | CancelOrder
  | ReplaceOrder
  | CancelAllOrders
  | AdvanceTime
  | PlaceOrders
  | CancelOrders
  | MassQuote
  | PlaceUnderLease
  | RenewLeases
  | CancelAllAfter
  | PlacePlan;

export type CommandType = Command['type'];
