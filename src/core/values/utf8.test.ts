import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

function encode(text: string): Uint8Array | null {
  const target = new Uint8Array(text.length * 3);
  const end = encodeUtf8(text, target, 0);
  return end < 0 ? null : target.subarray(0, end);
}

describe('utf8', () => {
  it('writes the bytes of the platform’s own encoder, and refuses exactly what is not well-formed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        (text) => {
          expect(encode(text)).toEqual(
            /\p{Surrogate}/u.test(text) ? null : new Uint8Array(new TextEncoder().encode(text)),
          );
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(encode(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
      }),
    );
  });

  it('reads what the platform’s strict decoder reads, and refuses the rest', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const byte = fc.oneof(fc.integer({ min: 0x80, max: 0xff }), fc.integer({ min: 0, max: 0xff }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (values) => {
        const bytes = Uint8Array.from(values);
        let expected: string | null;
        try {
          expected = strict.decode(bytes);
        } catch {
          expected = null;
        }
        expect(decodeUtf8(bytes, 0, bytes.length)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });
});
