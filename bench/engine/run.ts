/** `npm run bench -- engine`: the exchange beside its peers on the standard workloads, interleaved in one run. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../suite.js';
import { learnOrderIds, type OrderIds, preparedExchange, WorkloadRunner } from './ours.js';
import { runNodejsOrderBook, Twin } from './peers.js';
import { makeWorkload, type Workload, type WorkloadKind } from './workload.js';

const COMMANDS = 1_000_000;
const PEER_COMMANDS = 100_000;
const PASSES = 3;
const KINDS: readonly WorkloadKind[] = ['classic', 'xc'];
const RESTING = [1_000, 10_000] as const;

export interface EngineRow {
  readonly workload: string;
  readonly opsPerSecond: number;
  readonly peerOpsPerSecond: number;
  readonly ratioToPeer: number;
  readonly twinOpsPerSecond: number | null;
  readonly ratioToTwin: number | null;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  /** The same percentiles of a loop that only reads the clock. */
  readonly emptyP50Us: number;
  readonly emptyP99Us: number;
  readonly collections: number;
  readonly trades: number;
  readonly refused: number;
}

function runOurs(workload: Workload, ids: OrderIds): number {
  const runner = new WorkloadRunner(preparedExchange(), workload, ids);
  runner.run(0, workload.warmup);
  const started = performance.now();
  runner.run(workload.warmup, workload.total);
  return (performance.now() - started) / 1000;
}

/** Percentiles of one command's time, in microseconds, beside those of the clock alone. */
function latencies(workload: Workload, ids: OrderIds): { ours: Float64Array; empty: Float64Array } {
  const runner = new WorkloadRunner(preparedExchange(), workload, ids);
  runner.run(0, workload.warmup);
  const count = workload.total - workload.warmup;
  const ours = new Float64Array(count);
  const empty = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const before = performance.now();
    runner.apply(workload.warmup + index);
    const between = performance.now();
    const after = performance.now();
    ours[index] = between - before;
    empty[index] = after - between;
  }
  return { ours: ours.sort(), empty: empty.sort() };
}

const percentileUs = (sortedMs: Float64Array, share: number) =>
  (sortedMs[Math.min(sortedMs.length - 1, Math.floor(sortedMs.length * share))] as number) * 1000;

/** Counts garbage collections while the exchange works in its steady state. */
async function countCollections(workload: Workload, ids: OrderIds): Promise<number> {
  const runner = new WorkloadRunner(preparedExchange(), workload, ids);
  const half = workload.warmup + ((workload.total - workload.warmup) >> 1);
  runner.run(0, half);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  await sleep(20);
  observer.observe({ entryTypes: ['gc'] });
  runner.run(half, workload.total);
  await sleep(20);
  observer.disconnect();
  return collections;
}

async function measure(workload: Workload, twin: Twin | null): Promise<EngineRow> {
  const ids = learnOrderIds(workload);
  const ours: number[] = [];
  const peer: number[] = [];
  const bare: number[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) {
    ours.push(COMMANDS / runOurs(workload, ids));
    peer.push(PEER_COMMANDS / runNodejsOrderBook(workload, PEER_COMMANDS));
    if (twin !== null) bare.push(COMMANDS / twin.run(workload).seconds);
  }
  const timing = latencies(workload, ids);
  const opsPerSecond = median(ours);
  const twinOpsPerSecond = twin === null ? null : median(bare);
  return {
    workload: `${workload.kind} ${workload.resting}`,
    opsPerSecond,
    peerOpsPerSecond: median(peer),
    ratioToPeer: opsPerSecond / median(peer),
    twinOpsPerSecond,
    ratioToTwin: twinOpsPerSecond === null ? null : opsPerSecond / twinOpsPerSecond,
    p50Us: percentileUs(timing.ours, 0.5),
    p99Us: percentileUs(timing.ours, 0.99),
    p999Us: percentileUs(timing.ours, 0.999),
    emptyP50Us: percentileUs(timing.empty, 0.5),
    emptyP99Us: percentileUs(timing.empty, 0.99),
    collections: await countCollections(workload, ids),
    trades: ids.trades,
    refused: ids.refused,
  };
}

/** Measures every workload. @param onRow called as each row is done */
export async function benchEngine(onRow: (row: EngineRow) => void): Promise<readonly EngineRow[]> {
  const twin = Twin.compile();
  try {
    const rows: EngineRow[] = [];
    for (const kind of KINDS) {
      for (const resting of RESTING) {
        const row = await measure(makeWorkload(kind, resting, COMMANDS), twin);
        rows.push(row);
        onRow(row);
      }
    }
    return rows;
  } finally {
    twin?.remove();
  }
}
