/** Documents and variables that are made to cost. */
import { type Attack, refusedBy } from './attack.js';

const repeat = (count: number, piece: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => piece(n)).join(' ');
const nested = (depth: number, open: string, inside: string, close: string) =>
  open.repeat(depth) + inside + close.repeat(depth);

export const DOCUMENT_ATTACKS: readonly Attack[] = [
  {
    attack: 'depth bomb: 60 levels of inline objects',
    answer: '`LIMIT_EXCEEDED` (`maxDepth`)',
    run: async (target) => {
      const query = `{ order(id: "1") { ${nested(30, 'instrument { ticker { instrument {', ' symbol ', '} } }')} } }`;
      const levels = `{ ${nested(12, 'account(id: "A") { ', 'id', ' }')} }`;
      for (const document of [query, levels]) {
        const reply = await target.ask(document);
        expect(['LIMIT_EXCEEDED', 'GRAPHQL_VALIDATION_FAILED']).toContain(reply.code);
        expect(reply.limit).toMatch(/maxDepth|maxTokens/);
      }
    },
  },
  {
    attack: 'alias bomb: one field under 100 names',
    answer: '`LIMIT_EXCEEDED` (`maxAliases`)',
    run: refusedBy('LIMIT_EXCEEDED', `{ instruments { ${repeat(100, (n) => `a${n}: symbol`)} } }`, 'maxAliases'),
  },
  {
    attack: 'directive bomb: one field with 100 directives',
    answer: '`LIMIT_EXCEEDED` (`maxDirectives`)',
    run: refusedBy('LIMIT_EXCEEDED', `{ __typename ${'@include(if: true) '.repeat(100)} }`, 'maxDirectives'),
  },
  {
    attack: 'fragment cycle',
    answer: '`GRAPHQL_VALIDATION_FAILED`',
    run: refusedBy(
      'GRAPHQL_VALIDATION_FAILED',
      '{ instruments { ...a } } fragment a on Instrument { ...b } fragment b on Instrument { ...a }',
    ),
  },
  {
    attack: 'fragment bomb: 20 fragments that spread the next one twice',
    answer: '`LIMIT_EXCEEDED` (`maxAliases`)',
    run: async (target) => {
      const links = repeat(
        20,
        (n) => `fragment f${n} on Instrument { ...f${n + 1} ... on Instrument { ...f${n + 1} } }`,
      );
      const reply = await target.ask(`{ instruments { ...f0 } } ${links} fragment f20 on Instrument { a: symbol }`);
      expect(reply.code).toBe('LIMIT_EXCEEDED');
    },
  },
  {
    attack: 'token bomb: 40,000 tokens',
    answer: '`LIMIT_EXCEEDED` (`maxTokens`)',
    run: refusedBy('LIMIT_EXCEEDED', `{ ${'a '.repeat(40_000)} }`, 'maxTokens'),
  },
  {
    attack: 'overload of one field: 500 times in one operation',
    answer: '`LIMIT_EXCEEDED` (`maxRootFields`)',
    run: refusedBy('LIMIT_EXCEEDED', `{ ${'__typename '.repeat(500)} }`, 'maxRootFields'),
  },
  {
    attack: 'list bomb: a page of a million, and lists inside of lists',
    answer: '`LIMIT_EXCEEDED` (`maxCost`, or the field)',
    run: async (target) => {
      const page = '{ orders(accountId: "ACC-ANN", first: 1000000) { edges { node { id } } } }';
      expect((await target.ask(page, { token: target.ann })).code).toBe('LIMIT_EXCEEDED');
      const over = '{ orders(accountId: "ACC-ANN", first: 501) { edges { node { id } } } }';
      expect((await target.ask(over, { token: target.ann })).code).toBe('LIMIT_EXCEEDED');
      const within = '{ orders(accountId: "ACC-ANN", first: 500) { edges { node { id } } } }';
      expect((await target.ask(within, { token: target.ann })).code).toBeNull();
    },
  },
  {
    attack: 'variable bomb: 45,000 nested lists, and a list of 10,000',
    answer: '`BAD_USER_INPUT` or `LIMIT_EXCEEDED`',
    run: async (target) => {
      const query = 'query ($ids: [ID!]!) { correlation(symbols: $ids, interval: M1) { __typename } }';
      const deep = `{"query":${JSON.stringify(query)},"variables":{"ids":${nested(45_000, '[', '1', ']')}}}`;
      const wide = JSON.stringify({ query, variables: { ids: Array.from({ length: 10_000 }, () => 'KO') } });
      for (const body of [deep, wide]) {
        const reply = await target.post(body, { authorization: `Bearer ${target.ann}` });
        expect(['BAD_USER_INPUT', 'LIMIT_EXCEEDED', 'GRAPHQL_VALIDATION_FAILED']).toContain(reply.code);
      }
    },
  },
  {
    attack: 'proto keys: `__proto__` and `constructor` in body and variables',
    answer: 'taken as the names that they are: refused by name or without effect',
    run: async (target) => {
      const polluted =
        '{"query":"{ __typename }","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}';
      expect((await target.post(polluted)).data).toEqual({ __typename: 'Query' });
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        const body = `{"query":"query ($input: PlaceOrderInput!) { previewOrder(input: $input) { __typename } }","variables":{"${key}":{"x":1},"input":{"${key}":{"x":1}}}}`;
        const reply = await target.post(body, { authorization: `Bearer ${target.ann}` });
        expect(reply.code).toBe('BAD_USER_INPUT');
        expect(reply.data ?? null).toBeNull();
        expect((await target.ask(`{ ${key} }`)).code).toBe('GRAPHQL_VALIDATION_FAILED');
        expect((await target.ask('{ __typename }', { variables: { [key]: 1 } })).code).toBeNull();
      }
    },
  },
  {
    attack: 'batch of operations as a JSON list',
    answer: '400 `BAD_REQUEST`',
    run: async (target) => {
      const reply = await target.post(JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ __typename }' }))));
      expect([reply.status, reply.code]).toEqual([400, 'BAD_REQUEST']);
    },
  },
  {
    attack: 'asking for the schema: introspection, near misses, editors',
    answer: 'refused; no suggestions; 404',
    run: async (target) => {
      expect((await target.ask('{ __schema { types { name } } }')).code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect((await target.ask('{ __type(name: "Query") { name } }')).code).toBe('GRAPHQL_VALIDATION_FAILED');
      for (const query of [
        '{ instrumens { symbol } }',
        '{ instruments { symbo } }',
        '{ instrument(symbl: "KO") { symbol } }',
      ]) {
        const reply = await target.ask(query);
        expect(reply.code).toBe('GRAPHQL_VALIDATION_FAILED');
        expect(reply.text).not.toMatch(/did you mean/i);
      }
      for (const path of ['/graphiql', '/sandbox', '/graphiql/start.js']) {
        expect((await fetch(target.origin + path)).status).toBe(404);
      }
    },
  },
];
