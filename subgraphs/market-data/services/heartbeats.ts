/**
 * Heartbeats: one timer and one payload for all subscribers of the same interval and instruments.
 *
 * A beat is the newest state: one that was not read is replaced by the next, so that a subscriber holds at most one.
 */
import type { MarketView } from '../events.js';
import type { Heartbeat, StreamHeads } from '../types/heartbeat.js';
import { checksumOf } from './book-channel.js';
import { Channel } from './channel.js';

/** Bounds of the interval. */
export const MIN_HEARTBEAT_MS = 100;
export const MAX_HEARTBEAT_MS = 60_000;

class Pulse {
  readonly channel = new Channel<Heartbeat>();
  #timer: NodeJS.Timeout;

  constructor(beat: () => Heartbeat, intervalMs: number) {
    this.#timer = setInterval(() => this.channel.publish(beat()), intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

export class Heartbeats {
  readonly #view: MarketView;
  readonly #pulses = new Map<string, Pulse>();
  /** Checksums by instrument, each of the book at a sequence. */
  readonly #checksums = new Map<number, { readonly sequence: number; readonly checksum: number }>();

  constructor(view: MarketView) {
    this.#view = view;
  }

  /** Pulses that beat now. */
  get size(): number {
    return this.#pulses.size;
  }

  /** Returns the channel of this interval and these instruments, and how to leave it. */
  join(instruments: readonly number[], intervalMs: number): { channel: Channel<Heartbeat>; onLeft: () => void } {
    const key = `${intervalMs}:${instruments.join()}`;
    const pulse = this.#pulses.get(key) ?? new Pulse(() => this.now(instruments), intervalMs);
    this.#pulses.set(key, pulse);
    const onLeft = () => {
      if (pulse.channel.size > 0 || this.#pulses.get(key) !== pulse) return;
      this.#pulses.delete(key);
      pulse.stop();
    };
    return { channel: pulse.channel, onLeft };
  }

  now(instruments: readonly number[]): Heartbeat {
    return {
      sequence: this.#view.sequence,
      streams: instruments.map((instrument) => this.#headsOf(instrument)),
      transactTime: this.#view.timeUs,
    };
  }

  #headsOf(instrument: number): StreamHeads {
    const entry = this.#view.reference.instrumentAt(instrument);
    const market = this.#view.marketAt(instrument);
    const { sequence } = market.book;
    let known = this.#checksums.get(instrument);
    if (known?.sequence !== sequence) {
      known = { sequence, checksum: checksumOf(entry, market.book) };
      this.#checksums.set(instrument, known);
    }
    return {
      symbol: entry.symbol,
      tickSequence: market.sequence,
      tradeSequence: market.lastTrade?.sequence ?? null,
      orderBookSequence: sequence,
      checksum: known.checksum,
    };
  }
}
