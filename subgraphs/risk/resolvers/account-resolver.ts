import { Arg, Ctx, FieldResolver, ID, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import type { Risk } from '../services/risk.js';
import { AccountRisk } from '../types/account-risk.js';
import { Account } from '../types/entities.js';
import { Position } from '../types/position.js';

/** What field resolvers need of their parent; no class, so that type-graphql copies nothing into one. */
type AccountKey = Pick<Account, 'id'>;

/** What risk adds to an account; each field asks again whether the caller may see it. */
@Resolver(() => Account)
export class AccountResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @About(20)
  @FieldResolver(() => [Position], {
    description: 'Positions that the account holds or has held, in the order of listing.',
  })
  positions(
    @Root() { id }: AccountKey,
    @Arg('symbol', () => ID, { nullable: true, description: 'Only this instrument; FIX tag 55.' }) symbol:
      | string
      | null,
    @Ctx() context: RequestContext,
  ): Position[] {
    return this.#risk.positions(this.#risk.required(id, context, 'id'), symbol ?? null);
  }

  @FieldResolver(() => AccountRisk, { description: 'Limits and where the account stands.' })
  risk(@Root() { id }: AccountKey, @Ctx() context: RequestContext): AccountRisk {
    return this.#risk.accountRisk(this.#risk.required(id, context, 'id'));
  }
}
