/** The ledger of an account as clients see it. */
import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import type { LedgerKind } from '../../../src/core/exchange/ledger-postings.js';
import { defineEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../../../src/graphql/scalars.js';

export const LedgerKindEnum = defineEnum<LedgerKind>('LedgerKind', 'What moved an amount.', {
  TRADE: 'What was bought or sold, and what was paid for it.',
  FEE: 'A fee of a trade, or a rebate.',
  DEPOSIT: 'Came in from outside, a correction in favour of the account too.',
  WITHDRAWAL: 'Went out, a correction against the account too.',
});

@ObjectType({
  simpleResolvers: true,
  description:
    'One side of a posting: an amount that an account got or gave. The other side stands in the ledger of the other account (the venue for fees, the outside for transfers), so that all of them sum to 0 per currency.',
})
export class LedgerEntry {
  @Field(() => SafeIntScalar, { description: 'Sequence of the event that moved it.' })
  sequence: number;

  @Field(() => LedgerKindEnum, { description: 'What moved it.' })
  kind: LedgerKind;

  @Field(() => String, { description: 'Code of the currency, coin or share; FIX tag 15.' })
  currency: string;

  @Field(() => DecimalScalar, { description: 'In units of the currency; above 0 the account got it.' })
  amount: string;

  @Field(() => ID, { nullable: true, description: 'The trade; null for a transfer. FIX tag 1003.' })
  tradeId: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Order of the leg that traded, for the venue that of whoever paid the fee; null for a transfer. FIX tag 37.',
  })
  orderId: string | null;

  @Field(() => ID, { nullable: true, description: 'Idempotency key of the transfer; null for a trade.' })
  transferId: string | null;

  @Field(() => DateTimeScalar, { description: 'When; FIX tag 60.' })
  transactTime: number;
}

@ObjectType({ simpleResolvers: true, description: 'An entry and where it stands in its list.' })
export class LedgerEntryEdge {
  @Field(() => String, { description: 'Position of the entry; hand it back as `after`.' })
  cursor: string;

  @Field(() => LedgerEntry, { description: 'The entry.' })
  node: LedgerEntry;
}

@ObjectType({ simpleResolvers: true, description: 'A page of a ledger, oldest first.' })
export class LedgerConnection {
  @Field(() => [LedgerEntryEdge], { description: 'The entries.' })
  edges: readonly LedgerEntryEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies.' })
  pageInfo: PageInfo;
}
