import { StageTimes } from '../ports/stage-times.js';
import { EXPONENTIAL_BOUNDS_S, ExponentialCounts } from './exponential-counts.js';
import { LatencyRecorder, OTHER, type StageLatency } from './latency.js';

/** Times of a command that took so many milliseconds in the engine and two in each other stage. */
function times(engineMs: number, symbol: string | null = null): StageTimes {
  const marked = new StageTimes();
  marked.received = 1_000;
  marked.enter(1_002);
  marked.enqueue(1_004);
  marked.executed = 1_004 + engineMs;
  marked.durable = marked.executed + 2;
  marked.answered = marked.durable + 2;
  marked.symbol = symbol;
  return marked;
}

const stageOf = (stages: StageLatency[] | null, name: string) => stages?.find(({ stage }) => stage === name);

describe('LatencyRecorder', () => {
  it('tells percentiles to three digits, as sorting all values does', () => {
    const recorder = new LatencyRecorder();
    const values = Array.from({ length: 10_000 }, (_, at) => 0.05 + ((at * 7_919) % 10_000) / 100);
    for (const ms of values) recorder.record(times(ms), 'placeOrder', null);
    const sorted = values.map((ms) => Math.round(ms * 1000)).sort((a, b) => a - b);
    const engine = stageOf(recorder.read({ by: 'ALL' }, 'MINUTE'), 'ENGINE');
    expect(engine?.count).toBe(10_000);
    const exact = { p50Us: 5_000, p90Us: 9_000, p99Us: 9_900, p999Us: 9_990, maxUs: 10_000 } as const;
    for (const [name, rank] of Object.entries(exact) as [keyof typeof exact, number][]) {
      const value = sorted[rank - 1] as number;
      expect(Math.abs((engine?.[name] ?? 0) - value)).toBeLessThanOrEqual(value / 1000 + 1);
    }
    expect(stageOf(recorder.read({ by: 'ALL' }, 'MINUTE'), 'TOTAL')?.maxUs).toBeGreaterThan(100_000);
  });

  it('counts by operation, symbol and key, and knows none that never came', () => {
    const recorder = new LatencyRecorder();
    recorder.record(times(1, 'KO'), 'placeOrder', 'alice');
    recorder.record(times(2, 'KO'), 'cancelOrder', 'alice');
    recorder.record(times(3, 'PEP'), 'placeOrder', 'bob');
    const count = (by: 'OPERATION' | 'SYMBOL' | 'KEY', name: string) =>
      stageOf(recorder.read({ by, name }, 'START'), 'TOTAL')?.count;
    expect([count('OPERATION', 'placeOrder'), count('SYMBOL', 'KO'), count('KEY', 'bob')]).toEqual([2, 2, 1]);
    expect(recorder.read({ by: 'KEY', name: 'eve' }, 'START')).toBeNull();
    expect(recorder.names('SYMBOL')).toEqual(['KO', 'PEP']);
  });

  it('keeps a bounded number of names, and counts the others together', () => {
    const recorder = new LatencyRecorder();
    for (let at = 0; at < 500; at += 1) recorder.record(times(1), 'placeOrder', `key-${at}`);
    expect(recorder.names('KEY')).toHaveLength(201);
    expect(stageOf(recorder.read({ by: 'KEY', name: OTHER }, 'START'), 'TOTAL')?.count).toBe(300);
  });

  it('forgets the minute after a minute, the hour after an hour, and the start never', () => {
    const clock = { nowMs: 0 };
    const recorder = new LatencyRecorder(() => clock.nowMs);
    const counts = () =>
      (['MINUTE', 'HOUR', 'START'] as const).map((window) => recorder.read({ by: 'ALL' }, window)?.[5]?.count);
    recorder.record(times(1), 'placeOrder', null);
    expect(counts()).toEqual([1, 1, 1]);
    clock.nowMs += 31_000;
    expect(counts()).toEqual([1, 1, 1]);
    clock.nowMs += 30_000;
    expect(counts()).toEqual([0, 1, 1]);
    clock.nowMs += 3_600_000;
    expect(counts()).toEqual([0, 0, 1]);
  });

  it('counts a stage that was passed backwards in time as nothing, and one that was not passed not at all', () => {
    const recorder = new LatencyRecorder();
    const odd = times(1);
    odd.entered = 900;
    odd.durable = Number.NaN;
    recorder.record(odd, 'placeOrder', null);
    const stages = recorder.read({ by: 'ALL' }, 'START');
    expect(stageOf(stages, 'ROUTER')).toMatchObject({ count: 1, maxUs: 0 });
    expect(stageOf(stages, 'JOURNAL')).toMatchObject({ count: 0 });
  });
});

describe('StageTimes', () => {
  it('sets what another process tells into its own time, half of the way there and half of it back', () => {
    const here = new StageTimes();
    // Asked at 100, answered at 120; the other took 10 of it, so each way took 5.
    const began = here.adopt({ enqueued: 1, executed: 2, durable: 8, total: 10, orderId: 7 }, 100, 120);
    expect([began, here.enqueued, here.executed, here.durable]).toEqual([105, 106, 107, 113]);
    expect(here).toMatchObject({ orderId: 7, sent: true });
  });
});

describe('ExponentialCounts', () => {
  it('puts each value below the first bound that is not smaller, as searching does', () => {
    for (const seconds of [0, -1, 1e-9, 2 ** -17, 2 ** -17 + 1e-9, 0.001, 0.5, 0.500001, 8, 8.1, 1e6]) {
      const counts = new ExponentialCounts();
      counts.observe(seconds);
      const expected = EXPONENTIAL_BOUNDS_S.findIndex((bound) => seconds <= bound);
      expect(counts.counts.indexOf(1)).toBe(expected < 0 ? EXPONENTIAL_BOUNDS_S.length : expected);
    }
  });
});
