/** Mass quotes: input and result. */
import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { SelfTradePrevention } from '../../../src/core/values/vocabulary.js';
import { SelfTradePreventionEnum } from '../../../src/graphql/enums.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';
import { type OrderRejection, PlaceOrderResult, type PlaceOrderSuccess } from './results.js';

@InputType({ description: 'A two-sided quote of one symbol; FIX MassQuote, MsgType i. A side left out is withdrawn.' })
export class QuoteInput {
  @Field(() => ID, { description: 'What is quoted; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price to buy at, quote currency per unit, a multiple of tickSize; FIX tag 132.',
  })
  bidPx?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity to rest at bidPx from now on, base asset, a multiple of lotSize; FIX tag 134.',
  })
  bidQty?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price to sell at, quote currency per unit, a multiple of tickSize; FIX tag 133.',
  })
  askPx?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Quantity to rest at askPx from now on, base asset, a multiple of lotSize; FIX tag 135.',
  })
  askQty?: string | null;
}

@InputType({ description: 'New quotes of an account, in place of its former ones of the symbols that are named.' })
export class MassQuoteInput {
  @Field(() => ID, { description: 'An account of yours; FIX tag 1.' })
  accountId: string;

  @Field(() => ID, { description: 'Your own id of this set of quotes, 1 to 64 characters, told back; FIX tag 117.' })
  quoteId: string;

  @Field(() => [QuoteInput], { description: 'The quotes, 1 to 100, each symbol at most once.' })
  quotes: QuoteInput[];

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: true,
    description: 'True: a side that would trade at once is refused instead; FIX ExecInst 6.',
  })
  postOnly?: boolean | null;

  @Field(() => SelfTradePreventionEnum, {
    nullable: true,
    defaultValue: 'CANCEL_NEWEST',
    description: 'What happens when a quote would trade with another order of the account.',
  })
  selfTradePrevention?: SelfTradePrevention | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: canceled once the WebSocket that sends them is gone for longer than its grace; false: not; absent: as ' +
      'connection_init asked by its cancelOnDisconnect. An HTTP request has no connection to end with: BAD_USER_INPUT.',
  })
  cancelOnDisconnect?: boolean | null;
}

@ObjectType({ simpleResolvers: true, description: 'What became of the quote of one symbol.' })
export class QuoteResult {
  @Field(() => ID, { description: 'The symbol; FIX tag 55.' })
  readonly symbol: string;

  @Field(() => PlaceOrderResult, {
    nullable: true,
    description:
      'The order that quotes the bid, placed now or left where it was; or why it was refused, in which case no bid stands; null where it was withdrawn.',
  })
  readonly bid: PlaceOrderSuccess | OrderRejection | null;

  @Field(() => PlaceOrderResult, { nullable: true, description: 'As bid, for the ask.' })
  readonly ask: PlaceOrderSuccess | OrderRejection | null;

  constructor(
    symbol: string,
    bid: PlaceOrderSuccess | OrderRejection | null,
    ask: PlaceOrderSuccess | OrderRejection | null,
  ) {
    this.symbol = symbol;
    this.bid = bid;
    this.ask = ask;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What became of a mass quote; FIX MassQuoteAcknowledgement.' })
export class MassQuotePayload {
  @Field(() => ID, { description: 'Your own id of this set of quotes; FIX tag 117.' })
  readonly quoteId: string;

  @Field(() => [QuoteResult], { description: 'One result a symbol, in the order of the input.' })
  readonly quotes: readonly QuoteResult[];

  constructor(quoteId: string, quotes: readonly QuoteResult[]) {
    this.quoteId = quoteId;
    this.quotes = quotes;
  }
}
