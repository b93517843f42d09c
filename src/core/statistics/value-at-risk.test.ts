import {
  ewmaCovariance,
  historicalTailRisk,
  horizonReturns,
  normalTailRisk,
  portfolioDeviation,
} from './value-at-risk.js';

describe('Tail risk of a normal profit', () => {
  // Closed form, as tables print it: z(0.95) = 1.644854, z(0.99) = 2.326348; φ(z) ÷ (1 − c) = 2.062713 and 2.665214.
  it.each([
    [0.95, 1.6448536269514722, 2.0627128075074257],
    [0.99, 2.3263478740408408, 2.665214220345806],
  ])('at %d is z and φ(z) ÷ (1 − c) times its deviation', (confidence, z, shortfall) => {
    const { valueAtRisk, expectedShortfall } = normalTailRisk(250, confidence);
    expect(valueAtRisk).toBeCloseTo(250 * z, 8);
    expect(expectedShortfall).toBeCloseTo(250 * shortfall, 8);
  });

  it('is what a large sample of its own quantiles has', () => {
    const count = 100_000;
    const sample = Float64Array.from({ length: count }, (_, at) => {
      // Quantiles by the profit of the other side of the distribution: −σ z(p).
      const p = (at + 0.5) / count;
      return p === 0.5 ? 0 : p > 0.5 ? normalTailRisk(1, p).valueAtRisk : -normalTailRisk(1, 1 - p).valueAtRisk;
    });
    for (const confidence of [0.95, 0.99]) {
      const closed = normalTailRisk(1, confidence);
      const sampled = historicalTailRisk(sample, confidence);
      expect(sampled.valueAtRisk).toBeCloseTo(closed.valueAtRisk, 3);
      expect(sampled.expectedShortfall).toBeCloseTo(closed.expectedShortfall, 3);
    }
  });
});

describe('Historical tail risk', () => {
  it('of a sample of 40, by hand: the tail at 95 % are the two worst', () => {
    const profits = [...Array.from({ length: 37 }, (_, at) => at), -10, -30, -5];
    expect(historicalTailRisk(profits, 0.95)).toEqual({ valueAtRisk: 10, expectedShortfall: 20 });
  });

  it('of 100 losses from 1 to 100: VaR 96 and ES 98 at 95 %, 100 and 100 at 99 %', () => {
    const profits = Array.from({ length: 100 }, (_, at) => -(at + 1));
    expect(historicalTailRisk(profits, 0.95)).toEqual({ valueAtRisk: 96, expectedShortfall: 98 });
    expect(historicalTailRisk(profits, 0.99)).toEqual({ valueAtRisk: 100, expectedShortfall: 100 });
  });

  it.each([
    [19, 0.95],
    [99, 0.99],
  ])('refuses %i observations at %d, and takes one more', (count, confidence) => {
    const profits = new Float64Array(count + 1);
    expect(() => historicalTailRisk(profits.subarray(1), confidence)).toThrow(
      expect.objectContaining({ problem: 'TOO_FEW_OBSERVATIONS' }),
    );
    expect(historicalTailRisk(profits, confidence)).toEqual({ valueAtRisk: 0, expectedShortfall: 0 });
  });

  it.each([0.5, 1, Number.NaN])('refuses the confidence %d', (confidence) => {
    expect(() => historicalTailRisk(new Float64Array(200), confidence)).toThrow(
      expect.objectContaining({ problem: 'OUT_OF_RANGE' }),
    );
  });
});

describe('EWMA covariance', () => {
  it('of two returns, by hand: weights 0.2 and 0.8 × 0.2 over 0.36', () => {
    const [one, other] = ewmaCovariance(
      [
        [0.1, 0.2],
        [0.3, -0.1],
      ],
      0.8,
    );
    const [first, both] = one!;
    const [same, second] = other!;
    expect(first).toBeCloseTo((0.16 * 0.01 + 0.2 * 0.04) / 0.36, 15);
    expect(both).toBeCloseTo((0.16 * 0.03 - 0.2 * 0.02) / 0.36, 15);
    expect(same).toBe(both);
    expect(second).toBeCloseTo((0.16 * 0.09 + 0.2 * 0.01) / 0.36, 15);
  });

  it('of a portfolio and its hedge is none', () => {
    const returns = [0.1, -0.2, 0.05];
    expect(portfolioDeviation([100, -100], ewmaCovariance([returns, returns], 0.94))).toBe(0);
    expect(portfolioDeviation([100, 100], ewmaCovariance([returns, returns], 0.94))).toBeCloseTo(
      200 * Math.sqrt(ewmaCovariance([returns], 0.94)[0]![0]!),
      12,
    );
  });

  it('refuses series of different length, and λ at its ends', () => {
    expect(() =>
      ewmaCovariance(
        [
          [1, 2],
          [1, 2, 3],
        ],
        0.9,
      ),
    ).toThrow(expect.objectContaining({ problem: 'LENGTH_MISMATCH' }));
    for (const lambda of [0, 1]) {
      expect(() => ewmaCovariance([[1, 2]], lambda)).toThrow(expect.objectContaining({ problem: 'OUT_OF_RANGE' }));
    }
  });
});

describe('Returns over a horizon', () => {
  it('are sums of neighbours, overlapping', () => {
    expect([...horizonReturns([1, 2, 4, 8], 2)]).toEqual([3, 6, 12]);
    expect([...horizonReturns([1, 2], 2)]).toEqual([3]);
    expect(() => horizonReturns([1, 2], 3)).toThrow(expect.objectContaining({ problem: 'TOO_FEW_OBSERVATIONS' }));
  });
});
