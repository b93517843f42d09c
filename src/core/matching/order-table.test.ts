import { BYTE, FLOAT, INT, OrderTable } from './order-table.js';

describe('The order table', () => {
  it('lays every column at the word that FLOAT, INT and BYTE name for it', () => {
    const orders = new OrderTable(10);
    orders.allocate();
    const slot = orders.allocate();
    const columns: readonly [memory: { [at: number]: number }, word: number, column: { [row: number]: number }][] = [
      [orders.floats, FLOAT.LEAVES, orders.leavesQtyLots],
      [orders.floats, FLOAT.SHOWN, orders.shownQtyLots],
      [orders.floats, FLOAT.PRICE, orders.priceTicks],
      [orders.floats, FLOAT.HELD, orders.heldUnits],
      [orders.floats, FLOAT.CUM, orders.cumQtyLots],
      [orders.floats, FLOAT.NOTIONAL, orders.cumNotionalUnits],
      [orders.floats, FLOAT.QTY, orders.orderQtyLots],
      [orders.floats, FLOAT.DISPLAY, orders.displayQtyLots],
      [orders.floats, FLOAT.DUE, orders.dueUs],
      [orders.floats, FLOAT.CREATED, orders.createdUs],
      [orders.ints, INT.GENERATION, orders.generation],
      [orders.ints, INT.ACCOUNT, orders.account],
      [orders.ints, INT.INSTRUMENT, orders.instrument],
      [orders.ints, INT.LEVEL, orders.level],
      [orders.ints, INT.NEXT, orders.next],
      [orders.ints, INT.PREV, orders.prev],
      [orders.ints, INT.ACCOUNT_NEXT, orders.accountNext],
      [orders.ints, INT.ACCOUNT_PREV, orders.accountPrev],
      [orders.ints, INT.HEAP_INDEX, orders.heapIndex],
      [orders.ints, INT.QUOTE_ROW, orders.quoteRow],
      [orders.ints, INT.BASE_ROW, orders.baseRow],
      [orders.ints, INT.POSITION_ROW, orders.positionRow],
      [orders.bytes, BYTE.STATE, orders.state],
      [orders.bytes, BYTE.SIDE, orders.side],
      [orders.bytes, BYTE.ORD_TYPE, orders.ordType],
      [orders.bytes, BYTE.TIME_IN_FORCE, orders.timeInForce],
      [orders.bytes, BYTE.SELF_TRADE, orders.selfTradePrevention],
      [orders.bytes, BYTE.FLAGS, orders.flags],
      [orders.bytes, BYTE.PHASE, orders.phase],
    ];
    for (const [index, [memory, word, column]] of columns.entries()) {
      column[slot] = index + 40;
      expect(memory[slot + word]).toBe(index + 40);
    }
  });
});
