import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { decodePageCursor, decodeStreamCursor, encodePageCursor, encodeStreamCursor } from './cursor.js';

describe('cursors', () => {
  it('come back as they went out', () => {
    const sequence = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(sequence, fc.constantFrom(0 as const, 1 as const), (at, leg) => {
        expect(decodeStreamCursor(encodeStreamCursor(at, leg))).toEqual({ sequence: at, leg });
      }),
    );
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        expect(decodePageCursor('t', 2, encodePageCursor('t', [a, b]))).toEqual([a, b]);
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['x', 'nonsense'],
    ['x'.repeat(129), 'too long'],
    [encodePageCursor('o', [1, 0]), 'of another list'],
    [encodePageCursor('s', [1]), 'too few numbers'],
    [encodePageCursor('s', [1, 2]), 'no such leg'],
    [Buffer.from('s:-1:0').toString('base64url'), 'negative'],
    [Buffer.from('s:1e3:0').toString('base64url'), 'an exponent'],
    [Buffer.from('s:9007199254740993:0').toString('base64url'), 'beyond 2^53'],
  ])('refuse %j (%s), naming the argument', (text) => {
    const attempt = () => decodeStreamCursor(text);
    expect(attempt).toThrow(GraphQLError);
    expect(attempt).toThrow(/^after: /);
  });

  it('refuse whatever bytes they are given without any other error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        try {
          decodeStreamCursor(text);
        } catch (error) {
          expect(error).toBeInstanceOf(GraphQLError);
        }
      }),
    );
  });
});
