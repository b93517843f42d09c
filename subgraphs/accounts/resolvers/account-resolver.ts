/** Accounts: queries and their administration. */
import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import { AT, PointInTime } from '../../../src/graphql/point-in-time.js';
import type { Accounts } from '../services/accounts.js';
import { Account } from '../types/account.js';
import { AdjustBalanceInput, OpenAccountInput } from '../types/inputs.js';
import { AdjustBalanceResult } from '../types/results.js';

@Resolver(() => Account)
export class AccountResolver {
  constructor(private readonly service: Accounts) {}

  @Authorized<Scope>('accounts:read')
  @Query(() => Account, {
    nullable: true,
    description:
      'An account of yours by its id; null where there is none. Risk officers and administrators see every account. ' +
      'Needs scope accounts:read.',
  })
  account(
    @Arg('id', () => ID, { description: 'The account; FIX tag 1.' }) id: string,
    @Ctx() context: RequestContext,
    @Arg('at', () => PointInTime, {
      nullable: true,
      description: `${AT} Balances are those of then; positions and risk stay the present ones.`,
    })
    at: PointInTime | null,
  ): Account | null | Promise<Account | null> {
    const identity = requireScope(context, 'accounts:read');
    return at == null ? this.service.account(id, identity) : this.service.accountAt(id, at, context);
  }

  @Authorized<Scope>('accounts:read')
  @About(20)
  @Query(() => [Account], {
    description: 'Your accounts; for risk officers and administrators, all. Needs scope accounts:read.',
  })
  accounts(@Ctx() context: RequestContext): Account[] {
    return this.service.accounts(requireScope(context, 'accounts:read'));
  }

  @Authorized<Scope>('accounts:write', 'admin')
  @Mutation(() => Account, {
    description:
      'Opens an account; asking again with the same input returns it, with other input is an error. Needs scope accounts:write or admin.',
  })
  openAccount(
    @Arg('input', () => OpenAccountInput, { description: 'The account.' }) input: OpenAccountInput,
    @Ctx() context: RequestContext,
  ): Promise<Account> {
    requireScope(context, 'accounts:write', 'admin');
    return this.service.open(input);
  }

  @Authorized<Scope>('accounts:write', 'admin')
  @Mutation(() => AdjustBalanceResult, {
    description:
      'Deposits into or withdraws from an account; done once for each transferId. Needs scope accounts:write or admin.',
  })
  adjustBalance(
    @Arg('input', () => AdjustBalanceInput, { description: 'The transfer.' }) input: AdjustBalanceInput,
    @Ctx() context: RequestContext,
  ): Promise<typeof AdjustBalanceResult> {
    requireScope(context, 'accounts:write', 'admin');
    return this.service.adjustBalance(input);
  }
}
