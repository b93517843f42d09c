import 'reflect-metadata';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DecimalScalar } from '../../../src/graphql/scalars.js';

const DESCRIPTIONS = {
  maxOrderQty: 'Largest quantity of one order, in the base asset, at most eight decimals; null = no limit.',
  maxOrderNotional:
    'Largest price × quantity of one order, in the quote currency, at most six decimals; a MARKET order counts at the reference price. null = no limit.',
  maxPositionQty:
    'Largest quantity of one position either way with all open orders of its side filled, in the base asset, at most eight decimals; null = no limit.',
  maxGrossExposure:
    'Largest sum of positions with their open orders, each counted above 0, at risk marks (the reference price, taken once a second), in the quote currency, at most six decimals; null = no limit.',
  maxNetExposure:
    'Largest amount by which long positions and open buys outweigh short ones, or short ones and open sells the long ones, at risk marks, in the quote currency, at most six decimals; null = no limit.',
  maxOpenOrders: 'Most working orders at a time; null = no limit.',
  maxDailyLoss:
    'Loss since 00:00 UTC, realized and unrealized at risk marks, after fees, at which only reduceOnly orders are taken, in the quote currency, at most six decimals; null = no limit.',
  maxOrdersPerSecond:
    'Most new orders and replaces within one second: a bucket that holds one second’s worth; at most 10^9. null = no limit.',
  maxCancelsPerSecond:
    'Most cancels within one second, as maxOrdersPerSecond; cancelAllOrders is never held back. null = no limit.',
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

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxNetExposure })
  maxNetExposure: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOpenOrders })
  maxOpenOrders: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxDailyLoss })
  maxDailyLoss: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOrdersPerSecond })
  maxOrdersPerSecond: number | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxCancelsPerSecond })
  maxCancelsPerSecond: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.priceCollarPercent })
  priceCollarPercent: string | null;
}

@InputType({
  description:
    'New limits of an account, in place of all it had: what is absent or null is not set from now on. null falls back to the limit of the account’s tier, where it has one.',
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

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxNetExposure })
  maxNetExposure?: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOpenOrders })
  maxOpenOrders?: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.maxDailyLoss })
  maxDailyLoss?: string | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxOrdersPerSecond })
  maxOrdersPerSecond?: number | null;

  @Field(() => Int, { nullable: true, description: DESCRIPTIONS.maxCancelsPerSecond })
  maxCancelsPerSecond?: number | null;

  @Field(() => DecimalScalar, { nullable: true, description: DESCRIPTIONS.priceCollarPercent })
  priceCollarPercent?: string | null;
}
