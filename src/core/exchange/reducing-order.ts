/** The order by which a liquidation closes a position. */
import type { Side } from '../values/vocabulary.js';
import type { PlaceOrder } from './command.js';

/** Returns a reduceOnly MARKET order that takes what it can at once, past the account's own orders. */
export function reducingOrder(account: number, instrument: number, side: Side, orderQtyLots: number): PlaceOrder {
  return {
    type: 'PlaceOrder',
    account,
    instrument,
    side,
    ordType: 'MARKET',
    timeInForce: 'IOC',
    orderQtyLots,
    priceTicks: null,
    stopPxTicks: null,
    trailingOffsetTicks: null,
    trailingPpm: null,
    displayQtyLots: null,
    expireTimeUs: null,
    postOnly: false,
    reduceOnly: true,
    selfTradePrevention: 'CANCEL_OLDEST',
    clOrdId: null,
  };
}
