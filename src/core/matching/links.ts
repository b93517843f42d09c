/**
 * Links between orders of one plan, beside the order table: nothing is kept for, or asked about, any other order.
 *
 * ```
 * row = slot ÷ SLOT_WORDS of the order; links are slots, NIL = none
 * ENTRY ──firstExit, secondExit──> TAKE_PROFIT, STOP_LOSS      an exit follows its entry's fills
 *       <────────entry────────────
 * TAKE_PROFIT <──counter──> STOP_LOSS                          what one fills, the other loses
 * ```
 * Invariants: links are mutual, and only between orders that have not ended; of two counters exactly one leads. A row
 * means something while its order carries the flag PLANNED; planId and role stay with it, links go with their orders.
 * Complexity: O(1).
 */
import { memberOf } from '../values/codes.js';
import { RowRecorder } from '../values/row-recorder.js';
import { CONTINGENCIES, type Contingency, PLAN_LEGS, type PlanLegName } from '../values/vocabulary.js';
import { NIL, SLOT_WORDS } from './slots.js';

const FIRST_SIZE = 64;

/** Contingency and leg of an order as one number. */
export function roleCode(contingency: number, leg: number): number {
  return contingency * PLAN_LEGS.length + leg;
}

export function contingencyOf(role: number): Contingency {
  return memberOf(CONTINGENCIES, Math.floor(role / PLAN_LEGS.length));
}

export function legNameOf(role: number): PlanLegName {
  return memberOf(PLAN_LEGS, role % PLAN_LEGS.length);
}

/** Lots that an entry filled and its exits are to follow. */
export interface FollowedFill {
  /** Slots; an exit that has ended meanwhile no longer follows. The second: NIL where there is none. */
  readonly firstExit: number;
  readonly secondExit: number;
  lots: number;
}

export class LinkTable {
  planId = new Float64Array(FIRST_SIZE);
  role = new Int32Array(FIRST_SIZE);
  entry = new Int32Array(FIRST_SIZE);
  firstExit = new Int32Array(FIRST_SIZE);
  secondExit = new Int32Array(FIRST_SIZE);
  counter = new Int32Array(FIRST_SIZE);
  /** 1: of two counters the one that holds in full; the other holds only what it needs beyond that. */
  leads = new Int32Array(FIRST_SIZE);
  /** Of an entry: filled lots that its exits were told of. */
  followedLots = new Float64Array(FIRST_SIZE);
  readonly recorder = new RowRecorder(this, [
    'planId',
    'role',
    'entry',
    'firstExit',
    'secondExit',
    'counter',
    'leads',
    'followedLots',
  ]);

  /** Makes the order one of a plan, without links. */
  join(slot: number, planId: number, role: number): void {
    const row = slot / SLOT_WORDS;
    this.#reserve(row + 1);
    this.recorder.note(row);
    this.planId[row] = planId;
    this.role[row] = role;
    this.entry[row] = NIL;
    this.firstExit[row] = NIL;
    this.secondExit[row] = NIL;
    this.counter[row] = NIL;
    this.leads[row] = 0;
    this.followedLots[row] = 0;
  }

  planIdOf(slot: number): number {
    return this.planId[slot / SLOT_WORDS]!;
  }

  roleOf(slot: number): number {
    return this.role[slot / SLOT_WORDS]!;
  }

  entryOf(slot: number): number {
    return this.entry[slot / SLOT_WORDS]!;
  }

  counterOf(slot: number): number {
    return this.counter[slot / SLOT_WORDS]!;
  }

  /** The first exit that is left, NIL where none is. */
  firstExitOf(slot: number): number {
    return this.firstExit[slot / SLOT_WORDS]!;
  }

  secondExitOf(slot: number): number {
    return this.secondExit[slot / SLOT_WORDS]!;
  }

  isLeading(slot: number): boolean {
    return this.leads[slot / SLOT_WORDS] === 1;
  }

  followedLotsOf(slot: number): number {
    return this.followedLots[slot / SLOT_WORDS]!;
  }

  setFollowedLots(slot: number, lots: number): void {
    const row = slot / SLOT_WORDS;
    this.recorder.note(row);
    this.followedLots[row] = lots;
  }

  /** Makes two orders counters of each other; the first leads. */
  pair(first: number, second: number): void {
    this.recorder.note(first / SLOT_WORDS);
    this.recorder.note(second / SLOT_WORDS);
    this.counter[first / SLOT_WORDS] = second;
    this.counter[second / SLOT_WORDS] = first;
    this.lead(first, second);
  }

  lead(slot: number, counter: number): void {
    this.recorder.note(slot / SLOT_WORDS);
    this.recorder.note(counter / SLOT_WORDS);
    this.leads[slot / SLOT_WORDS] = 1;
    this.leads[counter / SLOT_WORDS] = 0;
  }

  /** Lets an exit follow an entry. */
  follow(entry: number, exit: number): void {
    const row = entry / SLOT_WORDS;
    this.recorder.note(row);
    this.recorder.note(exit / SLOT_WORDS);
    this.entry[exit / SLOT_WORDS] = entry;
    if (this.firstExit[row] === NIL) this.firstExit[row] = exit;
    else this.secondExit[row] = exit;
  }

  /** Undoes every link of the order, on both ends. */
  unlink(slot: number): void {
    const row = slot / SLOT_WORDS;
    const { counter, entry, firstExit, secondExit } = this;
    this.recorder.note(row);
    if (counter[row] !== NIL) this.#clear(counter, counter[row]!);
    for (const exit of [firstExit[row]!, secondExit[row]!]) if (exit !== NIL) this.#clear(entry, exit);
    if (entry[row] !== NIL) this.#dropExit(entry[row]! / SLOT_WORDS, slot);
    counter[row] = NIL;
    entry[row] = NIL;
    firstExit[row] = NIL;
    secondExit[row] = NIL;
  }

  #dropExit(row: number, exit: number): void {
    this.recorder.note(row);
    if (this.firstExit[row] === exit) this.firstExit[row] = this.secondExit[row]!;
    this.secondExit[row] = NIL;
  }

  #clear(column: Int32Array, slot: number): void {
    this.recorder.note(slot / SLOT_WORDS);
    column[slot / SLOT_WORDS] = NIL;
  }

  #reserve(rows: number): void {
    if (rows <= this.planId.length) return;
    let size = this.planId.length;
    while (size < rows) size *= 2;
    const grown = <T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(column: T, next: T): T => {
      next.set(column);
      return next;
    };
    this.planId = grown(this.planId, new Float64Array(size));
    this.followedLots = grown(this.followedLots, new Float64Array(size));
    this.role = grown(this.role, new Int32Array(size));
    this.entry = grown(this.entry, new Int32Array(size));
    this.firstExit = grown(this.firstExit, new Int32Array(size));
    this.secondExit = grown(this.secondExit, new Int32Array(size));
    this.counter = grown(this.counter, new Int32Array(size));
    this.leads = grown(this.leads, new Int32Array(size));
  }
}
