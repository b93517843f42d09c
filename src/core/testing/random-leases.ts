/** Random leases: short against the time between commands, so that they run out, and now and then renewed in time. */
import fc from 'fast-check';
import type { Command, LeasableCommand, PlaceOrder } from '../exchange/command.js';

const leaseId = fc.constantFrom('desk', 'desk', 'desk', 'bot', '');
const holder = fc.constantFrom('a', 'a', 'a', 'b');
const timeoutUs = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 500, max: 9_000 }) },
  { weight: 1, arbitrary: fc.nat({ max: 400 }) },
  { weight: 1, arbitrary: fc.constantFrom(86_400_000_000, 86_400_000_001, -1) },
);

export function randomLeases(
  place: fc.Arbitrary<PlaceOrder>,
  batches: fc.Arbitrary<Command>,
  account: fc.Arbitrary<number>,
): fc.Arbitrary<Command> {
  const inner = fc.oneof(
    { weight: 3, arbitrary: place as fc.Arbitrary<LeasableCommand> },
    {
      weight: 1,
      arbitrary: batches.filter((command): command is LeasableCommand => command.type !== 'CancelOrders'),
    },
  );
  const known = fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: 5 }) }, { weight: 1, arbitrary: account });
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .record({
          leaseId,
          holder,
          timeoutUs,
          command: inner,
          chosen: fc.option(fc.array(fc.boolean(), { maxLength: 4 })),
        })
        .map(({ chosen, command, ...lease }): Command => {
          const count = command.type === 'PlaceOrders' ? command.orders.length : 0;
          // Mostly as long as the batch.
          const isFit = command.type === 'PlaceOrders' && chosen !== null && chosen.length > 0;
          const leased = isFit ? Array.from({ length: count }, (_, place) => chosen[place] ?? true) : null;
          return { type: 'PlaceUnderLease', ...lease, leased, command };
        }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('RenewLeases' as const),
        renewals: fc.array(
          fc.record({ account: known, leaseId, holder, timeoutUs, claims: fc.constantFrom(false, false, true) }),
          { maxLength: 3 },
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('CancelAllAfter' as const),
        account,
        timeoutUs: fc.oneof(timeoutUs, fc.constant(0)),
      }),
    },
  );
}
