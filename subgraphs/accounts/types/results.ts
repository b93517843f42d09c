/** Results of the administration of accounts. */
import 'reflect-metadata';
import { createUnionType, Field, ObjectType } from 'type-graphql';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import { OrdRejReasonEnum } from '../../../src/graphql/enums.js';
import { Account, Balance } from './account.js';

@ObjectType({ simpleResolvers: true, description: 'The transfer is done and durable.' })
export class AdjustBalanceSuccess {
  @Field(() => Account, { description: 'The account.' })
  readonly account: Account;

  @Field(() => Balance, { description: 'Its balance of the currency as it stands now.' })
  readonly balance: Balance;

  @Field(() => Boolean, {
    description: 'True where transferId was seen before: it was done then, and nothing moved now.',
  })
  readonly duplicate: boolean;

  constructor(account: Account, balance: Balance, duplicate: boolean) {
    this.account = account;
    this.balance = balance;
    this.duplicate = duplicate;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The transfer was refused; nothing moved.' })
export class AdjustBalanceRejection {
  @Field(() => OrdRejReasonEnum, {
    description:
      'Why: INSUFFICIENT_FUNDS, INVALID_QTY, or DUPLICATE_CL_ORD_ID for a transferId that was used with other input.',
  })
  readonly reason: OrdRejReason;

  @Field(() => String, { description: 'Which field and which limit, in a sentence to act upon.' })
  readonly text: string;

  constructor(reason: OrdRejReason, text: string) {
    this.reason = reason;
    this.text = text;
  }
}

export const AdjustBalanceResult = createUnionType({
  name: 'AdjustBalanceResult',
  description: 'What became of a transfer.',
  types: () => [AdjustBalanceSuccess, AdjustBalanceRejection] as const,
});
