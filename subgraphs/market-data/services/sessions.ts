/** Where instruments stand in their sessions, and their auctions, as the API shows them. */
import { CalendarError, calendarText, nextTransition, parseCalendar } from '../../../src/calendar/calendar.js';
import type { AuctionEnded, AuctionIndicative } from '../../../src/core/exchange/event.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { formatPrice, formatQty } from '../../../src/core/instrument/terms.js';
import { badUserInput } from '../../../src/graphql/errors.js';
import type { AuctionUpdate } from '../types/auction.js';
import type { TradingCalendar, TradingCalendarInput, TradingSession } from '../types/trading-calendar.js';

/** @param nowUs present engine time, microseconds since 1970 UTC */
export function toSession(entry: InstrumentEntry, nowUs: number): TradingSession {
  const calendar = entry.calendar === null ? null : parseCalendar(entry.calendar);
  const next = calendar === null ? null : nextTransition(calendar, Math.max(nowUs, entry.scheduledUs ?? 0));
  return {
    phase: entry.status,
    auction: entry.auction,
    queuesOrders: entry.queuesOrders,
    nextPhase: next?.status ?? null,
    nextTransitionAt: next?.atUs ?? null,
    // Its text holds every field.
    calendar: calendar as TradingCalendar | null,
  };
}

/** @throws GraphQLError BAD_USER_INPUT naming the field of the calendar */
export function toCalendarText(input: TradingCalendarInput, field: string): string {
  try {
    return calendarText(input);
  } catch (error) {
    if (error instanceof CalendarError) throw badUserInput(`${field}.${error.field}`, error.message);
    throw error;
  }
}

export function toAuction(entry: InstrumentEntry, event: AuctionIndicative | AuctionEnded): AuctionUpdate {
  const { terms } = entry;
  const { imbalanceLots: imbalance } = event;
  return {
    symbol: entry.symbol,
    kind: event.auction,
    ended: event.type === 'AuctionEnded',
    px: event.priceTicks === null ? null : formatPrice(terms, event.priceTicks),
    qty: formatQty(terms, event.qtyLots),
    imbalanceQty: formatQty(terms, Math.abs(imbalance)),
    imbalanceSide: imbalance === 0 ? null : imbalance > 0 ? 'BUY' : 'SELL',
    sequence: event.sequence,
    transactTime: event.timeUs,
  };
}
