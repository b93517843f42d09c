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

function ask(pool: BacktestPool) {
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
  const end = pool.run(load, { onStart, onProgress: () => undefined }, abort.signal).then(
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
    const unread = pool.run(() => Promise.reject(new BacktestFailedError('there are no bars')), listener, signal);
    await expect(unread).rejects.toThrow('there are no bars');
    await expect(pool.run(() => Promise.resolve(JOB), listener, signal)).rejects.toThrow('it failed');
    await expect(
      pool.run(() => Promise.resolve(JOB), listener, AbortSignal.abort(new Error('canceled'))),
    ).rejects.toThrow('canceled');
    expect(pool.waiting).toBe(0);
  });
});
