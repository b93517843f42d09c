/** One run of the embedded server: its cluster made, its process started, its readiness and its end told. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '../../../ports/log.js';
import { initdbIn, postgresIn } from './binaries.js';
import { EmbeddedPostgresError, type ServiceUser } from './service-user.js';

/** Data written by another major version cannot be read. */
const MAJOR_VERSION = '18';
const READY = 'database system is ready to accept connections';
const START_TIMEOUT_MS = 60_000;
const KEPT_LINES = 20;
/** Where util-linux puts it. */
const SETPRIV = '/usr/bin/setpriv';

/**
 * Few connections, little memory, no helpers that nothing here uses, nothing in /dev/shm (small in containers).
 * fsync, full_page_writes and synchronous_commit stay on.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '24',
  superuser_reserved_connections: '2',
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  checkpoint_timeout: '10min',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  io_method: 'sync',
  jit: 'off',
  huge_pages: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // A failing statement is told to its client; its text may hold clients' data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
};

export interface ServerPlan {
  readonly native: string;
  readonly home: string;
  readonly user: ServiceUser | null;
  readonly log: Log;
  /** Beside SETTINGS, or in place of them. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface RunningServer {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Resolves with the last lines that the server wrote, when its process has ended. */
  readonly ended: Promise<string>;
}

/** Said of the home: what is lost with it, and what is not. */
const REMOVING =
  'The journal gives orders, trades and balances back, but users, API keys, the audit log, imported market data and strategies are here alone and would be gone with';

export function dataOf(home: string): string {
  return join(home, 'data');
}

/** Makes the cluster where there is none, and returns the superuser's password. */
export function ensureCluster({ native, home, user }: ServerPlan): string {
  const data = dataOf(home);
  const passwordFile = join(home, 'password');
  if (existsSync(data)) {
    const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (version !== MAJOR_VERSION) {
      throw new EmbeddedPostgresError(
        `${data} was written by PostgreSQL ${version}, this is ${MAJOR_VERSION}: start with the version of tradsys that wrote it. ${REMOVING} ${home}.`,
      );
    }
    if (existsSync(passwordFile)) return readFileSync(passwordFile, 'utf8').trim();
    throw new EmbeddedPostgresError(
      `${passwordFile} is missing: bring it back from a copy of ${home}. ${REMOVING} ${home}.`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  initialise(initdbIn(native), home, user, password);
  return password;
}

/** Made apart and moved into place, so that a cluster is whole or not there. */
function initialise(initdb: string, home: string, user: ServiceUser | null, password: string): void {
  const draft = join(home, 'data.new');
  const handover = join(home, 'data.password');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(handover, password, { mode: 0o600 });
  if (user !== null) {
    chownSync(draft, user.uid, user.gid);
    chownSync(handover, user.uid, user.gid);
  }
  try {
    const { status, stderr, error } = spawnSync(
      initdb,
      ['-D', draft, '-U', 'postgres', '--pwfile', handover, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'],
      { ...asUser(user), encoding: 'utf8' },
    );
    if (status !== 0) {
      const reason = error?.message ?? lastLine(stderr);
      throw new EmbeddedPostgresError(`the database could not be created in ${home}: ${reason}`);
    }
    renameSync(draft, dataOf(home));
  } finally {
    rmSync(handover, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

/** No variable of the environment reaches the server: PGDATA and its kin would change what it does. */
function asUser(user: ServiceUser | null) {
  const identity = user === null ? {} : { uid: user.uid, gid: user.gid };
  return process.platform === 'win32' ? {} : { ...identity, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } };
}

/**
 * Starts the server and resolves when it takes connections.
 * @throws EmbeddedPostgresError with the server's own words when it ends before
 */
export async function launch(plan: ServerPlan, port: number): Promise<RunningServer> {
  const settings = Object.entries({ ...SETTINGS, ...plan.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const command = [postgresIn(plan.native), '-D', dataOf(plan.home), '-p', String(port), ...settings];
  // The kernel stops the server with its starter, even where that is killed; the signal means a fast shutdown.
  const guarded = diesWithParent() ? [SETPRIV, '--pdeathsig', 'INT', ...command] : command;
  const child = spawn(guarded[0] ?? '', guarded.slice(1), {
    ...asUser(plan.user),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  const ready = new Promise<null>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      plan.log(/ (FATAL|PANIC): /.test(line) ? 'warn' : 'debug', 'database server', { line });
      if (line.includes(READY)) resolve(null);
    });
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(lines.join('\n')));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it was not ready in time'), START_TIMEOUT_MS);
  });
  const problem = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (problem === null && child.pid !== undefined) return { child, pid: child.pid, ended };
  child.kill('SIGQUIT');
  await ended;
  throw new EmbeddedPostgresError(`the database server did not start: ${telling(problem ?? '')}`);
}

let guardWorks: boolean | undefined;

/** BusyBox has a setpriv without this option, so it is tried rather than looked for. */
function diesWithParent(): boolean {
  guardWorks ??=
    process.platform === 'linux' &&
    spawnSync(SETPRIV, ['--pdeathsig', 'INT', 'true'], { stdio: 'ignore' }).status === 0;
  return guardWorks;
}

/** Returns a port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The line that tells why, rather than the last one. */
function telling(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => / (FATAL|PANIC): /.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
