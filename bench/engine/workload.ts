/**
 * The two standard order-flow workloads, made deterministically from a seed, as flat records.
 *
 * classic: 60 % add, 30 % cancel, 10 % marketable; prices exponentially far from a slowly walking mid.
 * xc: 9 % resting, 3 % immediate, 6 % cancel, 82 % move; prices uniformly far from a fixed mid.
 * A small book of plain arrays follows the flow, so that cancels and moves name orders that live.
 */

/** Fields of a record: [op, id, side, price, qty, account, 0, 0]. */
export const STRIDE = 8;
export const OP = { REST: 0, IMMEDIATE: 1, CANCEL: 2, MOVE: 3 } as const;

export type WorkloadKind = 'classic' | 'xc';

export interface Workload {
  readonly kind: WorkloadKind;
  readonly resting: number;
  /** Records that build the book before the clock starts. */
  readonly warmup: number;
  readonly total: number;
  readonly records: Int32Array;
  /** One above the largest order id. */
  readonly idEnd: number;
}

export const ACCOUNTS = 1000;
const MID = 32_768;
const MID_LOW = 28_000;
const MID_HIGH = 37_000;
const FAR = 12_000;

/** xoshiro128**, 32 bits a draw. */
function generator(seed: number): () => number {
  const state = Int32Array.from([seed, seed ^ 0x9e3779b9, seed ^ 0x243f6a88, seed ^ 0x85a308d3]);
  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));
  return () => {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    state[2] = c ^ a;
    state[3] = d ^ b;
    state[1] = b ^ (c ^ a);
    state[0] = a ^ (d ^ b);
    state[2] = c ^ a ^ (b << 9);
    state[3] = rotate(d ^ b, 11);
    return result;
  };
}

interface LiveOrder {
  id: number;
  side: number;
  price: number;
  qty: number;
}

/** Follows the flow with queues per price; correct and slow, which is all that a generator needs. */
class FollowingBook {
  readonly #levels: [Map<number, LiveOrder[]>, Map<number, LiveOrder[]>] = [new Map(), new Map()];
  readonly #live: LiveOrder[] = [];
  readonly #place = new Map<number, number>();
  readonly best: [number, number] = [-1, Number.MAX_SAFE_INTEGER];

  get size(): number {
    return this.#live.length;
  }

  at(index: number): LiveOrder {
    return this.#live[index] as LiveOrder;
  }

  /** Trades what crosses and rests what is left, where it may. */
  enter(order: LiveOrder, rests: boolean): void {
    const other = 1 - order.side;
    while (order.qty > 0 && this.#crosses(order.side, order.price)) {
      const queue = this.#levels[other]?.get(this.best[other] as number) as LiveOrder[];
      const maker = queue[0] as LiveOrder;
      const traded = Math.min(maker.qty, order.qty);
      maker.qty -= traded;
      order.qty -= traded;
      if (maker.qty === 0) this.remove(maker);
    }
    if (order.qty > 0 && rests) this.#rest(order);
  }

  remove(order: LiveOrder): void {
    const levels = this.#levels[order.side] as Map<number, LiveOrder[]>;
    const queue = levels.get(order.price) as LiveOrder[];
    queue.splice(queue.indexOf(order), 1);
    if (queue.length === 0) {
      levels.delete(order.price);
      if (order.price === this.best[order.side]) this.#findBest(order.side);
    }
    const index = this.#place.get(order.id) as number;
    const last = this.#live.pop() as LiveOrder;
    this.#place.delete(order.id);
    if (last !== order) {
      this.#live[index] = last;
      this.#place.set(last.id, index);
    }
  }

  #crosses(side: number, price: number): boolean {
    return side === 0 ? this.best[1] <= price : this.best[0] >= price;
  }

  #rest(order: LiveOrder): void {
    const levels = this.#levels[order.side] as Map<number, LiveOrder[]>;
    const queue = levels.get(order.price);
    if (queue === undefined) levels.set(order.price, [order]);
    else queue.push(order);
    this.#place.set(order.id, this.#live.length);
    this.#live.push(order);
    const better = order.side === 0 ? order.price > this.best[0] : order.price < this.best[1];
    if (better) this.best[order.side] = order.price;
  }

  #findBest(side: number): void {
    const levels = this.#levels[side] as Map<number, LiveOrder[]>;
    if (levels.size === 0) {
      this.best[side] = side === 0 ? -1 : Number.MAX_SAFE_INTEGER;
      return;
    }
    let price = this.best[side] as number;
    do price += side === 0 ? -1 : 1;
    while (!levels.has(price));
    this.best[side] = price;
  }
}

/** Makes `count` records behind those that fill the book with `resting` orders. */
export function makeWorkload(kind: WorkloadKind, resting: number, count: number, seed = 1): Workload {
  const next = generator(seed);
  const below = (bound: number) => Math.floor((next() / 4_294_967_296) * bound);
  const total = resting + count;
  const records = new Int32Array(total * STRIDE);
  const book = new FollowingBook();
  const isSmall = resting <= 2000;
  let mid = MID;
  let nextId = 1;
  let written = 0;

  const distance = () => {
    if (kind === 'xc') return 1 + below(isSmall ? 400 : 2000);
    const mean = isSmall ? 50 : 200;
    return 1 + Math.min(10_000, Math.floor(-Math.log(1 - next() / 4_294_967_296) * mean));
  };
  const write = (op: number, id: number, side: number, price: number, qty: number) => {
    records.set([op, id, side, price, qty, below(ACCOUNTS)], written * STRIDE);
    written += 1;
  };
  const rest = () => {
    const side = below(2);
    const order = { id: nextId, side, price: side === 0 ? mid - distance() : mid + distance(), qty: 1 + below(100) };
    nextId += 1;
    write(OP.REST, order.id, side, order.price, order.qty);
    book.enter(order, true);
  };
  const take = (far: number, size: number) => {
    const side = below(2);
    const fullness = book.size / resting;
    const qty = Math.max(1, Math.floor(size * fullness * fullness));
    const order = { id: nextId, side, price: side === 0 ? mid + far : mid - far, qty };
    nextId += 1;
    write(OP.IMMEDIATE, order.id, side, order.price, qty);
    book.enter(order, false);
  };
  const cancel = () => {
    const order = book.at(below(book.size));
    write(OP.CANCEL, order.id, 0, 0, 0);
    book.remove(order);
  };
  const move = () => {
    const order = book.at(below(book.size));
    const fullness = book.size / resting;
    let price = order.price + (below(2) === 0 ? -1 : 1) * (1 + below(20));
    if (below(10_000) < Math.floor(200 * fullness * fullness)) {
      price = order.side === 0 ? Math.min(book.best[1], 60_000) : Math.max(book.best[0], 100);
    } else if (order.side === 0 ? price >= mid : price <= mid) {
      price = order.side === 0 ? mid - distance() : mid + distance();
    }
    write(OP.MOVE, order.id, 0, price, 0);
    const { qty } = order;
    book.remove(order);
    book.enter({ ...order, price, qty }, true);
  };

  while (written < resting) rest();
  while (written < total) {
    if (kind === 'classic' && below(100) === 0) mid = Math.min(MID_HIGH, Math.max(MID_LOW, mid + (below(2) ? 1 : -1)));
    const draw = below(10_000);
    const isThin = book.size < 10;
    if (kind === 'classic') {
      if (draw < 6000 || isThin) rest();
      else if (draw < 9000) cancel();
      else take(FAR, 60 + below(180));
    } else if (draw < 900 || isThin) rest();
    else if (draw < 1200) take(1000, 1 + below(50));
    else if (draw < 1800) cancel();
    else move();
  }
  return { kind, resting, warmup: resting, total, records, idEnd: nextId };
}
