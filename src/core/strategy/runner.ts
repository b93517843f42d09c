/**
 * Runs one strategy: the exchange's events in, commands out.
 *
 * Time moves by `advance` and by events; timers and bars that fall due in between come first, in the order of time. Commands
 * gather in `takeCommands`, in the order of the strategy's actions. Every order carries a clOrdId of the runner's prefix and a
 * counter, so that asking again places nothing twice; by that prefix, and by nothing else, it knows what is its own: orders to
 * withdraw, executions that make its position and its profit. A strategy that throws is FAILED: its orders are withdrawn and it
 * is asked no more. While it does not run each own order is canceled as soon as the exchange tells of it, until none is left.
 * Complexity: O(1) an event, but for the strategy's own work. Memory: own orders, and the books of its markets.
 */
import type { Command } from '../exchange/command.js';
import type { ExchangeEvent, OrderFields, TradeLeg } from '../exchange/event.js';
import type { CandleValues } from '../market-data/candles.js';
import type { Side } from '../values/vocabulary.js';
import { Closing } from './closing.js';
import { MarketSeat } from './market-seat.js';
import { type OwnHolding, OwnLedger } from './own-ledger.js';
import type { OwnOrder } from './own-orders.js';
import { REFUSAL_PAUSE_US } from './refusals.js';
import type { Bar, Desk, DeskOrder, MarketFacts, OrderRequest, Strategy, StrategyInput } from './strategy.js';

/** Working orders that a strategy may have in one market. */
export const MAX_OWN_ORDERS = 64;

/** NEW has not begun; RUNNING trades; PAUSED watches; CLOSING withdraws its orders and closes its inventory; STOPPED and FAILED are over. */
export type RunnerMode = 'NEW' | 'RUNNING' | 'PAUSED' | 'CLOSING' | 'STOPPED' | 'FAILED';

/** A market of the strategy, by its index at the exchange. */
export interface RunnerMarket {
  readonly instrument: number;
  readonly facts: MarketFacts;
}

export interface RunnerOptions {
  readonly strategy: Strategy;
  /** Account that trades, by its index; others may trade with it too. */
  readonly account: number;
  readonly markets: readonly RunnerMarket[];
  /** Begins every clOrdId; new for every run of a strategy. */
  readonly clOrdIdPrefix: string;
  /** Begins the clOrdId of every order of any run of it; absent = those of this run alone are its own. */
  readonly ownPrefix?: string;
  /** True where bars are made from the trades seen; false where they are handed in by `closeBar`. */
  readonly makesBars: boolean;
}

/** What a strategy did, for people. */
export interface Remark {
  readonly timeUs: number;
  readonly text: string;
}

export class StrategyRunner implements Desk {
  mode: RunnerMode = 'NEW';
  /** Why it is FAILED. */
  error: string | null = null;
  lastRemark: Remark | null = null;
  timeUs = 0;
  startedUs = 0;
  readonly markets: readonly MarketSeat[];
  readonly ledger: OwnLedger;
  readonly #options: RunnerOptions;
  readonly #ownPrefix: string;
  readonly #marketOf = new Map<number, number>();
  #commands: Command[] = [];
  #counter = 0;
  #nextTimerUs: number | null = null;
  #bars: StrategyInput[] = [];
  /** Own executions and refusals of the command whose events are being taken. */
  #reports: StrategyInput[] = [];
  #reportsOf = 0;
  #closing: Closing | null = null;
  #cancelAgainUs = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { strategy, makesBars } = options;
    this.#ownPrefix = options.ownPrefix ?? `${options.clOrdIdPrefix}-`;
    this.ledger = new OwnLedger(options.markets.length);
    this.markets = options.markets.map(({ instrument, facts }, market) => {
      this.#marketOf.set(instrument, market);
      const onBar = (candle: CandleValues) => {
        this.#bars.push({ type: 'BAR', market, bar: toBar(candle), live: true });
      };
      return new MarketSeat(facts, market, this.ledger, strategy, makesBars, onBar);
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

  /** True where none of its orders works or is on its way. */
  get isQuiet(): boolean {
    return this.markets.every(({ own }) => own.count === 0);
  }

  /** Gives back what it had come to, by market, before it was made anew. */
  restore(holdings: readonly OwnHolding[], fillCount: number): void {
    this.ledger.restore(holdings, fillCount);
  }

  /** Shows the strategy a closed bar of the past. It may form opinions; what it wants to do about it is left out. */
  warmUp(market: number, bar: Bar): void {
    if (this.mode !== 'NEW') throw new Error('a strategy is warmed up before it runs');
    this.#tell({ type: 'BAR', market, bar, live: false });
  }

  /** @param startedUs time of its first start, where it has run before */
  start(timeUs: number, startedUs = timeUs): void {
    this.timeUs = Math.max(this.timeUs, timeUs);
    this.startedUs = startedUs;
    const { timerUs } = this.#options.strategy;
    this.#nextTimerUs = timerUs === null ? null : this.timeUs + timerUs;
    this.mode = 'RUNNING';
  }

  /** Withdraws what works and acts no more until `start`; inventory is kept. */
  pause(): void {
    if (this.mode !== 'RUNNING' && this.mode !== 'NEW') return;
    this.mode = 'PAUSED';
    this.#tend();
  }

  /**
   * Ends for good: CLOSING until its orders are gone, then STOPPED.
   * @param flatten true to close its inventory at market as well; FAILED where that cannot be done
   */
  stop(flatten: boolean): void {
    if (this.mode === 'STOPPED') return;
    if (this.mode === 'CLOSING') this.#closing!.flatten ||= flatten;
    else {
      this.mode = 'CLOSING';
      this.#closing = new Closing(this.markets, flatten);
    }
    this.#tend();
  }

  /** Ends because it cannot go on; `stop` may still close its inventory. */
  fail(error: string): void {
    if (this.mode === 'STOPPED') return;
    this.error ??= error;
    this.mode = 'FAILED';
    this.#tend();
  }

  /** Lets time pass: bars close and timers ring, in the order of time. */
  advance(timeUs: number): void {
    while (this.mode === 'RUNNING' && this.#nextTimerUs !== null && this.#nextTimerUs <= timeUs) {
      this.#moveTo(this.#nextTimerUs);
      this.#nextTimerUs += this.#options.strategy.timerUs!;
      this.#tell({ type: 'TIMER' });
    }
    this.#moveTo(timeUs);
    this.#tend();
  }

  /** Hands in a bar that closed, where the runner makes none of its own. */
  closeBar(market: number, bar: Bar): void {
    this.#tell({ type: 'BAR', market, bar, live: true });
  }

  /** Hands in a trade of the market that did not happen at this exchange (history). */
  foreignTrade(market: number, priceTicks: number, qtyLots: number, aggressorSide: 'BUY' | 'SELL' | 'NONE'): void {
    this.#traded(market, this.markets[market]!, priceTicks, qtyLots, aggressorSide);
  }

  /** Takes what became of its orders while it did not follow: it counts, but the strategy is not told of it. */
  recover(events: readonly ExchangeEvent[]): void {
    for (const event of events) this.#take(event, false);
  }

  /** Forgets what it knew of orders and books, and takes the exchange's image instead; what is on its way stays. */
  reset(image: readonly ExchangeEvent[]): void {
    for (const seat of this.markets) {
      seat.book.reset(0, 0);
      seat.own.forgetTold();
    }
    for (const event of image) this.#take(event, false);
    this.#tend();
  }

  /** Takes the events of one or more commands, in order. */
  apply(events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.commandSequence !== this.#reportsOf) this.#report(event.commandSequence);
      if (event.timeUs > this.timeUs) this.advance(event.timeUs);
      this.#take(event, true);
    }
    this.#report(0);
    this.#tend();
  }

  /** The command did not reach the exchange, as far as anybody knows. */
  notSent(command: Command): void {
    for (const { own } of this.markets) {
      if (command.type === 'PlaceOrder' && command.clOrdId !== null) own.notSent(command.clOrdId);
      else if (command.type === 'CancelOrder' || command.type === 'ReplaceOrder') own.settle(command.orderId);
    }
    this.#cancelAgainUs = this.timeUs + REFUSAL_PAUSE_US;
  }

  // ---- the desk

  place(market: number, request: OrderRequest): void {
    const seat = this.markets[market];
    if (seat === undefined || this.mode !== 'RUNNING') return;
    const { minQtyLots, maxQtyLots, minPriceTicks, maxPriceTicks } = seat.facts;
    const { priceTicks } = request;
    const qtyLots = Math.min(request.qtyLots, maxQtyLots);
    if (!Number.isSafeInteger(qtyLots) || qtyLots < minQtyLots) return;
    if (priceTicks !== null && !(priceTicks >= minPriceTicks && priceTicks <= maxPriceTicks)) return;
    if (seat.own.count >= MAX_OWN_ORDERS) {
      throw new Error(`${seat.facts.symbol}: more than ${MAX_OWN_ORDERS} own orders would work at once`);
    }
    this.#send(market, request, qtyLots);
  }

  #send(
    market: number,
    { side, priceTicks, timeInForce, postOnly }: OrderRequest,
    qtyLots: number,
    reduceOnly = false,
  ): void {
    this.#counter += 1;
    const clOrdId = `${this.#options.clOrdIdPrefix}-${this.#counter}`;
    this.markets[market]!.own.sent(clOrdId, side, priceTicks, qtyLots);
    this.#commands.push({
      type: 'PlaceOrder',
      account: this.#options.account,
      instrument: this.#options.markets[market]!.instrument,
      side,
      ordType: priceTicks === null ? 'MARKET' : 'LIMIT',
      timeInForce: priceTicks === null ? 'IOC' : timeInForce,
      orderQtyLots: qtyLots,
      priceTicks,
      stopPxTicks: null,
      trailingOffsetTicks: null,
      trailingPpm: null,
      displayQtyLots: null,
      expireTimeUs: null,
      postOnly: postOnly ?? false,
      reduceOnly,
      selfTradePrevention: 'CANCEL_NEWEST',
      clOrdId,
    });
  }

  replace(market: number, order: DeskOrder, priceTicks: number, leavesLots: number): void {
    const seat = this.markets[market];
    const own = seat?.own.settled(order.clOrdId);
    if (own === undefined || this.mode !== 'RUNNING') return;
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
    own.canceling = true;
    this.#commands.push({ type: 'CancelOrder', account: this.#options.account, orderId: own.orderId });
  }

  say(reason: string): void {
    const text = reason.slice(0, 200);
    if (this.lastRemark?.text !== text) this.lastRemark = { timeUs: this.timeUs, text };
  }

  finish(reason: string): void {
    this.say(reason);
    this.stop(false);
  }

  // ---- inside

  /** What is to be done while it does not run: its orders are withdrawn, and where it ends its inventory is closed. */
  #tend(): void {
    if (this.mode === 'RUNNING' || this.mode === 'NEW') return;
    if (this.timeUs >= this.#cancelAgainUs) for (const { own } of this.markets) this.#withdraw(own.list);
    if (this.mode !== 'CLOSING') return;
    const closing = this.#closing!;
    for (const { market, side, qtyLots, reduceOnly } of closing.orders(this.timeUs)) {
      this.#send(market, { side, qtyLots, priceTicks: null, timeInForce: 'IOC' }, qtyLots, reduceOnly);
    }
    if (!closing.isOver) return;
    const { problem } = closing;
    this.mode = problem === null ? 'STOPPED' : 'FAILED';
    this.error = problem;
  }

  #withdraw(orders: readonly OwnOrder[]): void {
    for (const order of orders) {
      if (order.orderId === 0 || order.canceling) continue;
      order.settled = false;
      order.canceling = true;
      this.#commands.push({ type: 'CancelOrder', account: this.#options.account, orderId: order.orderId });
    }
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
      case 'TradingStatusChanged':
      case 'InstrumentListed': {
        const market = this.#marketOf.get(event.instrument);
        if (market === undefined) break;
        this.markets[market]!.status = event.status;
        if (isNews) this.#tell({ type: 'QUOTE', market });
        break;
      }
      case 'OrderRejected':
        if (this.#order(event) && isNews) this.#rejected(event);
        break;
      case 'OrderReplaced':
      case 'OrderRestated':
      case 'OrderTriggered':
      case 'OrderExpired':
        this.#order(event);
        break;
      case 'OrderCanceled':
        if (this.#order(event) && event.timeInForce === 'IOC') {
          this.#closing?.canceled(this.#marketOf.get(event.instrument)!, event.reason);
        }
        break;
      case 'OrderAccepted':
        if (this.#order(event) && isNews) this.#accepted(event.instrument, event.side);
        break;
      case 'RequestRejected':
        if (event.account === this.#options.account) this.#requestRejected(event.orderId, event.reason);
        break;
      default:
        break;
    }
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
    if (this.#options.makesBars && isNews) this.#traded(market, seat, priceTicks, qtyLots, event.aggressorSide);
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
    const clOrdId = this.#own(leg);
    if (clOrdId === null) return;
    const { priceTicks, qtyLots, takerSide } = trade;
    seat.own.filled(clOrdId, leg.cumQtyLots, leg.leavesQtyLots);
    this.ledger.fill(market, side, priceTicks, qtyLots, leg.feeUnits);
    if (isNews) this.#reports.push({ type: 'FILL', market, side, priceTicks, qtyLots, maker: side !== takerSide });
  }

  /** The clOrdId of an order of its own; null of any other order. */
  #own({ account, clOrdId }: { readonly account: number; readonly clOrdId: string | null }): string | null {
    return account === this.#options.account && clOrdId?.startsWith(this.#ownPrefix) === true ? clOrdId : null;
  }

  /** Tells the strategy of its executions once the book stands as their command left it. */
  #report(commandSequence: number): void {
    this.#reportsOf = commandSequence;
    if (this.#reports.length === 0) return;
    const reports = this.#reports;
    this.#reports = [];
    for (const input of reports) this.#tell(input);
  }

  /** @returns false where it is none of its own */
  #order(order: OrderFields): boolean {
    const clOrdId = this.#own(order);
    const market = this.#marketOf.get(order.instrument);
    if (clOrdId === null || market === undefined) return false;
    this.markets[market]!.own.told(clOrdId, order);
    return true;
  }

  #accepted(instrument: number, side: Side): void {
    const market = this.#marketOf.get(instrument);
    if (market !== undefined) this.#reports.push({ type: 'ACCEPTED', market, side });
  }

  #rejected({ instrument, side, reason, orderQtyLots }: Extract<ExchangeEvent, { type: 'OrderRejected' }>): void {
    const market = this.#marketOf.get(instrument);
    if (market === undefined) return;
    this.#closing?.refused(market, reason, orderQtyLots);
    this.#reports.push({ type: 'REJECTED', market, side, reason });
  }

  #requestRejected(orderId: number | null, reason: string): void {
    for (const [market, seat] of this.markets.entries()) {
      const order = orderId === null ? undefined : seat.own.settle(orderId);
      if (order === undefined) continue;
      this.#cancelAgainUs = this.timeUs + REFUSAL_PAUSE_US;
      this.#reports.push({ type: 'REJECTED', market, side: order.side, reason });
    }
  }

  #tell(input: StrategyInput): void {
    if (this.mode === 'CLOSING' || this.mode === 'STOPPED' || this.mode === 'FAILED') return;
    try {
      this.#options.strategy.on(input, this);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }
}

function toBar(candle: CandleValues): Bar {
  const { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots } = candle;
  return { openTimeUs, openTicks, highTicks, lowTicks, closeTicks, volumeLots: Number(volumeLots) };
}
