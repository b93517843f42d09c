/** Logging by pino: JSON, one event a line, on standard error, so that standard output stays the command's own. */
import { type DestinationStream, destination, pino } from 'pino';
import type { Log, LogLevel } from '../ports/log.js';

/** Fields that never reach a line, wherever they stand. */
const REDACTED_KEYS = [
  'token',
  'password',
  'secret',
  'authorization',
  'accessToken',
  'refreshToken',
  'databaseUrl',
  'connectionString',
];

export interface LoggerOptions {
  readonly level: LogLevel | 'silent';
  /** Written into each line as `role`. */
  readonly role: string;
  /** Where lines go; standard error when absent. */
  readonly stream?: DestinationStream;
}

/** Returns a logger and one child of it per module name. */
export function createLogger(options: LoggerOptions): (module: string) => Log {
  const root = pino(
    {
      level: options.level,
      base: { role: options.role },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  return (module) => {
    const child = root.child({ module });
    return (level, message, fields) => child[level](fields ?? {}, message);
  };
}
