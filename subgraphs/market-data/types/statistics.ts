import 'reflect-metadata';
import { Field, Float, ID, ObjectType } from 'type-graphql';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description:
    'Statistics brought up to date with each tick (a change of the best prices or a trade) since `since`; floating point, for indication.',
})
export class MarketStatistics {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, { description: 'Sequence of the tick that was taken last.' })
  sequence: number;

  @Field(() => DateTimeScalar, {
    description: 'Engine time from which on ticks were taken: the last start of this service.',
  })
  since: number;

  @Field(() => SafeIntScalar, { description: 'Ticks at which both sides of the book had a price.' })
  tickCount: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean over the ticks of the middle of best bid and offer, quote per base; null before the first tick.',
  })
  midMean: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Sample variance over the ticks of the middle, in squares of its unit; null before the second tick.',
  })
  midVariance: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Standard deviation of the change of the middle from one tick to the next, as a fraction of it: exponentially weighted with λ = 0.94 (RiskMetrics 1996, 5.2.1). null before the second tick.',
  })
  ewmaVolatility: number | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Best offer less best bid now, quote per base; null on an empty side.',
  })
  spread: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean of the spread over the ticks, quote per base; null before the first.',
  })
  spreadMean: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Quantity at the best bid less that at the best offer, over their sum: 1 = only buyers, −1 = only sellers; null on an empty book.',
  })
  imbalance: number | null;

  @Field(() => SafeIntScalar, { description: 'Trades.' })
  tradeCount: number;

  @Field(() => DecimalScalar, { description: 'Quantity traded, in the base asset; exact.' })
  volume: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Volume-weighted average price, rounded half to even six decimals beyond the tick; null before the first trade.',
  })
  vwap: string | null;
}
