/**
 * Lets time pass for orders that end by it: submits AdvanceTime when the next one is due, where no other command came
 * first. Idle while no order ends by time.
 */
import type { Command } from '../core/exchange/command.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';

/** Longest sleep: a clock that was set, or a laptop that slept, is noticed within it. */
const MAX_SLEEP_MS = 30_000;
/** Pause before the next try where the engine took no command. */
const RETRY_MS = 500;

export interface ExpiryTimerOptions {
  readonly clock: Clock;
  /** Time at which the next order ends, microseconds since 1970 UTC; null while none does. */
  readonly nextDueUs: () => number | null;
  readonly submit: (command: Command) => Promise<unknown>;
  readonly log: Log;
}

export class ExpiryTimer {
  #timer: NodeJS.Timeout | undefined;
  /** What the timer sleeps for; null while it does not. */
  #sleepsForUs: number | null = null;
  #isStopped = false;

  constructor(private readonly options: ExpiryTimerOptions) {}

  /** Sleeps for the next order that ends; to be called whenever that may have changed. */
  arm(): void {
    const nextUs = this.options.nextDueUs();
    if (this.#isStopped || nextUs === this.#sleepsForUs) return;
    this.#sleep(nextUs, 0);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #sleep(nextUs: number | null, leastMs: number): void {
    clearTimeout(this.#timer);
    this.#sleepsForUs = nextUs;
    if (nextUs === null) return;
    const leftMs = Math.ceil((nextUs - this.options.clock.nowUs()) / 1000);
    this.#timer = setTimeout(() => void this.#wake(), Math.min(Math.max(leftMs, leastMs), MAX_SLEEP_MS));
    this.#timer.unref();
  }

  async #wake(): Promise<void> {
    const nextUs = this.options.nextDueUs();
    if (this.#isStopped) return;
    let leastMs = 0;
    if (nextUs !== null && nextUs <= this.options.clock.nowUs()) {
      leastMs = RETRY_MS;
      try {
        await this.options.submit({ type: 'AdvanceTime' });
        leastMs = 0;
      } catch (error) {
        this.options.log('warn', 'time could not advance, trying again', { error: (error as Error).message });
      }
    }
    if (!this.#isStopped) this.#sleep(this.options.nextDueUs(), leastMs);
  }
}
