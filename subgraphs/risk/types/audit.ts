import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description: 'One setting of risk policy: who, when, what held before and since.',
})
export class RiskAuditEntry {
  @Field(() => DateTimeScalar, { description: 'When; FIX tag 60.' })
  transactTime: number;

  @Field(() => ID, { description: 'User who did it.' })
  setBy: string;

  @Field(() => String, { description: 'What was done, e.g. RiskLimitsSet, KillSwitchSet, CircuitBreakerSet.' })
  action: string;

  @Field(() => ID, { nullable: true, description: 'The account; null where it is about none. FIX tag 1.' })
  accountId: string | null;

  @Field(() => ID, { nullable: true, description: 'The instrument; null where it is about none. FIX tag 55.' })
  symbol: string | null;

  @Field(() => ID, { nullable: true, description: 'The tier; null where it is about none.' })
  tier: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What held before, as JSON in the units of the engine (E6 and E8: in 10⁻⁶ and 10⁻⁸; Ppm: in millionths; Us: microseconds); null = nothing.',
  })
  before: string | null;

  @Field(() => String, { description: 'What holds since, as before.' })
  after: string;

  @Field(() => String, { description: 'Why, as given; empty where nobody said.' })
  reason: string;
}

@ObjectType({ simpleResolvers: true, description: 'An entry and where it stands in its list.' })
export class RiskAuditEdge {
  @Field(() => String, { description: 'Position of the entry; hand it back as `after`.' })
  cursor: string;

  @Field(() => RiskAuditEntry, { description: 'The entry.' })
  node: RiskAuditEntry;
}

@ObjectType({ simpleResolvers: true, description: 'A page of settings of risk policy, newest first.' })
export class RiskAuditConnection {
  @Field(() => [RiskAuditEdge], { description: 'The entries.' })
  edges: readonly RiskAuditEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies.' })
  pageInfo: PageInfo;
}

@InputType({ description: 'What entries must have; what is absent does not matter.' })
export class RiskAuditFilterInput {
  @Field(() => ID, { nullable: true, description: 'The account; FIX tag 1.' })
  accountId?: string | null;

  @Field(() => ID, { nullable: true, description: 'User who did it.' })
  setBy?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Earliest time, inclusive.' })
  from?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Latest time, exclusive.' })
  to?: number | null;
}
