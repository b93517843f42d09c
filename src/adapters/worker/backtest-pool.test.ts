import type { BacktestJob } from '../../core/strategy/backtest/job.js';
import { BacktestFailedError } from '../../ports/backtest-runner.js';
import { BacktestPool } from './backtest-pool.js';

/** A thread that does nothing until it is ended, and one that fails: programs of their own, so that no build is needed. */
const program = (source: string) => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const IDLE = program('setInterval(() => undefined, 1000)');
const FAILING = program(
  "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ kind: 'FAILED', error: 'it failed' })",
);
const JOB = {} as BacktestJob;

function ask(pool: BacktestPool, owner = 'alice') {
  const abort = new AbortController();
  const told = { loaded: false, started: false };
  let started: () => void = () => undefined;
  const start = new Promise<void>((done) => {
    started = done;
  });
  const load = () => {
    told.loaded = true;
    return Promise.resolve(JOB);
  };
  const onStart = () => {
    told.started = true;
    started();
  };
  const end = pool.run(owner, load, { onStart, onProgress: () => undefined }, abort.signal).then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { abort: () => abort.abort(new Error('canceled')), told, start, end };
}

describe('The pool of backtests', () => {
  it('reads the data of one only when its thread is free', async () => {
    const pool = new BacktestPool({ threads: 1, maxHeapMb: 64, thread: IDLE });
    const first = ask(pool);
    await first.start;
    const second = ask(pool);
    expect(pool.waiting).toBe(1);
    expect(second.told).toEqual({ loaded: false, started: false });
    first.abort();
    expect(await first.end).toBe('canceled');
    await second.start;
    expect(second.told).toEqual({ loaded: true, started: true });
    second.abort();
    expect(await second.end).toBe('canceled');
  });

  it('lets one that waits go at once when it is canceled', async () => {
    const pool = new BacktestPool({ threads: 1, maxHeapMb: 64, thread: IDLE });
    const first = ask(pool);
    await first.start;
    const [second, third] = [ask(pool), ask(pool)];
    second.abort();
    expect(await second.end).toBe('canceled');
    expect(second.told.loaded).toBe(false);
    expect(pool.waiting).toBe(1);
    first.abort();
    await third.start;
    third.abort();
    await third.end;
  });

  it('gives the thread back where the data cannot be read, or the run fails', async () => {
    const pool = new BacktestPool({ threads: 1, maxHeapMb: 64, thread: FAILING });
    const { signal } = new AbortController();
    const listener = { onProgress: () => undefined };
    const unread = pool.run(
      'alice',
      () => Promise.reject(new BacktestFailedError('there are no bars')),
      listener,
      signal,
    );
    await expect(unread).rejects.toThrow('there are no bars');
    await expect(pool.run('alice', () => Promise.resolve(JOB), listener, signal)).rejects.toThrow('it failed');
    await expect(
      pool.run('alice', () => Promise.resolve(JOB), listener, AbortSignal.abort(new Error('canceled'))),
    ).rejects.toThrow('canceled');
    expect(pool.waiting).toBe(0);
  });

  it('lets owners take turns, however many of one wait, and keeps the order of each', async () => {
    const pool = new BacktestPool({ threads: 1, maxHeapMb: 64, thread: IDLE });
    const order: string[] = [];
    const queued = ['alice 1', 'alice 2', 'alice 3', 'bob 1', 'carol 1', 'bob 2'].map((name) => {
      const one = ask(pool, name.split(' ')[0]);
      return { ...one, begun: one.start.then(() => order.push(name)) };
    });
    const byName = (at: number) => queued[at]!;
    for (const at of [0, 3, 1, 4, 5, 2]) {
      await byName(at).begun;
      byName(at).abort();
      await byName(at).end;
    }
    expect(order).toEqual(['alice 1', 'bob 1', 'alice 2', 'carol 1', 'bob 2', 'alice 3']);
    expect(pool.waiting).toBe(0);
  });

  it('gives a free thread to the owner who has fewest', async () => {
    const pool = new BacktestPool({ threads: 2, maxHeapMb: 64, thread: IDLE });
    const [first, second, third] = [ask(pool), ask(pool), ask(pool)];
    await Promise.all([first.start, second.start]);
    const other = ask(pool, 'bob');
    first.abort();
    await other.start;
    expect(third.told.started).toBe(false);
    expect(pool.waiting).toBe(1);
    other.abort();
    await third.start;
    for (const one of [second, third]) one.abort();
    expect(await Promise.all([second.end, third.end])).toEqual(['canceled', 'canceled']);
  });

  it('ends one that takes longer than it may, reading or computing, says so, and gives its thread on', async () => {
    const pool = new BacktestPool({ threads: 1, maxHeapMb: 64, maxSeconds: 1, thread: IDLE });
    const [slow, next] = [ask(pool), ask(pool, 'bob')];
    expect(await slow.end).toMatch(/^it was not done within 1 s, the most that a backtest may take: /);
    await next.start;
    next.abort();
    expect(await next.end).toBe('canceled');
    const { signal } = new AbortController();
    const stuck = pool.run('alice', () => new Promise(() => undefined), { onProgress: () => undefined }, signal);
    await expect(stuck).rejects.toThrow(BacktestFailedError);
  });
});
