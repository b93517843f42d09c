/** The peers: nodejs-order-book from npm, and the C++ twin where g++ is found. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OrderBook, Side } from 'nodejs-order-book';
import { OP, STRIDE, type Workload } from './workload.js';

/** Runs nodejs-order-book over the workload's first `count` timed records; returns seconds. */
export function runNodejsOrderBook(workload: Workload, count: number): number {
  const book = new OrderBook();
  const ids = Array.from({ length: workload.idEnd }, (_, id) => `o${id}`);
  const sides = [Side.BUY, Side.SELL] as const;
  const { records } = workload;
  const run = (from: number, to: number) => {
    for (let at = from * STRIDE; at < to * STRIDE; at += STRIDE) {
      const id = ids[records[at + 1] as number] as string;
      const price = records[at + 3] as number;
      if (records[at] === OP.MOVE) book.modify(id, { price });
      else if (records[at] === OP.CANCEL) book.cancel(id);
      else {
        const side = sides[records[at + 2] as 0 | 1];
        const size = records[at + 4] as number;
        // Its market order is its faster way to take at once; the workload's limit lies beyond every level.
        if (records[at] === OP.IMMEDIATE) book.market({ side, size });
        else book.limit({ side, id, size, price });
      }
    }
  };
  run(0, workload.warmup);
  const started = performance.now();
  run(workload.warmup, workload.warmup + count);
  return (performance.now() - started) / 1000;
}

export interface TwinResult {
  readonly seconds: number;
  readonly trades: number;
  readonly rejects: number;
}

/** The C++ twin, compiled for this machine. */
export class Twin {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tradsys-twin-'));
  readonly #binary = join(this.#folder, 'twin');
  readonly #workloads = new Map<Workload, string>();

  private constructor() {}

  /** Returns null where there is no g++. */
  static compile(): Twin | null {
    if (spawnSync('g++', ['--version']).status !== 0) return null;
    const twin = new Twin();
    const source = resolve('bench/engine/twin.cpp');
    execFileSync('g++', ['-O3', '-march=native', source, '-o', twin.#binary], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return twin;
  }

  run(workload: Workload): TwinResult {
    let path = this.#workloads.get(workload);
    if (path === undefined) {
      path = join(this.#folder, `${workload.kind}-${workload.resting}.bin`);
      const header = Int32Array.from([workload.total, workload.warmup, workload.idEnd, STRIDE]);
      writeFileSync(path, Buffer.concat([Buffer.from(header.buffer), Buffer.from(workload.records.buffer)]));
      this.#workloads.set(workload, path);
    }
    return JSON.parse(execFileSync(this.#binary, [path], { encoding: 'utf8' })) as TwinResult;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
