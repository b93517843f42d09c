/** Random auctions and sessions. */
import fc from 'fast-check';
import type { Command } from '../exchange/command.js';
import { AUCTION_KINDS, type AuctionKind, TRADING_STATUSES } from '../values/vocabulary.js';

export function randomPhases(instrument: fc.Arbitrary<number>): fc.Arbitrary<Command>[] {
  const reason = fc.constantFrom('', 'test');
  const kind: fc.Arbitrary<AuctionKind | null> = fc.constantFrom(null, ...AUCTION_KINDS);
  return [
    fc.record({
      type: fc.constant('StartAuction' as const),
      instrument,
      auction: fc.constantFrom(...AUCTION_KINDS, 'CLOSING' as const, 'CLOSING' as const),
      reason,
    }),
    fc.record({
      type: fc.constant('AdvanceSession' as const),
      instrument,
      status: fc.constantFrom(...TRADING_STATUSES, 'OPEN' as const, 'OPEN' as const),
      auction: kind,
      scheduledUs: fc.nat({ max: 1_000 }),
      reason,
    }),
    fc.record({
      type: fc.constant('SetTradingCalendar' as const),
      instrument,
      calendar: fc.constantFrom(null, null, 'hours'),
    }),
  ];
}
