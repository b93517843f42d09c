/** What the configuration says of the router, its files read at the start; one that cannot be used refuses it by its variable. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '../../router/http-server.js';
import { type DocumentManifest, readManifest } from '../../router/persisted-documents.js';
import type { Database } from '../adapters/postgres/index.js';
import { type Config, ConfigError } from '../config/config.js';

/** Callers and classes whose quotas the database remembers for all routers. */
const MAX_SHARED_QUOTAS = 500_000;

/** Returns the router's options that follow from the configuration, in one process and as a role alike. @throws ConfigError */
export async function routerSettings(
  config: Config,
  database: Pick<Database, 'openRateStore' | 'openNonceStore' | 'auditLog'>,
) {
  return {
    host: config.host,
    port: config.port,
    allowedOrigins: config.allowedOrigins,
    graphiql: config.graphiql,
    introspection: !config.production,
    limits: config.limits,
    rates: config.rates,
    trustedProxies: config.trustedProxies,
    observers: config.observers,
    observerPort: config.observerPort,
    marketDataClosed: config.marketDataClosed,
    nonces: config.rateStore === 'postgres' ? database.openNonceStore(config.limits.maxNonces) : null,
    auditStore: database.auditLog,
    auditWhenFull: config.auditWhenFull,
    rateStore: config.rateStore === 'postgres' ? database.openRateStore(MAX_SHARED_QUOTAS) : null,
    manifest: await loadManifest(config),
    tls: await loadTls(config),
  };
}

/** Returns the documents that may run; null for whatever is valid. @throws ConfigError */
async function loadManifest({ persistedDocuments }: Config): Promise<DocumentManifest | null> {
  if (persistedDocuments === null) return null;
  const text = await read('TRADSYS_PERSISTED_DOCUMENTS', persistedDocuments);
  return refusing('TRADSYS_PERSISTED_DOCUMENTS', persistedDocuments, () => readManifest(text));
}

/** Returns certificate and key; null for plain HTTP. @throws ConfigError when they cannot be read or do not fit */
async function loadTls({ tls }: Config): Promise<TlsFiles | null> {
  if (tls === null) return null;
  const files = { cert: await read('TRADSYS_TLS_CERT', tls.cert), key: await read('TRADSYS_TLS_KEY', tls.key) };
  refusing('TRADSYS_TLS_CERT', tls.cert, () => createSecureContext(files));
  return files;
}

async function read(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${variable}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function refusing<T>(variable: string, path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${variable}: ${path} cannot be used: ${why}`);
  }
}
