import { connect, post, settled } from './support/client.js';
import { makeDataDir, type RunningPlatform, removeDataDir, startPlatform } from './support/platform.js';

const SIGN_IN =
  'mutation ($u: String!, $p: String!) { createSession(username: $u, password: $p) { accessToken refreshToken expiresAt } }';
const REFRESH = 'mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken refreshToken } }';
const SAVE = 'mutation ($input: SaveUserInput!) { saveUser(input: $input) { username scopes disabled } }';
const KEY = `mutation ($name: String!, $scopes: [String!]!, $expiresAt: DateTime, $allowedIps: [String!]) {
  createApiKey(name: $name, scopes: $scopes, expiresAt: $expiresAt, allowedIps: $allowedIps) { secret apiKey { id prefix scopes allowedIps } } }`;
const WHO = '{ accounts { id } }';
const PASSWORD = 'correct horse battery';

describe('identity on the started platform', () => {
  let platform: RunningPlatform;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await makeDataDir();
    platform = await startPlatform({ dataDir });
    const saved = await ask(
      SAVE,
      { input: { username: 'trader', password: PASSWORD, scopes: ['accounts:read', 'orders:read', 'orders:write'] } },
      admin(),
    );
    expect(saved.errors).toBeUndefined();
  });
  afterAll(async () => {
    await platform?.stop();
    await removeDataDir(dataDir);
  });

  const admin = () => platform.credentials.admin.token;
  const ask = (query: string, variables: Record<string, unknown> = {}, token: string | null = null) =>
    post(platform.url, query, variables, token);
  const codeOf = ({ errors }: Awaited<ReturnType<typeof ask>>) => errors?.[0]?.extensions?.code;
  const signIn = async () => (await ask(SIGN_IN, { u: 'trader', p: PASSWORD })).data.createSession;

  /** Resolves with the close code of a socket that was let in with the token. */
  const closeCode = async (token: string) => {
    const client = connect(platform.url, token);
    const closed = new Promise<number>((done) =>
      client.on('closed', (event) => done((event as { code: number }).code)),
    );
    const run = client.iterate({ query: 'subscription { heartbeat(intervalMs: 60000) { __typename } }' });
    void run.next().catch(() => undefined);
    await settled(client);
    return { closed, end: () => client.dispose() };
  };

  it('signs in with a password, and with nothing else', async () => {
    const session = await signIn();
    expect((await ask(WHO, {}, session.accessToken)).data.accounts).toEqual([{ id: 'ACC-TRADER' }]);
    for (const [u, p] of [
      ['trader', 'wrong password'],
      ['nobody', PASSWORD],
      ['', ''],
      ["' OR 1=1 --", PASSWORD],
    ]) {
      const refused = await ask(SIGN_IN, { u, p });
      expect(codeOf(refused)).toBe('UNAUTHENTICATED');
      expect(refused.errors?.[0]?.message).toBe('the user name or the password is wrong');
    }
  });

  it('makes a name wait after ten failures, the right password too', async () => {
    await ask(SAVE, { input: { username: 'guessed', password: PASSWORD, scopes: [] } }, admin());
    for (let count = 0; count < 10; count += 1) await ask(SIGN_IN, { u: 'guessed', p: `guess number ${count}` });
    const late = await ask(SIGN_IN, { u: 'guessed', p: PASSWORD });
    expect(codeOf(late)).toBe('LIMIT_EXCEEDED');
    expect(late.errors?.[0]?.message).toMatch(/try again in 15 minutes/);
  });

  it('ends a key that may do what its owner may not any more, and keeps the others', async () => {
    const save = (...scopes: string[]) =>
      ask(SAVE, { input: { username: 'moved', password: PASSWORD, scopes } }, admin());
    await save('accounts:read', 'orders:read');
    const { accessToken } = (await ask(SIGN_IN, { u: 'moved', p: PASSWORD })).data.createSession;
    const keyOf = async (scope: string) =>
      (await ask(KEY, { name: scope, scopes: [scope] }, accessToken)).data.createApiKey.secret;
    const [accounts, orders] = [await keyOf('accounts:read'), await keyOf('orders:read')];
    await save('accounts:read');
    expect((await ask(WHO, {}, accounts)).status).toBe(200);
    expect((await ask(WHO, {}, orders)).status).toBe(401);
  });

  it('gives new tokens for a refresh token once; its second use ends the session and its sockets', async () => {
    const first = await signIn();
    const second = (await ask(REFRESH, { t: first.refreshToken })).data.refreshSession;
    expect((await ask(WHO, {}, second.accessToken)).errors).toBeUndefined();
    const socket = await closeCode(second.accessToken);
    expect(codeOf(await ask(REFRESH, { t: first.refreshToken }))).toBe('UNAUTHENTICATED');
    expect(await socket.closed).toBe(4403);
    await socket.end();
    expect((await ask(WHO, {}, second.accessToken)).status).toBe(401);
    expect(codeOf(await ask(REFRESH, { t: second.refreshToken }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await ask(REFRESH, { t: 'tsr_nonsense' }))).toBe('UNAUTHENTICATED');
  });

  it('lets one of two who use a refresh token at the same time through', async () => {
    const { refreshToken } = await signIn();
    const answers = await Promise.all([0, 1, 2, 3].map(() => ask(REFRESH, { t: refreshToken })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  it('ends a session at logout, at once', async () => {
    const { accessToken } = await signIn();
    expect((await ask('mutation { logout }', {}, accessToken)).data.logout).toBe(true);
    expect((await ask(WHO, {}, accessToken)).status).toBe(401);
    expect(codeOf(await ask('mutation { logout }', {}, platform.credentials.trader.token))).toBe('BAD_USER_INPUT');
  });

  it('makes API keys with some of the owner’s scopes, which make no keys themselves', async () => {
    const { accessToken } = await signIn();
    const made = (await ask(KEY, { name: 'bot', scopes: ['accounts:read'] }, accessToken)).data.createApiKey;
    expect(made.secret).toMatch(/^tsk_[0-9a-f]{12}_/);
    expect((await ask(WHO, {}, made.secret)).data.accounts).toEqual([{ id: 'ACC-TRADER' }]);
    expect(codeOf(await ask('mutation { cancelOrder(orderId: "1") { __typename } }', {}, made.secret))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(await ask(KEY, { name: 'child', scopes: ['accounts:read'] }, made.secret))).toBe('FORBIDDEN');
    const listed = await ask('{ apiKeys { id name prefix lastUsedAt revokedAt } }', {}, accessToken);
    expect(JSON.stringify(listed.data)).not.toContain(made.secret);
    expect(listed.data.apiKeys[0]).toMatchObject({ id: made.apiKey.id, name: 'bot', revokedAt: null });
    expect(listed.data.apiKeys[0].lastUsedAt).not.toBeNull();
    const socket = await closeCode(made.secret);
    const revoked = await ask(
      'mutation ($id: ID!) { revokeApiKey(id: $id) { revokedAt } }',
      { id: made.apiKey.id },
      accessToken,
    );
    expect(revoked.data.revokeApiKey.revokedAt).not.toBeNull();
    expect(await socket.closed).toBe(4403);
    await socket.end();
    expect((await ask(WHO, {}, made.secret)).status).toBe(401);
  });

  it('refuses keys with too much, too long, from elsewhere, and secrets that are nearly right', async () => {
    const { accessToken } = await signIn();
    const refused: readonly [Record<string, unknown>, RegExp][] = [
      [{ name: 'x', scopes: ['admin'] }, /scopes: you do not have the scope admin/],
      [{ name: 'x', scopes: [] }, /scopes: .* at least one/],
      [{ name: '', scopes: ['orders:read'] }, /name: takes 1 to 100/],
      [{ name: 'x', scopes: ['orders:read'], expiresAt: '2020-01-01T00:00:00Z' }, /expiresAt: must lie in the future/],
      [{ name: 'x', scopes: ['orders:read'], allowedIps: ['300.1.1.1'] }, /allowedIps: "300\.1\.1\.1" is no IP/],
    ];
    for (const [variables, message] of refused) {
      expect((await ask(KEY, variables, accessToken)).errors?.[0]?.message).toMatch(message);
    }
    const far = (
      await ask(KEY, { name: 'far', scopes: ['accounts:read'], allowedIps: ['203.0.113.0/24'] }, accessToken)
    ).data;
    expect((await ask(WHO, {}, far.createApiKey.secret)).status).toBe(401);
    const near = (await ask(KEY, { name: 'near', scopes: ['accounts:read'], allowedIps: ['127.0.0.0/8'] }, accessToken))
      .data;
    expect((await ask(WHO, {}, near.createApiKey.secret)).status).toBe(200);
    const secret = near.createApiKey.secret as string;
    const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    expect((await ask(WHO, {}, other)).status).toBe(401);
  });

  it('keeps users to the administrator, and ends everything of a disabled one', async () => {
    const { accessToken } = await signIn();
    expect(codeOf(await ask('{ users { username } }', {}, accessToken))).toBe('FORBIDDEN');
    expect(
      codeOf(await ask(SAVE, { input: { username: 'x', password: PASSWORD, scopes: ['admin'] } }, accessToken)),
    ).toBe('FORBIDDEN');
    expect(
      (await ask(SAVE, { input: { username: 'x', password: 'short', scopes: [] } }, admin())).errors?.[0]?.message,
    ).toMatch(/input\.password: takes 12/);
    expect(
      (await ask(SAVE, { input: { username: 'x', password: PASSWORD, scopes: ['root'] } }, admin())).errors?.[0]
        ?.message,
    ).toMatch(/input\.scopes: there is no scope root/);
    await ask(SAVE, { input: { username: 'leaver', password: PASSWORD, scopes: ['accounts:read'] } }, admin());
    const session = (await ask(SIGN_IN, { u: 'leaver', p: PASSWORD })).data.createSession;
    const key = (await ask(KEY, { name: 'k', scopes: ['accounts:read'] }, session.accessToken)).data.createApiKey
      .secret;
    expect(
      (await ask('mutation { disableUser(username: "leaver") { disabled } }', {}, admin())).data.disableUser.disabled,
    ).toBe(true);
    expect((await ask(WHO, {}, session.accessToken)).status).toBe(401);
    expect((await ask(WHO, {}, key)).status).toBe(401);
    expect(codeOf(await ask(SIGN_IN, { u: 'leaver', p: PASSWORD }))).toBe('UNAUTHENTICATED');
    const users = (await ask('{ users { username disabled } }', {}, admin())).data.users;
    expect(users).toContainEqual({ username: 'leaver', disabled: true });
    expect(platform.output()).not.toContain(PASSWORD);
  });

  it('keeps users, keys and revocations over a crash', async () => {
    const { accessToken } = await signIn();
    const made = (await ask(KEY, { name: 'stays', scopes: ['accounts:read'] }, accessToken)).data.createApiKey;
    const gone = await signIn();
    await ask('mutation { logout }', {}, gone.accessToken);
    await platform.crash();
    platform = await startPlatform({ dataDir });
    expect((await ask(WHO, {}, made.secret)).status).toBe(200);
    expect((await ask(WHO, {}, accessToken)).status).toBe(200);
    expect((await ask(WHO, {}, gone.accessToken)).status).toBe(401);
  });
});
