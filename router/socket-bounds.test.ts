/** Bounds on WebSockets by who opens them, and what a socket may send. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { sha256 } from './persisted-documents.js';
import type { Router } from './router.js';
import { signToken, startRouter } from './testing/start.js';

let router: Router;
const sockets: WebSocket[] = [];

async function start(limits: Parameters<typeof startRouter>[0] = {}): Promise<void> {
  router = await startRouter(limits);
}
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await router.stop();
});

function open(headers: Record<string, string> = {}): WebSocket {
  const url = `${router.url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(url, ['graphql-transport-ws'], { headers });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Resolves with the acknowledgement, or with the code that the socket was closed by. */
async function enter(socket: WebSocket, token?: string): Promise<string | number> {
  if (socket.readyState !== socket.OPEN) await once(socket, 'open');
  const payload = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  socket.send(JSON.stringify({ type: 'connection_init', payload }));
  return Promise.race([
    once(socket, 'message').then(([data]) => String(JSON.parse(String(data)).type)),
    once(socket, 'close').then(([code]) => Number(code)),
  ]);
}

async function statusOf(socket: WebSocket): Promise<number> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  return response.statusCode;
}

async function leave(socket: WebSocket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}

describe('WebSockets', () => {
  it('are bounded for each address, behind a trusted proxy too', async () => {
    await start({ limits: { maxSocketsPerAddress: 2 }, trustedProxies: 1 });
    const from = (address: string) => open({ 'x-forwarded-for': address });
    const [one, two] = [from('192.0.2.1'), from('192.0.2.1')];
    await Promise.all([once(one, 'open'), once(two, 'open')]);
    expect(await statusOf(from('192.0.2.1'))).toBe(429);
    expect(await enter(from('192.0.2.2'))).toBe('connection_ack');
    await leave(one);
    expect(await enter(from('192.0.2.1'))).toBe('connection_ack');
  });

  it('are bounded for each user, whatever the address', async () => {
    await start({ limits: { maxSocketsPerUser: 2 } });
    const [ann, bob] = [await signToken('ann'), await signToken('bob')];
    const first = open();
    expect(await enter(first, ann)).toBe('connection_ack');
    expect(await enter(open(), ann)).toBe('connection_ack');
    expect(await enter(open(), ann)).toBe(4429);
    expect(await enter(open(), bob)).toBe('connection_ack');
    expect(await enter(open())).toBe('connection_ack');
    await leave(first);
    expect(await enter(open(), ann)).toBe('connection_ack');
    expect(await enter(open(), ann)).toBe(4429);
  });

  it('hold to their number when all of a user’s come at once', async () => {
    await start({ limits: { maxSocketsPerUser: 3 } });
    const ann = await signToken('ann');
    const answers = await Promise.all(Array.from({ length: 10 }, () => enter(open(), ann)));
    expect(answers.filter((answer) => answer === 'connection_ack')).toHaveLength(3);
    expect(answers.filter((answer) => answer === 4429)).toHaveLength(7);
  });

  it.each([
    ['binary', Buffer.from('{"type":"ping"}'), 1003],
    ['larger than allowed', 'x'.repeat(100_001), 1009],
    ['no message of the protocol', '{"type":"hello"}', 4400],
    ['not JSON', '{', 4400],
  ])('are closed at a message that is %s', async (_what, message, code) => {
    await start();
    const socket = open();
    await enter(socket);
    socket.send(message);
    expect((await once(socket, 'close'))[0]).toBe(code);
  });

  it('are closed at text that is not UTF-8', async () => {
    await start();
    const socket = open();
    await enter(socket);
    socket.send(Buffer.from('{"type":"\xff"}', 'latin1'), { binary: false });
    expect((await once(socket, 'close'))[0]).toBe(1007);
  });

  it('run documents that they name by hash', async () => {
    await start();
    const socket = open();
    await enter(socket);
    const text = '{ taxRate }';
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(text) } };
    const ask = async (id: string, query: string) => {
      socket.send(JSON.stringify({ type: 'subscribe', id, payload: { query, extensions } }));
      for (;;) {
        const [data] = await once(socket, 'message');
        const { type, payload } = JSON.parse(String(data));
        if (type !== 'complete') return payload;
      }
    };
    expect((await ask('1', ''))[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect((await ask('2', text)).data).toEqual({ taxRate: '10%' });
    expect((await ask('3', '')).data).toEqual({ taxRate: '10%' });
  });
});
