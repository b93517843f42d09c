import 'reflect-metadata';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DecimalScalar } from '../../../src/graphql/scalars.js';

const DESCRIPTIONS = {
  maxOrderQty: 'Largest quantity of one order, in the base asset, at most eight decimals; null = no limit.',
  maxOrderNotional:
    'Largest price × quantity of one order, in the quote currency, at most six decimals; a MARKET order counts at the reference price. null = no limit.',
  maxPositionQty:
    'Largest quantity of one position either way, in the base asset, at most eight decimals; null = no limit.',
  maxGrossExposure:
    'Largest sum of all positions at their marks, in the quote currency, at most six decimals; null = no limit.',
  maxOpenOrders: 'Most working orders at a time; null = no limit.',
  maxDailyLoss: 'Largest loss since 00:00 UTC, in the quote currency, at most six decimals; null = no limit.',
  maxOrdersPerSecond: 'Most new orders within one second; null = no limit.',
  priceCollarPercent:
    'Greatest distance of a price from the reference price, percent of the latter, 0 to 100 with at most four decimals; null = no limit. The tighter of this and the instrument’s holds.',
} as const;

@ObjectType({ simpleResolvers: true, description: 'Pre-trade limits of an account; null = no limit.' })
export class RiskLimits {
  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxOrderQty })
  maxOrderQty: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxOrderNotional })
  maxOrderNotional: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxPositionQty })
  maxPositionQty: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxGrossExposure })
  maxGrossExposure: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOpenOrders })
  maxOpenOrders: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxDailyLoss })
  maxDailyLoss: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOrdersPerSecond })
  maxOrdersPerSecond: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.priceCollarPercent })
  priceCollarPercent: string | null;
}

@InputType({
  description:
    'New limits of an account, in place of all it had: what is absent or null is without limit from now on. A limit that this engine does not enforce yet is refused rather than kept without effect.',
})
export class RiskLimitsInput {
  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxOrderQty })
  maxOrderQty?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxOrderNotional })
  maxOrderNotional?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxPositionQty })
  maxPositionQty?: string | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxGrossExposure })
  maxGrossExposure?: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOpenOrders })
  maxOpenOrders?: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxDailyLoss })
  maxDailyLoss?: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOrdersPerSecond })
  maxOrdersPerSecond?: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.priceCollarPercent })
  priceCollarPercent?: string | null;
}
