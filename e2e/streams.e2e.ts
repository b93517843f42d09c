import { type BookUpdate, OrderBookCopy } from '../src/client/order-book.js';
import type { BookLevelChanged, ExchangeEvent } from '../src/core/exchange/event.js';
import { executionReportsOf } from '../src/core/exchange/execution-report.js';
import type { ReferenceData } from '../src/core/exchange/reference-data.js';
import { formatPrice, formatQty } from '../src/core/instrument/terms.js';
import { type BookLevel, BookView } from '../src/core/market-data/book-view.js';
import { seededRandom } from '../src/testing/random.js';
import { ChaosClient, type ChaosSubscription } from './support/chaos-client.js';
import { post } from './support/client.js';
import { readJournal } from './support/journal.js';
import { placeOrder } from './support/operations.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const SEED = Number(process.env.TRADSYS_TEST_SEED ?? 20260102);
const LOAD_MS = Number(process.env.TRADSYS_STREAMS_MS ?? 15_000);
const SYMBOLS = ['BTC-USD', 'ETH-USD', 'MSFT'];
const FULL_DEPTH = 1000;
/** Position before the first event. */
const BEGINNING = Buffer.from('s:0:1').toString('base64url');

const LEVELS = 'px qty orderCount';
const BOOK = /* GraphQL */ `
  subscription ($symbol: ID!, $depth: Int, $flow: FlowControl) {
    orderBook(symbol: $symbol, depth: $depth, flow: $flow) {
      snapshot sequence prevSequence bids { ${LEVELS} } asks { ${LEVELS} } checksum
    }
  }
`;
const FILLS = /* GraphQL */ `
  subscription ($accountId: ID!, $after: Cursor) {
    fills(accountId: $accountId, after: $after) {
      __typename
      ... on Fill { cursor execId lastPx lastQty leavesQty }
      ... on StreamGap { reason }
    }
  }
`;
const TRADES =
  'subscription ($symbols: [ID!]!, $after: Cursor) { trades(symbols: $symbols, after: $after) { cursor id symbol sequence } }';
const QUERY_BOOK = `query ($symbol: ID!) { instrument(symbol: $symbol) { orderBook(depth: ${FULL_DEPTH}) {
  sequence bids { ${LEVELS} } asks { ${LEVELS} } checksum } } }`;

interface FillItem {
  readonly __typename: string;
  readonly cursor: string;
  readonly execId: string;
}

interface TradeItem {
  readonly cursor: string;
  readonly id: string;
  readonly symbol: string;
}

/** Every book that anybody saw, by symbol, depth and sequence: two that differ under one key are a lie to somebody. */
class SeenBooks {
  readonly #seen = new Map<string, string>();
  readonly #held = new Set<string>();
  compared = 0;

  /** Number of different books that were seen. */
  get size(): number {
    return this.#seen.size;
  }

  /** Number of them that the journal told. */
  get journaled(): number {
    return this.#held.size;
  }

  /** Holds what was seen of a book at a sequence to what the journal says that it was. */
  hold(symbol: string, depth: number, book: BookView, format: (level: BookLevel) => object): void {
    const key = `${symbol}/${depth}/${book.sequence}`;
    if (!this.#seen.has(key)) return;
    this.#held.add(key);
    const [bids, asks] = [book.top('BUY', depth).map(format), book.top('SELL', depth).map(format)];
    this.note(symbol, depth, book.sequence, bids, asks);
  }

  readonly differences: string[] = [];

  note(symbol: string, depth: number, sequence: number, bids: readonly object[], asks: readonly object[]): void {
    const key = `${symbol}/${depth}/${sequence}`;
    const shown = JSON.stringify([bids.slice(0, depth), asks.slice(0, depth)]);
    const known = this.#seen.get(key);
    if (known === undefined) this.#seen.set(key, shown);
    else {
      this.compared += 1;
      if (known !== shown) this.differences.push(`${key}: ${known} and ${shown}`);
    }
  }
}

function followBook(books: SeenBooks, symbol: string, depth: number, flow: object): ChaosSubscription {
  let copy = new OrderBookCopy();
  return {
    query: BOOK,
    variables: () => ({ symbol, depth, flow }),
    begin: () => {
      copy = new OrderBookCopy();
    },
    next: (update: BookUpdate) => {
      copy.apply(update);
      copy.verify(update);
      const { bids, asks, sequence } = copy;
      if (bids.length > depth || asks.length > depth) throw new Error(`${bids.length} levels for a depth of ${depth}`);
      books.note(symbol, depth, sequence, bids, asks);
      if (depth > 10) books.note(symbol, 10, sequence, bids, asks);
    },
  };
}

function follow<T extends { readonly cursor: string }>(
  query: string,
  field: Record<string, unknown>,
): { received: T[]; subscription: ChaosSubscription } {
  const received: T[] = [];
  const variables = () => ({ ...field, after: received.at(-1)?.cursor ?? BEGINNING });
  return { received, subscription: { query, variables, next: (item: T) => received.push(item) } };
}

/** Rebuilds every book from the journal's events alone, command by command, and holds each copy that was seen to it. */
function holdToJournal(books: SeenBooks, events: readonly ExchangeEvent[], reference: ReferenceData): void {
  const views = new Map<number, BookView>();
  const levels: BookLevelChanged[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === 'BookLevelChanged') levels.push(event);
    if (events[index + 1]?.commandSequence === event.commandSequence) continue;
    for (const instrument of new Set(levels.map((level) => level.instrument))) {
      const own = levels.filter((level) => level.instrument === instrument);
      const view = views.get(instrument) ?? new BookView();
      views.set(instrument, view);
      view.apply(own, own.at(-1)?.sequence ?? 0, event.timeUs);
      const { symbol, terms } = reference.instrumentAt(instrument);
      for (const depth of [FULL_DEPTH, 10]) {
        books.hold(symbol, depth, view, ({ priceTicks, qtyLots, orderCount }) => ({
          px: formatPrice(terms, priceTicks),
          qty: formatQty(terms, qtyLots),
          orderCount,
        }));
      }
    }
    levels.length = 0;
  }
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe('streams over a bad network', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  const clients: ChaosClient[] = [];
  const random = seededRandom(SEED);

  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir, simulator: true });
  });

  afterAll(async () => {
    for (const client of clients) client.stop();
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  function client(subscriptions: readonly ChaosSubscription[], chaos: boolean, token: string | null = null) {
    const opened = new ChaosClient({
      url: platform.url,
      token,
      random: seededRandom(random() * 2 ** 31),
      subscriptions,
      chaos,
    });
    clients.push(opened);
    return opened;
  }

  it('every copy of a book equals the server at each sequence, and fills and trades equal the journal', async () => {
    const books = new SeenBooks();
    for (const symbol of SYMBOLS) {
      client([followBook(books, symbol, FULL_DEPTH, {})], false);
      for (const depth of [FULL_DEPTH, 10]) {
        client([followBook(books, symbol, depth, { maxBuffer: 2 })], true);
        client([followBook(books, symbol, depth, { conflateMs: 50 })], true);
        client([followBook(books, symbol, depth, { maxBuffer: 5, onOverflow: 'CLOSE' })], true);
      }
    }
    const { trader, trader2 } = platform.credentials;
    const fills = [trader, trader, trader2].map(({ token, accountId }, index) => {
      const followed = follow<FillItem>(FILLS, { accountId });
      client([followed.subscription], index > 0, token);
      return { accountId, received: followed.received };
    });
    const trades = [true, true, false].map((chaos) => {
      const followed = follow<TradeItem>(TRADES, { symbols: SYMBOLS });
      client([followed.subscription], chaos);
      return followed.received;
    });

    const endsAt = Date.now() + LOAD_MS;
    for (let n = 0; Date.now() < endsAt; n += 1) {
      const { token, accountId } = n % 2 === 0 ? trader : trader2;
      const symbol = SYMBOLS[n % SYMBOLS.length] ?? 'MSFT';
      const side = random() < 0.5 ? 'BUY' : 'SELL';
      const orderQty = symbol === 'MSFT' ? '2' : '0.02';
      await placeOrder(platform.url, token, {
        accountId,
        symbol,
        side,
        ordType: 'MARKET',
        timeInForce: 'IOC',
        orderQty,
      });
      if (n % 5 === 0) {
        const { data } = await post(platform.url, QUERY_BOOK, { symbol });
        const { sequence, bids, asks } = data.instrument.orderBook;
        books.note(symbol, FULL_DEPTH, sequence, bids, asks);
      }
      await pause(random() * 30);
    }
    for (const each of clients) each.calm();
    await pause(2500);
    const { counts } = clients.reduce(
      (sum, each) => {
        for (const key of ['connections', 'cuts', 'pauses', 'messages'] as const) sum.counts[key] += each.counts[key];
        return sum;
      },
      { counts: { connections: 0, cuts: 0, pauses: 0, messages: 0 } },
    );
    for (const each of clients) each.stop();
    await platform.stop();
    const { events, reference } = await readJournal(dataDir);

    process.stdout.write(
      `seed ${SEED}: ${events.length} events; clients ${JSON.stringify(counts)}; ` +
        `${books.compared} books compared, ${books.size} of them different, ${fills.map(({ received }) => received.length)} fills, ` +
        `${trades.map(({ length }) => length)} trades\n`,
    );
    // A bad network is no failure; only an overflow under CLOSE may end a stream, and says so.
    const failures = clients.flatMap((each) => each.failures);
    expect(failures.filter((failure) => !JSON.stringify(failure)?.includes('SLOW_CONSUMER'))).toEqual([]);
    holdToJournal(books, events, reference);
    expect(books.differences).toEqual([]);
    // Books from before the first delta carry the sequence of the image that they came from.
    expect(books.journaled).toBeGreaterThan(books.size * 0.9);
    expect(books.compared).toBeGreaterThan(100);
    expect(counts.cuts).toBeGreaterThan(20);
    expect(counts.pauses).toBeGreaterThan(20);
    for (const { accountId, received } of fills) {
      const account = reference.accountById(accountId)?.account;
      const journaled = events
        .flatMap((event) => executionReportsOf(event))
        .filter((report) => report.execType === 'TRADE' && report.account === account)
        .map(({ sequence, leg }) => `${sequence}-${leg}`);
      expect(received.filter(({ __typename }) => __typename !== 'Fill')).toEqual([]);
      expect(received.map(({ execId }) => execId)).toEqual(journaled);
      expect(journaled.length).toBeGreaterThan(20);
    }
    const journaledTrades = events.flatMap((event) =>
      event.type === 'OrdersTraded' && SYMBOLS.includes(reference.instrumentAt(event.instrument).symbol)
        ? [String(event.tradeId)]
        : [],
    );
    for (const received of trades) {
      expect(received.length).toBeGreaterThan(20);
      expect(received.map(({ id }) => id)).toEqual(journaledTrades.slice(0, received.length));
    }
  });
});
