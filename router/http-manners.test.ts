/** What the HTTP side does beside answering: compression, TLS, timeouts, persisted documents, and what it keeps to itself. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { readManifest, sha256 } from './persisted-documents.js';
import type { Router } from './router.js';
import { selfSigned } from './testing/certificate.js';
import { startRouter } from './testing/start.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Without a client library, which would decompress by itself. */
function send(url: string, headers: Record<string, string>, body: string | null, secure = false) {
  const method = body === null ? 'GET' : 'POST';
  const make = secure ? httpsRequest : httpRequest;
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((done, fail) => {
    const request = make(url, { method, headers, rejectUnauthorized: false } as object, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', fail);
    request.end(body ?? undefined);
  });
}

const LONG = JSON.stringify({ query: '{ __schema { types { name description fields { name description } } } }' });

describe('answers over HTTP', () => {
  let router: Router;
  beforeAll(async () => {
    router = await startRouter();
  });
  afterAll(() => router.stop());
  const ask = (body: string, headers: Record<string, string>) =>
    send(`${router.url}/graphql`, { ...JSON_TYPE, ...headers }, body);

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=0.9, br;q=0.5', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['*', 'gzip'],
    ['deflate', undefined],
    ['identity', undefined],
    ['br;q=x', undefined],
  ])('are compressed for a client that accepts %s by %s', async (accepted, coding) => {
    const plain = await ask(LONG, {});
    const { headers, body } = await ask(LONG, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(coding);
    const text = coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body;
    expect(JSON.parse(String(text)).data).toEqual(JSON.parse(String(plain.body)).data);
    if (coding !== undefined) expect(body.length).toBeLessThan(plain.body.length / 2);
  });

  it('are sent as they are where they are short or may hold a secret beside a client’s own text', async () => {
    const accepting = { 'accept-encoding': 'br, gzip' };
    expect((await ask('{"query":"{ taxRate }"}', accepting)).headers['content-encoding']).toBeUndefined();
    const eager = await startRouter({ limits: { compressFromBytes: 0 } });
    try {
      const to = (query: string) =>
        send(`${eager.url}/graphql`, { ...JSON_TYPE, ...accepting }, JSON.stringify({ query }));
      expect((await to('{ taxRate }')).headers['content-encoding']).toBe('br');
      expect((await to('mutation { dawdle(ms: 0) }')).headers['content-encoding']).toBeUndefined();
    } finally {
      await eager.stop();
    }
  });

  it('carry headers that keep browsers from showing, framing, guessing or keeping them', async () => {
    for (const path of ['/graphql?query={taxRate}', '/healthz', '/nothing']) {
      const { headers } = await send(router.url + path, {}, null);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['x-powered-by'] ?? headers.server).toBeUndefined();
    }
  });

  it('compress pages, and the same bytes again', async () => {
    const get = () => send(`${router.url}/graphiql/graphiql.js`, { 'accept-encoding': 'br' }, null);
    const [first, second] = [await get(), await get()];
    expect(first.headers['content-encoding']).toBe('br');
    expect(second.body.equals(first.body)).toBe(true);
    expect(String(brotliDecompressSync(first.body))).toContain('GraphiQL');
  });

  it('are refused to a foreign page that embeds the address, which tells no origin', async () => {
    const path = `${router.url}/graphql?query={taxRate}`;
    expect((await send(path, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, null)).status).toBe(403);
    expect((await send(path, { 'sec-fetch-site': 'same-origin' }, null)).status).toBe(200);
    expect((await send(path, { 'sec-fetch-site': 'none' }, null)).status).toBe(200);
  });
});

describe('slow and large requests', () => {
  let router: Router;
  beforeAll(async () => {
    router = await startRouter({ limits: { headersTimeoutMs: 200, bodyTimeoutMs: 400, maxHeaderBytes: 2_048 } });
  });
  afterAll(() => router.stop());

  /** Sends what is given and returns the status line once the server has cut the connection. */
  async function statusOnceCut(text: string): Promise<string> {
    const socket = connect(router.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket, 'close');
    return answer.split('\r\n', 1)[0] ?? '';
  }

  it.each([
    ['headers that never end', 'POST /graphql HTTP/1.1\r\nHost: x\r\n', 'HTTP/1.1 408 Request Timeout'],
    [
      'a body that never ends',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      'HTTP/1.1 408 Request Timeout',
    ],
    [
      'headers over their size',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(3_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
    ['what is not HTTP', 'hello\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      'a length told twice',
      'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 400 Bad Request',
    ],
  ])('%s: the connection is answered and cut', async (_what, text, status) => {
    expect(await statusOnceCut(text)).toBe(status);
    expect((await send(`${router.url}/healthz`, {}, null)).status).toBe(200);
  });
});

describe('TLS', () => {
  it('serves HTTP and tells browsers to come by TLS only', async () => {
    const router = await startRouter({ tls: selfSigned() });
    try {
      expect(router.url).toMatch(/^https:/);
      const { status, headers } = await send(`${router.url}/graphql?query={taxRate}`, {}, null, true);
      expect(status).toBe(200);
      expect(headers['strict-transport-security']).toMatch(/max-age=\d+/);
      await expect(send(router.url.replace('https', 'http'), {}, null)).rejects.toThrow();
    } finally {
      await router.stop();
    }
  });
});

describe('where introspection is off', () => {
  it('messages do not tell what the schema is like', async () => {
    const quiet = await startRouter({ introspection: false });
    const open = await startRouter();
    const said = async (to: Router, query: string, variables = {}) =>
      String((await send(`${to.url}/graphql`, JSON_TYPE, JSON.stringify({ query, variables }))).body);
    try {
      const nearMisses: [string, object?][] = [
        ['{ taxRat }'],
        ['{ item(skuu: "A") { sku } }'],
        ['{ items { titl } }'],
        ['query ($s: Strin) { taxRate }'],
      ];
      for (const [query, variables] of nearMisses) {
        expect(await said(open, query, variables)).toContain('Did you mean');
        expect(await said(quiet, query, variables)).not.toContain('Did you mean');
      }
    } finally {
      await quiet.stop();
      await open.stop();
    }
  });
});

describe('persisted documents', () => {
  const RATE = '{ taxRate }';
  const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

  async function answers(to: Router, body: object) {
    const { status, body: text } = await send(`${to.url}/graphql`, JSON_TYPE, JSON.stringify(body));
    const { data, errors } = JSON.parse(String(text));
    return { status, data, code: errors?.[0]?.extensions.code };
  }

  it('are kept with their hash once they came along with it', async () => {
    const router = await startRouter();
    try {
      const byHash = { extensions: persisted(RATE) };
      expect(await answers(router, byHash)).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' });
      expect(await answers(router, { ...byHash, query: RATE })).toMatchObject({ data: { taxRate: '10%' } });
      expect(await answers(router, byHash)).toMatchObject({ data: { taxRate: '10%' } });
      expect(await answers(router, { documentId: `sha256:${sha256(RATE)}` })).toMatchObject({
        data: { taxRate: '10%' },
      });
      const search = new URLSearchParams({ extensions: JSON.stringify(persisted(RATE)) });
      expect((await send(`${router.url}/graphql?${search}`, {}, null)).status).toBe(200);
    } finally {
      await router.stop();
    }
  });

  it('are not kept under another hash, nor when they are not valid', async () => {
    const router = await startRouter();
    try {
      const poison = { query: '{ items { sku } }', extensions: persisted(RATE) };
      expect(await answers(router, poison)).toMatchObject({ code: 'BAD_REQUEST' });
      expect(await answers(router, { extensions: persisted(RATE) })).toMatchObject({
        code: 'PERSISTED_QUERY_NOT_FOUND',
      });
      const invalid = { query: '{ nothing }', extensions: persisted('{ nothing }') };
      expect(await answers(router, invalid)).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
      expect(await answers(router, { extensions: invalid.extensions })).toMatchObject({
        code: 'PERSISTED_QUERY_NOT_FOUND',
      });
      for (const extensions of [
        { persistedQuery: {} },
        { persistedQuery: 'x' },
        { persistedQuery: { sha256Hash: 1 } },
      ]) {
        expect(await answers(router, { query: RATE, extensions })).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
      }
    } finally {
      await router.stop();
    }
  });

  it('are the only ones that run where there is a manifest', async () => {
    const router = await startRouter({ manifest: readManifest(JSON.stringify({ [sha256(RATE)]: RATE })) });
    try {
      expect(await answers(router, { query: RATE })).toMatchObject({ data: { taxRate: '10%' } });
      expect(await answers(router, { extensions: persisted(RATE) })).toMatchObject({ data: { taxRate: '10%' } });
      const others = [
        { query: '{ items { sku } }' },
        { query: '{taxRate}' },
        { extensions: persisted('{ items { sku } }') },
      ];
      for (const other of others) {
        expect(await answers(router, other)).toMatchObject({ code: 'PERSISTED_QUERY_NOT_IN_LIST' });
      }
      const both = { query: '{ items { sku } }', extensions: persisted(RATE) };
      expect(await answers(router, both)).toMatchObject({ code: 'PERSISTED_QUERY_NOT_IN_LIST' });
    } finally {
      await router.stop();
    }
  });

  it('are read from both usual manifests, and from none that names them wrongly', () => {
    const apollo = {
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: sha256(RATE), body: RATE }],
    };
    expect(readManifest(JSON.stringify(apollo)).get(sha256(RATE))).toBe(RATE);
    for (const wrong of ['', '[]', '{}', '{"a":"{ taxRate }"}', `{"${sha256('x')}":1}`, '{"operations":[null]}']) {
      expect(() => readManifest(wrong)).toThrow();
    }
  });
});
