/**
 * The engine: one exchange with its journal, snapshots and event stream, recovered at start and kept at stop.
 *
 * The engine owns the journal it is given and closes it in `stop`. It runs in the caller's thread.
 */
import type { Command, PlaceOrder } from '../core/exchange/command.js';
import type { Exchange, ExchangeOptions, OrderPreview, QueuePosition } from '../core/exchange/exchange.js';
import type { Clock } from '../ports/clock.js';
import {
  type CommandOutcome,
  type EngineClient,
  type EngineQueries,
  EngineUnavailableError,
} from '../ports/engine-client.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { Journal } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { SnapshotMaker } from '../ports/snapshot-maker.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import type { StageTimes } from '../ports/stage-times.js';
import { EventHub } from './event-hub.js';
import { EventRing } from './event-ring.js';
import { ExpiryTimer } from './expiry-timer.js';
import { completeLimits, type EngineLimits } from './limits.js';
import { PastEvents } from './past-events.js';
import { PastImages } from './past-images.js';
import { type Recovered, recover } from './recovery.js';
import { Sequencer, type SequencerCounters } from './sequencer.js';
import { type SnapshotCounters, Snapshotter } from './snapshotter.js';
import type { WarmState } from './standby.js';

export interface EngineOptions {
  readonly journal: Journal;
  readonly snapshots: SnapshotStore;
  /** Makes snapshots beside trading; without it trading pauses for each. */
  readonly snapshotMaker?: SnapshotMaker;
  readonly clock: Clock;
  /** Defaults in limits.ts. */
  readonly limits?: Partial<EngineLimits>;
  /**
   * Bounds of the exchange. They are part of its rules: the same for the whole life of a journal, since a replay under
   * other bounds may refuse what was accepted.
   */
  readonly exchange?: ExchangeOptions;
  /** Called once when the engine can't go on: the process must end, and start again from the journal. */
  readonly onFatal: (error: Error) => void;
  readonly log?: Log;
  /** State that followed the journal up to its end; read from snapshots and journal when absent. */
  readonly warm?: WarmState;
  /** Told while the journal is replayed at start. */
  readonly onRecoveryProgress?: (replayed: number, total: number) => void;
}

export type EngineState = 'running' | 'stopping' | 'stopped' | 'failed';

/** How the engine stands now; a new object at each call. */
export interface EngineStatus {
  readonly state: EngineState;
  /** Last command and event that are durable and published. */
  readonly commandSequence: number;
  readonly eventSequence: number;
  /** Commands submitted and not answered yet, and those among them that wait to be executed. */
  readonly pendingCommands: number;
  readonly queuedCommands: number;
  readonly consumers: number;
  readonly sequencer: Readonly<SequencerCounters>;
  readonly snapshots: Readonly<SnapshotCounters>;
  readonly recovered: {
    readonly snapshotCommandSequence: number;
    readonly replayedCommands: number;
    readonly durationMs: number;
  };
}

export interface Engine extends EngineClient, EngineQueries {
  readonly feed: EventFeed;
  readonly status: EngineStatus;
  /** Hash of the state, told once every command in it is durable; 16 hex digits. */
  stateHash(): Promise<string>;
  /** Saves a snapshot of the state as it is now. @throws Error when it can't be saved; trading goes on */
  snapshotNow(): Promise<void>;
  /** Refuses new commands, answers all earlier ones, saves a snapshot and closes the journal. May be called again. */
  stop(): Promise<void>;
}

/**
 * Recovers the state and starts.
 * Where it throws, the journal is closed.
 * @throws JournalCorruptError when the journal can't give the state back
 * @throws RangeError naming a limit that is out of its range
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const log: Log = options.log ?? (() => undefined);
  try {
    const limits = completeLimits(options.limits ?? {});
    if (options.warm !== undefined) {
      return new RunningEngine(options, limits, log, options.warm.ring, options.warm.recovered);
    }
    const ring = new EventRing(limits.recentEvents);
    const recovered = await recover({
      journal: options.journal,
      snapshots: options.snapshots,
      exchange: options.exchange,
      log,
      // A command causes several events; more than the ring holds is made in vain.
      recentCommands: Math.ceil(limits.recentEvents / 4),
      onEvents(events) {
        const first = events[0];
        if (first === undefined) return;
        ring.push({ firstSequence: first.sequence, lastSequence: first.sequence + events.length - 1, events });
      },
      onProgress: options.onRecoveryProgress,
    });
    return new RunningEngine(options, limits, log, ring, recovered);
  } catch (error) {
    await options.journal.close();
    throw error;
  }
}

class RunningEngine implements Engine {
  readonly feed: EventHub;
  readonly #exchange: Exchange;
  readonly #sequencer: Sequencer;
  readonly #snapshotter: Snapshotter;
  readonly #expiryTimer: ExpiryTimer;
  #state: EngineState = 'running';
  #stopped: Promise<void> | null = null;

  constructor(
    private readonly options: EngineOptions,
    limits: EngineLimits,
    private readonly log: Log,
    ring: EventRing,
    private readonly recovered: Recovered,
  ) {
    const { journal, snapshots, clock } = options;
    const { exchange } = recovered;
    this.#exchange = exchange;
    const past = new PastEvents({ journal, snapshots, exchange: options.exchange, limits, log });
    const { maxRewindCommands } = limits;
    const images = new PastImages({ journal, snapshots, exchange: options.exchange, maxRewindCommands, log });
    this.feed = new EventHub(exchange, ring, past, limits, images);
    this.#sequencer = new Sequencer({
      exchange,
      journal,
      clock,
      limits,
      publish: (batch) => this.feed.publish(batch),
      onGroup: () => {
        if (this.#state !== 'running') return;
        this.#snapshotter.takeIfDue();
        this.#expiryTimer.arm();
      },
      onFatal: (error) => this.#onFatal(error),
    });
    this.#snapshotter = new Snapshotter({
      exchange,
      snapshots,
      everyCommands: limits.snapshotEveryCommands,
      lastCommandSequence: recovered.snapshotCommandSequence,
      whenDurable: () => this.#sequencer.whenDurable(),
      maker: options.snapshotMaker ?? null,
      onDiverged: (error) => this.#sequencer.fail(error),
      log,
    });
    this.#expiryTimer = new ExpiryTimer({
      clock,
      nextDueUs: () => exchange.nextDueUs,
      submit: (command) => this.#sequencer.submit(command),
      log,
    });
    this.#expiryTimer.arm();
  }

  get status(): EngineStatus {
    const { snapshotCommandSequence, replayedCommands, durationMs } = this.recovered;
    return {
      state: this.#state,
      commandSequence: this.#sequencer.durableSequence,
      eventSequence: this.feed.lastSequence,
      pendingCommands: this.#sequencer.pending,
      queuedCommands: this.#sequencer.queued,
      consumers: this.feed.consumerCount,
      sequencer: { ...this.#sequencer.counters },
      snapshots: { ...this.#snapshotter.counters },
      recovered: { snapshotCommandSequence, replayedCommands, durationMs },
    };
  }

  submit(command: Command, times?: StageTimes): Promise<CommandOutcome> {
    return this.#sequencer.submit(command, times ?? null);
  }

  async preview(command: PlaceOrder): Promise<OrderPreview> {
    this.#mustRun();
    const preview = this.#exchange.preview(command, this.options.clock.nowUs());
    await this.#sequencer.whenDurable();
    return preview;
  }

  async queuePositions(orderIds: readonly number[]): Promise<readonly (QueuePosition | null)[]> {
    this.#mustRun();
    const positions = this.#exchange.queuePositions(orderIds);
    await this.#sequencer.whenDurable();
    return positions;
  }

  async stateHash(): Promise<string> {
    const hash = this.#exchange.stateHash();
    await this.#sequencer.whenDurable();
    return hash;
  }

  snapshotNow(): Promise<void> {
    return this.#snapshotter.take();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #mustRun(): void {
    if (this.#state !== 'running') throw new EngineUnavailableError('the engine does not answer now; ask again later');
  }

  async #stop(): Promise<void> {
    try {
      if (this.#state === 'running') {
        this.#state = 'stopping';
        this.#expiryTimer.stop();
        await this.#sequencer.drain();
        await this.#saveLastSnapshot();
      }
    } catch (error) {
      // What can fail here has been reported as fatal already; the journal is closed all the same.
      this.log('error', 'stopping was cut short by a failure', { error: (error as Error).message });
    }
    this.feed.close(new EngineUnavailableError('the engine has stopped'));
    await this.#sequencer.whenIdle();
    await this.#snapshotter.whenIdle();
    await this.options.journal.close();
    if (this.#state === 'stopping') this.#state = 'stopped';
  }

  async #saveLastSnapshot(): Promise<void> {
    try {
      await this.#snapshotter.takeLast();
    } catch (error) {
      this.log('warn', 'the last snapshot could not be saved; the next start replays more of the journal', {
        error: (error as Error).message,
      });
    }
  }

  #onFatal(error: Error): void {
    this.#state = 'failed';
    this.#expiryTimer.stop();
    this.log('error', 'the engine has stopped after a failure', {
      error: error.message,
      cause: String(error.cause ?? ''),
    });
    this.feed.close(new EngineUnavailableError('the engine has stopped after a failure'));
    this.options.onFatal(error);
  }
}
