/**
 * Idempotency keys: which key of which account was used, by which command, with which input.
 *
 * Entries stand in a ring, oldest first, beside an open-addressing index over (owner, key). Each `prune` drops
 * up to eight entries that are older than the retention, so with one new key a command the ring never grows by
 * age; when `capacity` younger entries fill it, it is full and the caller refuses. All of it depends on the
 * commands' times only, so replay prunes alike.
 * The input is kept as a 64-bit fingerprint: two different inputs under one key are taken for the same with a
 * chance of 2^-64.
 * Complexity: O(1) expected; growing re-indexes. Memory: about 60 bytes an entry plus its text.
 */
import { StateHasher, type StateSink } from '../values/state-hash.js';
import type { PlaceOrder, ReplaceOrder } from './command.js';

const FIRST_SIZE = 256;
const PRUNED_AT_ONCE = 8;

interface KeyEntry {
  readonly owner: number;
  readonly key: string;
  readonly orderId: number;
  readonly commandSequence: number;
  readonly timeUs: number;
  readonly inputHigh: number;
  readonly inputLow: number;
}

export class IdempotencyIndex {
  #owner = new Int32Array(FIRST_SIZE);
  #hash = new Int32Array(FIRST_SIZE);
  #orderId = new Float64Array(FIRST_SIZE);
  #commandSequence = new Float64Array(FIRST_SIZE);
  #timeUs = new Float64Array(FIRST_SIZE);
  #inputHigh = new Int32Array(FIRST_SIZE);
  #inputLow = new Int32Array(FIRST_SIZE);
  #keys: string[] = new Array<string>(FIRST_SIZE).fill('');
  /** Entry position + 1; 0 = empty. */
  #index = new Int32Array(FIRST_SIZE * 2);
  #oldest = 0;
  #count = 0;
  /** What a trial did, in order: the entry that it pruned, or null for one that it added. */
  readonly #done: (KeyEntry | null)[] = [];
  #isRecording = false;

  constructor(
    readonly capacity: number,
    readonly retentionUs: number,
  ) {}

  get isFull(): boolean {
    return this.#count >= this.capacity;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns the position of the key's entry, −1 when there is none. */
  find(owner: number, key: string): number {
    const hash = hashOf(owner, key);
    const mask = this.#index.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const position = this.#index[place]! - 1;
      if (position < 0) return -1;
      if (this.#hash[position] === hash && this.#owner[position] === owner && this.#keys[position] === key) {
        return position;
      }
    }
  }

  orderIdAt(position: number): number {
    return this.#orderId[position]!;
  }

  commandSequenceAt(position: number): number {
    return this.#commandSequence[position]!;
  }

  /** Tells whether the entry was made with the same input. */
  sameInput(position: number, inputHigh: number, inputLow: number): boolean {
    return this.#inputHigh[position] === inputHigh && this.#inputLow[position] === inputLow;
  }

  add(
    owner: number,
    key: string,
    orderId: number,
    commandSequence: number,
    timeUs: number,
    inputHigh: number,
    inputLow: number,
  ): void {
    if (this.#count === this.#keys.length) this.#grow();
    const position = (this.#oldest + this.#count) & (this.#keys.length - 1);
    this.#count += 1;
    if (this.#isRecording) this.#done.push(null);
    this.#put(position, owner, key, orderId, commandSequence, timeUs, inputHigh, inputLow);
  }

  /** Drops entries that are older than the retention, a few at a time. */
  prune(nowUs: number): void {
    for (let step = 0; step < PRUNED_AT_ONCE && this.#count > 0; step += 1) {
      if (this.#timeUs[this.#oldest]! > nowUs - this.retentionUs) return;
      if (this.#isRecording) this.#done.push(this.#entryAt(this.#oldest));
      this.#leave(this.#oldest);
      this.#keys[this.#oldest] = '';
      this.#oldest = (this.#oldest + 1) & (this.#keys.length - 1);
      this.#count -= 1;
    }
  }

  /** Begins a trial. */
  begin(): void {
    this.#isRecording = true;
  }

  /** Ends a trial. */
  end(): void {
    this.#isRecording = false;
    this.#done.length = 0;
  }

  /** Takes back what the trial added and pruned. */
  takeBack(): void {
    this.#isRecording = false;
    const mask = this.#keys.length - 1;
    for (let done = this.#done.pop(); done !== undefined; done = this.#done.pop()) {
      this.#count += done === null ? -1 : 1;
      if (done === null) {
        this.#leave((this.#oldest + this.#count) & mask);
      } else {
        this.#oldest = (this.#oldest - 1) & mask;
        const { owner, key, orderId, commandSequence, timeUs, inputHigh, inputLow } = done;
        this.#put(this.#oldest, owner, key, orderId, commandSequence, timeUs, inputHigh, inputLow);
      }
    }
  }

  #entryAt(position: number): KeyEntry {
    return {
      owner: this.#owner[position]!,
      key: this.#keys[position]!,
      orderId: this.#orderId[position]!,
      commandSequence: this.#commandSequence[position]!,
      timeUs: this.#timeUs[position]!,
      inputHigh: this.#inputHigh[position]!,
      inputLow: this.#inputLow[position]!,
    };
  }

  #put(
    position: number,
    owner: number,
    key: string,
    orderId: number,
    commandSequence: number,
    timeUs: number,
    inputHigh: number,
    inputLow: number,
  ): void {
    this.#owner[position] = owner;
    this.#hash[position] = hashOf(owner, key);
    this.#orderId[position] = orderId;
    this.#commandSequence[position] = commandSequence;
    this.#timeUs[position] = timeUs;
    this.#inputHigh[position] = inputHigh;
    this.#inputLow[position] = inputLow;
    this.#keys[position] = key;
    this.#enter(position);
  }

  /** Tells all entries, oldest first. */
  describe(sink: StateSink): void {
    sink.number(this.#count);
    for (let index = 0; index < this.#count; index += 1) {
      const position = (this.#oldest + index) & (this.#keys.length - 1);
      sink.number(this.#owner[position]!);
      sink.text(this.#keys[position]!);
      sink.number(this.#orderId[position]!);
      sink.number(this.#commandSequence[position]!);
      sink.number(this.#timeUs[position]!);
      sink.number(this.#inputHigh[position]!);
      sink.number(this.#inputLow[position]!);
    }
  }

  #enter(position: number): void {
    const mask = this.#index.length - 1;
    let place = this.#hash[position]! & mask;
    while (this.#index[place] !== 0) place = (place + 1) & mask;
    this.#index[place] = position + 1;
  }

  /** Takes an entry out of the index and moves later ones of its chain up, so that no search ends too early. */
  #leave(position: number): void {
    const mask = this.#index.length - 1;
    let hole = this.#hash[position]! & mask;
    while (this.#index[hole] !== position + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; this.#index[place] !== 0; place = (place + 1) & mask) {
      const home = this.#hash[this.#index[place]! - 1]! & mask;
      if (((place - home) & mask) >= ((place - hole) & mask)) {
        this.#index[hole] = this.#index[place]!;
        hole = place;
      }
    }
    this.#index[hole] = 0;
  }

  #grow(): void {
    const size = this.#keys.length * 2;
    const order = Array.from({ length: this.#count }, (_, index) => (this.#oldest + index) & (this.#keys.length - 1));
    const ints = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(size);
      for (let index = 0; index < order.length; index += 1) next[index] = column[order[index]!]!;
      return next;
    };
    const floats = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(size);
      for (let index = 0; index < order.length; index += 1) next[index] = column[order[index]!]!;
      return next;
    };
    this.#owner = ints(this.#owner);
    this.#hash = ints(this.#hash);
    this.#orderId = floats(this.#orderId);
    this.#commandSequence = floats(this.#commandSequence);
    this.#timeUs = floats(this.#timeUs);
    this.#inputHigh = ints(this.#inputHigh);
    this.#inputLow = ints(this.#inputLow);
    const keys = new Array<string>(size).fill('');
    for (let index = 0; index < order.length; index += 1) keys[index] = this.#keys[order[index]!]!;
    this.#keys = keys;
    this.#oldest = 0;
    this.#index = new Int32Array(size * 2);
    for (let position = 0; position < this.#count; position += 1) this.#enter(position);
  }
}

function hashOf(owner: number, key: string): number {
  let hash = Math.imul(owner + 1, 0x9e3779b1);
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 15);
}

const orNone = (value: number | null): number => value ?? -1;

/** Feeds what makes two PlaceOrder commands the same input; account and clOrdId are the key. @param salt above 0 for a leg of a plan */
export function hashPlaceOrder(hasher: StateHasher, command: PlaceOrder, salt = 0): void {
  hasher.reset();
  hasher.text('PlaceOrder');
  hasher.number(command.instrument);
  hasher.text(command.side);
  hasher.text(command.ordType);
  hasher.text(command.timeInForce);
  hasher.number(command.orderQtyLots);
  hasher.number(orNone(command.priceTicks));
  hasher.number(orNone(command.stopPxTicks));
  hasher.number(orNone(command.trailingOffsetTicks));
  hasher.number(orNone(command.trailingPpm));
  hasher.number(orNone(command.displayQtyLots));
  hasher.number(orNone(command.expireTimeUs));
  hasher.number((command.postOnly ? 1 : 0) + (command.reduceOnly ? 2 : 0));
  hasher.text(command.selfTradePrevention);
  if (salt !== 0) hasher.number(salt);
}

/** Feeds what makes two ReplaceOrder commands the same input; account and clOrdId are the key. */
export function hashReplaceOrder(hasher: StateHasher, command: ReplaceOrder): void {
  hasher.reset();
  hasher.text('ReplaceOrder');
  hasher.number(command.orderId);
  hasher.number(orNone(command.orderQtyLots));
  hasher.number(orNone(command.priceTicks));
  hasher.number(orNone(command.stopPxTicks));
}
