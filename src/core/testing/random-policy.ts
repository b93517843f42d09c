/** Random limits, tiers, switches and states: tight enough to bite, loose enough to trade. */
import fc from 'fast-check';
import type { Command, RiskLimitValues } from '../exchange/command.js';
import { ACCOUNT_STATES } from '../values/vocabulary.js';
import { limits } from './fixtures.js';

const account = fc.integer({ min: 1, max: 3 });
const instrument = fc.nat({ max: 2 });
const setBy = fc.constantFrom('tester', 'officer');
const seldomSet = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 1 });

const values: fc.Arbitrary<RiskLimitValues> = fc
  .record({
    maxOrderQtyE8: seldomSet(fc.integer({ min: 5, max: 20 }).map((lots) => lots * 1e8)),
    maxOrderNotionalE6: seldomSet(fc.integer({ min: 2_000_000, max: 1_500_000_000 })),
    maxPositionQtyE8: seldomSet(fc.integer({ min: 5, max: 400 }).map((lots) => lots * 1e7)),
    maxGrossExposureE6: seldomSet(fc.integer({ min: 1_000_000, max: 3_000_000_000 })),
    maxNetExposureE6: seldomSet(fc.integer({ min: 1_000_000, max: 3_000_000_000 })),
    maxOpenOrders: seldomSet(fc.integer({ min: 0, max: 5 })),
    maxDailyLossE6: seldomSet(fc.integer({ min: 0, max: 20_000_000 })),
    maxOrdersPerSecond: seldomSet(fc.constantFrom(1, 5, 300, 2_000)),
    maxCancelsPerSecond: seldomSet(fc.constantFrom(1, 5, 300)),
    priceCollarPpm: seldomSet(fc.integer({ min: 0, max: 200_000 })),
  })
  .map((some) => limits(some));

/** Mostly one or two limits at once, so that each of them is now and then the one that refuses. */
const few = fc
  .tuple(values, fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 0, maxLength: 3 }))
  .map(([all, chosen]) => {
    const names = Object.keys(all) as (keyof RiskLimitValues)[];
    return limits(Object.fromEntries(chosen.map((place) => [names[place], all[names[place]!]])));
  });

export const randomPolicy: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('SetRiskLimits' as const),
      account,
      instrument: fc.option(instrument, { freq: 1 }),
      limits: few,
      setBy,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('SetTierLimits' as const),
      tier: fc.constantFrom('retail', 'basic'),
      limits: few,
      setBy,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('SetAccountTier' as const),
      account,
      tier: fc.option(fc.constant('basic')),
      setBy,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('SetAccountState' as const),
      account,
      state: fc.constantFrom(...ACCOUNT_STATES, 'ACTIVE' as const, 'ACTIVE' as const, 'ACTIVE' as const),
      reason: fc.constantFrom('', 'test'),
      setBy,
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        type: fc.constant('SetKillSwitch' as const),
        account: fc.option(account),
        instrument: fc.option(instrument, { freq: 1 }),
        engaged: fc.constantFrom(true, false, false, false),
        allowReduceOnly: fc.boolean(),
        reason: fc.constantFrom('', 'test'),
        setBy,
      })
      .map((command) => (command.account === null ? command : { ...command, instrument: null })),
  },
);
