import { DEFAULT_SIMULATOR_CONFIG } from './config.js';
import type { DeskMarket } from './desk.js';
import { Fundamentals } from './fundamentals.js';
import { MarketMaker } from './market-maker.js';
import { Random } from './random.js';
import { Arrivals } from './traders.js';

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const correlation = (a: readonly number[], b: readonly number[]) => {
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, at) => (value - meanA) * ((b[at] ?? 0) - meanB))) / (deviation(a) * deviation(b));
};
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const changes = (values: readonly number[]) => values.slice(1).map((value, at) => value - (values[at] ?? 0));

describe('Random', () => {
  it('repeats itself for a seed and a stream, and differs for another of either', () => {
    const draw = (seed: number, stream: string) => {
      const random = new Random(seed, stream);
      return times(20, () => random.next());
    };
    expect(draw(7, 'a')).toEqual(draw(7, 'a'));
    expect(draw(8, 'a')).not.toEqual(draw(7, 'a'));
    expect(draw(7, 'b')).not.toEqual(draw(7, 'a'));
    for (const value of draw(0, '')) expect(value >= 0 && value < 1).toBe(true);
  });

  it('is uniform, normal and Poisson in its first two moments', () => {
    const random = new Random(3, 'moments');
    const count = 40_000;
    const uniform = times(count, () => random.next());
    expect(mean(uniform)).toBeCloseTo(0.5, 1.8);
    expect(deviation(uniform)).toBeCloseTo(Math.sqrt(1 / 12), 1.8);
    const normal = times(count, () => random.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(deviation(normal)).toBeCloseTo(1, 1.5);
    const arrivals = times(count, () => random.poisson(0.7));
    expect(mean(arrivals)).toBeCloseTo(0.7, 1.5);
    expect(deviation(arrivals) ** 2).toBeCloseTo(0.7, 1.3);
  });

  it('gives two streams of one seed that have nothing to do with each other', () => {
    const [a, b] = ['maker-1/AAPL', 'maker-2/AAPL'].map((stream) => new Random(1, stream));
    expect(
      Math.abs(
        correlation(
          times(20_000, () => a?.next() ?? 0),
          times(20_000, () => b?.next() ?? 0),
        ),
      ),
    ).toBeLessThan(0.03);
  });
});

describe('Fundamentals', () => {
  const references = new Map(DEFAULT_SIMULATOR_CONFIG.instruments.map(({ symbol }) => [symbol, 10_000]));
  const path = (seed: number, steps: number, startFrom = new Map<string, number>()) => {
    const fundamentals = new Fundamentals(seed, DEFAULT_SIMULATOR_CONFIG.instruments, references);
    fundamentals.startFrom(startFrom);
    const prices: Record<string, number[]> = {};
    for (let step = 0; step < steps; step += 1) {
      for (const symbol of references.keys()) {
        prices[symbol] ??= [];
        prices[symbol].push(Math.log(fundamentals.price(symbol)));
      }
      fundamentals.step(1);
    }
    return (symbol: string) => prices[symbol] ?? [];
  };

  it('moves the pair together: changes correlate, and the difference of the logs stays small while each wanders', () => {
    const at = path(5, 4 * 3600);
    const [ko, pep, aapl] = [at('KO'), at('PEP'), at('AAPL')];
    expect(correlation(changes(ko), changes(pep))).toBeGreaterThan(0.8);
    expect(Math.abs(correlation(changes(ko), changes(aapl)))).toBeLessThan(0.1);
    const spread = ko.map((value, index) => value - (pep[index] ?? 0));
    expect(deviation(spread)).toBeLessThan(deviation(ko) / 2);
  });

  it('returns to its reference: after half a day it is still near', () => {
    const far = [1, 2, 3].map((seed) => {
      const prices = path(seed, 12 * 3600)('AAPL');
      return Math.abs((prices.at(-1) ?? 0) - Math.log(10_000));
    });
    // The stationary standard deviation of the group factor is about 2 %.
    for (const distance of far) expect(distance).toBeLessThan(0.1);
  });

  it('goes on from the prices at which the market stands', () => {
    const at = path(
      5,
      1,
      new Map([
        ['KO', 10_300],
        ['PEP', 9_900],
      ]),
    );
    expect(Math.exp(at('KO')[0] ?? 0)).toBeCloseTo(10_300, 6);
    expect(Math.exp(at('PEP')[0] ?? 0)).toBeCloseTo(9_900, 6);
  });
});

describe('Arrivals', () => {
  it('come in bursts: their counts vary more than independent ones would, around the rate that branching gives', () => {
    const arrivals = new Arrivals(0.5, 9, 'arrivals');
    const perMinute = times(600, () => times(600, () => arrivals.step(0.1)).reduce((sum, count) => sum + count, 0));
    const expected = (60 * 0.5) / (1 - Arrivals.BRANCHING);
    expect(mean(perMinute) / expected).toBeGreaterThan(0.85);
    expect(mean(perMinute) / expected).toBeLessThan(1.15);
    expect(deviation(perMinute) ** 2 / mean(perMinute)).toBeGreaterThan(2);
  });
});

describe('A market maker', () => {
  const [settings] = DEFAULT_SIMULATOR_CONFIG.instruments;
  if (settings === undefined) throw new Error('no instrument');
  const market: DeskMarket = {
    stepS: 0.1,
    fairTicks: 23_000,
    halfSpreadTicks: 3,
    arrivals: 0,
    bidTicks: null,
    askTicks: null,
    lowTicks: 20_000,
    highTicks: 26_000,
    orders: [],
    inventory: 0,
    lotValue: 230,
    maxQtyLots: 100_000,
  };
  /** Prices that it places on each side in its first looks, best first. */
  const quotes = (over: Partial<DeskMarket>) => {
    const maker = new MarketMaker(1, 0, settings, 1, 'maker', 5, 10);
    const found = { BUY: new Set<number>(), SELL: new Set<number>() };
    for (let step = 0; step < 30; step += 1) {
      for (const intent of maker.decide({ ...market, ...over })) {
        if (intent.type === 'PlaceOrder' && intent.priceTicks !== null) found[intent.side].add(intent.priceTicks);
      }
    }
    return { bids: [...found.BUY].sort((a, b) => b - a), asks: [...found.SELL].sort((a, b) => a - b) };
  };

  it('quotes both sides of the fundamental, post-only, further out when the market is nervous', () => {
    const calm = quotes({});
    const nervous = quotes({ halfSpreadTicks: 12 });
    expect(calm.bids[0]).toBeLessThan(23_000);
    expect(calm.asks[0]).toBeGreaterThan(23_000);
    expect((nervous.asks[0] ?? 0) - (nervous.bids[0] ?? 0)).toBeGreaterThan((calm.asks[0] ?? 0) - (calm.bids[0] ?? 0));
    const maker = new MarketMaker(1, 0, settings, 1, 'maker', 5, 10);
    const intents = times(30, () => maker.decide(market)).flat();
    expect(intents.length).toBeGreaterThan(0);
    for (const intent of intents) expect(intent).toMatchObject({ type: 'PlaceOrder', postOnly: true });
  });

  it('moves its quotes against its inventory, and quotes one side only when it holds too much', () => {
    const [long, flat, short] = [quotes({ inventory: 0.9 }), quotes({}), quotes({ inventory: -0.9 })];
    expect(long.asks[0]).toBeLessThan(flat.asks[0] ?? 0);
    expect(short.bids[0]).toBeGreaterThan(flat.bids[0] ?? 0);
    expect(quotes({ inventory: 1.1 })).toMatchObject({ bids: [] });
    expect(quotes({ inventory: -1.1 })).toMatchObject({ asks: [] });
  });

  it('never quotes at or through the other side, nor outside of the collar', () => {
    const crossed = quotes({ bidTicks: 23_010, askTicks: 23_011 });
    expect(crossed.asks[0]).toBeGreaterThan(23_010);
    const lifted = quotes({ lowTicks: 23_100, highTicks: 24_000 });
    expect(lifted.bids).toEqual([]);
    expect(Math.min(...lifted.asks)).toBeGreaterThanOrEqual(23_100);
  });
});
