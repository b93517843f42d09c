/**
 * Translation of LOBSTER messages into order flow, and of its book rows into the orders that no message tells about.
 *
 * The message file begins in the middle of a trading day and sees a limited number of levels. Quantity that rested
 * before it began, or that came into view later, belongs to synthetic orders ("book:…"), which stand in front of
 * the file's own orders when the file begins. With book rows the flow's visible levels equal the exchange's after each
 * message; without them only the file's own orders exist.
 * Memory: one entry a working order. Cost: O(1) a message, O(levels) a book row.
 */
import type { Side } from '../../core/values/vocabulary.js';
import type { FlowAction, FlowEvent, OrderRef } from './flow.js';
import type { BadLine, LobsterBookRow, LobsterLevel, LobsterMessage } from './lobster.js';

interface FlowOrder {
  readonly ref: OrderRef;
  readonly synthetic: boolean;
  readonly side: Side;
  readonly priceTicks: number;
  /** Total quantity less what was cancelled. */
  orderQtyLots: number;
  leavesQtyLots: number;
}

/** Working orders at one price, oldest first. */
interface FlowLevel {
  readonly side: Side;
  readonly priceTicks: number;
  readonly orders: Set<FlowOrder>;
}

const MAX_ORDERS = 2_000_000;
const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');
const levelKey = (side: Side, priceTicks: number): string => `${side}:${priceTicks}`;

export class LobsterFlow {
  readonly #orders = new Map<OrderRef, FlowOrder>();
  readonly #levels = new Map<string, FlowLevel>();
  #syntheticCount = 0;

  /**
   * Sets the book up as it was before the first message.
   * @param row the book after that message
   */
  open(row: LobsterBookRow, first: LobsterMessage): FlowAction[] {
    const undo = first.event === 'NEW' ? -first.qtyLots : restingChange(first);
    const levels = row.levels.map((level) =>
      level.side === first.side && level.priceTicks === first.priceTicks
        ? { ...level, qtyLots: level.qtyLots + undo }
        : level,
    );
    const key = levelKey(first.side, first.priceTicks);
    if (undo > 0 && !levels.some((level) => levelKey(level.side, level.priceTicks) === key)) {
      levels.push({ side: first.side, priceTicks: first.priceTicks, qtyLots: undo });
    }
    return levels.filter((level) => level.qtyLots > 0).map((level) => this.#placeSynthetic(level, level.qtyLots));
  }

  /** Translates a message. */
  apply(message: LobsterMessage): FlowAction[] {
    switch (message.event) {
      case 'NEW':
        return [this.#place(message)];
      case 'PARTIAL_CANCEL':
      case 'DELETE':
        return this.#takeOut(message);
      case 'EXECUTION':
        return this.#execute(message);
      case 'HIDDEN_EXECUTION':
      case 'CROSS_TRADE':
        return [{ kind: 'NONE', reason: message.event }];
      case 'HALT':
        if (message.priceTicks === -1) return [{ kind: 'STATUS', status: 'HALTED' }];
        if (message.priceTicks === 1) return [{ kind: 'STATUS', status: 'OPEN' }];
        return [{ kind: 'NONE', reason: 'QUOTING_RESUMED' }];
    }
  }

  /** Brings the flow's visible levels to those of the row: what differs happened out of the file's sight. */
  correct(row: LobsterBookRow): FlowAction[] {
    const visible = new Set<string>();
    const worst = { BUY: Number.POSITIVE_INFINITY, SELL: 0 };
    const actions: FlowAction[] = [];
    const placed: LobsterLevel[] = [];
    for (const level of row.levels) {
      const key = levelKey(level.side, level.priceTicks);
      visible.add(key);
      worst[level.side] =
        level.side === 'BUY' ? Math.min(worst.BUY, level.priceTicks) : Math.max(worst.SELL, level.priceTicks);
      const excess = this.#quantityAt(key) - level.qtyLots;
      if (excess > 0) actions.push(...this.#withdraw(key, excess));
      if (excess < 0) placed.push({ ...level, qtyLots: -excess });
    }
    for (const [key, level] of this.#levels) {
      const beyond = level.side === 'BUY' ? level.priceTicks < worst.BUY : level.priceTicks > worst.SELL;
      if (!beyond && !visible.has(key)) actions.push(...this.#withdraw(key, this.#quantityAt(key)));
    }
    // What has gone leaves first, so that what appears can never meet it.
    return [...actions, ...placed.map((level) => this.#placeSynthetic(level, level.qtyLots))];
  }

  #place(message: LobsterMessage): FlowAction {
    const { side, qtyLots, priceTicks } = message;
    return this.#add({ ref: message.orderId, synthetic: false, side, priceTicks, orderQtyLots: qtyLots });
  }

  #placeSynthetic(level: LobsterLevel, qtyLots: number): FlowAction {
    this.#syntheticCount += 1;
    const ref = `book:${this.#syntheticCount}`;
    return this.#add({
      ref,
      synthetic: true,
      side: level.side,
      priceTicks: level.priceTicks,
      orderQtyLots: qtyLots,
    });
  }

  #add(fields: Omit<FlowOrder, 'leavesQtyLots'>): FlowAction {
    if (this.#orders.size >= MAX_ORDERS) throw new RangeError(`more than ${MAX_ORDERS} orders rest at once`);
    const order: FlowOrder = { ...fields, leavesQtyLots: fields.orderQtyLots };
    const { ref, side, priceTicks, orderQtyLots: qtyLots } = order;
    this.#orders.set(ref, order);
    const key = levelKey(side, priceTicks);
    let level = this.#levels.get(key);
    if (level === undefined) {
      level = { side, priceTicks, orders: new Set() };
      this.#levels.set(key, level);
    }
    level.orders.add(order);
    return { kind: 'PLACE', ref, side, qtyLots, priceTicks };
  }

  #takeOut(message: LobsterMessage): FlowAction[] {
    const order = this.#orders.get(message.orderId);
    if (order !== undefined) return [this.#reduce(order, message.qtyLots)];
    const actions: FlowAction[] = [];
    let left = message.qtyLots;
    for (const synthetic of this.#syntheticAt(levelKey(message.side, message.priceTicks))) {
      if (left === 0) break;
      const lots = Math.min(left, synthetic.leavesQtyLots);
      actions.push(this.#reduce(synthetic, lots));
      left -= lots;
    }
    return left === 0 ? actions : [...actions, { kind: 'NONE', reason: 'UNSEEN_ORDER' }];
  }

  #execute(message: LobsterMessage): FlowAction[] {
    const { priceTicks } = message;
    const side = opposite(message.side);
    const order = this.#orders.get(message.orderId);
    if (order !== undefined) {
      this.#fill(order, message.qtyLots);
      return [{ kind: 'EXECUTE', side, qtyLots: message.qtyLots, priceTicks, expected: order.ref }];
    }
    let left = message.qtyLots;
    for (const synthetic of this.#syntheticAt(levelKey(message.side, priceTicks))) {
      if (left === 0) break;
      const lots = Math.min(left, synthetic.leavesQtyLots);
      this.#fill(synthetic, lots);
      left -= lots;
    }
    const seen = message.qtyLots - left;
    const actions: FlowAction[] = [];
    if (seen > 0) actions.push({ kind: 'EXECUTE', side, qtyLots: seen, priceTicks, expected: null });
    if (left > 0) actions.push({ kind: 'NONE', reason: 'UNSEEN_ORDER' });
    return actions;
  }

  /** Takes lots off a level: the synthetic orders' first, oldest first, then the file's, newest first. */
  #withdraw(key: string, lots: number): FlowAction[] {
    const orders = [...(this.#levels.get(key)?.orders ?? [])];
    const actions: FlowAction[] = [];
    let left = lots;
    for (const order of [
      ...orders.filter((each) => each.synthetic),
      ...orders.filter((each) => !each.synthetic).reverse(),
    ]) {
      if (left === 0) break;
      const part = Math.min(left, order.leavesQtyLots);
      actions.push(this.#reduce(order, part));
      left -= part;
    }
    return actions;
  }

  #reduce(order: FlowOrder, lots: number): FlowAction {
    order.leavesQtyLots -= lots;
    order.orderQtyLots -= lots;
    if (order.leavesQtyLots > 0) return { kind: 'REDUCE', ref: order.ref, orderQtyLots: order.orderQtyLots };
    this.#remove(order);
    return { kind: 'CANCEL', ref: order.ref };
  }

  #fill(order: FlowOrder, lots: number): void {
    order.leavesQtyLots -= lots;
    if (order.leavesQtyLots <= 0) this.#remove(order);
  }

  #remove(order: FlowOrder): void {
    this.#orders.delete(order.ref);
    const key = levelKey(order.side, order.priceTicks);
    const level = this.#levels.get(key);
    level?.orders.delete(order);
    if (level?.orders.size === 0) this.#levels.delete(key);
  }

  #syntheticAt(key: string): FlowOrder[] {
    return [...(this.#levels.get(key)?.orders ?? [])].filter((order) => order.synthetic);
  }

  #quantityAt(key: string): number {
    let lots = 0;
    for (const order of this.#levels.get(key)?.orders ?? []) lots += order.leavesQtyLots;
    return lots;
  }
}

/** Lots that rested at the message's price before it and not after. */
function restingChange(message: LobsterMessage): number {
  const { event, qtyLots } = message;
  return event === 'PARTIAL_CANCEL' || event === 'DELETE' || event === 'EXECUTION' ? qtyLots : 0;
}

/**
 * Translates a message file, and its book file where there is one, line by line.
 * The first event (line 0) sets the book up. A bad line is passed on as it is; after a bad or missing book row only
 * messages are translated until the next good one.
 */
export async function* lobsterFlow(
  messages: AsyncIterable<LobsterMessage | BadLine>,
  book: AsyncIterable<LobsterBookRow | BadLine> | null,
): AsyncGenerator<FlowEvent | BadLine> {
  const flow = new LobsterFlow();
  const rows = book?.[Symbol.asyncIterator]();
  let opened = false;
  try {
    for await (const message of messages) {
      const next = await rows?.next();
      const row = next === undefined || next.done === true ? null : next.value;
      if (row?.kind === 'bad') yield { ...row, problem: `order-book file: ${row.problem}` };
      if (message.kind === 'bad') {
        yield message;
        continue;
      }
      const { line, timeNs } = message;
      if (row?.kind === 'book' && !opened) {
        opened = true;
        yield { kind: 'event', line: 0, timeNs, actions: [], corrections: flow.open(row, message) };
      }
      const actions = flow.apply(message);
      const corrections = row?.kind === 'book' ? flow.correct(row) : [];
      yield { kind: 'event', line, timeNs, actions, corrections };
    }
  } finally {
    await rows?.return?.(undefined);
  }
}
