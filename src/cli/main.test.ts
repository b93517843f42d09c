import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDataFolder, checkDiskSpace, checkNode, checkPort } from './doctor/machine.js';
import { checkNats } from './doctor/services.js';
import { main } from './main.js';
import { createProgress } from './terminal/progress.js';
import { formatBytes, formatCount, formatDuration, layOut } from './terminal/table.js';
import { createTerminal, type Output } from './terminal/terminal.js';

class Screen implements Output {
  text = '';
  constructor(
    readonly isTTY = false,
    private readonly colours = false,
  ) {}
  readonly columns = 100;
  hasColors(): boolean {
    return this.colours;
  }
  write(chunk: unknown): boolean {
    this.text += String(chunk);
    return true;
  }
}

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out = new Screen();
  const err = new Screen();
  const code = await main(argv, createTerminal(out, err));
  return { code, out: out.text, err: err.text };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradsys-cli-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function listen(greeting: string | null): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (greeting !== null) socket.end(greeting);
    else socket.on('data', () => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

describe('tradsys', () => {
  it.each([[['--help']], [['start', '--help']], [['replay', '--help']], [['doctor', '--help']]])(
    'prints the help of %j with its options, examples and exit codes',
    async (argv) => {
      const { code, out, err } = await run(...argv);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatchSnapshot();
    },
  );

  it('prints the version of package.json', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+/), err: '' });
  });

  it.each([
    [['sell'], "unknown command 'sell'"],
    [['start', '--fast'], "unknown option '--fast'"],
    [['start', '--port', '70000'], 'A port is a whole number from 0 (any free one) to 65535.'],
    [['start', '--port', '4e3'], 'A port is a whole number'],
    [['start', '--log-level', 'loud'], 'Allowed choices are debug'],
    [['replay', '--format', 'lobster'], "missing required argument 'file'"],
    [['replay', 'x.csv'], "required option '-f, --format <format>' not specified"],
    [['replay', 'x.csv', '--format', 'itch'], 'Allowed choices are lobster'],
    [['replay', 'x.csv', '--format', 'lobster', '--speed', '-1'], 'Takes a number above 0'],
    [['replay', 'x.csv', '--format', 'lobster', '--limit', '0'], 'Takes a whole number above 0'],
    [['replay', 'no-such-file.csv', '--format', 'lobster'], 'no-such-file.csv cannot be read (ENOENT)'],
  ])('ends with 2 and says what is wrong with %j', async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('asks for credentials where there are none', async () => {
    const file = join(folder, 'messages.csv');
    await writeFile(file, '34200.1,1,5,18,5853300,1\n');
    const options = ['--format', 'lobster', '--data-dir', join(folder, 'nothing')];
    const { code, err } = await run('replay', file, ...options);
    expect(code).toBe(2);
    expect(err).toContain('dev-credentials.json (ENOENT); start the platform first');
    await writeFile(join(folder, 'credentials.json'), '{"admin":{}}');
    const other = await run('replay', file, '--format', 'lobster', '--credentials', join(folder, 'credentials.json'));
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('holds no token of admin') });
  });

  it('refuses a recording that is none, and a token and an address that are none', async () => {
    const file = join(folder, 'prose.csv');
    await writeFile(file, 'It was a dark and stormy night.\n');
    const prose = await run('replay', file, '--format', 'lobster', '--token', 'x');
    expect(prose).toMatchObject({ code: 2, err: expect.stringContaining('is it a LOBSTER message file?') });
    const good = join(folder, 'messages.csv');
    await writeFile(good, '34200.1,1,5,18,5853300,1\n');
    const token = await run('replay', good, '--format', 'lobster', '--token', 'x');
    expect(token).toMatchObject({ code: 2, err: expect.stringContaining('not an access token') });
    const address = await run('replay', good, '--format', 'lobster', '--token', 'x', '--url', 'ftp://x');
    expect(address).toMatchObject({ code: 2, err: expect.stringContaining('is not an http or https address') });
  });
});

describe('doctor', () => {
  it('starts the embedded database on this machine and finds everything there', async () => {
    const { code, out, err } = await run('doctor', '--port', '0', '--data-dir', join(folder, 'data'), '--json');
    expect(err).toBe('');
    const report = JSON.parse(out) as { ok: boolean; checks: { name: string; status: string; mend: string | null }[] };
    expect(report.checks.map((check) => check.name)).toEqual([
      'Node',
      'Configuration',
      'Port',
      'Data folder',
      'Disk space',
      'Memory',
      'Database',
      'NATS',
    ]);
    const missing = report.checks.filter((check) => check.status === 'missing');
    expect(missing).toEqual([]);
    expect(code).toBe(0);
    expect(report.ok).toBe(true);
  }, 60_000);

  it('says that an old Node is missing and how to mend it', () => {
    expect(checkNode('20.18.3')).toMatchObject({ status: 'missing', mend: expect.stringContaining('20.19') });
    for (const version of ['20.19.0', '22.0.0', '24.1.0']) expect(checkNode(version).status).toBe('ok');
  });

  it('tells a free port, one in use, and one that is not ours', async () => {
    const { server, port } = await listen(null);
    try {
      expect(await checkPort('127.0.0.1', port)).toMatchObject({
        status: 'missing',
        found: `127.0.0.1:${port} is in use by another program`,
        mend: expect.stringContaining('--port'),
      });
    } finally {
      await new Promise((done) => server.close(done));
    }
    expect(await checkPort('127.0.0.1', port)).toMatchObject({ status: 'ok' });
    expect(await checkPort('192.0.2.1', 4000)).toMatchObject({
      status: 'missing',
      mend: expect.stringContaining('HOST'),
    });
  });

  it('finds a data folder that is a file, and leaves one that is not there yet unmade', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    expect(await checkDataFolder(file)).toMatchObject({ status: 'missing', found: `${file} is not a folder` });
    if (process.platform === 'linux') {
      expect(await checkDataFolder('/proc/tradsys')).toMatchObject({ status: 'missing' });
    }
    const behind = join(file, 'x');
    expect(await checkDataFolder(behind)).toMatchObject({ status: 'missing', found: `${file} is not a folder` });
    expect(await checkDiskSpace(behind)).toMatchObject({ found: expect.stringContaining('free') });
    const link = join(folder, 'a-link');
    await symlink(join(folder, 'nowhere', 'x'), link);
    expect(await checkDataFolder(join(link, 'x'))).toMatchObject({ status: 'missing', mend: expect.any(String) });
    expect(await checkDiskSpace(link)).toMatchObject({ status: 'missing', found: 'unknown: ENOENT' });
    const later = join(folder, 'a', 'b');
    expect(await checkDataFolder(later)).toMatchObject({ status: 'ok', found: `${later} (made at the first start)` });
  });

  it('knows NATS by its greeting', async () => {
    const nats = await listen('INFO {"server_id":"X","version":"2.12.1"} \r\n');
    const other = await listen('220 mail ready\r\n');
    try {
      expect(await checkNats(`nats://127.0.0.1:${nats.port}`)).toMatchObject({
        status: 'ok',
        found: `NATS 2.12.1 at 127.0.0.1:${nats.port}`,
      });
      expect((await checkNats(`127.0.0.1:${other.port}`)).status).toBe('missing');
    } finally {
      await Promise.all([nats, other].map(({ server }) => new Promise((done) => server.close(done))));
    }
    expect((await checkNats(`nats://127.0.0.1:${nats.port}`)).status).toBe('missing');
    expect((await checkNats(null)).status).toBe('ok');
    expect((await checkNats('nats://')).status).toBe('missing');
  });
});

describe('The terminal', () => {
  it('colours where somebody sees it and colours are wanted, and nowhere else', () => {
    const painted = (isTTY: boolean, colours: boolean) =>
      createTerminal(new Screen(isTTY, colours), new Screen()).paint.red('x');
    expect(painted(true, true)).toBe('\u001b[31mx\u001b[39m');
    for (const [isTTY, colours] of [
      [true, false],
      [false, true],
    ] as const) {
      expect(painted(isTTY, colours)).toBe('x');
    }
  });

  it('aligns columns by what is seen, colours left out', () => {
    const rows = [
      ['\u001b[31ma\u001b[39m', '1', 'end'],
      ['long', '1000', ''],
    ];
    expect(layOut(rows, { right: [1] })).toEqual(['\u001b[31ma\u001b[39m        1  end', 'long  1000  ']);
  });

  it('prints counts, durations and bytes as people write them', () => {
    expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect([850, 3200, 250_000].map(formatDuration)).toEqual(['850 ms', '3.2 s', '4 min 10 s']);
    expect([12, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['12 B', '1.5 KiB', '5.0 GiB']);
  });

  it('draws a bar on a terminal only, and takes it away', () => {
    const screen = new Screen(true);
    const progress = createProgress(createTerminal(new Screen(), screen), 200, 'messages');
    progress.update(50, '09:30:00.0');
    expect(screen.text).toContain('25 %  50 of 200 messages');
    progress.end();
    expect(screen.text.endsWith('\r\u001b[2K')).toBe(true);
    const file = new Screen(false);
    const silent = createProgress(createTerminal(new Screen(), file), 200, 'messages');
    silent.update(200, '');
    silent.end();
    expect(file.text).toBe('');
  });
});
