/** Identity over PostgreSQL: what somebody may still do whom an administrator ends. */
import { openDatabase } from '../adapters/postgres/index.js';
import { silent, startTestServer, type TestServer } from '../adapters/postgres/testing/test-server.js';
import { createSystemClock } from '../engine/system-clock.js';
import type { Identity } from '../graphql/context.js';
import type { IdentityStore } from '../ports/identity-store.js';
import { createIdentity } from './identity.js';

const SECRET = new TextEncoder().encode('of-no-platform-but-of-this-test-0123456789');
const PASSWORD = 'correct horse battery';
const FROM = '127.0.0.1';

describe('Identity over PostgreSQL', () => {
  let server: TestServer;
  let database: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    server = await startTestServer();
    const url = await server.createDatabase();
    database = await openDatabase({ url, dataDir: server.dataDir, log: silent });
  }, 60_000);
  afterAll(async () => {
    await database?.stop();
    await server?.stop();
  });

  const serviceOver = (store: IdentityStore) => createIdentity(store, SECRET, createSystemClock(), silent);
  const key = (name: string, scopes: readonly string[]) => ({
    name,
    scopes,
    allowedIps: [],
    expiresUs: null,
    requiresSignature: false,
  });
  const signedIn = (userId: string): Identity => ({ userId, scopes: new Set(['accounts:read', 'orders:write']) });
  const save = (service: ReturnType<typeof serviceOver>, username: string, scopes: string[], password = PASSWORD) =>
    service.saveUser(null, { username, password, scopes });

  it('makes one user of a name that two ask for at once, whose password is that of the one who got it', async () => {
    const [one, other] = [serviceOver(database.identities), serviceOver(database.identities)];
    const passwords = [`${PASSWORD} 1`, `${PASSWORD} 2`];
    const wanted = passwords.map((password) => ({ username: 'wanted', password, scopes: [] }));
    const added = await Promise.all([one.addUser(wanted[0]!), other.addUser(wanted[1]!)]);
    expect(added.filter((user) => user !== null)).toHaveLength(1);
    const winner = added[0] === null ? 1 : 0;
    const signIn = (password: string) => one.sessions.create('wanted', password, FROM);
    await expect(signIn(passwords[winner]!)).resolves.toMatchObject({ accessToken: expect.any(String) });
    await expect(signIn(passwords[1 - winner]!)).rejects.toThrow();
  });

  it('ends and lists each key of a user, however many were made and revoked since', async () => {
    const service = serviceOver(database.identities);
    await save(service, 'hider', ['accounts:read', 'orders:write']);
    const hidden = await service.createKey(signedIn('hider'), key('hidden', ['orders:write']));
    for (let n = 0; n < 101; n += 1) {
      const { apiKey } = await service.createKey(signedIn('hider'), key(`noise ${n}`, ['accounts:read']));
      await service.revokeKey(signedIn('hider'), apiKey.id);
    }
    expect((await service.listKeys(signedIn('hider')))[0]?.name).toBe('hidden');
    expect(await service.verifyKey(hidden.secret, FROM)).not.toBeNull();
    await service.disableUser('hider');
    expect(await service.verifyKey(hidden.secret, FROM)).toBeNull();
    expect(await serviceOver(database.identities).verifyKey(hidden.secret, FROM)).toBeNull();
  }, 60_000);

  it('takes no key that was made while its owner lost a scope or was disabled', async () => {
    const service = serviceOver(database.identities);
    await save(service, 'late', ['accounts:read']);
    // The token that makes them was verified before.
    const more = await service.createKey(signedIn('late'), key('more', ['orders:write']));
    const same = await service.createKey(signedIn('late'), key('same', ['accounts:read']));
    expect(await service.verifyKey(more.secret, FROM)).toBeNull();
    expect(await service.verifyKey(same.secret, FROM)).toMatchObject({ userId: 'late' });
    await service.disableUser('late');
    const after = await service.createKey(signedIn('late'), key('after', ['accounts:read']));
    expect(await service.verifyKey(after.secret, FROM)).toBeNull();
  });

  it('opens no session for a password that is changed while it is verified', async () => {
    const store = database.identities;
    const service = serviceOver(store);
    await save(service, 'raced', ['accounts:read']);
    const opened: string[] = [];
    const slow: IdentityStore = Object.assign(Object.create(store) as IdentityStore, {
      user: store.user.bind(store),
      revokeSession: store.revokeSession.bind(store),
      createSession: async (session: Parameters<IdentityStore['createSession']>[0]) => {
        opened.push(session.id);
        await save(service, 'raced', ['accounts:read'], 'another horse battery');
        await store.createSession(session);
      },
    });
    await expect(serviceOver(slow).sessions.create('raced', PASSWORD, FROM)).rejects.toThrow('is wrong');
    expect(opened).toHaveLength(1);
    expect((await store.session(opened[0] ?? ''))?.revokedUs).not.toBeNull();
    await expect(service.sessions.create('raced', 'another horse battery', FROM)).resolves.toBeDefined();
  });
});
