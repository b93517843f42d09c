/** Takes parts down in the opposite order of their start, each within its time, whatever the others do. */
import type { Log } from '../ports/log.js';

/** Time for one part; the whole platform stops within ten seconds. */
const PART_TIMEOUT_MS = 4_000;

interface Part {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

export class Teardown {
  readonly #parts: Part[] = [];
  #running: Promise<void> | null = null;

  constructor(private readonly log: Log) {}

  /** Remembers how to stop a part that has just been started. */
  add(name: string, stop: Part['stop']): void {
    this.#parts.push({ name, stop });
  }

  /** Stops everything, the newest part first. A part that fails or takes too long is logged and left behind. */
  run(): Promise<void> {
    this.#running ??= this.#stopAll();
    return this.#running;
  }

  async #stopAll(): Promise<void> {
    for (const part of this.#parts.reverse()) {
      const startedAt = performance.now();
      try {
        await withinTime(part);
        this.log('debug', 'stopped', { part: part.name, tookMs: Math.round(performance.now() - startedAt) });
      } catch (error) {
        this.log('error', 'did not stop in order', { part: part.name, error: String(error) });
      }
    }
  }
}

async function withinTime(part: Part): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not stopped within ${PART_TIMEOUT_MS} ms`)), PART_TIMEOUT_MS);
  });
  try {
    await Promise.race([part.stop(), late]);
  } finally {
    clearTimeout(timer);
  }
}
