/**
 * The platform's metrics: one registry, filled by reading the counters of each part when somebody scrapes.
 *
 * Names follow Prometheus: base units, `_total` for what only rises. Labels come from closed lists or from the listed
 * instruments (at most MAX_SYMBOLS of them); accounts, orders and users never are labels.
 */
import { Registry } from 'prom-client';
import { COMMAND_TYPES } from '../core/exchange/command-codec.js';
import { ORD_REJ_REASONS, type OrdRejReason, TRADING_STATUSES } from '../core/values/vocabulary.js';
import type { BucketCounts } from './bucket-counts.js';
import { addBus, addFeed, type BusFigures, type FeedFigures } from './bus-metrics.js';
import type { BookSideSize, EventTally } from './event-tally.js';
import { measureProcess } from './process-metrics.js';
import { sampledCounter, sampledGauge, sampledHistogram } from './sampled.js';
import { addEngineStages, type EngineStageCounts } from './stage-metrics.js';

/** Instruments with series of their own; those listed later are summed up under the symbol `other`. */
export const MAX_SYMBOLS = 200;

/** What is read off the engine; its status fits. */
export interface EngineFigures {
  readonly state: string;
  readonly commandSequence: number;
  readonly eventSequence: number;
  readonly pendingCommands: number;
  readonly queuedCommands: number;
  readonly consumers: number;
  readonly sequencer: {
    readonly refused: number;
    readonly journalBytes: number;
    readonly clockBehindUs: number;
    readonly byType: { entries(): Iterable<[string, { readonly accepted: number; readonly rejected: number }]> };
    readonly groupCommands: BucketCounts;
    readonly appendSeconds: BucketCounts;
    readonly stages: EngineStageCounts;
  };
  readonly snapshots: {
    readonly saved: number;
    readonly failed: number;
    readonly lastCommandSequence: number;
    readonly lastBytes: number;
    readonly lastTakeMs: number;
  };
  readonly recovered: { readonly durationMs: number; readonly replayedCommands: number };
}

export interface ProjectorFigures {
  readonly state: string;
  readonly throughSequence: number;
  readonly lag: number;
}

export interface PoolFigures {
  readonly pool: string;
  readonly active: number;
  readonly idle: number;
  readonly waiting: number;
  readonly max: number;
}

export interface StreamFigures {
  readonly open: number;
  readonly items: number;
  readonly conflated: number;
  readonly dropped: number;
  readonly closed: Readonly<Record<string, number>>;
}

/** The parts that are read; each function is called once a scrape. */
export interface MetricsSources {
  readonly engine: () => EngineFigures;
  readonly tally: EventTally;
  readonly projector: () => ProjectorFigures;
  readonly database: () => { readonly ready: boolean; readonly pools: readonly PoolFigures[] };
  readonly bus: () => BusFigures;
  readonly feed: () => FeedFigures;
  /** By overflow policy. */
  readonly streams: Readonly<Record<string, StreamFigures>>;
}

export interface Metrics {
  readonly registry: Registry;
  /** Ends the measuring of the process. */
  stop(): void;
}

const PROJECTOR_STATES = ['STARTING', 'CATCHING_UP', 'LIVE', 'RETRYING', 'FAILED', 'STOPPED'];

/** Parts that a process does not have are left out. */
export function createMetrics(sources: Partial<MetricsSources>): Metrics {
  const { engine, tally, projector, database, streams, bus, feed } = sources;
  const registry = new Registry();
  if (engine !== undefined) {
    addEngine(registry, engine);
    addJournal(registry, engine);
    addEngineStages(registry, () => engine().sequencer.stages);
  }
  if (tally !== undefined) addExchange(registry, tally);
  if (projector !== undefined) addProjector(registry, projector);
  if (database !== undefined) addDatabase(registry, database);
  if (bus !== undefined) addBus(registry, bus);
  if (feed !== undefined) addFeed(registry, feed);
  if (streams !== undefined) addStreams(registry, streams);
  return { registry, stop: measureProcess(registry) };
}

function addEngine(registry: Registry, figures: () => EngineFigures): void {
  sampledGauge(
    registry,
    { name: 'tradsys_engine_running', help: '1 while the engine takes commands, 0 otherwise.' },
    (tell) => tell(figures().state === 'running' ? 1 : 0),
  );
  sampledCounter(
    registry,
    {
      name: 'tradsys_engine_commands_total',
      help: 'Executed commands by type and result (rejected: at least one refusal among its events).',
      labels: ['type', 'result'],
    },
    (tell) => {
      const counts = new Map(figures().sequencer.byType.entries());
      for (const type of COMMAND_TYPES) {
        tell(counts.get(type)?.accepted ?? 0, type, 'accepted');
        tell(counts.get(type)?.rejected ?? 0, type, 'rejected');
      }
    },
  );
  sampledCounter(
    registry,
    {
      name: 'tradsys_engine_refused_commands_total',
      help: 'Commands refused before they were executed: queue full, engine stopping or stopped, not encodable.',
    },
    (tell) => tell(figures().sequencer.refused),
  );
  const gauges: readonly [name: string, help: string, value: (engine: EngineFigures) => number][] = [
    ['tradsys_engine_pending_commands', 'Commands submitted and not answered yet.', (engine) => engine.pendingCommands],
    ['tradsys_engine_queued_commands', 'Commands that wait to be executed.', (engine) => engine.queuedCommands],
    ['tradsys_engine_consumers', 'Consumers that follow the event stream.', (engine) => engine.consumers],
    ['tradsys_engine_command_sequence', 'Last durable command.', (engine) => engine.commandSequence],
    ['tradsys_engine_event_sequence', 'Last published event.', (engine) => engine.eventSequence],
    [
      'tradsys_engine_clock_behind_seconds',
      'How far the clock is behind engine time, which never runs backwards.',
      (engine) => engine.sequencer.clockBehindUs / 1e6,
    ],
    [
      'tradsys_engine_recovery_seconds',
      'How long the last start took to bring the state back.',
      (engine) => engine.recovered.durationMs / 1000,
    ],
    [
      'tradsys_engine_recovery_commands',
      'Commands that the last start replayed behind its snapshot.',
      (engine) => engine.recovered.replayedCommands,
    ],
  ];
  for (const [name, help, value] of gauges) sampledGauge(registry, { name, help }, (tell) => tell(value(figures())));
}

function addJournal(registry: Registry, figures: () => EngineFigures): void {
  sampledHistogram(
    registry,
    { name: 'tradsys_engine_group_commands', help: 'Commands that became durable together.' },
    (tell) => tell(figures().sequencer.groupCommands),
  );
  sampledHistogram(
    registry,
    { name: 'tradsys_journal_append_seconds', help: 'Time to make a group durable: write and sync together.' },
    (tell) => tell(figures().sequencer.appendSeconds),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_journal_bytes_total', help: 'Encoded commands that were appended, bytes.' },
    (tell) => tell(figures().sequencer.journalBytes),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_snapshots_total', help: 'Snapshots by result.', labels: ['result'] },
    (tell) => {
      const { saved, failed } = figures().snapshots;
      tell(saved, 'saved');
      tell(failed, 'failed');
    },
  );
  sampledGauge(
    registry,
    { name: 'tradsys_snapshot_age_commands', help: 'Commands since the newest snapshot: what a restart replays.' },
    (tell) => {
      const { commandSequence, snapshots } = figures();
      tell(Math.max(0, commandSequence - snapshots.lastCommandSequence));
    },
  );
  sampledGauge(
    registry,
    { name: 'tradsys_snapshot_bytes', help: 'Size of the newest snapshot of this process; 0 before the first.' },
    (tell) => tell(figures().snapshots.lastBytes),
  );
  sampledGauge(
    registry,
    { name: 'tradsys_snapshot_take_seconds', help: 'How long taking the newest snapshot kept the event loop.' },
    (tell) => tell(figures().snapshots.lastTakeMs / 1000),
  );
}

function addExchange(registry: Registry, tally: EventTally): void {
  sampledCounter(
    registry,
    { name: 'tradsys_engine_events_total', help: 'Published events by type.', labels: ['type'] },
    (tell) => {
      for (const [type, count] of tally.eventsByType) tell(count, type);
    },
  );
  sampledCounter(
    registry,
    { name: 'tradsys_risk_rejections_total', help: 'Refusals by rule and request.', labels: ['reason', 'request'] },
    (tell) => tellRejections(tally, tell),
  );
  sampledGauge(
    registry,
    { name: 'tradsys_risk_kill_switches_engaged', help: 'Accounts whose kill switch is engaged.' },
    (tell) => tell(tally.engagedKillSwitches),
  );
  sampledGauge(
    registry,
    { name: 'tradsys_instruments', help: 'Listed instruments by trading phase.', labels: ['status'] },
    (tell) => {
      for (const status of TRADING_STATUSES) {
        tell(tally.instruments.filter((instrument) => instrument.status === status).length, status);
      }
    },
  );
  const sides = (size: (side: BookSideSize) => number) => (tell: Parameters<Parameters<typeof sampledGauge>[2]>[0]) => {
    const others = { BUY: 0, SELL: 0 };
    for (const [index, instrument] of tally.instruments.entries()) {
      for (const side of ['BUY', 'SELL'] as const) {
        if (index < MAX_SYMBOLS) tell(size(instrument[side]), instrument.symbol, side);
        else others[side] += size(instrument[side]);
      }
    }
    if (tally.instruments.length <= MAX_SYMBOLS) return;
    tell(others.BUY, 'other', 'BUY');
    tell(others.SELL, 'other', 'SELL');
  };
  sampledGauge(
    registry,
    { name: 'tradsys_book_levels', help: 'Price levels of the public book.', labels: ['symbol', 'side'] },
    sides(({ levels }) => levels),
  );
  sampledGauge(
    registry,
    { name: 'tradsys_book_orders', help: 'Orders in the public book.', labels: ['symbol', 'side'] },
    sides(({ orders }) => orders),
  );
}

/** A refused order tells zero from the start, so that the first one is a rise. */
function tellRejections(tally: EventTally, tell: (value: number, reason: OrdRejReason, request: string) => void): void {
  for (const reason of ORD_REJ_REASONS) {
    const byRequest = tally.rejections.get(reason);
    tell(byRequest?.get('PlaceOrder') ?? 0, reason, 'PlaceOrder');
    for (const [request, count] of byRequest ?? []) if (request !== 'PlaceOrder') tell(count, reason, request);
  }
}

function addProjector(registry: Registry, projector: MetricsSources['projector']): void {
  sampledGauge(
    registry,
    { name: 'tradsys_projector_lag_events', help: 'Durable events that history does not hold yet.' },
    (tell) => tell(projector().lag),
  );
  sampledGauge(registry, { name: 'tradsys_projector_sequence', help: 'Last event that history holds.' }, (tell) =>
    tell(projector().throughSequence),
  );
  sampledGauge(
    registry,
    { name: 'tradsys_projector_state', help: '1 for the state that the projector is in.', labels: ['state'] },
    (tell) => {
      for (const state of PROJECTOR_STATES) tell(projector().state === state ? 1 : 0, state);
    },
  );
}

function addDatabase(registry: Registry, database: MetricsSources['database']): void {
  sampledGauge(
    registry,
    { name: 'tradsys_postgres_up', help: '1 while the database can be expected to answer.' },
    (tell) => tell(database().ready ? 1 : 0),
  );
  sampledGauge(
    registry,
    {
      name: 'tradsys_postgres_connections',
      help: 'Connections by pool and state.',
      labels: ['pool', 'state'],
    },
    (tell) => {
      for (const { pool, active, idle } of database().pools) {
        tell(active, pool, 'active');
        tell(idle, pool, 'idle');
      }
    },
  );
  sampledGauge(
    registry,
    { name: 'tradsys_postgres_waiting_statements', help: 'Statements that wait for a connection.', labels: ['pool'] },
    (tell) => {
      for (const { pool, waiting } of database().pools) tell(waiting, pool);
    },
  );
  sampledGauge(
    registry,
    { name: 'tradsys_postgres_max_connections', help: 'Most connections of the pool.', labels: ['pool'] },
    (tell) => {
      for (const { pool, max } of database().pools) tell(max, pool);
    },
  );
}

function addStreams(registry: Registry, streams: MetricsSources['streams']): void {
  const each = (read: (figures: StreamFigures) => number) => (tell: (value: number, policy: string) => void) => {
    for (const [policy, figures] of Object.entries(streams)) tell(read(figures), policy);
  };
  const labels = ['policy'];
  sampledGauge(
    registry,
    { name: 'tradsys_streams_open', help: 'Open streams by what they do when their reader is slow.', labels },
    each(({ open }) => open),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_stream_items_total', help: 'Items handed to streams.', labels },
    each(({ items }) => items),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_stream_conflated_items_total', help: 'Items that took the place of an unread older one.', labels },
    each(({ conflated }) => conflated),
  );
  sampledCounter(
    registry,
    { name: 'tradsys_stream_dropped_items_total', help: 'Items that went unread for want of room.', labels },
    each(({ dropped }) => dropped),
  );
  sampledCounter(
    registry,
    {
      name: 'tradsys_streams_closed_total',
      help: 'Closed streams by reason (slow: the reader fell behind its bound).',
      labels: ['policy', 'reason'],
    },
    (tell) => {
      for (const [policy, { closed }] of Object.entries(streams)) {
        for (const [reason, count] of Object.entries(closed)) tell(count, policy, reason);
      }
    },
  );
}
