import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

const CHECKSUM_RULE =
  'CRC-32 over the best ten levels a side: asks from low to high, then bids from high to low, of each level price and ' +
  'quantity as printed here without the point and without leading zeros. A copy of fewer than ten levels cannot check it.';

@ObjectType({ simpleResolvers: true, description: 'One price with all shown quantity that rests on it.' })
export class PriceLevel {
  @Field(() => DecimalScalar, { description: 'Price, quote per base; FIX tag 270.' })
  px: string;

  @Field(() => DecimalScalar, { description: 'Shown quantity, in the base asset; 0 removes the level. FIX tag 271.' })
  qty: string;

  @Field(() => Int, { description: 'Number of orders with shown quantity at this price; FIX tag 346.' })
  orderCount: number;
}

@ObjectType({ simpleResolvers: true, description: 'The public book of an instrument down to a depth, at one moment.' })
export class OrderBook {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the last change in this book; a delta applies when its prevSequence equals it.',
  })
  sequence: number;

  @Field(() => [PriceLevel], { description: 'Buy side, best (highest) price first.' })
  bids: PriceLevel[];

  @Field(() => [PriceLevel], { description: 'Sell side, best (lowest) price first.' })
  asks: PriceLevel[];

  @Field(() => SafeIntScalar, { description: `${CHECKSUM_RULE} The subscription's is the same.` })
  checksum: number;

  @Field(() => DateTimeScalar, { description: 'Engine time of the last change; FIX tag 60.' })
  transactTime: number;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'One change of a book: a whole book first (snapshot true), then deltas, in which qty 0 removes a level. Deltas keep ' +
    'exactly the asked number of levels: what comes into sight is told in full, what falls out of sight is removed.',
})
export class OrderBookUpdate {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => Boolean, {
    description: 'True: forget the copy and take these levels; comes first, and again where deltas would be larger.',
  })
  snapshot: boolean;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the last change within the depth, which this update leads to.',
  })
  sequence: number;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description:
      'Sequence of the copy that the delta applies to; on any other copy, subscribe again. null on a snapshot.',
  })
  prevSequence: number | null;

  @Field(() => [PriceLevel], {
    description: 'Buy levels: all of them, best first, on a snapshot; else those that changed, in no order.',
  })
  bids: PriceLevel[];

  @Field(() => [PriceLevel], {
    description: 'Sell levels: all of them, best first, on a snapshot; else those that changed, in no order.',
  })
  asks: PriceLevel[];

  @Field(() => SafeIntScalar, { description: `Of the book after this update. ${CHECKSUM_RULE}` })
  checksum: number;

  @Field(() => DateTimeScalar, { description: 'Engine time; FIX tag 60.' })
  transactTime: number;
}
