/**
 * The hot standby: an exchange that follows the journal which another engine writes, ready to go on from it.
 *
 * Its state is at each moment that of some durable command; what lies between it and the end of the journal is replayed
 * before it leads.
 */
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { Exchange, ExchangeOptions } from '../core/exchange/exchange.js';
import { type Journal, JournalCorruptError } from '../ports/journal.js';
import type { Log } from '../ports/log.js';
import type { SnapshotStore } from '../ports/snapshot-store.js';
import { EventRing } from './event-ring.js';
import { completeLimits, type EngineLimits } from './limits.js';
import { type Recovered, recover } from './recovery.js';
import { replayGroup } from './replay.js';

/** A journal that another process appends to. */
export interface FollowedJournal extends Journal {
  /** Looks how far it reaches now. */
  refresh(): Promise<number>;
}

export interface StandbyOptions {
  readonly journal: FollowedJournal;
  readonly snapshots: SnapshotStore;
  readonly exchange?: ExchangeOptions;
  readonly limits?: Partial<EngineLimits>;
  readonly log: Log;
}

/** State and recent events, as an engine goes on from them. */
export interface WarmState {
  readonly recovered: Recovered;
  readonly ring: EventRing;
}

export class Standby {
  readonly #options: StandbyOptions;
  readonly #limits: EngineLimits;
  readonly #ring: EventRing;
  #recovered: Recovered | null = null;

  constructor(options: StandbyOptions) {
    this.#options = options;
    this.#limits = completeLimits(options.limits ?? {});
    this.#ring = new EventRing(this.#limits.recentEvents);
  }

  /** Last command in its state; 0 before the first look. */
  get commandSequence(): number {
    return this.#recovered?.exchange.commandSequence ?? 0;
  }

  /** Commands of the journal, as of the last look, that are not in its state. */
  get lag(): number {
    return Math.max(0, this.#options.journal.lastSequence - this.commandSequence);
  }

  /** Hash of its state; 16 hex digits. */
  stateHash(): string {
    return this.#exchange().stateHash();
  }

  /**
   * Takes in what the journal holds by now; the first time from the newest snapshot on.
   * @throws JournalCorruptError when the journal can't give the state back
   */
  async follow(): Promise<void> {
    if (this.#recovered === null) {
      this.#recovered = await this.#recover();
      return;
    }
    const exchange = this.#exchange();
    const last = await this.#options.journal.refresh();
    if (last < exchange.commandSequence) {
      throw new JournalCorruptError(
        `the journal ends with command ${last}, but command ${exchange.commandSequence} was read from it before: it has lost answered commands. Put it back from a backup.`,
      );
    }
    if (last === exchange.commandSequence) return;
    for await (const group of this.#options.journal.read(exchange.commandSequence)) {
      for (const _ of replayGroup(exchange, group)) this.#remember(exchange);
    }
  }

  /** What an engine goes on from; the standby is not used any more. */
  warmState(): WarmState {
    this.#exchange();
    return { recovered: this.#recovered as Recovered, ring: this.#ring };
  }

  #recover(): Promise<Recovered> {
    const { journal, snapshots, exchange, log } = this.#options;
    return recover({
      journal,
      // The leader may save a snapshot of commands that were not there at the last look.
      snapshots: {
        list: async () => {
          const infos = await snapshots.list();
          await journal.refresh();
          return infos;
        },
        load: (info) => snapshots.load(info),
        save: (info, bytes) => snapshots.save(info, bytes),
      },
      exchange,
      log,
      recentCommands: Math.ceil(this.#limits.recentEvents / 4),
      onEvents: (events) => this.#push(events),
    });
  }

  #remember(exchange: Exchange): void {
    this.#push(exchange.takeEvents());
  }

  #push(events: readonly ExchangeEvent[]): void {
    const first = events[0];
    if (first === undefined) return;
    this.#ring.push({ firstSequence: first.sequence, lastSequence: first.sequence + events.length - 1, events });
  }

  #exchange(): Exchange {
    if (this.#recovered === null) throw new RangeError('the standby has not looked at the journal yet');
    return this.#recovered.exchange;
  }
}
