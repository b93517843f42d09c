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
import { FREE, PENDING } from './order-state.js';

/** End of a linked list. */
export const NIL = -1;
/** accountPrev of an order that is not in its account's list. */
export const UNLINKED = -2;
export const SLOT_SPAN = 2 ** 24;
/** Words of an order's record, and so the distance of two slots. */
export const SLOT_WORDS = 16;
export const MAX_GENERATION = 2 ** 29 - 1;
/** Slots beyond maxOrders for orders that are checked, rejected or finished within one command. */
export const SPARE_SLOTS = 1024;

/** Life phases of the phase column. */
export const ACTIVE = 0;
/** A stop that waits for its trigger. */
export const WAITING = 1;
/** A stop that was triggered in this command and waits for its turn. */
export const TRIGGERED = 2;
/** A MARKET order that gathers for an auction. */
export const GATHERED_MARKET = 3;
/** An AT_THE_CLOSE order that waits for the closing auction. */
export const AWAITS_CLOSE = 4;

/** Bits of the flags column. */
export const POST_ONLY = 1;
export const REDUCE_ONLY = 2;
/** The order is one side of a mass quote. */
export const QUOTE = 4;

const FIRST_SIZE = 1024;

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
  // Three memories by width; in each the columns that matching needs come first.
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
    this.#marks = [this.slotCount, this.freeCount, this.#releasedCount];
  }

  /** Makes all rows and lists what they were when the trial began. */
  takeBack(): void {
    this.recorder.takeBack();
    [this.slotCount, this.freeCount, this.#releasedCount] = this.#marks;
    for (const [account, { openOrders, firstOrder, lastOrder }] of this.#accountsBefore) {
      Object.assign(account, { openOrders, firstOrder, lastOrder });
    }
  }

  /** Ends a trial. */
  end(): void {
    this.recorder.end();
    this.#accountsBefore.clear();
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
    this.generation[slot]! += 1;
    this.state[slot] = PENDING;
    this.level[slot] = NIL;
    this.next[slot] = NIL;
    this.prev[slot] = NIL;
    this.accountPrev[slot] = UNLINKED;
    this.shownQtyLots[slot] = 0;
    this.heldUnits[slot] = 0;
    this.phase[slot] = ACTIVE;
    this.heapIndex[slot] = NIL;
    this.dueUs[slot] = NONE;
    this.cumQtyLots[slot] = 0;
    this.cumNotionalUnits[slot] = 0;
    return slot;
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
    for (let index = this.#size; index < size; index += 1) this.state[index * SLOT_WORDS] = FREE;
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
      this.stopPxTicks,
      this.expireTimeUs,
      this.trailingOffsetTicks,
      this.trailingPpm,
      this.arrival,
      this.protectionPxTicks,
    ] = recordColumns(this.leavesQtyLots, SLOT_WORDS, size);
  }
}
