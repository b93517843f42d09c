/**
 * The database as composition roots use it: opened, migrated, read and written, watched, closed.
 *
 * The embedded server is part of it where no address is given. A database that is away at the start is awaited in the
 * background: trading goes on, history says that it is unreachable and the projector tries again. One that is there and
 * does not fit this build refuses the start.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { AuditStore } from '../../ports/audit-store.js';
import type { History } from '../../ports/history.js';
import type { IdentityStore } from '../../ports/identity-store.js';
import type { ImportedMarketData } from '../../ports/imported-market-data.js';
import type { Log } from '../../ports/log.js';
import type { NonceStore } from '../../ports/nonce-store.js';
import type { RateStore } from '../../ports/rate-store.js';
import type { ReadModelStore } from '../../ports/read-model-store.js';
import type { StrategyStore } from '../../ports/strategy-store.js';
import { PrismaClient } from './__generated__/client.js';
import { PostgresAuditStore } from './audit-store.js';
import { isUnreachable, openPool } from './connection.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';
import { PostgresHistory } from './history.js';
import { PostgresIdentityStore } from './identity-store.js';
import { PostgresImportedMarketData } from './imported-market-data.js';
import { applyMigrations, checkMigrations, MigrationError } from './migrate.js';
import { PostgresNonceStore } from './nonce-store.js';
import { DEFAULT_RETENTION, PartitionKeeper, type Retention } from './partition-keeper.js';
import { PostgresRateStore } from './rate-store.js';
import { PostgresReadModelStore } from './read-model-store.js';
import { PostgresStrategyStore } from './strategy-store.js';

/** The database answers and cannot be used; the message says why. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError';
}

/** Below the embedded server's 24, with room for tools. */
const READ_LIMITS = { maxConnections: 8, statementTimeoutMs: 5000 };
/** The projector writes one batch at a time. */
const WRITE_LIMITS = { maxConnections: 1, statementTimeoutMs: 15_000 };
/** How long a stop waits for queries under way. */
const STOP_PATIENCE_MS = 3000;
const PROBE_MS = 250;
const MAX_PROBE_MS = 5000;

/** CONNECTING: not reached since the start. DOWN: was reached, is not now. REFUSED: reached, and it does not fit. */
export type DatabaseState = 'CONNECTING' | 'UP' | 'DOWN' | 'REFUSED' | 'STOPPED';

export interface DatabaseStatus {
  readonly state: DatabaseState;
  /** True while queries can be expected to succeed. */
  readonly ready: boolean;
  /** True where the server is this platform's own. */
  readonly embedded: boolean;
  /** Why it is not ready, without address or statement; null while it is. */
  readonly lastError: string | null;
}

/** Connections of one pool; a new object at each call. */
export interface PoolStatus {
  readonly pool: 'history' | 'projector';
  /** Connections that run a statement. */
  readonly active: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
  readonly max: number;
}

export interface DatabaseOptions {
  /** Connection string; null = the embedded server. */
  readonly url: string | null;
  /** The platform's data folder, where the embedded server keeps its data. */
  readonly dataDir: string;
  readonly log: Log;
  /** Days that rows are kept; all but the shortest candles for ever where it is absent. */
  readonly retention?: Retention;
  /**
   * OWN: brings the database to this build's schema and keeps its partitions. KEEP: only the latter, SHARE: neither; both
   * refuse a database that another version migrated. OWN when absent.
   */
  readonly upkeep?: Upkeep;
}

export type Upkeep = 'OWN' | 'KEEP' | 'SHARE';
export type { Retention } from './partition-keeper.js';

export interface Database {
  readonly history: History;
  readonly importedMarketData: ImportedMarketData;
  readonly readModelStore: ReadModelStore;
  readonly strategies: StrategyStore;
  readonly identities: IdentityStore;
  readonly auditLog: AuditStore;
  readonly status: DatabaseStatus;
  readonly pools: readonly PoolStatus[];
  /** Opens the store of quotas that routers count together. It is closed with the database. @param maxEntries callers and classes remembered */
  openRateStore(maxEntries: number): RateStore;
  /** Opens the store of nonces that routers remember together. It is closed with the database. */
  openNonceStore(maxNonces: number): NonceStore;
  /** Ends connections and the embedded server, within seconds. May be called again. */
  stop(): Promise<void>;
}

/**
 * Opens the database and brings it to this build's schema.
 * @throws EmbeddedPostgresError when the embedded server cannot run here
 * @throws MigrationError when the database does not fit this build
 * @throws DatabaseRefusedError when it takes no connection with this user, password and name
 */
export async function openDatabase({ url, dataDir, log, retention, upkeep }: DatabaseOptions): Promise<Database> {
  const server = url === null ? await startEmbeddedPostgres({ dataDir, log }) : null;
  const database = new PostgresDatabase(
    server?.url ?? url ?? '',
    server,
    log,
    retention ?? DEFAULT_RETENTION,
    upkeep ?? 'OWN',
  );
  try {
    await database.open();
  } catch (error) {
    await database.stop();
    throw error;
  }
  return database;
}

class PostgresDatabase implements Database {
  readonly history: History;
  readonly importedMarketData: ImportedMarketData;
  readonly readModelStore: ReadModelStore;
  readonly strategies: StrategyStore;
  readonly identities: IdentityStore;
  readonly auditLog: AuditStore;
  readonly #prisma: PrismaClient;
  readonly #readPool: pg.Pool;
  readonly #writePool: pg.Pool;
  readonly #keeper: PartitionKeeper;
  readonly #stopping = new AbortController();
  /** Stores with connections of their own. */
  readonly #opened: { stop(): Promise<void> }[] = [];
  #keeping = false;
  #state: DatabaseState = 'CONNECTING';
  #lastError: string | null = 'the database was not reached yet';
  #watching: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(
    readonly url: string,
    readonly server: EmbeddedPostgres | null,
    readonly log: Log,
    retention: Retention,
    readonly upkeep: Upkeep,
  ) {
    this.#keeper = new PartitionKeeper({ url, retention, log, nowUs: () => Date.now() * 1000 });
    this.#readPool = openPool(url, 'tradsys history', READ_LIMITS, log);
    this.#writePool = openPool(url, 'tradsys projector', WRITE_LIMITS, log);
    const suspect = (): void => this.#suspect();
    for (const pool of [this.#readPool, this.#writePool]) pool.on('error', suspect);
    this.#prisma = new PrismaClient({ adapter: new PrismaPg(this.#readPool) });
    this.history = new PostgresHistory(this.#readPool, this.#prisma, log, suspect);
    this.identities = new PostgresIdentityStore(this.#prisma, log, suspect);
    this.auditLog = new PostgresAuditStore(this.#readPool, log, suspect);
    this.strategies = new PostgresStrategyStore(this.#prisma, log, suspect);
    this.importedMarketData = new PostgresImportedMarketData(this.#readPool, log, suspect);
    this.readModelStore = new PostgresReadModelStore(this.#writePool, log, suspect);
  }

  get status(): DatabaseStatus {
    const restarting = this.#state === 'UP' && this.server?.state === 'RESTARTING';
    const state = restarting ? 'DOWN' : this.#state;
    return {
      state,
      ready: state === 'UP',
      embedded: this.server !== null,
      lastError: restarting ? 'the embedded database server is being restarted' : this.#lastError,
    };
  }

  get pools(): readonly PoolStatus[] {
    return [
      poolStatus('history', this.#readPool, READ_LIMITS.maxConnections),
      poolStatus('projector', this.#writePool, WRITE_LIMITS.maxConnections),
    ];
  }

  openRateStore(maxEntries: number): RateStore {
    const store = new PostgresRateStore(this.url, maxEntries, this.log);
    this.#opened.push(store);
    return store;
  }

  openNonceStore(maxNonces: number): NonceStore {
    const store = new PostgresNonceStore(this.url, maxNonces, this.log);
    this.#opened.push(store);
    return store;
  }

  /** Migrates, or leaves that to the background where the database is away. */
  async open(): Promise<void> {
    try {
      await this.#migrate();
      this.#enter('UP', null);
    } catch (error) {
      if (error instanceof MigrationError) throw error;
      if (!isUnreachable(error)) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new DatabaseRefusedError(`the database refused this platform: ${reason}. Check DATABASE_URL.`);
      }
      this.log('warn', 'the database cannot be reached, trying again in the background', { error: String(error) });
      this.#watching = this.#migrateWhenReached();
    }
  }

  async #migrate(): Promise<void> {
    if (this.upkeep === 'OWN') await applyMigrations(this.url, this.log);
    else await checkMigrations(this.url);
  }

  /** A query or connection was lost. One inquiry at a time. */
  #suspect(): void {
    if (this.#watching !== null || this.#state !== 'UP') return;
    this.#watching = this.#inquire();
  }

  /** One slow statement does not make a database that is away. */
  async #inquire(): Promise<void> {
    try {
      await this.#readPool.query('SELECT 1');
      this.#watching = null;
    } catch (error) {
      this.log('debug', 'the database does not answer', { error: String(error) });
      this.#enter('DOWN', 'the database cannot be reached');
      await this.#migrateWhenReached();
    }
  }

  /** Migrations come again: what answers next may be a restored backup, or another server in the same place. */
  async #migrateWhenReached(): Promise<void> {
    for (let delayMs = PROBE_MS; await this.#pause(delayMs); delayMs = Math.min(delayMs * 2, MAX_PROBE_MS)) {
      try {
        await this.#migrate();
        this.#watching = null;
        this.#enter('UP', null);
        return;
      } catch (error) {
        if (isUnreachable(error)) continue;
        const reason = error instanceof MigrationError ? error.message : 'the database could not be migrated';
        this.log('error', 'the database does not fit this build', { error: String(error) });
        this.#enter('REFUSED', reason);
        return;
      }
    }
  }

  #enter(state: DatabaseState, lastError: string | null): void {
    if (this.#state === 'STOPPED' || this.#state === state) return;
    this.#state = state;
    this.#lastError = lastError;
    this.log(state === 'DOWN' ? 'warn' : 'info', 'database state', { state });
    if (state === 'UP' && !this.#keeping && this.upkeep !== 'SHARE') {
      this.#keeping = true;
      this.#keeper.start();
    }
  }

  /** @returns false when stop() was called meanwhile */
  async #pause(delayMs: number): Promise<boolean> {
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    return !this.#stopping.signal.aborted;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#enter('STOPPED', null);
    await this.#watching;
    if (this.#keeping) await this.#keeper.stop();
    await this.#prisma.$disconnect();
    const patience = new AbortController();
    await Promise.race([
      Promise.all([this.#readPool.end(), this.#writePool.end(), ...this.#opened.map((store) => store.stop())]),
      sleep(STOP_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    // Ends the connections that are left, too.
    await this.server?.stop();
  }
}

function poolStatus(name: PoolStatus['pool'], pool: pg.Pool, max: number): PoolStatus {
  const { idleCount: idle, totalCount, waitingCount: waiting } = pool;
  return { pool: name, active: totalCount - idle, idle, waiting, max };
}
