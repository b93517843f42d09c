import { request as httpRequest } from 'node:http';
import { serverAudits } from 'graphql-http';
import type { Router } from './router.js';
import { buildShop } from './testing/shop.js';
import { type Logged, signToken, startRouter } from './testing/start.js';

const signalListeners = () => ['SIGINT', 'SIGTERM', 'exit'].map((event) => process.listenerCount(event));
const listenersBefore = signalListeners();

let router: Router & { logged: Logged };
beforeAll(async () => {
  router = await startRouter();
});
afterAll(() => router.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${router.url}/graphql`, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  // What an operation cost and what is left of the quota come with every answer, and have tests of their own.
  const { extensions, ...rest } = text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: text === '' ? null : rest, extensions };
}

const query = (text: string, headers?: Record<string, string>) => post({ query: text }, headers);

describe('POST /graphql', () => {
  it('answers a query with variables and an operation name', async () => {
    const { status, headers, body } = await post({
      query: 'query A { taxRate } query B($s: ID!) { item(sku: $s) { title } }',
      operationName: 'B',
      variables: { s: 'A' },
    });
    expect({ status, body }).toEqual({ status: 200, body: { data: { item: { title: 'Apple' } } } });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('joins subgraphs for a signed-in caller', async () => {
    const authorization = `Bearer ${await signToken('ann')}`;
    expect((await query('{ sales { item { title } } }', { authorization })).body).toEqual({
      data: { sales: [{ item: { title: 'Apple' } }, { item: { title: 'Bread' } }] },
    });
  });

  it('tells graphql-response+json clients by status that nothing was executed', async () => {
    const accept = 'application/graphql-response+json, application/json;q=0.9';
    const bad = await query('{ nothing }', { accept });
    expect(bad.status).toBe(400);
    expect(bad.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
    expect((await query('{ nothing }')).status).toBe(200);
    expect((await query('{ broken }', { accept })).status).toBe(200);
  });

  it.each([
    ['not JSON', '{', 400, /not JSON/],
    ['a batch', '[{"query":"{ taxRate }"}]', 400, /batches/],
    ['no query', '{}', 400, /query/],
    ['an empty query', '{"query":""}', 400, /query/],
    ['variables that are no object', '{"query":"{ taxRate }","variables":[1]}', 400, /variables/],
    ['an operation name that is no string', '{"query":"{ taxRate }","operationName":1}', 400, /operationName/],
    ['extensions that are no object', '{"query":"{ taxRate }","extensions":"x"}', 400, /extensions/],
    ['a body over the limit', `{"query":"{ taxRate }${' '.repeat(100_001)}"}`, 413, /100000 bytes/],
  ])('refuses %s', async (_what, body, status, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors[0].message).toMatch(message);
    expect(answer.body.data).toBeUndefined();
  });

  it('refuses what a browser sends to foreign sites unasked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      expect((await post('{"query":"{ taxRate }"}', { 'content-type': type })).status).toBe(415);
    }
  });

  it('refuses other encodings than UTF-8, compressed bodies and media types it does not speak', async () => {
    const latin = { 'content-type': 'application/json; charset=latin1' };
    expect((await post('{"query":"{ taxRate }"}', latin)).status).toBe(415);
    expect((await post('{"query":"{ taxRate }"}', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await query('{ taxRate }', { accept: 'text/html' })).status).toBe(406);
    const bytes = Buffer.from('{"query":"{ item(sku: \\"\xff\\") { sku } }"}', 'latin1');
    const response = await fetch(`${router.url}/graphql`, { method: 'POST', headers: JSON_TYPE, body: bytes });
    expect(response.status).toBe(400);
  });

  it('bounds a body that does not tell its length', async () => {
    const status = await new Promise<number | undefined>((done, fail) => {
      const request = httpRequest(`${router.url}/graphql`, { method: 'POST', headers: JSON_TYPE }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      request.on('error', fail);
      for (let chunk = 0; chunk < 11; chunk += 1) request.write('x'.repeat(10_000));
    });
    expect(status).toBe(413);
  });

  it('names each limit of a document', async () => {
    const { body } = await query(`{ items { ${Array.from({ length: 16 }, (_, i) => `a${i}: sku`).join(' ')} } }`);
    expect(body.errors[0]).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED', limit: 'maxAliases', max: 15 } });
  });

  it('names the variable and the field of a bad value', async () => {
    const text = 'mutation ($p: Decimal!) { reprice(sku: "A", price: $p) { price } }';
    for (const p of ['NaN', '1e400', '１', '9'.repeat(400), 1.1, null]) {
      const { body } = await post({ query: text, variables: { p } });
      expect(body.data).toBeUndefined();
      expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
      expect(body.errors[0].message).toContain('$p');
    }
    const literal = await query('mutation { reprice(sku: "A", price: 1.1) { price } }');
    expect(literal.body.errors[0].message).toMatch(/Decimal/);
  });

  it('masks faults under the request’s id and logs them', async () => {
    const { body, headers } = await query('{ broken }', { 'x-request-id': 'my-request-1' });
    expect(headers.get('x-request-id')).toBe('my-request-1');
    expect(body).toEqual({
      data: { broken: null },
      errors: [
        {
          message: 'Internal error',
          path: ['broken'],
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'my-request-1' },
        },
      ],
    });
    expect(JSON.stringify(router.logged)).toContain('SELECT secret');
    expect((await query('{ brokenForGood }')).body.errors[0]).toMatchObject({
      message: 'this is on purpose',
      extensions: { code: 'NOT_FOUND', field: 'x' },
    });
  });

  it('makes a request id where none or a strange one is given', async () => {
    for (const given of ['', 'a b', 'x'.repeat(200)]) {
      const { headers } = await query('{ taxRate }', { 'x-request-id': given });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('gives up on an operation that takes too long, and says that a mutation’s outcome is unknown', async () => {
    const impatient = await startRouter({ limits: { requestTimeoutMs: 50 } });
    try {
      const codeOf = async (text: string) => {
        const body = JSON.stringify({ query: text });
        const response = await fetch(`${impatient.url}/graphql`, { method: 'POST', headers: JSON_TYPE, body });
        const { data, errors } = (await response.json()) as {
          data: unknown;
          errors: { extensions: { code: string } }[];
        };
        return [data, errors[0]?.extensions.code];
      };
      expect(await codeOf('{ slow(ms: 300) }')).toEqual([null, 'TIMEOUT']);
      expect(await codeOf('mutation { dawdle(ms: 300) }')).toEqual([null, 'OUTCOME_UNKNOWN']);
    } finally {
      await impatient.stop();
    }
  });

  it('sends subscriptions to the WebSocket', async () => {
    const { status, body } = await query('subscription { prices { sku } }');
    expect(status).toBe(400);
    expect(body.errors[0].message).toMatch(/WebSocket/);
  });
});

describe('GraphQL over HTTP', () => {
  it.each(serverAudits({ url: 'http://audit/graphql' }).map(({ id, name }) => [id, name]))(
    'audit %s: %s',
    async (id) => {
      const audit = serverAudits({ url: `${router.url}/graphql` }).find((each) => each.id === id);
      const result = await audit?.fn();
      expect(result).toMatchObject({ status: 'ok' });
    },
  );
});

describe('GET /graphql', () => {
  const get = (search: string, headers: Record<string, string> = {}) =>
    fetch(`${router.url}/graphql${search}`, { headers, redirect: 'manual' });

  it('answers queries', async () => {
    const search = new URLSearchParams({
      query: 'query ($s: ID!) { item(sku: $s) { title } }',
      variables: '{"s":"B"}',
    });
    expect(await (await get(`?${search}`)).json()).toMatchObject({ data: { item: { title: 'Bread' } } });
  });

  it('refuses mutations', async () => {
    const search = new URLSearchParams({ query: 'mutation { reprice(sku: "A", price: "1") { sku } }' });
    const response = await get(`?${search}`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('leads a browser to the editor, and tells others what is missing', async () => {
    expect((await get('', { accept: 'text/html,*/*;q=0.8' })).headers.get('location')).toBe('/graphiql');
    expect((await get('')).status).toBe(400);
    expect((await get('?query={taxRate}&variables=%7B')).status).toBe(400);
  });

  it('allows no other method', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      expect((await fetch(`${router.url}/graphql`, { method })).status).toBe(405);
    }
  });
});

describe('identity', () => {
  it('lets nobody read what is public and refuses the rest', async () => {
    expect((await query('{ whoAmI }')).body.data.whoAmI).toMatch(/^nobody /);
    const { status, body } = await query('{ sales { id } }');
    expect(status).toBe(200);
    expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('hands the caller to the subgraphs', async () => {
    const authorization = `Bearer ${await signToken('ann')}`;
    expect((await query('{ whoAmI }', { authorization })).body.data.whoAmI).toMatch(/^ann /);
    expect((await query('{ whoAmI taxRate }', { authorization })).body.data.whoAmI).toMatch(/^ann /);
  });

  it('refuses every token that proves nothing, with 401 and why', async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"ann"}').toString('base64url')}.`;
    const bad: [string, RegExp][] = [
      ['Bearer x', /malformed/],
      ['Basic YTpi', /Bearer/],
      [`Bearer ${unsigned}`, /HS256|malformed/],
      [`Bearer ${await signToken('ann', { secret: Buffer.alloc(48, 1) })}`, /signature/],
      [`Bearer ${await signToken('ann', { algorithm: 'HS512' })}`, /HS256/],
      [`Bearer ${await signToken('ann', { expiresInMs: -5_000 })}`, /expired/],
      [`Bearer ${await signToken('ann', { issuer: 'else' })}`, /iss/],
      [`Bearer ${await signToken('ann', { audience: 'else' })}`, /aud/],
      [`Bearer ${'x'.repeat(5_000)}`, /longer/],
    ];
    for (const [authorization, why] of bad) {
      const { status, headers, body } = await query('{ taxRate }', { authorization });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(body.errors[0].message).toMatch(why);
      expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
  });
});

describe('origins', () => {
  it('allows the own origin and those on the list, and tells the browser', async () => {
    for (const origin of [router.url, 'https://desk.example.com', 'http://localhost:5173', 'http://localhost']) {
      const { status, headers } = await query('{ taxRate }', { origin });
      expect([status, headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    const preflight = await fetch(`${router.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://desk.example.com', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
  });

  it('refuses others', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://localhost:80.evil.example',
    ]) {
      const { status, headers } = await query('{ taxRate }', { origin });
      expect([status, headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
  });
});

describe('pages', () => {
  const get = async (path: string) => {
    const response = await fetch(router.url + path);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
      response,
    };
  };

  it('lists the endpoints at /', async () => {
    const { text, response } = await get('/');
    for (const path of ['/graphiql', '/sandbox', '/graphql', '/healthz', '/readyz', '/metrics'])
      expect(text).toContain(path);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  it('serves GraphiQL and all it loads from its own files', async () => {
    const { text } = await get('/graphiql');
    const loads = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
    expect(loads.length).toBeGreaterThan(4);
    for (const path of loads) {
      expect(path).toMatch(/^\/graphiql\//);
      const { status, type } = await get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(type).toMatch(path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
    }
    const client = await get('/graphiql/graphql-ws/client.js');
    for (const [, module] of client.text.matchAll(/from '\.\/([\w-]+\.js)'/g)) {
      expect((await get(`/graphiql/graphql-ws/${module}`)).status).toBe(200);
    }
    expect((await get('/graphiql/graphql-ws/../../package.json')).status).toBe(404);
    expect((await get('/graphiql/graphql-ws/%2e%2e%2fpackage.json')).status).toBe(404);
  });

  it('serves neither editor where they are switched off', async () => {
    const production = await startRouter({ graphiql: false, introspection: false });
    try {
      expect((await fetch(`${production.url}/graphiql`)).status).toBe(404);
      expect((await fetch(`${production.url}/sandbox`)).status).toBe(404);
      expect(await (await fetch(production.url)).text()).not.toContain('/graphiql');
      const response = await fetch(`${production.url}/graphql?query={__schema{queryType{name}}}`);
      expect(await response.text()).toContain('introspection is switched off');
    } finally {
      await production.stop();
    }
  });

  it('tells health, readiness and metrics', async () => {
    await query('{ taxRate }');
    expect((await get('/healthz')).status).toBe(200);
    expect(JSON.parse((await get('/readyz')).text)).toEqual({
      status: 'ready',
      dependencies: { engine: { ready: true } },
    });
    expect((await get('/metrics')).text).toMatch(
      /tradsys_router_operation_seconds_count\{route="fast",type="query",outcome="ok"\} \d+/,
    );
    await post({ query: 'query Named { taxRate }', operationName: 'Named' });
    await query('{ taxRate }');
    const { text } = await get('/metrics');
    expect(text).toMatch(/tradsys_router_operations_total\{operation="taxRate",type="query",outcome="ok"\} \d+/);
    expect(text).not.toContain('Named');
    expect(text).toMatch(/tradsys_router_documents_total\{cache="hit"\} [1-9]/);
    expect((await get('/favicon.ico')).type).toBe('image/svg+xml');
    expect((await get('/nothing')).status).toBe(404);
  });

  it('is not ready while a dependency is not, and names it', async () => {
    const waiting = await startRouter({
      readiness: async () => ({ engine: { ready: true }, database: { ready: false, state: 'starting' } }),
    });
    try {
      const response = await fetch(`${waiting.url}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ dependencies: { database: { ready: false, state: 'starting' } } });
    } finally {
      await waiting.stop();
    }
  });
});

describe('starting and stopping', () => {
  it('says that the port is in use', async () => {
    await expect(startRouter({ port: router.port })).rejects.toThrow(/is in use/);
  });

  it('says which subgraph of the supergraph is missing', async () => {
    const { subgraphs, supergraphSdl } = await buildShop();
    const without = subgraphs.filter(({ name }) => name !== 'product-catalogue');
    await expect(startRouter({ subgraphs: without, supergraphSdl })).rejects.toThrow(/product-catalogue/);
  });

  it('leaves the process’s signals to the process', () => {
    expect(signalListeners()).toEqual(listenersBefore);
  });

  it('finishes what is in flight, takes nothing new and frees the port', async () => {
    const other = await startRouter();
    const ask = (text: string) =>
      fetch(`${other.url}/graphql`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ query: text }) });
    const slow = ask('{ slow(ms: 300) }');
    // It is in flight once its document was looked up.
    const metrics = async () => (await fetch(`${other.url}/metrics`)).text();
    while (!/documents_total\{cache="miss"\} 1/.test(await metrics())) await new Promise((done) => setTimeout(done, 5));
    const stopping = other.stop();
    expect(await (await slow).json()).toMatchObject({ data: { slow: 'done' } });
    await stopping;
    await expect(ask('{ taxRate }')).rejects.toThrow();
    const again = await startRouter({ port: other.port });
    await again.stop();
  });
});
