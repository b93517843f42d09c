/** Connections: bounded pools that give up in time, and what their failures mean. */
import pg from 'pg';
import { HistoryUnreachableError } from '../../ports/history.js';
import type { Log } from '../../ports/log.js';

const CONNECT_TIMEOUT_MS = 3000;
/** Beyond the server's own limit: met only where the server does not answer at all. */
const UNANSWERED_EXTRA_MS = 1000;

export interface PoolLimits {
  readonly maxConnections: number;
  /** Longest that a statement may run. */
  readonly statementTimeoutMs: number;
}

/** Opens a pool. It connects when first used, and again by itself when connections were lost. */
export function openPool(url: string, applicationName: string, limits: PoolLimits, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: limits.maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 60_000,
    statement_timeout: limits.statementTimeoutMs,
    query_timeout: limits.statementTimeoutMs + UNANSWERED_EXTRA_MS,
    keepAlive: true,
  });
  // An idle connection was lost: the pool has dropped it already, and the next query opens another.
  pool.on('error', (error) => log('debug', 'idle database connection lost', { error: error.message }));
  return pool;
}

/** SQLSTATE classes and codes of a server that is away, starting, stopping or full; and of statements cut off. */
const UNREACHABLE_STATES = /^(08...|57P0[1-5]|57014|53300|53400)$/;
const UNREACHABLE_CODES = /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|P1\d{3}|P2024)$/;
const UNREACHABLE_TEXTS =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable|Cannot use a pool after calling end/;

/** Tells whether the failure is the database's absence or slowness rather than a wrong statement. */
export function isUnreachable(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    const code =
      typeof cause.code === 'string' ? cause.code : typeof cause.originalCode === 'string' ? cause.originalCode : '';
    if (UNREACHABLE_STATES.test(code) || UNREACHABLE_CODES.test(code)) return true;
    if (typeof cause.message === 'string' && UNREACHABLE_TEXTS.test(cause.message)) return true;
    if (cause.kind === 'DatabaseNotReachable' || cause.kind === 'ConnectionClosed' || cause.kind === 'SocketTimeout')
      return true;
  }
  return false;
}

/** Returns the SQLSTATE of a failure, or its class name: enough to find it in the log, and nothing of the statement. */
export function codeOf(error: unknown): string {
  for (const cause of causesOf(error)) {
    if (typeof cause.code === 'string') return cause.code;
  }
  return error instanceof Error ? error.name : 'unknown';
}

/** How failures of one part's statements are told. */
export interface GuardTexts {
  /** Logged where the database is away, e.g. `history cannot be read`. */
  readonly away: string;
  /** The message of the HistoryUnreachableError. */
  readonly unreachable: string;
  /** Logged, and thrown with the SQLSTATE, where a statement is wrong. */
  readonly failed: string;
}

/** Runs statements of one part of the database. @throws HistoryUnreachableError, or Error that names nothing of the statement */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>;

/** @param onUnreachable called whenever a statement met no database, or one too slow */
export function createGuard(texts: GuardTexts, log: Log, onUnreachable: () => void): Guard {
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      if (isUnreachable(error)) {
        log('debug', texts.away, { error: String(error) });
        onUnreachable();
        throw new HistoryUnreachableError(texts.unreachable);
      }
      log('error', texts.failed, { error: String(error) });
      throw new Error(`${texts.failed} (${codeOf(error)})`);
    }
  };
}

/** The error and what it wraps: pg nests in `cause` and `errors`, Prisma in `meta`. */
function causesOf(error: unknown, depth = 0): Record<string, unknown>[] {
  if (depth > 5 || typeof error !== 'object' || error === null) return [];
  const own = error as Record<string, unknown>;
  const meta = own.meta as { driverAdapterError?: unknown } | undefined;
  const nested = [own.cause, meta?.driverAdapterError, ...(error instanceof AggregateError ? error.errors : [])];
  return [own, ...nested.flatMap((inner) => causesOf(inner, depth + 1))];
}
