/** The subgraph over the real exchange, projector and database: what the other tests take from an oracle. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphql, parse, subscribe } from 'graphql';
import { type Database, openDatabase } from '../../src/adapters/postgres/index.js';
import { executionReportsOf } from '../../src/core/exchange/execution-report.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import { createProjector, type Projector } from '../../src/read-model/projector.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createOrdersSubgraph } from './subgraph.js';
import { ANN, type Answer, anInput, PLACE } from './testing/orders-kit.js';

let directory: string;
let database: Database;
let projector: Projector;
let subgraph: Subgraph;
const venue = new TestVenue();
const contextValue = { identity: ANN, requestId: 'test' };

async function ask(source: string, variableValues: Record<string, unknown> = {}) {
  const answer = await graphql({ schema: subgraph.schema, source, variableValues, contextValue });
  expect(answer.errors).toBeUndefined();
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what its test expects
  return answer.data as any;
}

/** Another subgraph over the same venue and database, as after a restart. */
async function restart(): Promise<void> {
  await subgraph?.stop();
  subgraph = await createOrdersSubgraph(
    { engine: venue, engineQueries: venue, feed: venue, history: database.history },
    { maxFinishedOrders: 3 },
  );
  await subgraph.start();
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-orders-'));
  database = await openDatabase({ url: null, dataDir: directory, log: () => undefined });
  venue.open(['ann', 'bob']);
  projector = createProjector({ feed: venue, store: database.readModelStore, log: () => undefined });
  projector.start();
  await restart();
}, 60_000);
afterAll(async () => {
  await subgraph?.stop();
  await projector?.stop();
  await database?.stop();
  await rm(directory, { recursive: true, force: true });
});

const place = async (over: Record<string, unknown> = {}) => (await ask(PLACE, { input: anInput(over) })).placeOrder;

describe('over the database', () => {
  it('the first result comes again after a restart: fills, and a rejection with its arithmetic', async () => {
    venue.place(2, 0, 'SELL', 4, 6000);
    const filled = await place({ orderQty: '4', clOrdId: 'filled' });
    const refused = await place({ orderQty: '400000', price: '10000.00', clOrdId: 'refused' });
    expect(filled.order.ordStatus).toBe('FILLED');
    // Of the rules the one that refused is kept.
    const failed = refused.riskChecks.filter(({ passed }: { passed?: boolean }) => passed === false);
    expect(failed).toHaveLength(1);
    await restart();
    expect(await place({ orderQty: '4', clOrdId: 'filled' })).toEqual({ ...filled, duplicate: true });
    expect(await place({ orderQty: '400000', price: '10000.00', clOrdId: 'refused' })).toEqual({
      ...refused,
      riskChecks: failed,
    });
    expect((await place({ clOrdId: 'refused' })).ordRejReason).toBe('DUPLICATE_CL_ORD_ID');
    const named = await ask('{ orderByClOrdId(accountId: "ann", clOrdId: "refused") { id ordRejReason } }');
    expect(named.orderByClOrdId).toEqual({ id: refused.refused.id, ordRejReason: 'INSUFFICIENT_FUNDS' });
  });

  it('lists page through memory and tables without a break, each order with all of its reports', async () => {
    for (let index = 0; index < 30; index += 1) {
      venue.nowUs += index % 2;
      venue.place(1, index % 2, 'BUY', 2, 5900 + index);
      if (index % 3 === 0) venue.place(2, index % 2, 'SELL', 1, 5000);
      if (index === 15) await restart();
    }
    const found: { id: string; executionReports: { edges: { node: { execId: string } }[] } }[] = [];
    let after: string | null = null;
    do {
      const query = `query($after: String) { orders(accountId: "ann", first: 4, after: $after) {
        edges { node { id executionReports { edges { node { execId } } } } } pageInfo { hasNextPage endCursor }
      } }`;
      const { orders } = await ask(query, { after });
      found.push(...orders.edges.map(({ node }: { node: (typeof found)[number] }) => node));
      after = orders.pageInfo.hasNextPage ? orders.pageInfo.endCursor : null;
    } while (after !== null);
    const reports = venue.events.flatMap((event) => executionReportsOf(event)).filter(({ account }) => account === 1);
    const told = new Map<string, string[]>();
    for (const { orderId, sequence, leg } of reports) {
      told.set(String(orderId), [...(told.get(String(orderId)) ?? []), `${sequence}-${leg}`]);
    }
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(told.keys()));
    expect(found).toHaveLength(told.size);
    for (const { id, executionReports } of found) {
      expect(executionReports.edges.map(({ node }) => node.execId)).toEqual(told.get(id));
    }
  });

  it('a stream resumed from its beginning gives each report once, through tables, feed and live', async () => {
    const cursor = Buffer.from('s:0:1').toString('base64url');
    const source = `subscription { executionReports(accountId: "ann", after: "${cursor}") { ... on ExecutionReport { execId } } }`;
    const stream = await subscribe({ schema: subgraph.schema, document: parse(source), contextValue });
    if (!(Symbol.asyncIterator in stream)) throw stream.errors?.[0] ?? new Error('no stream');
    const ids: unknown[] = [];
    const owed = () =>
      venue.events
        .flatMap((event) => executionReportsOf(event))
        .filter(({ account }) => account === 1)
        .map(({ sequence, leg }) => `${sequence}-${leg}`);
    for (let index = 0; index < 1200; index += 1) venue.place(1, 0, 'BUY', 1, 100 + index);
    while (ids.length < owed().length) {
      if (ids.length % 100 === 0 && ids.length < 1000) venue.place(1, 0, 'BUY', 1, 50);
      const { value } = await (stream as AsyncGenerator<Answer>).next();
      ids.push(value.data.executionReports.execId);
    }
    await stream.return(undefined);
    expect(ids).toEqual(owed());
  });
});
