import { existsSync, readFileSync } from 'node:fs';
import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { createTerms, formatPrice, formatQty } from '../instrument/terms.js';
import { bookChecksum, type ChecksumLevel, crc32 } from './checksum.js';

const VECTORS = '../shared/data/vectors/kraken_checksum.json';

interface Vectors {
  readonly l2: { readonly asks: [string, string][]; readonly bids: [string, string][]; readonly crc32: number };
}

function terms(tickSize: string, lotSize: string) {
  return createTerms(
    {
      symbol: 'X',
      description: '',
      baseAsset: 'X',
      quoteAsset: 'Y',
      tickSize,
      lotSize,
      minPriceTicks: 1,
      maxPriceTicks: 1_000_000,
      minQtyLots: 1,
      maxQtyLots: 1_000_000,
      makerFeePpm: 0,
      takerFeePpm: 0,
      priceCollarPpm: null,
      referencePxTicks: 1,
      initialStatus: 'OPEN',
      allowedSelfTradePrevention: ['NONE'],
    },
    8,
    12,
  );
}

/** The rule by the letter: printed decimals, point taken out, leading zeros taken off. */
function byTheLetter(asks: readonly [string, string][], bids: readonly [string, string][]): number {
  const strip = (text: string): string => text.replace('.', '').replace(/^0+/, '');
  const text = [...asks.slice(0, 10), ...bids.slice(0, 10)].map(([px, qty]) => strip(px) + strip(qty)).join('');
  return zlibCrc32(text);
}

describe('crc32', () => {
  it('gives the check value of the standard and equals zlib on random text', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    fc.assert(fc.property(fc.stringMatching(/^[0-9]{0,300}$/), (text) => crc32(text) === zlibCrc32(text)));
  });
});

describe('bookChecksum', () => {
  it('equals the published example', () => {
    if (!existsSync(VECTORS)) {
      process.stdout.write(`${VECTORS} is missing: the published checksum example is left out\n`);
      return;
    }
    const { l2 } = JSON.parse(readFileSync(VECTORS, 'utf8')) as Vectors;
    const level = ([px, qty]: [string, string]): ChecksumLevel => ({
      priceTicks: Math.round(Number(px) * 10),
      qtyLots: Math.round(Number(qty) * 1e8),
    });
    expect(bookChecksum(l2.asks.map(level), l2.bids.map(level), 1, 1)).toBe(l2.crc32);
    expect(bookChecksum([...l2.asks.map(level), { priceTicks: 9, qtyLots: 9 }], l2.bids.map(level), 1, 1)).toBe(
      l2.crc32,
    );
  });

  it('equals the rule applied to the printed decimals, for any steps and any number of levels', () => {
    const levels = fc.array(
      fc.record({ priceTicks: fc.integer({ min: 1, max: 10 ** 9 }), qtyLots: fc.integer({ min: 1, max: 10 ** 9 }) }),
      {
        maxLength: 14,
      },
    );
    const steps = fc.constantFrom(terms('0.01', '1'), terms('0.05', '0.0001'), terms('0.25', '0.5'), terms('5', '10'));
    fc.assert(
      fc.property(levels, levels, steps, (asks, bids, step) => {
        const printed = (level: ChecksumLevel): [string, string] => [
          formatPrice(step, level.priceTicks),
          formatQty(step, level.qtyLots),
        ];
        expect(bookChecksum(asks, bids, step.tickUnits, step.lotUnits)).toBe(
          byTheLetter(asks.map(printed), bids.map(printed)),
        );
      }),
    );
  });

  it('is 0 for an empty book', () => {
    expect(bookChecksum([], [], 1, 1)).toBe(0);
  });

  it('stays exact where a quantity in its units passes 2^53', () => {
    const asks = [{ priceTicks: 1, qtyLots: Number.MAX_SAFE_INTEGER }];
    const digits = (BigInt(Number.MAX_SAFE_INTEGER) * 5n).toString();
    expect(bookChecksum(asks, [], 1, 5)).toBe(zlibCrc32(`1${digits}`));
  });
});
