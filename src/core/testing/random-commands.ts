/**
 * Random commands for comparing exchanges: small ranges, so that orders meet, keys repeat, limits bite and books
 * empty; a few far prices, so that the price window moves.
 *
 * Commands name orders by a number that is resolved against what works at that time, so that shrinking keeps its sense.
 */
import fc from 'fast-check';
import type { Command, LeasableCommand, PlaceOrder } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import type { ExchangeOptions } from '../exchange/exchange.js';
import type { InstrumentSpec } from '../instrument/instrument.js';
import { type OrdType, SELF_TRADE_PREVENTIONS, type TimeInForce, type TradingStatus } from '../values/vocabulary.js';
import { anAccount, anInstrument, limits } from './fixtures.js';
import { randomBatches } from './random-batches.js';
import { randomBreakers } from './random-breakers.js';
import { randomLeases } from './random-leases.js';
import { randomPhases } from './random-phases.js';
import { randomPlans } from './random-plans.js';
import { randomPolicy } from './random-policy.js';

/** A command whose order id, where it has one, is still a choice to be resolved; or the repetition of an earlier one. */
export interface Step {
  readonly command: Command | { readonly repeat: number };
  readonly waitUs: number;
}

export const RANDOM_OPTIONS: ExchangeOptions = {
  maxOrders: 12,
  maxClOrdIds: 14,
  maxTransferIds: 400,
  ladderLevels: 1024,
};

const SPECS: readonly InstrumentSpec[] = [
  anInstrument({ makerFeePpm: -700, takerFeePpm: 1900, maxPriceTicks: 100_000, minQtyLots: 2, maxQtyLots: 40 }),
  anInstrument({
    symbol: 'DEF-EUR',
    baseAsset: 'DEF',
    quoteAsset: 'EUR',
    tickSize: '0.5',
    lotSize: '0.01',
    makerFeePpm: 333,
    takerFeePpm: 2500,
    priceCollarPpm: 120_000,
  }),
  anInstrument({
    symbol: 'ABC-EUR',
    quoteAsset: 'EUR',
    tickSize: '0.1',
    makerFeePpm: 4000,
    takerFeePpm: 1,
    maxPriceTicks: 5_000,
    allowedSelfTradePrevention: ['CANCEL_NEWEST', 'DECREMENT'],
  }),
];

/** Assets, instruments, the venue and three accounts, with uneven funds. */
export const RANDOM_SETUP: readonly Command[] = [
  { type: 'RegisterAsset', asset: 'USD', scale: 2 },
  { type: 'RegisterAsset', asset: 'ABC', scale: 1 },
  { type: 'RegisterAsset', asset: 'EUR', scale: 8 },
  { type: 'RegisterAsset', asset: 'DEF', scale: 4 },
  ...SPECS.map((spec) => ({ type: 'ListInstrument' as const, spec })),
  anAccount('venue', 'VENUE'),
  ...['ann', 'ben', 'cem'].map((id) => anAccount(id)),
  ...['mia', 'max'].map((id) => anAccount(id, 'MARGIN')),
  ...[0, 2].flatMap((asset) =>
    [4, 5].map((account) => ({
      type: 'AdjustBalance' as const,
      account,
      asset,
      amountUnits: [400, 0, 400_000_000][asset]! * (account - 3),
      transferId: `margin ${asset} ${account}`,
    })),
  ),
  ...[0, 1, 2].map((instrument) => ({
    type: 'SetMarginTerms' as const,
    instrument,
    initialMarginPpm: [60_000, 120_000, 500_000][instrument]!,
    maintenanceMarginPpm: [40_000, 100_000, 480_000][instrument]!,
    shortSelling: instrument !== 2,
    setBy: 'tester',
  })),
  ...['retail', 'basic'].map((tier) => ({ type: 'SetTierLimits' as const, tier, limits: limits({}), setBy: 'tester' })),
  ...[0, 1, 2, 3].flatMap((asset) =>
    [1, 2, 3].map((account) => ({
      type: 'AdjustBalance' as const,
      account,
      asset,
      amountUnits: [20_000, 1_234, 9_000_000_000, 4_000_000][asset]! * (account === 3 ? 1 : 3),
      transferId: `setup ${asset} ${account}`,
    })),
  ),
];

const account = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.constant(7) },
);
const instrument = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(0, 0, 0, 1, 1, 2) },
  { weight: 1, arbitrary: fc.constant(9) },
);
const side = fc.constantFrom('BUY' as const, 'SELL' as const);
const price = fc.oneof(
  { weight: 24, arbitrary: fc.integer({ min: 94, max: 106 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_001 }) },
);
const qty = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 2, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 50 }) },
);
const key = fc.oneof(
  { weight: 60, arbitrary: fc.constant(null) },
  { weight: 30, arbitrary: fc.integer({ min: 0, max: 9 }).map((number) => `key ${number}`) },
  { weight: 1, arbitrary: fc.constantFrom('', 'k'.repeat(65)) },
);
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 120, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
const orderReference = fc.nat({ max: 199 });

const terms = fc.record({
  type: fc.constant('PlaceOrder' as const),
  account,
  instrument,
  side,
  ordType: fc.constantFrom<OrdType>(
    ...(['LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'MARKET', 'MARKET'] as const),
    ...(['STOP', 'STOP_LIMIT', 'TRAILING_STOP'] as const),
  ),
  timeInForce: fc.constantFrom<TimeInForce>(
    ...([
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'GTC',
      'IOC',
      'IOC',
      'FOK',
      'FOK',
      'DAY',
      'GTD',
      'AT_THE_OPEN',
      'AT_THE_CLOSE',
    ] as const),
  ),
  orderQtyLots: qty,
  priceTicks: price,
  stopPxTicks: price,
  trailingOffsetTicks: fc.option(fc.integer({ min: 0, max: 9 })),
  trailingPpm: fc.integer({ min: 9_000, max: 60_000 }),
  displayQtyLots: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 8 }) }),
  expireTimeUs: fc.integer({ min: -1, max: 3_000 }),
  postOnly: fc.constantFrom(false, false, false, false, true),
  reduceOnly: fc.constantFrom(false, false, false, false, false, false, true),
  selfTradePrevention: fc.constantFrom(...SELF_TRADE_PREVENTIONS),
  clOrdId: key,
});

/** Leaves out what the type does not take; one of 60 orders keeps it and is refused. */
const place: fc.Arbitrary<PlaceOrder> = fc.tuple(terms, fc.nat({ max: 59 })).map(([order, chance]) => {
  if (chance === 0) return order;
  const { ordType, timeInForce } = order;
  const endsAtMarket = ordType === 'MARKET' || ordType === 'STOP' || ordType === 'TRAILING_STOP';
  const isAuctionOnly = timeInForce === 'AT_THE_OPEN' || timeInForce === 'AT_THE_CLOSE';
  const rests = !endsAtMarket && timeInForce !== 'IOC' && timeInForce !== 'FOK' && !isAuctionOnly;
  const trails = ordType === 'TRAILING_STOP';
  return {
    ...order,
    priceTicks: endsAtMarket ? null : order.priceTicks,
    stopPxTicks: ordType === 'STOP' || ordType === 'STOP_LIMIT' ? order.stopPxTicks : null,
    trailingOffsetTicks: trails ? order.trailingOffsetTicks : null,
    trailingPpm: trails && order.trailingOffsetTicks === null ? order.trailingPpm : null,
    timeInForce: ordType === 'MARKET' && timeInForce === 'GTD' ? 'GTC' : timeInForce,
    displayQtyLots: rests ? order.displayQtyLots : null,
    expireTimeUs: timeInForce === 'GTD' && ordType !== 'MARKET' ? order.expireTimeUs : null,
    postOnly: order.postOnly && rests && ordType === 'LIMIT',
    reduceOnly: order.reduceOnly && !isAuctionOnly,
  };
});

const others: fc.Arbitrary<Command> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ type: 'AdvanceTime' as const }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('CancelOrder' as const), account, orderId: orderReference }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('ReplaceOrder' as const),
      account,
      orderId: orderReference,
      orderQtyLots: fc.option(qty),
      priceTicks: fc.option(price),
      stopPxTicks: seldom(price),
      clOrdId: key,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('CancelAllOrders' as const),
      account,
      instrument: fc.option(instrument),
      side: fc.option(side),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('AdjustBalance' as const),
      account,
      asset: fc.nat({ max: 3 }),
      amountUnits: fc.oneof(fc.integer({ min: -3000, max: -1 }), fc.integer({ min: 1, max: 2500 })),
      transferId: fc.nat({ max: 30 }).map((number) => `transfer ${number}`),
    }),
  },
  { weight: 3, arbitrary: randomPolicy },
  { weight: 2, arbitrary: randomBreakers },
  {
    weight: 1,
    arbitrary: fc
      .record({
        type: fc.constant('SetMarginTerms' as const),
        instrument: fc.nat({ max: 2 }),
        initialMarginPpm: fc.integer({ min: 20_000, max: 500_000 }),
        maintenanceMarginPpm: fc.integer({ min: 50_000, max: 300_000 }),
        shortSelling: fc.constantFrom(true, true, true, false),
        setBy: fc.constant('tester'),
      })
      .map((terms) => ({
        ...terms,
        maintenanceMarginPpm: Math.min(terms.initialMarginPpm, terms.maintenanceMarginPpm),
      })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('SetMark' as const),
      instrument: fc.nat({ max: 2 }),
      method: fc.constantFrom('MID' as const, 'LAST' as const, 'LAST' as const, 'SETTLEMENT' as const),
      settlementPxTicks: fc.integer({ min: 70, max: 130 }),
      setBy: fc.constant('tester'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('SetTradingStatus' as const),
      instrument: fc.nat({ max: 2 }),
      status: fc.constantFrom<TradingStatus>(
        ...(['OPEN', 'OPEN', 'OPEN', 'OPEN', 'AUCTION', 'AUCTION', 'PRE_OPEN', 'HALTED', 'CLOSED'] as const),
      ),
      reason: fc.constantFrom('', 'test'),
    }),
  },
  ...randomPhases(fc.nat({ max: 2 })).map((arbitrary) => ({ weight: 1, arbitrary })),
);

const parts = { place, account, instrument, price, qty, orderReference };
const batches = randomBatches(parts);
const leases = randomLeases(place, batches, account);
const plans = randomPlans(parts);

const waitUs = fc.oneof(
  { weight: 40, arbitrary: fc.nat({ max: 1000 }) },
  { weight: 1, arbitrary: fc.constant(30 * 3_600_000_000) },
);

/** Sequences of up to `length` steps. */
export function randomSteps(length: number): fc.Arbitrary<Step[]> {
  const command = fc.oneof(
    { weight: 20, arbitrary: place },
    { weight: 12, arbitrary: others },
    { weight: 3, arbitrary: batches },
    { weight: 3, arbitrary: leases },
    { weight: 3, arbitrary: plans },
    { weight: 1, arbitrary: fc.nat({ max: 3 }).map((repeat) => ({ repeat })) },
  );
  const step = fc.record({ command, waitUs });
  return fc.array(step, { minLength: 1, maxLength: length, size: 'max' });
}

/** Follows events and turns steps into commands that name real orders. */
export class StepResolver {
  readonly #working: { orderId: number; account: number }[] = [];
  readonly #ended: number[] = [];
  readonly #keyed: Command[] = [];
  #timeUs = 0;

  resolve(step: Step): Command {
    const command = 'repeat' in step.command ? this.#repeated(step.command.repeat) : this.#named(step.command);
    if (!('repeat' in step.command) && isKeyed(command)) this.#keyed.unshift(command);
    return command;
  }

  note(events: readonly ExchangeEvent[]): void {
    this.#timeUs = events[0]?.timeUs ?? this.#timeUs;
    for (const event of events) {
      if (event.type === 'OrderAccepted') this.#working.push({ orderId: event.orderId, account: event.account });
      if (event.type === 'OrdersTraded') for (const leg of [event.maker, event.taker]) this.#noteLeaves(leg);
      if (event.type === 'OrderCanceled' || event.type === 'OrderExpired') this.#noteLeaves(event);
    }
  }

  #noteLeaves({ orderId, leavesQtyLots }: { orderId: number; leavesQtyLots: number }): void {
    const index = this.#working.findIndex((order) => order.orderId === orderId);
    if (leavesQtyLots > 0 || index < 0) return;
    this.#working.splice(index, 1);
    this.#ended.unshift(orderId);
  }

  #repeated(back: number): Command {
    return this.#keyed[back] ?? { type: 'CancelAllOrders', account: 1, instrument: null, side: 'BUY' };
  }

  /** Nine of ten times a working order under its own account, otherwise an ended or unknown one or another account. */
  #named(command: Command): Command {
    if (command.type === 'PlaceUnderLease') {
      return { ...command, command: this.#named(command.command) as LeasableCommand };
    }
    if (command.type === 'PlaceOrders') {
      return { ...command, orders: command.orders.map((order) => this.#named(order) as PlaceOrder) };
    }
    if (command.type === 'PlacePlan') {
      const legs = command.legs.map(({ name, order }) => ({ name, order: this.#named(order) as PlaceOrder }));
      return { ...command, legs };
    }
    if (command.type === 'CancelOrders') {
      const { account } = command;
      const named = command.orderIds.map((orderId) => this.#named({ type: 'CancelOrder', account, orderId }));
      const [first] = named;
      const orderIds = named.flatMap((cancel) => (cancel.type === 'CancelOrder' ? [cancel.orderId] : []));
      return { ...command, orderIds, account: first?.type === 'CancelOrder' ? first.account : account };
    }
    if (command.type === 'PlaceOrder' && command.expireTimeUs !== null) {
      return { ...command, expireTimeUs: this.#timeUs + command.expireTimeUs };
    }
    if (command.type !== 'CancelOrder' && command.type !== 'ReplaceOrder') return command;
    const place = command.orderId % 10;
    const working = this.#working[Math.floor(command.orderId / 10) % Math.max(1, this.#working.length)];
    if (place > 1 && working !== undefined) return { ...command, ...working };
    if (place === 1 && working !== undefined) return { ...command, orderId: working.orderId };
    return { ...command, orderId: this.#ended[command.orderId % 3] ?? command.orderId };
  }
}

function isKeyed(command: Command): boolean {
  if (command.type === 'PlaceUnderLease') return isKeyed(command.command);
  if (command.type === 'PlaceOrders') return command.orders.some(({ clOrdId }) => clOrdId !== null);
  if (command.type === 'PlacePlan') return command.legs.some(({ order }) => order.clOrdId !== null);
  const key = 'clOrdId' in command ? command.clOrdId : 'transferId' in command ? command.transferId : null;
  return key !== null;
}
