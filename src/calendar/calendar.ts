/**
 * A calendar of trading sessions: hours of a day in a time zone, on some weekdays, but for holidays and half days.
 *
 * A session lies within one day of its time zone: PRE_OPEN → AUCTION → OPEN → AUCTION → CLOSED, where the times of
 * PRE_OPEN and of both auctions may be left out. Across a change of the clocks hours stay local: a time that the change
 * skips counts as that much later, one that comes twice as the first.
 * Known limits: no session over midnight, one session a day.
 */
import { DateTime, IANAZone } from 'luxon';
import type { AuctionKind, TradingStatus } from '../core/values/vocabulary.js';

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Times of a day, local, as HH:MM or HH:MM:SS, each after the one before. */
export interface SessionHours {
  /** Orders gather from here on; absent = from the opening auction. */
  readonly preOpen?: string | null;
  /** The opening auction begins; absent = none, what was gathered uncrosses at `open`. */
  readonly openingAuction?: string | null;
  readonly open: string;
  /** The closing auction begins; absent = none. */
  readonly closingAuction?: string | null;
  readonly close: string;
}

/** A day that ends earlier. */
export interface HalfDay {
  /** YYYY-MM-DD, local. */
  readonly date: string;
  readonly closingAuction?: string | null;
  readonly close: string;
}

export interface TradingCalendar {
  /** IANA name, e.g. America/New_York. */
  readonly timeZone: string;
  readonly weekdays: readonly Weekday[];
  readonly hours: SessionHours;
  /** Days without a session, YYYY-MM-DD, local. */
  readonly holidays?: readonly string[] | null;
  readonly halfDays?: readonly HalfDay[] | null;
}

/** One move of an instrument. */
export interface Transition {
  /** When, microseconds since 1970 UTC. */
  readonly atUs: number;
  readonly status: TradingStatus;
  /** Kind of the auction; null in every other phase. */
  readonly auction: AuctionKind | null;
}

/** A calendar makes no sense; `field` says where, the message what and what to do. */
export class CalendarError extends Error {
  override readonly name = 'CalendarError';
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** Most holidays, and most half days. */
export const MAX_SPECIAL_DAYS = 500;
/** How far transitions are looked for: a calendar whose next session is farther away has none. */
const HORIZON_DAYS = 400;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const PHASES = [
  ['preOpen', 'PRE_OPEN', null],
  ['openingAuction', 'AUCTION', 'OPENING'],
  ['open', 'OPEN', null],
  ['closingAuction', 'AUCTION', 'CLOSING'],
  ['close', 'CLOSED', null],
] as const;

/** Calendars by their text: parsed once, since few are in use. */
const parsed = new Map<string, TradingCalendar>();
const MAX_PARSED = 1_000;

/**
 * Returns the calendar as the text that commands carry; the same calendar gives the same text.
 * @throws CalendarError naming the field
 */
export function calendarText(calendar: TradingCalendar): string {
  const { timeZone, weekdays, hours, holidays, halfDays } = calendar;
  if (!IANAZone.isValidZone(timeZone)) {
    throw new CalendarError('timeZone', 'is no time zone of the IANA database, such as "Europe/Berlin"');
  }
  if (weekdays.length === 0) throw new CalendarError('weekdays', 'is empty; name the days that have a session');
  for (const weekday of weekdays) {
    if (!WEEKDAYS.includes(weekday)) throw new CalendarError('weekdays', `takes ${WEEKDAYS.join(', ')}`);
  }
  checkHours(hours, 'hours');
  const free = checkedDates(holidays ?? [], 'holidays');
  const short = halfDays ?? [];
  checkedDates(
    short.map(({ date }) => date),
    'halfDays.date',
  );
  const shortened = short.map((day) => {
    checkHours({ ...hours, closingAuction: day.closingAuction ?? null, close: day.close }, 'halfDays');
    return { date: day.date, closingAuction: day.closingAuction ?? null, close: day.close };
  });
  shortened.sort((a, b) => (a.date < b.date ? -1 : 1));
  return JSON.stringify({
    timeZone,
    weekdays: WEEKDAYS.filter((weekday) => weekdays.includes(weekday)),
    hours: Object.fromEntries(PHASES.map(([name]) => [name, hours[name] ?? null])),
    holidays: free,
    halfDays: shortened,
  });
}

/** Returns the calendar of a text that `calendarText` made. @throws CalendarError when it is none */
export function parseCalendar(text: string): TradingCalendar {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  let calendar: TradingCalendar;
  try {
    calendar = JSON.parse(text) as TradingCalendar;
    calendarText(calendar);
  } catch (error) {
    throw new CalendarError('calendar', `is no calendar: ${(error as Error).message}`);
  }
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(text, calendar);
  return calendar;
}

/** Returns the transitions of one local day, in order; empty on a day without a session. @param date YYYY-MM-DD */
export function transitionsOf(calendar: TradingCalendar, date: string): Transition[] {
  const { timeZone, weekdays, hours, holidays, halfDays } = calendar;
  const day = DateTime.fromISO(date, { zone: timeZone });
  if (!weekdays.includes(WEEKDAYS[day.weekday - 1]!) || holidays?.includes(date) === true) return [];
  const half = halfDays?.find((each) => each.date === date);
  const today =
    half === undefined ? hours : { ...hours, closingAuction: half.closingAuction ?? null, close: half.close };
  const transitions: Transition[] = [];
  for (const [name, status, auction] of PHASES) {
    const time = today[name];
    if (time === undefined || time === null) continue;
    // A time that comes twice is read by the season of the reading; the first of the two is the same all year.
    const [first] = DateTime.fromISO(`${date}T${time}`, { zone: timeZone }).getPossibleOffsets();
    const atUs = first!.toMillis() * 1000;
    // Where the clocks change, two local times can be one moment; a transition is known by its time.
    transitions.push({ atUs: Math.max(atUs, (transitions.at(-1)?.atUs ?? 0) + 1), status, auction });
  }
  return transitions;
}

/** Returns the last transition at or before the time; null where the calendar had none within HORIZON_DAYS. */
export function lastTransition(calendar: TradingCalendar, atUs: number): Transition | null {
  return search(calendar, atUs, -1, (transitions) => transitions.findLast((each) => each.atUs <= atUs));
}

/** Returns the first transition after the time; null where the calendar has none within HORIZON_DAYS. */
export function nextTransition(calendar: TradingCalendar, afterUs: number): Transition | null {
  return search(calendar, afterUs, 1, (transitions) => transitions.find((each) => each.atUs > afterUs));
}

/** Returns the last close at or before the time. */
export function lastClose(calendar: TradingCalendar, atUs: number): Transition | null {
  return search(calendar, atUs, -1, (transitions) =>
    transitions.findLast((each) => each.status === 'CLOSED' && each.atUs <= atUs),
  );
}

function search(
  calendar: TradingCalendar,
  fromUs: number,
  step: 1 | -1,
  find: (transitions: readonly Transition[]) => Transition | undefined,
): Transition | null {
  const start = DateTime.fromMillis(Math.floor(fromUs / 1000), { zone: calendar.timeZone });
  for (let days = 0; days <= HORIZON_DAYS; days += 1) {
    const found = find(transitionsOf(calendar, start.plus({ days: days * step }).toISODate()!));
    if (found !== undefined) return found;
  }
  return null;
}

function checkHours(hours: SessionHours, field: string): void {
  let before: readonly [name: string, time: string] | null = null;
  for (const [name] of PHASES) {
    const time = hours[name];
    if (time === undefined || time === null) continue;
    if (!TIME.test(time)) throw new CalendarError(`${field}.${name}`, 'is no time of a day; send HH:MM or HH:MM:SS');
    if (before !== null && withSeconds(time) <= withSeconds(before[1])) {
      throw new CalendarError(
        `${field}.${name}`,
        `is not after ${before[0]} (${before[1]}); a session lies within a day`,
      );
    }
    before = [name, time];
  }
}

function withSeconds(time: string): string {
  return time.length === 5 ? `${time}:00` : time;
}

/** Returns the days sorted, each once. */
function checkedDates(dates: readonly string[], field: string): string[] {
  if (dates.length > MAX_SPECIAL_DAYS) throw new CalendarError(field, `has more than ${MAX_SPECIAL_DAYS} days`);
  for (const date of dates) {
    if (!DATE.test(date) || !DateTime.fromISO(date, { zone: 'utc' }).isValid) {
      throw new CalendarError(field, 'holds no day of the calendar; send YYYY-MM-DD');
    }
  }
  return [...new Set(dates)].sort();
}
