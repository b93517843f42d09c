import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { CandleInterval } from '../../../src/core/values/vocabulary.js';
import { CandleIntervalEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description:
    'All trades of one interval in figures: of this venue or, where it had none in the interval, of the source that was imported. ' +
    'An interval without either has no candle. Imported figures keep the digits of their source, which may be finer than tickSize and lotSize.',
})
export class Candle {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => CandleIntervalEnum, { description: 'Width of the interval.' })
  interval: CandleInterval;

  @Field(() => DateTimeScalar, {
    description: 'Start of the interval; trades at this time are in it, trades at its end are not.',
  })
  openTime: number;

  @Field(() => DecimalScalar, { description: 'Price of the first trade, quote per base.' })
  open: string;

  @Field(() => DecimalScalar, { description: 'Highest price, quote per base.' })
  high: string;

  @Field(() => DecimalScalar, { description: 'Lowest price, quote per base.' })
  low: string;

  @Field(() => DecimalScalar, { description: 'Price of the last trade, quote per base.' })
  close: string;

  @Field(() => DecimalScalar, { description: 'Quantity traded, in the base asset.' })
  volume: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Volume-weighted average price, quote per base, rounded half to even six decimals beyond the tick; null where an imported candle does not tell it.',
  })
  vwap: string | null;

  @Field(() => Int, { description: 'Number of trades; 0 where an imported candle does not tell it.' })
  tradeCount: number;

  @Field(() => Boolean, {
    description: 'True once engine time has passed the end of the interval: the candle changes no more.',
  })
  closed: boolean;

  @Field(() => String, {
    description: '"venue": made of the trades of this platform; else the name that the import or the feed gave it.',
  })
  source: string;
}

@ObjectType({ simpleResolvers: true, description: 'A candle and its place in the list.' })
export class CandleEdge {
  @Field(() => String, { description: 'Hand it back as `after` for the candles later than this one.' })
  cursor: string;

  @Field(() => Candle, { description: 'The candle.' })
  node: Candle;
}

@ObjectType({ simpleResolvers: true, description: 'A page of candles, oldest first.' })
export class CandleConnection {
  @Field(() => [CandleEdge], { description: 'The candles of the page.' })
  edges: CandleEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  pageInfo: PageInfo;
}
