import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import { type RequestContext, SCOPES } from '../../src/graphql/context.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { History } from '../../src/ports/history.js';
import { RecordedHistory } from '../../src/testing/recorded-history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { createMarketDataSubgraph } from './subgraph.js';

const PUBLIC: RequestContext = { identity: null, requestId: 'test' };
const ADMIN: RequestContext = {
  identity: { userId: 'admin', scopes: new Set(SCOPES) },
  requestId: 'test',
};
const FIELDS = 'symbol kind ended px qty imbalanceQty imbalanceSide';
const HOURS = { preOpen: '08:00', openingAuction: '08:50', open: '09:00', closingAuction: '17:30', close: '17:35' };

describe('auctions and sessions of the market data subgraph', () => {
  let venue: TestVenue;
  let subgraph: Subgraph;

  beforeEach(async () => {
    venue = new TestVenue();
    venue.open(['alice', 'bob']);
    const history = new RecordedHistory(venue.events) as unknown as History;
    subgraph = await createMarketDataSubgraph({ engine: venue, feed: venue, history });
    await subgraph.start();
  });

  afterEach(() => subgraph.stop());

  async function run(source: string, variableValues: Record<string, unknown> = {}, contextValue = ADMIN) {
    const result = await execute({ schema: subgraph.schema, document: parse(source), variableValues, contextValue });
    return JSON.parse(JSON.stringify(result)) as {
      // biome-ignore lint/suspicious/noExplicitAny: shaped by each test's own document
      data: any;
      errors?: { message: string; extensions: { code: string; field?: string } }[];
    };
  }

  async function open(source: string) {
    const result = await subscribe({ schema: subgraph.schema, document: parse(source), contextValue: PUBLIC });
    if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result.errors));
    const stream = result as AsyncGenerator<ExecutionResult>;
    return {
      next: async () => JSON.parse(JSON.stringify(Object.values((await stream.next()).value.data as object)[0])),
      close: () => stream.return(undefined),
    };
  }

  const status = (phase: string, auction: string | null = null) =>
    run(
      `mutation ($status: TradingStatus!, $auction: AuctionKind) {
        setTradingStatus(symbol: "KO", status: $status, auction: $auction, reason: "test") { tradingStatus session { phase auction } }
      }`,
      { status: phase, auction },
    );

  it('tells an auction from its begin over each indicative price to what traded', async () => {
    const auctions = await open(`subscription { auction(symbols: ["KO", "PEP"]) { ${FIELDS} } }`);
    expect((await status('AUCTION')).data.setTradingStatus.session).toEqual({ phase: 'AUCTION', auction: 'INTRADAY' });
    const nothing = {
      symbol: 'KO',
      kind: 'INTRADAY',
      ended: false,
      px: null,
      qty: '0',
      imbalanceQty: '0',
      imbalanceSide: null,
    };
    expect(await auctions.next()).toEqual(nothing);
    venue.place(1, 0, 'BUY', 10, 6100);
    venue.place(2, 0, 'SELL', 4, 5900);
    const indicative = { ...nothing, px: '60.00', qty: '4', imbalanceQty: '6', imbalanceSide: 'BUY' };
    expect(await auctions.next()).toEqual(indicative);
    const asked = await run(`{ instrument(symbol: "KO") { auction { ${FIELDS} } } }`, {}, PUBLIC);
    expect(asked.data.instrument.auction).toEqual(indicative);
    const late = await open(`subscription { auction(symbols: ["KO"]) { ${FIELDS} } }`);
    expect(await late.next()).toEqual(indicative);
    await status('OPEN');
    expect(await auctions.next()).toEqual({ ...indicative, ended: true });
    expect((await run('{ instrument(symbol: "KO") { auction { px } } }')).data.instrument.auction).toBeNull();
    await Promise.all([auctions.close(), late.close()]);
  });

  it('keeps the auction over a restart of its view', async () => {
    await status('AUCTION', 'CLOSING');
    venue.place(1, 0, 'BUY', 10, 6100);
    venue.place(2, 0, 'SELL', 10, 5900);
    venue.resync();
    const { data } = await run(`{ instrument(symbol: "KO") { tradingStatus auction { ${FIELDS} } } }`);
    expect(data.instrument).toMatchObject({
      tradingStatus: 'AUCTION',
      auction: { kind: 'CLOSING', px: '60.00', qty: '10' },
    });
  });

  it('refuses what a phase does not allow, naming the field', async () => {
    expect((await status('PRE_OPEN')).errors?.[0]?.message).toMatch(/can't go from OPEN to PRE_OPEN/);
    expect((await status('OPEN', 'CLOSING')).errors?.[0]?.message).toMatch(/auction/);
    expect((await status('AUCTION', 'OPENING')).errors?.[0]?.message).toMatch(/opened already/);
  });

  it('shows the session, its calendar and the next transition', async () => {
    const calendar = {
      timeZone: 'Europe/Berlin',
      weekdays: ['MONDAY', 'FRIDAY'],
      hours: HOURS,
      holidays: ['2026-01-05'],
      halfDays: [{ date: '2026-01-02', close: '13:00' }],
    };
    const set = `mutation ($calendar: TradingCalendarInput) {
      setTradingCalendar(symbol: "KO", calendar: $calendar) {
        session { phase nextPhase nextTransitionAt calendar { timeZone weekdays hours { preOpen open close } holidays halfDays { date closingAuction close } } }
      }
    }`;
    const { data } = await run(set, { calendar });
    expect(data.setTradingCalendar.session).toMatchObject({
      phase: 'OPEN',
      nextPhase: 'PRE_OPEN',
      nextTransitionAt: '2026-01-02T07:00:00.000000Z',
      calendar: {
        timeZone: 'Europe/Berlin',
        holidays: ['2026-01-05'],
        halfDays: [{ closingAuction: null, close: '13:00' }],
      },
    });
    expect((await run(set, { calendar: null })).data.setTradingCalendar.session).toMatchObject({
      nextTransitionAt: null,
      calendar: null,
    });
    const wrong = await run(set, { calendar: { ...calendar, hours: { ...HOURS, close: '08:00' } } });
    expect(wrong.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(wrong.errors?.[0]?.message).toMatch(/close/);
  });

  it('lets nobody without the scope set a calendar', async () => {
    const { errors } = await run('mutation { setTradingCalendar(symbol: "KO") { symbol } }', {}, PUBLIC);
    expect(errors?.[0]?.extensions.code).toMatch(/UNAUTHENTICATED|FORBIDDEN/);
  });
});
