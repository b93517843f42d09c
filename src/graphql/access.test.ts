import type { AccountEntry } from '../core/exchange/reference-data.js';
import { NO_LIMITS } from '../core/exchange/reference-data.js';
import { authChecker, canReadAccount, canTradeAccount, requireIdentity, requireScope } from './authorization.js';
import type { Identity, RequestContext, Scope } from './context.js';
import { createRequestLoader } from './loaders.js';
import { checkPageSize, toConnection } from './page.js';

const as = (userId: string, ...scopes: Scope[]): Identity => ({ userId, scopes: new Set(scopes) });
const asking = (identity: Identity | null): RequestContext => ({ identity, requestId: 'r' });
const account: AccountEntry = {
  account: 1,
  accountId: 'A',
  name: 'A',
  ownerId: 'ann',
  kind: 'CASH',
  limits: NO_LIMITS,
  symbolLimits: new Map(),
  tier: null,
  state: 'ACTIVE',
  killSwitch: false,
};

describe('access to an account', () => {
  it.each<[string, Identity, boolean, boolean]>([
    ['its owner who may trade', as('ann', 'orders:write', 'orders:read'), true, true],
    ['its owner who may only read', as('ann', 'orders:read'), true, false],
    ['another trader', as('bob', 'orders:write', 'orders:read', 'risk:read', 'accounts:read'), false, false],
    ['a risk officer', as('rob', 'risk:write'), true, false],
    ['an administrator', as('ada', 'admin', 'orders:write'), true, false],
  ])('%s', (_who, identity, mayRead, mayTrade) => {
    expect(canReadAccount(identity, account)).toBe(mayRead);
    expect(canTradeAccount(identity, account)).toBe(mayTrade);
  });
});

describe('scopes', () => {
  it('are asked of somebody: nobody is UNAUTHENTICATED, whoever lacks them FORBIDDEN', () => {
    expect(() => requireIdentity(asking(null))).toThrow(
      expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } }),
    );
    const check = () => requireScope(asking(as('ann', 'orders:read')), 'orders:write', 'admin');
    expect(check).toThrow(/scope orders:write or admin/);
    expect(check).toThrow(expect.objectContaining({ extensions: { code: 'FORBIDDEN' } }));
    expect(requireScope(asking(as('ann', 'orders:read')), 'orders:write', 'orders:read').userId).toBe('ann');
  });

  it('guard the schema by the same rule', () => {
    const data = (identity: Identity | null) => ({ root: {}, args: {}, context: asking(identity), info: {} as never });
    expect(() => authChecker(data(null), [])).toThrow();
    expect(() => authChecker(data(as('ann')), ['admin'])).toThrow();
    expect(authChecker(data(as('ann')), [])).toBe(true);
    expect(authChecker(data(as('ada', 'admin')), ['risk:write', 'admin'])).toBe(true);
  });
});

describe('a request loader', () => {
  it('gathers the keys of a tick, each once, and keeps nothing beyond', async () => {
    const calls: (readonly number[])[] = [];
    const loaderOf = createRequestLoader<number, number>((keys) => {
      calls.push([...keys]);
      return Promise.resolve(keys.map((key) => key * 10 + calls.length));
    });
    const context = asking(null);
    const loader = loaderOf(context);
    expect(await Promise.all([loader.load(1), loader.load(2), loader.load(1)])).toEqual([11, 21, 11]);
    expect(await loaderOf(context).load(1)).toBe(12);
    expect(calls).toEqual([[1, 2], [1]]);
  });

  it('belongs to one request, and splits batches beyond its bound', async () => {
    const sizes: number[] = [];
    const loaderOf = createRequestLoader<number, number>((keys) => {
      sizes.push(keys.length);
      return Promise.resolve([...keys]);
    });
    expect(loaderOf(asking(null))).not.toBe(loaderOf(asking(null)));
    await loaderOf(asking(null)).loadMany(Array.from({ length: 501 }, (_, key) => key));
    expect(sizes).toEqual([500, 1]);
  });
});

describe('a page', () => {
  it.each([0, -1, 501, 1.5])('of %p rows is LIMIT_EXCEEDED, naming argument and limit', (first) => {
    expect(() => checkPageSize(first)).toThrow(
      expect.objectContaining({ extensions: { code: 'LIMIT_EXCEEDED', field: 'first', limit: 500 } }),
    );
  });

  it('shows as many rows as were asked for and says whether more follow', () => {
    const build = (rows: number[], isFirst: boolean) => toConnection(rows, 2, isFirst, String, (row) => row);
    expect(build([1, 2, 3], true)).toEqual({
      edges: [
        { cursor: '1', node: 1 },
        { cursor: '2', node: 2 },
      ],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: '1', endCursor: '2' },
    });
    expect(build([3], false).pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true, endCursor: '3' });
    expect(build([], true).pageInfo).toMatchObject({ startCursor: null, endCursor: null });
  });
});
