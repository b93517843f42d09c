/** One strategy at work: its runner, its commands on their way, and the figures that people see. */
import type { Command } from '../../../src/core/exchange/command.js';
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import { factsOf } from '../../../src/core/strategy/backtest/backtest.js';
import { STRATEGIES } from '../../../src/core/strategy/catalogue.js';
import { StrategyRunner } from '../../../src/core/strategy/runner.js';
import type { Bar, Strategy } from '../../../src/core/strategy/strategy.js';
import { type EngineClient, EngineUnavailableError, OutcomeUnknownError } from '../../../src/ports/engine-client.js';
import type { Baseline, StrategyRecord } from '../../../src/ports/strategy-store.js';

/** Commands of one strategy that may be on their way; a strategy that sends more has run away. */
export const MAX_IN_FLIGHT = 256;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** How long a command is sent again while the engine does not answer. */
const RETRY_FOR_MS = 60_000;

/** Figures of a symbol on the strategy's account. */
interface Holding {
  qtyLots: number;
  /** Realized profit less cost less fees, quote units. */
  netUnits: number;
}

export class LiveStrategy {
  readonly strategy: Strategy;
  readonly runner: StrategyRunner;
  readonly #holdings = new Map<number, Holding>();
  #inFlight = 0;
  #stopping = false;
  /** Why it cannot go on, beside what its runner says. */
  failure: string | null = null;

  constructor(
    public record: StrategyRecord,
    readonly account: number,
    readonly instruments: readonly InstrumentEntry[],
    private readonly engine: EngineClient,
    private readonly onChange: () => void,
  ) {
    this.strategy = STRATEGIES[record.type].create(record.parameters);
    this.runner = new StrategyRunner({
      strategy: this.strategy,
      account,
      markets: instruments.map(({ instrument, terms }) => ({ instrument, facts: factsOf(terms) })),
      // A new prefix for every run: keys of a run before are never used for other orders.
      clOrdIdPrefix: `${record.id}-${record.runCount}`,
      makesBars: true,
    });
  }

  get isOver(): boolean {
    return this.failure !== null || this.runner.mode === 'STOPPED' || this.runner.mode === 'FAILED';
  }

  /** What its account has of each symbol now, as a baseline for what comes. */
  baseline(): Record<string, Baseline> {
    return Object.fromEntries(
      this.instruments.map(({ instrument, symbol }) => {
        const { qtyLots, netUnits } = this.#holding(instrument);
        return [symbol, { qtyLots, netUnits }];
      }),
    );
  }

  useBaseline(baseline: Readonly<Record<string, Baseline>>): void {
    for (const [market, { symbol }] of this.instruments.entries()) {
      this.runner.lend(market, baseline[symbol]?.qtyLots ?? 0);
    }
  }

  warmUp(bars: readonly (readonly Bar[])[]): void {
    const all = bars.flatMap((series, market) => series.map((bar) => ({ bar, market })));
    all.sort((a, b) => a.bar.openTimeUs - b.bar.openTimeUs || a.market - b.market);
    for (const { bar, market } of all) this.runner.warmUp(market, bar);
  }

  reset(image: readonly ExchangeEvent[]): void {
    this.#holdings.clear();
    for (const event of image) this.#hold(event);
    this.runner.reset(image);
  }

  apply(events: readonly ExchangeEvent[]): void {
    for (const event of events) this.#hold(event);
    this.runner.apply(events);
    this.flush();
  }

  advance(nowUs: number): void {
    if (nowUs > this.runner.timeUs) this.runner.advance(nowUs);
    this.flush();
  }

  /** Sends what the runner wants to send. */
  flush(): void {
    const commands = this.runner.takeCommands();
    for (const command of commands) {
      if (this.#inFlight >= MAX_IN_FLIGHT) {
        this.#fail(`more than ${MAX_IN_FLIGHT} of its commands were on their way at once`);
        return;
      }
      this.#inFlight += 1;
      void this.#send(command);
    }
    if (commands.length > 0) this.onChange();
  }

  /** No command is sent again from now on. */
  halt(): void {
    this.#stopping = true;
  }

  /** Profit since the first start, quote units: realized and open at the mid, less fees. */
  pnlUnits(): bigint {
    const { baseline } = this.record;
    if (baseline === null) return 0n;
    let sum = 0n;
    for (const [market, { instrument, symbol, terms }] of this.instruments.entries()) {
      const from = baseline[symbol];
      if (from === undefined) continue;
      const { qtyLots, netUnits } = this.#holding(instrument);
      const seat = this.runner.markets[market]!;
      const { bidTicks, askTicks, lastTicks } = seat;
      // Twice the mark, so that a mid between two ticks stays whole.
      const twice =
        bidTicks !== null && askTicks !== null ? bidTicks + askTicks : 2 * (lastTicks ?? terms.spec.referencePxTicks);
      const open = (BigInt(qtyLots - from.qtyLots) * BigInt(twice) * BigInt(terms.quoteUnitsPerTickLot)) / 2n;
      sum += BigInt(netUnits) - BigInt(from.netUnits) + open;
    }
    return sum;
  }

  #holding(instrument: number): Holding {
    return this.#holdings.get(instrument) ?? { qtyLots: 0, netUnits: 0 };
  }

  #hold(event: ExchangeEvent): void {
    if (event.type !== 'PositionUpdated' || event.account !== this.account) return;
    const { qtyLots, costUnits, realizedPnlUnits, feesUnits } = event;
    this.#holdings.set(event.instrument, { qtyLots, netUnits: realizedPnlUnits - costUnits - feesUnits });
  }

  async #send(command: Command): Promise<void> {
    const giveUpAt = performance.now() + RETRY_FOR_MS;
    try {
      for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(2 * delayMs, LAST_RETRY_MS)) {
        try {
          await this.engine.submit(command);
          return;
        } catch (error) {
          const again = error instanceof EngineUnavailableError || error instanceof OutcomeUnknownError;
          if (!again || performance.now() > giveUpAt) throw error;
          // Orders carry their key, cancels and replaces say what shall be: sending again does nothing twice.
          await sleep(delayMs * (0.5 + Math.random()));
          if (this.#stopping) return;
        }
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    } finally {
      this.#inFlight -= 1;
    }
  }

  #fail(message: string): void {
    this.failure ??= message;
    this.runner.stop(false);
    this.onChange();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
