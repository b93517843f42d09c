import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import { bookChecksum } from '../../src/core/market-data/checksum.js';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { EngineUnavailableError } from '../../src/ports/engine-client.js';
import type { History } from '../../src/ports/history.js';
import { seededRandom } from '../../src/testing/random.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';
import type { OrderBookL3Update, RestingOrder } from './types/order-queue.js';

const as = (...scopes: Scope[]): RequestContext => ({
  identity: { userId: 'someone', scopes: new Set(scopes) },
  requestId: 'test',
});
const ADMIN = as('admin');
const FIELDS = 'symbol sequence bids { id px qty } asks { id px qty } checksum';
const STREAM = `subscription ($flow: FlowControl) { orderBookL3(symbol: "KO", flow: $flow) { snapshot prevSequence ${FIELDS} } }`;
const QUERY = `{ instrument(symbol: "KO") { orderBookL3(depth: 1000) { ${FIELDS} } orderBook(depth: 1000) { bids { px qty orderCount } asks { px qty orderCount } checksum } } }`;

describe('The book order by order', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;
  let reachable: boolean;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    reachable = true;
    const feed = {
      get lastSequence() {
        return venue.lastSequence;
      },
      follow: (consumer: Parameters<TestVenue['follow']>[0]) =>
        reachable ? venue.follow(consumer) : Promise.reject(new EngineUnavailableError('the engine is away')),
      read: (after: number, through: number) => venue.read(after, through),
    };
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createMarketDataSubgraph({ engine: venue, feed, history });
    await subgraph.start();
  });
  afterEach(() => subgraph.stop());

  async function ask<T>(contextValue = ADMIN): Promise<{ data: T; errors: ExecutionResult['errors'] }> {
    const result = await execute({ schema: subgraph.schema, document: parse(QUERY), contextValue });
    return JSON.parse(JSON.stringify({ data: result.data, errors: result.errors }));
  }

  async function open(contextValue = ADMIN, variableValues = {}) {
    const result = await subscribe({ schema: subgraph.schema, document: parse(STREAM), contextValue, variableValues });
    if (!(Symbol.asyncIterator in result)) return { errors: result.errors ?? [], next: null, close: null };
    const next = async (): Promise<OrderBookL3Update> => {
      const { value } = await result.next();
      expect(value?.errors).toBeUndefined();
      return JSON.parse(JSON.stringify(value?.data?.orderBookL3)) as OrderBookL3Update;
    };
    return { errors: [], next, close: () => result.return(undefined) };
  }

  /** The published rule, as a client writes it. */
  class Copy {
    sequence = -1;
    bids = new Map<string, RestingOrder>();
    asks = new Map<string, RestingOrder>();

    apply(update: OrderBookL3Update): void {
      if (update.snapshot) {
        this.bids.clear();
        this.asks.clear();
      } else {
        expect(update.prevSequence).toBe(this.sequence);
      }
      for (const side of ['bids', 'asks'] as const) {
        for (const order of update[side]) {
          if (Number(order.qty) === 0) this[side].delete(order.id);
          else this[side].set(order.id, order);
        }
      }
      this.sequence = update.sequence;
    }

    /** By price, front of the queue first: a Map keeps the order in which its keys came. */
    sorted(side: 'bids' | 'asks'): RestingOrder[] {
      const sign = side === 'bids' ? -1 : 1;
      return [...this[side].values()].sort((a, b) => sign * (Number(a.px) - Number(b.px)));
    }

    checksum(): number {
      const levels = (side: 'bids' | 'asks') => {
        const sums = new Map<number, number>();
        for (const { px, qty } of this.sorted(side)) {
          const ticks = Math.round(Number(px) * 100);
          sums.set(ticks, (sums.get(ticks) ?? 0) + Number(qty));
        }
        return [...sums].slice(0, 10).map(([priceTicks, qtyLots]) => ({ priceTicks, qtyLots, orderCount: 1 }));
      };
      return bookChecksum(levels('asks'), levels('bids'), 1, 1);
    }
  }

  it.each<[string, RequestContext, string]>([
    ['nobody', { identity: null, requestId: 'test' }, 'UNAUTHENTICATED'],
    ['a trader', as('market:read', 'orders:read', 'orders:write', 'risk:read', 'accounts:read'), 'FORBIDDEN'],
    ['a risk officer', as('risk:write', 'accounts:write', 'strategies:write'), 'FORBIDDEN'],
  ])('is refused to %s, as query and as subscription', async (_, context, code) => {
    const { errors } = await ask(context);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    const stream = await open(context);
    expect(stream.errors.map(({ extensions }) => extensions.code)).toEqual([code]);
  });

  it('shows who stands where, neither whose orders they are nor what they hide', async () => {
    const [first] = venue.place(1, 0, 'BUY', 10, 5990, { clOrdId: 'mine' });
    venue.place(2, 0, 'BUY', 50, 5990, { displayQtyLots: 5 });
    venue.place(1, 0, 'BUY', 3, 5995);
    const { data } = await ask<{ instrument: { orderBookL3: OrderBookL3Update } }>();
    const { bids, asks } = data.instrument.orderBookL3;
    expect(bids.map(({ px, qty }) => `${qty} @ ${px}`)).toEqual(['3 @ 59.95', '10 @ 59.90', '5 @ 59.90']);
    expect(asks).toEqual([]);
    expect(new Set(bids.map(({ id }) => id)).size).toBe(3);
    const told = JSON.stringify(data);
    expect(told).not.toMatch(/mine|alice|bob|"50"|"45"/);
    const orderId = first?.type === 'OrderAccepted' ? String(first.orderId) : '';
    expect(orderId).not.toBe('');
    expect(bids.map(({ id }) => id)).not.toContain(orderId);
  });

  it('gives ids that stay while the order rests, the same in query and subscription', async () => {
    venue.place(1, 0, 'BUY', 10, 5990);
    const stream = await open();
    const [shown] = (await stream.next?.())?.bids ?? [];
    venue.place(2, 0, 'SELL', 4, 5990);
    expect((await stream.next?.())?.bids).toEqual([{ id: shown?.id, px: '59.90', qty: '6' }]);
    const { data } = await ask<{ instrument: { orderBookL3: OrderBookL3Update } }>();
    expect(data.instrument.orderBookL3.bids[0]?.id).toBe(shown?.id);
    await stream.close?.();
  });

  it.each([0, 200])(
    'leads a copy to the same queues and levels through random trading and auctions, %i ms apart',
    async (conflateMs) => {
      const random = seededRandom(7);
      const stream = await open(ADMIN, { flow: { conflateMs } });
      const copy = new Copy();
      const working: number[] = [];
      for (let step = 0; step < 600; step += 1) {
        venue.nowUs += 1_000;
        const account = 1 + Math.floor(random() * 2);
        const draw = random();
        if (draw < 0.2 && working.length > 0) {
          const orderId = working.splice(Math.floor(random() * working.length), 1)[0] ?? 0;
          venue.run({ type: 'CancelOrder', account, orderId });
        } else if (draw < 0.3 && working.length > 0) {
          const orderId = working[Math.floor(random() * working.length)] ?? 0;
          const change =
            random() < 0.5
              ? { orderQtyLots: 1 + Math.floor(random() * 5), priceTicks: null }
              : { orderQtyLots: null, priceTicks: 5990 + Math.floor(random() * 20) };
          venue.run({ type: 'ReplaceOrder', account, orderId, stopPxTicks: null, clOrdId: null, ...change });
        } else if (step % 150 === 100) {
          venue.run({ type: 'StartAuction', instrument: 0, auction: 'INTRADAY', reason: 'test' });
        } else if (step % 150 === 120) {
          venue.run({ type: 'SetTradingStatus', instrument: 0, status: 'OPEN', reason: 'test' });
        } else {
          const side = random() < 0.5 ? 'BUY' : 'SELL';
          const qty = 1 + Math.floor(random() * 30);
          const price = 5990 + Math.floor(random() * 20);
          const display = qty > 5 && random() < 0.3 ? { displayQtyLots: 3 } : {};
          for (const event of venue.place(account, 0, side, qty, price, display)) {
            if (event.type === 'OrderAccepted') working.push(event.orderId);
          }
        }
        if (step % 25 !== 24) continue;
        interface Answer {
          readonly instrument: {
            readonly orderBookL3: OrderBookL3Update;
            readonly orderBook: {
              readonly bids: { px: string; qty: string; orderCount: number }[];
              readonly checksum: number;
            };
          };
        }
        const { data } = await ask<Answer>();
        const { orderBookL3: book, orderBook: levels } = data.instrument;
        while (copy.sequence < book.sequence) {
          const update = await stream.next?.();
          if (update !== undefined) copy.apply(update);
          if (copy.sequence === update?.sequence) expect(copy.checksum()).toBe(update.checksum);
        }
        expect([copy.sorted('bids'), copy.sorted('asks')]).toEqual([book.bids, book.asks]);
        expect(copy.checksum()).toBe(levels.checksum);
        expect(book.checksum).toBe(levels.checksum);
        for (const { px, qty, orderCount } of levels.bids) {
          const here = book.bids.filter((order) => order.px === px);
          expect([here.length, here.reduce((sum, order) => sum + Number(order.qty), 0)]).toEqual([
            orderCount,
            Number(qty),
          ]);
        }
      }
      await stream.close?.();
    },
  );

  it('costs nothing while nobody looks, and says that the exchange is away where it has to be asked', async () => {
    const followers = () => venue.followerCount;
    expect(followers()).toBe(1);
    reachable = false;
    const { errors } = await ask();
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['ENGINE_UNAVAILABLE']);
    reachable = true;
    const stream = await open();
    await stream.next?.();
    expect(followers()).toBe(2);
    await stream.close?.();
    await subgraph.stop();
    expect(followers()).toBe(0);
  });

  it('ends with LIMIT_EXCEEDED where too many orders rest to be shown at once', async () => {
    for (let count = 0; count < 5_001; count += 1) venue.place(1, 0, 'BUY', 1, 100);
    const { errors } = await ask();
    expect(errors?.map(({ extensions }) => [extensions.code, extensions.limit])).toEqual([['LIMIT_EXCEEDED', 5_000]]);
  });
});
