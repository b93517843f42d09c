/** Random circuit breakers and halts: bands, windows and phases so small that they trip and resume within a sequence. */
import fc from 'fast-check';
import type { BreakerTerms } from '../breaker/breaker-terms.js';
import type { Command } from '../exchange/command.js';

const terms: fc.Arbitrary<BreakerTerms> = fc.record({
  movePpm: fc.constantFrom(10_000, 20_000, 30_000, 60_000, 1_000_000),
  windowUs: fc.constantFrom(60, 600, 6_000, 100_000),
  cooldownUs: fc.constantFrom(1, 800, 3_000),
  auctionUs: fc.constantFrom(0, 1_000, 4_000),
  queuesOrders: fc.boolean(),
});
const setBy = fc.constantFrom('tester', 'officer');
const reason = fc.constantFrom('', 'test');
const instrument = fc.nat({ max: 2 });

export const randomBreakers: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('SetCircuitBreaker' as const),
      instrument,
      terms: fc.option(terms, { freq: 6 }),
      setBy,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('SetMarketBreaker' as const),
      instruments: fc.uniqueArray(instrument, { minLength: 1, maxLength: 3 }),
      terms: fc.option(terms, { freq: 6 }),
      setBy,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('HaltTrading' as const),
      instrument: fc.option(instrument),
      queuesOrders: fc.boolean(),
      reason,
      setBy,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('ResumeTrading' as const),
      instrument: fc.option(instrument, { freq: 1 }),
      auctionUs: fc.constantFrom(0, 0, 2_000),
      reason,
      setBy,
    }),
  },
);
