import 'reflect-metadata';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { TradingStatus } from '../../../src/core/values/vocabulary.js';
import { TradingStatusEnum } from '../../../src/graphql/enums.js';
import { DecimalScalar } from '../../../src/graphql/scalars.js';
import { TradingCalendarInput } from './trading-calendar.js';

@InputType({ description: 'A new instrument. Assets that are not known yet are registered with it.' })
export class CreateInstrumentInput {
  @Field(() => ID, {
    description: 'Public symbol, 1 to 32 characters of A-Z, 0-9, point, minus and underscore; FIX tag 55.',
  })
  symbol: string;

  @Field(() => String, { description: 'What it is, in words, at most 200 characters; FIX tag 107.' })
  description: string;

  @Field(() => ID, { description: 'Asset that is bought and sold, 1 to 16 characters.' })
  baseAsset: string;

  @Field(() => ID, { description: 'Currency that it is paid with, 1 to 16 characters; FIX tag 15.' })
  quoteAsset: string;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 8,
    description: 'Decimals of the smallest unit of baseAsset where it is registered now, 0 to 8.',
  })
  baseAssetScale: number | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 6,
    description: 'Decimals of the smallest unit of quoteAsset where it is registered now, 0 to 8.',
  })
  quoteAssetScale: number | null;

  @Field(() => DecimalScalar, { description: 'Smallest price step, quote per base; FIX tag 969.' })
  tickSize: string;

  @Field(() => DecimalScalar, { description: 'Smallest quantity step, in the base asset; FIX tag 1093.' })
  lotSize: string;

  @Field(() => DecimalScalar, { description: 'Lowest price of an order, a multiple of tickSize above 0.' })
  minPrice: string;

  @Field(() => DecimalScalar, { description: 'Highest price of an order, a multiple of tickSize.' })
  maxPrice: string;

  @Field(() => DecimalScalar, { description: 'Smallest quantity of an order, a multiple of lotSize above 0.' })
  minQty: string;

  @Field(() => DecimalScalar, { description: 'Largest quantity of an order, a multiple of lotSize.' })
  maxQty: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    defaultValue: '0',
    description: 'Fee of the resting order, basis points of price × quantity, at most two decimals; negative = rebate.',
  })
  makerFeeBps: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    defaultValue: '0',
    description: 'Fee of the incoming order, basis points of price × quantity, at most two decimals.',
  })
  takerFeeBps: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "Greatest distance of an order's price from the reference price, percent of the latter, at most four decimals; absent = no collar.",
  })
  priceCollarPercent: string | null;

  @Field(() => DecimalScalar, { description: 'Reference price until the first trade, a multiple of tickSize.' })
  referencePx: string;

  @Field(() => TradingStatusEnum, {
    nullable: true,
    defaultValue: 'OPEN',
    description:
      'Trading phase to begin with; FIX tag 340. With a calendar: until its present phase is applied, at once.',
  })
  tradingStatus: TradingStatus | null;

  @Field(() => TradingCalendarInput, {
    nullable: true,
    description: 'When it has sessions; absent = at all hours.',
  })
  calendar: TradingCalendarInput | null;
}
