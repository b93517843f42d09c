/**
 * All orders of the exchange as columns: slot i of every array belongs to one order.
 *
 * ```
 * order id (53 bits) = generation (29) · 2^24 + slot (24)
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
import { columnNames, RowRecorder } from '../values/row-recorder.js';
import { FREE, PENDING } from './order-state.js';

/** End of a linked list. */
export const NIL = -1;
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
/** A stop that was triggered in this command and waits for its turn. */
export const TRIGGERED = 2;

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
  /** Generation of the slot's present or last order; 0 = never used. */
  generation = new Int32Array(FIRST_SIZE);
  /** OrdStatus code, FREE or PENDING. */
  state = new Uint8Array(FIRST_SIZE).fill(FREE);
  side = new Uint8Array(FIRST_SIZE);
  ordType = new Uint8Array(FIRST_SIZE);
  timeInForce = new Uint8Array(FIRST_SIZE);
  selfTradePrevention = new Uint8Array(FIRST_SIZE);
  flags = new Uint8Array(FIRST_SIZE);
  /** Account of the present order, or of the last one while the slot is free. */
  account = new Int32Array(FIRST_SIZE);
  instrument = new Int32Array(FIRST_SIZE);
  /** Level where it rests; NIL while it does not. */
  level = new Int32Array(FIRST_SIZE);
  next = new Int32Array(FIRST_SIZE);
  prev = new Int32Array(FIRST_SIZE);
  accountNext = new Int32Array(FIRST_SIZE);
  accountPrev = new Int32Array(FIRST_SIZE);
  priceTicks = new Float64Array(FIRST_SIZE);
  stopPxTicks = new Float64Array(FIRST_SIZE);
  displayQtyLots = new Float64Array(FIRST_SIZE);
  expireTimeUs = new Float64Array(FIRST_SIZE);
  orderQtyLots = new Float64Array(FIRST_SIZE);
  cumQtyLots = new Float64Array(FIRST_SIZE);
  leavesQtyLots = new Float64Array(FIRST_SIZE);
  /** Part of leavesQtyLots that the public book shows while the order rests. */
  shownQtyLots = new Float64Array(FIRST_SIZE);
  cumNotionalUnits = new Float64Array(FIRST_SIZE);
  trailingOffsetTicks = new Float64Array(FIRST_SIZE);
  trailingPpm = new Float64Array(FIRST_SIZE);
  /** ACTIVE, WAITING or TRIGGERED. */
  phase = new Uint8Array(FIRST_SIZE);
  /** Place in time among waiting stops. */
  arrival = new Float64Array(FIRST_SIZE);
  /** Time at which the order expires; NONE = never. */
  dueUs = new Float64Array(FIRST_SIZE);
  /** Place in the expiry heap, NIL while not in it. */
  heapIndex = new Int32Array(FIRST_SIZE);
  createdUs = new Float64Array(FIRST_SIZE);
  /** Units that the order holds of its account's balance. */
  heldUnits = new Float64Array(FIRST_SIZE);
  readonly clOrdId: (string | null)[] = [];

  /** Slots ever used. */
  slotCount = 0;
  /** Stack of free slots, top at freeCount − 1. */
  free = new Int32Array(FIRST_SIZE);
  freeCount = 0;
  #released = new Int32Array(FIRST_SIZE);
  #releasedCount = 0;
  #size = FIRST_SIZE;

  /** Told of each row before it changes; the heap keeps `heapIndex` itself. */
  readonly recorder = new RowRecorder(this, columnNames(this, ['free', 'heapIndex']));
  /** Accounts as they were before their lists changed in a trial. */
  readonly #accountsBefore = new Map<AccountOrders, AccountOrders>();
  #marks: readonly [slotCount: number, freeCount: number, releasedCount: number] = [0, 0, 0];

  constructor(readonly maxOrders: number) {}

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
      slot = this.slotCount;
      if (slot >= this.maxOrders + SPARE_SLOTS) throw new InvariantError('the order table has no slot left');
      if (slot === this.#size) this.#grow();
      this.slotCount = slot + 1;
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
    this.clOrdId[slot] = null;
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
    return this.generation[slot]! * SLOT_SPAN + slot;
  }

  /** Tells whether the slot's order has not ended yet. */
  isInUse(slot: number): boolean {
    return this.state[slot] !== FREE;
  }

  /** Returns the slot whose present or last order has this id; NIL when there is none. */
  slotOf(orderId: number): number {
    if (!Number.isSafeInteger(orderId) || orderId < SLOT_SPAN) return NIL;
    const slot = orderId % SLOT_SPAN;
    if (slot >= this.slotCount) return NIL;
    return this.generation[slot] === (orderId - slot) / SLOT_SPAN ? slot : NIL;
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
    while (this.#size < size) this.#grow();
  }

  #grow(): void {
    const size = this.#size * 2;
    const used = this.#size;
    this.generation = grown(this.generation, size);
    this.state = grown(this.state, size).fill(FREE, used);
    this.side = grown(this.side, size);
    this.ordType = grown(this.ordType, size);
    this.timeInForce = grown(this.timeInForce, size);
    this.selfTradePrevention = grown(this.selfTradePrevention, size);
    this.flags = grown(this.flags, size);
    this.account = grown(this.account, size);
    this.instrument = grown(this.instrument, size);
    this.level = grown(this.level, size);
    this.next = grown(this.next, size);
    this.prev = grown(this.prev, size);
    this.accountNext = grown(this.accountNext, size);
    this.accountPrev = grown(this.accountPrev, size);
    this.priceTicks = grown(this.priceTicks, size);
    this.stopPxTicks = grown(this.stopPxTicks, size);
    this.displayQtyLots = grown(this.displayQtyLots, size);
    this.expireTimeUs = grown(this.expireTimeUs, size);
    this.orderQtyLots = grown(this.orderQtyLots, size);
    this.cumQtyLots = grown(this.cumQtyLots, size);
    this.leavesQtyLots = grown(this.leavesQtyLots, size);
    this.shownQtyLots = grown(this.shownQtyLots, size);
    this.cumNotionalUnits = grown(this.cumNotionalUnits, size);
    this.trailingOffsetTicks = grown(this.trailingOffsetTicks, size);
    this.trailingPpm = grown(this.trailingPpm, size);
    this.phase = grown(this.phase, size);
    this.arrival = grown(this.arrival, size);
    this.dueUs = grown(this.dueUs, size);
    this.heapIndex = grown(this.heapIndex, size);
    this.createdUs = grown(this.createdUs, size);
    this.heldUnits = grown(this.heldUnits, size);
    this.free = grown(this.free, size);
    this.#released = grown(this.#released, size);
    this.#size = size;
  }
}
