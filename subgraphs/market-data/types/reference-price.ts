import 'reflect-metadata';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description:
    'What another venue shows for the instrument, as last heard. It moves nothing here: no order trades with it, no limit and no mark follows it.',
})
export class ReferencePrice {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => String, { description: 'The venue, e.g. "kraken"; its bars are candles of this source.' })
  source: string;

  @Field(() => String, { description: 'What the venue calls it, e.g. "BTC/USD".' })
  venueSymbol: string;

  @Field(() => DecimalScalar, { nullable: true, description: "Best bid there, in the venue's digits; FIX tag 132." })
  bidPx: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Quantity at it; FIX tag 134.' })
  bidQty: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: "Best offer there, in the venue's digits; FIX tag 133." })
  askPx: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Quantity at it; FIX tag 135.' })
  askQty: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Price of its last trade; FIX tag 31.' })
  lastPx: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the newest of it came here; null before the first.',
  })
  receivedTime: number | null;

  @Field(() => Float, { nullable: true, description: 'How long ago that was, ms; null before the first.' })
  ageMs: number | null;

  @Field(() => Boolean, {
    description:
      'True where it may be out of date: the venue cannot be reached, updates were missed, or nothing came for long. Do not trade on it then.',
  })
  stale: boolean;

  @Field(() => String, { nullable: true, description: 'Why it is stale, one sentence; null where it is not.' })
  problem: string | null;

  @Field(() => Int, { description: 'Times that updates were missed and the book was taken anew, since the start.' })
  gaps: number;

  @Field(() => Int, { description: 'Times that the venue was lost or silent and reached again, since the start.' })
  reconnects: number;
}
