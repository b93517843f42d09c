/** What drives a backtest: the market's orders, bars and trades of the past, in the order of time. */
import type { Command } from '../../exchange/command.js';
import type { ExchangeEvent } from '../../exchange/event.js';
import type { AggressorSide, Side } from '../../values/vocabulary.js';
import type { Bar } from '../strategy.js';

export type FlowStep =
  /** The market acts at the exchange. */
  | { readonly kind: 'COMMAND'; readonly timeUs: number; readonly command: Command }
  /** A bar of the past has closed. */
  | { readonly kind: 'BAR'; readonly timeUs: number; readonly market: number; readonly bar: Bar }
  /** A trade of the past. */
  | {
      readonly kind: 'TRADE';
      readonly timeUs: number;
      readonly market: number;
      readonly priceTicks: number;
      readonly qtyLots: number;
      readonly aggressorSide: AggressorSide;
    };

export interface MarketFlow {
  /** True where the strategy's trades and bars are those of the exchange itself (recorded orders), not of the past. */
  readonly isOrderFlow: boolean;
  /** Returns the next step, its time never below that of the one before; null at the end. */
  next(): FlowStep | null;
  /** Told what the last command did. */
  told?(events: readonly ExchangeEvent[]): void;
  /** Share that is done, 0 to 1. */
  readonly progress: number;
}

/** Index of the account that stands for everybody else. */
export const MARKET_ACCOUNT = 1;

/** What orders of the market keep to. */
export interface OrderBounds {
  readonly minPriceTicks: number;
  readonly maxPriceTicks: number;
  readonly minQtyLots: number;
  /** Greatest order, and no more than the market can pay for. */
  readonly maxQtyLots: number;
}

/**
 * The market's orders that turn a path of prices into something to trade against, by a rule that favours nobody who tests:
 *
 * When the price moves to p, an immediate order takes only what rests strictly beyond p (the price has traded through it), up
 * to the liquidity of the step; then one quote a side stands half a spread around p with that liquidity. So a resting order
 * fills at its own price once the market has gone through it, never at a mere touch; an order that crosses pays the spread;
 * neither gets more than its share of the volume. That share is brought within the bounds of one order, so that the market is
 * there whatever was traded in the past.
 */
export class PathOrders {
  readonly #lastTicks: number[];

  constructor(
    markets: number,
    private readonly halfSpreadTicks: number,
    private readonly bounds: readonly OrderBounds[],
  ) {
    this.#lastTicks = new Array<number>(markets).fill(0);
  }

  /** Adds the commands of one move to `steps`. */
  moveTo(steps: FlowStep[], timeUs: number, market: number, priceTicks: number, shareLots: number): void {
    const before = this.#lastTicks[market]!;
    const { minPriceTicks, maxPriceTicks, minQtyLots, maxQtyLots } = this.bounds[market]!;
    const liquidityLots = Math.max(minQtyLots, Math.min(shareLots, maxQtyLots));
    this.#lastTicks[market] = priceTicks;
    const push = (command: Command) => steps.push({ kind: 'COMMAND', timeUs, command });
    if (before !== 0) {
      push({ type: 'CancelAllOrders', account: MARKET_ACCOUNT, instrument: market, side: null });
      if (priceTicks < before && priceTicks < maxPriceTicks) {
        push(marketOrder(market, 'SELL', liquidityLots, priceTicks + 1, false));
      } else if (priceTicks > before && priceTicks > minPriceTicks) {
        push(marketOrder(market, 'BUY', liquidityLots, priceTicks - 1, false));
      }
    }
    const bid = priceTicks - this.halfSpreadTicks;
    const ask = priceTicks + this.halfSpreadTicks;
    if (bid >= minPriceTicks) push(marketOrder(market, 'BUY', liquidityLots, bid, true));
    if (ask <= maxPriceTicks) push(marketOrder(market, 'SELL', liquidityLots, ask, true));
  }
}

/** An order of the market: resting ones are post-only, so that they take nothing. */
export function marketOrder(
  instrument: number,
  side: Side,
  orderQtyLots: number,
  priceTicks: number,
  rests: boolean,
  clOrdId: string | null = null,
  postOnly = rests,
): Extract<Command, { type: 'PlaceOrder' }> {
  return {
    type: 'PlaceOrder',
    account: MARKET_ACCOUNT,
    instrument,
    side,
    ordType: 'LIMIT',
    timeInForce: rests ? 'GTC' : 'IOC',
    orderQtyLots,
    priceTicks,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly,
    reduceOnly: false,
    selfTradePrevention: 'NONE',
    clOrdId,
  };
}
