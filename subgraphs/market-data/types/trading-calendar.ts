import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MAX_SPECIAL_DAYS, type Weekday } from '../../../src/calendar/calendar.js';
import type { AuctionKind, TradingStatus } from '../../../src/core/values/vocabulary.js';
import { AuctionKindEnum, TradingStatusEnum, WeekdayEnum } from '../../../src/graphql/enums.js';
import { About } from '../../../src/graphql/list-size.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

const TIME = 'local time as HH:MM or HH:MM:SS';
const PRE_OPEN = `When orders begin to gather, ${TIME}; null = with the opening auction.`;
const OPENING = `When the opening auction begins, ${TIME}; null = none, what was gathered trades at \`open\`.`;
const OPEN = `When continuous trading begins and the opening auction ends, ${TIME}.`;
const CLOSING = `When the closing auction begins, ${TIME}; null = none.`;
const CLOSE = `When the session ends, ${TIME}; DAY orders expire.`;
const DATE = 'The day, local, as YYYY-MM-DD.';
const ZONE = 'Time zone of all its times, an IANA name such as America/New_York.';
const WEEKDAYS = 'Days of the week that have a session.';
const HOLIDAYS = `Days without a session, local, as YYYY-MM-DD; at most ${MAX_SPECIAL_DAYS}.`;
const HALF_DAYS = `Days that end at another time; at most ${MAX_SPECIAL_DAYS}.`;

@ObjectType({ simpleResolvers: true, description: 'Times of a day, each after the one before.' })
export class SessionHours {
  @Field(() => String, { nullable: true, description: PRE_OPEN })
  preOpen: string | null;

  @Field(() => String, { nullable: true, description: OPENING })
  openingAuction: string | null;

  @Field(() => String, { description: OPEN })
  open: string;

  @Field(() => String, { nullable: true, description: CLOSING })
  closingAuction: string | null;

  @Field(() => String, { description: CLOSE })
  close: string;
}

@ObjectType({ simpleResolvers: true, description: 'A day whose session ends at another time.' })
export class HalfDay {
  @Field(() => String, { description: DATE })
  date: string;

  @Field(() => String, { nullable: true, description: CLOSING })
  closingAuction: string | null;

  @Field(() => String, { description: CLOSE })
  close: string;
}

@ObjectType({ simpleResolvers: true, description: 'When an instrument has sessions.' })
export class TradingCalendar {
  @Field(() => String, { description: ZONE })
  timeZone: string;

  @About(5)
  @Field(() => [WeekdayEnum], { description: WEEKDAYS })
  weekdays: readonly Weekday[];

  @Field(() => SessionHours, { description: 'Times of an ordinary day.' })
  hours: SessionHours;

  @About(20)
  @Field(() => [String], { description: HOLIDAYS })
  holidays: readonly string[];

  @About(5)
  @Field(() => [HalfDay], { description: HALF_DAYS })
  halfDays: readonly HalfDay[];
}

@ObjectType({ simpleResolvers: true, description: 'Where an instrument stands in its sessions.' })
export class TradingSession {
  @Field(() => TradingStatusEnum, { description: 'Present trading phase; FIX tag 340.' })
  phase: TradingStatus;

  @Field(() => AuctionKindEnum, {
    nullable: true,
    description: 'Kind of the auction that is under way; null in every other phase.',
  })
  auction: AuctionKind | null;

  @Field(() => Boolean, {
    description:
      'True where a halt takes orders, which gather for the auction that follows; false where it refuses them.',
  })
  queuesOrders: boolean;

  @Field(() => TradingStatusEnum, {
    nullable: true,
    description: 'Phase of the next transition of the calendar; null without a calendar or a further session.',
  })
  nextPhase: TradingStatus | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the calendar moves it next; null without a calendar or a further session within 400 days.',
  })
  nextTransitionAt: number | null;

  @Field(() => TradingCalendar, {
    nullable: true,
    description: 'Its calendar; null = none: it trades at all hours, and DAY orders expire at midnight UTC.',
  })
  calendar: TradingCalendar | null;
}

@InputType({ description: 'Times of a day, each after the one before.' })
export class SessionHoursInput {
  @Field(() => String, { nullable: true, description: PRE_OPEN })
  preOpen: string | null;

  @Field(() => String, { nullable: true, description: OPENING })
  openingAuction: string | null;

  @Field(() => String, { description: OPEN })
  open: string;

  @Field(() => String, { nullable: true, description: CLOSING })
  closingAuction: string | null;

  @Field(() => String, { description: CLOSE })
  close: string;
}

@InputType({ description: 'A day whose session ends at another time.' })
export class HalfDayInput {
  @Field(() => String, { description: DATE })
  date: string;

  @Field(() => String, { nullable: true, description: CLOSING })
  closingAuction: string | null;

  @Field(() => String, { description: CLOSE })
  close: string;
}

@InputType({ description: 'When an instrument has sessions: one a day, within a day of its time zone.' })
export class TradingCalendarInput {
  @Field(() => ID, { description: ZONE })
  timeZone: string;

  @Field(() => [WeekdayEnum], { description: WEEKDAYS })
  weekdays: Weekday[];

  @Field(() => SessionHoursInput, { description: 'Times of an ordinary day.' })
  hours: SessionHoursInput;

  @Field(() => [String], { nullable: true, description: HOLIDAYS })
  holidays: string[] | null;

  @Field(() => [HalfDayInput], { nullable: true, description: HALF_DAYS })
  halfDays: HalfDayInput[] | null;
}
