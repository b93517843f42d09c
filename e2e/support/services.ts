/** PostgreSQL, NATS and every role as processes of their own, on free ports: what the scenarios run on as services. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/adapters/postgres/embedded.js';
import { applyMigrations } from '../../src/adapters/postgres/migrate.js';
import { ROLES, type Role } from '../../src/config/services.js';
import type { Credentials, RunningPlatform, StartOptions } from './running-platform.js';

const PROJECT = resolve(import.meta.dirname, '../..');
// A busy machine starts ten processes slowly; that is no fault of theirs.
const READY_WITHIN_MS = 240_000;
const STOPPED_WITHIN_MS = 12_000;
/** Engines of a platform: one leads, the other stands by. */
const ENGINES = 2;

/** Says how to get the server where it is missing. */
export const NATS_MISSING = 'nats-server is missing: apt-get install nats-server (macOS: brew install nats-server)';

export function hasNatsServer(): boolean {
  return spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A process that is started, killed, paused and started again in the same place. */
export class Service {
  output = '';
  #child: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);

  constructor(
    readonly name: string,
    private readonly command: string,
    private readonly parameters: readonly string[],
    private readonly environment: Record<string, string>,
    /** Started again whenever it ends, as an orchestrator would. */
    private readonly restarts: boolean,
  ) {}

  #wanted = false;
  /** Exit codes so far, null for a signal. */
  readonly exits: (number | null)[] = [];

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  start(): void {
    this.#wanted = true;
    const child = spawn(this.command, this.parameters, {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...this.environment },
    });
    this.#child = child;
    const append = (chunk: unknown): void => {
      this.output = `${this.output}${String(chunk)}`.slice(-200_000);
    };
    child.stdout?.on('data', append);
    child.stderr?.on('data', append);
    this.#exited = new Promise((done) =>
      child.once('exit', (code) => {
        this.exits.push(code);
        done(code);
        if (this.#wanted && this.restarts && this.#child === child) setTimeout(() => this.#wanted && this.start(), 200);
      }),
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** kill -9; started again only by start(), or by itself where `restarts` says so and `stay` does not. */
  async kill(stay = true): Promise<void> {
    if (stay) this.#wanted = false;
    const exited = this.#exited;
    this.signal('SIGKILL');
    await exited;
  }

  /** SIGTERM; returns the exit code. */
  async stop(): Promise<number | null> {
    this.#wanted = false;
    if (this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return this.#child?.exitCode ?? 0;
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), STOPPED_WITHIN_MS);
    const code = await this.#exited;
    clearTimeout(late);
    return code;
  }
}

export interface Services {
  readonly postgres: EmbeddedPostgres;
  readonly databaseUrl: string;
  readonly nats: Service;
  readonly natsStore: string;
  readonly roles: ReadonlyMap<string, Service>;
  readonly urls: ReadonlyMap<string, string>;
  readonly credentials: Credentials;
  /** Resolves when every role says that it is ready. */
  ready(): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

export interface ServicesOptions {
  readonly dataDir: string;
  readonly simulator?: boolean;
  readonly environment?: Record<string, string>;
  /** Address by which the roles reach NATS, in place of its own; for proxies. */
  readonly natsUrl?: (own: string) => Promise<string>;
}

/** What a data folder keeps of a platform as services: ports and secrets stay over restarts. */
const secrets = new Map<string, { readonly jwt: string; readonly internal: string; readonly password: string }>();

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { dataDir } = options;
  const own = secrets.get(dataDir) ?? { jwt: secret(), internal: secret(), password: `p${secret()}` };
  secrets.set(dataDir, own);
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined, settings: { max_connections: '200' } });
  await applyMigrations(postgres.url, () => undefined);
  const natsPort = await freePort();
  const natsStore = join(dataDir, 'nats');
  const nats = natsService(natsPort, natsStore, own.password);
  nats.start();
  const address = `nats://127.0.0.1:${natsPort}`;
  const natsUrl = options.natsUrl === undefined ? address : await options.natsUrl(address);
  const urls = new Map<string, string>();
  const names = ROLES.filter(isBuilt).flatMap((role) =>
    role === 'engine' ? Array.from({ length: ENGINES }, (_, at) => `engine-${at + 1}`) : [role],
  );
  for (const name of names) urls.set(name, `http://127.0.0.1:${await freePort()}`);
  const shared: Record<string, string> = {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    TRADSYS_DATA_DIR: dataDir,
    TRADSYS_SIMULATOR: options.simulator === true ? 'on' : 'off',
    TRADSYS_INTERNAL_SECRET: own.internal,
    TRADSYS_JWT_SECRET: own.jwt,
    ...Object.fromEntries([...urls].map(([name, url]) => [`TRADSYS_${name.replace('-', '_').toUpperCase()}_URL`, url])),
    ...options.environment,
  };
  const roles = new Map(
    names.map((name) => {
      const role = name.startsWith('engine-') ? 'engine' : name;
      const environment = {
        ...shared,
        DATABASE_URL: postgres.url,
        ...(role === 'router' ? {} : { NATS_URL: natsUrl, NATS_USER: role, NATS_PASSWORD: own.password }),
        ...(role === 'engine' ? { TRADSYS_ENGINE_ID: name } : {}),
        PORT: new URL(urls.get(name) ?? '').port,
      };
      return [
        name,
        new Service(name, process.execPath, ['bin/tradsys.mjs', 'start', '--role', role, '--json'], environment, true),
      ];
    }),
  );
  for (const service of roles.values()) service.start();
  const services = { postgres, databaseUrl: postgres.url, nats, natsStore, roles, urls };
  const output = (): string =>
    [...roles.values(), nats].map((service) => `== ${service.name}\n${service.output}`).join('\n');
  const stop = async (): Promise<void> => {
    await Promise.all([...roles.values()].map((service) => service.stop()));
    await nats.stop();
    await postgres.stop();
  };
  const ready = (): Promise<void> => awaitReady(urls, output);
  try {
    await ready();
    const credentials = JSON.parse(await readFile(join(dataDir, 'dev-credentials.json'), 'utf8')) as Credentials;
    return { ...services, credentials, ready, output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The platform as services behind the same handle as the embedded one. */
export async function startAsServices(options: StartOptions): Promise<RunningPlatform> {
  const services = await startServices(options);
  const router = services.urls.get('router') ?? '';
  return {
    url: `${router}/graphql`,
    dataDir: options.dataDir,
    credentials: services.credentials,
    pid: services.roles.get('router')?.pid ?? 0,
    metrics: async () => {
      const texts = [...services.urls.values()].map(async (url) => (await fetch(`${url}/metrics`)).text());
      return (await Promise.all(texts)).join('\n');
    },
    output: services.output,
    crash: async () => {
      await Promise.all([...services.roles.values(), services.nats].map((service) => service.kill()));
      await services.postgres.stop();
    },
    stop: async () => {
      const codes = await Promise.all([...services.roles.values()].map((service) => service.stop()));
      await services.nats.stop();
      await services.postgres.stop();
      return codes.find((code) => code !== 0) ?? 0;
    },
  };
}

/** A role whose subgraph the committed contract has; the others need none. */
function isBuilt(role: Role): boolean {
  if (role !== 'strategies') return true;
  return spawnSync('test', ['-f', join(PROJECT, 'schema/subgraphs/strategies.graphql')]).status === 0;
}

function natsService(port: number, store: string, password: string): Service {
  const passwords = ['ENGINE', 'PROJECTOR', 'ACCOUNTS', 'MARKET_DATA', 'ORDERS', 'RISK', 'STRATEGIES'];
  const environment = Object.fromEntries(passwords.map((name) => [`NATS_${name}_PASSWORD`, password]));
  const flags = ['-c', 'deployments/nats/local.conf', '-a', '127.0.0.1', '-p', String(port), '-sd', store];
  return new Service('nats', 'nats-server', flags, environment, false);
}

async function awaitReady(urls: ReadonlyMap<string, string>, output: () => string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  const waiting = new Map(urls);
  let states: string[] = [];
  while (Date.now() < deadline) {
    states = [];
    for (const [name, url] of waiting) {
      const state = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) })
        .then(async (response) => ({ ok: response.ok, text: await response.text() }))
        .catch(() => ({ ok: false, text: 'does not answer' }));
      if (state.ok) waiting.delete(name);
      else states.push(`${name}: ${state.text}`);
    }
    if (waiting.size === 0 && (await leads(urls))) return;
    await sleep(100);
  }
  throw new Error(`not ready within ${READY_WITHIN_MS} ms:\n${states.join('\n')}\n${output()}`);
}

async function leads(urls: ReadonlyMap<string, string>): Promise<boolean> {
  return (await leaderOf(urls)) !== null;
}

/** Name of the engine that leads; null while none does. */
export async function leaderOf(urls: ReadonlyMap<string, string>): Promise<string | null> {
  for (const [name, url] of urls) {
    if (!name.startsWith('engine-')) continue;
    const text = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })
      .then((response) => response.text())
      .catch(() => '');
    if (text.includes('"state":"running"')) return name;
  }
  return null;
}

const secret = (): string => randomBytes(32).toString('hex');
