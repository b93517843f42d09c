/**
 * A backtest: a strategy at an exchange of its own, with the market's past as everybody else.
 *
 * The exchange is the very one that trades live: matching, fees and the pre-trade check are its own. A command of the strategy
 * arrives `latencyUs` behind the input that caused it, after what the market did up to that moment. `step` does a bounded
 * amount of work, so that whoever runs it can show progress, and cancel. Same strategy, data and options: same state hash.
 */
import type { Command } from '../../exchange/command.js';
import type { ExchangeEvent } from '../../exchange/event.js';
import { Exchange } from '../../exchange/exchange.js';
import type { InstrumentSpec } from '../../instrument/instrument.js';
import { createTerms, type InstrumentTerms } from '../../instrument/terms.js';
import { InvariantError } from '../../values/invariant.js';
import type { OrdRejReason } from '../../values/vocabulary.js';
import { StrategyRunner } from '../runner.js';
import type { MarketFacts, Strategy } from '../strategy.js';
import { type FlowStep, MARKET_ACCOUNT, type MarketFlow } from './market-flow.js';
import { type BacktestReport, curveFigures, type EquityPoint, FillBook } from './report.js';

export interface BacktestMarket {
  readonly spec: InstrumentSpec;
  /** Decimals of the base asset's unit. */
  readonly baseScale: number;
  /** Price at which the strategy's lent holdings are sized, ticks. */
  readonly firstPriceTicks: number;
}

export interface BacktestOptions {
  readonly strategy: Strategy;
  /** In the order of the strategy's symbols; all in one quote currency. */
  readonly markets: readonly BacktestMarket[];
  readonly quoteScale: number;
  readonly flow: MarketFlow;
  readonly initialCashUnits: number;
  readonly latencyUs: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** Time between two points of the equity curve. */
  readonly sampleUs: number;
}

const STRATEGY_ACCOUNT = 2;
const CASH = 0;
/** Most of a base asset that one account is given, so that all of it can be counted. */
const MOST_BASE_UNITS = 2e15;
/** The market's orders are made so that none of this is true of them. */
const NEVER_REFUSED: readonly OrdRejReason[] = ['INVALID_QTY', 'INVALID_PRICE', 'INSUFFICIENT_FUNDS'];
/** Timers in a row that nothing comes of, before the rest of a quiet time is skipped. */
const QUIET_TIMERS = 20;

interface Seat {
  readonly terms: InstrumentTerms;
  readonly lentLots: number;
  positionLots: number;
  markTicks: number | null;
}

export class Backtest {
  readonly #options: BacktestOptions;
  readonly #exchange: Exchange;
  readonly #runner: StrategyRunner;
  readonly #fills = new FillBook();
  readonly #curve: EquityPoint[] = [];
  readonly #rejections: Record<string, number> = {};
  readonly #seats: Seat[] = [];
  #pending: { readonly dueUs: number; readonly command: Command }[] = [];
  #cashUnits = 0;
  #nextSampleUs = 0;
  #commands = 0;
  #events = 0;
  #first: FlowStep | null;

  constructor(options: BacktestOptions) {
    this.#options = options;
    this.#first = options.flow.next();
    const startUs = this.#first?.timeUs ?? 0;
    const count = options.markets.length;
    this.#exchange = new Exchange({ maxOrders: 1 << 20, maxAccounts: 16, maxInstruments: Math.max(16, count) });
    this.#open(startUs);
    const facts = this.#seats.map(({ terms }) => factsOf(terms));
    this.#runner = new StrategyRunner({
      strategy: options.strategy,
      account: STRATEGY_ACCOUNT,
      markets: facts.map((one, instrument) => ({ instrument, facts: one })),
      clOrdIdPrefix: 'BT',
      makesBars: options.flow.isOrderFlow,
    });
    this.#runner.reset(this.#exchange.image());
    this.#runner.start(startUs);
    this.#nextSampleUs = startUs;
  }

  get progress(): number {
    return this.#options.flow.progress;
  }

  /** Error of the strategy, where it failed. */
  get failure(): string | null {
    return this.#runner.error;
  }

  /** Equity now, quote units: cash and positions at the mid, else at the last trade. */
  get equityUnits(): number {
    let equity = this.#cashUnits;
    for (const { terms, positionLots, lentLots, markTicks } of this.#seats) {
      equity += Math.round((positionLots - lentLots) * (markTicks ?? 0) * terms.quoteUnitsPerTickLot);
    }
    return equity;
  }

  /** Goes on by at most so many steps of the market. @returns false at the end */
  step(most: number): boolean {
    for (let count = 0; count < most; count += 1) {
      const step = this.#first ?? this.#options.flow.next();
      this.#first = null;
      if (step === null) return false;
      this.#moveTo(step.timeUs);
      this.#take(step);
      this.#collect(step.timeUs);
    }
    return true;
  }

  /** Ends the backtest and tells what came of it. @throws InvariantError where money does not add up */
  report(): BacktestReport {
    const { initialCashUnits } = this.#options;
    this.#sample(this.#exchange.timeUs);
    const { tradeCount, turnoverUnits, feesUnits, winRate, markouts } = this.#fills;
    return {
      ...curveFigures(this.#curve, initialCashUnits),
      tradeCount,
      winRate,
      turnoverUnits,
      feesUnits,
      finalEquityUnits: this.equityUnits,
      markouts,
      rejections: this.#rejections,
      commands: this.#commands,
      events: this.#events,
      stateHash: this.#exchange.stateHash(),
    };
  }

  // ---- the market

  #open(startUs: number): void {
    const { markets, quoteScale, initialCashUnits, makerFeePpm, takerFeePpm } = this.#options;
    const quote = markets[0]!.spec.quoteAsset;
    const run = (command: Command) => this.#set(command, startUs);
    run({ type: 'RegisterAsset', asset: quote, scale: quoteScale });
    for (const { spec, baseScale } of markets) {
      run({ type: 'RegisterAsset', asset: spec.baseAsset, scale: baseScale });
    }
    for (const { spec } of markets) {
      run({
        type: 'ListInstrument',
        spec: {
          ...spec,
          makerFeePpm,
          takerFeePpm,
          priceCollarPpm: null,
          initialStatus: 'OPEN',
          allowedSelfTradePrevention: ['NONE', 'CANCEL_NEWEST'],
        },
      });
    }
    run({ type: 'OpenAccount', accountId: 'VENUE', name: 'Venue', ownerId: 'venue', kind: 'VENUE' });
    run({ type: 'OpenAccount', accountId: 'MARKET', name: 'Everybody else', ownerId: 'market', kind: 'CASH' });
    run({ type: 'OpenAccount', accountId: 'STRATEGY', name: 'Strategy', ownerId: 'strategy', kind: 'CASH' });
    this.#deposit(MARKET_ACCOUNT, CASH, 4e15, startUs);
    this.#deposit(STRATEGY_ACCOUNT, CASH, initialCashUnits, startUs);
    for (const [market, { spec, baseScale, firstPriceTicks }] of markets.entries()) {
      const terms = createTerms(spec, baseScale, quoteScale);
      const lotUnits = terms.quoteUnitsPerTickLot * firstPriceTicks;
      // The strategy may sell short what its cash is worth: it holds that much on loan.
      const lentLots = Math.floor(
        Math.min(initialCashUnits / markets.length / lotUnits, MOST_BASE_UNITS / terms.baseUnitsPerLot),
      );
      const marketLots = Math.floor(Math.min(1e15 / lotUnits, MOST_BASE_UNITS / terms.baseUnitsPerLot));
      this.#deposit(MARKET_ACCOUNT, market + 1, marketLots * terms.baseUnitsPerLot, startUs);
      if (lentLots > 0) this.#deposit(STRATEGY_ACCOUNT, market + 1, lentLots * terms.baseUnitsPerLot, startUs);
      this.#seats.push({ terms, lentLots, positionLots: lentLots, markTicks: null });
    }
    this.#cashUnits = initialCashUnits;
  }

  #deposit(account: number, asset: number, amountUnits: number, timeUs: number): void {
    const transferId = `${account}-${asset}`;
    this.#set({ type: 'AdjustBalance', account, asset, amountUnits, transferId }, timeUs);
  }

  #set(command: Command, timeUs: number): void {
    this.#exchange.apply(command, timeUs);
    for (const event of this.#exchange.takeEvents()) {
      if (event.type === 'RequestRejected') {
        throw new InvariantError(`the backtest's ${command.type} was refused: ${event.text}`);
      }
    }
  }

  // ---- time

  /** Lets time pass: the strategy's timers ring and its commands arrive, in the order of time. */
  #moveTo(timeUs: number): void {
    let quiet = 0;
    for (;;) {
      const commandUs = this.#pending[0]?.dueUs ?? Number.POSITIVE_INFINITY;
      const timerUs = this.#runner.nextTimerUs ?? Number.POSITIVE_INFINITY;
      if (Math.min(commandUs, timerUs) >= timeUs) break;
      if (commandUs <= timerUs) {
        quiet = 0;
        this.#execute(this.#pending.shift()!.command, commandUs);
      } else {
        quiet += 1;
        if (quiet > QUIET_TIMERS) this.#runner.skipTimers(timeUs);
        if ((this.#runner.nextTimerUs ?? timeUs) < timeUs) this.#runner.advance(timerUs);
      }
      if (this.#collect(this.#runner.timeUs)) quiet = 0;
    }
    this.#runner.advance(timeUs);
    this.#collect(timeUs);
    this.#fills.settle(timeUs, (market) => this.#seats[market]!.markTicks);
    if (timeUs >= this.#nextSampleUs) this.#sample(timeUs);
  }

  #take(step: FlowStep): void {
    switch (step.kind) {
      case 'COMMAND': {
        const events = this.#execute(step.command, step.timeUs);
        this.#options.flow.told?.(events);
        if (!this.#options.flow.isOrderFlow) for (const event of events) requireMarket(event);
        break;
      }
      case 'BAR':
        this.#seats[step.market]!.markTicks = step.bar.closeTicks;
        this.#runner.closeBar(step.market, step.bar);
        break;
      case 'TRADE':
        this.#seats[step.market]!.markTicks = step.priceTicks;
        this.#runner.foreignTrade(step.market, step.priceTicks, step.qtyLots, step.aggressorSide);
        break;
    }
  }

  #execute(command: Command, timeUs: number): readonly ExchangeEvent[] {
    this.#exchange.apply(command, Math.max(timeUs, this.#exchange.timeUs));
    const events = this.#exchange.takeEvents();
    this.#commands += 1;
    this.#events += events.length;
    this.#runner.apply(events);
    for (const event of events) this.#account(event);
    return events;
  }

  /** Puts the strategy's new commands on their way. @returns true where there are any */
  #collect(timeUs: number): boolean {
    const commands = this.#runner.takeCommands();
    for (const command of commands) this.#pending.push({ dueUs: timeUs + this.#options.latencyUs, command });
    return commands.length > 0;
  }

  // ---- figures

  #account(event: ExchangeEvent): void {
    switch (event.type) {
      case 'OrdersTraded': {
        const seat = this.#seats[event.instrument]!;
        const notional = event.priceTicks * event.qtyLots * seat.terms.quoteUnitsPerTickLot;
        const { maker, taker, takerSide, priceTicks, qtyLots, timeUs } = event;
        const sign = takerSide === 'BUY' ? 1 : -1;
        if (taker.account === STRATEGY_ACCOUNT) {
          this.#fills.fill(timeUs, event.instrument, sign, priceTicks, qtyLots, notional, taker.feeUnits);
        } else if (maker.account === STRATEGY_ACCOUNT) {
          const other = sign === 1 ? -1 : 1;
          this.#fills.fill(timeUs, event.instrument, other, priceTicks, qtyLots, notional, maker.feeUnits);
        }
        seat.markTicks = this.#options.flow.isOrderFlow ? priceTicks : seat.markTicks;
        break;
      }
      case 'BookLevelChanged': {
        const { bidTicks, askTicks } = this.#runner.markets[event.instrument]!;
        if (bidTicks !== null && askTicks !== null)
          this.#seats[event.instrument]!.markTicks = (bidTicks + askTicks) / 2;
        break;
      }
      case 'BalanceUpdated':
        if (event.account === STRATEGY_ACCOUNT && event.asset === CASH) this.#cashUnits = event.totalUnits;
        break;
      case 'PositionUpdated':
        if (event.account === STRATEGY_ACCOUNT) this.#seats[event.instrument]!.positionLots = event.qtyLots;
        break;
      case 'OrderRejected':
        if (event.account === STRATEGY_ACCOUNT) {
          this.#rejections[event.reason] = (this.#rejections[event.reason] ?? 0) + 1;
        }
        break;
      default:
        break;
    }
  }

  #sample(timeUs: number): void {
    this.#curve.push({ timeUs, equityUnits: this.equityUnits });
    while (this.#nextSampleUs <= timeUs) this.#nextSampleUs += this.#options.sampleUs;
  }
}

/** @throws InvariantError where the market's own order was refused: there would be nobody to trade with, and nothing said */
function requireMarket(event: ExchangeEvent): void {
  if (event.type !== 'OrderRejected' || event.account !== MARKET_ACCOUNT || !NEVER_REFUSED.includes(event.reason))
    return;
  throw new InvariantError(`the market's order of ${event.orderQtyLots} lots was refused: ${event.reason}`);
}

/** What a strategy is told of an instrument. */
export function factsOf(terms: InstrumentTerms): MarketFacts {
  const { spec } = terms;
  return {
    symbol: spec.symbol,
    tickSize: terms.tickUnits / 10 ** terms.priceScale,
    lotSize: terms.lotUnits / 10 ** terms.qtyScale,
    minQtyLots: spec.minQtyLots,
    maxQtyLots: spec.maxQtyLots,
    minPriceTicks: spec.minPriceTicks,
    maxPriceTicks: spec.maxPriceTicks,
  };
}
