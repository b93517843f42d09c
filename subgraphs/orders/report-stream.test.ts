import fc from 'fast-check';
import { type ExecutionReportFields, executionReportsOf } from '../../src/core/exchange/execution-report.js';
import { decodeStreamCursor } from '../../src/graphql/cursor.js';
import { type EventBatch, type EventFeed, HistoryUnavailableError } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import { TestVenue } from '../../src/testing/test-venue.js';
import { OrdersView } from './events.js';
import {
  openReportStream,
  type ReportStream,
  type ReportStreamItem,
  type ReportStreamOptions,
} from './services/report-stream.js';
import { place, RecordedOrders } from './testing/recorded-orders.js';
import { StreamGap } from './types/execution-report.js';

interface Rig {
  readonly venue: TestVenue;
  readonly view: OrdersView;
  readonly history: RecordedOrders;
  /** First event that the feed can still read. */
  journalFrom: number;
  readonly feed: EventFeed;
  open(options: Partial<ReportStreamOptions>): ReportStream;
}

async function rigOf(): Promise<Rig> {
  const venue = new TestVenue();
  venue.open(['ann', 'bob']);
  const view = new OrdersView();
  const history = new RecordedOrders(venue.events);
  await venue.follow(view);
  const rig: Rig = {
    venue,
    view,
    history,
    journalFrom: 1,
    feed: {
      get lastSequence() {
        return venue.lastSequence;
      },
      follow: (consumer) => venue.follow(consumer),
      async *read(after: number, through: number): AsyncIterable<EventBatch> {
        if (after + 1 < rig.journalFrom) throw new HistoryUnavailableError(rig.journalFrom);
        yield* venue.read(after, through);
      },
    },
    open: (options) => {
      const complete = { account: 1, execType: null, after: null, ...options };
      return openReportStream(view, rig.feed, history as unknown as History, complete);
    },
  };
  return rig;
}

/** Both sides place one lot at one price by turns, so that every second order trades. */
function trade(venue: TestVenue, count: number): void {
  for (let index = 0; index < count; index += 1) {
    venue.nowUs += 1;
    venue.place(1 + (index % 2), 0, index % 2 === 0 ? 'BUY' : 'SELL', 1, 6000);
  }
}

function reportsOf(venue: TestVenue, account: number, execType: string | null = null): ExecutionReportFields[] {
  return venue.events
    .flatMap((event) => executionReportsOf(event))
    .filter((report) => report.account === account && (execType === null || report.execType === execType));
}

async function take(stream: ReportStream, count: number): Promise<ReportStreamItem[]> {
  const items: ReportStreamItem[] = [];
  while (items.length < count) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`the stream ended after ${items.length} of ${count} items`);
    items.push(value);
  }
  return items;
}

describe('a report stream', () => {
  it('without a cursor begins when it is opened, before it is first read', async () => {
    const rig = await rigOf();
    trade(rig.venue, 2);
    const stream = rig.open({});
    const before = reportsOf(rig.venue, 1).length;
    trade(rig.venue, 4);
    expect(await take(stream, 4)).toEqual(reportsOf(rig.venue, 1).slice(before));
    await stream.return();
  });

  it('gives both legs of a trade that an account made with itself', async () => {
    const rig = await rigOf();
    const stream = rig.open({ execType: 'TRADE' });
    rig.venue.place(1, 0, 'BUY', 1, 6000, { selfTradePrevention: 'NONE' });
    rig.venue.place(1, 0, 'SELL', 1, 6000, { selfTradePrevention: 'NONE' });
    const [maker, taker] = (await take(stream, 2)) as ExecutionReportFields[];
    expect([maker?.leg, taker?.leg, maker?.sequence]).toEqual([0, 1, taker?.sequence]);
    await stream.return();
    for (const reachable of [true, false]) {
      rig.history.reachable = reachable;
      const resumed = rig.open({ execType: 'TRADE', after: { sequence: maker?.sequence ?? 0, leg: 0 } });
      expect(await take(resumed, 1)).toEqual([taker]);
      await resumed.return();
    }
  });

  it('resumed behind any report gives each later one exactly once, whatever happens meanwhile', async () => {
    const arbitrary = fc.record({
      execType: fc.constantFrom(null, 'TRADE' as const),
      before: fc.integer({ min: 1, max: 60 }),
      after: fc.nat({ max: 1000 }),
      lag: fc.integer({ min: 0, max: 200 }),
      reachable: fc.boolean(),
      journal: fc.boolean(),
      maxLiveBuffer: fc.integer({ min: 1, max: 5 }),
      onRead: fc.integer({ min: 0, max: 3 }),
      acts: fc.array(fc.tuple(fc.constantFrom('trade', 'resync', 'burst', 'lag'), fc.integer({ min: 0, max: 4 }))),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async (plan) => {
        const rig = await rigOf();
        const { venue, history } = rig;
        trade(venue, plan.before);
        const known = reportsOf(venue, 1, plan.execType);
        const from = known.length === 0 ? -1 : plan.after % known.length;
        const last = known[from];
        const after =
          last === undefined ? { sequence: 0, leg: 1 as const } : { sequence: last.sequence, leg: last.leg };
        history.reached = Math.max(0, venue.events.length - plan.lag);
        history.reachable = plan.reachable;
        let reads = 0;
        history.onRead = () => {
          reads += 1;
          if (reads <= 3) trade(venue, plan.onRead);
        };
        // Where history is there, the journal may have let go of all that history holds.
        if (plan.journal && plan.reachable) rig.journalFrom = history.reached + 1;
        const stream = rig.open({ execType: plan.execType, after, maxLiveBuffer: plan.maxLiveBuffer });
        const received: ReportStreamItem[] = [];
        const owed = () => reportsOf(venue, 1, plan.execType).filter((report) => place(report) > place(after));
        for (const [act, count] of plan.acts) {
          if (act === 'trade') trade(venue, count);
          if (act === 'burst') trade(venue, count * 10);
          if (act === 'resync') venue.resync();
          if (act === 'lag') history.reached = Math.max(history.reached ?? 0, venue.events.length - count);
          const missing = owed().length - received.length;
          received.push(...(await take(stream, Math.min(missing, count))));
        }
        // Reading history moves the venue on.
        while (received.length < owed().length) received.push(...(await take(stream, 1)));
        expect(received).toEqual(owed());
        await stream.return();
        expect(rig.view.followedAccounts).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('serves a subscriber who never keeps up, from history again and again, with nothing lost', async () => {
    const rig = await rigOf();
    const stream = rig.open({ maxLiveBuffer: 2 });
    const received: ReportStreamItem[] = [];
    for (let round = 0; round < 30; round += 1) {
      trade(rig.venue, 10);
      received.push(...(await take(stream, 3)));
    }
    const owed = reportsOf(rig.venue, 1);
    received.push(...(await take(stream, owed.length - received.length)));
    expect(received).toEqual(owed);
    await stream.return();
  });

  it('closes a subscriber behind the bound that it set itself, which then resumes by its last cursor', async () => {
    const rig = await rigOf();
    const stream = rig.open({ maxLiveBuffer: 2, closeWhenBehind: true });
    trade(rig.venue, 12);
    const [, last] = (await take(stream, 2)) as ExecutionReportFields[];
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER', limit: 2 } });
    expect(rig.view.followedAccounts).toBe(0);
    const owed = reportsOf(rig.venue, 1);
    const resumed = rig.open({ after: { sequence: last?.sequence ?? 0, leg: last?.leg ?? 0 } });
    expect(await take(resumed, owed.length - 2)).toEqual(owed.slice(2));
    await resumed.return();
  });

  it('tells a gap, once, where neither history nor journal holds the events, and goes on behind it', async () => {
    const rig = await rigOf();
    const { venue } = rig;
    trade(venue, 6);
    const cursor = { sequence: reportsOf(venue, 1)[0]?.sequence ?? 0, leg: 0 as const };
    rig.history.reached = cursor.sequence;
    trade(venue, 6);
    rig.journalFrom = venue.events.length - 4;
    trade(venue, 4);
    const stream = rig.open({ after: cursor });
    const [gap, ...rest] = await take(
      stream,
      1 + reportsOf(venue, 1).filter(({ sequence }) => sequence >= rig.journalFrom).length,
    );
    expect(gap).toBeInstanceOf(StreamGap);
    const told = gap as StreamGap;
    expect(decodeStreamCursor(told.after ?? '')).toEqual({ sequence: cursor.sequence, leg: 1 });
    expect(decodeStreamCursor(told.cursor)).toEqual({ sequence: rig.journalFrom - 1, leg: 1 });
    expect(told.reason).toMatch(/no longer kept/);
    expect(rest).toEqual(reportsOf(venue, 1).filter(({ sequence }) => sequence >= rig.journalFrom));
    await stream.return();
  });

  it('tells no gap while the database is away: an error now loses nothing', async () => {
    const rig = await rigOf();
    trade(rig.venue, 6);
    rig.history.reachable = false;
    rig.journalFrom = rig.venue.events.length;
    const stream = rig.open({ after: { sequence: 1, leg: 0 } });
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'HISTORY_UNAVAILABLE' } });
    expect(rig.view.followedAccounts).toBe(0);
  });

  it('follows nobody once its subscriber left, also in the middle of waiting or of catching up', async () => {
    const rig = await rigOf();
    trade(rig.venue, 600);
    const waiting = rig.open({});
    const next = waiting.next();
    await waiting.return();
    expect(await next).toEqual({ value: undefined, done: true });
    const unread = rig.open({});
    await unread.return();
    const catchingUp = rig.open({ after: { sequence: 1, leg: 0 } });
    await take(catchingUp, 5);
    await catchingUp.return();
    expect(await catchingUp.next()).toEqual({ value: undefined, done: true });
    expect(rig.view.followedAccounts).toBe(0);
  });

  it('waits for a cursor that another process gave before this one saw the event', async () => {
    const rig = await rigOf();
    trade(rig.venue, 2);
    const ahead = { sequence: rig.venue.events.length + 1, leg: 1 as const };
    const stream = rig.open({ after: ahead });
    const next = stream.next();
    trade(rig.venue, 4);
    expect((await next).value).toEqual(reportsOf(rig.venue, 1).find((report) => place(report) > place(ahead)));
    await stream.return();
  });

  it('refuses a cursor ahead of every event, naming `after`', async () => {
    const rig = await rigOf();
    const stream = rig.open({ after: { sequence: 10 ** 9, leg: 0 } });
    const next = stream.next();
    rig.view.stop();
    await expect(next).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'after' } });
  });
});
