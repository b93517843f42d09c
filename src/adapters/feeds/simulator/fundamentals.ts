/**
 * Fundamental prices that participants have an opinion about.
 *
 * log price = log reference + G + s, with G the group's factor, which wanders slowly and returns to 0 over hours (the
 * anchor), and s the instrument's own deviation, an Ornstein-Uhlenbeck process around 0. Two instruments of one group
 * are cointegrated: the difference of their logs is stationary. Volatility is a group's own: its log is another
 * Ornstein-Uhlenbeck process, so that calm and nervous minutes follow each other.
 * Each step draws the same number of random numbers, whatever the market does.
 */
import type { SimulatedInstrument } from './config.js';
import { Random } from './random.js';

const ANCHOR_HALF_LIFE_S = 4 * 3600;
const VOLATILITY_HALF_LIFE_S = 90;
/** Stationary standard deviation of the log of volatility. */
const VOLATILITY_SPREAD = 0.45;

interface Group {
  readonly random: Random;
  /** Log of volatility over its usual value. */
  logVolatility: number;
  factor: number;
  /** Factor's shock of the present step, standard normal. */
  shock: number;
}

interface Member {
  readonly instrument: SimulatedInstrument;
  readonly group: Group;
  readonly random: Random;
  readonly logReference: number;
  factor: number;
  own: number;
}

/** Returns the share of a deviation that is left after a time. */
function decay(dtS: number, halfLifeS: number): number {
  return 2 ** (-dtS / halfLifeS);
}

export class Fundamentals {
  readonly #groups = new Map<string, Group>();
  readonly #members = new Map<string, Member>();

  /** @param referencePrices price of each instrument that its fundamental returns to, any unit */
  constructor(seed: number, instruments: readonly SimulatedInstrument[], referencePrices: ReadonlyMap<string, number>) {
    for (const instrument of instruments) {
      const { symbol } = instrument;
      let group = this.#groups.get(instrument.group);
      if (group === undefined) {
        group = { random: new Random(seed, `group/${instrument.group}`), logVolatility: 0, factor: 0, shock: 0 };
        this.#groups.set(instrument.group, group);
      }
      const reference = referencePrices.get(symbol);
      if (reference === undefined) throw new RangeError(`no reference price of ${symbol}`);
      this.#members.set(symbol, {
        instrument,
        group,
        random: new Random(seed, `own/${symbol}`),
        logReference: Math.log(reference),
        factor: 0,
        own: 0,
      });
    }
  }

  /** Continues from prices at which the market stands; instruments without one start at their reference. */
  startFrom(prices: ReadonlyMap<string, number>): void {
    for (const group of this.#groups.values()) {
      const members = [...this.#members.values()].filter((member) => member.group === group);
      const distances = members.map((member) => {
        const price = prices.get(member.instrument.symbol);
        return price === undefined ? 0 : Math.log(price) - member.logReference;
      });
      const shared = distances.reduce((sum, distance) => sum + distance, 0) / members.length;
      members.forEach((member, at) => {
        member.factor = shared;
        member.own = (distances[at] ?? 0) - shared;
      });
    }
  }

  step(dtS: number): void {
    const rootDt = Math.sqrt(dtS);
    const kept = decay(dtS, VOLATILITY_HALF_LIFE_S);
    for (const group of this.#groups.values()) {
      const innovation = VOLATILITY_SPREAD * Math.sqrt(1 - kept * kept);
      group.logVolatility = kept * group.logVolatility + innovation * group.random.normal();
      group.shock = group.random.normal();
    }
    const anchored = decay(dtS, ANCHOR_HALF_LIFE_S);
    for (const member of this.#members.values()) {
      const { instrument, group } = member;
      const scale = rootDt * Math.exp(group.logVolatility);
      member.factor = anchored * member.factor + instrument.commonSigma * scale * group.shock;
      member.own = decay(dtS, instrument.halfLifeS) * member.own + instrument.ownSigma * scale * member.random.normal();
    }
  }

  /** Fundamental price in the unit of the reference price. */
  price(symbol: string): number {
    const { logReference, factor, own } = this.#member(symbol);
    return Math.exp(logReference + factor + own);
  }

  /** Present volatility over its usual value: 1 is usual, 2 twice as nervous. */
  volatility(symbol: string): number {
    return Math.exp(this.#member(symbol).group.logVolatility);
  }

  #member(symbol: string): Member {
    const member = this.#members.get(symbol);
    if (member === undefined) throw new RangeError(`${symbol} is not simulated`);
    return member;
  }
}
