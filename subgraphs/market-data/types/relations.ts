import 'reflect-metadata';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description: 'Pearson correlation of log returns on the bars that all symbols have.',
})
export class Correlation {
  @Field(() => [ID], { description: 'The symbols, in the order of the matrix.' })
  symbols: string[];

  @Field(() => [[Float]], {
    description: 'Row-major, one row a symbol in the order of symbols; −1 to 1, 1 with itself.',
  })
  matrix: number[][];

  @Field(() => Int, { description: 'Log returns that each figure is made from: common closed bars less one.' })
  sampleSize: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A value below which a test statistic lies with the given probability when the null hypothesis holds.',
})
export class CriticalValue {
  @Field(() => Float, { description: 'Significance, e.g. 0.05.' })
  level: number;

  @Field(() => Float, { description: 'The statistic at that significance.' })
  value: number;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Engle-Granger two-step test of y on x over closing prices; OLS with intercept, augmented Dickey-Fuller on the residuals.',
})
export class Cointegration {
  @Field(() => ID, { description: 'The symbol explained.' })
  y: string;

  @Field(() => ID, { description: 'The symbol that explains.' })
  x: string;

  @Field(() => Float, { description: 'Units of x that hedge one unit of y: the slope of y on x.' })
  hedgeRatio: number;

  @Field(() => Float, { description: 'Constant of the relation, in the price unit of y.' })
  intercept: number;

  @Field(() => Float, { description: 't-ratio of the lagged residual in the augmented Dickey-Fuller regression.' })
  statistic: number;

  @Field(() => Float, {
    description: 'Probability of a statistic as low as this without a relation: MacKinnon 1994, surface of two series.',
  })
  pValue: number;

  @Field(() => [CriticalValue], { description: 'At 1 %, 5 % and 10 %, MacKinnon 2010.' })
  criticalValues: CriticalValue[];

  @Field(() => Boolean, { description: 'pValue under 0.05.' })
  cointegrated: boolean;

  @Field(() => Int, { description: 'Lagged differences in the augmented Dickey-Fuller regression.' })
  lags: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Bars for half of a deviation to decay; null where the spread does not revert.',
  })
  halfLife: number | null;

  @Field(() => Float, { description: 'Mean of y − hedgeRatio × x over the sample, in the price unit of y.' })
  spreadMean: number;

  @Field(() => Float, { description: 'Sample standard deviation of y − hedgeRatio × x, in the price unit of y.' })
  spreadStdDev: number;

  @Field(() => Float, { description: 'Distance of the last spread from its mean, in standard deviations.' })
  zScore: number;

  @Field(() => Int, { description: 'Closed bars that both symbols have.' })
  sampleSize: number;

  @Field(() => DateTimeScalar, { description: 'Start of the first bar of the sample.' })
  from: number;

  @Field(() => DateTimeScalar, { description: 'Start of the last bar of the sample.' })
  to: number;
}
