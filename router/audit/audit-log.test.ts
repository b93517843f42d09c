import { getOperationAST, parse } from 'graphql';
import type { AuditEntry } from '../../src/ports/audit-store.js';
import { signToken, startRouter } from '../testing/start.js';
import { MAX_ARGUMENTS_LENGTH } from './arguments.js';
import { AuditLog } from './audit-log.js';
import { type MutationField, mutationFieldsOf } from './mutation-fields.js';

/** Keeps what is appended, and fails while it is away. */
class Kept {
  readonly entries: AuditEntry[] = [];
  away = false;
  async append(entries: readonly AuditEntry[]): Promise<void> {
    if (this.away) throw new Error('away');
    this.entries.push(...entries);
  }
  page = () => Promise.resolve([]);
}

const nobody = { identity: null, requestId: 'r', address: '127.0.0.1' };
const silent = () => undefined;

function fieldsOf(text: string): readonly MutationField[] {
  const document = parse(text);
  const definition = getOperationAST(document);
  return definition === null || definition === undefined ? [] : mutationFieldsOf(document, definition);
}

describe('the audit log', () => {
  it('tells who asked for what, from where, and what came of it, each field for itself and secrets left out', async () => {
    const store = new Kept();
    const log = new AuditLog({ store, maxWaiting: 100, whenFull: 'drop', log: silent });
    const fields = fieldsOf(`mutation ($p: String!, $input: SaveUserInput!) {
      a: createSession(username: "ann", password: $p) { accessToken }
      ...More
    } fragment More on Mutation { saveUser(input: $input) { username } cancelOrder(orderId: "7") { __typename } }`);
    const identity = { userId: 'ann', scopes: new Set<never>(), credential: { kind: 'API_KEY', id: 'k1' } } as const;
    const result = {
      data: { a: { accessToken: 'x' }, saveUser: null, cancelOrder: { __answerType: 'OrderRejection' } },
      errors: [{ message: 'no', path: ['saveUser'], extensions: { code: 'FORBIDDEN' } }],
    };
    const variables = {
      p: 'hunter2hunter2',
      input: { username: 'bob', password: 'hunter2hunter2', scopes: ['admin'] },
    };
    log.answered(fields, variables, { ...nobody, identity }, result);
    await log.stop();
    expect(
      store.entries.map(({ action, result: told, arguments: given }) => [action, told, JSON.parse(given)]),
    ).toEqual([
      ['createSession', 'OK', { username: 'ann', password: '[redacted]' }],
      ['saveUser', 'FORBIDDEN', { input: { username: 'bob', password: '[redacted]', scopes: ['admin'] } }],
      ['cancelOrder', 'OrderRejection', { orderId: '7' }],
    ]);
    expect(store.entries[0]).toMatchObject({
      userId: 'ann',
      credentialKind: 'API_KEY',
      credentialId: 'k1',
      address: '127.0.0.1',
    });
    expect(JSON.stringify(store.entries)).not.toContain('hunter2');
    // What the log asked for is not what the client asked for.
    expect(result.data.cancelOrder).toEqual({});
  });

  it('takes no result from who asks: neither by the name of its own question, nor for what a directive left out', async () => {
    const store = new Kept();
    const router = await startRouter({ auditStore: store });
    const send = async (query: string) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${router.url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { errors?: { extensions: { code: string } }[] };
    };
    try {
      const forged = await send(
        'mutation { reprice(sku: "A", price: "1") { ...F } } fragment F on Item { __answerType: sku }',
      );
      expect(forged.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect((await send('mutation { dawdle(ms: 0) @skip(if: true) __typename }')).errors).toBeUndefined();
      await send(`mutation { ${'x'.repeat(5_000)} }`);
    } finally {
      await router.stop();
    }
    expect(store.entries.map(({ action, result }) => [action, result])).toEqual([
      ['reprice', 'GRAPHQL_VALIDATION_FAILED'],
      ['dawdle', 'SKIPPED'],
      ['x'.repeat(100), 'GRAPHQL_VALIDATION_FAILED'],
    ]);
  });

  it('counts the types of a list, and cuts long arguments', async () => {
    const store = new Kept();
    const log = new AuditLog({ store, maxWaiting: 100, whenFull: 'drop', log: silent });
    const answers = ['PlaceOrderSuccess', 'OrderRejection', 'PlaceOrderSuccess'].map((__answerType) => ({
      __answerType,
    }));
    log.answered(
      fieldsOf('mutation ($i: [X!]!) { placeOrders(inputs: $i) { x } }'),
      { i: ['y'.repeat(9_000)] },
      nobody,
      {
        data: { placeOrders: answers },
      },
    );
    await log.stop();
    expect(store.entries[0]?.result).toBe('PlaceOrderSuccess×2, OrderRejection×1');
    const given = JSON.parse(store.entries[0]?.arguments ?? '');
    expect(given.length).toBe(JSON.stringify({ inputs: ['y'.repeat(9_000)] }).length);
    expect(given.beginning).toHaveLength(MAX_ARGUMENTS_LENGTH);
  });

  it('writes down that arguments are nested too deeply, and goes on', async () => {
    const store = new Kept();
    const log = new AuditLog({ store, maxWaiting: 100, whenFull: 'drop', log: silent });
    const deep = JSON.parse(`${'['.repeat(49_000)}${']'.repeat(49_000)}`);
    log.refused(fieldsOf('mutation ($i: X) { placeOrder(input: $i) { x } }'), { i: deep }, nobody, 'BAD_USER_INPUT');
    log.refused(fieldsOf('mutation { logout }'), undefined, nobody, 'UNAUTHENTICATED');
    await log.stop();
    expect(store.entries.map(({ arguments: given }) => given)).toEqual(['{"unreadable":"nested too deeply"}', '{}']);
  });

  it('waits for a store that is away, in order, leaves out what no longer fits, and tells how much', async () => {
    const store = new Kept();
    store.away = true;
    const log = new AuditLog({ store, maxWaiting: 10, whenFull: 'drop', log: silent });
    const fields = fieldsOf('mutation { logout }');
    for (let n = 0; n < 25; n += 1) log.refused(fields, undefined, { ...nobody, requestId: String(n) }, 'FORBIDDEN');
    expect(log.waiting).toBe(10);
    expect(log.refuses).toBe(false);
    store.away = false;
    await log.stop();
    expect(store.entries.slice(0, 10).map(({ requestId }) => requestId)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
    ]);
    expect(store.entries.slice(10)).toMatchObject([{ action: 'audit', result: 'ENTRIES_MISSING' }]);
    expect(JSON.parse(store.entries[10]?.arguments ?? '')).toMatchObject({ count: 15 });
    expect(log.counts).toEqual({ written: 11, dropped: 15 });
  });

  it('refuses mutations instead where that is wanted, and takes them again with the store', async () => {
    const store = new Kept();
    store.away = true;
    const router = await startRouter({ auditStore: store, auditWhenFull: 'refuse', limits: { maxAuditEntries: 100 } });
    try {
      const token = await signToken('ann');
      const send = async (query: string) => {
        const response = await fetch(`${router.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query }),
        });
        return (await response.json()) as { errors?: { extensions: { code: string } }[] };
      };
      const mutation = 'mutation { dawdle(ms: 0) }';
      let answer = await send(mutation);
      for (let n = 0; n < 150 && answer.errors?.[0]?.extensions.code !== 'AUDIT_UNAVAILABLE'; n += 1)
        answer = await send(mutation);
      expect(answer.errors?.[0]?.extensions.code).toBe('AUDIT_UNAVAILABLE');
      expect((await send('{ __typename }')).errors).toBeUndefined();
      store.away = false;
      while ((await send(mutation)).errors?.[0]?.extensions.code === 'AUDIT_UNAVAILABLE')
        await new Promise((done) => setTimeout(done, 20));
    } finally {
      await router.stop();
    }
    expect(store.entries.length).toBeGreaterThan(100);
  });

  it('writes what was refused by a limit, before or after it was read, and by a rate', async () => {
    const store = new Kept();
    const router = await startRouter({ auditStore: store, rates: { mutations: 2 } });
    const send = (query: string) =>
      fetch(`${router.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
    try {
      await send(`mutation { ${'a: dawdle(ms: 0) '.repeat(11)} }`);
      await send('mutation { nothingOfTheKind(password: "x") }');
      for (let n = 0; n < 4; n += 1) await send('mutation { dawdle(ms: 0) }');
    } finally {
      await router.stop();
    }
    const results = store.entries.map(({ action, result }) => `${action} ${result}`);
    expect(results).toContain('dawdle LIMIT_EXCEEDED');
    expect(results).toContain('nothingOfTheKind GRAPHQL_VALIDATION_FAILED');
    expect(results).toContain('dawdle RATE_LIMITED');
    expect(store.entries.find(({ action }) => action === 'nothingOfTheKind')?.arguments).toBe(
      '{"password":"[redacted]"}',
    );
  });
});
