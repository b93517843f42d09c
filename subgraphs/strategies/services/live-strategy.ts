/**
 * One strategy at work: its runner, its commands on their way, and what it has come to by its own executions.
 *
 * Its ledger is complete through a sequence of the event stream. Where the stream begins anew beyond that (a restart, a gap),
 * the events between are read and its own executions among them are taken, each once; until then what follows is held back and
 * it does nothing.
 */
import type { Command } from '../../../src/core/exchange/command.js';
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { factsOf } from '../../../src/core/strategy/backtest/backtest.js';
import { STRATEGIES } from '../../../src/core/strategy/catalogue.js';
import { NOTHING } from '../../../src/core/strategy/own-ledger.js';
import { StrategyRunner } from '../../../src/core/strategy/runner.js';
import type { Bar, Strategy } from '../../../src/core/strategy/strategy.js';
import { type EngineClient, EngineUnavailableError, OutcomeUnknownError } from '../../../src/ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../../src/ports/event-feed.js';
import type { StrategyLedger, StrategyRecord } from '../../../src/ports/strategy-store.js';

/** Commands of one strategy that may be on their way; a strategy that sends more has run away. */
export const MAX_IN_FLIGHT = 256;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** How long a command is sent again while the engine does not answer. */
const RETRY_FOR_MS = 60_000;
/** How long a command whose outcome nobody knows may still turn up in the stream. */
const UNSURE_MS = 60_000;
/** Batches that are held back while the past is read; beyond it cannot go on. */
const MAX_HELD = 1_000_000;

export interface LiveDeps {
  readonly engine: EngineClient;
  readonly feed: Pick<EventFeed, 'read'>;
  /** Most time that a command is sent again, ms; absent = a minute. */
  readonly retryForMs?: number;
}

export class LiveStrategy implements EventConsumer {
  readonly strategy: Strategy;
  readonly runner: StrategyRunner;
  /** Its ledger is complete through this event; null before the first image of a strategy that never ran. */
  #sequence: number | null;
  #image: { readonly events: readonly ExchangeEvent[]; readonly sequence: number } | null = null;
  #held: EventBatch[] = [];
  #catchingUp: Promise<void> | null = null;
  #lost: unknown = null;
  #inFlight = 0;
  #unsureUntil = 0;
  #stopping = false;

  constructor(
    public record: StrategyRecord,
    account: number,
    readonly instruments: readonly InstrumentEntry[],
    private readonly deps: LiveDeps,
  ) {
    this.strategy = STRATEGIES[record.type].create(record.parameters);
    this.runner = new StrategyRunner({
      strategy: this.strategy,
      account,
      markets: instruments.map(({ instrument, terms }) => ({ instrument, facts: factsOf(terms) })),
      // A new prefix for every run: keys of a run before are never used for other orders.
      clOrdIdPrefix: `${record.id}-${record.runCount}`,
      ownPrefix: `${record.id}-`,
      makesBars: true,
    });
    const { ledger, startedUs } = record;
    this.#sequence = ledger === null ? (startedUs === null ? null : 0) : ledger.isQuiet ? null : ledger.throughSequence;
    if (ledger === null) return;
    const { holdings, fillCount, reason, reasonUs } = ledger;
    this.runner.restore(
      instruments.map(({ symbol }) => holdings[symbol] ?? NOTHING),
      fillCount,
    );
    if (reason !== null) this.runner.lastRemark = { text: reason, timeUs: reasonUs ?? 0 };
  }

  /** True where no order of its own is in the market or on its way there. */
  get isQuiet(): boolean {
    const isSure = performance.now() >= this.#unsureUntil;
    return this.runner.isQuiet && this.#inFlight === 0 && isSure && this.#catchingUp === null;
  }

  /** True while something that it has sent is not answered, or may still turn up in the stream. */
  get isOnItsWay(): boolean {
    const isUntold = this.runner.markets.some(({ own }) => own.list.some(({ orderId }) => orderId === 0));
    return isUntold || this.#inFlight > 0 || performance.now() < this.#unsureUntil;
  }

  /** Why its ledger could not be completed; null where it is complete. Its orders are known and withdrawn all the same. */
  get lost(): unknown {
    return this.#lost;
  }

  /** What it has come to, to be kept. What could not be completed stays as it was kept before. */
  ledger(): StrategyLedger | null {
    if (this.#lost !== null || this.#catchingUp !== null || this.#sequence === null) return this.record.ledger;
    const { holdings, fillCount } = this.runner.ledger;
    const { lastRemark, mode } = this.runner;
    return {
      throughSequence: this.#sequence,
      isQuiet: mode !== 'RUNNING' && this.isQuiet,
      fillCount,
      reason: lastRemark?.text ?? null,
      reasonUs: lastRemark?.timeUs ?? null,
      holdings: Object.fromEntries(
        this.instruments.map(({ symbol }, market) => [
          symbol,
          { ...holdings[market]!, markHalfTicks: this.#markHalfTicks(market) },
        ]),
      ),
    };
  }

  warmUp(bars: readonly (readonly Bar[])[]): void {
    const all = bars.flatMap((series, market) => series.map((bar) => ({ bar, market })));
    all.sort((a, b) => a.bar.openTimeUs - b.bar.openTimeUs || a.market - b.market);
    for (const { bar, market } of all) this.runner.warmUp(market, bar);
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.#image = { events: image, sequence };
    this.#held = [];
    if (this.#catchingUp !== null) return;
    if (this.#sequence === null || this.#sequence >= sequence || this.#lost !== null) this.#takeHeld();
    else {
      this.#catchingUp = this.#catchUp().then(() => {
        this.#catchingUp = null;
        this.#takeHeld();
      });
    }
  }

  apply(batch: EventBatch): void {
    if (this.#catchingUp !== null) {
      this.#held.push(batch);
      return;
    }
    if (this.#lost === null) this.#sequence = batch.lastSequence;
    this.runner.apply(batch.events);
    this.flush();
  }

  /** Waits until the past is read, as far as it can be. */
  async ready(): Promise<void> {
    while (this.#catchingUp !== null) await this.#catchingUp;
  }

  advance(nowUs: number): void {
    if (this.#catchingUp !== null) return;
    if (nowUs > this.runner.timeUs) this.runner.advance(nowUs);
    this.flush();
  }

  /** Sends what the runner wants to send. */
  flush(): void {
    for (const command of this.runner.takeCommands()) {
      if (this.#inFlight >= MAX_IN_FLIGHT) {
        this.runner.notSent(command);
        this.runner.fail(`more than ${MAX_IN_FLIGHT} of its commands were on their way at once`);
        continue;
      }
      this.#inFlight += 1;
      void this.#send(command);
    }
  }

  /** No command is sent again from now on. */
  halt(): void {
    this.#stopping = true;
  }

  // ---- the past

  async #catchUp(): Promise<void> {
    try {
      while (this.#image !== null && this.#sequence! < this.#image.sequence && !this.#stopping) {
        for await (const batch of this.deps.feed.read(this.#sequence!, this.#image.sequence)) {
          this.runner.recover(batch.events);
          this.#sequence = batch.lastSequence;
          if (this.#held.length > MAX_HELD) throw new Error(`more than ${MAX_HELD} batches waited for its past`);
        }
      }
    } catch (error) {
      this.#lost = error;
      this.runner.fail(`its own executions behind event ${this.#sequence} cannot be read: ${textOf(error)}`);
    }
  }

  #takeHeld(): void {
    const image = this.#image;
    const held = this.#held;
    this.#image = null;
    this.#held = [];
    if (image === null) return;
    this.runner.reset(image.events);
    if (this.#lost === null) this.#sequence = image.sequence;
    for (const batch of held) this.apply(batch);
    this.flush();
  }

  // ---- commands

  async #send(command: Command): Promise<void> {
    const giveUpAt = performance.now() + (this.deps.retryForMs ?? RETRY_FOR_MS);
    let isUnsure = false;
    try {
      for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(2 * delayMs, LAST_RETRY_MS)) {
        try {
          await this.deps.engine.submit(command);
          return;
        } catch (error) {
          isUnsure ||= error instanceof OutcomeUnknownError;
          const again = error instanceof EngineUnavailableError || error instanceof OutcomeUnknownError;
          if (!again || this.#stopping || performance.now() > giveUpAt) throw error;
          // Orders carry their key, cancels and replaces say what shall be: sending again does nothing twice.
          await sleep(delayMs * (0.5 + Math.random()));
        }
      }
    } catch (error) {
      if (isUnsure) this.#unsureUntil = performance.now() + UNSURE_MS;
      this.runner.notSent(command);
      if (!this.#stopping) this.runner.fail(textOf(error));
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Twice the price that it is valued at, so that a mid between two ticks stays whole. */
  #markHalfTicks(market: number): number {
    const { bidTicks, askTicks, lastTicks } = this.runner.markets[market]!;
    if (bidTicks !== null && askTicks !== null) return bidTicks + askTicks;
    if (lastTicks !== null) return 2 * lastTicks;
    const { symbol, terms } = this.instruments[market]!;
    return this.record.ledger?.holdings[symbol]?.markHalfTicks ?? 2 * terms.spec.referencePxTicks;
  }
}

/** Profit of a ledger, quote units: what was received, and what is held at its mark, less fees. */
export function profitUnits(ledger: StrategyLedger | null, instruments: readonly InstrumentEntry[]): bigint {
  let sum = 0n;
  for (const { symbol, terms } of instruments) {
    const holding = ledger?.holdings[symbol];
    if (holding === undefined) continue;
    const twice = 2n * BigInt(holding.cashTickLots) + BigInt(holding.qtyLots) * BigInt(holding.markHalfTicks);
    sum += (twice * BigInt(terms.quoteUnitsPerTickLot)) / 2n - BigInt(holding.feesUnits);
  }
  return sum;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
