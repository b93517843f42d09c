/**
 * Puts the world's time, disk and chance in the place of Node's own, for this whole process: the engine, the journal and the
 * bus run unchanged and do not know. Only `npm run simulate` does this, in a process that does nothing else.
 */
import crypto from 'node:crypto';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import promised from 'node:timers/promises';
import type { SimulatedDisk } from './simulated-disk.js';
import type { SimulatedTime } from './simulated-time.js';

/** What a timer is to those who hold it. */
class SimulatedTimer {
  constructor(readonly cancel: () => void) {}
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

/** @param random numbers below a bound, from the seed */
export function installWorld(time: SimulatedTime, disk: SimulatedDisk, random: (below: number) => number): void {
  const later = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
    new SimulatedTimer(time.after(Number(ms), 'timer', () => run(...given)));
  const every = (run: () => void, ms: number) => {
    let cancel: () => void = () => undefined;
    const again = (): void => {
      cancel = time.after(ms, 'interval', () => {
        again();
        run();
      });
    };
    again();
    return new SimulatedTimer(() => cancel());
  };
  const clear = (timer: SimulatedTimer | null | undefined) => timer?.cancel();
  Object.assign(globalThis, {
    setTimeout: later,
    setInterval: every,
    setImmediate: (run: () => void) => later(run, 0),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  });
  Object.defineProperty(globalThis.performance, 'now', { value: () => time.nowMs, configurable: true });
  Date.now = () => Math.floor(time.wallMs);
  Math.random = () => random(2 ** 30) / 2 ** 30;
  Object.assign(crypto, { randomUUID: () => `${random(2 ** 30)}-${random(2 ** 30)}` });
  Object.assign(promised, { setTimeout: sleep });
  Object.assign(files, disk.functions());
  syncBuiltinESMExports();

  function sleep(ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const onAbort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = time.after(ms, 'sleep', () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(value);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
