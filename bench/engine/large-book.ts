/** A large book: a million resting orders over a thousand instruments, for its memory. */
import type { PlaceOrder } from '../../src/core/exchange/command.js';
import { listingOf, preparedExchange } from './ours.js';
import { ACCOUNTS } from './workload.js';

const INSTRUMENTS = 1_000;
const ORDERS = 1_000_000;
const MID = 32_768;

export interface BookFigures {
  readonly residentMiB: number;
  readonly ordersPerSecond: number;
}

/** Returns an order that rests: bids below the middle, asks above it, over 1,000 prices a side. */
export function restingOrder(index: number, instrument: number, account: number): PlaceOrder {
  const isBuy = index % 2 === 0;
  const distance = 1 + ((index >>> 1) % 1_000);
  return {
    type: 'PlaceOrder',
    account,
    instrument,
    side: isBuy ? 'BUY' : 'SELL',
    ordType: 'LIMIT',
    timeInForce: 'GTC',
    orderQtyLots: 1 + (index % 10),
    priceTicks: isBuy ? MID - distance : MID + distance,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: 'NONE',
    clOrdId: null,
  };
}

/** Fills the book and tells what the process then takes. @throws Error when an order is refused */
export function fillLargeBook(): BookFigures {
  const exchange = preparedExchange(1 << 20);
  for (let instrument = 1; instrument < INSTRUMENTS; instrument += 1) {
    exchange.apply({ type: 'ListInstrument', spec: listingOf(`S${instrument}`) }, exchange.timeUs + 1);
  }
  const started = performance.now();
  for (let index = 0; index < ORDERS; index += 1) {
    const instrument = index % INSTRUMENTS;
    const turn = Math.floor(index / INSTRUMENTS);
    exchange.apply(restingOrder(turn, instrument, 1 + (index % ACCOUNTS)), exchange.timeUs + 1);
  }
  const seconds = (performance.now() - started) / 1000;
  const last = exchange.takeEvents()[0]?.type;
  if (last !== 'OrderAccepted') throw new Error(`the last order of the large book ended as ${last}`);
  return { residentMiB: process.memoryUsage().rss / 2 ** 20, ordersPerSecond: ORDERS / seconds };
}
