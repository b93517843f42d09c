/** Passwords that are guessed, and sessions and keys that are used again, by others or after their end. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { Attack } from './attack.js';
import { closeCode, enter, type Reply, type Target } from './target.js';

const PASSWORD = 'correct horse battery';
const OWN = '{ accounts { id } }';

/** Makes a user of its own for an attack and signs it in. */
async function signedIn(target: Target, username: string) {
  const input = { username, password: PASSWORD, scopes: ['accounts:read', 'orders:read'] };
  const save = 'mutation ($input: SaveUserInput!) { saveUser(input: $input) { username } }';
  expect((await target.ask(save, { variables: { input }, token: target.admin })).code).toBeNull();
  return (await signIn(target, username, PASSWORD)).data.createSession as { accessToken: string; refreshToken: string };
}

function signIn(target: Target, u: string, p: string): Promise<Reply> {
  const query =
    'mutation ($u: String!, $p: String!) { createSession(username: $u, password: $p) { accessToken refreshToken } }';
  return target.ask(query, { variables: { u, p } });
}

async function keyOf(target: Target, token: string, more = '') {
  const query = `mutation { createApiKey(name: "k", scopes: ["accounts:read"]${more}) { secret signingSecret apiKey { id } } }`;
  const { data } = await target.ask(query, { token });
  return data.createApiKey as { secret: string; signingSecret: string | null; apiKey: { id: string } };
}

const revoke = (target: Target, id: string, token: string) =>
  target.ask('mutation ($id: ID!) { revokeApiKey(id: $id) { id } }', { variables: { id }, token });

/** Resolves once the socket is let in, with the promise of its close code. */
async function openSocket(target: Target, token: string): Promise<{ readonly closed: Promise<number> }> {
  const socket = target.socket();
  await enter(socket, token);
  return { closed: closeCode(socket) };
}

export const SESSION_ATTACKS: readonly Attack[] = [
  {
    attack: 'brute force: guessing the password of one user, and of one user after the other',
    answer: '`UNAUTHENTICATED`, then `LIMIT_EXCEEDED`, the right password too; the user signs in from elsewhere',
    run: async (target) => {
      await signedIn(target, 'guessed');
      const codes: (string | null)[] = [];
      for (let n = 0; n < 12; n += 1) codes.push((await signIn(target, 'guessed', `guess number ${n}`)).code);
      expect(codes).toEqual([...Array(10).fill('UNAUTHENTICATED'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
      expect((await signIn(target, 'guessed', PASSWORD)).code).toBe('LIMIT_EXCEEDED');
      target.moveOn();
      expect((await signIn(target, 'guessed', PASSWORD)).code).toBeNull();
      target.moveOn();
      for (let n = 0; n < 50; n += 1) await signIn(target, `nobody-${n}`, 'the same for all');
      expect((await signIn(target, 'guessed', PASSWORD)).code).toBe('LIMIT_EXCEEDED');
    },
  },
  {
    attack: 'replay of a refresh token that was used',
    answer: '`UNAUTHENTICATED`; the whole session ends, its newest tokens too, and its sockets close with 4403',
    run: async (target) => {
      const first = await signedIn(target, 'refreshed');
      const refresh = (t: string) =>
        target.ask('mutation ($t: String!) { refreshSession(refreshToken: $t) { accessToken refreshToken } }', {
          variables: { t },
        });
      const second = (await refresh(first.refreshToken)).data.refreshSession;
      const { closed } = await openSocket(target, second.accessToken);
      expect((await target.ask(OWN, { token: second.accessToken })).code).toBeNull();
      expect((await refresh(first.refreshToken)).code).toBe('UNAUTHENTICATED');
      expect(await closed).toBe(4403);
      expect((await target.ask(OWN, { token: second.accessToken })).status).toBe(401);
      expect((await refresh(second.refreshToken)).code).toBe('UNAUTHENTICATED');
    },
  },
  {
    attack: 'an API key after its revocation, also on sockets that it opened before',
    answer: '401 `UNAUTHENTICATED`; the sockets close with 4403',
    run: async (target) => {
      const { accessToken } = await signedIn(target, 'revoked');
      const { secret, apiKey } = await keyOf(target, accessToken);
      const sockets = [await openSocket(target, secret), await openSocket(target, secret)];
      expect((await target.ask(OWN, { token: secret })).code).toBeNull();
      expect((await revoke(target, apiKey.id, accessToken)).code).toBeNull();
      expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4403, 4403]);
      expect((await target.ask(OWN, { token: secret })).status).toBe(401);
    },
  },
  {
    attack: 'somebody else’s API key: revoking it, listing it, making one with more than one has',
    answer: '`NOT_FOUND` as for one that does not exist; not listed; `BAD_USER_INPUT`, from a key `FORBIDDEN`',
    run: async (target) => {
      const victim = await signedIn(target, 'victim');
      const thief = await signedIn(target, 'thief');
      const { secret, apiKey } = await keyOf(target, victim.accessToken);
      const theirs = await revoke(target, apiKey.id, thief.accessToken);
      const nobodys = await revoke(target, randomUUID(), thief.accessToken);
      expect([theirs.code, nobodys.code]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
      expect(messageOf(theirs)).toBe(messageOf(nobodys));
      expect((await target.ask('{ apiKeys { id } }', { token: thief.accessToken })).data).toEqual({ apiKeys: [] });
      expect((await target.ask(OWN, { token: secret })).code).toBeNull();
      const more = 'mutation { createApiKey(name: "k", scopes: ["admin"]) { secret } }';
      expect((await target.ask(more, { token: thief.accessToken })).code).toBe('BAD_USER_INPUT');
      expect((await target.ask(more, { token: secret })).code).toBe('FORBIDDEN');
    },
  },
  {
    attack: 'replay of a signed request, and one that is changed, late or not signed at all',
    answer: '401 `UNAUTHENTICATED`',
    run: async (target) => {
      const { accessToken } = await signedIn(target, 'signer');
      const { secret, signingSecret } = await keyOf(target, accessToken, ', requireSignature: true');
      const body = JSON.stringify({ query: OWN });
      const sign = (timestamp: string) => {
        const nonce = randomUUID();
        const hash = createHash('sha256').update(body).digest('hex');
        const text = [timestamp, nonce, 'POST', '/graphql', hash].join('\n');
        const signature = createHmac('sha256', signingSecret ?? '')
          .update(text)
          .digest('base64url');
        return { 'x-tradsys-timestamp': timestamp, 'x-tradsys-nonce': nonce, 'x-tradsys-signature': signature };
      };
      const send = async (text: string, signed: Record<string, string>) =>
        (await target.post(text, { authorization: `Bearer ${secret}`, ...signed })).status;
      const signed = sign(String(Date.now()));
      expect(await send(body.replace('id', 'name'), signed)).toBe(401);
      expect(await send(body, signed)).toBe(200);
      expect(await send(body, signed)).toBe(401);
      expect(await send(body, {})).toBe(401);
      expect(await send(body, sign(String(Date.now() - 31_000)))).toBe(401);
      expect(await send(body, { ...signed, 'x-tradsys-nonce': 'another-nonce-of-16' })).toBe(401);
    },
  },
  {
    attack: 'reading metrics and what is wrong inside, from outside',
    answer: '404; of readiness no more than whether it is ready',
    run: async (target) => {
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      expect((await fetch(`${target.origin}/metrics`, { headers })).status).toBe(404);
      expect(await (await fetch(`${target.origin}/readyz`, { headers })).json()).toEqual({ status: 'ready' });
      const spoofed = { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' };
      expect((await fetch(`${target.origin}/metrics`, { headers: spoofed })).status).toBe(404);
    },
  },
  {
    attack: 'an API key from an address that it does not name, also with the right one written before it',
    answer: '401 `UNAUTHENTICATED`',
    run: async (target) => {
      const { accessToken } = await signedIn(target, 'bound');
      const { secret } = await keyOf(target, accessToken, ', allowedIps: ["192.0.2.0/24"]');
      const from = async (address: string) =>
        (await target.ask(OWN, { token: secret, headers: { 'x-forwarded-for': address } })).status;
      expect(await from('198.51.100.7')).toBe(401);
      expect(await from('192.0.2.5, 198.51.100.7')).toBe(401);
      expect(await from('192.0.2.5')).toBe(200);
    },
  },
  {
    attack:
      'the audit log: reading it as a trader, writing a result of one’s own into it, leaving out what it then tells as done',
    answer: '`FORBIDDEN`; `GRAPHQL_VALIDATION_FAILED`; told as `SKIPPED`',
    run: async (target) => {
      const log =
        '{ auditLog(first: 1, filter: { userId: "ann", action: "openAccount" }) { edges { node { result } } } }';
      expect((await target.ask(log, { token: target.ann })).code).toBe('FORBIDDEN');
      const input = '(input: { id: "FORBIDDEN", name: "x", ownerId: "ann" })';
      const send = (document: string) => target.ask(document, { token: target.ann });
      expect((await send(`mutation { openAccount${input} { __answerType: id } }`)).code).toBe(
        'GRAPHQL_VALIDATION_FAILED',
      );
      expect((await send(`mutation { openAccount${input} @skip(if: true) { id } __typename }`)).code).toBeNull();
      let told: string | undefined;
      while (told !== 'SKIPPED') {
        told = (await target.ask(log, { token: target.admin })).data.auditLog.edges[0]?.node.result;
        expect([undefined, 'GRAPHQL_VALIDATION_FAILED', 'SKIPPED']).toContain(told);
      }
    },
  },
];

function messageOf({ text }: Reply): string {
  return (JSON.parse(text) as { errors: { message: string }[] }).errors[0]?.message ?? '';
}
