import { Arg, Authorized, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import type { Risk } from '../services/risk.js';
import { Account } from '../types/entities.js';
import { MarginAlert, MarginPool, MarginTerms, MarginTermsInput, MarkInput } from '../types/margin.js';

@Resolver(() => Account)
export class MarginResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @About(2)
  @FieldResolver(() => [MarginPool], {
    description: 'What a margin account is worth and must keep, by quote currency; empty for any other account.',
  })
  margin(@Root() { id }: Pick<Account, 'id'>, @Ctx() context: RequestContext): MarginPool[] {
    return this.#risk.margin.pools(this.#risk.required(id, context, 'id'));
  }

  @Authorized()
  @Query(() => MarginTerms, { description: 'Margin terms and mark of an instrument.' })
  marginTerms(@Arg('symbol', () => ID, { description: 'The instrument; FIX tag 55.' }) symbol: string): MarginTerms {
    return this.#risk.margin.terms(symbol);
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => MarginTerms, {
    description:
      'Sets what margin accounts must put up for an instrument. It binds at once: pools that the new terms break are called or liquidated. Needs scope risk:write.',
  })
  async setMarginTerms(
    @Arg('input', () => MarginTermsInput, { description: 'The terms.' }) input: MarginTermsInput,
    @Ctx() context: RequestContext,
  ): Promise<MarginTerms> {
    const { userId } = requireScope(context, 'risk:write');
    return this.#risk.margin.setTerms(input, userId);
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => MarginTerms, {
    description:
      'Sets what positions in an instrument are valued at, and the settlement price. Pools of margin accounts are measured again at once. Needs scope risk:write.',
  })
  async setMark(
    @Arg('input', () => MarkInput, { description: 'The mark.' }) input: MarkInput,
    @Ctx() context: RequestContext,
  ): Promise<MarginTerms> {
    const { userId } = requireScope(context, 'risk:write');
    return this.#risk.margin.setMark(input, userId);
  }
}

/** Returns the resolver class of the stream of margin alerts, a class of its own for each subgraph. */
export function createMarginAlertSubscription(risk: Risk): new () => object {
  @Resolver()
  class MarginAlertSubscription {
    @Authorized<Scope>('risk:read', 'risk:write', 'admin')
    @Subscription(() => MarginAlert, {
      description:
        "Margin calls, liquidations and their ends, from now on, each once: of an account of yours, or of anybody's with scope risk:write or admin, which also may leave accountId out to follow all. A reader that falls 1,000 behind is closed with SLOW_CONSUMER.",
      subscribe: ({ args, context }: { args: { accountId?: string | null }; context: RequestContext }) =>
        risk.subscribeMarginAlerts(args.accountId ?? null, context),
    })
    marginAlerts(
      @Root() alert: MarginAlert,
      @Arg('accountId', () => ID, { nullable: true, description: 'The account; FIX tag 1. Absent = all.' })
      _accountId: string | null,
    ): MarginAlert {
      return alert;
    }
  }
  return MarginAlertSubscription;
}
