/** Previews of orders, and places in the queue. */
import 'reflect-metadata';
import { Field, Int, ObjectType } from 'type-graphql';
import type { OrdRejReason } from '../../../src/core/values/vocabulary.js';
import { OrdRejReasonEnum } from '../../../src/graphql/enums.js';
import { RiskCheck } from '../../../src/graphql/risk-check.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';

@ObjectType({
  simpleResolvers: true,
  description: 'What placing the order now would do, with nothing placed. The book may move before it is placed.',
})
export class OrderPreview {
  @Field(() => Boolean, { description: 'True where it would be accepted.' })
  readonly accepted: boolean;

  @Field(() => OrdRejReasonEnum, {
    nullable: true,
    description: 'First reason to refuse it; null where it would be accepted; FIX tag 103.',
  })
  readonly ordRejReason: OrdRejReason | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why it would be refused, in a sentence to act upon; null where it would be accepted; FIX tag 58.',
  })
  readonly text: string | null;

  @Field(() => [RiskCheck], {
    description: 'Every rule that applies with its arithmetic, in the order in which they are checked.',
  })
  readonly riskChecks: readonly RiskCheck[];

  @Field(() => DecimalScalar, { description: 'What it would trade at once, base asset.' })
  readonly expectedFillQty: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Average price of that, quote currency per unit; null where nothing would trade.',
  })
  readonly expectedAvgPx: string | null;

  @Field(() => DecimalScalar, { description: 'Fee on that, quote currency; negative = earned.' })
  readonly expectedFee: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Distance of expectedAvgPx from the mid, signed against the trader, in basis points; null where nothing would trade or a side is empty.',
  })
  readonly expectedSlippageBps: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'What stands before a resting order at its own price.' })
export class QueuePosition {
  @Field(() => Int, { description: 'Orders that trade before it at its price.' })
  readonly ordersAhead: number;

  @Field(() => DecimalScalar, {
    description: 'What these orders show, base asset; hidden parts of iceberg orders are not told.',
  })
  readonly qtyAhead: string;
}
