/**
 * Configuration: the only reader of process.env. Values are checked once, at boot; a bad one stops the process with
 * the variable's name, what it holds and what it takes. Secrets are never repeated in messages.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { RateLimits, RouterLimits } from '../ports/router-limits.js';
import { wholeNumber } from './fields.js';
import { type OidcConfig, oidcProblems, oidcShape, readOidc } from './oidc.js';
import {
  type ReferenceFeedConfig,
  readReferenceFeed,
  referenceFeedProblems,
  referenceFeedShape,
} from './reference-feed.js';
import { readLimits, readRates, routerShape } from './router-settings.js';
import { fileVariable, SECRET_VARIABLES, withSecretFiles } from './secret-files.js';
import { missingForRole, type Role, readServices, type ServicesConfig, servicesShape } from './services.js';

/** A setting is missing or malformed; the message names each variable and the mend. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIN_SECRET_LENGTH = 32;
/** A century. */
const MAX_RETENTION_DAYS = 36_500;
/** Statistics of 24 h are made of a day's candles, and the day's result of its trades. */
const MIN_RETENTION_DAYS = 2;
/** A developer's own pages, whatever port their tool serves them on. */
const LOCAL_ORIGINS = ['http://localhost:*', 'http://127.0.0.1:*'];

const flag = (fallback: boolean) =>
  z
    .enum(['on', 'off', 'true', 'false', '1', '0'])
    .transform((text) => text === 'on' || text === 'true' || text === '1')
    .optional()
    .transform((value) => value ?? fallback);

const environmentSchema = z.object({
  ...routerShape,
  ...servicesShape,
  ...referenceFeedShape,
  ...oidcShape,
  NODE_ENV: z.enum(['development', 'production', 'test']).optional(),
  PORT: wholeNumber(4000, 0, 65_535),
  HOST: z.string().min(1).optional(),
  TRADSYS_DATA_DIR: z.string().min(1).default('.tradsys'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'takes postgresql://user:password@host:port/database')
    .optional(),
  TRADSYS_JWT_SECRET: z.string().min(MIN_SECRET_LENGTH, `takes at least ${MIN_SECRET_LENGTH} characters`).optional(),
  TRADSYS_ALLOWED_ORIGINS: z.string().optional(),
  TRADSYS_TRUSTED_PROXIES: wholeNumber(0, 0, 10),
  TRADSYS_METRICS_ACCESS: z.enum(['public', 'private', 'none']).optional(),
  TRADSYS_METRICS_TOKEN: z.string().min(16, 'takes at least 16 characters').optional(),
  TRADSYS_METRICS_PORT: wholeNumber(0, 1, 65_535),
  TRADSYS_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  TRADSYS_AUDIT_WHEN_FULL: z.enum(['drop', 'refuse']).default('drop'),
  TRADSYS_MARKET_DATA: z.enum(['public', 'closed']).default('public'),
  TRADSYS_PERSISTED_DOCUMENTS: z.string().min(1).optional(),
  TRADSYS_TLS_CERT: z.string().min(1).optional(),
  TRADSYS_TLS_KEY: z.string().min(1).optional(),
  TRADSYS_RATE_STORE: z.enum(['memory', 'postgres']).default('memory'),
  TRADSYS_SIMULATOR: flag(true),
  TRADSYS_SIMULATOR_SEED: wholeNumber(1, 0, 4_294_967_295),
  TRADSYS_GRAPHIQL: flag(true),
  TRADSYS_SNAPSHOT_EVERY: wholeNumber(200_000, 100, 100_000_000),
  TRADSYS_RETENTION_TRADES_DAYS: wholeNumber(0, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_EXECUTION_REPORTS_DAYS: wholeNumber(0, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_CANDLES_S1_DAYS: wholeNumber(7, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_CANDLES_S5_DAYS: wholeNumber(30, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_CANDLES_DAYS: wholeNumber(0, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_IMPORTED_CANDLES_DAYS: wholeNumber(0, 0, MAX_RETENTION_DAYS),
  TRADSYS_RETENTION_IMPORTED_TRADES_DAYS: wholeNumber(0, 0, MAX_RETENTION_DAYS),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\//, 'takes the address of a collector, e.g. http://127.0.0.1:4318')
    .optional(),
  TRADSYS_TRACE_RATIO: z.coerce.number().min(0).max(1).default(0.1),
  TRADSYS_SLOW_COMMAND_MS: wholeNumber(500, 0, 60_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

const storeSchema = environmentSchema.pick({
  NODE_ENV: true,
  TRADSYS_DATA_DIR: true,
  DATABASE_URL: true,
  TRADSYS_JWT_SECRET: true,
});

const RETENTION_VARIABLES = [
  'TRADSYS_RETENTION_TRADES_DAYS',
  'TRADSYS_RETENTION_EXECUTION_REPORTS_DAYS',
  'TRADSYS_RETENTION_CANDLES_S1_DAYS',
  'TRADSYS_RETENTION_CANDLES_S5_DAYS',
  'TRADSYS_RETENTION_CANDLES_DAYS',
  'TRADSYS_RETENTION_IMPORTED_CANDLES_DAYS',
  'TRADSYS_RETENTION_IMPORTED_TRADES_DAYS',
] as const;

/** Every environment variable that is read, for documentation and for checks on deployment files. */
export const ENVIRONMENT_VARIABLES: readonly string[] = [
  ...Object.keys(environmentSchema.shape),
  ...SECRET_VARIABLES.map(fileVariable),
];

export interface Config {
  readonly production: boolean;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  /** null: embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  /** null: generated and kept in the data directory (development only). */
  readonly jwtSecret: string | null;
  /** Browser origins beside the platform's own that may call it. */
  readonly allowedOrigins: readonly string[];
  /** Proxies in front, whose X-Forwarded-For tells the client's address. */
  readonly trustedProxies: number;
  /** Who may read metrics and what is wrong on the router's port. */
  readonly observers: { readonly access: 'public' | 'private' | 'none'; readonly token: string | null };
  /** Address of metrics and readiness alone; null: they have none. */
  readonly observerPort: { readonly host: string; readonly port: number } | null;
  /** Identity provider whose tokens are taken too; null: none. */
  readonly oidc: OidcConfig | null;
  /** What becomes of mutations that the audit log cannot take. */
  readonly auditWhenFull: 'drop' | 'refuse';
  /** Whether market data needs scope market:read. */
  readonly marketDataClosed: boolean;
  /** File of the documents that may run; null: whatever is valid. */
  readonly persistedDocuments: string | null;
  /** Files of the certificate chain and its key, PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Where quotas are counted: by each router for itself, or by all routers of one database together. */
  readonly rateStore: 'memory' | 'postgres';
  /** Bounds of the router. */
  readonly limits: RouterLimits;
  /** Operations of each class that a caller may send in a window. */
  readonly rates: RateLimits;
  /** Demo users, demo instruments and their credentials file. */
  readonly demo: boolean;
  readonly simulator: boolean;
  readonly simulatorSeed: number;
  readonly graphiql: boolean;
  /** Commands between two snapshots. */
  readonly snapshotEvery: number;
  /** Days that rows of history are kept; null = for ever. */
  readonly retention: RetentionConfig;
  /** Where spans are sent by OTLP/HTTP, and the share of requests that is traced; null: nothing is traced. */
  readonly tracing: { readonly endpoint: string; readonly ratio: number } | null;
  /** Commands that take as long or longer are logged with their stages, milliseconds; 0 = none. */
  readonly slowCommandMs: number;
  /** Prices of another venue; null: none. */
  readonly referenceFeed: ReferenceFeedConfig | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** The one role that this process is; null: all of them. */
  readonly services: ServicesConfig | null;
}

export interface RetentionConfig {
  readonly trades: number | null;
  readonly execution_reports: number | null;
  readonly candles_s1: number | null;
  readonly candles_s5: number | null;
  /** Candles of a minute and more. */
  readonly candles_long: number | null;
  readonly imported_candles: number | null;
  readonly imported_trades: number | null;
}

/** What a command line may set; absent values come from the environment. */
export interface ConfigOverrides {
  readonly port?: number;
  readonly dataDir?: string;
  readonly simulator?: boolean;
  readonly logLevel?: Config['logLevel'];
  readonly role?: Role;
}

/**
 * Reads and checks the configuration.
 * @throws ConfigError naming every variable that is wrong
 */
export function loadConfig(
  overrides: ConfigOverrides = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const complete = completed(environment);
  const present = Object.fromEntries(
    ENVIRONMENT_VARIABLES.map((name) => [name, complete[name] === '' ? undefined : complete[name]]),
  );
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) throw refused(parsed.error);
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  const role = overrides.role ?? values.TRADSYS_ROLE ?? null;
  refuseUnsafe(values, production, role);
  const listed = (values.TRADSYS_ALLOWED_ORIGINS ?? '').split(',').flatMap((origin) => origin.trim() || []);
  return {
    production,
    host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: overrides.port ?? values.PORT,
    dataDir: resolve(overrides.dataDir ?? values.TRADSYS_DATA_DIR),
    databaseUrl: values.DATABASE_URL ?? null,
    jwtSecret: values.TRADSYS_JWT_SECRET ?? null,
    allowedOrigins: [...listed, ...(production ? [] : LOCAL_ORIGINS)],
    trustedProxies: values.TRADSYS_TRUSTED_PROXIES,
    observers: {
      access: values.TRADSYS_METRICS_ACCESS ?? (production ? 'private' : 'public'),
      token: values.TRADSYS_METRICS_TOKEN ?? null,
    },
    observerPort:
      values.TRADSYS_METRICS_PORT === 0
        ? null
        : { host: values.TRADSYS_METRICS_HOST, port: values.TRADSYS_METRICS_PORT },
    oidc: readOidc(values),
    auditWhenFull: values.TRADSYS_AUDIT_WHEN_FULL,
    marketDataClosed: values.TRADSYS_MARKET_DATA === 'closed',
    persistedDocuments: resolved(values.TRADSYS_PERSISTED_DOCUMENTS),
    tls: tlsOf(values),
    rateStore: values.TRADSYS_RATE_STORE,
    limits: readLimits(values),
    rates: readRates(values, production),
    demo: !production,
    simulator: !production && (overrides.simulator ?? values.TRADSYS_SIMULATOR),
    simulatorSeed: values.TRADSYS_SIMULATOR_SEED,
    graphiql: !production && values.TRADSYS_GRAPHIQL,
    snapshotEvery: values.TRADSYS_SNAPSHOT_EVERY,
    retention: retentionOf(values),
    referenceFeed: readReferenceFeed(values),
    tracing:
      values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT, ratio: values.TRADSYS_TRACE_RATIO },
    slowCommandMs: values.TRADSYS_SLOW_COMMAND_MS,
    logLevel: overrides.logLevel ?? values.LOG_LEVEL,
    services: role === null ? null : readServices(role, values),
  };
}

function resolved(path: string | undefined): string | null {
  return path === undefined ? null : resolve(path);
}

function tlsOf({ TRADSYS_TLS_CERT: cert, TRADSYS_TLS_KEY: key }: z.infer<typeof environmentSchema>): Config['tls'] {
  return cert === undefined || key === undefined ? null : { cert: resolve(cert), key: resolve(key) };
}

/**
 * Returns the database's address, for commands that need nothing else; null where none is set.
 * @throws ConfigError when the file that should hold it cannot be read
 */
export function loadDatabaseUrl(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  return completed(environment).DATABASE_URL || null;
}

/** Where a platform keeps what it knows, for commands that work on it whether or not it runs. */
export interface StoreConfig {
  readonly production: boolean;
  /** Absolute. */
  readonly dataDir: string;
  /** null: the embedded server of the data folder. */
  readonly databaseUrl: string | null;
  /** null: kept in the data folder (development only). */
  readonly jwtSecret: string | null;
}

/** @throws ConfigError naming every variable that is wrong */
export function loadStoreConfig(
  overrides: Pick<ConfigOverrides, 'dataDir'> = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): StoreConfig {
  const complete = completed(environment);
  const shape = storeSchema.shape;
  const parsed = storeSchema.safeParse(
    Object.fromEntries(Object.keys(shape).map((name) => [name, complete[name] || undefined])),
  );
  if (!parsed.success) throw refused(parsed.error);
  const { NODE_ENV, TRADSYS_DATA_DIR, DATABASE_URL, TRADSYS_JWT_SECRET } = parsed.data;
  return {
    production: NODE_ENV === 'production',
    dataDir: resolve(overrides.dataDir ?? TRADSYS_DATA_DIR),
    databaseUrl: DATABASE_URL ?? null,
    jwtSecret: TRADSYS_JWT_SECRET ?? null,
  };
}

function refused(error: z.ZodError): ConfigError {
  const problems = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return new ConfigError(`Configuration refused:\n  ${problems.join('\n  ')}`);
}

function retentionOf(values: z.infer<typeof environmentSchema>): RetentionConfig {
  const days = (value: number): number | null => (value === 0 ? null : value);
  return {
    trades: days(values.TRADSYS_RETENTION_TRADES_DAYS),
    execution_reports: days(values.TRADSYS_RETENTION_EXECUTION_REPORTS_DAYS),
    candles_s1: days(values.TRADSYS_RETENTION_CANDLES_S1_DAYS),
    candles_s5: days(values.TRADSYS_RETENTION_CANDLES_S5_DAYS),
    candles_long: days(values.TRADSYS_RETENTION_CANDLES_DAYS),
    imported_candles: days(values.TRADSYS_RETENTION_IMPORTED_CANDLES_DAYS),
    imported_trades: days(values.TRADSYS_RETENTION_IMPORTED_TRADES_DAYS),
  };
}

function completed(environment: Readonly<Record<string, string | undefined>>) {
  try {
    return withSecretFiles(environment);
  } catch (error) {
    throw new ConfigError(`Configuration refused:\n  ${(error as Error).message}`);
  }
}

function refuseUnsafe(values: z.infer<typeof environmentSchema>, production: boolean, role: Role | null): void {
  const problems = referenceFeedProblems(values);
  if (role !== null) problems.push(...missingForRole(role, values));
  else if (values.NATS_URL !== undefined) {
    problems.push('NATS_URL: all roles in one process need no bus; unset it, or choose a role with --role');
  }
  if ((values.TRADSYS_TLS_CERT === undefined) !== (values.TRADSYS_TLS_KEY === undefined)) {
    problems.push(
      'TRADSYS_TLS_CERT: a certificate needs its key and a key its certificate: set TRADSYS_TLS_KEY too, or neither',
    );
  }
  problems.push(...oidcProblems(values));
  for (const name of RETENTION_VARIABLES) {
    if (values[name] > 0 && values[name] < MIN_RETENTION_DAYS) {
      problems.push(`${name}: takes 0 (keep for ever) or at least ${MIN_RETENTION_DAYS} days`);
    }
  }
  if (production && values.TRADSYS_JWT_SECRET === undefined && role === null) {
    problems.push(`TRADSYS_JWT_SECRET: production needs a secret of at least ${MIN_SECRET_LENGTH} characters`);
  }
  if (production && (values.TRADSYS_ALLOWED_ORIGINS ?? '').includes('*')) {
    problems.push('TRADSYS_ALLOWED_ORIGINS: production takes origins by name, not *');
  }
  if (problems.length > 0) throw new ConfigError(`Configuration refused:\n  ${problems.join('\n  ')}`);
}
