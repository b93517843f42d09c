/**
 * All orders of the exchange as columns; the words of one order lie together (see `values/records.ts`).
 *
 * ```
 * order id (53 bits) = generation (29) · 2^24 + index (24)
 * slot = index · SLOT_WORDS: the place of the order's record, by which every column is read
 * slot: FREE ──allocate──> PENDING ──accept──> working ──finish──> FREE (usable after the command)
 * ```
 * Invariants: an id is issued once; a slot freed within a command is not given out again before the command
 * ends, so that no event names two orders by one slot; free slots are used last-freed-first, which keeps the
 * hot rows in the cache.
 * Complexity: allocate, find and release are O(1); columns double until `maxOrders` fit.
 * Known limit: a slot that has issued 2^29 − 1 ids is retired for good.
 */
import { NONE } from '../values/codes.js';
import { InvariantError } from '../values/invariant.js';
import { recordColumns } from '../values/records.js';
import { columnNames, RowRecorder } from '../values/row-recorder.js';
import { LinkTable } from './links.js';
import { FREE, PENDING } from './order-state.js';
import { NIL, SLOT_WORDS } from './slots.js';

export { NIL, SLOT_WORDS } from './slots.js';

/** accountPrev of an order that is not in its account's list. */
export const UNLINKED = -2;
export const SLOT_SPAN = 2 ** 24;
export const MAX_GENERATION = 2 ** 29 - 1;
/** Slots beyond maxOrders for orders that are checked, rejected or finished within one command. */
export const SPARE_SLOTS = 1024;

/** Life phases of the phase column. */
export const ACTIVE = 0;
/** A stop that waits for its trigger. */
export const WAITING = 1;
/** A stop that is in no stop book: triggered, or accepted, in this command, with its turn to come. */
export const TRIGGERED = 2;
/** An exit of a plan that waits for its entry to trade. */
export const HELD = 3;
/** A MARKET order that gathers for an auction. */
export const GATHERED_MARKET = 4;
/** An AT_THE_CLOSE order that waits for the closing auction. */
export const AWAITS_CLOSE = 5;

/** Bits of the flags column. */
export const POST_ONLY = 1;
export const REDUCE_ONLY = 2;
/** The order is one side of a mass quote. */
export const QUOTE = 4;
/** The order is a leg of a plan: the link table tells which. */
export const PLANNED = 8;
/** The order ends with its lease. */
export const LEASED = 128;

/**
 * Words of an order's record in its three hot memories, for code that reads many of them at once: it holds the memory in
 * one variable and pays one bounds check a word, where every column is an array of its own to load and to check.
 * `floats[slot + FLOAT.PRICE]` is `priceTicks[slot]`. They number the columns as `#lay…` lays them.
 */
export const FLOAT = {
  LEAVES: 0,
  SHOWN: 1,
  PRICE: 2,
  HELD: 3,
  CUM: 4,
  NOTIONAL: 5,
  QTY: 6,
  DISPLAY: 7,
  DUE: 8,
  CREATED: 9,
} as const;
export const INT = {
  GENERATION: 0,
  ACCOUNT: 1,
  INSTRUMENT: 2,
  LEVEL: 3,
  NEXT: 4,
  PREV: 5,
  ACCOUNT_NEXT: 6,
  ACCOUNT_PREV: 7,
  HEAP_INDEX: 8,
  QUOTE_ROW: 9,
  BASE_ROW: 10,
  POSITION_ROW: 11,
  COUNTED_HIGH: 12,
  COUNTED_LOW: 13,
  LEASE: 14,
} as const;
export const BYTE = {
  STATE: 0,
  SIDE: 1,
  ORD_TYPE: 2,
  TIME_IN_FORCE: 3,
  SELF_TRADE: 4,
  FLAGS: 5,
  PHASE: 6,
} as const;

const FIRST_SIZE = 1024;
const COUNTED_SPAN = 2 ** 30;

/** Ends of an account's list of orders. */
export interface AccountOrders {
  openOrders: number;
  firstOrder: number;
  lastOrder: number;
}

function grown<T extends Int32Array | Uint8Array | Float64Array>(column: T, size: number): T {
  const Column = column.constructor as new (length: number) => T;
  const next = new Column(size);
  next.set(column);
  return next;
}

export class OrderTable {
  // Memories by width and by need; in each the columns that matching needs come first. The first column of a memory is the
  // memory itself, with the words that FLOAT, INT and BYTE name.
  /** Generation of the slot's present or last order; 0 = never used. */
  generation = new Int32Array(0);
  /** Account of the present order, or of the last one while the slot is free. */
  account = new Int32Array(0);
  instrument = new Int32Array(0);
  /** Level where it rests; NIL while it does not. */
  level = new Int32Array(0);
  next = new Int32Array(0);
  prev = new Int32Array(0);
  accountNext = new Int32Array(0);
  accountPrev = new Int32Array(0);
  /** Place in the expiry heap, NIL while not in it. */
  heapIndex = new Int32Array(0);
  /** Ledger rows of the account's quote and base, and its position's row, once `PlainOrders` looked them up; else NIL. */
  quoteRow = new Int32Array(0);
  baseRow = new Int32Array(0);
  positionRow = new Int32Array(0);
  /** Lots that limits count as open, of accounts that have limits: units of 2^30, and the rest. */
  countedHigh = new Int32Array(0);
  countedLow = new Int32Array(0);
  /** Row of the order's lease; means nothing unless it is LEASED. */
  lease = new Int32Array(0);

  /** OrdStatus code, FREE or PENDING. */
  state = new Uint8Array(0);
  side = new Uint8Array(0);
  ordType = new Uint8Array(0);
  timeInForce = new Uint8Array(0);
  selfTradePrevention = new Uint8Array(0);
  flags = new Uint8Array(0);
  /** One of the life phases, from ACTIVE on. */
  phase = new Uint8Array(0);

  leavesQtyLots = new Float64Array(0);
  /** Part of leavesQtyLots that the public book shows while the order rests. */
  shownQtyLots = new Float64Array(0);
  priceTicks = new Float64Array(0);
  /** Units that the order holds of its account's balance. */
  heldUnits = new Float64Array(0);
  cumQtyLots = new Float64Array(0);
  cumNotionalUnits = new Float64Array(0);
  orderQtyLots = new Float64Array(0);
  displayQtyLots = new Float64Array(0);
  /** Time at which the order expires; NONE = never. */
  dueUs = new Float64Array(0);
  createdUs = new Float64Array(0);
  // What few orders use, apart from the others.
  stopPxTicks = new Float64Array(0);
  expireTimeUs = new Float64Array(0);
  trailingOffsetTicks = new Float64Array(0);
  trailingPpm = new Float64Array(0);
  /** Place in time among waiting stops. */
  arrival = new Float64Array(0);
  /** Worst price at which a MARKET order trades in an auction; NONE where it has none. */
  protectionPxTicks = new Float64Array(0);

  /** By slot ÷ SLOT_WORDS; of a free slot, what its last order had. */
  readonly clOrdIds: (string | null)[] = [];

  /** Slots ever used. */
  slotCount = 0;
  /** Stack of free slots, top at freeCount − 1. */
  free = new Int32Array(FIRST_SIZE);
  freeCount = 0;
  #released = new Int32Array(FIRST_SIZE);
  #releasedCount = 0;
  #size = 0;

  /** Links of the orders that carry PLANNED. */
  readonly links = new LinkTable();
  /** Told of each row before it changes; the heap keeps `heapIndex` itself, and a free slot's clOrdId means nothing. */
  readonly recorder = new RowRecorder(this, columnNames(this, ['free', 'heapIndex', 'clOrdIds']));
  /** Accounts as they were before their lists changed in a trial. */
  readonly #accountsBefore = new Map<AccountOrders, AccountOrders>();
  #marks: readonly [slotCount: number, freeCount: number, releasedCount: number] = [0, 0, 0];

  constructor(readonly maxOrders: number) {
    this.#grow(FIRST_SIZE);
  }

  /** Begins a trial. */
  begin(): void {
    this.recorder.begin();
    this.links.recorder.begin();
    this.#marks = [this.slotCount, this.freeCount, this.#releasedCount];
  }

  /** Makes all rows and lists what they were when the trial began. */
  takeBack(): void {
    this.recorder.takeBack();
    this.links.recorder.takeBack();
    [this.slotCount, this.freeCount, this.#releasedCount] = this.#marks;
    for (const [account, { openOrders, firstOrder, lastOrder }] of this.#accountsBefore) {
      Object.assign(account, { openOrders, firstOrder, lastOrder });
    }
  }

  /** Ends a trial. */
  end(): void {
    this.recorder.end();
    this.links.recorder.end();
    this.#accountsBefore.clear();
  }

  /** Memory of the whole-number columns, words by INT. */
  get ints(): Int32Array {
    return this.generation;
  }

  /** Memory of the amounts, words by FLOAT. */
  get floats(): Float64Array {
    return this.leavesQtyLots;
  }

  /** Memory of the codes, words by BYTE. */
  get bytes(): Uint8Array {
    return this.state;
  }

  /** Lots that limits count as open of the order. */
  countedOf(slot: number): number {
    return this.countedHigh[slot]! * COUNTED_SPAN + this.countedLow[slot]!;
  }

  /** Lots of the order that can trade; none while it waits for its entry. */
  openLotsOf(slot: number): number {
    return this.phase[slot] === HELD ? 0 : this.leavesQtyLots[slot]!;
  }

  setCounted(slot: number, lots: number): void {
    const high = Math.floor(lots / COUNTED_SPAN);
    this.countedHigh[slot] = high;
    this.countedLow[slot] = lots - high * COUNTED_SPAN;
  }

  clOrdIdOf(slot: number): string | null {
    return this.clOrdIds[slot / SLOT_WORDS]!;
  }

  setClOrdId(slot: number, clOrdId: string | null): void {
    const index = slot / SLOT_WORDS;
    // Most are null and stay it: comparing costs less than telling the collector of a write.
    if (this.clOrdIds[index] !== clOrdId) this.clOrdIds[index] = clOrdId;
  }

  /** Orders that are PENDING or working. */
  get inUse(): number {
    return this.slotCount - this.freeCount - this.#releasedCount;
  }

  /** Gives out a slot in state PENDING with a new generation; links are NIL, amounts are the caller's to set. */
  allocate(): number {
    let slot: number;
    if (this.freeCount > 0) {
      this.freeCount -= 1;
      slot = this.free[this.freeCount]!;
    } else {
      const index = this.slotCount;
      if (index >= this.maxOrders + SPARE_SLOTS) throw new InvariantError('the order table has no slot left');
      if (index === this.#size) this.#grow(index * 2);
      this.slotCount = index + 1;
      slot = index * SLOT_WORDS;
    }
    this.recorder.note(slot);
    const { ints, floats, bytes } = this;
    ints[slot + INT.GENERATION]! += 1;
    ints[slot + INT.LEVEL] = NIL;
    ints[slot + INT.NEXT] = NIL;
    ints[slot + INT.PREV] = NIL;
    ints[slot + INT.ACCOUNT_PREV] = UNLINKED;
    ints[slot + INT.HEAP_INDEX] = NIL;
    ints[slot + INT.QUOTE_ROW] = NIL;
    ints[slot + INT.COUNTED_HIGH] = 0;
    ints[slot + INT.COUNTED_LOW] = 0;
    bytes[slot + BYTE.STATE] = PENDING;
    bytes[slot + BYTE.PHASE] = ACTIVE;
    floats[slot + FLOAT.SHOWN] = 0;
    floats[slot + FLOAT.HELD] = 0;
    floats[slot + FLOAT.CUM] = 0;
    floats[slot + FLOAT.NOTIONAL] = 0;
    floats[slot + FLOAT.DUE] = NONE;
    return slot;
  }

  /** Sets what few orders use to none. */
  clearRare(slot: number): void {
    this.stopPxTicks[slot] = NONE;
    this.expireTimeUs[slot] = NONE;
    this.trailingOffsetTicks[slot] = NONE;
    this.trailingPpm[slot] = NONE;
  }

  /** Frees a slot; it can be given out again once the command has ended. */
  release(slot: number): void {
    this.recorder.note(slot);
    this.state[slot] = FREE;
    this.priceTicks[slot] = NONE;
    this.#released[this.#releasedCount] = slot;
    this.#releasedCount += 1;
  }

  endCommand(): void {
    for (let index = 0; index < this.#releasedCount; index += 1) {
      const slot = this.#released[index]!;
      if (this.generation[slot]! < MAX_GENERATION) {
        this.free[this.freeCount] = slot;
        this.freeCount += 1;
      }
    }
    this.#releasedCount = 0;
  }

  idOf(slot: number): number {
    return this.generation[slot]! * SLOT_SPAN + slot / SLOT_WORDS;
  }

  /** Tells whether the slot's order has not ended yet. */
  isInUse(slot: number): boolean {
    return this.state[slot] !== FREE;
  }

  /** Returns the slot whose present or last order has this id; NIL when there is none. */
  slotOf(orderId: number): number {
    if (!Number.isSafeInteger(orderId) || orderId < SLOT_SPAN) return NIL;
    // No remainder: for numbers of this size it costs as much as all the rest of a cancel.
    const generation = Math.floor(orderId / SLOT_SPAN);
    const index = orderId - generation * SLOT_SPAN;
    if (index >= this.slotCount) return NIL;
    const slot = index * SLOT_WORDS;
    return this.generation[slot] === generation ? slot : NIL;
  }

  /** Puts an order at the end of its account's list. */
  linkLast(account: AccountOrders, slot: number): void {
    if (this.recorder.isOn) this.#noteNeighbours(account, slot, account.lastOrder, NIL);
    this.accountPrev[slot] = account.lastOrder;
    this.accountNext[slot] = NIL;
    if (account.lastOrder === NIL) account.firstOrder = slot;
    else this.accountNext[account.lastOrder] = slot;
    account.lastOrder = slot;
    account.openOrders += 1;
  }

  /** Takes an order out of its account's list. */
  unlink(account: AccountOrders, slot: number): void {
    const next = this.accountNext[slot]!;
    const prev = this.accountPrev[slot]!;
    if (this.recorder.isOn) this.#noteNeighbours(account, slot, prev, next);
    if (prev === NIL) account.firstOrder = next;
    else this.accountNext[prev] = next;
    if (next === NIL) account.lastOrder = prev;
    else this.accountPrev[next] = prev;
    this.accountPrev[slot] = UNLINKED;
    account.openOrders -= 1;
  }

  #noteNeighbours(account: AccountOrders, slot: number, prev: number, next: number): void {
    if (!this.#accountsBefore.has(account)) this.#accountsBefore.set(account, { ...account });
    this.recorder.note(slot);
    if (prev !== NIL) this.recorder.note(prev);
    if (next !== NIL) this.recorder.note(next);
  }

  /** Makes room for `size` slots at once, as a snapshot needs it. */
  reserve(size: number): void {
    let needed = this.#size;
    while (needed < size) needed *= 2;
    if (needed > this.#size) this.#grow(needed);
  }

  #grow(size: number): void {
    this.#layInts(size);
    this.#layBytes(size);
    this.#layFloats(size);
    this.#layRare(size);
    for (let index = this.#size; index < size; index += 1) {
      this.state[index * SLOT_WORDS] = FREE;
      this.level[index * SLOT_WORDS] = NIL;
    }
    this.free = grown(this.free, size);
    this.#released = grown(this.#released, size);
    this.#size = size;
  }

  #layInts(size: number): void {
    [
      this.generation,
      this.account,
      this.instrument,
      this.level,
      this.next,
      this.prev,
      this.accountNext,
      this.accountPrev,
      this.heapIndex,
      this.quoteRow,
      this.baseRow,
      this.positionRow,
      this.countedHigh,
      this.countedLow,
      this.lease,
    ] = recordColumns(this.generation, SLOT_WORDS, size);
  }

  #layBytes(size: number): void {
    [this.state, this.side, this.ordType, this.timeInForce, this.selfTradePrevention, this.flags, this.phase] =
      recordColumns(this.state, SLOT_WORDS, size);
  }

  #layFloats(size: number): void {
    [
      this.leavesQtyLots,
      this.shownQtyLots,
      this.priceTicks,
      this.heldUnits,
      this.cumQtyLots,
      this.cumNotionalUnits,
      this.orderQtyLots,
      this.displayQtyLots,
      this.dueUs,
      this.createdUs,
    ] = recordColumns(this.leavesQtyLots, SLOT_WORDS, size);
  }

  #layRare(size: number): void {
    [
      this.stopPxTicks,
      this.expireTimeUs,
      this.trailingOffsetTicks,
      this.trailingPpm,
      this.arrival,
      this.protectionPxTicks,
    ] = recordColumns(this.stopPxTicks, SLOT_WORDS, size);
  }
}
