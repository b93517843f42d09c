import { existsSync, readFileSync } from 'node:fs';
import { OrderFlow, parseBooks, parseMessages } from '../testing/order-flow.js';
import { Exchange } from './exchange.js';

const FOLDER = '../shared/data/lobster/AAPL_2012-06-21';
const isThere = existsSync(`${FOLDER}_message_10_first.csv`);
if (!isThere) process.stdout.write(`left out: ${FOLDER}_message_10_first.csv is not there\n`);

/** Left out where the data is not at hand: it may not be copied into the project. */
const describeWithData = isThere ? describe : () => {};

describe('Order flow files', () => {
  it('are read as messages and as levels of a book, without the empty ones', () => {
    expect(parseMessages('34200.1,4,16,18,5853300,-1\n')).toEqual([
      { type: 4, orderId: 16, size: 18, price: 5_853_300, side: 'SELL' },
    ]);
    expect(parseBooks('5859400,200,5853300,18,9999999999,0,-9999999999,0\n')).toEqual([
      [
        { side: 'SELL', price: 5_859_400, size: 200 },
        { side: 'BUY', price: 5_853_300, size: 18 },
      ],
    ]);
  });
});

describeWithData('Real NASDAQ order flow', () => {
  const messages = isThere ? parseMessages(readFileSync(`${FOLDER}_message_10_first.csv`, 'utf8')) : [];
  const books = isThere ? parseBooks(readFileSync(`${FOLDER}_orderbook_10_first.csv`, 'utf8')) : [];

  it("gives the exchange's own first nine levels when each message meets the book before it", () => {
    const flow = new OrderFlow(new Exchange());
    let equal = 0;
    for (let row = 1; row < messages.length; row += 1) {
      flow.seed(books[row - 1]!);
      flow.play(messages[row]!);
      const expected = ['SELL', 'BUY'].flatMap((side) =>
        books[row]!.filter((level) => level.side === side).slice(0, 9),
      );
      expect(flow.book(9)).toEqual(expected);
      equal += 1;
    }
    expect(equal).toBe(998);
  });

  it('fills the resting order that the exchange filled', () => {
    const flow = new OrderFlow(new Exchange());
    flow.seed(books[0]!);
    let executions = 0;
    const misses: string[] = [];
    for (const message of messages.slice(1)) {
      const counts = message.type === 4 && flow.isKnown(message.orderId);
      const filled = flow.play(message);
      if (!counts) continue;
      executions += 1;
      if (filled.length !== 1 || filled[0] !== message.orderId) misses.push(`${message.orderId}: ${filled.join(' ')}`);
    }
    process.stdout.write(
      `executions of orders added in the file: ${executions}, misses: ${misses.join('; ') || 'none'}\n`,
    );
    expect(executions).toBeGreaterThan(50);
    expect(misses.length / executions).toBeLessThanOrEqual(0.05);
  });
});
