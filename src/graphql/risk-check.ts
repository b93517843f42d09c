/** The result of one risk rule, shared by whoever refuses orders and whoever watches limits. */
import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { OrdRejReason } from '../core/values/vocabulary.js';
import { OrdRejReasonEnum } from './enums.js';
import { DecimalScalar } from './scalars.js';

@ObjectType({
  simpleResolvers: true,
  description:
    'One rule of the risk check with its arithmetic, passed or not. Quantities are in the base asset, amounts in the ' +
    'quote currency, counts without a unit; null where the rule has no such number.',
})
@Directive('@shareable')
export class RiskCheck {
  @Field(() => OrdRejReasonEnum, { description: 'The rule, by the reason with which it refuses; FIX tag 103.' })
  rule: OrdRejReason;

  @Field(() => ID, {
    nullable: true,
    description:
      'Instrument that the limit is set on, beside those of the account; null for a limit of the account. FIX tag 55.',
  })
  symbol?: string | null;

  @Field(() => Boolean, { description: 'True where the rule lets the order pass.' })
  passed: boolean;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'The bound in force; for INSUFFICIENT_FUNDS what is available, for a margin account its equity.',
  })
  limit: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Value before the order; for PRICE_COLLAR the reference price, for INSUFFICIENT_FUNDS what is held, for a margin account what is required.',
  })
  current: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: 'Value that the order would lead to.' })
  projected: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Room left between the projected value and the limit; negative: by how much the limit would be passed.',
  })
  headroom: string | null;

  @Field(() => String, { description: 'The rule and its numbers in one sentence.' })
  text: string;
}
