import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { START_US } from '../testing/fixtures.js';
import { sequencesOf } from '../testing/fuzz.js';
import { RANDOM_OPTIONS, RANDOM_SETUP, StepResolver } from '../testing/random-commands.js';
import { type RestingOrder, RestingOrders } from './resting-orders.js';

const SEEDS = [1, 2];
const SIDES = ['BUY', 'SELL'] as const;
const INSTRUMENTS = 3;

function instrumentOf(event: ExchangeEvent): number | null {
  return 'instrument' in event ? event.instrument : null;
}

function loaded(image: readonly ExchangeEvent[], instrument: number): RestingOrders {
  const book = new RestingOrders();
  for (const event of image) {
    if (instrumentOf(event) !== instrument) continue;
    if (event.type === 'TradingStatusChanged') book.loadAuction(event.auction);
    if (event.type === 'OrderAccepted') book.load(event);
  }
  return book;
}

const allOf = (book: RestingOrders) => SIDES.map((side) => book.top(side, Number.POSITIVE_INFINITY));

/** What a client holds that only applies changes by the published rule. */
class Copy {
  readonly #orders: Record<'BUY' | 'SELL', Map<number, Map<number, RestingOrder>>> = {
    BUY: new Map(),
    SELL: new Map(),
  };

  apply(changes: readonly RestingOrder[]): void {
    for (const change of changes) {
      const side = this.#orders[change.side];
      const queue = side.get(change.priceTicks) ?? new Map<number, RestingOrder>();
      side.set(change.priceTicks, queue);
      if (change.qtyLots > 0) queue.set(change.orderId, change);
      else queue.delete(change.orderId);
      if (queue.size === 0) side.delete(change.priceTicks);
    }
  }

  all(): RestingOrder[][][] {
    return SIDES.map((side) => {
      const sign = side === 'BUY' ? -1 : 1;
      return [...this.#orders[side]].sort(([a], [b]) => sign * (a - b)).map(([, queue]) => [...queue.values()]);
    });
  }
}

describe('The book order by order', () => {
  it.each(SEEDS)('stands as in the exchange after every command of random trading (seed %i)', (seed) => {
    let compared = 0;
    let reloads = 0;
    let largest = 0;
    for (const steps of sequencesOf(seed)) {
      const exchange = new Exchange(RANDOM_OPTIONS);
      const resolver = new StepResolver();
      const books: RestingOrders[] = [];
      const copies: Copy[] = [];
      const setup = RANDOM_SETUP.map((command) => ({ command, waitUs: 1 }));
      for (const step of [...setup, ...steps]) {
        exchange.apply(resolver.resolve(step), Math.max(START_US, exchange.timeUs) + step.waitUs);
        const events = exchange.takeEvents();
        resolver.note(events);
        if (events.length === 0) continue;
        const image = exchange.image();
        for (let instrument = 0; instrument < INSTRUMENTS; instrument += 1) {
          const own = events.filter((event) => instrumentOf(event) === instrument);
          let book = books[instrument];
          const expected = loaded(image, instrument);
          if (own.length === 0 && book !== undefined) continue;
          for (const event of own) book?.take(event);
          const changes = book?.endCommand() ?? [];
          if (book?.isWhole !== true) {
            // Only an auction may break it: anything else is a rule that is not known here.
            const excused = own.some(({ type }) => type === 'TradingStatusChanged' || type === 'AuctionEnded');
            expect(book === undefined || excused).toBe(true);
            book = expected;
            books[instrument] = book;
            const copy = new Copy();
            for (const level of allOf(book).flat()) copy.apply(level);
            copies[instrument] = copy;
            reloads += 1;
            continue;
          }
          copies[instrument]?.apply(changes);
          expect(allOf(book)).toEqual(allOf(expected));
          expect(copies[instrument]?.all()).toEqual(allOf(expected));
          compared += 1;
          largest = Math.max(largest, book.size);
        }
      }
    }
    expect(compared).toBeGreaterThan(1_000);
    expect(reloads).toBeGreaterThan(0);
    expect(largest).toBeGreaterThan(3);
  });
});
