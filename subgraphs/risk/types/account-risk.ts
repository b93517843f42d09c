import 'reflect-metadata';
import { Field, Int, ObjectType } from 'type-graphql';
import { RiskCheck } from '../../../src/graphql/risk-check.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';
import { RiskLimits } from './limits.js';

const AT_PAR = 'Amounts of different quote currencies are added at par.';

/** What the type is worked out from; each figure only where it is asked for. */
export interface AccountRiskFigures {
  limits(): RiskLimits;
  readonly killSwitch: boolean;
  openOrderCount(): number;
  grossExposure(): string;
  netExposure(): string;
  /** @throws GraphQLError HISTORY_UNAVAILABLE while what happened since 00:00 is not known */
  dailyPnl(): string;
  utilization(): RiskCheck[];
}

@ObjectType({ description: "An account's limits and where it stands, worked out from the event stream as of now." })
export class AccountRisk {
  constructor(private readonly figures: AccountRiskFigures) {}

  @Field(() => RiskLimits, { description: 'Pre-trade limits in force.' })
  get limits(): RiskLimits {
    return this.figures.limits();
  }

  @Field(() => Boolean, { description: 'True while the kill switch is engaged: every new order is refused.' })
  get killSwitch(): boolean {
    return this.figures.killSwitch;
  }

  @Field(() => Int, { description: 'Working orders.' })
  get openOrderCount(): number {
    return this.figures.openOrderCount();
  }

  @Field(() => DecimalScalar, {
    description: `Sum of the positions' values at their marks, each counted above 0, in the quote currency. ${AT_PAR}`,
  })
  get grossExposure(): string {
    return this.figures.grossExposure();
  }

  @Field(() => DecimalScalar, {
    description: `Sum of the positions' values at their marks, short ones below 0, in the quote currency. ${AT_PAR}`,
  })
  get netExposure(): string {
    return this.figures.netExposure();
  }

  @Field(() => DecimalScalar, {
    description: `Profit since 00:00 UTC after fees, in the quote currency: today's trades and what was held at 00:00, both at the present marks, the latter from the last price before 00:00 on (the reference price where there was none). What was deposited or withdrawn today counts as if that had been at 00:00. ${AT_PAR}`,
  })
  get dailyPnl(): string {
    return this.figures.dailyPnl();
  }

  @Field(() => [RiskCheck], {
    description:
      'Every rule with its limit (the one of the account’s tier where it has none) and what is left of it, then the rules of symbols on which the account has limits; passed tells whether one more order could pass it.',
  })
  get utilization(): RiskCheck[] {
    return this.figures.utilization();
  }
}
