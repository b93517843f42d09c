/**
 * Checks at the edge: decimals become ticks and lots, names become indexes, and what cannot be an order is refused with
 * the field, the value and the limit.
 *
 * Order of the checks, the first that fails answers: account, clOrdId, symbol, orderQty, displayQty, price, stopPx,
 * trailing distance, expireTime. What needs the exchange's state (funds, limits, collars, duplicates) is the engine's.
 */
import type { PlaceOrder } from '../../../src/core/exchange/command.js';
import type { AccountEntry, InstrumentEntry, ReferenceData } from '../../../src/core/exchange/reference-data.js';
import {
  formatPrice,
  formatQty,
  type InstrumentTerms,
  parsePriceTicks,
  parseQtyLots,
  type StepProblem,
} from '../../../src/core/instrument/terms.js';
import { parseScaled } from '../../../src/core/values/decimal.js';
import type { OrdRejReason, OrdType } from '../../../src/core/values/vocabulary.js';
import { canTradeAccount } from '../../../src/graphql/authorization.js';
import type { Identity } from '../../../src/graphql/context.js';
import { clipped } from '../../../src/graphql/errors.js';
import type { PlaceOrderInput } from '../types/inputs.js';
import { OrderRejection } from '../types/results.js';

export const MAX_CL_ORD_ID_LENGTH = 64;
const PRINTABLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/** Decimals of a percentage that whole parts per million can hold. */
const PERCENT_SCALE = 4;
const PPM_IN_FULL = 1_000_000;

const HAS_PRICE: ReadonlySet<OrdType> = new Set(['LIMIT', 'STOP_LIMIT']);
const HAS_STOP_PX: ReadonlySet<OrdType> = new Set(['STOP', 'STOP_LIMIT']);

/** Thrown inside the checks only, to leave them at the first refusal; callers get the rejection as a value. */
class Refused {
  constructor(readonly rejection: OrderRejection) {}
}

export function refuse(reason: OrdRejReason, field: string, problem: string): never {
  throw new Refused(new OrderRejection(reason, `${field}: ${problem}`));
}

/** Runs checks; returns their result or the rejection of the first that failed. */
export function checked<T>(check: () => T): T | OrderRejection {
  try {
    return check();
  } catch (error) {
    if (error instanceof Refused) return error.rejection;
    throw error;
  }
}

/** Returns the command for an order, or why it cannot be one. */
export function toPlaceOrder(
  input: PlaceOrderInput,
  identity: Identity,
  reference: ReferenceData,
): PlaceOrder | OrderRejection {
  return checked(() => {
    const { account } = tradableAccount(input.accountId, identity, reference);
    const clOrdId = checkClOrdId(input.clOrdId ?? null);
    const { instrument, terms } = knownInstrument(input.symbol, reference);
    const orderQtyLots = qtyLots('orderQty', input.orderQty, terms);
    const { ordType } = input;
    const timeInForce = input.timeInForce ?? 'GTC';
    return {
      type: 'PlaceOrder',
      account,
      instrument,
      side: input.side,
      ordType,
      timeInForce,
      orderQtyLots,
      displayQtyLots: displayQtyLots(input.displayQty ?? null, orderQtyLots, terms),
      priceTicks: priceTicks('price', input.price ?? null, ordType, HAS_PRICE, terms),
      stopPxTicks: priceTicks('stopPx', input.stopPx ?? null, ordType, HAS_STOP_PX, terms),
      ...trailingDistance(input, terms),
      expireTimeUs: expireTimeUs(input),
      postOnly: input.postOnly ?? false,
      reduceOnly: input.reduceOnly ?? false,
      selfTradePrevention: input.selfTradePrevention ?? 'CANCEL_NEWEST',
      clOrdId,
    };
  });
}

/** Somebody else's account and one that does not exist read the same. */
export function tradableAccount(accountId: string, identity: Identity, reference: ReferenceData): AccountEntry {
  const account = reference.accountById(accountId);
  if (account === undefined || !canTradeAccount(identity, account)) {
    return refuse('UNKNOWN_ACCOUNT', 'accountId', `there is no account "${clipped(accountId)}" that you may trade`);
  }
  return account;
}

export function knownInstrument(symbol: string, reference: ReferenceData): InstrumentEntry {
  const instrument = reference.instrumentBySymbol(symbol);
  if (instrument !== undefined) return instrument;
  return refuse(
    'UNKNOWN_SYMBOL',
    'symbol',
    `there is no instrument "${clipped(symbol)}"; the query instruments lists them all`,
  );
}

/** Returns the key. Refuses what is not 1 to 64 printable ASCII characters without a space at either end. */
export function checkClOrdId(clOrdId: string | null): string | null {
  if (clOrdId === null) return null;
  if (clOrdId.length < 1 || clOrdId.length > MAX_CL_ORD_ID_LENGTH) {
    refuse('INVALID_REQUEST', 'clOrdId', `has ${clOrdId.length} characters; 1 to ${MAX_CL_ORD_ID_LENGTH} are taken`);
  }
  if (!PRINTABLE_ASCII.test(clOrdId)) {
    refuse('INVALID_REQUEST', 'clOrdId', 'has other characters than printable ASCII, or a space at its start or end');
  }
  return clOrdId;
}

function describe(problem: StepProblem, text: string, stepName: string, step: string): string {
  switch (problem) {
    case 'NOT_A_DECIMAL':
      return `"${clipped(text)}" is not a decimal`;
    case 'OUT_OF_RANGE':
      return `${clipped(text)} has more digits than any amount on the platform`;
    case 'OFF_STEP':
      return `${clipped(text)} is not a multiple of the ${stepName} ${step}`;
  }
}

/** Returns the quantity in lots, within the instrument's bounds. */
export function qtyLots(field: string, text: string, terms: InstrumentTerms): number {
  const lots = parseQtyLots(terms, text);
  const { lotSize, minQtyLots, maxQtyLots } = terms.spec;
  if (lots === 'OUT_OF_RANGE') {
    return refuse(
      'INVALID_QTY',
      field,
      `${clipped(text)} is out of range: ${formatQty(terms, minQtyLots)} to ${formatQty(terms, maxQtyLots)} are taken`,
    );
  }
  if (typeof lots !== 'number') return refuse('INVALID_QTY', field, describe(lots, text, 'lot size', lotSize));
  if (lots <= 0) refuse('INVALID_QTY', field, `${clipped(text)} is not above 0`);
  if (lots < minQtyLots)
    refuse('INVALID_QTY', field, `${clipped(text)} is below the least quantity ${formatQty(terms, minQtyLots)}`);
  if (lots > maxQtyLots)
    refuse('INVALID_QTY', field, `${clipped(text)} is above the largest quantity ${formatQty(terms, maxQtyLots)}`);
  return lots;
}

function displayQtyLots(text: string | null, orderQtyLots: number, terms: InstrumentTerms): number | null {
  if (text === null) return null;
  const lots = qtyLots('displayQty', text, terms);
  if (lots > orderQtyLots)
    refuse('INVALID_QTY', 'displayQty', `${clipped(text)} is more than orderQty ${formatQty(terms, orderQtyLots)}`);
  return lots;
}

/** Returns the price in ticks, within the instrument's bounds. */
export function boundedPriceTicks(field: string, text: string, terms: InstrumentTerms): number {
  const ticks = parsePriceTicks(terms, text);
  const { tickSize, minPriceTicks, maxPriceTicks } = terms.spec;
  if (ticks === 'OUT_OF_RANGE') {
    return refuse(
      'INVALID_PRICE',
      field,
      `${clipped(text)} is out of range: ${formatPrice(terms, minPriceTicks)} to ${formatPrice(terms, maxPriceTicks)} are taken`,
    );
  }
  if (typeof ticks !== 'number') return refuse('INVALID_PRICE', field, describe(ticks, text, 'tick size', tickSize));
  if (ticks <= 0) refuse('INVALID_PRICE', field, `${clipped(text)} is not above 0`);
  if (ticks < minPriceTicks)
    refuse('INVALID_PRICE', field, `${clipped(text)} is below the lowest price ${formatPrice(terms, minPriceTicks)}`);
  if (ticks > maxPriceTicks)
    refuse('INVALID_PRICE', field, `${clipped(text)} is above the highest price ${formatPrice(terms, maxPriceTicks)}`);
  return ticks;
}

/** A price that some order types need and all others must not have. */
function priceTicks(
  field: string,
  text: string | null,
  ordType: OrdType,
  needed: ReadonlySet<OrdType>,
  terms: InstrumentTerms,
): number | null {
  if (text === null) {
    if (needed.has(ordType)) refuse('INVALID_PRICE', field, `is missing; a ${ordType} order needs it`);
    return null;
  }
  if (!needed.has(ordType)) refuse('INVALID_PRICE', field, `a ${ordType} order has none; leave it out`);
  return boundedPriceTicks(field, text, terms);
}

function trailingDistance(
  input: PlaceOrderInput,
  terms: InstrumentTerms,
): { trailingOffsetTicks: number | null; trailingPpm: number | null } {
  const offset = input.trailingOffset ?? null;
  const percent = input.trailingPercent ?? null;
  const field = offset === null ? 'trailingPercent' : 'trailingOffset';
  if (input.ordType !== 'TRAILING_STOP') {
    if (offset !== null || percent !== null)
      refuse('INVALID_PRICE', field, `a ${input.ordType} order has none; leave it out`);
    return { trailingOffsetTicks: null, trailingPpm: null };
  }
  if ((offset === null) === (percent === null)) {
    refuse(
      'INVALID_PRICE',
      'trailingOffset',
      'a TRAILING_STOP order needs exactly one of trailingOffset and trailingPercent',
    );
  }
  if (offset !== null)
    return { trailingOffsetTicks: boundedPriceTicks('trailingOffset', offset, terms), trailingPpm: null };
  const ppm = parseScaled(percent ?? '', PERCENT_SCALE);
  if (typeof ppm !== 'number' || ppm <= 0 || ppm >= PPM_IN_FULL) {
    return refuse(
      'INVALID_PRICE',
      'trailingPercent',
      `${clipped(percent ?? '')} is not above 0 and below 100 with at most ${PERCENT_SCALE} decimals`,
    );
  }
  return { trailingOffsetTicks: null, trailingPpm: ppm };
}

function expireTimeUs(input: PlaceOrderInput): number | null {
  const expireTime = input.expireTime ?? null;
  if (input.timeInForce === 'GTD') {
    if (expireTime === null) refuse('UNSUPPORTED_ORDER', 'expireTime', 'is missing; a GTD order needs it');
  } else if (expireTime !== null) {
    refuse(
      'UNSUPPORTED_ORDER',
      'expireTime',
      `a ${input.timeInForce ?? 'GTC'} order has none; leave it out or use GTD`,
    );
  }
  return expireTime;
}
