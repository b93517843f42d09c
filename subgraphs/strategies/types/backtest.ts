import 'reflect-metadata';
import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { defineEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar, DecimalScalar, JSONScalar } from '../../../src/graphql/scalars.js';
import type { BacktestStatus } from '../../../src/ports/strategy-store.js';

export const BacktestStatusEnum = defineEnum<BacktestStatus>('BacktestStatus', 'Where a backtest is.', {
  QUEUED: 'Waits for a thread.',
  RUNNING: 'Is computed; progress tells how far.',
  DONE: 'Has a report.',
  FAILED: 'Could not be computed; error says why.',
  CANCELED: 'Was canceled by its owner.',
});

@ObjectType({ simpleResolvers: true, description: 'Equity at a time.' })
export class EquityPoint {
  @Field(() => DateTimeScalar, { description: 'Time on the clock of the data.' })
  time: number;

  @Field(() => DecimalScalar, { description: 'Cash and positions at the mid, quote currency.' })
  equity: string;

  @Field(() => Float, { description: 'Fall from the highest equity so far, as a fraction of it; 0 at a peak.' })
  drawdown: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'Where the mid went behind the fills, signed so that above 0 is in favour of the strategy.',
})
export class Markout {
  @Field(() => Int, { description: 'Seconds behind a fill.' })
  horizonSeconds: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean over the fills, basis points of their price; null without fills.',
  })
  meanBps: number | null;

  @Field(() => Int, { description: 'Fills that it is made from.' })
  fills: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What a backtest came to. Money is exact; ratios are floating point.',
})
export class BacktestReport {
  @Field(() => Float, { description: 'finalEquity ÷ initialCash − 1.' })
  totalReturn: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Mean ÷ standard deviation of the returns between two points, × √points a year (Sharpe 1994); null where equity did not move.',
  })
  annualizedSharpe: number | null;

  @Field(() => Float, { description: 'Greatest fall from a peak of equity, as a fraction of the peak.' })
  maxDrawdown: number;

  @Field(() => Int, { description: 'Fills of the strategy.' })
  tradeCount: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the fills that closed quantity which did so with a profit before fees; null where none closed any.',
  })
  winRate: number | null;

  @Field(() => DecimalScalar, { description: 'Sum of price × quantity of its fills, quote currency.' })
  turnover: string;

  @Field(() => DecimalScalar, { description: 'Fees paid, quote currency; negative = rebates earned.' })
  fees: string;

  @Field(() => DecimalScalar, { description: 'Equity at the end, quote currency.' })
  finalEquity: string;

  @Directive('@listSize(assumedSize: 100)')
  @Field(() => [EquityPoint], { description: 'At most 1,000 points, the last one the end.' })
  equityCurve: EquityPoint[];

  @Field(() => [Markout], { description: 'At 1, 5 and 60 seconds.' })
  markouts: Markout[];

  @Field(() => JSONScalar, {
    description: 'Refused orders of the strategy: an object from ordRejReason to their number.',
  })
  rejections: unknown;

  @Field(() => String, {
    description: 'State of the exchange at the end, 16 hex digits: same seed, data and code give the same hash.',
  })
  stateHash: string;
}

@ObjectType({ simpleResolvers: true, description: 'A strategy run on history.' })
export class Backtest {
  @Field(() => ID, { description: 'Id of the backtest.' })
  id: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Shared by the backtests of one runBacktestGrid, to list and compare them by; null of one run alone.',
  })
  gridId: string | null;

  @Field(() => BacktestStatusEnum, { description: 'Where it is.' })
  status: BacktestStatus;

  @Field(() => Float, { description: 'Share that is done, 0 to 1.' })
  progress: number;

  @Field(() => JSONScalar, { description: 'What was asked for, as BacktestInput.' })
  input: unknown;

  @Field(() => BacktestReport, { nullable: true, description: 'What it came to; null until it is DONE.' })
  report: BacktestReport | null;

  @Field(() => String, { nullable: true, description: 'Why it FAILED; null otherwise.' })
  error: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  createdAt: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended; null before.' })
  finishedAt: number | null;
}

@ObjectType({ simpleResolvers: true, description: 'One row of a page of backtests.' })
export class BacktestEdge {
  @Field(() => String, { description: 'Hand it back as `after` to go on behind this row.' })
  cursor: string;

  @Field(() => Backtest, { description: 'The backtest.' })
  node: Backtest;
}

@ObjectType({ simpleResolvers: true, description: 'A page of backtests, newest first.' })
export class BacktestConnection {
  @Field(() => [BacktestEdge], { description: 'The rows.' })
  edges: BacktestEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  pageInfo: PageInfo;
}
