import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import type { AuctionKind, Side } from '../../../src/core/values/vocabulary.js';
import { AuctionKindEnum, SideEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description:
    'An auction: at what price what is gathered would trade, or, once it ended, did trade. The price of greatest volume; of those the least imbalance, of those the nearest to the reference price.',
})
export class AuctionUpdate {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => AuctionKindEnum, { description: 'What the auction is for.' })
  kind: AuctionKind;

  @Field(() => Boolean, {
    description: 'False while orders gather: price and quantity are indicative. True once: they traded.',
  })
  ended: boolean;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price at which all would trade or traded, quote per base; null where nothing crosses; FIX 269=Q.',
  })
  px: string | null;

  @Field(() => DecimalScalar, {
    description:
      'Quantity that would trade or traded, in the base asset. Hidden quantity of icebergs counts, since it takes part.',
  })
  qty: string;

  @Field(() => DecimalScalar, {
    description: 'Quantity left over at the price, in the base asset; 0 where nothing crosses.',
  })
  imbalanceQty: string;

  @Field(() => SideEnum, { nullable: true, description: 'Side of what is left over; null where nothing is.' })
  imbalanceSide: Side | null;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the change; of the state that a subscription begins with, that of the last change.',
  })
  sequence: number;

  @Field(() => DateTimeScalar, { description: 'Engine time of it; FIX tag 60.' })
  transactTime: number;
}
