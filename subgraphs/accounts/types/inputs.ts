/** Inputs of the administration of accounts. */
import 'reflect-metadata';
import { Field, ID, InputType } from 'type-graphql';
import type { AccountKind } from '../../../src/core/values/vocabulary.js';
import { AccountKindEnum } from '../../../src/graphql/enums.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';

@InputType({ description: 'A new account.' })
export class OpenAccountInput {
  @Field(() => AccountKindEnum, {
    defaultValue: 'CASH',
    description:
      'How it pays for what it buys: in full, or on margin. VENUE is opened by the venue itself and refused here.',
  })
  kind: AccountKind;

  @Field(() => ID, {
    description: 'Its id, unique: 1 to 64 letters, digits, points, minuses and underscores; FIX tag 1.',
  })
  id: string;

  @Field(() => String, { description: 'Name for people, 1 to 200 characters.' })
  name: string;

  @Field(() => ID, {
    description: 'User who owns it and may trade with it, as in the access token, 1 to 200 characters.',
  })
  ownerId: string;
}

@InputType({ description: 'A deposit or a withdrawal.' })
export class AdjustBalanceInput {
  @Field(() => ID, { description: 'The account; FIX tag 1.' })
  accountId: string;

  @Field(() => String, { description: 'Code of a registered currency, coin or share, e.g. USD.' })
  currency: string;

  @Field(() => DecimalScalar, {
    description:
      'Amount in units of the currency, at most its decimals: above 0 a deposit, below 0 a withdrawal of what is available.',
  })
  amount: string;

  @Field(() => ID, {
    description:
      'Idempotency key of the transfer over all accounts, 1 to 64 printable ASCII characters: the same key with the same ' +
      'input moves nothing again; with other input it is refused.',
  })
  transferId: string;
}
