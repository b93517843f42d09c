import 'reflect-metadata';
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { TradingStatus } from '../../../src/core/values/vocabulary.js';
import { TradingStatusEnum } from '../../../src/graphql/enums.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';

@ObjectType({ simpleResolvers: true, description: 'What is traded: its steps, bounds, fees and trading phase.' })
@Directive('@key(fields: "symbol")')
export class Instrument {
  @Field(() => ID, { description: 'Public symbol, e.g. BTC-USD; FIX tag 55.' })
  symbol: string;

  @Field(() => String, { description: 'What it is, in words; FIX tag 107.' })
  description: string;

  @Field(() => String, { description: 'Asset that is bought and sold; the unit of quantities.' })
  baseCurrency: string;

  @Field(() => String, { description: 'Currency that prices are in and trades are paid with; FIX tag 15.' })
  quoteCurrency: string;

  @Field(() => DecimalScalar, {
    description: 'Smallest price step, quote per base; prices are whole multiples of it. FIX tag 969.',
  })
  tickSize: string;

  @Field(() => DecimalScalar, {
    description: 'Smallest quantity step, in the base asset; quantities are whole multiples of it. FIX tag 1093.',
  })
  lotSize: string;

  @Field(() => DecimalScalar, { description: 'Lowest price of an order, quote per base; FIX tag 2550.' })
  minPrice: string;

  @Field(() => DecimalScalar, { description: 'Highest price of an order, quote per base; FIX tag 2551.' })
  maxPrice: string;

  @Field(() => DecimalScalar, { description: 'Smallest quantity of an order, in the base asset; FIX tag 562.' })
  minQty: string;

  @Field(() => DecimalScalar, { description: 'Largest quantity of an order, in the base asset; FIX tag 1140.' })
  maxQty: string;

  @Field(() => DecimalScalar, {
    description: 'Fee of the resting order, basis points of price × quantity; negative = rebate.',
  })
  makerFeeBps: string;

  @Field(() => DecimalScalar, { description: 'Fee of the incoming order, basis points of price × quantity.' })
  takerFeeBps: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "Greatest distance of an order's price from the reference price, percent of the latter; null = no collar.",
  })
  priceCollarPercent: string | null;

  @Field(() => TradingStatusEnum, { description: 'Present trading phase; FIX tag 340.' })
  tradingStatus: TradingStatus;

  @Field(() => String, {
    description: 'Why the phase was last changed by hand or by a rule; empty where nothing was said.',
  })
  statusReason: string;
}
