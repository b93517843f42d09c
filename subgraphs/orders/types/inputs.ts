/** Inputs of the mutations. What they must hold beyond their types is checked in services/order-input.ts. */
import 'reflect-metadata';
import { Field, ID, InputType } from 'type-graphql';
import type { OrdType, SelfTradePrevention, Side, TimeInForce } from '../../../src/core/values/vocabulary.js';
import { OrdTypeEnum, SelfTradePreventionEnum, SideEnum, TimeInForceEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

@InputType({ description: 'A new order; FIX NewOrderSingle, MsgType D.' })
export class PlaceOrderInput {
  @Field(() => ID, { description: 'An account of yours; FIX tag 1.' })
  accountId: string;

  @Field(() => ID, { description: 'What to trade; FIX tag 55.' })
  symbol: string;

  @Field(() => SideEnum, { description: 'Buy or sell; FIX tag 54.' })
  side: Side;

  @Field(() => OrdTypeEnum, { description: 'How it is priced; FIX tag 40.' })
  ordType: OrdType;

  @Field(() => DecimalScalar, {
    description: 'Quantity in the base asset, above 0, a multiple of lotSize; FIX tag 38.',
  })
  orderQty: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Limit price in quote currency per unit, a multiple of tickSize: needed for LIMIT and STOP_LIMIT, absent for others; FIX tag 44.',
  })
  price?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Last price that triggers the order, a multiple of tickSize: needed for STOP and STOP_LIMIT, absent for others; FIX tag 99.',
  })
  stopPx?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Trailing distance in price units; exactly one of the two for TRAILING_STOP.',
  })
  trailingOffset?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Trailing distance in percent of the price, above 0, below 100, at most four decimals; exactly one of the two for TRAILING_STOP.',
  })
  trailingPercent?: string | null;

  @Field(() => TimeInForceEnum, { nullable: true, defaultValue: 'GTC', description: 'How long it works; FIX tag 59.' })
  timeInForce?: TimeInForce | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When a GTD order ends: needed for GTD, absent for others; FIX tag 126.',
  })
  expireTime?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'True: rejected where it would trade at once; FIX 18=6.',
  })
  postOnly?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description:
      'True: rejected where its quantity passes the position that it may close. While it rests it is lowered to the position ' +
      'whenever that shrinks, in the same step and keeping its place, and canceled where none is left; FIX 18=E.',
  })
  reduceOnly?: boolean | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Shown part of an iceberg order, base asset, at most orderQty; absent = all; FIX tag 1138.',
  })
  displayQty?: string | null;

  @Field(() => SelfTradePreventionEnum, {
    nullable: true,
    defaultValue: 'CANCEL_NEWEST',
    description: 'What happens when it would trade with another order of the account.',
  })
  selfTradePrevention?: SelfTradePrevention | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Idempotency key within the account, 1 to 64 printable ASCII characters: the same key with the same input returns ' +
      'the first result, also after a restart; with other input, DUPLICATE_CL_ORD_ID; FIX tag 11.',
  })
  clOrdId?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'True: canceled once the WebSocket that sends it is gone for longer than its grace; false: not; absent: as ' +
      'connection_init asked by its cancelOnDisconnect. An HTTP request has no connection to end with: INVALID_REQUEST.',
  })
  cancelOnDisconnect?: boolean | null;
}

@InputType({
  description: 'A change of a working order; FIX OrderCancelReplaceRequest, MsgType G. What is absent stays.',
})
export class ReplaceOrderInput {
  @Field(() => ID, { description: 'The order; FIX tag 37.' })
  orderId: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'New quantity in all, what is filled included; base asset; FIX tag 38.',
  })
  orderQty?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'New limit price, quote currency per unit; FIX tag 44.' })
  price?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'New trigger price, quote currency per unit; FIX tag 99.',
  })
  stopPx?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Idempotency key of this change within the account, 1 to 64 printable ASCII characters.',
  })
  clOrdId?: string | null;
}

@InputType({ description: 'Which working orders to cancel; FIX OrderMassCancelRequest, MsgType q.' })
export class CancelAllOrdersInput {
  @Field(() => ID, { description: 'An account of yours; FIX tag 1.' })
  accountId: string;

  @Field(() => ID, { nullable: true, description: 'Only orders of this instrument; absent = all; FIX tag 55.' })
  symbol?: string | null;

  @Field(() => SideEnum, { nullable: true, description: 'Only orders of this side; absent = both; FIX tag 54.' })
  side?: Side | null;
}
