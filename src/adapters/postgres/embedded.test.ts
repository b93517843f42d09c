import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../ports/log.js';
import { postgresIn, prepareBinaries } from './embedded/binaries.js';
import { locateHome } from './embedded/home.js';
import { runningServer } from './embedded/orphan.js';
import { dataOf, freePort } from './embedded/server.js';
import { findServiceUser } from './embedded/service-user.js';
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

  it('refuses a data folder whose server another platform runs', async () => {
    const running = await start();
    await expect(startEmbeddedPostgres({ dataDir, log: silent })).rejects.toThrow(
      new RegExp(`is in use by process ${process.pid}\\. Stop it, or start with another data folder`),
    );
    expect(await query(running.url, 'SELECT 1')).toEqual([1]);
  });

  it('stops a server that a killed platform left running, and takes its data over', async () => {
    const former = await start();
    await query(former.url, 'CREATE TABLE inherited (value int)');
    await former.stop();
    const user = findServiceUser();
    const home = locateHome(dataDir, user, silent);
    const server = [postgresIn(prepareBinaries(home, user)), '-D', dataOf(home), '-p', String(await freePort())];
    // The shell ends at once: its child belongs to nobody.
    const { stdout } = spawnSync(
      'sh',
      ['-c', '"$@" >&- 2>&- & echo $!', 'sh', ...server, '-c', 'unix_socket_directories='],
      {
        encoding: 'utf8',
        cwd: '/',
        ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
      },
    );
    const orphan = Number(stdout);
    while (!existsSync(join(dataOf(home), 'postmaster.pid'))) await sleep(20);
    expect(runningServer(dataOf(home))).toBe(orphan);
    const successor = await start();
    expect(successor.pid).not.toBe(orphan);
    expect(runningServer(dataOf(home))).toBe(successor.pid);
    expect(await query(successor.url, 'SELECT count(*)::int FROM inherited')).toEqual([0]);
  });

  it('starts although another process has the id of the server that was killed', async () => {
    const former = await start();
    await former.stop();
    const home = locateHome(dataDir, findServiceUser(), silent);
    writeFileSync(join(dataOf(home), 'postmaster.pid'), `${process.pid}\n${dataOf(home)}\n`);
    const successor = await start();
    expect(await query(successor.url, 'SELECT 1')).toEqual([1]);
  });

  it('makes the database whole or not at all', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'tradsys-embedded-'));
    try {
      const home = locateHome(fresh, findServiceUser(), silent);
      // A start that was killed while it made the database.
      mkdirSync(join(home, 'data.new', 'base'), { recursive: true });
      server = await startEmbeddedPostgres({ dataDir: fresh, log: silent });
      expect(await query(server.url, 'SELECT 1')).toEqual([1]);
      expect(existsSync(join(home, 'data.new'))).toBe(false);
      expect(statSync(join(home, 'password')).mode & 0o777).toBe(0o600);
      await server.stop();
    } finally {
      removeHome(fresh);
      rmSync(fresh, { recursive: true, force: true });
    }
  });
});
