/** Tokens that prove nothing, and ids that are somebody else's. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Attack } from './attack.js';
import { foreignOperations } from './foreign-ids.js';
import { closeCode, enter, type Reply, type Target, tokenOf } from './target.js';

const OWN = '{ accounts { id } }';
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function expectNobody(target: Target, token: string): Promise<void> {
  const reply = await target.ask(OWN, { token });
  expect([reply.status, reply.code]).toEqual([401, 'UNAUTHENTICATED']);
  const socket = target.socket();
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } }));
  expect(await closeCode(socket)).toBe(4403);
}

export const IDENTITY_ATTACKS: readonly Attack[] = [
  {
    attack: 'alg=none',
    answer: '401 `UNAUTHENTICATED`; 4403 over WebSocket',
    run: async (target) => {
      const claims = { sub: 'root', scope: 'admin', iss: 'tradsys', aud: 'tradsys', exp: 4_102_444_800 };
      for (const alg of ['none', 'None', 'NONE', '']) {
        await expectNobody(target, `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}.`);
      }
    },
  },
  {
    attack: 'key confusion: another algorithm, another key, a key of the attacker’s in the header',
    answer: '401 `UNAUTHENTICATED`; 4403 over WebSocket',
    run: async (target) => {
      const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      const rsa = new SignJWT({ scope: 'admin' }).setSubject('root').setIssuer('tradsys').setAudience('tradsys');
      const signed = await rsa.setProtectedHeader({ alg: 'RS256' }).setExpirationTime('1h').sign(privateKey);
      await expectNobody(target, signed);
      await expectNobody(target, await tokenOf('root', { secret: new TextEncoder().encode(String(pem)) }));
      const jwk = publicKey.export({ format: 'jwk' });
      const secret = new TextEncoder().encode('x'.repeat(48));
      await expectNobody(target, await tokenOf('root', { secret, header: { jwk, kid: '../../../../dev/null' } }));
    },
  },
  {
    attack: 'a token with another subject or scope under an old signature, of another issuer, or cut short',
    answer: '401 `UNAUTHENTICATED`; 4403 over WebSocket',
    run: async (target) => {
      const [header, , signature] = target.bob.split('.');
      const claims = { sub: 'ann', scope: 'admin', iss: 'tradsys', aud: 'tradsys', exp: 4_102_444_800 };
      await expectNobody(target, `${header}.${encoded(claims)}.${signature}`);
      await expectNobody(target, await tokenOf('ann', { issuer: 'elsewhere' }));
      await expectNobody(target, target.ann.slice(0, -2));
    },
  },
  {
    attack: 'replay of a token after its end, and a socket that outlives its token',
    answer: '401 `UNAUTHENTICATED`; the socket is closed with 4401',
    run: async (target) => {
      await expectNobody(target, await tokenOf('ann', { expiresInS: -1 }));
      const shortLived = await tokenOf('ann', { expiresInS: 3 });
      const socket = target.socket();
      await enter(socket, shortLived);
      const query = 'subscription { fills(accountId: "ACC-ANN") { __typename } }';
      socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
      expect(await closeCode(socket)).toBe(4401);
      expect((await target.ask(OWN, { token: shortLived })).status).toBe(401);
    },
  },
  {
    attack: 'brute force: guessing tokens from one address',
    answer: '401, then 429 `RATE_LIMITED`; other addresses are served',
    run: async (target) => {
      const codes: (string | null)[] = [];
      for (let n = 0; n < 60; n += 1) codes.push((await target.ask(OWN, { token: `a.b.${n}` })).code);
      expect(codes.slice(0, 50)).toEqual(Array<string>(50).fill('UNAUTHENTICATED'));
      expect(codes.slice(50)).toEqual(Array<string>(10).fill('RATE_LIMITED'));
      target.moveOn();
      expect((await target.ask(OWN, { token: target.ann })).data).toEqual({ accounts: [{ id: 'ACC-ANN' }] });
    },
  },
  {
    attack: 'IDOR: every operation of the schema that takes an id, with somebody else’s',
    answer: 'the very answer that an id gets which does not exist; nothing is changed',
    run: async (target) => {
      const sdl = readFileSync(join(import.meta.dirname, '../../schema/api.graphql'), 'utf8');
      const operations = foreignOperations(sdl, { account: 'ACC-ANN', order: target.orderId, clOrdId: 'ann-1' });
      expect(operations.length).toBeGreaterThan(15);
      const hers = new Set<string>();
      for (const { name, type, theirs, nobodys } of operations) {
        target.moveOn();
        const token = target.bob;
        const send = (query: string) =>
          type === 'subscription' ? firstMessage(target, query, token) : told(target.ask(query, { token }));
        const [stranger, missing] = [await send(theirs), await send(nobodys)];
        expect({ name, answer: stranger }).toEqual({ name, answer: missing });
        // Her own answer differs, so that there is something to be kept from others.
        if (type === 'query' && (await told(target.ask(theirs, { token: target.ann }))) !== missing) hers.add(name);
        expect(stranger).not.toMatch(/"(?:price|orderQty|cumQty|total|available)":"\d/);
      }
      expect([...hers]).toEqual(expect.arrayContaining(['account', 'order', 'orderByClOrdId', 'orders']));
      const order = `{ order(id: "${target.orderId}") { ordStatus leavesQty account { id } } }`;
      expect((await target.ask(order, { token: target.ann })).data.order).toEqual({
        ordStatus: 'NEW',
        leavesQty: '10',
        account: { id: 'ACC-ANN' },
      });
    },
  },
];

/** What the answer tells, without what an answer repeats of the question and what differs between any two. */
async function told(reply: Promise<Reply>): Promise<string> {
  const { data, text } = await reply;
  return masked(JSON.stringify({ data, errors: JSON.parse(text).errors ?? null }));
}

/** Resolves with the first message on a subscription, or `nothing` when another operation is answered before one came. */
async function firstMessage(target: Target, query: string, token: string): Promise<string> {
  const socket = target.socket();
  await enter(socket, token);
  try {
    const answered = new Promise<string>((done) => {
      socket.on('message', (data) => {
        const message = JSON.parse(String(data));
        done(message.id === '2' ? 'nothing' : masked(JSON.stringify(message.payload ?? message.type)));
      });
    });
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
    // What is refused is refused before the next operation is answered.
    setTimeout(
      () => socket.send(JSON.stringify({ type: 'subscribe', id: '2', payload: { query: '{ __typename }' } })),
      300,
    );
    return await answered;
  } finally {
    socket.terminate();
  }
}

function masked(text: string): string {
  return text
    .replaceAll(/ACC-(?:ANN|NO)/g, '<account>')
    .replaceAll(/ann-1|nil-1/g, '<clOrdId>')
    .replaceAll(/"(?:line|column)":\d+/g, '')
    .replaceAll(/\b\d{6,}\b/g, '<id>')
    .replaceAll(/[\w-]{36}/g, '<requestId>');
}
