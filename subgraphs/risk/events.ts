/**
 * The view: positions, working orders, marks and today's trades of every account, followed from the event stream.
 *
 * Positions and levels come by value and need no past. What needs it is loaded across the seam to history: today's
 * trades, the last prices, and the prices at 00:00 UTC. Days are those of engine time, UTC.
 * Memory: one entry a position, working order and price level, and one a position traded today.
 */
import type {
  ExchangeEvent,
  ExposureUpdated,
  MarginStatusChanged,
  OrderFields,
  OrdersTraded,
  PositionUpdated,
  TradeLeg,
} from '../../src/core/exchange/event.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { BookView } from '../../src/core/market-data/book-view.js';
import { openTimeOf } from '../../src/core/market-data/candles.js';
import type { MarginStatus, Side } from '../../src/core/values/vocabulary.js';
import { ReachedSequence } from '../../src/graphql/reached-sequence.js';
import type { EventBatch, EventConsumer } from '../../src/ports/event-feed.js';
import type { TradeTotals } from '../../src/ports/history.js';
import { BreakerView } from './services/breaker-view.js';
import type { HalfTicks } from './services/money.js';

export interface WorkingOrder {
  readonly instrument: number;
  readonly side: Side;
  readonly leavesQtyLots: number;
}

/** Today's trades of an account in an instrument, lots and quote units: bought less sold. */
export interface DayTotals {
  readonly netQtyLots: bigint;
  readonly netNotionalUnits: bigint;
  readonly feeUnits: bigint;
}

export const NO_TOTALS: DayTotals = { netQtyLots: 0n, netNotionalUnits: 0n, feeUnits: 0n };

/** Key of the exposures over all symbols. */
export const ALL_SYMBOLS = -1;

/** What the view holds of one account. */
export class AccountState {
  readonly positions = new Map<number, PositionUpdated>();
  readonly orders = new Map<number, WorkingOrder>();
  readonly today = new Map<number, DayTotals>();
  /** Figures that its limits are held against, by instrument or ALL_SYMBOLS; of accounts with limits only. */
  readonly exposures = new Map<number, ExposureUpdated>();
  /** Money by asset and margin pools that are not healthy; of margin accounts only. */
  readonly money = new Map<number, number>();
  readonly marginStatuses = new Map<number, MarginStatus>();
}

interface InstrumentState {
  readonly book: BookView;
  /** Price of the last trade; null before the first. */
  lastTicks: number | null;
  /** Last price before today's 00:00 UTC; null where there was none. */
  dayOpenTicks: number | null;
}

/** What history knows, each part complete up to its own sequence. */
export interface RiskPast {
  /** Day that it was read for. */
  readonly dayUs: number;
  readonly totals: { readonly records: readonly TradeTotals[]; readonly throughSequence: number };
  readonly prices: ReadonlyMap<number, { readonly last: PastPrice; readonly dayOpen: PastPrice }>;
}

export interface PastPrice {
  readonly ticks: number | null;
  readonly throughSequence: number;
}

export interface RiskViewOptions {
  readonly onTrade: (trade: OrdersTraded) => void;
  readonly onReset: () => void;
  /** Called at the end of a batch with each change of a position in it, in order: marks are those after the batch. */
  readonly onPosition: (position: PositionUpdated) => void;
  /** Called at the end of a batch with each change of a margin pool's status in it, in order. */
  readonly onMarginStatus: (change: MarginStatusChanged) => void;
  /** Called with each event after it was taken. */
  readonly onEvent: (event: ExchangeEvent) => void;
  /** Called at the end of a batch, with the time of its last event. */
  readonly onBatch: (timeUs: number) => void;
}

export class RiskView implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly breakers = new BreakerView();
  readonly #options: RiskViewOptions;
  readonly #accounts: AccountState[] = [];
  readonly #instruments: InstrumentState[] = [];
  /** Changes of positions in the batch under way. */
  #changed: PositionUpdated[] = [];
  #marginChanges: MarginStatusChanged[] = [];
  readonly #reached = new ReachedSequence();
  #dayUs = 0;

  constructor(options: RiskViewOptions) {
    this.#options = options;
  }

  /** Sequence of the last event taken, everything about it told. */
  get sequence(): number {
    return this.#reached.value;
  }

  /** Waits until the view has taken the sequence. Resolves false where it has not within the time. */
  whenReached(sequence: number, timeoutMs: number): Promise<boolean> {
    return this.#reached.wait(sequence, timeoutMs);
  }

  /** Lets everybody go who waits in whenReached. */
  stop(): void {
    this.#reached.stop();
  }

  /** Today's 00:00 UTC by engine time, microseconds since 1970 UTC. */
  get dayUs(): number {
    return this.#dayUs;
  }

  account(account: number): AccountState {
    let state = this.#accounts[account];
    if (state === undefined) {
      state = new AccountState();
      this.#accounts[account] = state;
    }
    return state;
  }

  /**
   * Returns twice the mark: the settlement price or the last one where the instrument is valued at these; otherwise the
   * mid, else the last price. Before the first trade the reference price.
   */
  markOf(instrument: number): HalfTicks {
    const { book, lastTicks } = this.#instrument(instrument);
    const { method, settlementPxTicks } = this.reference.instrumentAt(instrument).mark;
    if (method === 'SETTLEMENT' && settlementPxTicks !== null) return 2 * settlementPxTicks;
    if (method === 'LAST') return 2 * this.#lastOf(instrument);
    const bid = book.at('BUY', 0);
    const ask = book.at('SELL', 0);
    if (bid !== undefined && ask !== undefined) return bid.priceTicks + ask.priceTicks;
    return 2 * (lastTicks ?? this.reference.instrumentAt(instrument).terms.spec.referencePxTicks);
  }

  /** Returns the price that margin pools are valued at, ticks: never the mid. */
  marginMarkOf(instrument: number): number {
    const { method, settlementPxTicks } = this.reference.instrumentAt(instrument).mark;
    return method === 'SETTLEMENT' && settlementPxTicks !== null ? settlementPxTicks : this.#lastOf(instrument);
  }

  #lastOf(instrument: number): number {
    const { lastTicks } = this.#instrument(instrument);
    return lastTicks ?? this.reference.instrumentAt(instrument).terms.spec.referencePxTicks;
  }

  /** Returns twice the price that today's profit is counted from. */
  dayOpenOf(instrument: number): HalfTicks {
    const { dayOpenTicks } = this.#instrument(instrument);
    return 2 * (dayOpenTicks ?? this.reference.instrumentAt(instrument).terms.spec.referencePxTicks);
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.reference.clear();
    this.breakers.clear();
    this.#accounts.length = 0;
    this.#instruments.length = 0;
    for (const event of image) {
      this.#dayUs = Math.max(this.#dayUs, openTimeOf('D1', event.timeUs));
      this.#take(event);
    }
    this.#changed = [];
    this.#marginChanges = [];
    this.breakers.changed.clear();
    this.#reached.set(sequence);
    this.#options.onReset();
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) {
      const dayUs = openTimeOf('D1', event.timeUs);
      if (dayUs > this.#dayUs) this.#beginDay(dayUs);
      this.#take(event);
      this.#options.onEvent(event);
    }
    for (const position of this.#changed) this.#options.onPosition(position);
    this.#changed = [];
    for (const change of this.#marginChanges) this.#options.onMarginStatus(change);
    this.#marginChanges = [];
    this.#options.onBatch(batch.events[batch.events.length - 1]?.timeUs ?? 0);
    this.#reached.set(batch.lastSequence);
  }

  /** Takes what history knew and the trades behind it. Returns false where it was read for another day. */
  load(past: RiskPast, trades: readonly OrdersTraded[]): boolean {
    if (past.dayUs !== this.#dayUs) return false;
    for (const account of this.#accounts) account?.today.clear();
    for (const totals of past.totals.records) this.account(totals.account).today.set(totals.instrument, totals);
    for (const [instrument, { last, dayOpen }] of past.prices) {
      const state = this.#instrument(instrument);
      state.lastTicks = last.ticks;
      state.dayOpenTicks = dayOpen.ticks;
    }
    for (const trade of trades) {
      const prices = past.prices.get(trade.instrument);
      const state = this.#instrument(trade.instrument);
      if (trade.sequence > (prices?.last.throughSequence ?? 0)) state.lastTicks = trade.priceTicks;
      if (trade.timeUs >= this.#dayUs) {
        if (trade.sequence > past.totals.throughSequence) this.#addToDay(trade);
      } else if (trade.sequence > (prices?.dayOpen.throughSequence ?? 0)) {
        state.dayOpenTicks = trade.priceTicks;
      }
    }
    return true;
  }

  #beginDay(dayUs: number): void {
    this.#dayUs = dayUs;
    for (const account of this.#accounts) account?.today.clear();
    for (const state of this.#instruments) state.dayOpenTicks = state.lastTicks;
  }

  #instrument(instrument: number): InstrumentState {
    const state = this.#instruments[instrument];
    if (state === undefined) throw new RangeError(`no instrument has index ${instrument}`);
    return state;
  }

  #take(event: ExchangeEvent): void {
    switch (event.type) {
      case 'InstrumentListed':
        this.reference.apply(event);
        this.#instruments[event.instrument] = { book: new BookView(), lastTicks: null, dayOpenTicks: null };
        break;
      case 'BookLevelChanged':
        this.#instrument(event.instrument).book.load(event);
        break;
      case 'PositionUpdated':
        this.account(event.account).positions.set(event.instrument, event);
        this.#changed.push(event);
        break;
      case 'ExposureUpdated':
        this.account(event.account).exposures.set(event.instrument ?? ALL_SYMBOLS, event);
        break;
      case 'CircuitBreakerSet':
      case 'CircuitBreakerChanged':
      case 'MarketBreakerSet':
      case 'MarketBreakerChanged':
        this.breakers.apply(event);
        break;
      case 'BalanceUpdated':
        if (this.reference.accountAt(event.account).kind !== 'MARGIN') break;
        this.account(event.account).money.set(event.asset, event.totalUnits);
        break;
      case 'MarginStatusChanged':
        this.account(event.account).marginStatuses.set(event.asset, event.status);
        this.#marginChanges.push(event);
        break;
      case 'OrderAccepted':
      case 'OrderCanceled':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderExpired':
        this.#order(event);
        break;
      case 'OrdersTraded':
        this.#trade(event);
        break;
      default:
        this.reference.apply(event);
        break;
    }
  }

  #order(order: OrderFields): void {
    const { orders } = this.account(order.account);
    if (order.leavesQtyLots === 0) orders.delete(order.orderId);
    else orders.set(order.orderId, order);
  }

  #trade(trade: OrdersTraded): void {
    this.#options.onTrade(trade);
    this.#instrument(trade.instrument).lastTicks = trade.priceTicks;
    this.#addToDay(trade);
    for (const leg of [trade.maker, trade.taker]) {
      const { orders } = this.account(leg.account);
      const order = orders.get(leg.orderId);
      if (order === undefined) continue;
      if (leg.leavesQtyLots === 0) orders.delete(leg.orderId);
      else orders.set(leg.orderId, { ...order, leavesQtyLots: leg.leavesQtyLots });
    }
  }

  #addToDay(trade: OrdersTraded): void {
    const takerSign = trade.takerSide === 'BUY' ? 1n : -1n;
    this.#addLegToDay(trade, trade.taker, takerSign);
    this.#addLegToDay(trade, trade.maker, -takerSign);
  }

  #addLegToDay(trade: OrdersTraded, leg: TradeLeg, sign: bigint): void {
    const { today } = this.account(leg.account);
    const totals = today.get(trade.instrument) ?? NO_TOTALS;
    const { quoteUnitsPerTickLot } = this.reference.instrumentAt(trade.instrument).terms;
    const notionalUnits = BigInt(trade.priceTicks * trade.qtyLots * quoteUnitsPerTickLot);
    today.set(trade.instrument, {
      netQtyLots: totals.netQtyLots + sign * BigInt(trade.qtyLots),
      netNotionalUnits: totals.netNotionalUnits + sign * notionalUnits,
      feeUnits: totals.feeUnits + BigInt(leg.feeUnits),
    });
  }
}
