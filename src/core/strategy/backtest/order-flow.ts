/**
 * Recorded orders as a market: adds, reductions, cancels and executions go through the real book, in which the strategy's orders
 * stand in the real queue and fill in part as others do. What the strategy took is not there for the recording any more:
 * an execution then meets the next order in the queue, or nothing.
 */
import type { Command } from '../../exchange/command.js';
import type { ExchangeEvent } from '../../exchange/event.js';
import type { Side } from '../../values/vocabulary.js';
import { type FlowStep, MARKET_ACCOUNT, type MarketFlow, marketOrder } from './market-flow.js';

/** One recorded action; `ref` is the recording's name of an order. */
export type RecordedAction =
  | {
      readonly kind: 'PLACE';
      readonly timeUs: number;
      readonly market: number;
      readonly ref: string;
      readonly side: Side;
      readonly qtyLots: number;
      readonly priceTicks: number;
    }
  | { readonly kind: 'REDUCE'; readonly timeUs: number; readonly ref: string; readonly orderQtyLots: number }
  | { readonly kind: 'CANCEL'; readonly timeUs: number; readonly ref: string }
  | {
      readonly kind: 'EXECUTE';
      readonly timeUs: number;
      readonly market: number;
      readonly side: Side;
      readonly qtyLots: number;
      readonly priceTicks: number;
    };

export class OrderFlow implements MarketFlow {
  readonly isOrderFlow = true;
  readonly #orderIds = new Map<string, number>();
  #next = 0;
  #placing: string | null = null;

  /** @param actions in the order of time */
  constructor(private readonly actions: readonly RecordedAction[]) {}

  get progress(): number {
    return this.actions.length === 0 ? 1 : this.#next / this.actions.length;
  }

  next(): FlowStep | null {
    for (;;) {
      const action = this.actions[this.#next];
      if (action === undefined) return null;
      this.#next += 1;
      const command = this.#commandOf(action);
      if (command !== null) return { kind: 'COMMAND', timeUs: action.timeUs, command };
    }
  }

  told(events: readonly ExchangeEvent[]): void {
    if (this.#placing === null) return;
    const [first] = events;
    if (first?.type === 'OrderAccepted') this.#orderIds.set(this.#placing, first.orderId);
    this.#placing = null;
  }

  /** null for an order that is not there (any more). */
  #commandOf(action: RecordedAction): Command | null {
    switch (action.kind) {
      case 'PLACE':
        this.#placing = action.ref;
        return marketOrder(action.market, action.side, action.qtyLots, action.priceTicks, true, null, false);
      case 'EXECUTE':
        return marketOrder(action.market, action.side, action.qtyLots, action.priceTicks, false);
      case 'CANCEL': {
        const orderId = this.#orderIds.get(action.ref);
        this.#orderIds.delete(action.ref);
        return orderId === undefined ? null : { type: 'CancelOrder', account: MARKET_ACCOUNT, orderId };
      }
      case 'REDUCE': {
        const orderId = this.#orderIds.get(action.ref);
        if (orderId === undefined) return null;
        return {
          type: 'ReplaceOrder',
          account: MARKET_ACCOUNT,
          orderId,
          orderQtyLots: action.orderQtyLots,
          priceTicks: null,
          stopPxTicks: null,
          clOrdId: null,
        };
      }
    }
  }
}
