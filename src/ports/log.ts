/** Structured logging as every part sees it; the composition root decides where lines go. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Writes one event. Fields are plain data without secrets.
 * @param message what happened, in a few words, the same for every occurrence
 */
export interface Log {
  (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Tells whether a line of the level would be written, for callers to whom its fields cost something. */
  readonly enabled?: (level: LogLevel) => boolean;
}
