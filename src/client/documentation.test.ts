import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../testing/random.js';
import { type BookUpdate, bookChecksum, crc32, type Level, OrderBookCopy } from './order-book.js';

type Documented = (update: BookUpdate) => {
  book: { sequence: number; bids: Map<string, string> };
  checksumText: string;
};

describe('the algorithm in docs/streams.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/streams.md'), 'utf8');
  const source = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

  it('keeps the same copy with the same checksum as the client, over random updates', () => {
    const random = seededRandom(11);
    const documented = (runInNewContext(`${source}; createBook`) as () => Documented)();
    const copy = new OrderBookCopy();
    const side = (): Level[] => {
      const count = Math.floor(random() * 4);
      // Each price once an update, as the server tells them.
      const prices = new Set(Array.from({ length: count }, () => (0.5 + Math.floor(random() * 40) * 0.05).toFixed(2)));
      return [...prices].map((px) => ({ px, qty: (Math.floor(random() * 4) * 0.5).toFixed(1) }));
    };
    for (let sequence = 1; sequence <= 500; sequence += 1) {
      const snapshot = sequence % 100 === 1;
      const update = { snapshot, sequence, prevSequence: snapshot ? null : sequence - 1, bids: side(), asks: side() };
      copy.apply(update);
      const { book, checksumText } = documented(update);
      expect(book.sequence).toBe(sequence);
      expect([...book.bids.keys()].sort()).toEqual(copy.bids.map(({ px }) => px).sort());
      expect(crc32(checksumText)).toBe(bookChecksum(copy.asks, copy.bids));
    }
    expect(() => documented({ snapshot: false, sequence: 900, prevSequence: 899, bids: [], asks: [] })).toThrow(
      'missed',
    );
  });
});
