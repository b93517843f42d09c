import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../ports/log.js';
import { type EmbeddedPostgres, removeHome, startEmbeddedPostgres } from './embedded.js';

const silent: Log = () => undefined;

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const rows: unknown[] = [];
    for (const statement of text.split('; '))
      rows.push(...(await client.query({ text: statement, rowMode: 'array' })).rows.flat());
    return rows;
  } finally {
    await client.end();
  }
}

function isAlive(pid: number | null): boolean {
  try {
    process.kill(pid ?? -1, 0);
    return true;
  } catch {
    return false;
  }
}

describe('The embedded PostgreSQL', () => {
  let dataDir: string;
  let server: EmbeddedPostgres | undefined;
  const start = async (): Promise<EmbeddedPostgres> => {
    server = await startEmbeddedPostgres({ dataDir, log: silent });
    return server;
  };

  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'tradsys-embedded-'));
  });

  afterEach(async () => {
    await server?.stop();
  });

  afterAll(() => {
    removeHome(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('keeps what was written from one start to the next, and leaves no process behind', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)');
    const { pid } = first;
    expect(isAlive(pid)).toBe(true);
    await first.stop();
    expect(first.state).toBe('STOPPED');
    expect(isAlive(pid)).toBe(false);
    const second = await start();
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([7]);
  });

  it('listens on this machine only, asks for the password and syncs to disk', async () => {
    const { url } = await start();
    const rows = await query(
      url,
      "SELECT setting FROM pg_settings WHERE name IN ('listen_addresses', 'unix_socket_directories', 'fsync', 'full_page_writes') ORDER BY name",
    );
    expect(rows).toEqual(['on', 'on', '127.0.0.1', '']);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('comes back at the same address when its server is killed, with all that was committed', async () => {
    const running = await start();
    await query(
      running.url,
      'SET synchronous_commit = on; CREATE TABLE survived (value int); INSERT INTO survived VALUES (1)',
    );
    const { pid } = running;
    process.kill(pid ?? 0, 'SIGKILL');
    const deadline = Date.now() + 15_000;
    while ((running.pid === pid || running.state !== 'RUNNING') && Date.now() < deadline) await sleep(20);
    expect(running.state).toBe('RUNNING');
    expect(running.pid).not.toBe(pid);
    expect(running.lastError).toBeNull();
    expect(await query(running.url, 'SELECT value FROM survived')).toEqual([1]);
  });
});
