/** Recorded order flow in a form that any market can be driven by: what its participants did, in order. */
import type { Side, TradingStatus } from '../../core/values/vocabulary.js';

/** Name of an order within a recording; the market that it is replayed into gives it an id of its own. */
export type OrderRef = string;

/** A limit order that rests. */
export interface PlaceAction {
  readonly kind: 'PLACE';
  readonly ref: OrderRef;
  readonly side: Side;
  readonly qtyLots: number;
  readonly priceTicks: number;
}

/** An order's quantity goes down; it keeps its priority. */
export interface ReduceAction {
  readonly kind: 'REDUCE';
  readonly ref: OrderRef;
  /** New total quantity, what was filled included (FIX OrderQty). */
  readonly orderQtyLots: number;
}

export interface CancelAction {
  readonly kind: 'CANCEL';
  readonly ref: OrderRef;
}

/** A resting order traded: an immediate-or-cancel order of the other side at its price. */
export interface ExecuteAction {
  readonly kind: 'EXECUTE';
  /** Side of the incoming order. */
  readonly side: Side;
  readonly qtyLots: number;
  readonly priceTicks: number;
  /** Resting order that the recording says was filled; null where it rested before the recording began. */
  readonly expected: OrderRef | null;
}

export interface StatusAction {
  readonly kind: 'STATUS';
  readonly status: TradingStatus;
}

/** Nothing to do for the book. */
export interface NoAction {
  readonly kind: 'NONE';
  readonly reason: NoActionReason;
}

/**
 * HIDDEN_EXECUTION: a trade with an order that the book never showed. UNSEEN_ORDER: about an order that rested where the
 * recording could not see it. TRADE_PRINT: a trade whose fills are told by themselves. The others: as they say.
 */
export type NoActionReason = 'HIDDEN_EXECUTION' | 'CROSS_TRADE' | 'UNSEEN_ORDER' | 'QUOTING_RESUMED' | 'TRADE_PRINT';

export type FlowAction = PlaceAction | ReduceAction | CancelAction | ExecuteAction | StatusAction | NoAction;

/** One line of the recording, translated. */
export interface FlowEvent {
  readonly kind: 'event';
  /** Line number, from 1. */
  readonly line: number;
  /** Nanoseconds on the recording's clock, not falling. */
  readonly timeNs: number;
  /** What the line said; empty before the first line, where the book is only set up. */
  readonly actions: readonly FlowAction[];
  /** Changes that happened out of the recording's sight and show in the book it recorded: orders that came into view or left it. */
  readonly corrections: readonly FlowAction[];
}
