import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { MarginStatus, MarkMethod } from '../../../src/core/values/vocabulary.js';
import { MarginStatusEnum, MarkMethodEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

const INITIAL =
  "Share of a position's value that opening it takes, percent, above 0 to 100 with at most four decimals.";
const MAINTENANCE =
  "Share of a position's value below which equity may not fall: positions are liquidated then. Percent, 0 to initialMarginPercent.";
const SHORT = 'Whether margin accounts may sell what they do not hold.';
const SETTLEMENT = 'Price of the last settlement, quote per base; null = none.';

@ObjectType({
  simpleResolvers: true,
  description: 'What margin accounts put up for an instrument, and what its positions are valued at.',
})
export class MarginTerms {
  @Field(() => DecimalScalar, { description: INITIAL })
  initialMarginPercent: string;

  @Field(() => DecimalScalar, { description: MAINTENANCE })
  maintenanceMarginPercent: string;

  @Field(() => Boolean, { description: SHORT })
  shortSelling: boolean;

  @Field(() => MarkMethodEnum, { description: 'What positions are valued at.' })
  markMethod: MarkMethod;

  @Field(() => DecimalScalar, { nullable: true, description: SETTLEMENT })
  settlementPx: string | null;
}

@InputType({ description: 'New margin terms of an instrument; they bind at once, open positions included.' })
export class MarginTermsInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, { description: INITIAL })
  initialMarginPercent: string;

  @Field(() => DecimalScalar, { description: MAINTENANCE })
  maintenanceMarginPercent: string;

  @Field(() => Boolean, { description: SHORT })
  shortSelling: boolean;
}

@InputType({ description: 'What positions in an instrument are valued at from now on.' })
export class MarkInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => MarkMethodEnum, { description: 'What positions are valued at.' })
  method: MarkMethod;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Settlement price, on the tick; absent = the one before. SETTLEMENT needs one.',
  })
  settlementPx?: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description:
    "A margin account's money of one quote currency with its positions in the instruments that are paid in it. Values are at the mark of margin: the settlement price where the instrument's mark is SETTLEMENT, else the last price.",
})
export class MarginPool {
  @Field(() => String, { description: 'The quote currency; FIX tag 15.' })
  currency: string;

  @Field(() => MarginStatusEnum, { description: 'How it stands.' })
  status: MarginStatus;

  @Field(() => DecimalScalar, {
    description: 'Money, loans below 0, and the value of all positions, short ones below 0.',
  })
  equity: string;

  @Field(() => DecimalScalar, { description: 'What the positions alone require to be opened.' })
  initialMargin: string;

  @Field(() => DecimalScalar, { description: 'What equity may not fall below.' })
  maintenanceMargin: string;

  @Field(() => DecimalScalar, { description: 'Equity above maintenanceMargin; below 0 while it is being liquidated.' })
  excess: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A margin pool whose status changed: a margin call, a liquidation, or the end of one.',
})
export class MarginAlert {
  @Field(() => ID, { description: 'The account; FIX tag 1.' })
  accountId: string;

  @Field(() => String, { description: 'Quote currency of the pool; FIX tag 15.' })
  currency: string;

  @Field(() => MarginStatusEnum, { description: 'How it stands now.' })
  status: MarginStatus;

  @Field(() => DecimalScalar, { description: 'Equity when the status changed.' })
  equity: string;

  @Field(() => DecimalScalar, { description: 'Initial requirement of its positions then.' })
  initialMargin: string;

  @Field(() => DecimalScalar, { description: 'Maintenance requirement of its positions then.' })
  maintenanceMargin: string;

  @Field(() => DateTimeScalar, { description: 'When; FIX tag 60.' })
  transactTime: number;
}
