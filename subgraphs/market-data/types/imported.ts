import 'reflect-metadata';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { AggressorSide, CandleInterval } from '../../../src/core/values/vocabulary.js';
import { AggressorSideEnum, CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';
import { MAX_IMPORT_ROWS } from '../../../src/ports/imported-market-data.js';

const SOURCE =
  'Where it came from, 1 to 32 characters of a-z, 0-9, point, minus and underscore; "venue" is the platform itself.';

@InputType({ description: 'A finished bar of another venue.' })
export class ImportedCandleInput {
  @Field(() => DateTimeScalar, { description: 'A time within the bar: it counts in the interval that holds it.' })
  openTime: number;

  @Field(() => DecimalScalar, { description: 'First price, quote per base; of any precision.' })
  open: string;

  @Field(() => DecimalScalar, { description: 'Highest price, quote per base; of any precision.' })
  high: string;

  @Field(() => DecimalScalar, { description: 'Lowest price, quote per base; of any precision.' })
  low: string;

  @Field(() => DecimalScalar, { description: 'Last price, quote per base; of any precision.' })
  close: string;

  @Field(() => DecimalScalar, { description: 'Quantity traded, in the base asset; of any precision.' })
  volume: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Volume-weighted average price, of any precision; absent = the source does not tell it.',
  })
  vwap: string | null;

  @Field(() => Int, { nullable: true, description: 'Number of trades; absent = the source does not tell it.' })
  tradeCount: number | null;
}

@InputType({ description: `Bars of one instrument and width, at most ${MAX_IMPORT_ROWS}.` })
export class ImportCandlesInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => CandleIntervalEnum, { description: 'Width of the bars.' })
  interval: CandleInterval;

  @Field(() => String, { description: SOURCE })
  source: string;

  @Field(() => [ImportedCandleInput], { description: 'The bars, in any order.' })
  candles: ImportedCandleInput[];
}

@InputType({ description: 'A trade of another venue.' })
export class ImportedTradeInput {
  @Field(() => SafeIntScalar, {
    description: "The source's id; or, where it has none, the trade's place among those of the same microsecond.",
  })
  id: number;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  time: number;

  @Field(() => DecimalScalar, { description: 'Price, quote per base; of any precision.' })
  px: string;

  @Field(() => DecimalScalar, { description: 'Quantity above 0, in the base asset; of any precision.' })
  qty: string;

  @Field(() => AggressorSideEnum, {
    nullable: true,
    defaultValue: 'NONE',
    description: 'Side of the taker; absent or NONE = the source does not tell it.',
  })
  aggressorSide: AggressorSide | null;
}

@InputType({ description: `Trades of one instrument, at most ${MAX_IMPORT_ROWS}.` })
export class ImportTradesInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => String, { description: SOURCE })
  source: string;

  @Field(() => [ImportedTradeInput], { description: 'The trades, in any order.' })
  trades: ImportedTradeInput[];
}

@ObjectType({ simpleResolvers: true, description: 'A row that was not imported.' })
export class RefusedRow {
  @Field(() => Int, { description: 'Its place in the input, from 0.' })
  index: number;

  @Field(() => String, { description: 'The field that is wrong.' })
  field: string;

  @Field(() => String, { description: 'What is wrong with it and what is accepted.' })
  problem: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What an import did; each row of the input is one of these. Importing the same again changes nothing.',
})
export class ImportResult {
  @Field(() => Int, { description: 'Rows that were not there.' })
  inserted: number;

  @Field(() => Int, { description: 'Rows that were there with other figures: the later import counts.' })
  updated: number;

  @Field(() => Int, { description: 'Rows that were there just so.' })
  unchanged: number;

  @Field(() => [RefusedRow], { description: 'Rows that were refused; the others are imported all the same.' })
  refused: RefusedRow[];
}

@ObjectType({ simpleResolvers: true, description: 'A trade that another venue made.' })
export class ImportedTrade {
  @Field(() => ID, { description: "The source's id, or the trade's place among those of the same microsecond." })
  id: string;

  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => String, { description: 'Where it came from.' })
  source: string;

  @Field(() => DecimalScalar, { description: 'Price, quote per base; FIX tag 31.' })
  px: string;

  @Field(() => DecimalScalar, { description: 'Quantity, in the base asset; FIX tag 32.' })
  qty: string;

  @Field(() => AggressorSideEnum, { description: 'Side of the taker; NONE where it is not told. FIX tag 2446.' })
  aggressorSide: AggressorSide;

  @Field(() => DateTimeScalar, { description: 'When it happened; FIX tag 60.' })
  transactTime: number;
}

@ObjectType({ simpleResolvers: true, description: 'An imported trade and its place in the list.' })
export class ImportedTradeEdge {
  @Field(() => String, { description: 'Hand it back as `after` for the trades older than this one.' })
  cursor: string;

  @Field(() => ImportedTrade, { description: 'The trade.' })
  node: ImportedTrade;
}

@ObjectType({ simpleResolvers: true, description: 'A page of imported trades, newest first.' })
export class ImportedTradeConnection {
  @Field(() => [ImportedTradeEdge], { description: 'The trades of the page.' })
  edges: ImportedTradeEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  pageInfo: PageInfo;
}
