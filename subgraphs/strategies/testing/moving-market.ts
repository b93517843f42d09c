/** A market of two symbols in which others quote and trade, once a second, at prices that wander; the same on every run. */
import { SeededRandom } from '../../../src/core/strategy/seeded-random.js';
import type { TestVenue } from '../../../src/testing/test-venue.js';
import { BOB } from './world.js';

export class MovingMarket {
  readonly #random = new SeededRandom(3);
  readonly #taker: number;
  #px: readonly [ko: number, pep: number] = [6_000, 9_000];

  constructor(private readonly venue: TestVenue) {
    venue.run({ type: 'OpenAccount', accountId: 'carol', name: 'carol', ownerId: 'carol', kind: 'CASH' });
    this.#taker = 3;
    for (const asset of [0, 1, 2]) venue.deposit(this.#taker, asset, 10 ** 12);
  }

  /** New quotes and a trade of each symbol at both of them, then a second passes: nobody acts on a book that is being made. */
  move(): void {
    const step = () => Math.round((this.#random.next() - 0.5) * 40);
    const ko = this.#px[0] + step();
    this.#px = [ko, Math.round(1.5 * ko) + step()];
    for (const [instrument, px] of this.#px.entries()) {
      this.venue.run({ type: 'CancelAllOrders', account: BOB, instrument, side: null });
      this.venue.place(BOB, instrument, 'BUY', 900, px - 5);
      this.venue.place(BOB, instrument, 'SELL', 900, px + 5);
      for (const side of ['SELL', 'BUY'] as const) {
        const limit = side === 'SELL' ? px - 5 : px + 5;
        this.venue.place(this.#taker, instrument, side, 3, limit, { timeInForce: 'IOC' });
      }
    }
    this.venue.nowUs += 1_000_000;
  }
}
