import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { AccountState } from '../../../src/core/values/vocabulary.js';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { AccountStateEnum } from '../../../src/graphql/enums.js';
import { toRiskLimits } from '../services/figures.js';
import type { Risk } from '../services/risk.js';
import { AccountRisk } from '../types/account-risk.js';
import { RiskLimits, RiskLimitsInput } from '../types/limits.js';

const ACCOUNT = 'The account, anybody’s; FIX tag 1.';
const REASON = 'Why; at most 200 characters.';

/** Tiers, states of accounts, and the switches of instruments and of the venue. */
@Resolver()
export class VenuePolicyResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => RiskLimits, {
    description:
      'Replaces the limits of a tier, which is made where there is none: they hold for each of its accounts where that has no limit of its own. Needs scope risk:write.',
  })
  async setTierLimits(
    @Arg('tier', () => ID, { description: 'Name of the tier, 1 to 64 characters.' }) tier: string,
    @Arg('limits', () => RiskLimitsInput, { description: 'All limits; what is left out is without limit.' })
    limits: RiskLimitsInput,
    @Ctx() context: RequestContext,
  ): Promise<RiskLimits> {
    const { userId } = requireScope(context, 'risk:write');
    return toRiskLimits(await this.#risk.policy.setTierLimits(tier, limits, userId));
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => AccountRisk, { description: 'Puts an account into a tier, or into none. Needs scope risk:write.' })
  async setAccountTier(
    @Arg('accountId', () => ID, { description: ACCOUNT }) accountId: string,
    @Arg('tier', () => ID, { nullable: true, description: 'Name of the tier; null = none.' }) tier: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AccountRisk> {
    const { userId } = requireScope(context, 'risk:write');
    const account = this.#risk.required(accountId, context);
    return this.#risk.accountRisk(await this.#risk.policy.setAccountTier(account, tier ?? null, userId));
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => AccountRisk, {
    description:
      'Sets what an account may do and cancels the orders that it may no longer have. Needs scope risk:write.',
  })
  async setAccountState(
    @Arg('accountId', () => ID, { description: ACCOUNT }) accountId: string,
    @Arg('state', () => AccountStateEnum, { description: 'What it may do from now on.' }) state: AccountState,
    @Arg('reason', () => String, { nullable: true, defaultValue: '', description: REASON }) reason: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AccountRisk> {
    const { userId } = requireScope(context, 'risk:write');
    const account = this.#risk.required(accountId, context);
    return this.#risk.accountRisk(await this.#risk.policy.setAccountState(account, state, reason ?? '', userId));
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => Boolean, {
    description:
      'Engages or releases the kill switch of an instrument, or of the whole venue: engaging cancels the working orders of all accounts there and refuses new ones. True once done. Needs scope risk:write.',
  })
  async setMarketKillSwitch(
    @Arg('engaged', () => Boolean, { description: 'True stops, false lets trade again.' }) engaged: boolean,
    @Arg('symbol', () => ID, { nullable: true, description: 'The instrument; absent = the whole venue. FIX tag 55.' })
    symbol: string | null,
    @Arg('allowReduceOnly', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'While engaged: whether reduceOnly orders are taken and keep working.',
    })
    allowReduceOnly: boolean | null,
    @Arg('reason', () => String, { nullable: true, defaultValue: '', description: REASON }) reason: string | null,
    @Ctx() context: RequestContext,
  ): Promise<boolean> {
    const { userId } = requireScope(context, 'risk:write');
    const move = { engaged, allowReduceOnly: allowReduceOnly ?? false, reason: reason ?? '' };
    await this.#risk.policy.setMarketKillSwitch(symbol ?? null, move, userId);
    return true;
  }
}
