/** One sentence for each reason: what was wrong and what to do. The figures stand in the refusal's arithmetic. */
import { memberOf } from '../values/codes.js';
import { ORD_REJ_REASONS, type OrdRejReason } from '../values/vocabulary.js';

/** By reason, for whoever tells a refusal that was recorded by its reason only. */
export const REFUSAL_TEXTS: Readonly<Record<OrdRejReason, string>> = {
  UNKNOWN_SYMBOL: 'No instrument has this symbol; list the instruments to see what is traded.',
  UNKNOWN_ORDER: 'The account has no order with this id; an order of another account is not shown.',
  UNKNOWN_ACCOUNT: 'No account has this id; open it first.',
  TRADING_HALTED: 'The instrument is not open for this request now; wait until its trading status allows it.',
  INVALID_PRICE: "The price is outside the instrument's bounds, missing, or given where the order type has none.",
  INVALID_QTY: "The quantity is outside the instrument's bounds, or not above what has been filled.",
  UNSUPPORTED_ORDER: 'This combination of order type, time in force and options is not supported.',
  DUPLICATE_CL_ORD_ID: 'The key was used with other input within its retention; use a new key for a new request.',
  TOO_LATE_TO_CANCEL: 'The order has finished; nothing of it is left to change.',
  POST_ONLY_WOULD_TAKE: 'The order would trade at once; choose a price that rests or drop postOnly.',
  REDUCE_ONLY_WOULD_INCREASE: 'The order would increase or open a position; lower its quantity or drop reduceOnly.',
  FOK_NOT_FILLABLE: 'The book cannot fill the whole quantity within the price; lower it or use IOC.',
  NO_LIQUIDITY: 'The other side of the book is empty; place a LIMIT order or try again later.',
  SELF_TRADE: 'The instrument does not allow this self-trade prevention; choose one that it lists.',
  PRICE_COLLAR: 'The price is too far from the reference price; choose one within the collar.',
  MAX_ORDER_QTY: "The quantity passes the account's limit for one order; split it or raise the limit.",
  MAX_ORDER_NOTIONAL: "The notional passes the account's limit for one order; split it or raise the limit.",
  POSITION_LIMIT:
    'The position with all open orders of its side would pass the limit; lower the quantity or raise the limit.',
  OPEN_ORDER_LIMIT: 'Too many orders are open; cancel some first.',
  INSUFFICIENT_FUNDS:
    'The available balance does not cover this; deposit, cancel orders that hold funds, or ask for less.',
  DAILY_LOSS_LIMIT:
    'The loss limit of the day is reached; only reduceOnly orders are taken until the next day or a higher limit.',
  ORDER_RATE_LIMIT: 'Too many requests in the period; try again later.',
  KILL_SWITCH:
    'A kill switch is engaged for the account, the instrument or the whole venue; it has to be released first.',
  ENGINE_UNAVAILABLE: 'The engine takes no commands now; try again with the same key.',
  BATCH_REJECTED: 'Another order sent with this one was refused, so nothing was placed; mend or drop that one.',
  TRADING_PHASE:
    "The instrument's trading phase takes no order of this kind; docs/trading-phases.md says which phase takes what.",
  INVALID_REQUEST: 'The request makes no sense as it stands.',
  GROSS_EXPOSURE_LIMIT:
    'The gross exposure would pass its limit; lower the quantity, cancel orders or raise the limit.',
  NET_EXPOSURE_LIMIT: 'The net exposure would pass its limit; lower the quantity, cancel orders or raise the limit.',
  CANCEL_RATE_LIMIT: 'Too many cancels in the period; try again later, or cancel all orders at once.',
  ACCOUNT_HALTED: 'The account is halted; ask a risk officer to make it active again.',
  ACCOUNT_REDUCE_ONLY: 'The account may only reduce positions; send the order as reduceOnly.',
  LEASE_LIMIT:
    'Too many connections hold orders of the account that end with them; close one, or send the order without cancelOnDisconnect.',
};

/** Returns the sentence of a reason code. */
export function refusalText(reason: number): string {
  return REFUSAL_TEXTS[memberOf(ORD_REJ_REASONS, reason)];
}
