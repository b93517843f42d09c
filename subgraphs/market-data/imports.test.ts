/** Imported market data through the subgraph: checked row by row, kept once, and met by the platform's own. */
import { type ExecutionResult, execute, parse } from 'graphql';
import type { RequestContext, Scope } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { describeImportedMarketData } from '../../src/ports/imported-market-data.contract.js';
import { RecordedImports } from '../../src/testing/imported-market-data.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

describeImportedMarketData('The double of tests', async () => new RecordedImports());

const IMPORT = `mutation ($input: ImportCandlesInput!) {
  importCandles(input: $input) { inserted updated unchanged refused { index field problem } }
}`;
const IMPORT_TRADES = `mutation ($input: ImportTradesInput!) {
  importTrades(input: $input) { inserted updated unchanged refused { index field } }
}`;
const CANDLES = `query ($first: Int, $after: String, $interval: CandleInterval = D1) { instrument(symbol: "KO") {
  candles(interval: $interval, first: $first, after: $after) {
    edges { node { openTime close volume vwap tradeCount closed source } } pageInfo { hasNextPage endCursor }
  }
} }`;

const as = (...scopes: Scope[]): RequestContext => ({
  identity: { userId: 'someone', scopes: new Set(scopes) },
  requestId: 'test',
});

interface Shown {
  readonly openTime: string;
  readonly close: string;
  readonly source: string;
}

describe('Imports', () => {
  let venue: TestVenue;
  let history: RecordedHistory;
  let imported: RecordedImports;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    history = new RecordedHistory(venue.events);
    imported = new RecordedImports();
    subgraph = await createMarketDataSubgraph({
      engine: venue,
      feed: venue,
      history: history as unknown as History,
      imported,
    });
    await subgraph.start();
  });
  afterEach(() => subgraph.stop());

  async function ask(source: string, variableValues = {}, contextValue = as('admin')): Promise<ExecutionResult> {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  const candle = (openTime: string, close = '60.50', change = {}) => ({
    openTime,
    open: '60.00',
    high: '61.00',
    low: '59.00',
    close,
    volume: '1000',
    ...change,
  });
  const input = (candles: object[], change = {}) => ({
    input: { symbol: 'KO', interval: 'D1', source: 'file', candles, ...change },
  });
  const pageOf = async (variables = {}) => {
    const { data, errors } = await ask(CANDLES, variables, { identity: null, requestId: 'test' });
    expect(errors).toBeUndefined();
    const { candles } = data!.instrument as {
      candles: { edges: { node: Shown }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    };
    return { nodes: candles.edges.map(({ node }) => node), ...candles.pageInfo };
  };
  const trade = (priceTicks: number) => {
    venue.place(1, 0, 'SELL', 3, priceTicks);
    venue.place(2, 0, 'BUY', 3, priceTicks);
  };

  it('stand beside the live candles under their source, in the intervals that have none', async () => {
    trade(6000);
    const rows = [
      candle('2025-12-31T05:00:00Z'),
      candle('2026-01-01T00:00:00Z'),
      candle('2026-01-02T23:59:59Z', '1.00', { low: '1.00' }),
    ];
    const { data } = await ask(IMPORT, input(rows));
    expect(data?.importCandles).toMatchObject({ inserted: 3, updated: 0, unchanged: 0, refused: [] });
    const { nodes } = await pageOf();
    expect(nodes).toMatchObject([
      {
        openTime: '2025-12-31T00:00:00.000000Z',
        close: '60.50',
        vwap: null,
        tradeCount: 0,
        closed: true,
        source: 'file',
      },
      { openTime: '2026-01-01T00:00:00.000000Z', source: 'file' },
      // The venue traded on that day: its own candle is the one that is shown.
      { openTime: '2026-01-02T00:00:00.000000Z', close: '60.00', volume: '3', tradeCount: 1, source: 'venue' },
    ]);
  });

  it('are paged through with the live ones, none missing and none twice', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => candle(new Date(Date.UTC(2025, 11, 1 + n)).toISOString()));
    await ask(IMPORT, input(rows.slice(0, 35).filter((_, n) => n % 3 !== 0)));
    for (let day = 0; day < 6; day += 1) {
      trade(6000 + day);
      venue.nowUs += 86_400_000_000;
    }
    const whole = (await pageOf({ first: 100 })).nodes;
    expect(whole.filter(({ source }) => source === 'venue')).toHaveLength(6);
    expect(new Set(whole.map(({ openTime }) => openTime)).size).toBe(whole.length);
    for (const first of [1, 2, 3, 7]) {
      const found: Shown[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const page = await pageOf({ first, after });
        found.push(...page.nodes);
        [after, more] = [page.endCursor, page.hasNextPage];
      }
      expect(found).toEqual(whole);
    }
  });

  it('leave one copy when they come twice, and tell what a correction changed', async () => {
    const rows = [candle('2025-12-01T00:00:00Z'), candle('2025-12-02T00:00:00Z')];
    await ask(IMPORT, input(rows));
    expect((await ask(IMPORT, input(rows))).data?.importCandles).toMatchObject({
      inserted: 0,
      updated: 0,
      unchanged: 2,
    });
    const corrected = [candle('2025-12-02T00:00:00Z', '60.75', { vwap: '60.333333', tradeCount: 12 })];
    expect((await ask(IMPORT, input(corrected))).data?.importCandles).toMatchObject({ updated: 1 });
    expect((await pageOf()).nodes[1]).toMatchObject({ close: '60.75', vwap: '60.333333', tradeCount: 12 });
  });

  it('name each row that is wrong and take the others', async () => {
    const rows = [
      candle('2025-12-01T00:00:00Z', '-60.50'),
      candle('2025-12-01T12:00:00Z'),
      candle('2025-12-01T13:00:00Z'),
      candle('2025-12-03T00:00:00Z', '62.00'),
      candle('2025-12-04T00:00:00Z', '58.00'),
      candle('2025-12-05T00:00:00Z', '60.50', { volume: '-1' }),
      candle('2025-12-06T00:00:00Z', '60.50', { open: '0' }),
      candle('2100-01-01T00:00:00Z'),
      candle('2025-12-08T00:00:00Z', '60.50', { vwap: '0' }),
    ];
    const { data } = await ask(IMPORT, input(rows));
    expect(data?.importCandles).toMatchObject({
      inserted: 1,
      refused: [
        { index: 0, field: 'close', problem: '-60.50 is not above 0' },
        { index: 2, field: 'openTime' },
        { index: 3, field: 'high' },
        { index: 4, field: 'low' },
        { index: 5, field: 'volume' },
        { index: 6, field: 'open' },
        { index: 7, field: 'openTime' },
        { index: 8, field: 'vwap' },
      ],
    });
  });

  it('keep the digits of their source, with those of the steps at least', async () => {
    const fine = candle('2025-12-01T00:00:00Z', '60.505', { open: '60', high: '60.6000', volume: '0.00000001' });
    await ask(IMPORT, input([fine]));
    const { data } = await ask(
      '{ instrument(symbol: "KO") { candles(interval: D1) { edges { node { open high low close volume } } } } }',
    );
    expect(data?.instrument).toMatchObject({
      candles: {
        edges: [{ node: { open: '60.00', high: '60.60', low: '59.00', close: '60.505', volume: '0.00000001' } }],
      },
    });
  });

  it('need scope admin, a listed symbol, a source with a name, and a bounded page', async () => {
    const rows = [candle('2025-12-01T00:00:00Z')];
    const codeOf = async (variables: object, context = as('admin')) =>
      (await ask(IMPORT, variables, context)).errors?.[0]?.extensions;
    expect(await codeOf(input(rows), { identity: null, requestId: 'test' })).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await codeOf(input(rows), as('orders:write', 'risk:write'))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await codeOf(input(rows, { symbol: 'NONE' }))).toMatchObject({ code: 'NOT_FOUND', field: 'input.symbol' });
    for (const source of ['', 'venue', 'Kraken', 'a b', 'x'.repeat(33)]) {
      expect(await codeOf(input(rows, { source }))).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.source' });
    }
    const many = Array.from({ length: 501 }, (_, n) => candle(new Date(Date.UTC(2020, 0, 1 + n)).toISOString()));
    expect(await codeOf(input(many))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 500 });
    expect(await codeOf(input(many.slice(1)))).toBeUndefined();
  });

  it('say that history cannot be read rather than leave candles out', async () => {
    imported.reachable = false;
    const { errors } = await ask(CANDLES);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
    const refused = await ask(IMPORT, input([candle('2025-12-01T00:00:00Z')]));
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'HISTORY_UNAVAILABLE' });
  });

  it('keep trades by source, time and id, and page through them newest first', async () => {
    const rows = Array.from({ length: 12 }, (_, n) => ({
      id: n % 2,
      time: new Date(Date.UTC(2025, 5, 1, 0, 0, n >> 1)).toISOString(),
      px: `${60 + n}.25`,
      qty: '2',
      aggressorSide: n % 2 === 0 ? 'BUY' : 'SELL',
    }));
    const bad = { id: 7, time: '2025-06-01T00:00:00Z', px: '60', qty: '0' };
    const trades = { input: { symbol: 'KO', source: 'kraken', trades: [...rows, bad] } };
    expect((await ask(IMPORT_TRADES, trades)).data?.importTrades).toMatchObject({
      inserted: 12,
      refused: [{ index: 12, field: 'qty' }],
    });
    expect((await ask(IMPORT_TRADES, trades)).data?.importTrades).toMatchObject({ inserted: 0, unchanged: 12 });
    const found: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await ask(
        `query ($after: String) { instrument(symbol: "KO") { importedTrades(source: "kraken", first: 5, after: $after) {
          edges { node { id px qty aggressorSide source transactTime } } pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
      const page = (
        data!.instrument as {
          importedTrades: { edges: { node: { px: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        }
      ).importedTrades;
      found.push(...page.edges.map(({ node }) => node.px));
      [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
    }
    expect(found).toEqual(rows.map(({ px }) => px).reverse());
  });
});
