import 'reflect-metadata';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { StrategyType } from '../../../src/core/strategy/catalogue.js';
import type { Side } from '../../../src/core/values/vocabulary.js';
import { defineEnum, SideEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar, JSONScalar } from '../../../src/graphql/scalars.js';
import type { StrategyStatus } from '../../../src/ports/strategy-store.js';
import { Account, Position } from './entities.js';

export const StrategyTypeEnum = defineEnum<StrategyType>(
  'StrategyType',
  'What a strategy does; Query.strategyTypes tells its parameters.',
  {
    MARKET_MAKING: 'Quotes both sides by Avellaneda and Stoikov (2008), post-only, within inventory limits.',
    PAIRS_TRADING: 'Trades the spread of two cointegrated symbols back to its mean.',
    MOMENTUM: 'Follows the return of the last bars.',
    MEAN_REVERSION: 'Trades against closes beyond Bollinger bands, back to the mean.',
    TWAP: 'Works one order in equal slices over a time.',
    VWAP: 'Works one order over a time in slices that follow a volume profile.',
  },
);

export const StrategyStatusEnum = defineEnum<StrategyStatus>('StrategyStatus', 'Where a strategy is in its life.', {
  CREATED: 'Made, never started.',
  RUNNING: 'At work; after a restart of the platform it is at work again.',
  PAUSED: 'Its quotes are withdrawn, its inventory is kept; startStrategy lets it go on.',
  CLOSING:
    'Its orders are being withdrawn, and its inventory closed where that was asked for; STOPPED once that is done.',
  STOPPED: 'Ended for good: by stopStrategy, or because its work was done.',
  FAILED: 'Could not go on; error says why. Its quotes are withdrawn, its inventory is kept.',
});

@ObjectType({ simpleResolvers: true, description: 'An order that a strategy has in the market.' })
export class StrategyQuote {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => SideEnum, { description: 'Side of the order; FIX tag 54.' })
  side: Side;

  @Field(() => DecimalScalar, { description: 'Limit price, quote per base; FIX tag 44.' })
  px: string;

  @Field(() => DecimalScalar, { description: 'Open quantity, base asset; FIX tag 151.' })
  qty: string;
}

@ObjectType({ simpleResolvers: true, description: 'What a strategy itself has bought and not sold again.' })
export class StrategyHolding {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, {
    description:
      'Signed quantity, base asset, by its own executions alone; whatever else the account holds or trades is not in it.',
  })
  qty: string;
}

@ObjectType({ simpleResolvers: true, description: 'A trading program that runs under an account and its limits.' })
export class Strategy {
  @Field(() => ID, { description: 'Id of the strategy; the clOrdId of each of its orders begins with it.' })
  id: string;

  @Field(() => String, { description: 'What people call it.' })
  name: string;

  @Field(() => StrategyTypeEnum, { description: 'What it does.' })
  type: StrategyType;

  @Field(() => StrategyStatusEnum, { description: 'Where it is in its life.' })
  status: StrategyStatus;

  @Field(() => Account, { description: 'Account that it trades with.' })
  account: Account;

  @Field(() => [ID], { description: 'Symbols that it trades, in the order that its type gives them a meaning.' })
  symbols: string[];

  @Field(() => JSONScalar, {
    description: "Accepted by the type's published schema (Query.strategyTypes), defaults filled in.",
  })
  parameters: unknown;

  @Field(() => DecimalScalar, {
    description:
      'Profit of its own executions since its first start, realized and open at the mid, less fees, in the quote currency; of one that has ended at the mid of its end.',
  })
  pnl: string;

  @Field(() => [Position], { description: 'The whole positions of its account in its symbols.' })
  inventory: Position[];

  @Field(() => [StrategyHolding], { description: 'What it has itself bought and not sold again, by symbol.' })
  holdings: StrategyHolding[];

  @Field(() => [StrategyQuote], { description: 'What it has in the market now.' })
  quotes: StrategyQuote[];

  @Field(() => Int, { description: 'Its fills since its first start.' })
  fillCount: number;

  @Field(() => String, { nullable: true, description: 'Why it did what it did last, in words.' })
  lastReason: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Engine time of lastReason.' })
  lastReasonAt: number | null;

  @Field(() => String, { nullable: true, description: 'Why it FAILED; null otherwise.' })
  error: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'First start; null before it.' })
  startedAt: number | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt: number;
}

@ObjectType({ simpleResolvers: true, description: 'A type of strategy and what it takes.' })
export class StrategyTypeInfo {
  @Field(() => StrategyTypeEnum, { description: 'The type.' })
  type: StrategyType;

  @Field(() => String, { description: 'What it does, in one sentence.' })
  description: string;

  @Field(() => Int, { description: 'How many symbols it trades.' })
  symbolCount: number;

  @Field(() => JSONScalar, {
    description: 'JSON schema (draft-07) of its parameters, each described, with its default.',
  })
  parameterSchema: unknown;
}
