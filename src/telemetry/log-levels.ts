/**
 * Levels of the log by module, changeable while the process runs. A change may end by itself, so that a debug level that
 * somebody forgot does not fill the disk.
 */
import type { LogLevel } from '../ports/log.js';

export type LogThreshold = LogLevel | 'silent';

/** Longest time for which a level may be changed, a day. */
export const MAX_LEVEL_SECONDS = 86_400;

interface LeveledModule {
  apply(level: LogThreshold): void;
  level: LogThreshold;
  timer: NodeJS.Timeout | undefined;
  untilMs: number | null;
}

/** One module as it is now. */
export interface ModuleLevel {
  readonly module: string;
  readonly level: LogThreshold;
  /** When the configured level comes back, milliseconds since 1970; null = at the next start. */
  readonly untilMs: number | null;
}

export class LogLevels {
  readonly #modules = new Map<string, LeveledModule>();

  /** @param configured what every module begins with */
  constructor(readonly configured: LogThreshold) {}

  /** @param apply sets the module's level */
  add(module: string, apply: (level: LogThreshold) => void): void {
    this.#modules.set(module, { apply, level: this.configured, timer: undefined, untilMs: null });
  }

  list(): ModuleLevel[] {
    return [...this.#modules]
      .map(([module, { level, untilMs }]) => ({ module, level, untilMs }))
      .sort((a, b) => (a.module < b.module ? -1 : 1));
  }

  /**
   * Sets the level of a module, or of all.
   * @param module null = all
   * @param seconds until the configured level comes back; null = at the next start
   * @throws RangeError when there is no such module, or the time is out of bounds
   */
  set(module: string | null, level: LogThreshold, seconds: number | null): ModuleLevel[] {
    if (seconds !== null && !(seconds >= 1 && seconds <= MAX_LEVEL_SECONDS)) {
      throw new RangeError(`${seconds} s is not within 1 to ${MAX_LEVEL_SECONDS}`);
    }
    if (module !== null && !this.#modules.has(module)) {
      throw new RangeError(`no module logs under this name; there are ${[...this.#modules.keys()].sort().join(', ')}`);
    }
    for (const [name, state] of this.#modules) {
      if (module !== null && name !== module) continue;
      clearTimeout(state.timer);
      this.#apply(state, level, null);
      if (seconds === null) continue;
      state.untilMs = Date.now() + seconds * 1000;
      state.timer = setTimeout(() => this.#apply(state, this.configured, null), seconds * 1000);
      state.timer.unref();
    }
    return this.list();
  }

  #apply(state: LeveledModule, level: LogThreshold, untilMs: number | null): void {
    state.level = level;
    state.untilMs = untilMs;
    state.apply(level);
  }
}
