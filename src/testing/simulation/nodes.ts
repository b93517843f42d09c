/** The processes of the simulated world: each is the product's own parts, put together as its role does, without knowing of the simulation. */
import { FileJournal } from '../../adapters/file/file-journal.js';
import { FileSnapshotStore } from '../../adapters/file/file-snapshot-store.js';
import { type MemoryBroker, MemoryBus } from '../../adapters/memory/memory-bus.js';
import { EngineService } from '../../bus/engine-service.js';
import { createEventPublisher } from '../../bus/event-publisher.js';
import { LeaderWatch } from '../../bus/leader-watch.js';
import { RemoteEngine } from '../../bus/remote-engine.js';
import { RemoteFeed } from '../../bus/remote-feed.js';
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { type Engine, startEngine } from '../../engine/engine.js';
import { createSystemClock } from '../../engine/system-clock.js';
import { Recorder, SMALL_EXCHANGE } from '../../engine/testing/engine-kit.js';
import type { EventBatch } from '../../ports/event-feed.js';
import { type ReadModelStore, SequenceGapError } from '../../ports/read-model-store.js';
import { createProjector } from '../../read-model/projector.js';
import type { SimulatedTime } from './simulated-time.js';

export const DATA_FOLDER = '/data';
const JOURNAL_ID = 'simulated';
const SEGMENT_BYTES = 4_096;
const SNAPSHOT_EVERY = 60;
const REQUEST_TIMEOUT_MS = 1_000;

const silent = () => undefined;

export interface EngineNode {
  readonly engine: Engine;
  readonly journal: FileJournal;
}

/** Recovers and leads. @param fail called where the process must end */
export async function runEngine(
  broker: MemoryBroker,
  epoch: number,
  fail: (error: Error) => void,
): Promise<EngineNode> {
  const journal = await FileJournal.open({ directory: DATA_FOLDER, segmentBytes: SEGMENT_BYTES });
  const snapshots = await FileSnapshotStore.open({ directory: DATA_FOLDER });
  const engine = await startEngine({
    journal,
    snapshots,
    clock: createSystemClock(),
    exchange: SMALL_EXCHANGE,
    limits: { snapshotEveryCommands: SNAPSHOT_EVERY },
    onFatal: fail,
  });
  const bus = new MemoryBus(broker, 'engine');
  createEventPublisher({ feed: engine.feed, events: bus, journalId: JOURNAL_ID, maxMessageBytes: 4_000, log: silent });
  new EngineService({ engine, bus, journalId: JOURNAL_ID, epoch, log: silent });
  return { engine, journal };
}

export interface ClientNode {
  readonly engine: RemoteEngine;
  readonly view: Recorder;
}

export async function runClient(
  broker: MemoryBroker,
  node: string,
  incarnation: number,
  fail: (error: Error) => void,
): Promise<ClientNode> {
  const { bus, watch, feed } = await followLeader(broker, node, null, fail);
  const engine = new RemoteEngine({
    bus,
    watch,
    feed,
    client: `${node}/${incarnation}`,
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  const view = new Recorder();
  await feed.follow(view);
  return { engine, view };
}

export async function runProjector(
  broker: MemoryBroker,
  store: ReadModelStore,
  fail: (error: Error) => void,
): Promise<void> {
  const { feed } = await followLeader(broker, 'projector', 'projector', fail);
  createProjector({ feed, store, log: silent }).start();
}

async function followLeader(broker: MemoryBroker, node: string, durable: string | null, fail: (error: Error) => void) {
  const bus = new MemoryBus(broker, node);
  const watch = new LeaderWatch(bus, silent, fail);
  while (watch.leader === null) await new Promise((resolve) => setTimeout(resolve, 50));
  const feed = new RemoteFeed({
    bus,
    log: bus,
    watch,
    durable,
    logger: silent,
    onFatal: fail,
    recentEvents: 200,
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  feed.start();
  return { bus, watch, feed };
}

/** The database behind the projector: outlives it; a statement is executed as a whole or not at all, and its answer may be lost. */
export class SimulatedReadModel implements ReadModelStore {
  readonly events: ExchangeEvent[] = [];

  constructor(
    private readonly time: SimulatedTime,
    private readonly random: (below: number) => number,
  ) {}

  offset(): Promise<number> {
    return this.#statement('select offset', () => this.events.length);
  }

  apply(batch: EventBatch): Promise<void> {
    return this.#statement('insert events', () => {
      if (batch.firstSequence > this.events.length + 1)
        throw new SequenceGapError(this.events.length, batch.firstSequence);
      for (const event of batch.events) if (event.sequence > this.events.length) this.events.push(event);
    });
  }

  #statement<T>(what: string, execute: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const asker = this.time.process;
      // The server is no part of the process that asks: what reached it is done, whoever dies.
      this.time.after(
        this.random(3_000) / 1_000,
        what,
        () => {
          const isLost = this.random(50) === 0;
          try {
            const result = execute();
            const answer = () => (isLost ? reject(new Error('the connection was lost')) : resolve(result));
            this.time.after(this.random(1_000) / 1_000, 'answer', answer, asker);
          } catch (error) {
            this.time.after(0, 'answer', () => reject(error as Error), asker);
          }
        },
        null,
      );
    });
  }
}
