/** Random batches, cancels by list and mass quotes, made of the parts of single commands. */
import fc from 'fast-check';
import type { Command, PlaceOrder } from '../exchange/command.js';
import { BATCH_MODES, SELF_TRADE_PREVENTIONS } from '../values/vocabulary.js';

export interface CommandParts {
  readonly place: fc.Arbitrary<PlaceOrder>;
  readonly account: fc.Arbitrary<number>;
  readonly instrument: fc.Arbitrary<number>;
  readonly price: fc.Arbitrary<number>;
  readonly qty: fc.Arbitrary<number>;
  readonly orderReference: fc.Arbitrary<number>;
}

export function randomBatches(parts: CommandParts): fc.Arbitrary<Command> {
  const { place, account, instrument, price, qty, orderReference } = parts;
  // Small and near the market, so that a batch is now and then accepted as a whole.
  const mild = place.map((order) => ({ ...order, orderQtyLots: 2 + (order.orderQtyLots % 3) }));
  const keyed = fc
    .tuple(mild, fc.nat({ max: 2 }))
    .map(([order, key]) => ({ ...order, account: 1, clOrdId: `batch ${key}` }));
  const orders = fc.oneof(
    { weight: 8, arbitrary: fc.array(mild, { minLength: 1, maxLength: 3 }) },
    { weight: 2, arbitrary: fc.array(fc.oneof(mild, keyed), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom<PlaceOrder[]>([]) },
  );
  const side = fc.option(fc.record({ priceTicks: price, qtyLots: qty }), { freq: 4 });
  const quoteSide = (of: 'bid' | 'ask') =>
    fc.oneof(
      { weight: 1, arbitrary: side },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 2, max: 6 }))
          .map(([away, qtyLots]) => ({ priceTicks: of === 'bid' ? 99 - away : 101 + away, qtyLots })),
      },
    );
  const entry = fc.record({ instrument, bid: quoteSide('bid'), ask: quoteSide('ask') });
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('PlaceOrders' as const),
        orders,
        mode: fc.constantFrom(...BATCH_MODES),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('CancelOrders' as const),
        account,
        orderIds: fc.array(orderReference, { maxLength: 4 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('MassQuote' as const),
        account,
        quoteId: fc.constantFrom('q', 'q', 'q', 'q', 'q', 'q', 'q', 'q', 'q', ''),
        postOnly: fc.constantFrom(true, true, true, false),
        selfTradePrevention: fc.constantFrom(SELF_TRADE_PREVENTIONS[1], ...SELF_TRADE_PREVENTIONS),
        entries: fc.uniqueArray(entry, {
          maxLength: 3,
          comparator: (a, b) => a.instrument === b.instrument && (a.bid?.priceTicks ?? 0) % 7 !== 0,
        }),
      }),
    },
  );
}
