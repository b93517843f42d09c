/**
 * The whole state of an exchange: the tables that commands change and nothing else.
 *
 * It has no behaviour of its own beyond lookups; the parts that change it (order entry, matcher, administration)
 * share one instance. Everything in it is either told by `describeState` or follows from what is told.
 */
import type { MarketBreaker } from '../breaker/market-breaker.js';
import { BookSide } from '../matching/book-side.js';
import { ExpiryHeap } from '../matching/expiry-heap.js';
import { LevelTable } from '../matching/level-table.js';
import type { FollowedFill } from '../matching/links.js';
import { OrderTable, SPARE_SLOTS } from '../matching/order-table.js';
import { QuoteTable } from '../matching/quote-table.js';
import type { Account } from '../risk/account.js';
import { Exposures } from '../risk/exposures.js';
import { Leases } from '../risk/leases.js';
import { Ledger } from '../risk/ledger.js';
import type { Tier } from '../risk/limit-values.js';
import { MarginBook } from '../risk/margin-book.js';
import { PAIR_SPAN } from '../risk/pair-table.js';
import { Positions } from '../risk/positions.js';
import { RateLimits } from '../risk/rate-limits.js';
import { KillSwitch } from '../risk/stop-level.js';
import { EventBuffer } from './event-buffer.js';
import { IdempotencyIndex } from './idempotency.js';
import type { Listing } from './listing.js';
import { Trial } from './trial.js';

/** Capacities of an exchange. Beyond them commands are refused, never dropped. */
export interface ExchangeOptions {
  /** Working orders over all instruments; default 1,048,576, at most 16,776,191. */
  readonly maxOrders?: number;
  /** Accounts; default 65,536, at most 1,048,576. */
  readonly maxAccounts?: number;
  /** Instruments; default 4,096, at most 65,536. */
  readonly maxInstruments?: number;
  /** Assets; default 4,096, at most 65,536. */
  readonly maxAssets?: number;
  /** Client order ids that are remembered; default 4,194,304, at most 16,777,216. */
  readonly maxClOrdIds?: number;
  /** How long a client order id is remembered at least; default and least 24 h, at most 366 days. */
  readonly clOrdIdRetentionUs?: number;
  /** Transfer ids that are remembered; default 1,048,576, at most 16,777,216. */
  readonly maxTransferIds?: number;
  /** How long a transfer id is remembered at least; default 30 days, least 24 h, at most 366 days. */
  readonly transferIdRetentionUs?: number;
  /**
   * Price levels a side that are found at once, around the best price: a power of two from 1,024 to 32,768,
   * default 8,192. It changes speed and memory (4 bytes a level and side), never a result.
   */
  readonly ladderLevels?: number;
}

export type Capacities = Required<ExchangeOptions>;

const DAY_US = 86_400_000_000;

/** Default, least and greatest value of each option. */
const CAPACITY_BOUNDS: { readonly [K in keyof Capacities]: readonly [usual: number, least: number, greatest: number] } =
  {
    maxOrders: [1_048_576, 1, 2 ** 24 - 1 - SPARE_SLOTS],
    maxAccounts: [65_536, 1, PAIR_SPAN],
    maxInstruments: [4_096, 1, 65_536],
    maxAssets: [4_096, 1, 65_536],
    maxClOrdIds: [4_194_304, 1, 2 ** 24],
    clOrdIdRetentionUs: [DAY_US, DAY_US, 366 * DAY_US],
    maxTransferIds: [1_048_576, 1, 2 ** 24],
    transferIdRetentionUs: [30 * DAY_US, DAY_US, 366 * DAY_US],
    ladderLevels: [8_192, 1_024, 32_768],
  };

/**
 * Fills in defaults.
 * @throws RangeError naming the option and its bounds
 */
export function capacitiesOf(options: ExchangeOptions): Capacities {
  const chosen: Record<string, number> = {};
  for (const [name, [usual, least, greatest]] of Object.entries(CAPACITY_BOUNDS)) {
    const value = options[name as keyof ExchangeOptions] ?? usual;
    if (!Number.isSafeInteger(value) || value < least || value > greatest) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${greatest}, not ${value}`);
    }
    chosen[name] = value;
  }
  const capacities = chosen as unknown as Capacities;
  if ((capacities.ladderLevels & (capacities.ladderLevels - 1)) !== 0) {
    throw new RangeError(`ladderLevels must be a power of two, not ${capacities.ladderLevels}`);
  }
  return capacities;
}

export interface Asset {
  readonly code: string;
  readonly scale: number;
  /** First instrument listed with this base, whose position deposits count into; NIL before. */
  positionInstrument: number;
}

export class ExchangeState {
  commandSequence = 0;
  eventSequence = 0;
  timeUs = 0;
  /** Last trade id. */
  tradeSequence = 0;
  readonly assets: Asset[] = [];
  readonly assetByCode = new Map<string, number>();
  readonly listings: Listing[] = [];
  readonly listingBySymbol = new Map<string, number>();
  readonly accounts: Account[] = [];
  readonly accountById = new Map<string, number>();
  readonly orders: OrderTable;
  /** Orders that end by time. */
  readonly expiries: ExpiryHeap;
  /** Stops triggered in the present command that have not acted yet, and the prices that triggered them. */
  readonly triggered: number[] = [];
  readonly triggerPxTicks: number[] = [];
  /** Fills of entries in the present command that the exits of their plans have not followed yet. */
  readonly followed: FollowedFill[] = [];
  /** Exits that wait for their entry. */
  heldOrders = 0;
  /** Working orders that are reduceOnly. */
  reduceOnlyOrders = 0;
  /** Place in time of the last stop that began to wait. */
  arrivalSequence = 0;
  readonly levels = new LevelTable();
  readonly ledger = new Ledger();
  readonly positions = new Positions();
  readonly margin = new MarginBook();
  /** What limits are held against. */
  readonly exposures: Exposures;
  readonly rates: RateLimits;
  /** Defaults of limits, by name. */
  readonly tiers = new Map<string, Tier>();
  /** The venue's own switch. */
  readonly kill = new KillSwitch();
  readonly clOrdIds: IdempotencyIndex;
  readonly transferIds: IdempotencyIndex;
  /** Where events are told; a preview puts another one in its place. */
  events = new EventBuffer();
  /** Working quotes by account and instrument. */
  readonly quotes = new QuoteTable();
  readonly leases = new Leases();
  readonly trial = new Trial(this);
  /** Instruments whose auction is under way; follows from their phases. */
  auctionCount = 0;
  /** Those whose indicative the present command may have changed. */
  readonly touchedAuctions: Listing[] = [];

  /** The market-wide circuit breaker; null where there is none. */
  market: MarketBreaker | null = null;
  /** Instruments whose next step the exchange takes by itself; follows from what stands in them. */
  readonly resuming = new Set<Listing>();

  constructor(readonly capacities: Capacities) {
    this.orders = new OrderTable(capacities.maxOrders);
    this.expiries = new ExpiryHeap(this.orders);
    this.clOrdIds = new IdempotencyIndex(capacities.maxClOrdIds, capacities.clOrdIdRetentionUs);
    this.transferIds = new IdempotencyIndex(capacities.maxTransferIds, capacities.transferIdRetentionUs);
    this.exposures = new Exposures(this);
    this.rates = new RateLimits(this.exposures);
  }

  /** Puts an account behind the others. */
  addAccount(account: Account): void {
    this.accounts.push(account);
    this.accountById.set(account.accountId, account.index);
    if (account.kind !== 'MARGIN') return;
    this.margin.accounts.push(account.index);
    this.ledger.debtors.add(account.index);
  }

  /** @param sideIndex instrument × 2 + side */
  sideAt(sideIndex: number): BookSide {
    return this.listings[sideIndex >>> 1]!.side(sideIndex & 1);
  }

  /** To be called where what an instrument gathers for an auction changed, beside its price levels. */
  touchAuction(listing: Listing): void {
    if (listing.auction.isTouched) return;
    listing.auction.isTouched = true;
    this.touchedAuctions.push(listing);
  }

  newBookSide(instrument: number, side: 0 | 1): BookSide {
    const { orders, levels, capacities } = this;
    return new BookSide(orders, levels, instrument * 2 + side, side === 0 ? 1 : -1, capacities.ladderLevels);
  }
}
