/** Logging by pino: JSON, one event a line, on standard error, so that standard output stays the command's own. */
import { type DestinationStream, destination, pino } from 'pino';
import type { Log } from '../ports/log.js';
import { LogLevels, type LogThreshold } from './log-levels.js';
import { redact, redactText } from './redaction.js';

export interface LoggerOptions {
  readonly level: LogThreshold;
  /** Written into each line as `role`. */
  readonly role: string;
  /** Where lines go; standard error when absent. */
  readonly stream?: DestinationStream;
}

/** Gives each module its log. */
export interface Logger {
  (module: string): Log;
  readonly levels: LogLevels;
}

/** Returns a logger and one child of it per module name. Secrets and personal data are redacted wherever they stand. */
export function createLogger(options: LoggerOptions): Logger {
  const levels = new LogLevels(options.level);
  const logs = new Map<string, Log>();
  const root = pino(
    {
      level: options.level,
      base: { role: options.role },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  const create = (module: string): Log => {
    const child = root.child({ module });
    levels.add(module, (level) => {
      child.level = level;
    });
    const write: Log = (level, message, fields) => {
      if (child.isLevelEnabled(level)) child[level](fields === undefined ? {} : redact(fields), redactText(message));
    };
    return Object.assign(write, { enabled: (level: string) => child.isLevelEnabled(level) });
  };
  const logger = (module: string): Log => {
    const known = logs.get(module);
    if (known !== undefined) return known;
    const log = create(module);
    logs.set(module, log);
    return log;
  };
  return Object.assign(logger, { levels });
}
