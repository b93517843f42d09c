import fc from 'fast-check';
import {
  ceilPpm,
  compareDecimals,
  floorPpm,
  formatRatio,
  formatScaled,
  isDecimal,
  parseScaled,
  powerOfTen,
  withScale,
} from './decimal.js';

const safeInteger = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

describe('isDecimal', () => {
  it.each(['0', '-0', '1', '101.30', '-0.5', '9007199254740993', '0.0000000001'])('takes %s', (text) => {
    expect(isDecimal(text)).toBe(true);
  });

  it.each([
    '',
    '-',
    '.',
    '.5',
    '5.',
    '+1',
    ' 1',
    '1 ',
    '1e5',
    '1e400',
    'NaN',
    'Infinity',
    '0x10',
    '1,000',
    '1.2.3',
    '--1',
    '1-',
    '１２',
    '٣',
    '1\u0000',
    '9'.repeat(41),
    '9'.repeat(400),
  ])('refuses %j', (text) => {
    expect(isDecimal(text)).toBe(false);
    expect(parseScaled(text, 2)).toBe('NOT_A_DECIMAL');
  });
});

describe('parseScaled', () => {
  it.each([
    ['101.30', 2, 10130],
    ['101.3', 2, 10130],
    ['101', 2, 10100],
    ['-0.01', 2, -1],
    ['1.500', 1, 15],
    ['007', 0, 7],
    ['9007199254740991', 0, Number.MAX_SAFE_INTEGER],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
  ])('reads %s at scale %i as %i', (text, scale, expected) => {
    expect(parseScaled(text, scale)).toBe(expected);
  });

  it('gives plain zero for minus zero', () => {
    expect(Object.is(parseScaled('-0.00', 2), 0)).toBe(true);
  });

  it.each([
    ['101.301', 2, 'TOO_PRECISE'],
    ['9007199254740992', 0, 'OUT_OF_RANGE'],
    ['9007199254741000', 0, 'OUT_OF_RANGE'],
    ['90071992547409.92', 2, 'OUT_OF_RANGE'],
    ['99999999999999999999', 2, 'OUT_OF_RANGE'],
  ])('refuses %s at scale %i as %s', (text, scale, problem) => {
    expect(parseScaled(text, scale)).toBe(problem);
  });

  it('reads back what formatScaled prints, for every safe integer and scale', () => {
    fc.assert(
      fc.property(safeInteger, fc.integer({ min: 0, max: 12 }), (value, scale) => {
        expect(parseScaled(formatScaled(value, scale), scale)).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('agrees with BigInt on random texts', () => {
    const text = fc.tuple(fc.nat({ max: 10 ** 9 }), fc.stringMatching(/^[0-9]{0,8}$/));
    fc.assert(
      fc.property(text, ([whole, decimals]) => {
        const written = decimals === '' ? `${whole}` : `${whole}.${decimals}`;
        const exact = BigInt(`${whole}${decimals.padEnd(8, '0')}`);
        const result = parseScaled(written, 8);
        if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) expect(result).toBe(Number(exact));
        else expect(result).toBe('OUT_OF_RANGE');
      }),
    );
  });
});

describe('formatScaled', () => {
  it.each([
    [10130, 2, '101.30'],
    [-1, 2, '-0.01'],
    [0, 3, '0.000'],
    [0, 0, '0'],
    [12345678901234567890n, 4, '1234567890123456.7890'],
  ])('prints %s at scale %i as %s', (value, scale, expected) => {
    expect(formatScaled(value, scale)).toBe(expected);
  });

  it('refuses a number that is no safe integer', () => {
    expect(() => formatScaled(0.5, 2)).toThrow(RangeError);
    expect(() => formatScaled(2 ** 53, 2)).toThrow(RangeError);
  });
});

describe('formatRatio', () => {
  it.each([
    [1n, 3n, 2, 8, '0.33333333'],
    [1n, 2n, 2, 8, '0.50'],
    [25n, 10n, 0, 0, '2'],
    [35n, 10n, 0, 0, '4'],
    [-1n, 8n, 2, 2, '-0.12'],
    [-3n, -4n, 1, 4, '0.75'],
  ])('prints %s ÷ %s with %i to %i decimals as %s', (top, bottom, min, max, expected) => {
    expect(formatRatio(top, bottom, min, max)).toBe(expected);
  });

  it('refuses to divide by zero', () => {
    expect(() => formatRatio(1n, 0n, 0, 2)).toThrow(RangeError);
  });
});

describe('Decimals of any precision', () => {
  it('compare as their exact values do', () => {
    const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 10 }));
    fc.assert(
      fc.property(decimal, decimal, ([a, scaleA], [b, scaleB]) => {
        const difference = a * 10n ** BigInt(scaleB) - b * 10n ** BigInt(scaleA);
        const sign = difference === 0n ? 0 : difference < 0n ? -1 : 1;
        expect(compareDecimals(formatScaled(a, scaleA), formatScaled(b, scaleB))).toBe(sign);
      }),
    );
  });

  it.each([
    ['60', 2, '60.00'],
    ['60.5', 2, '60.50'],
    ['60.505', 2, '60.505'],
    ['60.5050', 2, '60.505'],
    ['60.000', 0, '60'],
    ['425106.0', 0, '425106'],
    ['100', 0, '100'],
    ['-0.10', 1, '-0.1'],
  ])('print %s with at least %i digits as %s', (decimal, scale, printed) => {
    expect(withScale(decimal, scale)).toBe(printed);
  });
});

describe('floorPpm and ceilPpm', () => {
  it('equal exact division rounded down and up, also where the product passes 2^53', () => {
    const amount = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 1_000_000 }), (value, ppm) => {
        const product = BigInt(value) * BigInt(ppm);
        expect(BigInt(floorPpm(value, ppm))).toBe(product / 1_000_000n);
        expect(BigInt(ceilPpm(value, ppm))).toBe((product + 999_999n) / 1_000_000n);
      }),
    );
  });
});

describe('powerOfTen', () => {
  it('is exact up to 10^15 and refuses beyond', () => {
    expect(powerOfTen(15)).toBe(1_000_000_000_000_000);
    expect(() => powerOfTen(16)).toThrow(RangeError);
    expect(() => powerOfTen(-1)).toThrow(RangeError);
  });
});
