import 'reflect-metadata';
import { Directive, Field, ObjectType } from 'type-graphql';
import { CursorScalar, DecimalScalar } from '../../../src/graphql/scalars.js';
import { Account, Instrument } from './entities.js';

@ObjectType({
  simpleResolvers: true,
  description: 'What an account holds of an instrument, at average cost, valued at the mark.',
})
@Directive('@key(fields: "account { id } instrument { symbol }")')
export class Position {
  @Field(() => CursorScalar, {
    nullable: true,
    description:
      'Hand it to Subscription.positions as `after` to get every change behind this one. null on all but the last position of the state that a subscription begins with, since resuming amid that would miss the rest of it.',
  })
  cursor: string | null;

  @Field(() => Account, { description: 'Who holds it; FIX tag 1.' })
  account: Account;

  @Field(() => Instrument, { description: 'What is held; FIX tag 55.' })
  instrument: Instrument;

  @Field(() => DecimalScalar, {
    description: 'Quantity in the base asset, signed: negative is short; FIX tags 704 and 705.',
  })
  qty: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Average price of the open quantity, quote per base, rounded half to even six decimals beyond the tick; null where qty is 0. FIX tag 6.',
  })
  avgPx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "Price that the position is valued at, by the instrument's mark: the middle of best bid and offer (on a one-sided book the last price), the last price, or the settlement price; before the first trade the reference price.",
  })
  markPx: string | null;

  @Field(() => DecimalScalar, { description: 'Profit of the closed quantity before fees, in the quote currency.' })
  realizedPnl: string;

  @Field(() => DecimalScalar, {
    description: 'Profit of the open quantity if it were closed at markPx without fees, in the quote currency.',
  })
  unrealizedPnl: string;

  @Field(() => DecimalScalar, {
    description: 'Fees paid on its trades, in the quote currency; negative = rebates earned. FIX tag 137.',
  })
  fees: string;
}
