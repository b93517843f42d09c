import fc from 'fast-check';
import { BookSide } from './book-side.js';
import { LevelTable } from './level-table.js';
import { NIL, OrderTable } from './order-table.js';

interface Model {
  readonly slot: number;
  readonly price: number;
  readonly lots: number;
}

class Rig {
  readonly orders = new OrderTable(1000);
  readonly levels = new LevelTable();
  readonly side: BookSide;
  model: Model[] = [];

  constructor(readonly sign: 1 | -1) {
    this.side = new BookSide(this.orders, this.levels, sign === 1 ? 0 : 1, sign, 1024);
  }

  add(price: number, lots: number): void {
    const slot = this.orders.allocate();
    this.orders.priceTicks[slot] = price;
    this.side.append(slot, lots);
    this.model.push({ slot, price, lots });
  }

  remove(index: number): void {
    const [order] = this.model.splice(index % this.model.length, 1);
    if (order === undefined) return;
    this.side.remove(order.slot, order.lots);
    this.orders.release(order.slot);
  }

  endCommand(): void {
    for (let index = 0; index < this.levels.touchedCount; index += 1) {
      const level = this.levels.touched[index]!;
      if (this.levels.orderCount[level] === 0) this.side.drop(level);
    }
    this.levels.clearTouched();
    this.orders.endCommand();
  }

  /** [price, lots, slots in order] of each level, best first. */
  walk(): [number, number, number[]][] {
    const found: [number, number, number[]][] = [];
    for (let level = this.side.best; level !== NIL; level = this.side.below(this.levels.key[level]!)) {
      const slots: number[] = [];
      for (let slot = this.levels.head[level]!; slot !== NIL; slot = this.orders.next[slot]!) slots.push(slot);
      expect(slots).toHaveLength(this.levels.orderCount[level]!);
      found.push([this.side.priceOf(level), this.levels.qtyLots[level]!, slots]);
    }
    return found;
  }

  expected(): [number, number, number[]][] {
    const prices = [...new Set(this.model.map(({ price }) => price))].sort((a, b) => this.sign * (b - a));
    return prices.map((price) => {
      const queue = this.model.filter((order) => order.price === price);
      return [price, queue.reduce((sum, { lots }) => sum + lots, 0), queue.map(({ slot }) => slot)];
    });
  }
}

describe('BookSide', () => {
  const price = fc.oneof(
    fc.integer({ min: 5000, max: 5040 }),
    fc.integer({ min: 1, max: 20_000 }),
    fc.constant(2 ** 50),
  );
  const action = fc.record({
    add: fc.constantFrom(true, true, false),
    price,
    lots: fc.integer({ min: 1, max: 9 }),
    at: fc.nat(),
    ends: fc.boolean(),
  });

  it.each([1, -1] as const)('keeps levels best first and queues in order, near and far, for sign %i', (sign) => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300, size: 'max' }), (actions) => {
        const rig = new Rig(sign);
        for (const { add, price: at, lots, at: index, ends } of actions) {
          if (add || rig.model.length === 0) rig.add(at, lots);
          else rig.remove(index);
          if (ends) rig.endCommand();
        }
        expect(rig.walk()).toEqual(rig.expected());
      }),
      { numRuns: 150 },
    );
  });

  it('moves its window to a best price outside of it and finds every level as before', () => {
    const rig = new Rig(1);
    for (let index = 0; index < 50; index += 1) rig.add(10_000 + index, 1);
    for (let index = 0; index < 100; index += 1) {
      rig.add(50_000 + index * 3, 2);
      if (index % 7 === 0) rig.endCommand();
    }
    for (let index = 0; index < 20; index += 1) rig.add(9_000 - index * 100, 3);
    expect(rig.walk()).toEqual(rig.expected());
    while (rig.model.length > 0) {
      rig.remove(rig.model.length - 1);
      rig.endCommand();
      expect(rig.side.best === NIL).toBe(rig.model.length === 0);
    }
  });
});
