/**
 * Moves instruments through their sessions: submits AdvanceSession when a transition of their calendar is due.
 *
 * What was applied last stands in the exchange's state, so a start, a jump of the clock and a missed timer are one case:
 * each instrument is brought to the phase that now holds. Phases that have passed meanwhile are left out, but for the
 * last close, since it ends DAY orders: it is applied once, before the phase that now holds.
 * A phase set by hand holds until the next transition; a halt holds until the close (the exchange sees to that).
 * Idle while no instrument has a calendar. One run at a time; where the engine takes no command it tries again.
 */
import { type InstrumentEntry, ReferenceData } from '../core/exchange/reference-data.js';
import type { Clock } from '../ports/clock.js';
import type { EngineClient } from '../ports/engine-client.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { Log } from '../ports/log.js';
import { lastClose, lastTransition, nextTransition, parseCalendar, type Transition } from './calendar.js';

/** Longest sleep: a clock that was set, or a laptop that slept, is noticed within it. */
const MAX_SLEEP_MS = 30_000;
/** Pause before the next try where the engine took no command. */
const RETRY_MS = 500;

export interface SessionSchedulerOptions {
  readonly clock: Clock;
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly log: Log;
}

export class SessionScheduler {
  readonly #reference = new ReferenceData();
  #unfollow: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(private readonly options: SessionSchedulerOptions) {}

  /** Brings every instrument to the phase that now holds, then waits for what comes. */
  async start(): Promise<void> {
    this.#unfollow = await this.options.feed.follow({
      reset: (image) => {
        this.#reference.clear();
        for (const event of image) this.#reference.apply(event);
        this.#arm(0);
      },
      apply: ({ events }) => {
        let isNews = false;
        for (const event of events) {
          this.#reference.apply(event);
          isNews ||= event.type === 'TradingCalendarSet';
        }
        if (isNews) this.#arm(0);
      },
    });
    await this.check();
  }

  /** Stops; a command under way is waited for. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#unfollow?.();
    await this.#running;
  }

  /** Applies what is due now; runs that were asked for meanwhile join this one. */
  check(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    let sleepMs = MAX_SLEEP_MS;
    try {
      for (const { instrument } of [...this.#reference.instruments]) await this.#advance(instrument);
      sleepMs = this.#untilNextMs();
    } catch (error) {
      this.options.log('warn', 'a session could not advance, trying again', { error: (error as Error).message });
      sleepMs = RETRY_MS;
    }
    this.#arm(sleepMs);
  }

  async #advance(instrument: number): Promise<void> {
    for (const { status, auction, atUs } of this.#due(this.#reference.instrumentAt(instrument))) {
      if (this.#isStopped) return;
      const reason = 'as the calendar says';
      await this.options.engine.submit({
        type: 'AdvanceSession',
        instrument,
        status,
        auction,
        scheduledUs: atUs,
        reason,
      });
    }
  }

  /** Transitions to apply now: a close that was missed, then the one that now holds. */
  #due({ calendar: text, scheduledUs }: InstrumentEntry): Transition[] {
    if (text === null) return [];
    const calendar = parseCalendar(text);
    const nowUs = this.options.clock.nowUs();
    const last = lastTransition(calendar, nowUs);
    if (last === null || last.atUs <= (scheduledUs ?? Number.NEGATIVE_INFINITY)) return [];
    const close = scheduledUs === null ? null : lastClose(calendar, nowUs);
    const missed = close !== null && close.atUs > (scheduledUs ?? 0) && close.atUs < last.atUs;
    return missed ? [close, last] : [last];
  }

  #untilNextMs(): number {
    const nowUs = this.options.clock.nowUs();
    let nextUs = Number.POSITIVE_INFINITY;
    for (const { calendar } of this.#reference.instruments) {
      if (calendar === null) continue;
      nextUs = Math.min(nextUs, nextTransition(parseCalendar(calendar), nowUs)?.atUs ?? Number.POSITIVE_INFINITY);
    }
    return Math.min(MAX_SLEEP_MS, Math.ceil((nextUs - nowUs) / 1000));
  }

  #arm(ms: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), ms);
    this.#timer.unref();
  }
}
