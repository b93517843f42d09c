import fc from 'fast-check';
import { feeOf, proportionOf, safe } from './amount.js';
import { StateHasher } from './state-hash.js';

const amount = fc.maxSafeNat();

describe('Amounts', () => {
  it('take a fee rounded towards zero, and a rebate alike, exact up to 2^53', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: -1_000_000, max: 1_000_000 }), (notional, ppm) => {
        expect(feeOf(notional, ppm)).toBe(Number((BigInt(notional) * BigInt(ppm)) / 1_000_000n));
      }),
    );
  });

  it('take a proportion rounded towards zero, exact up to 2^53 and for either sign', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), amount, amount, (value, a, b) => {
        const [part, whole] = a < b ? [a, b] : [b, Math.max(a, 1)];
        expect(proportionOf(value, part, whole)).toBe(Number((BigInt(value) * BigInt(part)) / BigInt(whole)));
      }),
    );
  });

  it('stop where a sum leaves the safe integers', () => {
    expect(safe(2 ** 53 - 1)).toBe(2 ** 53 - 1);
    expect(() => safe(2 ** 53)).toThrow('safe integers');
  });
});

describe('StateHasher', () => {
  const digest = (feed: (hasher: StateHasher) => void): string => {
    const hasher = new StateHasher();
    feed(hasher);
    return hasher.digest();
  };

  it('gives 16 hex digits that are the same on every machine', () => {
    expect(digest(() => {})).toMatch(/^[0-9a-f]{16}$/);
    const known = digest((hasher) => {
      hasher.number(2 ** 53 - 1);
      hasher.number(-1);
      hasher.text('AAPL');
      hasher.text(null);
    });
    expect(known).toBe('1c7299dfb9c1842a');
  });

  it('tells apart numbers, orders, texts and null', () => {
    const digests = [
      digest((hasher) => hasher.number(1)),
      digest((hasher) => hasher.number(2 ** 32)),
      digest((hasher) => hasher.number(2 ** 32 + 1)),
      digest((hasher) => hasher.number(-1)),
      digest((hasher) => hasher.text(null)),
      digest((hasher) => hasher.text('')),
      digest((hasher) => [1, 2].map((value) => hasher.number(value))),
      digest((hasher) => [2, 1].map((value) => hasher.number(value))),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });
});
