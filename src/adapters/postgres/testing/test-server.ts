/** One embedded server for a test file, and any number of empty databases on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../../../ports/log.js';
import { type EmbeddedPostgres, removeHome, startEmbeddedPostgres } from '../embedded.js';

export interface TestServer {
  readonly server: EmbeddedPostgres;
  readonly dataDir: string;
  /** Returns the connection string of a new, empty database. */
  createDatabase(): Promise<string>;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

export const silent: Log = () => undefined;

export async function startTestServer(): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tradsys-test-'));
  const server = await startEmbeddedPostgres({ dataDir, log: silent });
  let count = 0;
  return {
    server,
    dataDir,
    async createDatabase() {
      count += 1;
      await query(server.url, `CREATE DATABASE test_${count}`);
      return server.url.replace(/[^/]+$/, `test_${count}`);
    },
    async stop() {
      await server.stop();
      removeHome(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}
