/**
 * Runs one strategy: the exchange's events in, commands out.
 *
 * Time moves by `advance` and by events; timers and bars that fall due in between come first, in the order of time. Commands
 * gather in `takeCommands`, in the order of the strategy's actions. Every order carries a clOrdId of the runner's prefix and a
 * counter, so that asking again places nothing twice. A strategy that throws is FAILED: its orders are withdrawn and it is
 * asked no more. Complexity: O(1) an event, but for the strategy's own work. Memory: own orders, and the books of its markets.
 */
import type { Command } from '../exchange/command.js';
import type { ExchangeEvent, OrderFields, TradeLeg } from '../exchange/event.js';
import { BookView } from '../market-data/book-view.js';
import { CandleBuilder, type CandleValues } from '../market-data/candles.js';
import type { Side, TradingStatus } from '../values/vocabulary.js';
import { OwnOrders } from './own-orders.js';
import type {
  Bar,
  Desk,
  DeskMarket,
  DeskOrder,
  MarketFacts,
  OrderRequest,
  Strategy,
  StrategyInput,
} from './strategy.js';

/** Working orders that a strategy may have in one market. */
export const MAX_OWN_ORDERS = 64;

/** RUNNING trades; PAUSED watches; STOPPED and FAILED are over. */
export type RunnerMode = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED';

/** A market of the strategy, by its index at the exchange. */
export interface RunnerMarket {
  readonly instrument: number;
  readonly facts: MarketFacts;
}

export interface RunnerOptions {
  readonly strategy: Strategy;
  /** Account that trades, by its index. No other strategy may use it. */
  readonly account: number;
  readonly markets: readonly RunnerMarket[];
  /** Begins every clOrdId; new for every run of a strategy. */
  readonly clOrdIdPrefix: string;
  /** True where bars are made from the trades seen; false where they are handed in by `closeBar`. */
  readonly makesBars: boolean;
}

/** What a strategy did, for people. */
export interface Remark {
  readonly timeUs: number;
  readonly text: string;
}

class MarketSeat implements DeskMarket {
  readonly book = new BookView();
  readonly own = new OwnOrders();
  readonly candles: CandleBuilder | null;
  status: TradingStatus = 'OPEN';
  lastTicks: number | null = null;
  /** Position of the account, and the part of it that is not the strategy's. */
  accountLots = 0;
  baseLots = 0;

  constructor(
    readonly facts: MarketFacts,
    strategy: Strategy,
    makesBars: boolean,
    onBar: (candle: CandleValues) => void,
  ) {
    this.candles = makesBars && strategy.barInterval !== null ? new CandleBuilder((_, candle) => onBar(candle)) : null;
  }

  get positionLots(): number {
    return this.accountLots - this.baseLots;
  }

  get bidTicks(): number | null {
    return this.book.at('BUY', 0)?.priceTicks ?? null;
  }

  get bidLots(): number {
    return this.book.at('BUY', 0)?.qtyLots ?? 0;
  }

  get askTicks(): number | null {
    return this.book.at('SELL', 0)?.priceTicks ?? null;
  }

  get askLots(): number {
    return this.book.at('SELL', 0)?.qtyLots ?? 0;
  }

  get orders(): readonly DeskOrder[] {
    return this.own.list;
  }
}

export class StrategyRunner implements Desk {
  mode: RunnerMode = 'PAUSED';
  /** Why it is FAILED. */
  error: string | null = null;
  lastRemark: Remark | null = null;
  fillCount = 0;
  timeUs = 0;
  readonly markets: readonly MarketSeat[];
  readonly #options: RunnerOptions;
  readonly #marketOf = new Map<number, number>();
  #commands: Command[] = [];
  #counter = 0;
  #nextTimerUs: number | null = null;
  #bars: StrategyInput[] = [];

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { strategy, makesBars } = options;
    this.markets = options.markets.map(({ instrument, facts }, market) => {
      this.#marketOf.set(instrument, market);
      const onBar = (candle: CandleValues) => {
        this.#bars.push({ type: 'BAR', market, bar: toBar(candle), live: true });
      };
      return new MarketSeat(facts, strategy, makesBars, onBar);
    });
  }

  /** Returns the commands that gathered since the last call, in order. */
  takeCommands(): Command[] {
    if (this.#commands.length === 0) return this.#commands;
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  /** Time of the next TIMER input; null where there is none. */
  get nextTimerUs(): number | null {
    return this.mode === 'RUNNING' ? this.#nextTimerUs : null;
  }

  /** Leaves out the timers before this time: nothing happens until then that they could see. */
  skipTimers(timeUs: number): void {
    if (this.#nextTimerUs !== null && this.#nextTimerUs < timeUs) this.#nextTimerUs = timeUs;
  }

  /** Says how much of the account's position is not the strategy's: what it held before, or has on loan. */
  lend(market: number, baseLots: number): void {
    this.markets[market]!.baseLots = baseLots;
  }

  /** Shows the strategy a closed bar of the past. It may form opinions; what it wants to do about it is left out. */
  warmUp(market: number, bar: Bar): void {
    if (this.mode !== 'PAUSED') throw new Error('a strategy is warmed up before it runs');
    this.#tell({ type: 'BAR', market, bar, live: false });
  }

  start(timeUs: number): void {
    this.timeUs = Math.max(this.timeUs, timeUs);
    const { timerUs } = this.#options.strategy;
    this.#nextTimerUs = timerUs === null ? null : this.timeUs + timerUs;
    this.mode = 'RUNNING';
  }

  /** Withdraws what works and acts no more until `start`; inventory is kept. */
  pause(): void {
    if (this.mode !== 'RUNNING') return;
    this.mode = 'PAUSED';
    this.#withdraw();
  }

  /** Ends for good. @param flatten true to close the position at market as well */
  stop(flatten: boolean): void {
    if (this.mode === 'STOPPED') return;
    this.mode = 'STOPPED';
    this.#withdraw();
    if (flatten) for (const [market, seat] of this.markets.entries()) this.#flatten(market, seat);
  }

  /** Lets time pass: bars close and timers ring, in the order of time. */
  advance(timeUs: number): void {
    while (this.mode === 'RUNNING' && this.#nextTimerUs !== null && this.#nextTimerUs <= timeUs) {
      this.#moveTo(this.#nextTimerUs);
      this.#nextTimerUs += this.#options.strategy.timerUs!;
      this.#tell({ type: 'TIMER' });
    }
    this.#moveTo(timeUs);
  }

  /** Hands in a bar that closed, where the runner makes none of its own. */
  closeBar(market: number, bar: Bar): void {
    this.#tell({ type: 'BAR', market, bar, live: true });
  }

  /** Hands in a trade of the market that did not happen at this exchange (history). */
  foreignTrade(market: number, priceTicks: number, qtyLots: number, aggressorSide: 'BUY' | 'SELL' | 'NONE'): void {
    this.#traded(market, this.markets[market]!, priceTicks, qtyLots, aggressorSide);
  }

  /** Forgets what it knew of orders, positions and books, and takes the exchange's image instead. */
  reset(image: readonly ExchangeEvent[]): void {
    for (const seat of this.markets) {
      seat.book.reset(0, 0);
      seat.own.clear();
      seat.accountLots = 0;
    }
    for (const event of image) this.#take(event, false);
  }

  /** Takes the events of one command. */
  apply(events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.timeUs > this.timeUs) this.advance(event.timeUs);
      this.#take(event, true);
    }
  }

  // ---- the desk

  place(market: number, request: OrderRequest): void {
    const seat = this.markets[market];
    if (seat === undefined || !this.#mayAct()) return;
    const { minQtyLots, maxQtyLots, minPriceTicks, maxPriceTicks } = seat.facts;
    const { side, priceTicks } = request;
    const qtyLots = Math.min(request.qtyLots, maxQtyLots);
    if (!Number.isSafeInteger(qtyLots) || qtyLots < minQtyLots) return;
    if (priceTicks !== null && !(priceTicks >= minPriceTicks && priceTicks <= maxPriceTicks)) return;
    if (seat.own.count >= MAX_OWN_ORDERS) {
      throw new Error(`${seat.facts.symbol}: more than ${MAX_OWN_ORDERS} own orders would work at once`);
    }
    this.#counter += 1;
    const clOrdId = `${this.#options.clOrdIdPrefix}-${this.#counter}`;
    seat.own.sent(clOrdId, side, priceTicks, qtyLots);
    this.#commands.push({
      type: 'PlaceOrder',
      account: this.#options.account,
      instrument: this.#options.markets[market]!.instrument,
      side,
      ordType: priceTicks === null ? 'MARKET' : 'LIMIT',
      timeInForce: priceTicks === null ? 'IOC' : request.timeInForce,
      orderQtyLots: qtyLots,
      priceTicks,
      stopPxTicks: null,
      trailingOffsetTicks: null,
      trailingPpm: null,
      displayQtyLots: null,
      expireTimeUs: null,
      postOnly: request.postOnly ?? false,
      reduceOnly: false,
      selfTradePrevention: 'CANCEL_NEWEST',
      clOrdId,
    });
  }

  replace(market: number, order: DeskOrder, priceTicks: number, leavesLots: number): void {
    const seat = this.markets[market];
    const own = seat?.own.settled(order.clOrdId);
    if (own === undefined || !this.#mayAct()) return;
    own.settled = false;
    this.#commands.push({
      type: 'ReplaceOrder',
      account: this.#options.account,
      orderId: own.orderId,
      orderQtyLots: own.cumLots + leavesLots,
      priceTicks,
      stopPxTicks: null,
      clOrdId: null,
    });
  }

  cancel(market: number, order: DeskOrder): void {
    const own = this.markets[market]?.own.settled(order.clOrdId);
    if (own === undefined) return;
    own.settled = false;
    this.#commands.push({ type: 'CancelOrder', account: this.#options.account, orderId: own.orderId });
  }

  say(reason: string): void {
    this.lastRemark = { timeUs: this.timeUs, text: reason.slice(0, 200) };
  }

  finish(reason: string): void {
    this.say(reason);
    this.stop(false);
  }

  // ---- inside

  #mayAct(): boolean {
    return this.mode === 'RUNNING';
  }

  #withdraw(): void {
    if (this.markets.every(({ own }) => own.count === 0)) return;
    for (const { instrument } of this.#options.markets) {
      this.#commands.push({ type: 'CancelAllOrders', account: this.#options.account, instrument, side: null });
    }
  }

  #flatten(market: number, seat: MarketSeat): void {
    if (seat.positionLots === 0) return;
    const side: Side = seat.positionLots > 0 ? 'SELL' : 'BUY';
    this.mode = 'RUNNING';
    this.place(market, { side, qtyLots: Math.abs(seat.positionLots), priceTicks: null, timeInForce: 'IOC' });
    this.mode = 'STOPPED';
  }

  /** Moves engine time on; bars that close by it are told once all have closed. */
  #moveTo(timeUs: number): void {
    if (timeUs > this.timeUs) this.timeUs = timeUs;
    for (const seat of this.markets) seat.candles?.closeThrough(this.timeUs);
    this.#tellBars();
  }

  #tellBars(): void {
    if (this.#bars.length === 0) return;
    const bars = this.#bars;
    this.#bars = [];
    for (const input of bars) this.#tell(input);
  }

  #take(event: ExchangeEvent, isNews: boolean): void {
    switch (event.type) {
      case 'BookLevelChanged':
        this.#level(event.instrument, event, isNews);
        break;
      case 'OrdersTraded':
        this.#trade(event.instrument, event, isNews);
        break;
      case 'PositionUpdated': {
        const seat = this.#seatOf(event.instrument);
        if (event.account === this.#options.account && seat !== null) seat.accountLots = event.qtyLots;
        break;
      }
      case 'TradingStatusChanged':
      case 'InstrumentListed': {
        const market = this.#marketOf.get(event.instrument);
        if (market === undefined) break;
        this.markets[market]!.status = event.status;
        if (isNews) this.#tell({ type: 'QUOTE', market });
        break;
      }
      case 'OrderAccepted':
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderCanceled':
      case 'OrderExpired':
        this.#order(event);
        break;
      case 'OrderRejected':
        this.#order(event);
        if (event.account === this.#options.account && isNews) this.#rejected(event.instrument, event.reason);
        break;
      case 'RequestRejected':
        if (event.account === this.#options.account) this.#requestRejected(event.orderId, event.reason);
        break;
      default:
        break;
    }
  }

  #seatOf(instrument: number): MarketSeat | null {
    const market = this.#marketOf.get(instrument);
    return market === undefined ? null : this.markets[market]!;
  }

  #level(instrument: number, change: Extract<ExchangeEvent, { type: 'BookLevelChanged' }>, isNews: boolean): void {
    const market = this.#marketOf.get(instrument);
    if (market === undefined) return;
    const { book } = this.markets[market]!;
    const before = book.at(change.side, 0);
    book.load(change);
    if (isNews && book.at(change.side, 0) !== before) this.#tell({ type: 'QUOTE', market });
  }

  #trade(instrument: number, event: Extract<ExchangeEvent, { type: 'OrdersTraded' }>, isNews: boolean): void {
    const market = this.#marketOf.get(instrument);
    if (market === undefined) return;
    const seat = this.markets[market]!;
    const { priceTicks, qtyLots, takerSide } = event;
    const makerSide: Side = takerSide === 'BUY' ? 'SELL' : 'BUY';
    if (this.#options.makesBars) this.#traded(market, seat, priceTicks, qtyLots, event.aggressorSide);
    this.#leg(market, seat, event.maker, makerSide, event, isNews);
    this.#leg(market, seat, event.taker, takerSide, event, isNews);
  }

  #traded(
    market: number,
    seat: MarketSeat,
    priceTicks: number,
    qtyLots: number,
    aggressorSide: 'BUY' | 'SELL' | 'NONE',
  ): void {
    seat.lastTicks = priceTicks;
    const { barInterval } = this.#options.strategy;
    if (seat.candles !== null && barInterval !== null) {
      seat.candles.addTo(barInterval, { timeUs: this.timeUs, priceTicks, qtyLots });
      this.#tellBars();
    }
    this.#tell({ type: 'TRADE', market, priceTicks, qtyLots, aggressorSide });
  }

  #leg(
    market: number,
    seat: MarketSeat,
    leg: TradeLeg,
    side: Side,
    trade: { readonly priceTicks: number; readonly qtyLots: number; readonly takerSide: Side },
    isNews: boolean,
  ): void {
    if (leg.account !== this.#options.account) return;
    seat.own.filled(leg.clOrdId, leg.cumQtyLots, leg.leavesQtyLots);
    if (!isNews) return;
    this.fillCount += 1;
    const { priceTicks, qtyLots, takerSide } = trade;
    this.#tell({ type: 'FILL', market, side, priceTicks, qtyLots, maker: side !== takerSide });
  }

  #order(order: OrderFields): void {
    if (order.account === this.#options.account) this.#seatOf(order.instrument)?.own.told(order);
  }

  #rejected(instrument: number, reason: string): void {
    const market = this.#marketOf.get(instrument);
    if (market !== undefined) this.#tell({ type: 'REJECTED', market, reason });
  }

  #requestRejected(orderId: number | null, reason: string): void {
    for (const [market, seat] of this.markets.entries()) {
      if (orderId === null || !seat.own.settle(orderId)) continue;
      this.#tell({ type: 'REJECTED', market, reason });
    }
  }

  #tell(input: StrategyInput): void {
    if (this.mode === 'STOPPED' || this.mode === 'FAILED') return;
    try {
      this.#options.strategy.on(input, this);
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.mode = 'FAILED';
      this.#withdraw();
    }
  }
}

function toBar(candle: CandleValues): Bar {
  const { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = candle;
  return { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots: Number(volumeLots) };
}
