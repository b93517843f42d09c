/** What the engine does beside trading: it replays its journal, takes snapshots, checks limits, and holds large books. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { encodeCommand } from '../../src/core/exchange/command-codec.js';
import type { Exchange } from '../../src/core/exchange/exchange.js';
import { ByteWriter } from '../../src/core/values/byte-writer.js';
import { replayGroup } from '../../src/engine/replay.js';
import { median } from '../suite.js';
import type { BookFigures } from './large-book.js';
import { learnOrderIds, limitAccounts, type OrderIds, preparedExchange, WorkloadRunner } from './ours.js';
import { snapshotPause } from './snapshot-pause.js';
import { makeWorkload, type Workload } from './workload.js';

export interface UpkeepRow {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
}

const COMMANDS = 500_000;
const GROUP = 1_000;
const PASSES = 5;
const SNAPSHOT_ORDERS = 100_000;

interface Group {
  readonly firstSequence: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** The commands of a classic workload as the journal holds them, in groups, behind those that prepare the exchange. */
function journalOf(exchange: Exchange): readonly Group[] {
  const workload = makeWorkload('classic', 1_000, COMMANDS);
  const runner = new WorkloadRunner(exchange, workload, learnOrderIds(workload));
  const groups: Group[] = [];
  const writer = new ByteWriter(1 << 17);
  let sequence = exchange.commandSequence;
  let timeUs = exchange.timeUs;
  for (let index = 0; index < workload.total; index += 1) {
    sequence += 1;
    timeUs += 1;
    encodeCommand(writer, runner.commandAt(index), sequence, timeUs);
    const count = (index % GROUP) + 1;
    if (count < GROUP && index < workload.total - 1) continue;
    groups.push({ firstSequence: sequence - count + 1, count, bytes: writer.written().slice() });
    writer.reset();
  }
  return groups;
}

function replayPerSecond(): number {
  const groups = journalOf(preparedExchange());
  const commands = groups.reduce((sum, { count }) => sum + count, 0);
  const rates = Array.from({ length: PASSES }, () => {
    const exchange = preparedExchange();
    const started = performance.now();
    for (const group of groups) {
      const records = replayGroup(exchange, group);
      while (records.next().done !== true);
    }
    return commands / ((performance.now() - started) / 1000);
  });
  return median(rates);
}

/** Runs the workload once under all limits. @throws Error where one of them refuses: the figure would be another one's */
function mustAccept(workload: Workload, ids: OrderIds): void {
  const exchange = preparedExchange();
  limitAccounts(exchange);
  const runner = new WorkloadRunner(exchange, workload, ids);
  for (let index = 0; index < workload.total; index += 1) {
    runner.apply(index);
    for (const event of exchange.takeEvents()) {
      if (event.type === 'OrderRejected' || event.type === 'RequestRejected') {
        throw new Error(`the bench’s limits refuse command ${index} as ${event.reason}`);
      }
    }
  }
}

/** Returns the share of its throughput that the engine loses where every account has every limit, percent. */
function limitsCostPercent(): number {
  const workload = makeWorkload('classic', 1_000, COMMANDS);
  const ids = learnOrderIds(workload);
  const seconds = (limited: boolean) => {
    const exchange = preparedExchange();
    if (limited) limitAccounts(exchange);
    const runner = new WorkloadRunner(exchange, workload, ids);
    runner.run(0, workload.warmup);
    const started = performance.now();
    runner.run(workload.warmup, workload.total);
    return performance.now() - started;
  };
  mustAccept(workload, ids);
  const free: number[] = [];
  const limited: number[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) {
    free.push(seconds(false));
    limited.push(seconds(true));
  }
  return (1 - median(free) / median(limited)) * 100;
}

/** A million resting orders in a process of their own, so that its memory is the book's. */
function largeBook(): BookFigures {
  const program = fileURLToPath(new URL('./large-book-main.js', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' })) as BookFigures;
}

/** Measures all of it. @param onRow called as each row is done */
export async function benchUpkeep(onRow: (row: UpkeepRow) => void): Promise<readonly UpkeepRow[]> {
  const rows: UpkeepRow[] = [];
  const tell = (what: string, value: number, unit: string, goal: string) => {
    const row = { what, value, unit, goal };
    rows.push(row);
    onRow(row);
  };
  tell('replay of a journal in memory', replayPerSecond() / 1e6, 'M commands/s', '≥ 3');
  const snapshot = await snapshotPause(SNAPSHOT_ORDERS);
  tell('pause of a snapshot, 100,000 orders', snapshot.pauseMs, 'ms', '≤ 5');
  tell('longest turn of an idle event loop', snapshot.quietMs, 'ms', '–');
  tell('making that snapshot beside trading', snapshot.takenMs, 'ms', '–');
  tell('size of that snapshot', snapshot.bytes / 2 ** 20, 'MiB', '–');
  // Against the same engine without limits, which still checks terms, collar and funds: no measure of a bare matcher.
  tell('cost of all limits on every account', limitsCostPercent(), '% of throughput', '–');
  const book = largeBook();
  tell('1,000,000 orders on 1,000 instruments', book.residentMiB, 'MiB resident', '< 1,024');
  tell('placing them', book.ordersPerSecond / 1e6, 'M orders/s', '–');
  return rows;
}
