/** Participants who trade: takers whose orders come in bursts, patient traders who rest and think again, trend followers. */
import type { Side } from '../../../core/values/vocabulary.js';
import type { SimulatedInstrument } from './config.js';
import { cancelOrder, clamp, type Desk, type DeskMarket, type Intent, lotsOfValue, placeOrder } from './desk.js';
import { Random } from './random.js';

/** Most orders that a participant sends in one step. */
const MAX_ORDERS_PER_STEP = 3;
const MAX_RESTING = 8;
const MEAN_PATIENCE_S = 25;
/** An order this many half spreads from the fundamental is given up. */
const FAR_HALF_SPREADS = 12;

/**
 * Arrivals of incoming orders: a Hawkes process with exponential decay (Hawkes 1971). Each arrival makes the next
 * more likely for a while, so that they come in bursts.
 */
export class Arrivals {
  /** Arrivals that one arrival causes on average; below 1, or they would never end. */
  static readonly BRANCHING = 0.6;
  static readonly HALF_LIFE_S = 2;
  static readonly MAX_INTENSITY = 20;
  #excited = 0;
  readonly #random: Random;

  constructor(
    private readonly baseRate: number,
    seed: number,
    name: string,
  ) {
    this.#random = new Random(seed, name);
  }

  /** Present intensity over that of a calm market, at least 1. */
  get excitement(): number {
    return Math.min(1 + this.#excited / this.baseRate, Arrivals.MAX_INTENSITY);
  }

  /** Returns the number of arrivals within the next step. */
  step(dtS: number): number {
    const count = this.#random.poisson(this.baseRate * this.excitement * dtS);
    const rate = Math.LN2 / Arrivals.HALF_LIFE_S;
    this.#excited = this.#excited * Math.exp(-rate * dtS) + count * Arrivals.BRANCHING * rate;
    return count;
  }
}

/** Takes what rests: a little more often towards the fundamental, in runs of one side, and away from its inventory. */
export class NoiseTaker implements Desk {
  readonly #random: Random;
  #buying = true;

  constructor(
    readonly account: number,
    readonly instrument: number,
    readonly settings: SimulatedInstrument,
    seed: number,
  ) {
    this.#random = new Random(seed, `taker/${settings.symbol}`);
  }

  decide(market: DeskMarket): Intent[] {
    const intents: Intent[] = [];
    for (let arrival = 0; arrival < Math.min(market.arrivals, MAX_ORDERS_PER_STEP); arrival += 1) {
      const intent = this.#order(market);
      if (intent !== null) intents.push(intent);
    }
    return intents;
  }

  #order(market: DeskMarket): Intent | null {
    const random = this.#random;
    const keepsSide = random.chance(0.5);
    const draw = random.next();
    const size = Math.exp(clamp(0.8 * random.normal(), -2.5, 2.5));
    const isMarket = random.chance(0.2);
    const reach = random.next();
    const mispricing = clamp((market.fairTicks - middle(market)) / market.halfSpreadTicks, -2, 2);
    const wantsToBuy = draw < 0.5 + 0.12 * mispricing - 0.3 * market.inventory;
    if (!keepsSide || Math.abs(market.inventory) > 1) this.#buying = wantsToBuy;
    const side: Side = this.#buying ? 'BUY' : 'SELL';
    const qtyLots = lotsOfValue(market, this.settings.takeNotional * size);
    const priceTicks = reachTicks(side, market, reach);
    if (priceTicks === null) return null;
    return placeOrder(this, { side, qtyLots, priceTicks: isMarket ? null : priceTicks, resting: false });
  }
}

/** Rests orders near the best price and gives them up after a while. */
export class PatientTrader implements Desk {
  readonly #random: Random;

  constructor(
    readonly account: number,
    readonly instrument: number,
    readonly settings: SimulatedInstrument,
    seed: number,
  ) {
    this.#random = new Random(seed, `patient/${settings.symbol}`);
  }

  decide(market: DeskMarket): Intent[] {
    const random = this.#random;
    const intents: Intent[] = [];
    for (const order of market.orders) {
      const far = Math.abs(order.priceTicks - market.fairTicks) > FAR_HALF_SPREADS * market.halfSpreadTicks;
      if ((random.chance(market.stepS / MEAN_PATIENCE_S) || far) && intents.length < MAX_ORDERS_PER_STEP) {
        intents.push(cancelOrder(order));
      }
    }
    const arrives = random.chance(0.6 * this.settings.arrivalsPerSecond * market.stepS);
    const draw = random.next();
    const size = Math.exp(clamp(0.8 * random.normal(), -2.5, 2.5));
    const depth = -Math.log(1 - random.next());
    const improves = random.chance(0.25);
    if (!arrives || market.orders.length >= MAX_RESTING) return intents;
    const side: Side = draw < 0.5 - 0.4 * market.inventory ? 'BUY' : 'SELL';
    const priceTicks = this.#restingTicks(side, market, improves ? -1 : Math.floor(depth * market.halfSpreadTicks));
    if (priceTicks === null) return intents;
    const qtyLots = lotsOfValue(market, this.settings.takeNotional * size);
    return [...intents, placeOrder(this, { side, qtyLots, priceTicks, resting: true })];
  }

  #restingTicks(side: Side, market: DeskMarket, behindBest: number): number | null {
    const { bidTicks, askTicks } = market;
    if (bidTicks === null || askTicks === null) return null;
    const priceTicks =
      side === 'BUY' ? Math.min(bidTicks - behindBest, askTicks - 1) : Math.max(askTicks + behindBest, bidTicks + 1);
    return within(market, priceTicks);
  }
}

/** Buys after a rise and sells after a fall, and closes its position when the trend is over. */
export class TrendFollower implements Desk {
  static readonly FAST_HALF_LIFE_S = 3;
  static readonly SLOW_HALF_LIFE_S = 20;
  readonly #random: Random;
  #fastTicks: number | null = null;
  #slowTicks = 0;

  constructor(
    readonly account: number,
    readonly instrument: number,
    readonly settings: SimulatedInstrument,
    seed: number,
  ) {
    this.#random = new Random(seed, `trend/${settings.symbol}`);
  }

  decide(market: DeskMarket): Intent[] {
    const acts = this.#random.chance(0.4 * market.stepS);
    const reach = this.#random.next();
    const trend = this.#trend(market);
    if (!acts) return [];
    const strong = Math.abs(trend) > 1.5;
    const over = Math.abs(trend) < 0.5 && Math.abs(market.inventory) > 0.05;
    if (!strong && !over) return [];
    const buys = strong ? trend > 0 : market.inventory < 0;
    const full = buys ? market.inventory > 0.5 : market.inventory < -0.5;
    const side: Side = buys ? 'BUY' : 'SELL';
    const priceTicks = reachTicks(side, market, reach);
    if (full || priceTicks === null) return [];
    return [
      placeOrder(this, { side, qtyLots: lotsOfValue(market, this.settings.takeNotional), priceTicks, resting: false }),
    ];
  }

  /** Fast average of the middle less the slow one, in half spreads. */
  #trend(market: DeskMarket): number {
    const mid = middle(market);
    if (this.#fastTicks === null) {
      this.#fastTicks = mid;
      this.#slowTicks = mid;
    }
    const weight = (halfLifeS: number) => 1 - 2 ** (-market.stepS / halfLifeS);
    this.#fastTicks += weight(TrendFollower.FAST_HALF_LIFE_S) * (mid - this.#fastTicks);
    this.#slowTicks += weight(TrendFollower.SLOW_HALF_LIFE_S) * (mid - this.#slowTicks);
    return (this.#fastTicks - this.#slowTicks) / market.halfSpreadTicks;
  }
}

/** Middle of the best prices; the fundamental while a side is empty. */
function middle(market: DeskMarket): number {
  const { bidTicks, askTicks } = market;
  return bidTicks === null || askTicks === null ? market.fairTicks : (bidTicks + askTicks) / 2;
}

/** Limit of an order that takes: up to two half spreads beyond the best price; null where nothing rests. */
function reachTicks(side: Side, market: DeskMarket, reach: number): number | null {
  const best = side === 'BUY' ? market.askTicks : market.bidTicks;
  if (best === null) return null;
  const beyond = Math.floor(reach * 2 * market.halfSpreadTicks);
  return within(market, side === 'BUY' ? best + beyond : best - beyond);
}

function within(market: DeskMarket, priceTicks: number): number | null {
  return priceTicks < market.lowTicks || priceTicks > market.highTicks ? null : priceTicks;
}
