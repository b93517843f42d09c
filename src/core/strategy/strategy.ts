/**
 * The contract between a strategy and whoever runs it.
 *
 * A strategy is told one input at a time and acts through the desk it is handed. It keeps opinions, never orders: what it has
 * in the market and what it holds is read from the desk, which is right after a restart as ever. Same inputs, same actions.
 */
import type { AggressorSide, CandleInterval, Side, TradingStatus } from '../values/vocabulary.js';

/** Unchanging facts of a market that a strategy trades. */
export interface MarketFacts {
  readonly symbol: string;
  /** Price of one tick, quote per base. */
  readonly tickSize: number;
  /** Quantity of one lot, base. */
  readonly lotSize: number;
  readonly minQtyLots: number;
  readonly maxQtyLots: number;
  readonly minPriceTicks: number;
  readonly maxPriceTicks: number;
}

/** A closed bar. */
export interface Bar {
  /** Start of the interval, microseconds since 1970 UTC. */
  readonly openTimeUs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly volumeLots: number;
}

/** An own order that works or is on its way. */
export interface DeskOrder {
  readonly clOrdId: string;
  readonly side: Side;
  /** null for orders at market. */
  readonly priceTicks: number | null;
  readonly leavesLots: number;
  /** False until the exchange has told of it, and while a change of it is on its way: leave it alone. */
  readonly settled: boolean;
}

/** One market as the strategy sees it now. */
export interface DeskMarket {
  readonly facts: MarketFacts;
  readonly status: TradingStatus;
  readonly bidTicks: number | null;
  readonly bidLots: number;
  readonly askTicks: number | null;
  readonly askLots: number;
  /** Last trade; null before the first that was seen. */
  readonly lastTicks: number | null;
  /** What the strategy itself has bought and not sold again, signed lots; whatever else its account holds is not in it. */
  readonly positionLots: number;
  /** Own orders, oldest first. */
  readonly orders: readonly DeskOrder[];
  /** Best price at which somebody else rests; null where nobody does. */
  othersBestTicks(side: Side): number | null;
}

export interface OrderRequest {
  readonly side: Side;
  readonly qtyLots: number;
  /** null = at market. */
  readonly priceTicks: number | null;
  /** GTC rests, IOC does not; an order at market is always IOC. */
  readonly timeInForce: 'GTC' | 'IOC';
  readonly postOnly?: boolean;
}

/** What a strategy may do, and what it knows. Markets are named by their position in the strategy's symbols. */
export interface Desk {
  /** Engine time of the input, microseconds since 1970 UTC. */
  readonly timeUs: number;
  /** Engine time of the strategy's first start: a pause or a restart does not change it. */
  readonly startedUs: number;
  readonly markets: readonly DeskMarket[];
  place(market: number, request: OrderRequest): void;
  /** Asks for a new price and a new quantity that shall work. An order that is not settled stays as it is. */
  replace(market: number, order: DeskOrder, priceTicks: number, leavesLots: number): void;
  cancel(market: number, order: DeskOrder): void;
  /** Tells people why: at most one line, kept as the strategy's last reason. */
  say(reason: string): void;
  /** The strategy's work is done: what still works is withdrawn, and it stops. */
  finish(reason: string): void;
}

/** Reports of own orders (FILL, ACCEPTED, REJECTED) come once the book stands as their command left it. */
export type StrategyInput =
  /** The best price or its size changed, or the phase did. */
  | { readonly type: 'QUOTE'; readonly market: number }
  | {
      readonly type: 'TRADE';
      readonly market: number;
      readonly priceTicks: number;
      readonly qtyLots: number;
      readonly aggressorSide: AggressorSide;
    }
  /** A bar that has closed; `live` is false for bars of the past that only warm the strategy up. */
  | { readonly type: 'BAR'; readonly market: number; readonly bar: Bar; readonly live: boolean }
  | { readonly type: 'TIMER' }
  | {
      readonly type: 'FILL';
      readonly market: number;
      readonly side: Side;
      readonly priceTicks: number;
      readonly qtyLots: number;
      readonly maker: boolean;
    }
  /** The exchange has taken an own order. */
  | { readonly type: 'ACCEPTED'; readonly market: number; readonly side: Side }
  /** An own order was refused, or the change of one. */
  | { readonly type: 'REJECTED'; readonly market: number; readonly side: Side; readonly reason: string };

export interface Strategy {
  /** Bars that it wants, null for none. */
  readonly barInterval: CandleInterval | null;
  /** Closed bars of the past that it wants to see before it trades. */
  readonly warmUpBars: number;
  /** Time between two TIMER inputs, microseconds; null for none. */
  readonly timerUs: number | null;
  /** @throws Error when it cannot go on: it is then FAILED with the message, and no other strategy is touched */
  on(input: StrategyInput, desk: Desk): void;
}
