import { Arg, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Paged } from '../../../src/graphql/list-size.js';
import type { Ledgers } from '../services/ledger.js';
import { Account } from '../types/account.js';
import { LedgerConnection } from '../types/ledger.js';

/** An account is only handed out to who may see it, and so is its ledger. */
@Resolver(() => Account)
export class LedgerResolver {
  constructor(private readonly ledgers: Ledgers) {}

  @Paged(50)
  @FieldResolver(() => LedgerConnection, {
    description:
      'What moved its balances, oldest first: every trade, fee, deposit and withdrawal, as far as history reaches.',
  })
  ledger(
    @Root() account: Account,
    @Arg('first', () => Int, { defaultValue: 50, description: 'Most entries, 1 to 500.' }) first: number,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the entry before the page.' })
    after: string | null,
  ): Promise<LedgerConnection> {
    return this.ledgers.page(account.id, first, after ?? null) as Promise<LedgerConnection>;
  }
}
