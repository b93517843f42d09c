/**
 * The tape: an instrument's newest trades in memory, so that a trade is seen at once and history may lag or be away.
 *
 * Invariant: the tape holds every trade with a sequence above its `boundarySequence`; what lies at or below it may be
 * in history alone. Memory: MAX_TAPE_TRADES trades.
 */
import type { TradeRecord } from '../../../src/ports/history.js';

/** Most trades of one instrument that are kept in memory. */
export const MAX_TAPE_TRADES = 1000;
/** The tape is cut when it has grown by this much, so that cutting costs O(1) a trade. */
const SLACK = 256;

export class TradeTape {
  /** Oldest first. */
  #trades: TradeRecord[];
  #boundarySequence: number;

  /**
   * @param trades oldest first
   * @param boundarySequence every trade above it is among them
   */
  constructor(trades: readonly TradeRecord[], boundarySequence: number) {
    this.#trades = [...trades];
    this.#boundarySequence = boundarySequence;
    this.#cut(0);
  }

  /** History must have reached this sequence for the tape and history together to be complete. */
  get boundarySequence(): number {
    return this.#boundarySequence;
  }

  /** The newest trade; null where there was none. */
  get last(): TradeRecord | null {
    return this.#trades.at(-1) ?? null;
  }

  /** Id of the oldest trade in memory; null where there is none. */
  get oldestTradeId(): number | null {
    return this.#trades[0]?.tradeId ?? null;
  }

  add(trade: TradeRecord): void {
    this.#trades.push(trade);
    this.#cut(SLACK);
  }

  /**
   * Returns up to `limit` trades, newest first, and whether trades older than the tape could also be asked for.
   * @param before trade id; null = from the newest
   */
  newestFirst(
    range: { fromUs: number | null; toUs: number | null },
    before: number | null,
    limit: number,
  ): { readonly trades: TradeRecord[]; readonly needsHistory: boolean } {
    const trades: TradeRecord[] = [];
    for (let index = this.#trades.length - 1; index >= 0 && trades.length < limit; index -= 1) {
      const trade = this.#trades[index];
      if (trade === undefined) break;
      if (range.fromUs !== null && trade.timeUs < range.fromUs) return { trades, needsHistory: false };
      if (before !== null && trade.tradeId >= before) continue;
      if (range.toUs !== null && trade.timeUs >= range.toUs) continue;
      trades.push(trade);
    }
    return { trades, needsHistory: trades.length < limit };
  }

  #cut(slack: number): void {
    const excess = this.#trades.length - MAX_TAPE_TRADES;
    if (excess <= slack) return;
    this.#boundarySequence = Math.max(this.#boundarySequence, this.#trades[excess - 1]?.sequence ?? 0);
    this.#trades = this.#trades.slice(excess);
  }
}
