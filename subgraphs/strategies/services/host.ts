/**
 * The host of live strategies: makes, starts, pauses and stops them, gives each the stream and the time, and keeps what is
 * known of them in the store. A strategy that fails is FAILED alone. After a restart those that were running run on: their
 * orders and positions are read from the exchange.
 *
 * Limits: MAX_STRATEGIES kept, MAX_RUNNING at work, one at work an account, so that positions have one owner.
 */
import { randomUUID } from 'node:crypto';
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import { type AccountEntry, type InstrumentEntry, ReferenceData } from '../../../src/core/exchange/reference-data.js';
import { INTERVAL_US } from '../../../src/core/market-data/candles.js';
import { STRATEGIES } from '../../../src/core/strategy/catalogue.js';
import { badUserInput, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { PushStream } from '../../../src/graphql/push-stream.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { ImportedMarketData } from '../../../src/ports/imported-market-data.js';
import type { Log } from '../../../src/ports/log.js';
import {
  MAX_STRATEGIES,
  type StrategyRecord,
  type StrategyStatus,
  type StrategyStore,
} from '../../../src/ports/strategy-store.js';
import { readBars } from './bars.js';
import { LiveStrategy } from './live-strategy.js';
import type { CreateStrategyRequest } from './request.js';

export const MAX_RUNNING = 64;
/** How often strategies are told the time. */
const TICK_MS = 50;
/** Least time between two deliveries about one strategy. */
const TELL_MS = 200;
const STOP_PATIENCE_MS = 2_000;
const RELOAD_MS = 2_000;
/** Warm-up bars are looked for over this many times their own span: markets close. */
const WARM_UP_SPAN = 4;
const WARM_UP_MOST = 20_000;

export interface HostDeps {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: History;
  readonly imported: ImportedMarketData;
  readonly store: StrategyStore;
  readonly clock: Clock;
  readonly log: Log;
}

interface Live {
  readonly strategy: LiveStrategy;
  unfollow: () => void;
}

/** A strategy as it stands, and at work where it is. */
export interface StrategyState {
  readonly record: StrategyRecord;
  readonly live: LiveStrategy | null;
}

export class StrategyHost implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly #deps: HostDeps;
  readonly #records = new Map<string, StrategyRecord>();
  readonly #live = new Map<string, Live>();
  readonly #streams = new Set<PushStream<StrategyState>>();
  readonly #changed = new Set<string>();
  #chain: Promise<unknown> = Promise.resolve();
  #unfollow: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reload: NodeJS.Timeout | null = null;
  #toldAt = 0;
  #isLoaded = false;
  #stopped = false;

  constructor(deps: HostDeps) {
    this.#deps = deps;
  }

  reset(image: readonly ExchangeEvent[]): void {
    this.reference.clear();
    for (const event of image) this.reference.apply(event);
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) this.reference.apply(event);
  }

  /** Follows the stream, and starts again what was running; goes on trying while the store cannot be read. */
  async start(): Promise<void> {
    this.#unfollow = await this.#deps.feed.follow(this);
    await this.#load();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Withdraws what strategies have in the market; those at work are at work again after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#reload !== null) clearTimeout(this.#reload);
    for (const { strategy } of this.#live.values()) {
      strategy.runner.pause();
      strategy.flush();
    }
    const deadline = performance.now() + STOP_PATIENCE_MS;
    while (this.#ordersLeft() && performance.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    for (const { strategy, unfollow } of this.#live.values()) {
      strategy.halt();
      unfollow();
    }
    this.#unfollow?.();
    for (const stream of this.#streams) stream.end();
  }

  /** @throws GraphQLError HISTORY_UNAVAILABLE while strategies could not be read yet */
  async all(): Promise<StrategyState[]> {
    await this.#loaded();
    return [...this.#records.values()].map((record) => this.#stateOf(record));
  }

  async find(id: string): Promise<StrategyState | null> {
    await this.#loaded();
    const record = this.#records.get(id);
    return record === undefined ? null : this.#stateOf(record);
  }

  /** Tells every change of a strategy that passes, at most five times a second each. */
  follow(passes: (record: StrategyRecord) => boolean, states: readonly StrategyState[]): PushStream<StrategyState> {
    const stream: PushStream<StrategyState> = new PushStream({
      maxBuffer: 1_000,
      onOverflow: 'CONFLATE',
      keyOf: ({ record }) => record.id,
      onClose: () => this.#streams.delete(filtered),
    });
    const push = stream.push.bind(stream);
    const filtered = Object.assign(stream, {
      push: (state: StrategyState) => (passes(state.record) ? push(state) : true),
    });
    this.#streams.add(filtered);
    for (const state of states) push(state);
    return filtered;
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, HISTORY_UNAVAILABLE */
  create(ownerId: string, request: CreateStrategyRequest): Promise<StrategyState> {
    return this.#inTurn(async () => {
      await this.#loaded();
      if (this.#records.size >= MAX_STRATEGIES) {
        throw limitExceeded('input', MAX_STRATEGIES, `${MAX_STRATEGIES} strategies are kept already`);
      }
      const record: StrategyRecord = {
        id: randomUUID(),
        ownerId,
        ...request,
        status: 'CREATED',
        error: null,
        runCount: 0,
        baseline: null,
        createdUs: this.#deps.clock.nowUs(),
        startedUs: null,
      };
      return this.#save(record);
    });
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, NOT_FOUND, HISTORY_UNAVAILABLE */
  run(id: string): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#recordOf(id);
      if (record.status === 'RUNNING') return this.#stateOf(record);
      if (record.status === 'STOPPED')
        throw badUserInput('id', 'the strategy was stopped for good: create another one');
      this.#requireRoom(record);
      this.#end(id);
      return this.#begin({ ...record, runCount: record.runCount + 1, error: null });
    });
  }

  /** Withdraws its quotes and keeps its inventory. */
  pause(id: string): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#recordOf(id);
      if (record.status !== 'RUNNING') {
        if (record.status === 'PAUSED') return this.#stateOf(record);
        throw badUserInput('id', `a strategy that is ${record.status} cannot be paused`);
      }
      const saved = await this.#save({ ...record, status: 'PAUSED' });
      const live = this.#live.get(id)?.strategy;
      live?.runner.pause();
      live?.flush();
      return saved;
    });
  }

  /** Ends it for good. @param flatten closes its inventory at market as well */
  end(id: string, flatten: boolean): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#recordOf(id);
      if (record.status === 'STOPPED') return this.#stateOf(record);
      let live = this.#live.get(id)?.strategy ?? null;
      if (live === null && flatten && record.startedUs !== null)
        live = await this.#attach({ ...record, runCount: record.runCount + 1 });
      const saved = await this.#save({
        ...record,
        runCount: live?.record.runCount ?? record.runCount,
        status: 'STOPPED',
      });
      live?.runner.stop(flatten);
      live?.flush();
      return saved;
    });
  }

  // ---- starting

  async #begin(record: StrategyRecord): Promise<StrategyState> {
    const strategy = await this.#attach(record);
    const nowUs = this.#deps.clock.nowUs();
    const started = {
      ...record,
      status: 'RUNNING' as StrategyStatus,
      baseline: record.baseline ?? strategy.baseline(),
      startedUs: record.startedUs ?? nowUs,
    };
    strategy.useBaseline(started.baseline);
    try {
      const state = await this.#save(started);
      strategy.runner.start(nowUs);
      strategy.flush();
      return state;
    } catch (error) {
      this.#end(record.id);
      throw error;
    }
  }

  /** Builds the strategy, warms it up and lets it follow the stream; it does not act yet. */
  async #attach(record: StrategyRecord): Promise<LiveStrategy> {
    const account = this.accountOf(record.accountId);
    const instruments = record.symbols.map((symbol) => this.instrumentOf(symbol));
    const strategy = new LiveStrategy(record, account.account, instruments, this.#deps.engine, () => {
      this.#changed.add(record.id);
    });
    if (record.baseline !== null) strategy.useBaseline(record.baseline);
    await this.#warmUp(strategy, instruments);
    const unfollow = await this.#deps.feed.follow({
      reset: (image) => strategy.reset(image),
      apply: (batch) => {
        strategy.apply(batch.events);
        this.#changed.add(record.id);
      },
    });
    this.#live.set(record.id, { strategy, unfollow });
    return strategy;
  }

  async #warmUp(live: LiveStrategy, instruments: readonly InstrumentEntry[]): Promise<void> {
    const { barInterval, warmUpBars } = live.strategy;
    if (barInterval === null || warmUpBars === 0) return;
    const closedByUs = this.#deps.clock.nowUs();
    const fromUs = closedByUs - warmUpBars * WARM_UP_SPAN * INTERVAL_US[barInterval];
    const query = { interval: barInterval, fromUs, closedByUs, most: WARM_UP_MOST };
    const series = [];
    for (const instrument of instruments) {
      const { bars } = await withClientErrors(readBars(this.#deps, instrument, query));
      series.push(bars.slice(-warmUpBars));
    }
    live.warmUp(series);
  }

  #end(id: string): void {
    const live = this.#live.get(id);
    if (live === undefined) return;
    this.#live.delete(id);
    live.strategy.halt();
    live.unfollow();
  }

  #requireRoom({ id, accountId }: StrategyRecord): void {
    const running = [...this.#records.values()].filter((one) => one.status === 'RUNNING');
    if (running.length >= MAX_RUNNING) {
      throw limitExceeded('id', MAX_RUNNING, `${MAX_RUNNING} strategies are at work already`);
    }
    const other = running.find((one) => one.accountId === accountId && one.id !== id);
    if (other !== undefined) {
      throw badUserInput(
        'id',
        `strategy ${other.id} is at work on account ${accountId}: pause it first, or use another account`,
      );
    }
  }

  // ---- time and change

  #tick(): void {
    const nowUs = this.#deps.clock.nowUs();
    for (const [id, { strategy }] of this.#live) {
      strategy.advance(nowUs);
      if (strategy.isOver) this.#settle(id, strategy);
    }
    const now = performance.now();
    if (now - this.#toldAt < TELL_MS || this.#changed.size === 0) return;
    this.#toldAt = now;
    for (const id of this.#changed) {
      const record = this.#records.get(id);
      if (record !== undefined) this.#tell(record);
    }
    this.#changed.clear();
  }

  /** A strategy ended by itself, or failed: what is kept of it says so. */
  #settle(id: string, strategy: LiveStrategy): void {
    const record = this.#records.get(id);
    if (record === undefined || record.status !== 'RUNNING') return;
    const error = strategy.failure ?? strategy.runner.error;
    const settled = { ...record, status: (error === null ? 'STOPPED' : 'FAILED') as StrategyStatus, error };
    this.#records.set(id, settled);
    strategy.record = settled;
    this.#tell(settled);
    if (error !== null) this.#deps.log('warn', 'a strategy failed', { strategy: id, error });
    this.#deps.store.saveStrategy(settled).catch((reason: unknown) => {
      this.#deps.log('error', 'the end of a strategy could not be saved', { strategy: id, error: String(reason) });
    });
  }

  #tell(record: StrategyRecord): void {
    const state = this.#stateOf(record);
    for (const stream of this.#streams) stream.push(state);
  }

  #ordersLeft(): boolean {
    for (const { strategy } of this.#live.values()) {
      if (strategy.runner.markets.some(({ orders }) => orders.length > 0)) return true;
    }
    return false;
  }

  // ---- what is kept

  async #load(): Promise<void> {
    try {
      const records = await this.#deps.store.strategies();
      for (const record of records) this.#records.set(record.id, record);
      this.#isLoaded = true;
    } catch (error) {
      this.#deps.log('warn', 'strategies cannot be read yet, trying again', { error: String(error) });
      if (this.#stopped) return;
      this.#reload = setTimeout(() => void this.#load(), RELOAD_MS);
      this.#reload.unref();
      return;
    }
    for (const record of this.#records.values()) {
      if (record.status === 'RUNNING') await this.#resume(record);
    }
  }

  async #resume(record: StrategyRecord): Promise<void> {
    try {
      await this.#begin({ ...record, runCount: record.runCount + 1 });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failed = {
        ...record,
        status: 'FAILED' as StrategyStatus,
        error: `could not go on after a restart: ${reason}`,
      };
      this.#records.set(record.id, failed);
      this.#deps.log('error', 'a strategy could not go on after a restart', { strategy: record.id, error: reason });
    }
  }

  async #loaded(): Promise<void> {
    if (this.#isLoaded) return;
    const records = await withClientErrors(this.#deps.store.strategies());
    if (!this.#isLoaded) for (const record of records) this.#records.set(record.id, record);
  }

  async #save(record: StrategyRecord): Promise<StrategyState> {
    await withClientErrors(this.#deps.store.saveStrategy(record));
    this.#records.set(record.id, record);
    const live = this.#live.get(record.id)?.strategy;
    if (live !== undefined) live.record = record;
    this.#tell(record);
    return this.#stateOf(record);
  }

  #stateOf(record: StrategyRecord): StrategyState {
    return { record, live: this.#live.get(record.id)?.strategy ?? null };
  }

  #recordOf(id: string): StrategyRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw notFound('strategy with this id that you may use', 'id');
    return record;
  }

  /** @throws GraphQLError NOT_FOUND */
  accountOf(accountId: string): AccountEntry {
    const account = this.reference.accountById(accountId);
    if (account === undefined) throw notFound('account with this id that you may use', 'accountId');
    return account;
  }

  /** @throws GraphQLError NOT_FOUND */
  instrumentOf(symbol: string): InstrumentEntry {
    const entry = this.reference.instrumentBySymbol(symbol);
    if (entry === undefined) throw notFound('instrument with this symbol', 'symbols');
    return entry;
  }

  /** @throws GraphQLError BAD_USER_INPUT where the type trades another number of symbols, or their currencies differ */
  checkSymbols(type: StrategyRecord['type'], symbols: readonly string[], field: string): readonly InstrumentEntry[] {
    const { symbolCount } = STRATEGIES[type];
    if (symbols.length !== symbolCount || new Set(symbols).size !== symbols.length) {
      throw badUserInput(
        field,
        `${type} trades ${symbolCount === 1 ? 'one symbol' : `${symbolCount} different symbols`}`,
      );
    }
    const entries = symbols.map((symbol) => this.instrumentOf(symbol));
    if (new Set(entries.map(({ quoteAsset }) => quoteAsset)).size > 1) {
      throw badUserInput(field, 'the symbols must have one quote currency');
    }
    return entries;
  }

  /** Changes come one after the other, so that two never start the same strategy twice. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#chain.then(work, work);
    this.#chain = turn.catch(() => undefined);
    return turn;
  }
}
