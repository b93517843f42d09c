import { DateTime } from 'luxon';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { TestVenue } from '../testing/test-venue.js';
import { calendarText, type TradingCalendar } from './calendar.js';
import { SessionScheduler } from './session-scheduler.js';

const BERLIN: TradingCalendar = {
  timeZone: 'Europe/Berlin',
  weekdays: ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY'],
  hours: { preOpen: '08:00', openingAuction: '08:50', open: '09:00', closingAuction: '17:30', close: '17:35' },
  holidays: ['2026-01-06'],
};
const us = (local: string): number => DateTime.fromISO(local, { zone: 'Europe/Berlin' }).toMillis() * 1000;

describe('The session scheduler', () => {
  let venue: TestVenue;
  let nowUs: number;
  let scheduler: SessionScheduler;

  beforeEach(() => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    nowUs = us('2026-01-05T07:00:00');
    scheduler = newScheduler();
  });

  afterEach(() => scheduler.stop());

  function newScheduler(): SessionScheduler {
    return new SessionScheduler({ clock: { nowUs: () => nowUs }, engine: venue, feed: venue, log: () => undefined });
  }

  /** Lets it be a local time; returns the events that this caused. */
  async function at(local: string): Promise<ExchangeEvent[]> {
    const before = venue.events.length;
    nowUs = us(local);
    venue.nowUs = Math.max(nowUs, venue.exchange.timeUs);
    await scheduler.check();
    return venue.events.slice(before);
  }

  const phases = (events: readonly ExchangeEvent[]) =>
    events.flatMap((event) =>
      event.type === 'TradingStatusChanged'
        ? [[event.status, event.auction].filter((part) => part !== null).join(' ')]
        : [],
    );
  const setCalendar = (instrument = 0) =>
    venue.run({ type: 'SetTradingCalendar', instrument, calendar: calendarText(BERLIN) });
  const ofType = (events: readonly ExchangeEvent[], type: ExchangeEvent['type']) =>
    events.filter((event) => event.type === type);

  it('moves an instrument through its day, and lets those without a calendar be', async () => {
    setCalendar();
    await scheduler.start();
    const seen: string[] = [];
    for (const time of ['07:59', '08:00', '08:50', '08:59', '09:00', '12:00', '17:30', '17:35', '23:00']) {
      seen.push(`${time} ${phases(await at(`2026-01-05T${time}:00`)).join()}`);
    }
    expect(seen).toEqual([
      '07:59 ',
      '08:00 PRE_OPEN',
      '08:50 AUCTION OPENING',
      '08:59 ',
      '09:00 OPEN',
      '12:00 ',
      '17:30 AUCTION CLOSING',
      '17:35 CLOSED',
      '23:00 ',
    ]);
    expect(venue.events.filter((event) => event.type === 'TradingStatusChanged' && event.instrument === 1)).toEqual([]);
  });

  it('applies a calendar as soon as it is set', async () => {
    await scheduler.start();
    nowUs = us('2026-01-05T10:00:00');
    setCalendar();
    const before = venue.events.length;
    await new Promise((resolve) => setTimeout(resolve, 0));
    await scheduler.check();
    expect(phases(venue.events.slice(before))).toEqual(['OPEN']);
    expect(venue.events.at(-1)).toMatchObject({ scheduledUs: us('2026-01-05T09:00:00') });
  });

  it('comes back after the close: DAY orders end once, and the phase that now holds is reached', async () => {
    setCalendar();
    await scheduler.start();
    await at('2026-01-05T09:30:00');
    venue.place(1, 0, 'BUY', 5, 5000, { timeInForce: 'DAY' });
    venue.place(1, 0, 'BUY', 5, 4999, { timeInForce: 'GTC' });
    await scheduler.stop();
    // Down over the close, a holiday and the next opening.
    scheduler = newScheduler();
    nowUs = us('2026-01-07T11:00:00');
    venue.nowUs = nowUs;
    const before = venue.events.length;
    await scheduler.start();
    const missed = venue.events.slice(before);
    expect(phases(missed)).toEqual(['CLOSED', 'OPEN']);
    expect(ofType(missed, 'OrderExpired')).toHaveLength(1);
    expect(phases(await at('2026-01-07T11:00:01'))).toEqual([]);
  });

  it('leaves out a close that was applied before the stop', async () => {
    setCalendar();
    await scheduler.start();
    await at('2026-01-05T18:00:00');
    await scheduler.stop();
    scheduler = newScheduler();
    nowUs = us('2026-01-07T11:00:00');
    venue.nowUs = nowUs;
    const before = venue.events.length;
    await scheduler.start();
    expect(phases(venue.events.slice(before))).toEqual(['OPEN']);
  });

  it('ends a DAY order at the close and not at midnight UTC', async () => {
    setCalendar();
    await scheduler.start();
    await at('2026-01-05T09:30:00');
    venue.place(1, 0, 'BUY', 5, 5000, { timeInForce: 'DAY' });
    expect(venue.exchange.nextDueUs).toBeNull();
    expect(ofType(await at('2026-01-05T17:35:00'), 'OrderExpired')).toHaveLength(1);
  });

  it('does nothing twice, nor anything when the clock jumps back', async () => {
    setCalendar();
    await scheduler.start();
    expect(phases(await at('2026-01-05T09:30:00'))).toEqual(['OPEN']);
    expect(phases(await at('2026-01-05T08:30:00'))).toEqual([]);
    expect(phases(await at('2026-01-05T09:00:01'))).toEqual([]);
    expect(phases(await at('2026-01-05T17:31:00'))).toEqual(['AUCTION CLOSING']);
  });

  it('lets a phase set by hand hold until the next transition, and a halt until the close', async () => {
    setCalendar();
    await scheduler.start();
    await at('2026-01-05T09:30:00');
    const set = (status: 'HALTED' | 'AUCTION') =>
      venue.run({ type: 'SetTradingStatus', instrument: 0, status, reason: 'by hand' });
    set('AUCTION');
    expect(phases(await at('2026-01-05T12:00:00'))).toEqual([]);
    set('HALTED');
    expect(phases(await at('2026-01-05T17:30:00'))).toEqual(['HALTED']);
    expect(phases(await at('2026-01-05T17:35:00'))).toEqual(['CLOSED']);
    expect(phases(await at('2026-01-07T08:00:00'))).toEqual(['PRE_OPEN']);
  });

  it('tries again where the engine takes no command', async () => {
    setCalendar();
    await scheduler.start();
    const { submit } = venue;
    venue.submit = () => Promise.reject(new Error('the engine is busy'));
    expect(phases(await at('2026-01-05T08:00:00'))).toEqual([]);
    venue.submit = submit;
    expect(phases(await at('2026-01-05T08:00:01'))).toEqual(['PRE_OPEN']);
  });

  it('gives the same state when its commands are replayed without it', async () => {
    setCalendar();
    await scheduler.start();
    await at('2026-01-05T08:55:00');
    venue.place(1, 0, 'BUY', 5, 6100);
    venue.place(2, 0, 'SELL', 5, 5900, { timeInForce: 'AT_THE_OPEN' });
    await at('2026-01-05T09:00:00');
    expect(venue.events.some((event) => event.type === 'OrdersTraded')).toBe(true);
    const { Exchange } = await import('../core/exchange/exchange.js');
    expect(Exchange.restore(venue.exchange.snapshot()).stateHash()).toBe(venue.exchange.stateHash());
  });
});
