import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

const CHECKSUM =
  "CRC-32 by the rule of OrderBook.checksum, over these orders' prices with the sums of their quantities.";

@ObjectType({
  simpleResolvers: true,
  description: 'One resting order as the book shows it: neither whose it is nor what it hides.',
})
export class RestingOrder {
  @Field(() => ID, {
    description:
      'Names the order within the book while it rests there. It is no order id, leads to no account, and is another one for the same order after a restart.',
  })
  id: string;

  @Field(() => DecimalScalar, { description: 'Price, quote per base; FIX tag 270.' })
  px: string;

  @Field(() => DecimalScalar, {
    description:
      'Shown quantity, in the base asset; hidden quantity is never told. 0 takes the order out. FIX tag 271.',
  })
  qty: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'The book order by order (L3) down to a depth, at one moment: who stands where in the queue.',
})
export class OrderBookL3 {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the last change; an update applies when its prevSequence equals it.',
  })
  sequence: number;

  @Field(() => [RestingOrder], { description: 'Buy orders: best (highest) price first, front of its queue first.' })
  bids: RestingOrder[];

  @Field(() => [RestingOrder], { description: 'Sell orders: best (lowest) price first, front of its queue first.' })
  asks: RestingOrder[];

  @Field(() => SafeIntScalar, { description: CHECKSUM })
  checksum: number;

  @Field(() => DateTimeScalar, { description: 'Engine time of the last change; FIX tag 60.' })
  transactTime: number;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'One change of a book order by order: the whole of it first (snapshot true), then deltas, to be applied entry by entry in their order. ' +
    'qty 0 takes the order out; an id that is not there goes to the back of its price; any other keeps its place with the new qty.',
})
export class OrderBookL3Update {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => Boolean, { description: 'True: forget the copy and take these orders.' })
  snapshot: boolean;

  @Field(() => SafeIntScalar, { description: 'Sequence that this update leads to.' })
  sequence: number;

  @Field(() => SafeIntScalar, {
    nullable: true,
    description:
      'Sequence of the copy that the delta applies to; on any other copy, subscribe again. null on a snapshot.',
  })
  prevSequence: number | null;

  @Field(() => [RestingOrder], { description: 'Buy orders: all of them on a snapshot; else what changed, in order.' })
  bids: RestingOrder[];

  @Field(() => [RestingOrder], { description: 'Sell orders: all of them on a snapshot; else what changed, in order.' })
  asks: RestingOrder[];

  @Field(() => SafeIntScalar, { description: `Of the book after this update. ${CHECKSUM}` })
  checksum: number;

  @Field(() => DateTimeScalar, { description: 'Engine time; FIX tag 60.' })
  transactTime: number;
}
