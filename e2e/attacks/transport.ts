/** Attacks on HTTP and WebSocket themselves. */
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import type { Attack } from './attack.js';
import { closeCode, enter, type Reply, type Target } from './target.js';

const MUTATION = 'mutation { cancelAllOrders(input: { accountId: "ACC-ANN" }) { canceledCount } }';
const subscribe = (id: string, query: string) => JSON.stringify({ type: 'subscribe', id, payload: { query } });

async function refusedUpgrade(target: Target, headers: Record<string, string>): Promise<number> {
  const [, response] = (await once(target.socket({ headers }), 'unexpected-response')) as [
    unknown,
    { statusCode: number },
  ];
  return response.statusCode;
}

/** Sends a message on an acknowledged socket and returns the code that it is closed by. */
async function closedAt(target: Target, message: string | Buffer, binary?: boolean): Promise<number> {
  const socket = target.socket();
  await enter(socket);
  socket.send(message, { binary: binary ?? false });
  return closeCode(socket);
}

export const TRANSPORT_ATTACKS: readonly Attack[] = [
  {
    attack: '20 MB body, with its length told and without',
    answer: '413 `LIMIT_EXCEEDED`, then cut',
    run: async (target) => {
      const body = Buffer.alloc(20_000_000, 'x');
      const told = await target.post(body).catch(() => null);
      // The answer may be lost where the sender does not read while it sends; it is cut either way.
      if (told !== null) expect([told.status, told.code]).toEqual([413, 'LIMIT_EXCEEDED']);
      const chunked = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
      expect(await target.raw(chunked + chunk.repeat(4))).toBe('HTTP/1.1 413 Payload Too Large');
    },
  },
  {
    attack: 'gzip bomb: 20 MB in 20 kB',
    answer: '415 `UNSUPPORTED_MEDIA_TYPE`, nothing is inflated',
    run: async (target) => {
      for (const encoding of ['gzip', 'br', 'deflate']) {
        const reply = await target.post(gzipSync(Buffer.alloc(20_000_000)), { 'content-encoding': encoding });
        expect([reply.status, reply.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
      }
    },
  },
  {
    attack: 'slow loris: headers or a body that never end, 100 connections',
    answer: '408, then cut; others are served meanwhile',
    run: async (target) => {
      const slow = [
        'POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ',
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
      ];
      const cut = Array.from({ length: 100 }, (_, n) => target.raw(slow[n % 2] ?? ''));
      expect((await target.ask('{ __typename }')).status).toBe(200);
      expect(new Set(await Promise.all(cut))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
    },
  },
  {
    attack: 'header bomb, request smuggling (two lengths), what is not HTTP',
    answer: '431 or 400, then cut',
    run: async (target) => {
      const bomb = `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
      expect(await target.raw(bomb)).toBe('HTTP/1.1 431 Request Header Fields Too Large');
      const lengths =
        'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
      expect(await target.raw(lengths)).toBe('HTTP/1.1 400 Bad Request');
      expect(await target.raw('\u0016\u0003\u0001\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request');
    },
  },
  {
    attack: 'invalid UTF-8 in a body',
    answer: '400 `BAD_REQUEST`',
    run: async (target) => {
      const bytes = Buffer.from('{"query":"{ instrument(symbol: \\"\xc3\x28\\") { symbol } }"}', 'latin1');
      const reply = await target.post(bytes);
      expect([reply.status, reply.code]).toEqual([400, 'BAD_REQUEST']);
    },
  },
  {
    attack: 'CSRF: a mutation by a form, as plain text, by GET, or embedded',
    answer: '415; 405; 403; nothing is executed',
    run: async (target) => {
      const authorization = `Bearer ${target.ann}`;
      const form = new URLSearchParams({ query: MUTATION }).toString();
      for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']) {
        expect((await target.post(form, { 'content-type': type, authorization })).status).toBe(415);
        const json = JSON.stringify({ query: MUTATION });
        expect((await target.post(json, { 'content-type': type, authorization })).status).toBe(415);
      }
      const url = `${target.platform.url}?query=${encodeURIComponent(MUTATION)}`;
      expect((await fetch(url, { headers: { authorization } })).status).toBe(405);
      const embedded = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
      expect((await fetch(`${target.platform.url}?query={__typename}`, { headers: embedded })).status).toBe(403);
    },
  },
  {
    attack: 'a page of another site, also `null` and look-alikes of localhost',
    answer: '403 without CORS headers',
    run: async (target) => {
      for (const origin of ['https://evil.example', 'null', 'http://localhost:5173', `${target.origin}.evil.example`]) {
        const reply = await target.ask('{ __typename }', { headers: { origin } });
        expect([reply.status, reply.code]).toEqual([403, 'FORBIDDEN']);
        expect(reply.headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  },
  {
    attack: 'cross-site WebSocket',
    answer: '403, no upgrade',
    run: async (target) => {
      for (const origin of ['https://evil.example', 'null']) expect(await refusedUpgrade(target, { origin })).toBe(403);
    },
  },
  {
    attack: 'violations of the WebSocket protocol',
    answer: 'closed: 4400, 4401, 4406, 4408, 4409, 4429; 1003, 1007, 1009 for what is no message',
    run: async (target) => {
      expect(await closedAt(target, '{')).toBe(4400);
      expect(await closedAt(target, '{"type":"x"}')).toBe(4400);
      expect(await closedAt(target, '{"type":"connection_init"}')).toBe(4429);
      expect(await closedAt(target, Buffer.from('{}'), true)).toBe(1003);
      expect(await closedAt(target, Buffer.from('{"type":"\xff"}', 'latin1'))).toBe(1007);
      expect(await closedAt(target, 'x'.repeat(100_001))).toBe(1009);
      const early = target.socket();
      await once(early, 'open');
      early.send(subscribe('1', 'subscription { heartbeat { __typename } }'));
      expect(await closeCode(early)).toBe(4401);
      const silent = target.socket();
      expect(await closeCode(silent)).toBe(4408);
      const other = target.socket({ protocol: '' });
      expect(await closeCode(other)).toBe(4406);
      const twice = target.socket();
      await enter(twice);
      for (let n = 0; n < 2; n += 1) twice.send(subscribe('1', 'subscription { heartbeat { __typename } }'));
      expect(await closeCode(twice)).toBe(4409);
    },
  },
  {
    attack: 'hoarding: 110 subscriptions on one socket',
    answer: '`LIMIT_EXCEEDED` (`maxSubscriptionsPerSocket`) for each above 100',
    run: async (target) => {
      const socket = target.socket();
      await enter(socket);
      const refused = new Set<string>();
      const settled = new Promise<void>((done) => {
        socket.on('message', (data) => {
          const { type, id, payload } = JSON.parse(String(data));
          if (type !== 'error') return;
          expect(payload[0].extensions.limit).toBe('maxSubscriptionsPerSocket');
          refused.add(id);
          if (refused.size === 10) done();
        });
      });
      for (let n = 0; n < 110; n += 1) {
        socket.send(subscribe(String(n), 'subscription { ticks(symbols: ["KO"]) { symbol } }'));
      }
      await settled;
      socket.terminate();
    },
  },
  {
    attack: 'paths out of the served folders',
    answer: '404',
    run: async (target) => {
      for (const path of [
        '/../package.json',
        '/graphiql/graphql-ws/%2e%2e%2f%2e%2e%2fpackage.json',
        '/.env',
        '//etc/passwd',
      ]) {
        expect(await target.raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toBe(
          'HTTP/1.1 404 Not Found',
        );
      }
    },
  },
  {
    attack: 'flood: one caller, 600 queries, 50 at once',
    answer: '429 `RATE_LIMITED` with `retry-after`; other callers are served',
    run: async (target) => {
      const replies: Reply[] = [];
      while (replies.length < 600) {
        const wave = Array.from({ length: 50 }, () => target.ask('{ instruments { symbol ticker { bidPx } } }'));
        replies.push(...(await Promise.all(wave)));
      }
      // A window may have passed meanwhile, on a slow machine.
      const limited = replies.filter(({ code }) => code === 'RATE_LIMITED');
      expect(limited.length).toBeGreaterThan(0);
      for (const { status, headers } of limited) {
        expect(status).toBe(429);
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      }
      target.moveOn();
      expect((await target.ask('{ instruments { symbol } }')).code).toBeNull();
    },
  },
];
