/**
 * Execution reports and order states as they follow from events: one rule for the live view and for history.
 *
 * An event gives no report (most), one (leg 0), or two: a trade reports to the maker's order as leg 0 and to the
 * taker's as leg 1. So `sequence` and `leg` name a report for ever.
 */
import type { CancelReason, ExecType, OrdRejReason, OrdStatus, RestateReason, Side } from '../values/vocabulary.js';
import type { ExchangeEvent, OrderEvent, OrderFields, OrdersTraded, TradeLeg } from './event.js';

/** FIX ExecutionReport; units as in `event.ts`. */
export interface ExecutionReportFields {
  readonly sequence: number;
  readonly leg: 0 | 1;
  readonly commandSequence: number;
  readonly timeUs: number;
  readonly orderId: number;
  readonly clOrdId: string | null;
  readonly account: number;
  readonly instrument: number;
  readonly execType: ExecType;
  /** State after the event, as are the quantities. */
  readonly ordStatus: OrdStatus;
  readonly side: Side;
  readonly lastPxTicks: number | null;
  readonly lastQtyLots: number | null;
  readonly cumQtyLots: number;
  readonly leavesQtyLots: number;
  readonly cumNotionalUnits: number;
  readonly ordRejReason: OrdRejReason | null;
  /** Why, one sentence; null where there is nothing to explain. */
  readonly text: string | null;
  /** Set on execType TRADE only, as are fee and maker. */
  readonly tradeId: number | null;
  readonly feeUnits: number | null;
  readonly maker: boolean | null;
}

/** Terms and state of an order, with the outcome of its last event. */
export interface OrderState extends OrderFields {
  readonly ordRejReason: OrdRejReason | null;
  readonly text: string | null;
  /** Time of its last event. */
  readonly updatedUs: number;
}

/** Why an order or request was refused, one sentence. */
export const REJECTION_TEXTS: Readonly<Record<OrdRejReason, string>> = {
  UNKNOWN_SYMBOL: 'No instrument has this symbol.',
  UNKNOWN_ORDER: 'The account has no order with this id.',
  UNKNOWN_ACCOUNT: 'There is no such account.',
  TRADING_HALTED: 'The instrument does not take this order in its present trading status.',
  INVALID_PRICE: 'The price is missing, superfluous or out of bounds.',
  INVALID_QTY: 'The quantity is out of bounds.',
  UNSUPPORTED_ORDER: 'This combination of order type, time in force and options is not taken.',
  DUPLICATE_CL_ORD_ID: 'The clOrdId was used before with other input.',
  TOO_LATE_TO_CANCEL: 'The order is finished.',
  POST_ONLY_WOULD_TAKE: 'The order is postOnly and would have traded at once.',
  REDUCE_ONLY_WOULD_INCREASE: 'The order is reduceOnly and would have increased or turned the position.',
  FOK_NOT_FILLABLE: 'The book could not fill the order in full.',
  NO_LIQUIDITY: 'Nothing rests in the book to trade with.',
  SELF_TRADE: 'The order would have traded with another order of its own account.',
  PRICE_COLLAR: 'The price is too far from the reference price.',
  MAX_ORDER_QTY: "The quantity passes the account's limit for one order.",
  MAX_ORDER_NOTIONAL: "Price × quantity passes the account's limit for one order.",
  POSITION_LIMIT: "The position could pass the account's limit.",
  OPEN_ORDER_LIMIT: 'The account has as many working orders as its limit allows.',
  INSUFFICIENT_FUNDS: 'The available balance does not cover the order and its fee.',
  DAILY_LOSS_LIMIT: "The account's loss of the day reached its limit.",
  ORDER_RATE_LIMIT: 'The account sent more orders within a second than its limit allows.',
  KILL_SWITCH: "The account's kill switch is engaged.",
  ENGINE_UNAVAILABLE: 'The engine does not take orders now.',
  INVALID_REQUEST: 'The request makes no sense as it stands.',
};

/** Why a working order ended, one sentence. */
export const CANCEL_TEXTS: Readonly<Record<CancelReason, string>> = {
  REQUESTED: 'Canceled on request.',
  IOC_REMAINDER: 'The rest of the order did not trade at once and was canceled.',
  MARKET_REMAINDER: 'The book was exhausted; the rest of the market order was canceled.',
  SELF_TRADE: 'Canceled instead of trading with an order of the same account.',
  MASS_CANCEL: 'Canceled with all orders on request.',
  KILL_SWITCH: "Canceled because the account's kill switch was engaged.",
  LINKED_ORDER: 'Canceled because of a linked order.',
  DISCONNECT: 'Canceled because its client disconnected.',
  LIQUIDATION: 'Canceled to liquidate the account.',
  SESSION_CLOSE: 'Canceled at the end of the session.',
};

/** Why the exchange changed a working order, one sentence. */
export const RESTATE_TEXTS: Readonly<Record<RestateReason, string>> = {
  SELF_TRADE: 'Decremented instead of trading with an order of the same account.',
  LINKED_ORDER: 'Decremented because of a linked order.',
};

/** What a replacement did to an order's place in the queue, one sentence. */
export const REPLACED_TEXTS = {
  PRIORITY_KEPT: 'Replaced; time priority was kept.',
  PRIORITY_LOST: 'Replaced; time priority was lost.',
} as const;

const NO_REPORTS: readonly ExecutionReportFields[] = [];

/** Returns the reports of an event, by leg; an empty list where it is about no order. */
export function executionReportsOf(event: ExchangeEvent): readonly ExecutionReportFields[] {
  switch (event.type) {
    case 'OrdersTraded':
      return [tradeReport(event, 0), tradeReport(event, 1)];
    case 'OrderAccepted':
      return [orderReport(event, 'NEW')];
    case 'OrderRejected':
      return [orderReport(event, 'REJECTED')];
    case 'OrderCanceled':
      return [orderReport(event, 'CANCELED')];
    case 'OrderReplaced':
      return [orderReport(event, 'REPLACED')];
    case 'OrderRestated':
      return [orderReport(event, 'RESTATED')];
    case 'OrderTriggered':
      return [orderReport(event, 'TRIGGERED')];
    case 'OrderExpired':
      return [orderReport(event, 'EXPIRED')];
    default:
      return NO_REPORTS;
  }
}

/** Returns the report of one leg of a trade: 0 the maker's, 1 the taker's. */
export function tradeReport(event: OrdersTraded, leg: 0 | 1): ExecutionReportFields {
  const own: TradeLeg = leg === 0 ? event.maker : event.taker;
  return {
    sequence: event.sequence,
    leg,
    commandSequence: event.commandSequence,
    timeUs: event.timeUs,
    orderId: own.orderId,
    clOrdId: own.clOrdId,
    account: own.account,
    instrument: event.instrument,
    execType: 'TRADE',
    ordStatus: own.ordStatus,
    side: leg === 1 ? event.takerSide : event.takerSide === 'BUY' ? 'SELL' : 'BUY',
    lastPxTicks: event.priceTicks,
    lastQtyLots: event.qtyLots,
    cumQtyLots: own.cumQtyLots,
    leavesQtyLots: own.leavesQtyLots,
    cumNotionalUnits: own.cumNotionalUnits,
    ordRejReason: null,
    text: null,
    tradeId: event.tradeId,
    feeUnits: own.feeUnits,
    maker: leg === 0,
  };
}

function orderReport(event: OrderEvent, execType: ExecType): ExecutionReportFields {
  return {
    sequence: event.sequence,
    leg: 0,
    commandSequence: event.commandSequence,
    timeUs: event.timeUs,
    orderId: event.orderId,
    clOrdId: event.clOrdId,
    account: event.account,
    instrument: event.instrument,
    execType,
    ordStatus: event.ordStatus,
    side: event.side,
    lastPxTicks: null,
    lastQtyLots: null,
    cumQtyLots: event.cumQtyLots,
    leavesQtyLots: event.leavesQtyLots,
    cumNotionalUnits: event.cumNotionalUnits,
    ordRejReason: rejReasonOf(event),
    text: textOf(event),
    tradeId: null,
    feeUnits: null,
    maker: null,
  };
}

function rejReasonOf(event: OrderEvent): OrdRejReason | null {
  return event.type === 'OrderRejected' ? event.reason : null;
}

function textOf(event: OrderEvent): string | null {
  switch (event.type) {
    case 'OrderRejected':
      return REJECTION_TEXTS[event.reason];
    case 'OrderCanceled':
      return CANCEL_TEXTS[event.reason];
    case 'OrderRestated':
      return RESTATE_TEXTS[event.reason];
    case 'OrderReplaced':
      return event.priorityKept ? REPLACED_TEXTS.PRIORITY_KEPT : REPLACED_TEXTS.PRIORITY_LOST;
    default:
      return null;
  }
}

/** Returns an order's state after one of its own events; the event carries all of it. */
export function orderStateOf(event: OrderEvent): OrderState {
  return {
    orderId: event.orderId,
    clOrdId: event.clOrdId,
    account: event.account,
    instrument: event.instrument,
    side: event.side,
    ordType: event.ordType,
    timeInForce: event.timeInForce,
    ordStatus: event.ordStatus,
    orderQtyLots: event.orderQtyLots,
    priceTicks: event.priceTicks,
    stopPxTicks: event.stopPxTicks,
    displayQtyLots: event.displayQtyLots,
    expireTimeUs: event.expireTimeUs,
    postOnly: event.postOnly,
    reduceOnly: event.reduceOnly,
    selfTradePrevention: event.selfTradePrevention,
    cumQtyLots: event.cumQtyLots,
    leavesQtyLots: event.leavesQtyLots,
    cumNotionalUnits: event.cumNotionalUnits,
    createdUs: event.createdUs,
    ordRejReason: rejReasonOf(event),
    text: textOf(event),
    updatedUs: event.timeUs,
  };
}

/** Returns an order's state after a trade of which it is the maker (leg 0) or the taker (leg 1). */
export function tradedOrderState(order: OrderState, event: OrdersTraded, leg: 0 | 1): OrderState {
  const own = leg === 0 ? event.maker : event.taker;
  return {
    ...order,
    ordStatus: own.ordStatus,
    cumQtyLots: own.cumQtyLots,
    leavesQtyLots: own.leavesQtyLots,
    cumNotionalUnits: own.cumNotionalUnits,
    updatedUs: event.timeUs,
  };
}
