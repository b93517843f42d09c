/** `tradsys user` and `tradsys key` as an operator uses them: before the first start of a production, and while it runs. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { post } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const PROJECT = resolve(import.meta.dirname, '..');
const ENVIRONMENT = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  TRADSYS_JWT_SECRET: 'of-a-platform-with-no-user-yet-0123456789',
};
const SIGN_IN = 'mutation ($u: String!, $p: String!) { createSession(username: $u, password: $p) { accessToken } }';
const PASSWORD = 'typed by an operator';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('users and keys from the command line', () => {
  let dataDir: string;
  let platform: RunningPlatform | null = null;
  beforeAll(async () => {
    dataDir = await makeDataDir();
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const tradsys = (argv: readonly string[], input = ''): Promise<Ended> =>
    new Promise((done, fail) => {
      const child = spawn(process.execPath, ['bin/tradsys.mjs', ...argv, '--data-dir', dataDir], {
        cwd: PROJECT,
        env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: '', ...ENVIRONMENT },
      });
      const [out, err]: [string[], string[]] = [[], []];
      child.stdout.on('data', (chunk) => out.push(String(chunk)));
      child.stderr.on('data', (chunk) => err.push(String(chunk)));
      child.once('error', fail);
      child.once('close', (code) => done({ code, out: out.join(''), err: err.join('') }));
      child.stdin.end(input);
    });
  const ask = (query: string, variables: Record<string, unknown> = {}, token: string | null = null) =>
    post(platform?.url ?? '', query, variables, token);
  const signIn = async (u: string, p: string): Promise<string | undefined> =>
    (await ask(SIGN_IN, { u, p })).data?.createSession?.accessToken;

  it('makes the first user of a production before its first start, who then makes others', async () => {
    const made = await tradsys(['user', 'add', 'ops', '--scopes', 'administrator', '--generate', '--json']);
    expect([made.code, made.err.replace(/^Built .*\n/gm, '')]).toEqual([0, '']);
    const { username, password, scopes } = JSON.parse(made.out);
    expect(username).toBe('ops');
    expect(scopes).toContain('admin');
    platform = await startPlatform({ dataDir, environment: ENVIRONMENT });
    const token = await signIn('ops', password);
    const saved = await ask(
      'mutation ($input: SaveUserInput!) { saveUser(input: $input) { username } }',
      { input: { username: 'ann', password: PASSWORD, scopes: ['accounts:read', 'orders:read'] } },
      token ?? null,
    );
    expect(saved.errors).toBeUndefined();
    expect(platform.output()).not.toContain(password);
  }, 120_000);

  it('works on the same users while the platform runs, and never twice by mistake', async () => {
    const added = await tradsys(['user', 'add', 'bob', '--scopes', 'accounts:read,orders:read'], `${PASSWORD}\n`);
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('bob may sign in') });
    expect(added.out + added.err).not.toContain(PASSWORD);
    expect(await signIn('bob', PASSWORD)).toBeDefined();
    const again = await tradsys(['user', 'add', 'bob', '--scopes', 'admin'], `${PASSWORD}\n`);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('--replace') });
    const listed = JSON.parse((await tradsys(['user', 'list', '--json'])).out);
    expect(listed.map((user: { username: string }) => user.username)).toEqual(['ann', 'bob', 'ops']);
  }, 120_000);

  it('makes a key whose secret is shown once, which the running platform takes, and ends it', async () => {
    const made = await tradsys(['key', 'add', 'ann', '--name', 'bot', '--scopes', 'accounts:read', '--json']);
    const { id, secret } = JSON.parse(made.out);
    expect((await ask('{ accounts { id } }', {}, secret)).status).toBe(200);
    const listed = await tradsys(['key', 'list', 'ann', '--json']);
    expect(listed.out).not.toContain(secret);
    expect(JSON.parse(listed.out)).toMatchObject([{ id, name: 'bot', revokedAt: null, username: 'ann' }]);
    expect((await tradsys(['key', 'revoke', id, '--json'])).code).toBe(0);
    while ((await ask('{ accounts { id } }', {}, secret)).status !== 401)
      await new Promise((done) => setTimeout(done, 100));
  }, 120_000);

  it('ends a user, with its sessions', async () => {
    const token = await signIn('bob', PASSWORD);
    expect((await tradsys(['user', 'revoke', 'bob'])).code).toBe(0);
    expect(await signIn('bob', PASSWORD)).toBeUndefined();
    while ((await ask('{ accounts { id } }', {}, token ?? null)).status !== 401)
      await new Promise((done) => setTimeout(done, 100));
  }, 120_000);

  it.each([
    ['user', ['add', 'x', '--scopes', 'root'], 'there is no scope root'],
    ['user', ['add', 'a b', '--scopes', 'admin'], 'username: takes 1 to 64'],
    ['user', ['add', 'x', '--scopes', 'admin', '--password', 'argument'], "unknown option '--password'"],
    ['user', ['revoke', 'nobody'], 'there is no user of this name'],
    ['key', ['add', 'nobody', '--name', 'k', '--scopes', 'admin'], 'there is no user nobody'],
    ['key', ['add', 'ann', '--name', 'k', '--scopes', 'admin'], 'you do not have the scope admin'],
    ['key', ['add', 'ann', '--name', 'k', '--scopes', 'orders:read', '--ip', '1.2.3'], 'is no IP address'],
    ['key', ['revoke', 'no-such-key'], 'there is no API key'],
  ])(
    'refuses tradsys %s %j in words',
    async (command, argv, message) => {
      const ended = await tradsys([command, ...argv], `${PASSWORD}\n`);
      expect(ended).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
    },
    60_000,
  );
});
