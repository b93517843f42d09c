import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { post } from './support/client.js';
import { makeDataDir, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');

/** Runs `tradsys start` until it ends; once the banner stands there, `whenReady` is run and then a signal sent: Ctrl+C. */
function start(
  flags: readonly string[],
  whenReady: (banner: string) => Promise<void> = async () => undefined,
  { signal = 'SIGINT', environment = {} }: { signal?: NodeJS.Signals; environment?: Record<string, string> } = {},
) {
  return new Promise<{ code: number | null; out: string; err: string }>((done, fail) => {
    const child = spawn(process.execPath, ['bin/tradsys.mjs', 'start', ...flags], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', LOG_LEVEL: '', ...environment },
    });
    let out = '';
    let err = '';
    let ready = false;
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      if (ready || !out.includes('Ctrl+C')) return;
      ready = true;
      void whenReady(out)
        .catch(fail)
        .finally(() => child.kill(signal));
    });
    child.once('close', (code) => done({ code, out, err }));
  });
}

describe('tradsys start', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await makeDataDir();
  });
  afterEach(async () => {
    await removeDataDir(dataDir);
  });

  it('prints where everything is and a query that works, and ends with 0 on Ctrl+C', async () => {
    let answer: unknown;
    const { code, out, err } = await start(['--port', '0', '--data-dir', dataDir, '--no-simulator'], async (banner) => {
      const [, url = '', query = ''] = /curl -s (\S+)[\s\S]*"query":"([^"]+)"/.exec(banner) ?? [];
      answer = (await post(url, query)).data;
    });
    expect(answer).toMatchObject({
      instruments: expect.arrayContaining([{ symbol: 'AAPL', ticker: expect.anything() }]),
    });
    for (const part of ['/graphql', '/graphiql', '/sandbox', '/healthz', '/readyz', 'dev-credentials.json', dataDir]) {
      expect(out).toContain(part);
    }
    expect(err).toContain('everything acknowledged is on disk');
    expect(code).toBe(0);
  });

  it('stops in order when its terminal is closed', async () => {
    const { code, err } = await start(['--port', '0', '--data-dir', dataDir, '--no-simulator'], undefined, {
      signal: 'SIGHUP',
    });
    expect(err).toContain('everything acknowledged is on disk');
    expect(code).toBe(0);
  });

  it('trades while the database of DATABASE_URL is away, and says so', async () => {
    const { code, out } = await start(
      ['--port', '0', '--data-dir', dataDir, '--no-simulator'],
      async (banner) => {
        const url = /(http:\S+\/graphql)/.exec(banner)?.[1] ?? '';
        const { errors, data } = await post(url, '{ instrument(symbol: "KO") { tradingStatus } }');
        expect(errors).toBeUndefined();
        expect(data.instrument.tradingStatus).toBe('OPEN');
      },
      { environment: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing', LOG_LEVEL: 'silent' } },
    );
    expect(out).toContain('the database of DATABASE_URL cannot be reached: trading goes on');
    expect(code).toBe(0);
  });

  it('ends with 1 where the data folder is a file, and names it', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    const { code, err } = await start(['--port', '0', '--data-dir', file]);
    expect(err).toContain(`${file} is a file. Choose a folder that you may write with --data-dir`);
    expect(code).toBe(1);
  });

  it('ends with 1 and names the port where it is in use', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const { code, err } = await start(['--port', String(port), '--data-dir', dataDir, '--no-simulator']);
      expect(err).toMatch(new RegExp(`error: .*127\\.0\\.0\\.1:${port}.* in use`));
      expect(err).toContain('--port');
      expect(code).toBe(1);
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  it('ends with 1 where another platform holds the data folder', async () => {
    const platform = await startPlatform({ dataDir });
    try {
      const { code, err } = await start(['--port', '0', '--data-dir', dataDir, '--no-simulator']);
      expect(err).toContain(dataDir);
      expect(code).toBe(1);
      const { data } = await post(platform.url, '{ __typename }');
      expect(data).toEqual({ __typename: 'Query' });
    } finally {
      await platform.stop();
    }
  });
});
