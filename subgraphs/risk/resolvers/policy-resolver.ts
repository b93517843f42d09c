import { Arg, Authorized, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { toRiskLimits } from '../services/figures.js';
import type { Risk } from '../services/risk.js';
import { AccountRisk } from '../types/account-risk.js';
import { RiskLimits, RiskLimitsInput } from '../types/limits.js';

const REDUCING = 'While engaged: whether reduceOnly orders are taken and keep working.';
const REASON = 'Why; at most 200 characters.';
const ACCOUNT = 'The account, anybody’s; FIX tag 1.';

@Resolver()
export class PolicyResolver {
  readonly #risk: Risk;

  constructor(risk: Risk) {
    this.#risk = risk;
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => RiskLimits, {
    description: "Replaces an account's pre-trade limits; they bind from the next order on. Needs scope risk:write.",
  })
  async setRiskLimits(
    @Arg('accountId', () => ID, { description: ACCOUNT }) accountId: string,
    @Arg('limits', () => RiskLimitsInput, { description: 'All limits; what is left out is without limit.' })
    limits: RiskLimitsInput,
    @Arg('symbol', () => ID, {
      nullable: true,
      description:
        'Only for this instrument, beside the limits on all: the tighter holds; absent = on all. FIX tag 55.',
    })
    symbol: string | null,
    @Ctx() context: RequestContext,
  ): Promise<RiskLimits> {
    const { userId } = requireScope(context, 'risk:write');
    const account = this.#risk.required(accountId, context);
    return toRiskLimits(await this.#risk.policy.setLimits(account, limits, symbol ?? null, userId));
  }

  @Authorized<Scope>('risk:write')
  @Mutation(() => AccountRisk, {
    description:
      "Engages or releases an account's kill switch: engaging cancels its working orders and refuses new ones. Needs scope risk:write.",
  })
  async setKillSwitch(
    @Arg('accountId', () => ID, { description: ACCOUNT }) accountId: string,
    @Arg('engaged', () => Boolean, { description: 'True stops the account, false lets it trade again.' })
    engaged: boolean,
    @Arg('allowReduceOnly', () => Boolean, { nullable: true, defaultValue: false, description: REDUCING })
    allowReduceOnly: boolean | null,
    @Arg('reason', () => String, { nullable: true, defaultValue: '', description: REASON }) reason: string | null,
    @Ctx() context: RequestContext,
  ): Promise<AccountRisk> {
    const { userId } = requireScope(context, 'risk:write');
    const account = this.#risk.required(accountId, context);
    const move = { engaged, allowReduceOnly: allowReduceOnly ?? false, reason: reason ?? '' };
    return this.#risk.accountRisk(await this.#risk.policy.setKillSwitch(account, move, userId));
  }
}
