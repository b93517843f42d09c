import { OpenStreams, PushStream } from './push-stream.js';
import { streamCounters } from './stream-counters.js';

async function drain<T>(stream: PushStream<T>): Promise<T[]> {
  const items: T[] = [];
  while (stream.size > 0) {
    const { value } = await stream.next();
    items.push(value as T);
  }
  return items;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('PushStream', () => {
  it('delivers in order, whether the reader or the writer comes first', async () => {
    const stream = new PushStream<number>({ maxBuffer: 10, onOverflow: 'CLOSE' });
    const early = stream.next();
    stream.push(1);
    stream.push(2);
    expect(await early).toEqual({ value: 1, done: false });
    expect(await stream.next()).toEqual({ value: 2, done: false });
    const waiting = stream.next();
    stream.end();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('CLOSE delivers what waits and then fails with SLOW_CONSUMER, naming the limit', async () => {
    const stream = new PushStream<number>({ maxBuffer: 3, onOverflow: 'CLOSE' });
    expect(range(5).map((item) => stream.push(item))).toEqual([true, true, true, false, false]);
    expect(await drain(stream)).toEqual([0, 1, 2]);
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER', limit: 3 } });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });

  it('DROP_OLDEST keeps the newest', async () => {
    const stream = new PushStream<number>({ maxBuffer: 3, onOverflow: 'DROP_OLDEST' });
    for (const item of range(3000)) stream.push(item);
    expect(stream.size).toBe(3);
    expect(await drain(stream)).toEqual([2997, 2998, 2999]);
  });

  it('CONFLATE keeps every change until it overflows, then the newest of each key with what was merged', async () => {
    const stream = new PushStream<{ key: string; value: number; merged: number }>({
      maxBuffer: 4,
      onOverflow: 'CONFLATE',
      keyOf: ({ key }) => key,
      merge: (older, newer) => ({ ...newer, merged: older.merged + newer.merged + 1 }),
    });
    const push = (key: string, value: number) => stream.push({ key, value, merged: 0 });
    for (const value of range(4)) push('a', value);
    expect(stream.size).toBe(4);
    push('b', 4);
    push('a', 5);
    push('b', 6);
    expect(await drain(stream)).toEqual([
      { key: 'a', value: 5, merged: 4 },
      { key: 'b', value: 6, merged: 1 },
    ]);
    for (const value of range(2)) push('a', value);
    expect((await drain(stream)).map(({ value }) => value)).toEqual([0, 1]);
  });

  it('CONFLATE never holds more than its bound, however many keys there are', async () => {
    const stream = new PushStream<number>({ maxBuffer: 10, onOverflow: 'CONFLATE', keyOf: (item) => item });
    for (const item of range(1000)) stream.push(item);
    expect(await drain(stream)).toEqual(range(10).map((item) => 990 + item));
  });

  it.each(['CLOSE', 'DROP_OLDEST', 'CONFLATE'] as const)(
    'under %s, leaving frees all and tells once',
    async (onOverflow) => {
      let closed = 0;
      const stream = new PushStream<number>({ maxBuffer: 2, onOverflow, onClose: () => (closed += 1) });
      for (const item of range(5)) stream.push(item);
      await stream.return();
      await stream.return();
      stream.end();
      expect(closed).toBe(1);
      expect(stream.size).toBe(0);
      expect(stream.push(9)).toBe(false);
      expect(await stream.next()).toEqual({ value: undefined, done: true });
    },
  );

  it('works in for await and ends its source when the loop is left', async () => {
    let closed = false;
    const stream = new PushStream<number>({ maxBuffer: 10, onOverflow: 'CLOSE', onClose: () => (closed = true) });
    for (const item of range(5)) stream.push(item);
    for await (const item of stream) if (item === 2) break;
    expect(closed).toBe(true);
  });

  it('gives everybody who waits an end, and only the first the error', async () => {
    const stream = new PushStream<number>({ maxBuffer: 1, onOverflow: 'CLOSE' });
    const [first, second] = [stream.next(), stream.next()];
    stream.fail(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(await second).toEqual({ value: undefined, done: true });
  });

  it('bounds the readers that wait at once', async () => {
    const stream = new PushStream<number>({ maxBuffer: 1, onOverflow: 'CLOSE' });
    const waiting = range(16).map(() => stream.next());
    await expect(stream.next()).rejects.toThrow(RangeError);
    stream.end();
    expect(await Promise.all(waiting)).toHaveLength(16);
  });

  it.each([0, -1, 1.5, 100_001, Number.NaN])('refuses a buffer of %p', (maxBuffer) => {
    expect(() => new PushStream({ maxBuffer, onOverflow: 'CLOSE' })).toThrow(RangeError);
  });

  it('keeps its memory bounded while a long stream flows through', async () => {
    const stream = new PushStream<number>({ maxBuffer: 100, onOverflow: 'CLOSE' });
    let expected = 0;
    for (const item of range(20_000)) {
      stream.push(item);
      if (stream.size > 50) expect((await stream.next()).value).toBe(expected++);
    }
    expect(await drain(stream)).toEqual(range(20_000).slice(expected));
  });
});

describe('OpenStreams', () => {
  it('forgets streams that closed and ends the others', async () => {
    const streams = new OpenStreams();
    let told = 0;
    const options = { maxBuffer: 1, onOverflow: 'CLOSE', onClose: () => (told += 1) } as const;
    const left = streams.open<number>(options);
    const open = streams.open<number>(options);
    await left.return();
    expect(streams.size).toBe(1);
    const waiting = open.next();
    streams.endAll();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect([streams.size, told]).toEqual([0, 2]);
  });
});

describe('The counters of streams', () => {
  it('tell what is open, and what became of items and streams', async () => {
    const before = structuredClone(streamCounters);
    const change = (policy: keyof typeof streamCounters) => {
      const [now, then] = [streamCounters[policy], before[policy]];
      const closed = Object.fromEntries(
        Object.entries(now.closed).map(([reason, count]) => [reason, count - then.closed[reason as 'left']]),
      );
      const { open, items, conflated, dropped } = now;
      return [open - then.open, items - then.items, conflated - then.conflated, dropped - then.dropped, closed];
    };
    const slow = new PushStream<number>({ maxBuffer: 2, onOverflow: 'CLOSE' });
    const rest = new PushStream<number>({ maxBuffer: 2, onOverflow: 'CLOSE' });
    const conflating = new PushStream<number>({ maxBuffer: 2, onOverflow: 'CONFLATE', keyOf: (item) => item % 3 });
    const dropping = new PushStream<number>({ maxBuffer: 2, onOverflow: 'DROP_OLDEST' });
    for (const item of range(4)) for (const stream of [slow, conflating, dropping]) stream.push(item);
    expect(change('CLOSE')).toEqual([1, 3, 0, 0, { left: 0, ended: 0, slow: 1, failed: 0 }]);
    // Keys 0, 1, 2, 0 in room for two: 2 drives out 0, and the other 0 drives out 1.
    expect(change('CONFLATE')).toEqual([1, 4, 0, 2, { left: 0, ended: 0, slow: 0, failed: 0 }]);
    conflating.push(5);
    expect(change('CONFLATE').slice(0, 4)).toEqual([1, 5, 1, 2]);
    expect(change('DROP_OLDEST').slice(0, 4)).toEqual([1, 4, 0, 2]);
    await conflating.return();
    dropping.end();
    rest.fail(new Error('gone'));
    expect(change('CONFLATE')[4]).toMatchObject({ left: 1 });
    expect(change('DROP_OLDEST')[4]).toMatchObject({ ended: 1 });
    expect(change('CLOSE').slice(0, 1)).toEqual([0]);
    expect(change('CLOSE')[4]).toMatchObject({ slow: 1, failed: 1 });
  });
});
