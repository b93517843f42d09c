import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { CursorScalar, DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description: 'Best bid and offer with the last trade and the rolling 24 h statistics.',
})
export class Ticker {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, { description: 'Sequence of the last change of the best prices or the last trade.' })
  sequence: number;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Best bid, quote per base; null on an empty side. FIX tag 132.',
  })
  bidPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity shown at the best bid, in the base asset; FIX tag 134.',
  })
  bidQty: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Best offer, quote per base; null on an empty side. FIX tag 133.',
  })
  askPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity shown at the best offer, in the base asset; FIX tag 135.',
  })
  askQty: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price of the last trade; null before the first. FIX tag 31.',
  })
  lastPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity of the last trade, in the base asset; FIX tag 32.',
  })
  lastQty: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price of the first trade of the last 24 h; null without trades.',
  })
  openPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Highest trade price of the last 24 h; null without trades.',
  })
  highPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Lowest trade price of the last 24 h; null without trades.',
  })
  lowPx: string | null;

  @Field(() => DecimalScalar, {
    description:
      'Quantity traded in the last 24 h, in the base asset. The window moves by whole minutes: the one under way and the 1,439 before it.',
  })
  volume: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Volume-weighted average price of the last 24 h, rounded half to even six decimals beyond the tick; null without trades.',
  })
  vwap: string | null;

  @Field(() => DateTimeScalar, {
    description:
      'Start of what the statistics cover: 24 h ago; later only while history could not be read since the last start.',
  })
  statisticsFrom: number;

  @Field(() => DateTimeScalar, {
    description: 'Engine time of the last change of the best prices or the last trade; FIX tag 60.',
  })
  transactTime: number;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A change of the best bid or offer, or a trade: the state after one command of the engine.',
})
export class Tick {
  @Field(() => CursorScalar, { description: 'Position of this tick in the event stream.' })
  cursor: string;

  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, { description: 'Sequence of the event behind it; rises with every tick of a symbol.' })
  sequence: number;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Best bid, quote per base; null on an empty side. FIX tag 132.',
  })
  bidPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity shown at the best bid, in the base asset; FIX tag 134.',
  })
  bidQty: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Best offer, quote per base; null on an empty side. FIX tag 133.',
  })
  askPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity shown at the best offer, in the base asset; FIX tag 135.',
  })
  askQty: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price of the last trade; null before the first. FIX tag 31.',
  })
  lastPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity of the last trade, in the base asset; FIX tag 32.',
  })
  lastQty: string | null;

  @Field(() => Int, { description: 'Ticks merged into this one since the last delivery.' })
  conflated: number;

  @Field(() => DateTimeScalar, { description: 'Engine time; FIX tag 60.' })
  transactTime: number;
}
