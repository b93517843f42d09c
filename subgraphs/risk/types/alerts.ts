import 'reflect-metadata';
import { Field, ID, ObjectType } from 'type-graphql';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import { OrdRejReasonEnum, type RiskAlertSeverity, RiskAlertSeverityEnum } from '../../../src/graphql/enums.js';
import { RiskCheck } from '../../../src/graphql/risk-check.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description: 'A limit that came within its warning margin, was breached, or cleared.',
})
export class RiskAlert {
  @Field(() => ID, { description: 'The account; FIX tag 1.' })
  accountId: string;

  @Field(() => ID, {
    nullable: true,
    description: 'Instrument that it is about; null for a limit over all of them. FIX tag 55.',
  })
  symbol: string | null;

  @Field(() => OrdRejReasonEnum, { description: 'The rule, by the reason with which it refuses; FIX tag 103.' })
  rule: OrdRejReason;

  @Field(() => RiskAlertSeverityEnum, { description: 'How the account came to stand to the limit.' })
  severity: RiskAlertSeverity;

  @Field(() => RiskCheck, { description: 'The rule with its numbers when that happened.' })
  check: RiskCheck;

  @Field(() => DateTimeScalar, { description: 'When; FIX tag 60.' })
  transactTime: number;
}
