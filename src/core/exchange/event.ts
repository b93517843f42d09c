/**
 * Events: what the exchange did, in the past tense, as the edge sees them.
 *
 * Every event has its own sequence, gap-free from 1. Inside the core events are rows of typed arrays; these
 * objects exist outside it only (projector, subgraphs, tests). Units as in `command.ts`.
 * Balances, positions and book levels are told by value (the state after the command, once per command and
 * key), so that a consumer stores and never recomputes.
 */
import type { InstrumentSpec } from '../instrument/instrument.js';
import type { RuleRow } from '../risk/rule-row.js';
import type {
  AccountKind,
  AccountState,
  AggressorSide,
  AuctionKind,
  CancelReason,
  Contingency,
  OrdRejReason,
  OrdStatus,
  OrdType,
  PlanLegName,
  RestateReason,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradingStatus,
} from '../values/vocabulary.js';
import type {
  CircuitBreakerChanged,
  CircuitBreakerSet,
  MarketBreakerChanged,
  MarketBreakerSet,
  TradingHalted,
  TradingResumed,
} from './breaker-event.js';
import type { RiskLimitValues } from './command.js';
import type { EventHeader } from './event-header.js';
import type { MarginStatusChanged, MarginTermsSet, MarkSet } from './margin-event.js';

export type {
  CircuitBreakerChanged,
  CircuitBreakerSet,
  MarketBreakerChanged,
  MarketBreakerSet,
  TradingHalted,
  TradingResumed,
} from './breaker-event.js';
export type { EventHeader } from './event-header.js';
export type { MarginStatusChanged, MarginTermsSet, MarkSet } from './margin-event.js';

export interface AssetRegistered extends EventHeader {
  readonly type: 'AssetRegistered';
  readonly asset: number;
  readonly code: string;
  readonly scale: number;
}

export interface InstrumentListed extends EventHeader {
  readonly type: 'InstrumentListed';
  readonly instrument: number;
  readonly spec: InstrumentSpec;
  readonly status: TradingStatus;
}

export interface TradingStatusChanged extends EventHeader {
  readonly type: 'TradingStatusChanged';
  readonly instrument: number;
  readonly status: TradingStatus;
  readonly reason: string;
  /** Kind of the auction that is under way; null in every other phase. */
  readonly auction: AuctionKind | null;
  /** True where the instrument is HALTED and takes orders for the auction that follows. */
  readonly queuesOrders: boolean;
  /** Due time of the last transition of the calendar that was applied, microseconds since 1970 UTC; null before. */
  readonly scheduledUs: number | null;
}

/**
 * At what price what is gathered now would trade, told while an auction is under way, once a command when it changed.
 * Each auction begins from nothing, which is not told.
 */
export interface AuctionIndicative extends EventHeader {
  readonly type: 'AuctionIndicative';
  readonly instrument: number;
  readonly auction: AuctionKind;
  /** null where nothing would trade. */
  readonly priceTicks: number | null;
  readonly qtyLots: number;
  /** Lots left over at the price: above 0 to buy, below 0 to sell; 0 without a price. */
  readonly imbalanceLots: number;
}

/** An auction ended, its trades stand before it; also told for an opening without a call phase that traded. */
export interface AuctionEnded extends EventHeader {
  readonly type: 'AuctionEnded';
  readonly instrument: number;
  readonly auction: AuctionKind;
  /** Price of all its trades; null where nothing traded. */
  readonly priceTicks: number | null;
  readonly qtyLots: number;
  readonly imbalanceLots: number;
}

export interface TradingCalendarSet extends EventHeader {
  readonly type: 'TradingCalendarSet';
  readonly instrument: number;
  readonly calendar: string | null;
}

export interface AccountOpened extends EventHeader {
  readonly type: 'AccountOpened';
  readonly account: number;
  readonly accountId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly kind: AccountKind;
}

export interface RiskLimitsSet extends EventHeader {
  readonly type: 'RiskLimitsSet';
  readonly account: number;
  /** null = on all symbols together. */
  readonly instrument: number | null;
  readonly limits: RiskLimitValues;
  readonly before: RiskLimitValues;
  readonly setBy: string;
}

export interface TierLimitsSet extends EventHeader {
  readonly type: 'TierLimitsSet';
  readonly tier: string;
  readonly limits: RiskLimitValues;
  /** null where the tier is new. */
  readonly before: RiskLimitValues | null;
  readonly setBy: string;
}

export interface AccountTierSet extends EventHeader {
  readonly type: 'AccountTierSet';
  readonly account: number;
  readonly tier: string | null;
  readonly before: string | null;
  readonly setBy: string;
}

/** The OrderCanceled events of orders that it may no longer have stand behind it. */
export interface AccountStateSet extends EventHeader {
  readonly type: 'AccountStateSet';
  readonly account: number;
  readonly state: AccountState;
  readonly before: AccountState;
  readonly reason: string;
  readonly setBy: string;
}

/** The OrderCanceled events of orders that it stops stand behind it. */
export interface KillSwitchSet extends EventHeader {
  readonly type: 'KillSwitchSet';
  /** Its account, or its instrument; both null = the whole venue. */
  readonly account: number | null;
  readonly instrument: number | null;
  readonly engaged: boolean;
  readonly allowReduceOnly: boolean;
  readonly reason: string;
  readonly before: { readonly engaged: boolean; readonly allowReduceOnly: boolean };
  readonly setBy: string;
}

/**
 * Figures that limits are held against, after the command; told of accounts that have limits only, at marks that are
 * taken at the first command of each second.
 */
export interface ExposureUpdated extends EventHeader {
  readonly type: 'ExposureUpdated';
  readonly account: number;
  /** null = all symbols together; one symbol is told where the account has limits on it. */
  readonly instrument: number | null;
  /** Positions with the open orders of either side, whichever is more, each above 0; in 10⁻⁶ of the quote asset. */
  readonly grossE6: number;
  /** Signed: positions with all open buys filled, and with all open sells filled. */
  readonly longE6: number;
  readonly shortE6: number;
  /** Realized and unrealized profit since 00:00 UTC after fees. */
  readonly dailyPnlE6: number;
}

/** An AdjustBalance that was done (the new balance follows as BalanceUpdated). */
export interface BalanceAdjusted extends EventHeader {
  readonly type: 'BalanceAdjusted';
  readonly account: number;
  readonly asset: number;
  readonly amountUnits: number;
  readonly transferId: string;
  /** True where transferId was seen before and nothing moved. */
  readonly duplicate: boolean;
}

/** A balance after the command. */
export interface BalanceUpdated extends EventHeader {
  readonly type: 'BalanceUpdated';
  readonly account: number;
  readonly asset: number;
  readonly totalUnits: number;
  /** Part of the total that working orders hold. */
  readonly heldUnits: number;
}

/** A position after the command. */
export interface PositionUpdated extends EventHeader {
  readonly type: 'PositionUpdated';
  readonly account: number;
  readonly instrument: number;
  /** Signed lots. */
  readonly qtyLots: number;
  /** Signed cost of the open quantity, quote units; average price = cost ÷ quantity. */
  readonly costUnits: number;
  /** Profit of closed quantity before fees, quote units. */
  readonly realizedPnlUnits: number;
  /** Fees paid (negative = earned), quote units. */
  readonly feesUnits: number;
}

/** One price level of the public book after the command; quantity 0 = gone. Hidden quantity is never in it. */
export interface BookLevelChanged extends EventHeader {
  readonly type: 'BookLevelChanged';
  readonly instrument: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly orderCount: number;
}

/** Terms and progress of an order, carried by each of its events. */
export interface OrderFields {
  readonly orderId: number;
  readonly clOrdId: string | null;
  readonly account: number;
  readonly instrument: number;
  readonly side: Side;
  readonly ordType: OrdType;
  readonly timeInForce: TimeInForce;
  /** State after this event. */
  readonly ordStatus: OrdStatus;
  readonly orderQtyLots: number;
  readonly priceTicks: number | null;
  readonly stopPxTicks: number | null;
  readonly displayQtyLots: number | null;
  readonly expireTimeUs: number | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly selfTradePrevention: SelfTradePrevention;
  readonly cumQtyLots: number;
  /** orderQty − cumQty while working, 0 once finished. */
  readonly leavesQtyLots: number;
  /** Sum of price × quantity of its fills, quote units; average price = this ÷ cumQty. */
  readonly cumNotionalUnits: number;
  /** Engine time at which the order was accepted. */
  readonly createdUs: number;
  /** Plan that it belongs to: the id of the plan's first leg. Null for an order on its own, as are the two below. */
  readonly planId: number | null;
  readonly contingency: Contingency | null;
  readonly planLeg: PlanLegName | null;
}

export interface OrderAccepted extends EventHeader, OrderFields {
  readonly type: 'OrderAccepted';
  /** In an image only, and there on each order that rests in the book: what it shows, lots. */
  readonly shownQtyLots?: number;
}

/** Arithmetic of the rule that refused, in the rule's own units; null where it has none. */
export interface RejectionDetail {
  readonly limit: number | null;
  readonly current: number | null;
  readonly projected: number | null;
}

export interface OrderRejected extends EventHeader, OrderFields, RejectionDetail {
  readonly type: 'OrderRejected';
  readonly reason: OrdRejReason;
  /** Every rule of the check in their precedence, passed or not; empty where the order came not that far. */
  readonly rules: readonly RuleRow[];
}

/** One side of a trade as its order sees it. */
export interface TradeLeg {
  readonly orderId: number;
  readonly clOrdId: string | null;
  readonly account: number;
  readonly ordStatus: OrdStatus;
  readonly cumQtyLots: number;
  readonly leavesQtyLots: number;
  readonly cumNotionalUnits: number;
  /** Fee of this leg, quote units; negative = rebate. */
  readonly feeUnits: number;
}

export interface OrdersTraded extends EventHeader {
  readonly type: 'OrdersTraded';
  /** Unique, rising by 1 per trade over all instruments, from 1. */
  readonly tradeId: number;
  readonly instrument: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly aggressorSide: AggressorSide;
  /** The resting order. In an auction: the sell order. */
  readonly maker: TradeLeg;
  /** The incoming order. In an auction: the buy order. */
  readonly taker: TradeLeg;
  /** Side of the taker leg. */
  readonly takerSide: Side;
}

export interface OrderCanceled extends EventHeader, OrderFields {
  readonly type: 'OrderCanceled';
  readonly reason: CancelReason;
  /** Lots that were taken out of the market. */
  readonly canceledQtyLots: number;
}

export interface OrderReplaced extends EventHeader, OrderFields {
  readonly type: 'OrderReplaced';
  readonly priorityKept: boolean;
}

/**
 * The exchange itself changed the quantity of a working order. Taking lots out leaves it its priority. An exit of a plan
 * is told as LINKED_ORDER when its entry puts it to work, whether its quantity changes or not, and when it grows with it.
 */
export interface OrderRestated extends EventHeader, OrderFields {
  readonly type: 'OrderRestated';
  readonly reason: RestateReason;
  /** Lots by which orderQty went down; below 0 where it went up. */
  readonly restatedQtyLots: number;
}

/** A stop order became active: what follows in the same command is what it did. */
export interface OrderTriggered extends EventHeader, OrderFields {
  readonly type: 'OrderTriggered';
  /** Trade price that triggered it. */
  readonly triggerPxTicks: number;
}

/** The order's time ended. */
export interface OrderExpired extends EventHeader, OrderFields {
  readonly type: 'OrderExpired';
  /** Lots that were taken out of the market. */
  readonly canceledQtyLots: number;
}

/** Tells the submitter only: the clOrdId was used before with the same input. */
export interface OrderDuplicated extends EventHeader {
  readonly type: 'OrderDuplicated';
  readonly account: number;
  readonly clOrdId: string;
  /** The first order. */
  readonly orderId: number;
  /** Command whose result is the first result. */
  readonly firstCommandSequence: number;
}

/** A cancel or replace that was refused. The order, where there is one, is unchanged. */
export interface RequestRejected extends EventHeader, RejectionDetail {
  readonly type: 'RequestRejected';
  readonly request:
    | 'CancelOrder'
    | 'ReplaceOrder'
    | 'CancelAllOrders'
    | 'AdjustBalance'
    | 'Administration'
    | 'PlaceOrders'
    | 'CancelOrders'
    | 'MassQuote'
    | 'RenewLeases'
    | 'CancelAllAfter'
    | 'PlacePlan';
  readonly account: number | null;
  readonly orderId: number | null;
  readonly clOrdId: string | null;
  readonly reason: OrdRejReason;
  /** What was wrong and what to do, one sentence. */
  readonly text: string;
  /** Of a replace that the check refused: every rule, as in OrderRejected. */
  readonly rules: readonly RuleRow[];
}

/** A CancelAllOrders that was done; the OrderCanceled events stand before it. */
export interface MassCancelDone extends EventHeader {
  readonly type: 'MassCancelDone';
  readonly account: number;
  readonly canceledCount: number;
}

/** One symbol of a mass quote as the command left it. */
export interface QuoteOutcome {
  readonly instrument: number;
  /** Order of the side, accepted (now or before) or rejected; null where the side was withdrawn. */
  readonly bidOrderId: number | null;
  readonly askOrderId: number | null;
}

/** A MassQuote that was done; what happened to its orders stands before it. */
export interface MassQuoteDone extends EventHeader {
  readonly type: 'MassQuoteDone';
  readonly account: number;
  readonly quoteId: string;
  /** In the order of the command. */
  readonly entries: readonly QuoteOutcome[];
}

/** A lease was opened, or another holder claimed it; renewals are not told. */
export interface LeaseHeld extends EventHeader {
  readonly type: 'LeaseHeld';
  readonly account: number;
  /** null = the account's dead-man timer. */
  readonly leaseId: string | null;
  readonly holder: string;
}

/** A lease is no more; the OrderCanceled events of the orders under it stand before it. */
export interface LeaseEnded extends EventHeader {
  readonly type: 'LeaseEnded';
  readonly account: number;
  readonly leaseId: string | null;
  /** True where it ran out, false where a dead-man timer was stopped. */
  readonly expired: boolean;
  readonly canceledCount: number;
}

export type OrderEvent =
  | OrderAccepted
  | OrderRejected
  | OrderCanceled
  | OrderReplaced
  | OrderRestated
  | OrderTriggered
  | OrderExpired;

export type ExchangeEvent =
  | AssetRegistered
  | InstrumentListed
  | TradingStatusChanged
  | AuctionIndicative
  | AuctionEnded
  | TradingCalendarSet
  | AccountOpened
  | RiskLimitsSet
  | TierLimitsSet
  | AccountTierSet
  | AccountStateSet
  | KillSwitchSet
  | CircuitBreakerSet
  | MarketBreakerSet
  | TradingHalted
  | TradingResumed
  | CircuitBreakerChanged
  | MarketBreakerChanged
  | MarginTermsSet
  | MarkSet
  | MarginStatusChanged
  | BalanceAdjusted
  | BalanceUpdated
  | PositionUpdated
  | ExposureUpdated
  | BookLevelChanged
  | OrderAccepted
  | OrderRejected
  | OrdersTraded
  | OrderCanceled
  | OrderReplaced
  | OrderDuplicated
  | RequestRejected
  | MassCancelDone
  | MassQuoteDone
  | OrderRestated
  | OrderTriggered
  | OrderExpired
  | LeaseHeld
  | LeaseEnded;

export type ExchangeEventType = ExchangeEvent['type'];
