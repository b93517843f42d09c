/**
 * Events of one command as rows of numbers, preallocated and rewound at each command.
 *
 * ```
 * types[row]                 code of the row, one of ROW
 * words[row × 24 + column]   columns as named below, by type; absent = NONE or NaN as said there
 * texts, moreTexts[row]      clOrdId, second clOrdId or sentence (references only, no copies)
 * bodies[row]                the event itself where it is rare and administrative
 * rules[row]                 of a refusal: every rule of the check
 * ```
 * Sequence, command sequence and time are the same for all rows of a command up to the row's number, so they
 * stand once. Writing allocates nothing once the buffer has grown to the largest command seen; one command can
 * write at most a few rows for each working order, so `maxOrders` bounds it.
 */
import type { LevelTable } from '../matching/level-table.js';
import { BYTE, FLOAT, INT, type OrderTable, PLANNED, SLOT_SPAN, SLOT_WORDS } from '../matching/order-table.js';
import { ALL_INSTRUMENTS, type Exposures } from '../risk/exposures.js';
import type { Ledger } from '../risk/ledger.js';
import type { Positions } from '../risk/positions.js';
import type { RuleRow } from '../risk/rule-row.js';
import { NONE } from '../values/codes.js';
import type { EventHeader, ExchangeEvent } from './event.js';

export const ROW = {
  BODY: 0,
  ORDER_ACCEPTED: 1,
  ORDER_REJECTED: 2,
  ORDER_CANCELED: 3,
  ORDER_REPLACED: 4,
  ORDER_RESTATED: 5,
  ORDER_TRIGGERED: 6,
  ORDER_EXPIRED: 7,
  ORDERS_TRADED: 8,
  ORDER_DUPLICATED: 9,
  REQUEST_REJECTED: 10,
  MASS_CANCEL_DONE: 11,
  BOOK_LEVEL_CHANGED: 12,
  BALANCE_UPDATED: 13,
  POSITION_UPDATED: 14,
  EXPOSURE_UPDATED: 15,
} as const;

/** Words of one row. */
export const STRIDE = 24;

/** Columns of a row about one order; DETAIL to PROJECTED differ by type. */
export const ORDER = {
  ID: 0,
  ACCOUNT: 1,
  INSTRUMENT: 2,
  SIDE: 3,
  ORD_TYPE: 4,
  TIME_IN_FORCE: 5,
  STATUS: 6,
  QTY: 7,
  PRICE: 8,
  STOP_PX: 9,
  DISPLAY: 10,
  EXPIRE: 11,
  FLAGS: 12,
  SELF_TRADE: 13,
  CUM: 14,
  LEAVES: 15,
  NOTIONAL: 16,
  CREATED: 17,
  /** Reject, cancel or restate reason; priorityKept; trigger price. */
  DETAIL: 18,
  /** Lots taken out, or the limit of the rule that refused. */
  EXTRA: 19,
  CURRENT: 20,
  PROJECTED: 21,
  /** Only where FLAGS tells PLANNED. */
  PLAN: 22,
  PLAN_ROLE: 23,
} as const;

/** Columns of a trade; a leg's columns start at MAKER or TAKER. */
export const TRADE = {
  ID: 0,
  INSTRUMENT: 1,
  PRICE: 2,
  QTY: 3,
  AGGRESSOR: 4,
  TAKER_SIDE: 5,
  MAKER: 6,
  TAKER: 13,
} as const;
export const LEG = { ORDER_ID: 0, ACCOUNT: 1, STATUS: 2, CUM: 3, LEAVES: 4, NOTIONAL: 5, FEE: 6 } as const;

/** An event without its header. */
export type EventBody = ExchangeEvent extends infer E
  ? E extends ExchangeEvent
    ? Omit<E, keyof EventHeader>
    : never
  : never;

const FIRST_ROWS = 256;
/** Rules of a refusal that came before the check. */
export const NO_RULES: readonly RuleRow[] = [];

export class EventBuffer {
  rowCount = 0;
  /** Sequence of the event before the first row. */
  baseSequence = 0;
  commandSequence = 0;
  timeUs = 0;
  types = new Uint8Array(FIRST_ROWS);
  words = new Float64Array(FIRST_ROWS * STRIDE);
  readonly texts: (string | null)[] = new Array<string | null>(FIRST_ROWS).fill(null);
  readonly moreTexts: (string | null)[] = new Array<string | null>(FIRST_ROWS).fill(null);
  readonly bodies: (EventBody | null)[] = new Array<EventBody | null>(FIRST_ROWS).fill(null);
  readonly rules: (readonly RuleRow[])[] = new Array<readonly RuleRow[]>(FIRST_ROWS).fill(NO_RULES);
  #size = FIRST_ROWS;

  begin(baseSequence: number, commandSequence: number, timeUs: number): void {
    this.rowCount = 0;
    this.baseSequence = baseSequence;
    this.commandSequence = commandSequence;
    this.timeUs = timeUs;
  }

  body(event: EventBody): void {
    const row = this.#row(ROW.BODY) / STRIDE;
    this.bodies[row] = event;
  }

  /** Tells an order as it now stands. */
  order(type: number, orders: OrderTable, slot: number, detail: number, extra: number): void {
    const at = this.#row(type);
    const { words } = this;
    const { ints, floats, bytes } = orders;
    words[at + ORDER.ID] = ints[slot + INT.GENERATION]! * SLOT_SPAN + slot / SLOT_WORDS;
    words[at + ORDER.ACCOUNT] = ints[slot + INT.ACCOUNT]!;
    words[at + ORDER.INSTRUMENT] = ints[slot + INT.INSTRUMENT]!;
    words[at + ORDER.SIDE] = bytes[slot + BYTE.SIDE]!;
    words[at + ORDER.ORD_TYPE] = bytes[slot + BYTE.ORD_TYPE]!;
    words[at + ORDER.TIME_IN_FORCE] = bytes[slot + BYTE.TIME_IN_FORCE]!;
    words[at + ORDER.STATUS] = bytes[slot + BYTE.STATE]!;
    words[at + ORDER.QTY] = floats[slot + FLOAT.QTY]!;
    words[at + ORDER.PRICE] = floats[slot + FLOAT.PRICE]!;
    words[at + ORDER.STOP_PX] = orders.stopPxTicks[slot]!;
    words[at + ORDER.DISPLAY] = floats[slot + FLOAT.DISPLAY]!;
    words[at + ORDER.EXPIRE] = orders.expireTimeUs[slot]!;
    words[at + ORDER.FLAGS] = bytes[slot + BYTE.FLAGS]!;
    words[at + ORDER.SELF_TRADE] = bytes[slot + BYTE.SELF_TRADE]!;
    words[at + ORDER.CUM] = floats[slot + FLOAT.CUM]!;
    words[at + ORDER.LEAVES] = floats[slot + FLOAT.LEAVES]!;
    words[at + ORDER.NOTIONAL] = floats[slot + FLOAT.NOTIONAL]!;
    words[at + ORDER.CREATED] = floats[slot + FLOAT.CREATED]!;
    words[at + ORDER.DETAIL] = detail;
    words[at + ORDER.EXTRA] = extra;
    if ((bytes[slot + BYTE.FLAGS]! & PLANNED) !== 0) this.#plan(at, orders, slot);
    setText(this.texts, at / STRIDE, orders.clOrdIdOf(slot));
  }

  /** Tells a refused order with the arithmetic of the rule (NaN = none) and all rules. */
  rejection(
    orders: OrderTable,
    slot: number,
    reason: number,
    limit: number,
    current: number,
    projected: number,
    rules: readonly RuleRow[],
  ): void {
    this.order(ROW.ORDER_REJECTED, orders, slot, reason, limit);
    const at = (this.rowCount - 1) * STRIDE;
    this.words[at + ORDER.CURRENT] = current;
    this.words[at + ORDER.PROJECTED] = projected;
    this.rules[at / STRIDE] = rules;
  }

  trade(
    orders: OrderTable,
    tradeId: number,
    priceTicks: number,
    lots: number,
    aggressor: number,
    maker: number,
    makerFee: number,
    taker: number,
    takerFee: number,
  ): void {
    const at = this.#row(ROW.ORDERS_TRADED);
    const words = this.words;
    words[at + TRADE.ID] = tradeId;
    words[at + TRADE.INSTRUMENT] = orders.instrument[maker]!;
    words[at + TRADE.PRICE] = priceTicks;
    words[at + TRADE.QTY] = lots;
    words[at + TRADE.AGGRESSOR] = aggressor;
    words[at + TRADE.TAKER_SIDE] = orders.side[taker]!;
    this.#leg(at + TRADE.MAKER, orders, maker, makerFee);
    this.#leg(at + TRADE.TAKER, orders, taker, takerFee);
    const row = at / STRIDE;
    setText(this.texts, row, orders.clOrdIdOf(maker));
    setText(this.moreTexts, row, orders.clOrdIdOf(taker));
  }

  duplicate(account: number, clOrdId: string, orderId: number, firstCommandSequence: number): void {
    const at = this.#row(ROW.ORDER_DUPLICATED);
    this.words[at] = account;
    this.words[at + 1] = orderId;
    this.words[at + 2] = firstCommandSequence;
    this.texts[at / STRIDE] = clOrdId;
  }

  /** @param request position in REQUESTS; account and orderId: NONE = null; the arithmetic: NaN = null */
  refusal(
    request: number,
    account: number,
    orderId: number,
    clOrdId: string | null,
    reason: number,
    text: string,
    limit: number,
    current: number,
    projected: number,
    rules: readonly RuleRow[] = NO_RULES,
  ): void {
    const at = this.#row(ROW.REQUEST_REJECTED);
    this.rules[at / STRIDE] = rules;
    const words = this.words;
    words[at] = request;
    words[at + 1] = account;
    words[at + 2] = orderId;
    words[at + 3] = reason;
    words[at + 4] = limit;
    words[at + 5] = current;
    words[at + 6] = projected;
    this.texts[at / STRIDE] = clOrdId;
    this.moreTexts[at / STRIDE] = text;
  }

  massCancelDone(account: number, canceledCount: number): void {
    const at = this.#row(ROW.MASS_CANCEL_DONE);
    this.words[at] = account;
    this.words[at + 1] = canceledCount;
  }

  level(levels: LevelTable, level: number): void {
    const at = this.#row(ROW.BOOK_LEVEL_CHANGED);
    const words = this.words;
    const sideIndex = levels.sideIndex[level]!;
    const side = sideIndex & 1;
    words[at] = sideIndex >>> 1;
    words[at + 1] = side;
    words[at + 2] = side === 0 ? levels.key[level]! : -levels.key[level]!;
    words[at + 3] = levels.qtyLots[level]!;
    words[at + 4] = levels.orderCount[level]!;
  }

  balance(ledger: Ledger, row: number): void {
    const at = this.#row(ROW.BALANCE_UPDATED);
    const words = this.words;
    words[at] = ledger.rows.firstOf(row);
    words[at + 1] = ledger.rows.secondOf(row);
    words[at + 2] = ledger.total[row]!;
    words[at + 3] = ledger.held[row]!;
  }

  position(positions: Positions, row: number): void {
    const at = this.#row(ROW.POSITION_UPDATED);
    const words = this.words;
    words[at] = positions.rows.firstOf(row);
    words[at + 1] = positions.rows.secondOf(row);
    words[at + 2] = positions.qtyLots[row]!;
    words[at + 3] = positions.costUnits[row]!;
    words[at + 4] = positions.realizedPnlUnits[row]!;
    words[at + 5] = positions.feesUnits[row]!;
  }

  exposure(exposures: Exposures, row: number): void {
    const at = this.#row(ROW.EXPOSURE_UPDATED);
    const words = this.words;
    const instrument = exposures.rows.secondOf(row);
    words[at] = exposures.rows.firstOf(row);
    words[at + 1] = instrument === ALL_INSTRUMENTS ? NONE : instrument;
    words[at + 2] = exposures.grossE6[row]!;
    words[at + 3] = exposures.longE6[row]!;
    words[at + 4] = exposures.shortE6[row]!;
    words[at + 5] = exposures.dailyPnlE6[row]!;
  }

  #plan(at: number, { links }: OrderTable, slot: number): void {
    this.words[at + ORDER.PLAN] = links.planIdOf(slot);
    this.words[at + ORDER.PLAN_ROLE] = links.roleOf(slot);
  }

  #leg(at: number, orders: OrderTable, slot: number, fee: number): void {
    const { words } = this;
    const { ints, floats } = orders;
    words[at + LEG.ORDER_ID] = ints[slot + INT.GENERATION]! * SLOT_SPAN + slot / SLOT_WORDS;
    words[at + LEG.ACCOUNT] = ints[slot + INT.ACCOUNT]!;
    words[at + LEG.STATUS] = orders.state[slot]!;
    words[at + LEG.CUM] = floats[slot + FLOAT.CUM]!;
    words[at + LEG.LEAVES] = floats[slot + FLOAT.LEAVES]!;
    words[at + LEG.NOTIONAL] = floats[slot + FLOAT.NOTIONAL]!;
    words[at + LEG.FEE] = fee;
  }

  /** Takes the next row and returns the place of its first word. */
  #row(type: number): number {
    if (this.rowCount === this.#size) this.#grow();
    const row = this.rowCount;
    this.rowCount = row + 1;
    this.types[row] = type;
    return row * STRIDE;
  }

  #grow(): void {
    this.#size *= 2;
    const types = new Uint8Array(this.#size);
    types.set(this.types);
    this.types = types;
    const words = new Float64Array(this.#size * STRIDE);
    words.set(this.words);
    this.words = words;
    for (let row = this.rowCount; row < this.#size; row += 1) {
      this.texts.push(null);
      this.moreTexts.push(null);
      this.bodies.push(null);
      this.rules.push(NO_RULES);
    }
  }
}

/** Most texts are null and stay it: comparing costs less than telling the collector of a write. */
function setText(texts: (string | null)[], row: number, text: string | null): void {
  if (texts[row] !== text) texts[row] = text;
}

/** Requests that RequestRejected names; positions are codes. */
export const REQUESTS = [
  'CancelOrder',
  'ReplaceOrder',
  'CancelAllOrders',
  'AdjustBalance',
  'Administration',
  'PlaceOrders',
  'CancelOrders',
  'MassQuote',
  'RenewLeases',
  'CancelAllAfter',
  'PlacePlan',
] as const;
export const REQUEST = {
  CANCEL: 0,
  REPLACE: 1,
  CANCEL_ALL: 2,
  ADJUST: 3,
  ADMINISTRATION: 4,
  PLACE_ALL: 5,
  CANCEL_SOME: 6,
  QUOTE: 7,
  RENEW_LEASES: 8,
  CANCEL_ALL_AFTER: 9,
  PLAN: 10,
} as const;

/** A numeric column as the edge sees it: NONE and NaN are null. */
export function orNull(value: number): number | null {
  return value === NONE || Number.isNaN(value) ? null : value;
}
