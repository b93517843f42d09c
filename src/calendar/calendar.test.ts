import { DateTime } from 'luxon';
import {
  CalendarError,
  calendarText,
  lastClose,
  lastTransition,
  nextTransition,
  parseCalendar,
  type TradingCalendar,
  transitionsOf,
} from './calendar.js';

/** Hours like those of a stock exchange in New York. */
const NEW_YORK: TradingCalendar = {
  timeZone: 'America/New_York',
  weekdays: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'],
  hours: { preOpen: '06:30', openingAuction: '09:25', open: '09:30', closingAuction: '15:50', close: '16:00' },
  holidays: ['2026-11-26', '2026-12-25'],
  halfDays: [{ date: '2026-11-27', closingAuction: '12:50', close: '13:00' }],
};

const us = (iso: string): number => DateTime.fromISO(iso, { zone: 'utc' }).toMillis() * 1000;
const told = (calendar: TradingCalendar, date: string) =>
  transitionsOf(calendar, date).map(({ atUs, status, auction }) =>
    [DateTime.fromMillis(atUs / 1000, { zone: 'utc' }).toISO(), status, auction]
      .filter((part) => part !== null)
      .join(' '),
  );

describe('A calendar', () => {
  it('gives the transitions of a day at their moments', () => {
    expect(told(NEW_YORK, '2026-11-25')).toEqual([
      '2026-11-25T11:30:00.000Z PRE_OPEN',
      '2026-11-25T14:25:00.000Z AUCTION OPENING',
      '2026-11-25T14:30:00.000Z OPEN',
      '2026-11-25T20:50:00.000Z AUCTION CLOSING',
      '2026-11-25T21:00:00.000Z CLOSED',
    ]);
  });

  it.each([
    ['a holiday', '2026-11-26', null],
    ['a Saturday', '2026-11-28', null],
    ['a half day', '2026-11-27', '2026-11-27T18:00:00.000Z CLOSED'],
    ['the last day before the clocks go back', '2026-10-30', '2026-10-30T20:00:00.000Z CLOSED'],
    ['the first day after it', '2026-11-02', '2026-11-02T21:00:00.000Z CLOSED'],
    ['the last day before the clocks go forward', '2026-03-06', '2026-03-06T21:00:00.000Z CLOSED'],
    ['the first day after it', '2026-03-09', '2026-03-09T20:00:00.000Z CLOSED'],
  ])('knows %s (%s)', (_name, date, close) => {
    expect(told(NEW_YORK, date).at(-1) ?? null).toBe(close);
  });

  it('keeps its transitions in order, each at a time of its own, in a night whose clocks change', () => {
    const nightly: TradingCalendar = {
      timeZone: 'Europe/Berlin',
      weekdays: ['SUNDAY'],
      hours: { preOpen: '02:00', openingAuction: '02:30', open: '03:00', closingAuction: '03:15', close: '03:45' },
    };
    // 2026-03-29: from 02:00 to 03:00; 2026-10-25: from 03:00 back to 02:00.
    for (const date of ['2026-03-29', '2026-10-25']) {
      const times = transitionsOf(nightly, date).map(({ atUs }) => atUs);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      expect(times).toHaveLength(5);
    }
    expect(told(nightly, '2026-03-29').at(-1)).toBe('2026-03-29T01:45:00.000Z CLOSED');
    expect(told(nightly, '2026-10-25')[0]).toBe('2026-10-25T00:00:00.000Z PRE_OPEN');
  });

  it('finds the transition before and after any time, over weekends and holidays', () => {
    expect(nextTransition(NEW_YORK, us('2026-11-25T21:00:00Z'))).toMatchObject({
      atUs: us('2026-11-27T11:30:00Z'),
      status: 'PRE_OPEN',
    });
    expect(lastTransition(NEW_YORK, us('2026-11-25T21:00:00Z'))?.status).toBe('CLOSED');
    expect(lastTransition(NEW_YORK, us('2026-11-25T20:59:59Z'))).toMatchObject({
      status: 'AUCTION',
      auction: 'CLOSING',
    });
    expect(lastTransition(NEW_YORK, us('2026-11-30T03:00:00Z'))?.atUs).toBe(us('2026-11-27T18:00:00Z'));
    expect(lastClose(NEW_YORK, us('2026-11-25T15:00:00Z'))?.atUs).toBe(us('2026-11-24T21:00:00Z'));
  });

  it('has no transition where every day is a holiday', () => {
    const never = { ...NEW_YORK, weekdays: ['MONDAY' as const], holidays: [] };
    const mondays = Array.from(
      { length: 130 },
      (_, week) => DateTime.fromISO('2025-06-02').plus({ weeks: week }).toISODate()!,
    );
    expect(nextTransition({ ...never, holidays: mondays }, us('2026-06-01T00:00:00Z'))).toBeNull();
  });

  it('is one text, whatever the order of its days, and comes back from it', () => {
    const shuffled: TradingCalendar = {
      ...NEW_YORK,
      weekdays: [...NEW_YORK.weekdays].reverse(),
      holidays: ['2026-12-25', '2026-11-26', '2026-12-25'],
    };
    const text = calendarText(NEW_YORK);
    expect(calendarText(shuffled)).toBe(text);
    expect(calendarText(parseCalendar(text))).toBe(text);
    expect(() => parseCalendar('{"timeZone":"Nowhere"}')).toThrow(CalendarError);
    expect(() => parseCalendar('nonsense')).toThrow(CalendarError);
  });

  it.each<[string, Partial<TradingCalendar>, string]>([
    ['a zone that does not exist', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['an offset for a zone', { timeZone: '+02:00' }, 'timeZone'],
    ['no weekday', { weekdays: [] }, 'weekdays'],
    ['a time that is none', { hours: { open: '9:30', close: '16:00' } }, 'hours.open'],
    ['24:00', { hours: { open: '09:30', close: '24:00' } }, 'hours.close'],
    ['a close before the open', { hours: { open: '18:00', close: '02:00' } }, 'hours.close'],
    ['two phases at one time', { hours: { open: '09:30', closingAuction: '16:00', close: '16:00' } }, 'hours.close'],
    ['a day that does not exist', { holidays: ['2026-02-30'] }, 'holidays'],
    ['a half day that is none', { halfDays: [{ date: 'soon', close: '13:00' }] }, 'halfDays.date'],
    ['a half day that ends before it opens', { halfDays: [{ date: '2026-12-24', close: '09:00' }] }, 'halfDays.close'],
    ['too many holidays', { holidays: Array.from({ length: 501 }, () => '2026-01-01') }, 'holidays'],
  ])('refuses %s, naming the field', (_name, change, field) => {
    let thrown: unknown;
    try {
      calendarText({ ...NEW_YORK, ...change });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CalendarError);
    expect((thrown as CalendarError).field).toBe(field);
  });
});
