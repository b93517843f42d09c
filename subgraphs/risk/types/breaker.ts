import 'reflect-metadata';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { TripCause } from '../../../src/core/values/vocabulary.js';
import { TripCauseEnum } from '../../../src/graphql/enums.js';
import { DateTimeScalar, DecimalScalar } from '../../../src/graphql/scalars.js';

const MOVE =
  'Greatest move at which trading goes on, percent of the reference, 0.0001 to 100 with at most four decimals. A trade at the bound happens, one beyond it trips.';
const WINDOW =
  'How far back the reference lies, in seconds of engine time, 1 to 86,400: the last price from before the window, give or take a sixtieth of it; after an opening the price at which trading opened.';
const COOLDOWN = 'How long trading stays halted, seconds, 1 to 86,400.';
const AUCTION = 'How long the reopening auction gathers orders, seconds, 0 to 86,400; 0 = trading opens at once.';
const QUEUE =
  'While it is halted: true = new orders are taken and gather for the auction; false = they are refused as TRADING_HALTED.';
const RESUMES = 'When the reopening auction begins or, during it, when trading opens; null where nothing is due.';

@ObjectType({ simpleResolvers: true, description: "An instrument's circuit breaker and where it stands." })
export class CircuitBreaker {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => Boolean, { description: 'True from the trip until trading opens again.' })
  tripped: boolean;

  @Field(() => TripCauseEnum, { nullable: true, description: 'Which breaker halted it; null while it is not tripped.' })
  cause: TripCause | null;

  @Field(() => DecimalScalar, { description: MOVE })
  movePercent: string;

  @Field(() => Int, { description: WINDOW })
  windowSeconds: number;

  @Field(() => Int, { description: COOLDOWN })
  cooldownSeconds: number;

  @Field(() => Int, { description: AUCTION })
  auctionSeconds: number;

  @Field(() => Boolean, { description: QUEUE })
  queueOrders: boolean;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price that the move was measured from; null while it is not tripped and after a market-wide trip.',
  })
  referencePx: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Price at which the next trade would have been; null where referencePx is.',
  })
  tripPx: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it tripped; null while it is not tripped.' })
  trippedAt: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: RESUMES })
  resumesAt: number | null;
}

@InputType({ description: "New terms of an instrument's circuit breaker; its window begins anew at the last price." })
export class CircuitBreakerInput {
  @Field(() => ID, { description: 'The instrument; FIX tag 55.' })
  symbol: string;

  @Field(() => DecimalScalar, { description: MOVE })
  movePercent: string;

  @Field(() => Int, { description: WINDOW })
  windowSeconds: number;

  @Field(() => Int, { description: COOLDOWN })
  cooldownSeconds: number;

  @Field(() => Int, { nullable: true, defaultValue: 60, description: AUCTION })
  auctionSeconds?: number | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: QUEUE })
  queueOrders?: boolean | null;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'The market-wide circuit breaker: an index of instruments of equal weight. Each counts with its price in proportion to the one that it had when the breaker was set; prices that auctions find count as no move.',
})
export class MarketCircuitBreaker {
  @Field(() => [ID], { description: 'Instruments of the index, in the order of listing; FIX tag 55.' })
  symbols: string[];

  @Field(() => Boolean, { description: 'True from the trip until the last instrument that it halted trades again.' })
  tripped: boolean;

  @Field(() => DecimalScalar, { description: MOVE })
  movePercent: string;

  @Field(() => Int, { description: WINDOW })
  windowSeconds: number;

  @Field(() => Int, { description: COOLDOWN })
  cooldownSeconds: number;

  @Field(() => Int, { description: AUCTION })
  auctionSeconds: number;

  @Field(() => Boolean, { description: QUEUE })
  queueOrders: boolean;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it tripped; null while it is not tripped.' })
  trippedAt: number | null;
}

@InputType({ description: 'New terms of the market-wide circuit breaker; its index begins anew at the last prices.' })
export class MarketCircuitBreakerInput {
  @Field(() => [ID], { description: 'Instruments of the index, 1 to 1,000, each once; FIX tag 55.' })
  symbols: string[];

  @Field(() => DecimalScalar, { description: MOVE })
  movePercent: string;

  @Field(() => Int, { description: WINDOW })
  windowSeconds: number;

  @Field(() => Int, { description: COOLDOWN })
  cooldownSeconds: number;

  @Field(() => Int, { nullable: true, defaultValue: 60, description: AUCTION })
  auctionSeconds?: number | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: QUEUE })
  queueOrders?: boolean | null;
}
