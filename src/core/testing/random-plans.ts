/** Random plans of linked orders: mostly ones that make sense, near the market, so that they are accepted and fill. */
import fc from 'fast-check';
import type { PlaceOrder, PlacePlan } from '../exchange/command.js';
import { BATCH_MODES, type OrdType, type PlanLegName, type TimeInForce } from '../values/vocabulary.js';
import type { CommandParts } from './random-batches.js';

const SHAPES: readonly (readonly PlanLegName[])[] = [
  ['TAKE_PROFIT', 'STOP_LOSS'],
  ['TAKE_PROFIT', 'STOP_LOSS'],
  ['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'],
  ['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'],
  ['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'],
  ['ENTRY', 'TAKE_PROFIT'],
  ['ENTRY', 'STOP_LOSS'],
];
const ODD_SHAPES: readonly (readonly PlanLegName[])[] = [
  [],
  ['ENTRY'],
  ['STOP_LOSS', 'TAKE_PROFIT'],
  ['ENTRY', 'ENTRY'],
];
const ORD_TYPES_OF: Readonly<Record<PlanLegName, readonly OrdType[]>> = {
  ENTRY: ['LIMIT', 'LIMIT', 'LIMIT', 'MARKET', 'STOP', 'STOP_LIMIT'],
  TAKE_PROFIT: ['LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'LIMIT', 'STOP_LIMIT', 'MARKET'],
  STOP_LOSS: ['STOP', 'STOP', 'STOP', 'STOP_LIMIT', 'STOP_LIMIT', 'TRAILING_STOP', 'TRAILING_STOP', 'LIMIT'],
};

export function randomPlans({ place, account, instrument, qty }: CommandParts): fc.Arbitrary<PlacePlan> {
  const shared = fc.record({
    account,
    instrument,
    qty: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 2, max: 9 }) }, { weight: 1, arbitrary: qty }),
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    keys: fc.constantFrom(null, null, null, 'plan', 'batch'),
    odd: fc.nat({ max: 50 }),
  });
  const shape = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...SHAPES) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_SHAPES) },
  );
  const leg = fc.record({
    order: place,
    choice: fc.nat({ max: 59 }),
    away: fc.integer({ min: -1, max: 6 }),
    timeInForce: fc.constantFrom<TimeInForce>('GTC', 'GTC', 'GTC', 'GTC', 'GTC', 'DAY', 'GTD', 'IOC'),
    reduceOnly: fc.constantFrom(false, false, true),
  });
  return fc
    .record({ shared, shape, legs: fc.tuple(leg, leg, leg), mode: fc.constantFrom(...BATCH_MODES) })
    .map(({ shared: common, shape: names, legs, mode }) => ({
      type: 'PlacePlan' as const,
      mode,
      legs: names.map((name, index) => {
        const isExit = name !== 'ENTRY';
        const side = isExit === (common.side === 'BUY') ? ('SELL' as const) : ('BUY' as const);
        const order = legOrder(name, legs[index]!, side);
        const odd = common.odd === 0 && index === 1;
        return {
          name,
          order: {
            ...order,
            account: common.account,
            instrument: common.instrument,
            orderQtyLots: odd ? common.qty + 1 : common.qty,
            side: odd ? common.side : side,
            clOrdId: common.keys === null ? null : `${common.keys} ${index}`,
          },
        };
      }),
    }));
}

interface LegParts {
  readonly order: PlaceOrder;
  readonly choice: number;
  readonly away: number;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
}

function legOrder(name: PlanLegName, parts: LegParts, side: 'BUY' | 'SELL'): PlaceOrder {
  const { order, choice, away } = parts;
  const ordTypes = ORD_TYPES_OF[name];
  const ordType = ordTypes[choice % ordTypes.length]!;
  const isExit = name !== 'ENTRY';
  const ownWay = side === 'SELL' ? 1 : -1;
  const priceTicks = 100 + ownWay * (name === 'STOP_LOSS' ? -away : away);
  const timeInForce = parts.timeInForce === 'GTD' && ordType === 'MARKET' ? 'GTC' : parts.timeInForce;
  return {
    ...order,
    ordType,
    timeInForce,
    priceTicks: ordType === 'LIMIT' || ordType === 'STOP_LIMIT' ? priceTicks : null,
    stopPxTicks: ordType === 'STOP' || ordType === 'STOP_LIMIT' ? priceTicks + (choice % 3) - 1 : null,
    trailingOffsetTicks: ordType === 'TRAILING_STOP' ? 1 + (choice % 5) : null,
    trailingPpm: null,
    displayQtyLots: ordType === 'LIMIT' && timeInForce !== 'IOC' && choice % 5 === 0 ? 2 : null,
    expireTimeUs: timeInForce === 'GTD' ? 500 + choice * 40 : null,
    postOnly: ordType === 'LIMIT' && timeInForce !== 'IOC' && choice % 11 === 0,
    reduceOnly: isExit && parts.reduceOnly,
  };
}
