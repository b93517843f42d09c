/** What a portfolio may lose: estimates from the past, and under shocks. */
import 'reflect-metadata';
import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { About } from '../../../src/graphql/list-size.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

export const RISK_METHODS = { HISTORICAL: 'HISTORICAL', PARAMETRIC: 'PARAMETRIC' } as const;
registerEnumType(RISK_METHODS, {
  name: 'RiskMethod',
  description: 'How a tail is estimated.',
  valuesConfig: {
    HISTORICAL: { description: 'Present positions under each return of the window, revalued in full.' },
    PARAMETRIC: { description: 'Normal returns with mean 0 and the EWMA covariance of the window.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Loss at a confidence; losses are positive, in quote currency.' })
export class TailRiskEstimate {
  @Field(() => RISK_METHODS, { description: 'How it was estimated.' })
  readonly method: keyof typeof RISK_METHODS;

  @Field(() => Float, { description: 'Confidence: 0.95 or 0.99.' })
  readonly confidence: number;

  @Field(() => Float, { description: 'Loss that is not passed with this confidence over the horizon.' })
  readonly valueAtRisk: number;

  @Field(() => Float, { description: 'Mean loss where it is passed.' })
  readonly expectedShortfall: number;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What an account’s positions may lose over a horizon. Estimates in floats; quote currencies are added at par.',
})
export class PortfolioRisk {
  @Field(() => ID, { description: 'The account.' })
  readonly accountId: string;

  @Field(() => Float, { description: 'Positions at their marks, signed, quote currency.' })
  readonly value: number;

  @About(4)
  @Field(() => [TailRiskEstimate], { description: 'Each method at 95 % and 99 %.' })
  readonly estimates: readonly TailRiskEstimate[];

  @Field(() => CandleIntervalEnum, { description: 'Width of the bars that returns are of.' })
  readonly interval: CandleInterval;

  @Field(() => Int, { description: 'Horizon in bars.' })
  readonly horizon: number;

  @Field(() => Float, { description: 'Weight λ of what was in the EWMA covariance, a bar.' })
  readonly lambda: number;

  @About(20)
  @Field(() => [ID], { description: 'Symbols of the positions.' })
  readonly symbols: readonly string[];

  @Field(() => Int, { description: 'Log returns of one bar that all symbols have, in the window.' })
  readonly sampleSize: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'First bar of the window; null without positions.' })
  readonly from: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last bar of the window; null without positions.' })
  readonly to: number | null;
}

@InputType({ description: 'Window and method of PortfolioRisk.' })
export class PortfolioRiskInput {
  @Field(() => CandleIntervalEnum, { nullable: true, defaultValue: 'D1', description: 'Width of the bars.' })
  interval?: CandleInterval | null;

  @Field(() => Int, { nullable: true, defaultValue: 365, description: 'Bars in the window, 100 to 500, up to now.' })
  window?: number | null;

  @Field(() => Int, { nullable: true, defaultValue: 1, description: 'Horizon in bars, 1 to 30.' })
  horizon?: number | null;

  @Field(() => Float, {
    nullable: true,
    defaultValue: 0.94,
    description: 'λ of the EWMA covariance, 0.5 to 0.999; RiskMetrics takes 0.94 for days.',
  })
  lambda?: number | null;
}

@InputType({ description: 'Change of one price.' })
export class ShockInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, { description: 'Percent of the mark, −100 to 1000, at most four decimals.' })
  percent: string;
}

@ObjectType({ simpleResolvers: true, description: 'One position under its shock.' })
export class ShockedPosition {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  readonly symbol: string;

  @Field(() => DecimalScalar, { description: 'Signed quantity, base asset.' })
  readonly qty: string;

  @Field(() => DecimalScalar, { description: 'Mark before the shock.' })
  readonly markPx: string;

  @Field(() => DecimalScalar, { description: 'Percent of the shock; 0 where none is given.' })
  readonly percent: string;

  @Field(() => DecimalScalar, { description: 'Profit under the shock, negative = loss, quote currency.' })
  readonly profit: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'An account’s positions under shocks, exact; currencies are added at par.',
})
export class StressTest {
  @Field(() => ID, { description: 'The account.' })
  readonly accountId: string;

  @Field(() => DecimalScalar, { description: 'Profit of all positions, negative = loss.' })
  readonly profit: string;

  @About(20)
  @Field(() => [ShockedPosition], { description: 'Each position, in the order of listing.' })
  readonly positions: readonly ShockedPosition[];
}
