/** What tests of the engine share: engines on real files, a journal whose disk can be held, followers, order flow. */
import { FileJournal } from '../../adapters/file/file-journal.js';
import { FileSnapshotStore } from '../../adapters/file/file-snapshot-store.js';
import type { Command } from '../../core/exchange/command.js';
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { anOrder, setupCommands } from '../../core/testing/fixtures.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../ports/event-feed.js';
import type { Journal, JournalGroup } from '../../ports/journal.js';
import type { Log } from '../../ports/log.js';
import { type Engine, type EngineOptions, startEngine } from '../engine.js';
import { createSystemClock } from '../system-clock.js';

/** A journal in front of another whose appends wait for `open`, as for a slow disk. */
export class HeldJournal implements Journal {
  /** Groups that were given to the disk. */
  readonly started: JournalGroup[] = [];
  #held: (() => void)[] | null = null;
  #failure: Error | null = null;

  constructor(private readonly inner: Journal) {}

  get lastSequence(): number {
    return this.inner.lastSequence;
  }

  /** From now on appends wait. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets the waiting appends, and every later one, go to the disk. */
  open(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go();
  }

  /** Every append that has not reached the disk fails. */
  break(error: Error): void {
    this.#failure = error;
    this.open();
  }

  async append(group: JournalGroup): Promise<void> {
    this.started.push({ ...group, bytes: group.bytes.slice() });
    await new Promise<void>((resolve) => {
      if (this.#held === null) resolve();
      else this.#held.push(resolve);
    });
    if (this.#failure !== null) throw this.#failure;
    await this.inner.append(group);
  }

  read(after: number): AsyncIterable<JournalGroup> {
    return this.inner.read(after);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly journal: HeldJournal;
  readonly fatal: Error[];
  readonly warnings: string[];
}

/** Starts an engine on the folder's files; a fatal error is kept in `fatal`. */
export async function openEngine(directory: string, over: Partial<EngineOptions> = {}): Promise<OpenEngine> {
  const fatal: Error[] = [];
  const warnings: string[] = [];
  const log: Log = (level, message) => {
    if (level === 'warn') warnings.push(message);
  };
  const journal = new HeldJournal(await FileJournal.open({ directory, log, segmentBytes: 64 * 1024 }));
  const snapshots = await FileSnapshotStore.open({ directory, log });
  const engine = await startEngine({
    journal,
    snapshots,
    clock: createSystemClock(),
    exchange: SMALL_EXCHANGE,
    onFatal: (error) => fatal.push(error),
    log,
    ...over,
  });
  return { engine, journal, fatal, warnings };
}

/** Small tables: a test opens many exchanges. */
export const SMALL_EXCHANGE = { maxOrders: 20_000, maxClOrdIds: 20_000, maxTransferIds: 1000, ladderLevels: 1024 };

/** A follower that keeps what it was told and checks that nothing is missing or told twice. */
export class Recorder implements EventConsumer {
  image: readonly ExchangeEvent[] = [];
  imageSequence = -1;
  readonly events: ExchangeEvent[] = [];
  readonly batches: EventBatch[] = [];
  #last = -1;

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.image = image;
    this.imageSequence = sequence;
    this.events.length = 0;
    this.#last = sequence;
  }

  apply(batch: EventBatch): void {
    if (batch.firstSequence !== this.#last + 1) {
      throw new RangeError(`batch ${batch.firstSequence} follows ${this.#last}`);
    }
    for (const event of batch.events) {
      this.#last += 1;
      if (event.sequence !== this.#last) throw new RangeError(`event ${event.sequence} in place of ${this.#last}`);
      this.events.push(event);
    }
    if (batch.lastSequence !== this.#last) throw new RangeError(`batch ends with ${this.#last}`);
    this.batches.push(batch);
  }
}

export async function readAll(feed: EventFeed, after: number, through: number): Promise<ExchangeEvent[]> {
  const events: ExchangeEvent[] = [];
  for await (const batch of feed.read(after, through)) events.push(...batch.events);
  return events;
}

/** Numbers that look random and are the same for the same seed (Lehmer, 2^31 − 1). */
export function createRandom(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Endless order flow of two accounts around one price, after `setupCommands`: orders that rest, cross, cancel, fail. */
export function* orderFlow(seed: number): Generator<Command> {
  const random = createRandom(seed);
  for (let count = 1; ; count += 1) {
    const account = 1 + random(2);
    const kind = random(10);
    if (kind === 0) {
      yield { type: 'CancelOrder', account, orderId: random(count) };
    } else if (kind === 1 && random(20) === 0) {
      yield { type: 'CancelAllOrders', account, instrument: null, side: random(2) === 0 ? 'BUY' : null };
    } else if (kind === 2) {
      yield { type: 'AdjustBalance', account, asset: random(2), amountUnits: 1000, transferId: `${seed} ${count}` };
    } else {
      const side = random(2) === 0 ? 'BUY' : 'SELL';
      yield anOrder({
        account,
        side,
        priceTicks: 95 + random(10),
        orderQtyLots: 1 + random(30),
        timeInForce: random(4) === 0 ? 'IOC' : 'GTC',
        clOrdId: random(3) === 0 ? `${seed}-${random(50)}` : null,
      });
    }
  }
}

/** Sets up the market and then submits `count` commands of the flow, `width` at a time. */
export async function trade(engine: Engine, seed: number, count: number, width = 50): Promise<void> {
  const flow = orderFlow(seed);
  for (let sent = 0; sent < count; sent += width) {
    const wave = Array.from({ length: Math.min(width, count - sent) }, () =>
      engine.submit(flow.next().value as Command),
    );
    await Promise.all(wave);
  }
}

export async function setUpMarket(engine: Engine): Promise<void> {
  await Promise.all(setupCommands().map((command) => engine.submit(command)));
}
