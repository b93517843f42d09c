import 'reflect-metadata';
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { StrategyType } from '../../../src/core/strategy/catalogue.js';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar, JSONScalar } from '../../../src/graphql/scalars.js';
import { StrategyTypeEnum } from './strategy.js';

@InputType({ description: 'A strategy to make, or to test.' })
export class CreateStrategyInput {
  @Field(() => String, { description: 'What people call it, 1 to 100 characters.' })
  name: string;

  @Field(() => StrategyTypeEnum, { description: 'What it does.' })
  type: StrategyType;

  @Field(() => ID, { description: 'Account of yours that it trades with; no other strategy may be at work on it.' })
  accountId: string;

  @Field(() => [ID], { description: 'Symbols that it trades, as many as its type takes, in one quote currency.' })
  symbols: string[];

  @Field(() => JSONScalar, { description: "Object that the type's schema (Query.strategyTypes) accepts." })
  parameters: unknown;
}

@InputType({ description: 'A parameter to vary, and its values.' })
export class BacktestGridAxisInput {
  @Field(() => String, { description: "Name of a parameter of the strategy's type." })
  parameter: string;

  @Field(() => [JSONScalar], {
    nullable: 'items',
    description: 'Values that it takes in turn, each once; null where the parameter takes it.',
  })
  values: unknown[];
}

@InputType({ description: 'Which backtests are meant.' })
export class BacktestFilterInput {
  @Field(() => ID, { nullable: true, description: 'Those of this grid; absent = all.' })
  gridId: string | null;
}

@InputType({ description: 'A strategy to run on history, at an exchange of its own.' })
export class BacktestInput {
  @Field(() => CreateStrategyInput, { description: 'The strategy; nothing of it is kept but with the backtest.' })
  strategy: CreateStrategyInput;

  @Field(() => CandleIntervalEnum, {
    nullable: true,
    description: 'Bars that the market is made of; absent = trades.',
  })
  interval: CandleInterval | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Source of the imported trades that the market is made of, as Instrument.importedTrades names it; absent = the platform's own. Without interval only.",
  })
  source: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Earliest data, inclusive; absent = from the first.' })
  from: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Latest data, exclusive; absent = up to now.' })
  to: number | null;

  @Field(() => DecimalScalar, { description: 'Cash to begin with, in the quote currency, above 0.' })
  initialCash: string;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Time from a decision to its arrival at the exchange, ms, 0 to 60,000.',
  })
  latencyMs: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Fee of resting orders, basis points, −100 to 1,000; negative = rebate.',
  })
  makerFeeBps: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0,
    description: 'Fee of incoming orders, basis points, 0 to 1,000.',
  })
  takerFeeBps: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 1,
    description: 'Seed of strategies that draw numbers and are given none of their own, 0 or more.',
  })
  seed: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0.1,
    description: "Share of the market's volume that the strategy may trade, above 0 to 1.",
  })
  participation: number | null;
}
