import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import type { AuctionKind, TradingStatus } from '../../../src/core/values/vocabulary.js';
import { AuctionKindEnum, TradingStatusEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({ simpleResolvers: true, description: 'The trading phase of an instrument since a moment.' })
export class TradingStatusUpdate {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => TradingStatusEnum, { description: 'The phase; FIX tag 340.' })
  tradingStatus: TradingStatus;

  @Field(() => AuctionKindEnum, {
    nullable: true,
    description: 'Kind of the auction that is under way; null in every other phase.',
  })
  auction: AuctionKind | null;

  @Field(() => Boolean, {
    description:
      'True where a halt takes orders, which gather for the auction that follows; false where it refuses them.',
  })
  queuesOrders: boolean;

  @Field(() => String, { description: 'Why, as it was said by hand or by a rule; empty where nothing was said.' })
  reason: string;

  @Field(() => SafeIntScalar, {
    description: 'Sequence of the change; of the state that a subscription begins with, that of the last event.',
  })
  sequence: number;

  @Field(() => DateTimeScalar, { description: 'Engine time of it; FIX tag 60.' })
  transactTime: number;
}
