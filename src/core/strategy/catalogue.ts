/** Every type of strategy: what it is, its parameters, how many symbols it trades, and how it is made. */
import {
  choice,
  interval,
  maybeNumber,
  number,
  objectSchema,
  orderQty,
  type ParameterSchema,
  slippageTicks,
  whole,
  yesNo,
} from './parameter-schema.js';
import type { Strategy } from './strategy.js';
import { MarketMaking, type MarketMakingParameters } from './types/market-making.js';
import { MeanReversion, type MeanReversionParameters } from './types/mean-reversion.js';
import { Momentum, type MomentumParameters } from './types/momentum.js';
import { PairsTrading, type PairsTradingParameters } from './types/pairs-trading.js';
import { ScheduledExecution, type ScheduledExecutionParameters } from './types/scheduled-execution.js';

export const STRATEGY_TYPES = ['MARKET_MAKING', 'PAIRS_TRADING', 'MOMENTUM', 'MEAN_REVERSION', 'TWAP', 'VWAP'] as const;
export type StrategyType = (typeof STRATEGY_TYPES)[number];

export interface StrategyDefinition {
  readonly description: string;
  /** How many symbols it trades. */
  readonly symbolCount: number;
  readonly schema: ParameterSchema;
  /** @param parameters that the schema has accepted, defaults filled in */
  readonly create: (parameters: unknown) => Strategy;
  /** Says what a schema cannot: returns the problem, or null. */
  readonly problem: (parameters: never) => string | null;
}

const schedule = {
  side: choice('Side of the parent order.', ['BUY', 'SELL']),
  quantity: number('Quantity of the parent order, in the base asset.', { exclusiveMinimum: 0 }),
  durationS: number('Time to work the order in, seconds.', { exclusiveMinimum: 0, maximum: 604_800 }),
  slices: whole('Parts that the order is worked in.', 1, 10_000),
  participationCap: maybeNumber('Greatest share of the market’s volume since the start; null = no cap.', {
    exclusiveMinimum: 0,
    maximum: 1,
  }),
  randomisation: number('Share of a slice’s interval within which its moment is chosen by the seed.', {
    minimum: 0,
    maximum: 1,
    default: 0.5,
  }),
  seed: whole('Seed of the moments.', 0, 4_294_967_295, 1),
  limitPrice: maybeNumber('Worst price, quote per base; null = none.', { exclusiveMinimum: 0 }),
  slippageTicks,
};

const never = () => null;

export const STRATEGIES: Readonly<Record<StrategyType, StrategyDefinition>> = {
  MARKET_MAKING: {
    description:
      'Quotes both sides around the reservation price of Avellaneda and Stoikov (2008), post-only, within inventory limits.',
    symbolCount: 1,
    schema: objectSchema('MARKET_MAKING', {
      orderQty,
      gamma: number('Risk aversion, per unit of quote currency.', { exclusiveMinimum: 0, default: 0.1 }),
      horizonS: number('Time that inventory is expected to be held, seconds.', {
        minimum: 0,
        maximum: 86_400,
        default: 30,
      }),
      levels: whole('Quotes a side.', 1, 10, 1),
      levelSpacingTicks: whole('Ticks between two levels.', 1, 10_000, 1),
      minSpreadTicks: whole('Least distance of best bid and ask, ticks.', 1, 100_000, 2),
      refreshToleranceTicks: whole('A quote this near to where it belongs is left alone, ticks.', 0, 100_000, 1),
      refreshMs: whole('Time between two looks at the market, ms.', 50, 60_000, 500),
      targetInventory: number('Inventory that it steers to, base units, signed.', { default: 0 }),
      maxInventory: number('Greatest distance of the inventory from the target, base units.', { exclusiveMinimum: 0 }),
      sigma: maybeNumber('Standard deviation of the mid, quote currency per √s; null = estimated live.', {
        minimum: 0,
      }),
      kappa: maybeNumber(
        'Decay of order arrival with the distance from the mid, per quote currency; null = estimated live.',
        {
          exclusiveMinimum: 0,
        },
      ),
      estimateHalfLifeS: number('Half-life of the live estimates, seconds.', {
        exclusiveMinimum: 0,
        maximum: 86_400,
        default: 60,
      }),
    }),
    create: (parameters) => new MarketMaking(parameters as MarketMakingParameters),
    problem: never,
  },
  PAIRS_TRADING: {
    description: 'Trades the spread of two cointegrated symbols, y then x, back to its mean.',
    symbolCount: 2,
    schema: objectSchema('PAIRS_TRADING', {
      interval: interval('M1'),
      method: choice('How the hedge ratio is estimated.', ['ENGLE_GRANGER', 'KALMAN'], 'ENGLE_GRANGER'),
      window: whole('Common bars of an estimate.', 20, 5_000, 240),
      reestimateBars: whole('Bars between two estimates.', 1, 5_000, 20),
      entryZ: number('Standard deviations from the mean at which a position is opened.', {
        exclusiveMinimum: 0,
        default: 2,
      }),
      exitZ: number('Standard deviations at which it is closed with profit.', { minimum: 0, default: 0.5 }),
      stopZ: number('Standard deviations at which it is closed with loss.', { exclusiveMinimum: 0, default: 4 }),
      maxPValue: number('Greatest p-value of the cointegration test that is traded on.', {
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.05,
      }),
      maxHalfLife: maybeNumber('Greatest half-life of the spread, bars; null = any.', { exclusiveMinimum: 0 }),
      orderQty: number('Quantity of y, in its base asset; x follows by the hedge ratio.', { exclusiveMinimum: 0 }),
      legTimeoutMs: whole('Time that one leg may lack before both are taken back, ms.', 100, 600_000, 5_000),
      slippageTicks,
      kalmanDelta: number('How fast the Kalman filter’s coefficients may drift.', {
        exclusiveMinimum: 0,
        maximum: 0.5,
        default: 1e-5,
      }),
    }),
    create: (parameters) => new PairsTrading(parameters as PairsTradingParameters),
    problem: ({ exitZ, entryZ, stopZ }: PairsTradingParameters) =>
      exitZ < entryZ && entryZ < stopZ ? null : 'exitZ < entryZ < stopZ must hold',
  },
  MOMENTUM: {
    description: 'Follows the return of the last bars.',
    symbolCount: 1,
    schema: objectSchema('MOMENTUM', {
      interval: interval('M1'),
      lookback: whole('Bars that the return is taken over.', 1, 5_000, 20),
      threshold: number('Least return to act on, as a fraction.', { minimum: 0, default: 0 }),
      orderQty,
      allowShort: yesNo('Whether it may hold a short position.', false),
      slippageTicks,
    }),
    create: (parameters) => new Momentum(parameters as MomentumParameters),
    problem: never,
  },
  MEAN_REVERSION: {
    description: 'Trades against closes beyond Bollinger bands, back to the mean.',
    symbolCount: 1,
    schema: objectSchema('MEAN_REVERSION', {
      interval: interval('M1'),
      window: whole('Bars of the mean and the deviation.', 5, 5_000, 20),
      entryBands: number('Standard deviations at which a position is opened.', { exclusiveMinimum: 0, default: 2 }),
      stopBands: number('Standard deviations at which it is given up.', { exclusiveMinimum: 0, default: 4 }),
      orderQty,
      allowShort: yesNo('Whether it may hold a short position.', false),
      slippageTicks,
    }),
    create: (parameters) => new MeanReversion(parameters as MeanReversionParameters),
    problem: ({ entryBands, stopBands }: MeanReversionParameters) =>
      entryBands < stopBands ? null : 'entryBands must be below stopBands',
  },
  TWAP: {
    description: 'Works one order in equal slices over a time.',
    symbolCount: 1,
    schema: objectSchema('TWAP', schedule),
    create: (parameters) => new ScheduledExecution({ ...(parameters as ScheduledExecutionParameters), profile: null }),
    problem: never,
  },
  VWAP: {
    description: 'Works one order over a time in slices that follow a volume profile.',
    symbolCount: 1,
    schema: objectSchema('VWAP', {
      ...schedule,
      profile: {
        type: 'array',
        description: 'Relative volume expected in equal parts of the time, e.g. of the same hours on days before.',
        items: { type: 'number', exclusiveMinimum: 0 },
        minItems: 1,
        maxItems: 1_000,
      },
    }),
    create: (parameters) => new ScheduledExecution(parameters as ScheduledExecutionParameters),
    problem: never,
  },
};
