import { graphql } from 'graphql';
import type { Identity, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { EngineUnavailableError } from '../../src/ports/engine-client.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import type { IdentityService } from './services/identity/identity.js';
import { createAccountsSubgraph } from './subgraph.js';

const as = (userId: string, ...scopes: Scope[]): Identity => ({ userId, scopes: new Set(scopes) });
const ANN = as('ann', 'accounts:read', 'orders:write');
const ADA = as('ada', 'admin', 'accounts:read', 'accounts:write');

/** Accounts are tested here; whoever signs in is tested with the started platform. */
const untouched = new Proxy({} as IdentityService, {
  get: (_target, key) => {
    throw new Error(`accounts touched identity.${String(key)}`);
  },
});

let venue: TestVenue;
let subgraph: Subgraph;

beforeEach(async () => {
  venue = new TestVenue();
  venue.open(['ann', 'bob']);
  subgraph = await createAccountsSubgraph({
    engine: venue,
    feed: venue,
    history: new RecordedHistory(venue.events),
    identity: untouched,
    audit: { page: () => Promise.reject(new Error('accounts touched the audit log')) },
  });
  await subgraph.start();
});
afterEach(async () => {
  await subgraph.stop();
});

async function ask(identity: Identity | null, source: string, variableValues: Record<string, unknown> = {}) {
  const contextValue = { identity, requestId: 'test' };
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what its test expects
  return (await graphql({ schema: subgraph.schema, source, variableValues, contextValue })) as any;
}
const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) => answer.errors?.[0]?.extensions.code;

const ACCOUNT = 'query($id: ID!) { account(id: $id) { id name balances { currency total available held } } }';
const ADJUST = `mutation($input: AdjustBalanceInput!) { adjustBalance(input: $input) {
  __typename
  ... on AdjustBalanceSuccess { duplicate account { id } balance { currency total available held } }
  ... on AdjustBalanceRejection { reason text }
} }`;
const OPEN = 'mutation($input: OpenAccountInput!) { openAccount(input: $input) { id name balances { currency } } }';

describe('an account', () => {
  it('shows its balances exactly, with what working orders hold', async () => {
    venue.place(1, 0, 'BUY', 10, 6000);
    const { data } = await ask(ANN, ACCOUNT, { id: 'ann' });
    expect(data.account).toEqual({
      id: 'ann',
      name: 'ann',
      balances: [
        { currency: 'USD', total: '10000000.000000', available: '9999399.700000', held: '600.300000' },
        { currency: 'KO', total: '10000.00000000', available: '10000.00000000', held: '0.00000000' },
        { currency: 'PEP', total: '10000.00000000', available: '10000.00000000', held: '0.00000000' },
      ],
    });
  });

  it('follows trades, fees included, and reads the same from an image', async () => {
    venue.place(1, 0, 'BUY', 10, 6000);
    venue.place(2, 0, 'SELL', 10, 6000);
    const live = (await ask(ADA, '{ accounts { id balances { currency total held } } }')).data.accounts;
    expect(live[0]).toEqual({ id: 'VENUE', balances: [{ currency: 'USD', total: '0.300000', held: '0.000000' }] });
    venue.resync();
    expect((await ask(ADA, '{ accounts { id balances { currency total held } } }')).data.accounts).toEqual(live);
  });

  it('is seen by its owner, risk officers and administrators; for others it does not exist', async () => {
    const seen = async (identity: Identity) => (await ask(identity, ACCOUNT, { id: 'ann' })).data.account?.id ?? null;
    expect(await seen(ANN)).toBe('ann');
    expect(await seen(as('rob', 'accounts:read', 'risk:write'))).toBe('ann');
    expect(await seen(as('bob', 'accounts:read', 'risk:read'))).toBeNull();
    const listed = async (identity: Identity) =>
      (await ask(identity, '{ accounts { id } }')).data.accounts.map(({ id }: { id: string }) => id);
    expect(await listed(ANN)).toEqual(['ann']);
    expect(await listed(ADA)).toEqual(['VENUE', 'ann', 'bob']);
    expect(codeOf(await ask(null, '{ accounts { id } }'))).toBe('UNAUTHENTICATED');
    expect(codeOf(await ask(as('ann', 'market:read'), '{ accounts { id } }'))).toBe('FORBIDDEN');
  });

  it('is guarded alike in the entity lookup of the gateway', async () => {
    const query = 'query($r: [_Any!]!) { _entities(representations: $r) { ... on Account { name } } }';
    const lookup = (identity: Identity | null) => ask(identity, query, { r: [{ __typename: 'Account', id: 'ann' }] });
    expect((await lookup(ANN)).data._entities).toEqual([{ name: 'ann' }]);
    expect((await lookup(as('bob', 'accounts:read'))).data._entities).toEqual([null]);
    expect(codeOf(await lookup(null))).toBe('UNAUTHENTICATED');
  });
});

describe('opening an account', () => {
  const input = { id: 'ACC-3', name: 'Third', ownerId: 'cat' };

  it('answers it at once; again with the same input gives the same, with other input is refused', async () => {
    expect((await ask(ADA, OPEN, { input })).data.openAccount).toEqual({ id: 'ACC-3', name: 'Third', balances: [] });
    const commands = venue.exchange.commandSequence;
    expect((await ask(ADA, OPEN, { input })).data.openAccount.id).toBe('ACC-3');
    expect(venue.exchange.commandSequence).toBe(commands);
    const other = await ask(ADA, OPEN, { input: { ...input, ownerId: 'dan' } });
    expect(other.errors[0].message).toMatch(/ACC-3 is open already/);
    expect((await ask(as('cat', 'accounts:read'), ACCOUNT, { id: 'ACC-3' })).data.account.name).toBe('Third');
  });

  it.each([
    [{ id: 'a b' }, 'BAD_USER_INPUT', 'input.id'],
    [{ id: 'x'.repeat(65) }, 'BAD_USER_INPUT', 'input.id'],
    [{ id: 'ａ' }, 'BAD_USER_INPUT', 'input.id'],
    [{ name: ' ' }, 'BAD_USER_INPUT', 'input.name'],
    [{ name: 'x'.repeat(201) }, 'LIMIT_EXCEEDED', 'input.name'],
    [{ ownerId: '' }, 'BAD_USER_INPUT', 'input.ownerId'],
  ])('refuses %j, naming the field', async (change, code, field) => {
    const { errors } = await ask(ADA, OPEN, { input: { ...input, ...change } });
    expect(errors[0].extensions).toMatchObject({ code, field });
  });

  it('needs scope accounts:write or admin', async () => {
    expect(codeOf(await ask(ANN, OPEN, { input }))).toBe('FORBIDDEN');
    expect(codeOf(await ask(as('acc', 'accounts:write'), OPEN, { input }))).toBeUndefined();
    expect(codeOf(await ask(null, OPEN, { input }))).toBe('UNAUTHENTICATED');
  });
});

describe('adjusting a balance', () => {
  const input = { accountId: 'ann', currency: 'USD', amount: '-0.000001', transferId: 't-1' };
  const adjust = async (change: Record<string, unknown> = {}) => {
    const { data, errors } = await ask(ADA, ADJUST, { input: { ...input, ...change } });
    expect(errors).toBeUndefined();
    return data.adjustBalance;
  };

  it('moves exactly the amount, once for each transferId', async () => {
    const balance = { currency: 'USD', total: '9999999.999999', available: '9999999.999999', held: '0.000000' };
    expect(await adjust()).toEqual({
      __typename: 'AdjustBalanceSuccess',
      duplicate: false,
      account: { id: 'ann' },
      balance,
    });
    expect(await adjust()).toMatchObject({ duplicate: true, balance });
    expect(await adjust({ amount: '1' })).toMatchObject({ reason: 'DUPLICATE_CL_ORD_ID' });
  });

  it('takes the last unit and shows 0, and refuses to take what is held, with the figures', async () => {
    venue.place(1, 0, 'SELL', 1, 6000);
    const refused = await adjust({ currency: 'KO', amount: '-10000' });
    expect(refused).toMatchObject({ reason: 'INSUFFICIENT_FUNDS' });
    expect(refused.text).toMatch(/available 9999\.00000000 KO, needed 10000\.00000000 KO/);
    expect(await adjust({ currency: 'PEP', amount: '-10000' })).toMatchObject({ balance: { total: '0.00000000' } });
  });

  it.each([
    [{ accountId: 'nobody' }, 'NOT_FOUND', 'input.accountId', /"nobody"/],
    [{ currency: 'EUR' }, 'BAD_USER_INPUT', 'input.currency', /there are USD, KO, PEP/],
    [{ amount: '0' }, 'BAD_USER_INPUT', 'input.amount', /is 0/],
    [{ amount: '0.0000001' }, 'BAD_USER_INPUT', 'input.amount', /6 decimals of USD/],
    [{ amount: '9'.repeat(40) }, 'BAD_USER_INPUT', 'input.amount', /at most 9007199254\.740991 USD/],
    [{ transferId: '' }, 'BAD_USER_INPUT', 'input.transferId', /1 to 64/],
    [{ transferId: 'x'.repeat(65) }, 'BAD_USER_INPUT', 'input.transferId', /1 to 64/],
  ])('refuses %j, naming field and limit', async (change, code, field, message) => {
    const commands = venue.exchange.commandSequence;
    const { errors } = await ask(ADA, ADJUST, { input: { ...input, ...change } });
    expect(errors[0].extensions).toMatchObject({ code, field });
    expect(errors[0].message).toMatch(message);
    expect(venue.exchange.commandSequence).toBe(commands);
  });

  it('is an administrator’s, and says so when the engine is not there', async () => {
    expect(codeOf(await ask(ANN, ADJUST, { input }))).toBe('FORBIDDEN');
    const engine = { submit: () => Promise.reject(new EngineUnavailableError('stopping')) };
    await subgraph.stop();
    subgraph = await createAccountsSubgraph({
      engine,
      feed: venue,
      history: new RecordedHistory(venue.events),
      identity: untouched,
      audit: { page: () => Promise.reject(new Error('accounts touched the audit log')) },
    });
    await subgraph.start();
    expect(codeOf(await ask(ADA, ADJUST, { input }))).toBe('ENGINE_UNAVAILABLE');
  });
});

describe('a ledger', () => {
  const LEDGER = `query($id: ID!, $first: Int, $after: String) { account(id: $id) { ledger(first: $first, after: $after) {
    edges { cursor node { kind currency amount tradeId transferId } } pageInfo { hasNextPage endCursor } } } }`;
  const entriesOf = async (identity: Identity, id: string) =>
    (await ask(identity, LEDGER, { id })).data.account.ledger.edges.map(({ node }: { node: object }) => node);

  it('tells every movement by page to its owner, and both sides of it to an administrator', async () => {
    venue.place(1, 0, 'SELL', 10, 6000);
    venue.place(2, 0, 'BUY', 10, 6000);
    const own = await entriesOf(ANN, 'ann');
    expect(own.slice(-2)).toMatchObject([
      { kind: 'TRADE', currency: 'KO', amount: '-10.00000000', tradeId: '1', transferId: null },
      { kind: 'TRADE', currency: 'USD', amount: '600.000000', tradeId: '1' },
    ]);
    expect(own[0]).toMatchObject({ kind: 'DEPOSIT', tradeId: null });
    expect((await entriesOf(ADA, 'bob')).slice(-3)).toMatchObject([
      { currency: 'KO', amount: '10.00000000' },
      { currency: 'USD', amount: '-600.000000' },
      { kind: 'FEE', currency: 'USD', amount: '-0.300000' },
    ]);
    expect(await entriesOf(ADA, 'VENUE')).toMatchObject([{ kind: 'FEE', currency: 'USD', amount: '0.300000' }]);
    const pages: object[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      // biome-ignore lint/suspicious/noExplicitAny: plain data of the answer
      const { edges, pageInfo }: any = (await ask(ANN, LEDGER, { id: 'ann', first: 2, after })).data.account.ledger;
      pages.push(...edges.map(({ node }: { node: object }) => node));
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(pages).toEqual(own);
  });

  it('is nobody else’s, and refuses pages and cursors that are none', async () => {
    expect((await ask(as('bob', 'accounts:read'), LEDGER, { id: 'ann' })).data.account).toBeNull();
    expect(codeOf(await ask(null, LEDGER, { id: 'ann' }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await ask(ANN, LEDGER, { id: 'ann', first: 501 }))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await ask(ANN, LEDGER, { id: 'ann', first: 0 }))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await ask(ANN, LEDGER, { id: 'ann', after: 'x' }))).toBe('BAD_USER_INPUT');
  });
});
