/**
 * The end of a strategy: once none of its orders is left in a market, its inventory there is sold or bought back at market,
 * order by order, until it is flat. Where the account may only reduce, orders are reduceOnly; where a limit refuses their size,
 * smaller ones follow. Orders that fill nothing are counted; after too many in a row it gives up and says what is left. Markets
 * do not wait for each other.
 */
import type { OrdRejReason, Side } from '../values/vocabulary.js';
import { amountOf } from './amount.js';
import type { MarketSeat } from './market-seat.js';
import { MAX_REFUSALS, REFUSAL_PAUSE_US } from './refusals.js';

/** Orders in a row in one market that may fill nothing. */
export const MAX_CLOSING_ATTEMPTS = MAX_REFUSALS;

/** What is refused of an account that may only reduce what it holds. */
const ONLY_REDUCES: readonly OrdRejReason[] = ['KILL_SWITCH', 'ACCOUNT_REDUCE_ONLY', 'DAILY_LOSS_LIMIT'];
/** A smaller order may pass. */
const TOO_LARGE: readonly OrdRejReason[] = ['MAX_ORDER_QTY', 'MAX_ORDER_NOTIONAL', 'REDUCE_ONLY_WOULD_INCREASE'];

/** An order at market that the end of a strategy needs. */
export interface ClosingOrder {
  readonly market: number;
  readonly side: Side;
  readonly qtyLots: number;
  readonly reduceOnly: boolean;
}

interface MarketEnd {
  attempts: number;
  waitUntilUs: number;
  leftLots: number;
  /** Most lots of one order. */
  mostLots: number;
  reduceOnly: boolean;
  reason: string;
}

export class Closing {
  readonly #ends: readonly MarketEnd[];

  /** @param flatten false to leave the inventory as it is */
  constructor(
    private readonly seats: readonly MarketSeat[],
    public flatten: boolean,
  ) {
    this.#ends = seats.map(({ facts }) => ({
      attempts: 0,
      waitUntilUs: 0,
      leftLots: Number.POSITIVE_INFINITY,
      mostLots: facts.maxQtyLots,
      reduceOnly: false,
      reason: 'no order for it was answered',
    }));
  }

  /** True once nothing more is to be done. */
  get isOver(): boolean {
    return this.seats.every((seat, market) => seat.own.count === 0 && (!this.flatten || this.#isDone(seat, market)));
  }

  /** What is left and why; null where nothing is, or nothing was asked for. */
  get problem(): string | null {
    if (!this.flatten) return null;
    const left = this.seats.flatMap(({ positionLots, facts }, market) =>
      positionLots === 0
        ? []
        : [`${amountOf(positionLots, facts.lotSize)} ${facts.symbol} (${this.#ends[market]!.reason})`],
    );
    return left.length === 0 ? null : `its inventory could not be closed; left: ${left.join(', ')}`;
  }

  /** An order ended without filling all of it. @param reason why */
  canceled(market: number, reason: string): void {
    this.#ends[market]!.reason = `the last order was canceled: ${reason}`;
  }

  /** An order was refused: the next one is what may pass. @param qtyLots of the order */
  refused(market: number, reason: OrdRejReason, qtyLots: number): void {
    const end = this.#ends[market]!;
    const { minQtyLots } = this.seats[market]!.facts;
    end.reason = `the last order was refused: ${reason}`;
    if (ONLY_REDUCES.includes(reason)) end.reduceOnly = true;
    if (!TOO_LARGE.includes(reason)) return;
    if (qtyLots > minQtyLots) {
      // Halves until it passes: so many times at most as the quantity has bits.
      end.mostLots = Math.max(minQtyLots, Math.floor(qtyLots / 2));
      end.attempts -= 1;
      end.waitUntilUs = 0;
    } else if (reason === 'REDUCE_ONLY_WOULD_INCREASE') end.reduceOnly = false;
  }

  /** Orders to send now; to be asked again whenever something has happened, and as time passes. */
  orders(timeUs: number): ClosingOrder[] {
    if (!this.flatten) return [];
    return this.seats.flatMap((seat, market) => {
      const end = this.#ends[market]!;
      const { positionLots, facts, own } = seat;
      const left = Math.abs(positionLots);
      if (own.count > 0 || left === 0) return [];
      if (left < end.leftLots) {
        end.attempts = 0;
        end.waitUntilUs = 0;
      }
      end.leftLots = left;
      if (this.#isDone(seat, market) || timeUs < end.waitUntilUs) return [];
      end.attempts += 1;
      end.waitUntilUs = timeUs + REFUSAL_PAUSE_US;
      const side = positionLots > 0 ? 'SELL' : 'BUY';
      return [{ market, side, qtyLots: nextLots(left, end.mostLots, facts.minQtyLots), reduceOnly: end.reduceOnly }];
    });
  }

  #isDone({ positionLots, facts }: MarketSeat, market: number): boolean {
    const end = this.#ends[market]!;
    const left = Math.abs(positionLots);
    if (left === 0) return true;
    if (left < facts.minQtyLots) {
      end.reason = 'it is less than the smallest order';
      return true;
    }
    return end.attempts >= MAX_CLOSING_ATTEMPTS && left >= end.leftLots;
  }
}

/** Lots of the next order: as many as it may have, but so that no rest is left that is less than an order. */
function nextLots(left: number, most: number, least: number): number {
  const lots = Math.min(left, most);
  const rest = left - lots;
  return rest > 0 && rest < least && left - least >= least ? left - least : lots;
}
