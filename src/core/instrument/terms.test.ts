import type { InstrumentSpec } from './instrument.js';
import {
  createTerms,
  formatAvgPx,
  formatPrice,
  formatQty,
  InstrumentTermsError,
  parsePriceTicks,
  parseQtyLots,
} from './terms.js';

const SPEC: InstrumentSpec = {
  symbol: 'BTC-USD',
  description: 'Bitcoin in US dollars',
  baseAsset: 'BTC',
  quoteAsset: 'USD',
  tickSize: '0.05',
  lotSize: '0.0001',
  minPriceTicks: 1,
  maxPriceTicks: 100_000_000,
  minQtyLots: 1,
  maxQtyLots: 1_000_000_000,
  makerFeePpm: 0,
  takerFeePpm: 500,
  priceCollarPpm: null,
  referencePxTicks: 1_000_000,
  initialStatus: 'OPEN',
  allowedSelfTradePrevention: ['NONE'],
};

describe('createTerms', () => {
  const terms = createTerms(SPEC, 8, 6);

  it('works out the exact units of a tick and a lot', () => {
    expect(terms).toMatchObject({
      priceScale: 2,
      tickUnits: 5,
      qtyScale: 4,
      lotUnits: 1,
      quoteUnitsPerTickLot: 5,
      baseUnitsPerLot: 10_000,
      lotE8: 10_000,
    });
  });

  it('reads prices and quantities on their steps and prints them with their scale', () => {
    expect(parsePriceTicks(terms, '50000.05')).toBe(1_000_001);
    expect(formatPrice(terms, 1_000_001)).toBe('50000.05');
    expect(parseQtyLots(terms, '1.5')).toBe(15_000);
    expect(formatQty(terms, 15_000)).toBe('1.5000');
  });

  it.each(['50000.01', '0.001', '1.0500001'])('calls the price %s off the tick', (price) => {
    expect(parsePriceTicks(terms, price)).toBe('OFF_STEP');
  });

  it('prints an average price exactly where it is exact and rounded where it is not', () => {
    // 1 lot at 100.00 (2,000 ticks) and 2 lots at 100.05 (2,001 ticks): 30,010 units of 10^-6 over 3 lots
    expect(formatAvgPx(terms, 5 * (2000 + 2 * 2001), 3)).toBe('100.03333333');
    expect(formatAvgPx(terms, 5 * 2000 * 7, 7)).toBe('100.00');
    expect(formatAvgPx(terms, 0, 0)).toBeNull();
  });

  it.each([
    ['tickSize × lotSize', { tickSize: '0.001', lotSize: '0.0001' }],
    ['lotSize', { lotSize: '0.000000001', tickSize: '1000' }],
    ['tickSize', { tickSize: '0' }],
    ['tickSize', { tickSize: '1e-2' }],
    ['lotSize', { lotSize: '-1' }],
  ])('refuses steps finer than the assets or malformed, naming %s', (field, change) => {
    expect(() => createTerms({ ...SPEC, ...change }, 8, 6)).toThrow(InstrumentTermsError);
    expect(() => createTerms({ ...SPEC, ...change }, 8, 6)).toThrow(field);
  });
});
