/** The strategies subgraph on a venue of its own, for tests: as its clients use it, killed and started again at will. */
import { type ExecutionResult, execute, parse, subscribe } from 'graphql';
import type { Identity, Scope } from '../../../src/graphql/context.js';
import type { Subgraph } from '../../../src/graphql/subgraph.js';
import type { BacktestRunner } from '../../../src/ports/backtest-runner.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import { HistoryUnavailableError } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import { RecordedImports } from '../../../src/testing/imported-market-data.js';
import { RecordedHistory } from '../../../src/testing/recorded-history.js';
import { RecordedStrategies } from '../../../src/testing/recorded-strategies.js';
import { TestVenue } from '../../../src/testing/test-venue.js';
import { createStrategiesSubgraph } from '../subgraph.js';

export const [ALICE, BOB] = [1, 2];
const SHOWN = `id status pnl fillCount lastReason error holdings { symbol qty } quotes { side px qty }`;

export interface Shown {
  readonly id: string;
  readonly status: string;
  readonly pnl: string;
  readonly fillCount: number;
  readonly lastReason: string | null;
  readonly error: string | null;
  readonly holdings: readonly { readonly symbol: string; readonly qty: string }[];
  readonly quotes: readonly { readonly side: string; readonly px: string; readonly qty: string }[];
}

/** Computes nothing. */
export const noRunner: BacktestRunner = { run: () => Promise.reject(new Error('no backtest is run in this test')) };

export class World {
  readonly venue = new TestVenue();
  readonly store = new RecordedStrategies();
  readonly imported = new RecordedImports();
  /** What strategies send their commands to; a test may put something in between. */
  engine: EngineClient = this.venue;
  /** Whether past events can be read. */
  readable = true;
  #subgraph: Subgraph | null = null;
  #isFrozen = false;

  constructor(private readonly runner: BacktestRunner = noRunner) {
    this.venue.open(['alice', 'bob']);
  }

  /** Starts the subgraph; its clock is the venue's. @param retryForMs how long commands are sent again */
  async start(retryForMs?: number): Promise<void> {
    this.#isFrozen = false;
    const { venue, store, imported } = this;
    this.#subgraph = await createStrategiesSubgraph({
      engine: { submit: (command) => this.engine.submit(command) },
      feed: {
        get lastSequence() {
          return venue.lastSequence;
        },
        follow: (consumer) => {
          const world = this.#subgraph;
          return venue.follow({
            reset: (image, sequence) => consumer.reset(image, sequence),
            // A killed process takes no more events.
            apply: (batch) => {
              if (this.#subgraph === world && !this.#isFrozen) consumer.apply(batch);
            },
          });
        },
        read: (after, through) => {
          if (!this.readable) throw new HistoryUnavailableError(1_000_000);
          return venue.read(after, through);
        },
      },
      history: new RecordedHistory(venue.events) as unknown as History,
      imported,
      strategies: store,
      backtestRunner: this.runner,
      clock: { nowUs: () => venue.nowUs },
      ...(retryForMs === undefined ? {} : { retryForMs }),
    });
    await this.#subgraph.start();
  }

  stop(): Promise<void> {
    return this.#subgraph?.stop() ?? Promise.resolve();
  }

  /** The stream is interrupted for as long as `work` takes, and begins anew behind it. */
  interrupted(work: () => void): void {
    this.#isFrozen = true;
    work();
    this.#isFrozen = false;
    this.venue.resync();
  }

  /** Fills of a strategy by the exchange's own events: signed lots a symbol, and their number. */
  fillsOf(id: string): { readonly lots: readonly [ko: number, pep: number]; readonly count: number } {
    const lots: [number, number] = [0, 0];
    let count = 0;
    for (const event of this.venue.events) {
      if (event.type !== 'OrdersTraded') continue;
      const sign = event.takerSide === 'BUY' ? 1 : -1;
      for (const [leg, direction] of [
        [event.taker, sign],
        [event.maker, -sign],
      ] as const) {
        if (leg.clOrdId?.startsWith(id) !== true) continue;
        lots[event.instrument === 0 ? 0 : 1] += direction * event.qtyLots;
        count += 1;
      }
    }
    return { lots, count };
  }

  /** Ends it as kill −9 would: nothing is withdrawn, saved or heard any more. @returns lets go of what is left of it */
  kill(): () => Promise<void> {
    this.#isFrozen = true;
    this.engine = { submit: () => new Promise(() => undefined) };
    const dead = this.#subgraph;
    const { onWrite } = this.store;
    this.store.onWrite = () => Promise.reject(new Error('the process is dead'));
    return async () => {
      await dead?.stop();
      this.store.onWrite = onWrite;
      this.engine = this.venue;
    };
  }

  async ask(source: string, variableValues: Record<string, unknown> = {}, userId = 'alice'): Promise<ExecutionResult> {
    const result = await execute({
      schema: this.#subgraph!.schema,
      document: parse(source),
      variableValues,
      contextValue: { identity: identityOf(userId), requestId: 'test' },
    });
    return JSON.parse(JSON.stringify(result)) as ExecutionResult;
  }

  /** Answers a mutation or query of one field with what is shown of a strategy. @throws Error with the answer's message */
  async show(field: string, variables: Record<string, unknown> = {}, userId = 'alice'): Promise<Shown> {
    const types = Object.keys(variables).map((name) => `$${name}: ${TYPES[name]!}`);
    const kind = field.startsWith('strategy(') ? 'query' : 'mutation';
    const head = types.length === 0 ? '' : `(${types.join(', ')})`;
    const { data, errors } = await this.ask(`${kind} ${head} { it: ${field} { ${SHOWN} } }`, variables, userId);
    if (errors !== undefined) throw new Error(errors[0]!.message);
    return (data as { it: Shown }).it;
  }

  async create(input: Record<string, unknown>, userId = 'alice'): Promise<string> {
    const whole = { name: 'test', accountId: userId, symbols: ['KO'], ...input };
    return (await this.show('createStrategy(input: $input)', { input: whole }, userId)).id;
  }

  act(name: string, id: string, userId = 'alice'): Promise<Shown> {
    return this.show(`${name}(id: $id)`, { id }, userId);
  }

  look(id: string): Promise<Shown> {
    return this.show('strategy(id: $id)', { id });
  }

  async follow(ids: readonly string[]): Promise<AsyncIterableIterator<ExecutionResult>> {
    const source = `subscription ($ids: [ID!]) { strategies(ids: $ids) { ${SHOWN} } }`;
    return (await this.subscribe(source, { ids }, 'alice')) as AsyncIterableIterator<ExecutionResult>;
  }

  /** @returns the stream, or what it was refused with */
  async subscribe(source: string, variableValues: Record<string, unknown>, userId: string) {
    return await subscribe({
      schema: this.#subgraph!.schema,
      document: parse(source),
      variableValues,
      contextValue: { identity: identityOf(userId), requestId: 'test' },
    });
  }

  /** Waits until a strategy is as it should be, while venue time passes. */
  async until(id: string, isSo: (shown: Shown) => boolean, what: string): Promise<Shown> {
    for (let count = 0; count < 600; count += 1) {
      const shown = await this.look(id);
      if (isSo(shown)) return shown;
      this.venue.nowUs += 100_000;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error(`never came: ${what}; ${JSON.stringify(await this.look(id))}`);
  }

  /** Working orders of an account: lots by clOrdId. */
  working(account: number): (readonly [clOrdId: string | null, leavesLots: number])[] {
    return this.venue.exchange
      .image()
      .flatMap((event) =>
        event.type === 'OrderAccepted' && event.account === account
          ? [[event.clOrdId, event.leavesQtyLots] as const]
          : [],
      );
  }

  positionOf(account: number): number {
    for (const event of this.venue.exchange.image()) {
      if (event.type === 'PositionUpdated' && event.account === account && event.instrument === 0) return event.qtyLots;
    }
    return 0;
  }
}

const TYPES: Readonly<Record<string, string>> = { id: 'ID!', input: 'CreateStrategyInput!' };

function identityOf(userId: string): Identity {
  const scopes: Scope[] = ['strategies:write', 'orders:read'];
  return { userId, scopes: new Set(scopes) };
}
