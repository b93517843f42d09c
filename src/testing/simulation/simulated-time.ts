/**
 * Time of a simulated world: one queue of what happens next, ordered by moment and then by when it was asked for.
 *
 * Everything that waits in the world's code (timers, the disk, the network) waits here, under the process that asked. After each
 * happening all promises that it settled run to their end before the next one, so that the same seed gives the same order. A
 * process that is killed takes all that it waits for along: none of its code runs again.
 */
import { createHash } from 'node:crypto';

/** Since 1970, where the world begins. */
const EPOCH_MS = 1_767_225_600_000;

/** Of this process, before anything is put in its place. */
const drainPromises = (
  (turn) => () =>
    new Promise<void>((resolve) => void turn(resolve))
)(globalThis.setImmediate);

/** One process of the world, from its start to its death. */
export class SimulatedProcess {
  alive = true;
  constructor(readonly name: string) {}
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly what: string;
  readonly process: SimulatedProcess | null;
  readonly run: () => void;
  cancelled: boolean;
}

export class SimulatedTime {
  nowMs = 0;
  happened = 0;
  /** Whose code runs now. */
  process: SimulatedProcess | null = null;
  readonly #heap: Happening[] = [];
  readonly #trace = createHash('sha256');
  #order = 0;

  get wallMs(): number {
    return EPOCH_MS + this.nowMs;
  }

  /** Asks for something to happen later, in the process that runs now unless another is named. @returns takes it back */
  after(ms: number, what: string, run: () => void, process: SimulatedProcess | null = this.process): () => void {
    this.#order += 1;
    const happening = { atMs: this.nowMs + Math.max(0, ms), order: this.#order, what, process, run, cancelled: false };
    push(this.#heap, happening);
    return () => {
      happening.cancelled = true;
    };
  }

  /** Runs code as a process's own, and what follows at once from it. */
  async as(process: SimulatedProcess | null, run: () => void): Promise<void> {
    if (process !== null && !process.alive) return;
    this.process = process;
    run();
    await drainPromises();
    this.process = null;
  }

  /** Lets the world go on until the moment has come or the condition holds. @returns whether it does */
  async advance(ms: number, until: () => boolean = () => false): Promise<boolean> {
    const endMs = this.nowMs + ms;
    while (!until()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = endMs;
        return until();
      }
      pop(this.#heap);
      if (next.cancelled || next.process?.alive === false) continue;
      this.nowMs = next.atMs;
      this.happened += 1;
      this.note(`${next.process?.name ?? ''} ${next.what}`);
      await this.as(next.process, next.run);
    }
    return true;
  }

  /** Makes something part of the trace. */
  note(what: string): void {
    this.#trace.update(`${this.nowMs.toFixed(3)} ${what}\n`);
  }

  /** Hash of all that happened, in order. */
  traceHash(): string {
    return this.#trace.copy().digest('hex').slice(0, 16);
  }
}

const isBefore = (a: Happening, b: Happening) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Happening[], item: Happening): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(item, heap[above] as Happening)) break;
    heap[at] = heap[above] as Happening;
    at = above;
  }
  heap[at] = item;
}

function pop(heap: Happening[]): void {
  const item = heap.pop();
  if (item === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Happening, heap[below] as Happening)) below += 1;
    if (!isBefore(heap[below] as Happening, item)) break;
    heap[at] = heap[below] as Happening;
    at = below;
  }
  heap[at] = item;
}
