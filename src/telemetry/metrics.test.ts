import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMAND_TYPES } from '../core/exchange/command-codec.js';
import { anOrder } from '../core/testing/fixtures.js';
import { type OpenEngine, openEngine, Recorder, setUpMarket, trade } from '../engine/testing/engine-kit.js';
import { streamCounters } from '../graphql/stream-counters.js';
import { BucketCounts } from './bucket-counts.js';
import { EventTally } from './event-tally.js';
import { createMetrics, type Metrics } from './metrics.js';

let directory: string;
let opened: OpenEngine;
let metrics: Metrics;
const tally = new EventTally();
const recorder = new Recorder();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tradsys-metrics-'));
  opened = await openEngine(directory);
  const { engine } = opened;
  metrics = createMetrics({
    engine: () => engine.status,
    tally,
    projector: () => ({ state: 'LIVE', throughSequence: 7, lag: 3 }),
    database: () => ({ ready: true, pools: [{ pool: 'history', active: 1, idle: 2, waiting: 0, max: 8 }] }),
    streams: streamCounters,
  });
  await setUpMarket(engine);
  await engine.feed.follow(tally);
  await engine.feed.follow(recorder);
  await trade(engine, 7, 2000);
  await engine.submit(anOrder({ account: 1, orderQtyLots: 10 ** 9 }));
});
afterAll(async () => {
  metrics.stop();
  await opened.engine.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Every series of the text format, by name and labels as they stand. */
async function scrape(): Promise<Map<string, number>> {
  const text = await metrics.registry.metrics();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

const sumOf = (series: Map<string, number>, prefix: string) =>
  [...series].reduce((sum, [name, value]) => (name.startsWith(prefix) ? sum + value : sum), 0);

describe('The metrics', () => {
  it('count every executed command once, by type and result', async () => {
    const series = await scrape();
    expect(sumOf(series, 'tradsys_engine_commands_total{')).toBe(opened.engine.status.commandSequence);
    const rejected = new Set(
      recorder.events
        .filter(({ type }) => type === 'OrderRejected' || type === 'RequestRejected')
        .map(({ commandSequence }) => commandSequence),
    );
    const rejectedSeries = [...series].filter(([name]) => /commands_total\{.*result="rejected"/.test(name));
    expect(rejectedSeries.reduce((sum, [, value]) => sum + value, 0)).toBe(rejected.size);
    expect(rejected.size).toBeGreaterThan(10);
    expect(rejectedSeries).toHaveLength(COMMAND_TYPES.length);
  });

  it('count every event by type and every refusal by rule', async () => {
    const series = await scrape();
    const of = (type: string) => recorder.events.filter((event) => event.type === type).length;
    for (const type of ['OrderAccepted', 'OrdersTraded', 'OrderCanceled', 'RequestRejected'])
      expect(series.get(`tradsys_engine_events_total{type="${type}"}`)).toBe(of(type));
    expect(sumOf(series, 'tradsys_risk_rejections_total{')).toBe(of('OrderRejected') + of('RequestRejected'));
    expect(series.get('tradsys_risk_rejections_total{reason="KILL_SWITCH",request="PlaceOrder"}')).toBe(0);
  });

  it('tell groups and appends as histograms whose parts agree', async () => {
    const series = await scrape();
    const groups = series.get('tradsys_engine_group_commands_count');
    expect(groups).toBe(opened.engine.status.sequencer.groups);
    expect(series.get('tradsys_engine_group_commands_bucket{le="+Inf"}')).toBe(groups);
    expect(series.get('tradsys_journal_append_seconds_count')).toBe(groups);
    expect(series.get('tradsys_engine_group_commands_sum')).toBe(opened.engine.status.commandSequence);
    const buckets = [...series].filter(([name]) => name.startsWith('tradsys_journal_append_seconds_bucket'));
    const values = buckets.map(([, value]) => value);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  });

  it('tell each book as the exchange itself does', async () => {
    const series = await scrape();
    const fresh = new Recorder();
    (await opened.engine.feed.follow(fresh))();
    const levels = fresh.image.filter((event) => event.type === 'BookLevelChanged');
    expect(levels.length).toBeGreaterThan(2);
    for (const side of ['BUY', 'SELL'] as const) {
      const own = levels.filter((level) => level.side === side && level.instrument === 0);
      const symbol = tally.instruments[0]?.symbol;
      expect(series.get(`tradsys_book_levels{symbol="${symbol}",side="${side}"}`)).toBe(own.length);
      expect(series.get(`tradsys_book_orders{symbol="${symbol}",side="${side}"}`)).toBe(
        own.reduce((sum, { orderCount }) => sum + orderCount, 0),
      );
    }
  });

  it('name no account, order or user in a label', async () => {
    const labels = [...(await scrape()).keys()].flatMap((name) =>
      [...name.matchAll(/(\w+)="/g)].map(([, label]) => label),
    );
    expect([...new Set(labels)].sort()).toEqual(
      'kind le policy pool quantile reason request result side stage state status symbol type'.split(' '),
    );
  });

  it('tell event loop, memory and garbage collection of the process', async () => {
    const series = await scrape();
    expect(series.get('nodejs_memory_bytes{kind="resident"}')).toBeGreaterThan(1e7);
    expect(series.get('nodejs_eventloop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(series.has('nodejs_gc_duration_seconds_count{kind="minor"}')).toBe(true);
  });
});

describe('BucketCounts', () => {
  it('puts an observation into the first bucket that reaches it', () => {
    const counts = new BucketCounts([1, 2, 4]);
    for (const value of [0, 1, 1.5, 2, 3, 9]) counts.observe(value);
    expect([...counts.counts]).toEqual([2, 2, 1, 1]);
    expect([counts.count, counts.sum]).toEqual([6, 16.5]);
  });

  it('refuses bounds that do not rise', () => {
    expect(() => new BucketCounts([1, 1])).toThrow('must rise');
  });
});
