/** A strategy among others on its account, at a real exchange: what is its own, how it rests, and how it ends. */
import { KO, TestVenue } from '../../testing/test-venue.js';
import type { Command } from '../exchange/command.js';
import { createTerms } from '../instrument/terms.js';
import { NO_LIMITS } from '../risk/limit-values.js';
import { factsOf } from './backtest/backtest.js';
import { MAX_CLOSING_ATTEMPTS } from './closing.js';
import { NOTHING, type OwnHolding } from './own-ledger.js';
import { MAX_REFUSALS } from './refusals.js';
import { StrategyRunner } from './runner.js';
import type { Desk, Strategy, StrategyInput } from './strategy.js';
import { MarketMaking, type MarketMakingParameters } from './types/market-making.js';
import { PairsTrading, type PairsTradingParameters } from './types/pairs-trading.js';
import { ScheduledExecution, type ScheduledExecutionParameters } from './types/scheduled-execution.js';

const [ALICE, BOB, POOR] = [1, 2, 3];
const MAX_LOTS = 10;
/** Lots of KO that each account of the venue begins with. */
const DEPOSITED = 10_000;

/** Does what it is told on its first timer. */
class Once implements Strategy {
  readonly barInterval = null;
  readonly warmUpBars = 0;
  readonly timerUs = 1_000_000;
  readonly heard: StrategyInput[] = [];
  #done = false;
  constructor(private readonly act: (desk: Desk) => void) {}
  on(input: StrategyInput, desk: Desk): void {
    this.heard.push(input);
    if (input.type !== 'TIMER' || this.#done) return;
    this.#done = true;
    this.act(desk);
  }
}

interface SeatOptions {
  readonly account?: number;
  readonly prefix?: string;
  readonly holdings?: readonly OwnHolding[];
  readonly startedUs?: number;
}

/** A market in which bob quotes, and strategies are seated. */
class Floor {
  readonly venue = new TestVenue();
  readonly sent: Command[] = [];
  readonly #runners: StrategyRunner[] = [];

  constructor() {
    this.venue.open(['alice', 'bob']);
    this.venue.run({ type: 'OpenAccount', accountId: 'poor', name: 'poor', ownerId: 'poor', kind: 'CASH' });
    const spec = { ...KO, symbol: 'SMALL', maxQtyLots: MAX_LOTS, minQtyLots: 2, takerFeePpm: 0 };
    this.venue.run({ type: 'ListInstrument', spec });
  }

  /** @param instruments 0 = KO, 2 = SMALL, which takes 2 to 10 lots an order */
  seat(strategy: Strategy, instruments = [0], options: SeatOptions = {}): StrategyRunner {
    const { account = ALICE, prefix = 'S-1', holdings, startedUs } = options;
    const facts = factsOf(createTerms(KO, 8, 6));
    const runner = new StrategyRunner({
      strategy,
      account,
      markets: instruments.map((instrument) => ({
        instrument,
        facts: instrument === 2 ? { ...facts, symbol: 'SMALL', minQtyLots: 2, maxQtyLots: MAX_LOTS } : facts,
      })),
      clOrdIdPrefix: prefix,
      ownPrefix: `${prefix.split('-')[0]}-`,
      makesBars: true,
    });
    if (holdings !== undefined) runner.restore(holdings, 0);
    void this.venue.follow({
      reset: (image) => runner.reset(image),
      apply: ({ events }) => {
        if (this.#runners.includes(runner)) runner.apply(events);
      },
    });
    this.#runners.push(runner);
    runner.start(this.venue.nowUs, startedUs);
    return runner;
  }

  leave(runner: StrategyRunner): void {
    this.#runners.splice(this.#runners.indexOf(runner), 1);
  }

  /** Lets commands arrive until there are no more. */
  send(): void {
    for (let more = true; more; ) {
      more = false;
      for (const runner of this.#runners) {
        for (const command of runner.takeCommands()) {
          more = true;
          this.sent.push(command);
          this.venue.run(command);
        }
      }
    }
  }

  pass(seconds: number, stepS = 0.1): void {
    for (let step = 0; step < Math.round(seconds / stepS); step += 1) {
      this.venue.nowUs += stepS * 1_000_000;
      for (const runner of this.#runners) runner.advance(this.venue.nowUs);
      this.send();
    }
  }

  /** Quantities of an account's working orders. */
  working(account: number): number[] {
    return this.venue.exchange
      .image()
      .flatMap((event) => (event.type === 'OrderAccepted' && event.account === account ? [event.leavesQtyLots] : []));
  }

  /** Lots that an account bought and did not sell again: its first deposit is left out. */
  boughtBy(account: number): number {
    let lots = -DEPOSITED;
    for (const event of this.venue.exchange.image()) {
      if (event.type === 'PositionUpdated' && event.account === account && event.instrument === 0) {
        lots = event.qtyLots - DEPOSITED;
      }
    }
    return lots;
  }
}

const twap = (change: Partial<ScheduledExecutionParameters> = {}) =>
  new ScheduledExecution({
    side: 'BUY',
    quantity: 100,
    durationS: 100,
    slices: 10,
    participationCap: null,
    randomisation: 0.5,
    seed: 1,
    limitPrice: null,
    slippageTicks: 0,
    profile: null,
    ...change,
  });

const maker = (change: Partial<MarketMakingParameters> = {}) =>
  new MarketMaking({
    orderQty: 5,
    gamma: 0.1,
    horizonS: 0,
    levels: 1,
    levelSpacingTicks: 1,
    minSpreadTicks: 2,
    refreshToleranceTicks: 0,
    refreshMs: 100,
    targetInventory: 0,
    maxInventory: 100,
    sigma: 0.01,
    kappa: 1_000,
    estimateHalfLifeS: 60,
    ...change,
  });

describe('TWAP', () => {
  it.each(['BUY', 'SELL'] as const)('that is paused and set to work again does not repeat its order: %s', (side) => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, side === 'BUY' ? 'SELL' : 'BUY', 10_000, 6_000);
    const first = floor.seat(twap({ side }));
    const startedUs = floor.venue.nowUs;
    floor.pass(52);
    first.pause();
    floor.send();
    floor.leave(first);
    const done = Math.abs(first.markets[0]!.positionLots);
    expect(done).toBeGreaterThan(30);
    expect(done).toBeLessThan(70);
    const holdings = first.ledger.holdings;
    const second = floor.seat(twap({ side }), [0], { prefix: 'S-2', holdings, startedUs });
    floor.pass(200);
    expect(floor.boughtBy(ALICE)).toBe(side === 'BUY' ? 100 : -100);
    expect(second.mode).toBe('STOPPED');
    expect(second.lastRemark?.text).toBe('done: 100 lots');
    expect(second.lastRemark!.timeUs).toBeLessThanOrEqual(startedUs + 101_000_000);
  });

  it('keeps the deadline of its first start, however long it rested', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'SELL', 10_000, 6_000);
    const holdings = [{ ...NOTHING, qtyLots: 40 }];
    const late = floor.seat(twap(), [0], { holdings, startedUs: floor.venue.nowUs - 500_000_000 });
    floor.pass(1);
    expect(late.lastRemark?.text).toBe('time is up: 40 of 100 lots');
    expect(floor.boughtBy(ALICE)).toBe(0);
  });
});

describe('What is a strategy’s own', () => {
  it('is never an order or a trade by hand, nor a deposit', () => {
    const floor = new Floor();
    floor.venue.place(ALICE, 0, 'BUY', 7, 5_000);
    const runner = floor.seat(
      new Once((desk) => desk.place(0, { side: 'BUY', qtyLots: 5, priceTicks: 5_100, timeInForce: 'GTC' })),
    );
    floor.venue.place(ALICE, 0, 'BUY', 8, 4_900);
    floor.pass(1);
    expect(runner.markets[0]!.orders.map(({ leavesLots }) => leavesLots)).toEqual([5]);
    floor.venue.place(BOB, 0, 'SELL', 14, 4_900);
    floor.venue.deposit(ALICE, 1, 10 ** 9);
    expect(runner.ledger.holdings).toEqual([{ qtyLots: 5, cashTickLots: -25_500, feesUnits: 0 }]);
    expect(floor.boughtBy(ALICE)).toBe(14 + 10);
    runner.stop(true);
    floor.venue.place(BOB, 0, 'BUY', 100, 5_000);
    floor.send();
    floor.pass(2);
    expect(runner.mode).toBe('STOPPED');
    expect(floor.boughtBy(ALICE)).toBe(9 + 10);
    expect(floor.working(ALICE)).toEqual([6]);
  });

  it('is all that a pause withdraws, also where it arrives after the pause', () => {
    const floor = new Floor();
    floor.venue.place(ALICE, 0, 'BUY', 7, 5_000, { clOrdId: 'T-1-1' });
    const place = (desk: Desk) => {
      desk.place(0, { side: 'BUY', qtyLots: 5, priceTicks: 5_100, timeInForce: 'GTC' });
      desk.place(0, { side: 'BUY', qtyLots: 6, priceTicks: 5_101, timeInForce: 'GTC' });
    };
    const runner = floor.seat(new Once(place));
    floor.venue.nowUs += 1_000_000;
    runner.advance(floor.venue.nowUs);
    runner.pause();
    expect(runner.isQuiet).toBe(false);
    floor.send();
    expect(floor.working(ALICE)).toEqual([7]);
    expect(runner.isQuiet).toBe(true);
    expect(floor.sent.map(({ type }) => type)).toEqual(['PlaceOrder', 'PlaceOrder', 'CancelOrder', 'CancelOrder']);
  });

  it('includes what a run before has left in the market', () => {
    const floor = new Floor();
    floor.venue.place(ALICE, 0, 'BUY', 7, 5_000, { clOrdId: 'S-1-9' });
    const runner = floor.seat(new Once(() => undefined), [0], { prefix: 'S-2' });
    expect(runner.markets[0]!.orders.map(({ clOrdId }) => clOrdId)).toEqual(['S-1-9']);
    runner.pause();
    floor.send();
    expect(floor.working(ALICE)).toEqual([]);
  });
});

describe('The end of a strategy', () => {
  const holding = (qtyLots: number) => [{ ...NOTHING, qtyLots }];

  it('waits for its cancels, then sells order by order until it is flat', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 2, 'BUY', 10, 6_000);
    floor.venue.place(BOB, 2, 'BUY', 10, 5_999);
    floor.venue.place(BOB, 2, 'BUY', 10, 5_998);
    floor.venue.place(BOB, 2, 'BUY', 10, 5_997);
    const quote = new Once((desk) =>
      desk.place(0, { side: 'SELL', qtyLots: 9, priceTicks: 6_100, timeInForce: 'GTC' }),
    );
    const runner = floor.seat(quote, [2], { holdings: holding(34) });
    floor.pass(1);
    runner.stop(true);
    expect(runner.takeCommands().map(({ type }) => type)).toEqual(['CancelOrder']);
    floor.venue.run({ type: 'CancelAllOrders', account: ALICE, instrument: 2, side: null });
    floor.send();
    expect(runner.mode).toBe('STOPPED');
    const sold = floor.sent.flatMap((command) => (command.type === 'PlaceOrder' ? [command.orderQtyLots] : []));
    expect(sold).toEqual([9, 10, 10, 10, 4]);
  });

  it('goes on when somebody to trade with comes', () => {
    const floor = new Floor();
    const runner = floor.seat(new Once(() => undefined), [2], { holdings: holding(8) });
    runner.stop(true);
    floor.pass(3);
    expect(runner.mode).toBe('CLOSING');
    floor.venue.place(BOB, 2, 'BUY', 3, 6_000);
    floor.pass(3);
    expect(runner.markets[0]!.positionLots).toBe(5);
    floor.venue.place(BOB, 2, 'BUY', 10, 6_000);
    floor.pass(3);
    expect(runner.mode).toBe('STOPPED');
    expect(runner.error).toBeNull();
  });

  it('says what is left where nobody trades, after so many tries and no more', () => {
    const floor = new Floor();
    const runner = floor.seat(new Once(() => undefined), [2], { holdings: holding(-8) });
    runner.stop(true);
    floor.pass(60);
    expect(runner.mode).toBe('FAILED');
    expect(runner.error).toBe(
      'its inventory could not be closed; left: -8 SMALL (the last order was refused: NO_LIQUIDITY)',
    );
    expect(floor.sent).toHaveLength(MAX_CLOSING_ATTEMPTS);
  });

  it('says what is left where it is less than an order, and leaves no such rest itself', () => {
    const floor = new Floor();
    for (let count = 0; count < 3; count += 1) floor.venue.place(BOB, 2, 'BUY', 10, 6_000);
    const small = floor.seat(new Once(() => undefined), [2], { holdings: holding(1) });
    const odd = floor.seat(new Once(() => undefined), [2], { holdings: holding(11) });
    small.stop(true);
    odd.stop(true);
    floor.pass(1);
    expect(small.mode).toBe('FAILED');
    expect(small.error).toMatch(/left: 1 SMALL \(it is less than the smallest order\)/);
    expect(odd.mode).toBe('STOPPED');
    expect(odd.markets[0]!.positionLots).toBe(0);
  });

  it.each([
    ['a kill switch that lets positions be reduced', { engaged: true }],
    ['a limit on the quantity of an order', { maxOrderQtyE8: 7 * 10 ** 8 }],
    ['a limit on the notional of an order', { maxOrderNotionalE6: 1_000_000_000 }],
  ] as const)('comes to nothing held also under %s', (_, change) => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 100, 6_000);
    const runner = floor.seat(new Once(() => undefined), [0], { holdings: holding(60) });
    if ('engaged' in change) {
      const scope = { account: ALICE, instrument: null, allowReduceOnly: true, reason: '', setBy: 'risk' };
      floor.venue.run({ type: 'SetKillSwitch', engaged: true, ...scope });
    } else {
      const limits = { ...NO_LIMITS, ...change };
      floor.venue.run({ type: 'SetRiskLimits', account: ALICE, instrument: null, limits, setBy: 'risk' });
    }
    runner.stop(true);
    floor.pass(3);
    expect(runner.mode).toBe('STOPPED');
    expect(runner.error).toBeNull();
    expect(floor.boughtBy(ALICE)).toBe(-60);
  });

  it('gives up where the kill switch takes nothing, and where the account holds less says so', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 20_000, 6_000);
    const killed = floor.seat(new Once(() => undefined), [0], { holdings: holding(60) });
    const scope = { account: ALICE, instrument: null, reason: '', setBy: 'risk', engaged: true };
    floor.venue.run({ type: 'SetKillSwitch', ...scope, allowReduceOnly: false });
    killed.stop(true);
    floor.pass(20);
    expect(killed.error).toMatch(/left: 60 KO \(the last order was refused: KILL_SWITCH\)/);
    expect(floor.sent).toHaveLength(MAX_CLOSING_ATTEMPTS);
    floor.venue.run({ type: 'SetKillSwitch', ...scope, allowReduceOnly: true });
    const richer = floor.seat(new Once(() => undefined), [0], { holdings: holding(DEPOSITED + 7), prefix: 'T-1' });
    richer.stop(true);
    floor.pass(60);
    expect(richer.mode).toBe('FAILED');
    expect(richer.error).toMatch(/left: 7 KO/);
    expect(floor.boughtBy(ALICE)).toBe(-DEPOSITED);
  });

  it('may still flatten a strategy that has failed', () => {
    const floor = new Floor();
    for (let count = 0; count < 3; count += 1) floor.venue.place(BOB, 2, 'BUY', 10, 6_000);
    const runner = floor.seat(new Once(() => undefined), [2], { holdings: holding(6) });
    runner.fail('the engine did not answer');
    runner.stop(true);
    floor.pass(1);
    expect(runner.mode).toBe('STOPPED');
    expect(runner.markets[0]!.positionLots).toBe(0);
  });

  it('does not wait for an order that never reached the exchange', () => {
    const floor = new Floor();
    const place = (desk: Desk) => desk.place(0, { side: 'BUY', qtyLots: 5, priceTicks: 5_100, timeInForce: 'GTC' });
    const runner = floor.seat(new Once(place));
    floor.venue.nowUs += 1_000_000;
    runner.advance(floor.venue.nowUs);
    const [order] = runner.takeCommands();
    runner.stop(false);
    expect(runner.mode).toBe('CLOSING');
    runner.notSent(order!);
    floor.pass(1);
    expect(runner.mode).toBe('STOPPED');
    // It did arrive after all: it is withdrawn.
    floor.venue.run(order!);
    floor.send();
    expect(floor.working(ALICE)).toEqual([]);
  });
});

describe('Market making', () => {
  it('that is refused waits, and fails after too many in a row', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 10, 5_990);
    floor.venue.place(BOB, 0, 'SELL', 10, 6_010);
    const runner = floor.seat(maker(), [0], { account: POOR });
    floor.pass(5);
    expect(floor.sent.length).toBeLessThanOrEqual(12);
    floor.pass(60);
    expect(runner.mode).toBe('FAILED');
    expect(runner.error).toMatch(/KO: 10 orders in a row were refused: INSUFFICIENT_/);
    expect(floor.sent.length).toBeLessThanOrEqual(2 * MAX_REFUSALS);
  });

  it('does not count refusals of prices that moved on the way', () => {
    const floor = new Floor();
    const strategy = maker();
    const runner = floor.seat(strategy);
    for (let count = 0; count < 100; count += 1) {
      strategy.on({ type: 'REJECTED', market: 0, side: 'BUY', reason: 'POST_ONLY_WOULD_TAKE' }, runner);
    }
    expect(runner.mode).toBe('RUNNING');
  });

  it('takes the mid of everybody else, never its own', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 10, 5_900);
    floor.venue.place(BOB, 0, 'SELL', 10, 6_000);
    const runner = floor.seat(maker({ maxInventory: 5, targetInventory: 5 }));
    floor.pass(1);
    // Its inventory lets it bid only: with its own bid counted the mid would climb from look to look.
    expect(runner.markets[0]!.orders.map(({ side }) => side)).toEqual(['BUY']);
    expect(runner.markets[0]!.bidTicks).toBe(runner.markets[0]!.orders[0]!.priceTicks);
    expect(runner.lastRemark?.text).toMatch(/^reservation 5950\.0 ticks/);
    floor.pass(5);
    expect(runner.lastRemark?.text).toMatch(/^reservation 5950\.0 ticks/);
  });

  it('never has more in the market than its limit leaves, however its orders fill', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 10, 5_900);
    floor.venue.place(BOB, 0, 'SELL', 10, 6_000);
    const short = [{ ...NOTHING, qtyLots: -5 }];
    const strategy = maker({
      orderQty: 10,
      maxInventory: 15,
      levels: 2,
      levelSpacingTicks: 5,
      gamma: 1e-9,
      kappa: 1_000,
    });
    const runner = floor.seat(strategy, [0], { holdings: short });
    const bids = () =>
      runner.markets[0]!.orders.filter(({ side }) => side === 'BUY').map(({ leavesLots }) => leavesLots);
    floor.pass(1);
    expect(bids()).toEqual([10, 10]);
    // The best bid is filled for more than half, so that it is to be made large again: the limit leaves 14 lots in all.
    floor.venue.place(BOB, 0, 'SELL', 6, 5_800, { timeInForce: 'IOC' });
    floor.pass(0.2);
    const bid = () => bids().reduce((sum, lots) => sum + lots, 0);
    expect(runner.markets[0]!.positionLots).toBe(1);
    expect(bid()).toBeLessThanOrEqual(14);
    floor.pass(3);
    expect(bids()).toEqual([10, 4]);
    for (let count = 0; count < 20; count += 1) {
      floor.venue.place(BOB, 0, 'SELL', 3, 5_800, { timeInForce: 'IOC' });
      floor.pass(0.3);
      expect(runner.markets[0]!.positionLots + bid()).toBeLessThanOrEqual(15);
    }
    expect(runner.markets[0]!.positionLots).toBe(15);
  });

  it('does not quote against itself where nobody else does', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 10, 5_900);
    const [asked] = floor.venue.place(BOB, 0, 'SELL', 10, 6_000);
    const runner = floor.seat(maker());
    floor.pass(1);
    expect(floor.working(ALICE)).toHaveLength(2);
    const orderId = asked?.type === 'OrderAccepted' ? asked.orderId : 0;
    floor.venue.run({ type: 'CancelOrder', account: BOB, orderId });
    floor.pass(1);
    expect(runner.markets[0]!.othersBestTicks('SELL')).toBeNull();
    expect(floor.working(ALICE)).toEqual([]);
  });
});

describe('Pairs trading', () => {
  it('takes back one leg that it finds without the other', () => {
    const floor = new Floor();
    floor.venue.place(BOB, 0, 'BUY', 100, 6_000);
    const parameters = { interval: 'M1', window: 60, slippageTicks: 2, legTimeoutMs: 5_000, reestimateBars: 5 };
    const holdings = [{ ...NOTHING, qtyLots: 30 }, NOTHING];
    const strategy = new PairsTrading(parameters as PairsTradingParameters);
    const runner = floor.seat(strategy, [0, 2], { holdings });
    floor.pass(2);
    expect(runner.markets[0]!.positionLots).toBe(0);
    expect(runner.lastRemark?.text).toMatch(/one leg was found without the other/);
  });
});
