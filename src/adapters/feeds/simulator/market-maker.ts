/**
 * A market maker: quotes several levels on both sides around its own view of the fundamental, wider when the market is
 * nervous, moved against its inventory so that it is traded back, and on one side only when it holds too much.
 *
 * It looks at the market at random moments, a few times a second, and then moves what is furthest from where it
 * belongs. It remembers no order: what it has in the market is read from the market, after a restart as ever.
 */
import type { Side } from '../../../core/values/vocabulary.js';
import type { SimulatedInstrument } from './config.js';
import {
  cancelOrder,
  clamp,
  type Desk,
  type DeskMarket,
  type Intent,
  lotsOfValue,
  placeOrder,
  replaceOrder,
} from './desk.js';
import type { OwnOrder } from './market-view.js';
import { Random } from './random.js';

/** Share of its opinion's error that is left at the next look. */
const OPINION_KEPT = 0.9;
/** Standard deviation of the opinion's error, in half spreads. */
const OPINION_ERROR = 0.25;
/** Distance between two levels, in half spreads. */
const LEVEL_GAP = 0.8;
/** Half spreads by which a full inventory moves the quotes. */
const SKEW = 2;
const MAX_MOVES = 4;
/** A level is filled up when less than this share of it is left. */
const LOW_SHARE = 0.4;
/** An order that has traded this many times its size is replaced by a new one, so that its total stays in bounds. */
const MAX_TURNS = 10;

interface Quote {
  readonly priceTicks: number;
  readonly qtyLots: number;
}

interface Move {
  readonly urgency: number;
  readonly intent: Intent;
}

export class MarketMaker implements Desk {
  readonly #random: Random;
  #opinionError = 0;

  /** @param looksPerSecond mean number of looks at the market a second */
  constructor(
    readonly account: number,
    readonly instrument: number,
    readonly settings: SimulatedInstrument,
    seed: number,
    name: string,
    private readonly levels: number,
    private readonly looksPerSecond: number,
  ) {
    this.#random = new Random(seed, `${name}/${settings.symbol}`);
  }

  decide(market: DeskMarket): Intent[] {
    const looks = this.#random.chance(this.looksPerSecond * market.stepS);
    const surprise = this.#random.normal();
    if (!looks) return [];
    const innovation = OPINION_ERROR * Math.sqrt(1 - OPINION_KEPT * OPINION_KEPT);
    this.#opinionError = OPINION_KEPT * this.#opinionError + innovation * surprise;
    const shift = this.#opinionError - SKEW * clamp(market.inventory, -1.5, 1.5);
    const center = market.fairTicks + shift * market.halfSpreadTicks;
    const moves = [...this.#movesOf('BUY', center, market), ...this.#movesOf('SELL', center, market)];
    return moves
      .sort((a, b) => b.urgency - a.urgency)
      .slice(0, MAX_MOVES)
      .map((move) => move.intent);
  }

  #movesOf(side: Side, center: number, market: DeskMarket): Move[] {
    const quotes = this.#quotesOf(side, center, market);
    const sign = side === 'BUY' ? 1 : -1;
    const orders = market.orders
      .filter((order) => order.side === side)
      .sort((a, b) => sign * (b.priceTicks - a.priceTicks));
    const moves: Move[] = [];
    for (let rank = 0; rank < Math.max(quotes.length, orders.length); rank += 1) {
      const move = this.#moveOf(side, rank, quotes[rank], orders[rank], market);
      if (move !== null) moves.push(move);
    }
    return moves;
  }

  #moveOf(
    side: Side,
    rank: number,
    quote: Quote | undefined,
    order: OwnOrder | undefined,
    market: DeskMarket,
  ): Move | null {
    if (quote === undefined) return order === undefined ? null : { urgency: 10, intent: cancelOrder(order) };
    const { priceTicks, qtyLots } = quote;
    if (order === undefined) {
      return { urgency: 5 - rank, intent: placeOrder(this, { side, qtyLots, priceTicks, resting: true }) };
    }
    const distance = Math.abs(order.priceTicks - priceTicks);
    const moved = distance > market.halfSpreadTicks * (0.25 + 0.15 * rank);
    if (!moved && order.leavesQtyLots >= LOW_SHARE * qtyLots) return null;
    const urgency = distance / market.halfSpreadTicks + (rank === 0 ? 0.5 : 0);
    const worn = order.cumQtyLots + qtyLots > MAX_TURNS * qtyLots;
    return { urgency, intent: worn ? cancelOrder(order) : replaceOrder(order, priceTicks, qtyLots) };
  }

  #quotesOf(side: Side, center: number, market: DeskMarket): Quote[] {
    const buys = side === 'BUY';
    const tooMuch = buys ? market.inventory > 1 : market.inventory < -1;
    const quotes: Quote[] = [];
    if (tooMuch) return quotes;
    const opposite = buys ? market.askTicks : market.bidTicks;
    let bound = buys ? market.highTicks : market.lowTicks;
    // Quotes never take: they stay one tick off what rests on the other side.
    if (opposite !== null) bound = buys ? Math.min(bound, opposite - 1) : Math.max(bound, opposite + 1);
    for (let rank = 0; rank < this.levels; rank += 1) {
      const distance = market.halfSpreadTicks * (1 + LEVEL_GAP * rank);
      const priceTicks = buys
        ? Math.min(Math.floor(center - distance), bound)
        : Math.max(Math.ceil(center + distance), bound);
      if (priceTicks < market.lowTicks || priceTicks > market.highTicks) break;
      quotes.push({ priceTicks, qtyLots: lotsOfValue(market, this.settings.quoteNotional * (1 + 0.5 * rank)) });
      bound = buys ? priceTicks - 1 : priceTicks + 1;
    }
    return quotes;
  }
}
