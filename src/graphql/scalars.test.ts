import fc from 'fast-check';
import { GraphQLError, parseValue } from 'graphql';
import { formatInstantUs, parseInstantUs } from './instant.js';
import { CursorScalar, DateTimeScalar, DecimalScalar, SafeIntScalar } from './scalars.js';

function problemOf(work: () => unknown): GraphQLError {
  try {
    work();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('Decimal', () => {
  it.each(['0', '101.30', '-0.5', '9007199254740993.000000000001'])('takes and gives %s as it is', (text) => {
    expect(DecimalScalar.parseValue(text)).toBe(text);
    expect(DecimalScalar.parseLiteral(parseValue(`"${text}"`))).toBe(text);
    expect(DecimalScalar.serialize(text)).toBe(text);
  });

  it.each(['NaN', '1e400', '9'.repeat(400), '５０', '', ' 1', '+1', '1,5', '0x10', '-', '.5'])(
    'refuses %j, naming the syntax',
    (text) => {
      const { message, extensions } = problemOf(() => DecimalScalar.parseValue(text));
      expect(message).toMatch(/is not a Decimal: digits 0 to 9 .* at most 40 characters, no exponent/);
      expect(message.length).toBeLessThan(250);
      expect(extensions.code).toBe('BAD_USER_INPUT');
    },
  );

  it.each([101.3, 5, Number.NaN, 1e308])('refuses the number %p and says to send a string', (value) => {
    expect(problemOf(() => DecimalScalar.parseValue(value)).message).toMatch(/sent as a string/);
  });

  it.each(['101.30', '5'])('refuses the unquoted literal %s and says to quote it', (literal) => {
    const { message } = problemOf(() => DecimalScalar.parseLiteral(parseValue(literal)));
    expect(message).toContain(`"${literal}"`);
  });

  it('refuses what is no scalar at all', () => {
    for (const value of [null, true, {}, ['1']]) {
      expect(problemOf(() => DecimalScalar.parseValue(value)).message).toMatch(/sent as a string/);
    }
  });

  it('never prints a number that a resolver gave by mistake', () => {
    expect(() => DecimalScalar.serialize(1.1)).toThrow(TypeError);
  });
});

describe('DateTime', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000Z'],
    ['2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05.678901Z'],
    ['2026-01-02T03:04:05.678901999Z', '2026-01-02T03:04:05.678901Z'],
    ['2026-01-02t03:04:05.5z', '2026-01-02T03:04:05.500000Z'],
    ['2026-01-02T03:04:05+02:30', '2026-01-02T00:34:05.000000Z'],
    ['2026-01-02T23:04:05-05:00', '2026-01-03T04:04:05.000000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000Z'],
  ])('reads %s as %s', (text, printed) => {
    expect(DateTimeScalar.serialize(DateTimeScalar.parseValue(text))).toBe(printed);
  });

  it.each([
    '2026-01-02',
    '2026-01-02 03:04:05Z',
    '2026-01-02T03:04:05',
    '2026-13-02T03:04:05Z',
    '2026-02-29T03:04:05Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:05Z',
    '2026-01-02T03:04:05.1234567890Z',
    '２026-01-02T03:04:05Z',
    '',
  ])('refuses %j and shows the form', (text) => {
    expect(problemOf(() => DateTimeScalar.parseValue(text)).message).toMatch(/RFC 3339/);
  });

  it.each(['1969-12-31T23:59:59Z', '2200-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'refuses %s, naming the range',
    (text) => {
      expect(problemOf(() => DateTimeScalar.parseValue(text)).message).toMatch(/1970.* to 2199/);
    },
  );

  it('refuses a number: seconds, milliseconds or microseconds would be a guess', () => {
    expect(problemOf(() => DateTimeScalar.parseValue(1_767_312_000)).message).toMatch(/RFC 3339/);
  });

  it('reads back every microsecond that it prints', () => {
    const instant = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) * 1000 - 1 });
    fc.assert(fc.property(instant, (us) => expect(parseInstantUs(formatInstantUs(us))).toBe(us)));
  });
});

describe('SafeInt and Cursor', () => {
  it('pass the 32 bits of Int, exact up to 2^53 - 1', () => {
    expect(SafeIntScalar.serialize(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => SafeIntScalar.serialize(2 ** 53)).toThrow();
  });

  it('refuse a cursor that is no text or too long', () => {
    for (const value of [1, '', 'x'.repeat(129), null]) {
      expect(problemOf(() => CursorScalar.parseValue(value)).message).toMatch(/1 to 128/);
    }
  });
});
