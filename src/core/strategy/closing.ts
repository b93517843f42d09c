/**
 * The end of a strategy: once none of its orders is left in a market, its inventory there is sold or bought back at market,
 * order by order, until it is flat. Orders that fill nothing are counted; after too many in a row it gives up and says what is
 * left. Markets do not wait for each other.
 */
import type { Side } from '../values/vocabulary.js';
import { amountOf } from './amount.js';
import type { MarketSeat } from './market-seat.js';
import { MAX_REFUSALS, REFUSAL_PAUSE_US } from './refusals.js';

/** Orders in a row in one market that may fill nothing. */
export const MAX_CLOSING_ATTEMPTS = MAX_REFUSALS;

/** An order at market that the end of a strategy needs. */
export interface ClosingOrder {
  readonly market: number;
  readonly side: Side;
  readonly qtyLots: number;
}

interface MarketEnd {
  attempts: number;
  waitUntilUs: number;
  leftLots: number;
  reason: string;
}

export class Closing {
  readonly #ends: readonly MarketEnd[];

  /** @param flatten false to leave the inventory as it is */
  constructor(
    private readonly seats: readonly MarketSeat[],
    public flatten: boolean,
  ) {
    this.#ends = seats.map(() => ({
      attempts: 0,
      waitUntilUs: 0,
      leftLots: Number.POSITIVE_INFINITY,
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

  /** An order came back. @param how and why */
  returned(market: number, how: string): void {
    this.#ends[market]!.reason = `the last order was ${how}`;
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
      return [{ market, side: positionLots > 0 ? 'SELL' : 'BUY', qtyLots: Math.min(left, facts.maxQtyLots) }];
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
