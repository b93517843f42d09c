import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import type { AggressorSide } from '../../../src/core/values/vocabulary.js';
import { AggressorSideEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { CursorScalar, DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

@ObjectType({ simpleResolvers: true, description: 'A trade as the public sees it.' })
export class Trade {
  @Field(() => CursorScalar, {
    description: 'Position of the trade in the event stream; hand it to Subscription.trades as `after`.',
  })
  cursor: string;

  @Field(() => ID, { description: 'Unique over all instruments, rising by 1 a trade; FIX tag 1003.' })
  id: string;

  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, { description: 'Price, quote per base; FIX tag 31.' })
  px: string;

  @Field(() => DecimalScalar, { description: 'Quantity, in the base asset; FIX tag 32.' })
  qty: string;

  @Field(() => AggressorSideEnum, { description: 'Side of the incoming order; FIX tag 2446.' })
  aggressorSide: AggressorSide;

  @Field(() => SafeIntScalar, { description: 'Sequence of the trade in the event stream.' })
  sequence: number;

  @Field(() => DateTimeScalar, { description: 'Engine time; FIX tag 60.' })
  transactTime: number;
}

@ObjectType({ simpleResolvers: true, description: 'A trade and its place in the list.' })
export class TradeEdge {
  @Field(() => String, { description: 'Hand it back as `after` for the trades older than this one.' })
  cursor: string;

  @Field(() => Trade, { description: 'The trade.' })
  node: Trade;
}

@ObjectType({ simpleResolvers: true, description: 'A page of trades, newest first.' })
export class TradeConnection {
  @Field(() => [TradeEdge], { description: 'The trades of the page.' })
  edges: TradeEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies in the list.' })
  pageInfo: PageInfo;
}
