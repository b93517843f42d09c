/**
 * The host of live strategies: makes, starts, pauses and ends them, gives each the stream and the time, and keeps what they have
 * come to. A strategy that fails is FAILED alone. After a restart those that were at work go on: their orders are found in the
 * exchange's image by clOrdId, their executions are read behind the last one that was kept.
 *
 * Every strategy knows its own orders and executions only, so that others may trade on the same account: by hand, or by another
 * strategy while this one rests. One strategy at a time is at work on an account.
 */
import { randomUUID } from 'node:crypto';
import type { ExchangeEvent } from '../../../src/core/exchange/event.js';
import { type AccountEntry, type InstrumentEntry, ReferenceData } from '../../../src/core/exchange/reference-data.js';
import { STRATEGIES } from '../../../src/core/strategy/catalogue.js';
import { badUserInput, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { PushStream } from '../../../src/graphql/push-stream.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { EngineClient } from '../../../src/ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed } from '../../../src/ports/event-feed.js';
import type { History } from '../../../src/ports/history.js';
import type { ImportedMarketData } from '../../../src/ports/imported-market-data.js';
import type { Log } from '../../../src/ports/log.js';
import type { StrategyRecord, StrategyStatus, StrategyStore } from '../../../src/ports/strategy-store.js';
import { readWarmUp } from './bars.js';
import { LiveStrategy } from './live-strategy.js';
import { StrategyRecords } from './records.js';
import type { CreateStrategyRequest } from './request.js';
import { StateStreams, type StrategyState } from './state-streams.js';

/** How often strategies are told the time. */
const TICK_MS = 50;
/** Least time between two deliveries about one strategy. */
const TELL_MS = 200;
/** Least time between two savings of what strategies have come to. */
const KEEP_MS = 1_000;
/** Events that may stand behind what is kept of a strategy at work before it is kept again. */
const KEEP_EVENTS = 10_000;
const STOP_PATIENCE_MS = 2_000;
/** How long a start waits for what the run before has on its way. */
const ARRIVAL_PATIENCE_MS = 1_000;
const RELOAD_MS = 2_000;

export interface HostDeps {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: History;
  readonly imported: ImportedMarketData;
  readonly store: StrategyStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a command is sent again while the engine does not answer, ms; absent = a minute. */
  readonly retryForMs?: number;
}

interface Live {
  readonly strategy: LiveStrategy;
  unfollow: () => void;
}

export class StrategyHost implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly #deps: HostDeps;
  readonly #records: StrategyRecords;
  readonly #streams = new StateStreams();
  readonly #live = new Map<string, Live>();
  #chain: Promise<unknown> = Promise.resolve();
  #unfollow: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reload: NodeJS.Timeout | null = null;
  #toldAt = 0;
  #keptAt = 0;
  #stopped = false;

  constructor(deps: HostDeps) {
    this.#deps = deps;
    this.#records = new StrategyRecords(deps.store, deps.log);
  }

  reset(image: readonly ExchangeEvent[]): void {
    this.reference.clear();
    for (const event of image) this.reference.apply(event);
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) this.reference.apply(event);
  }

  /** Follows the stream, and sets to work what was at work; goes on trying while the store cannot be read. */
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
    const isQuiet = () => [...this.#live.values()].every(({ strategy }) => strategy.isQuiet);
    while (!isQuiet() && performance.now() < deadline) await new Promise((done) => setTimeout(done, 20));
    for (const [id, { strategy, unfollow }] of this.#live) {
      strategy.halt();
      unfollow();
      this.#keep(id, strategy);
    }
    await this.#records.flushAll();
    this.#unfollow?.();
    this.#streams.end();
  }

  /** @throws GraphQLError HISTORY_UNAVAILABLE while strategies could not be read yet */
  async all(): Promise<StrategyState[]> {
    await withClientErrors(this.#records.load());
    return this.#records.all().map((record) => this.#stateOf(record));
  }

  async find(id: string): Promise<StrategyState | null> {
    await withClientErrors(this.#records.load());
    const record = this.#records.find(id);
    return record === undefined ? null : this.#stateOf(record);
  }

  /** Tells every change of a strategy that passes, at most five times a second each. */
  follow(passes: (record: StrategyRecord) => boolean, states: readonly StrategyState[]): PushStream<StrategyState> {
    return this.#streams.follow(passes, states);
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, HISTORY_UNAVAILABLE */
  create(ownerId: string, request: CreateStrategyRequest): Promise<StrategyState> {
    return this.#inTurn(async () => {
      await withClientErrors(this.#records.load());
      this.#records.requireRoomToKeep(ownerId);
      const record: StrategyRecord = {
        id: randomUUID(),
        ownerId,
        ...request,
        status: 'CREATED',
        error: null,
        runCount: 0,
        flatten: false,
        ledger: null,
        createdUs: this.#deps.clock.nowUs(),
        startedUs: null,
      };
      await this.#records.save(record);
      return this.#told(record);
    });
  }

  /** @throws GraphQLError BAD_USER_INPUT, LIMIT_EXCEEDED, NOT_FOUND, HISTORY_UNAVAILABLE */
  run(id: string): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#records.get(id);
      if (record.status === 'RUNNING') return this.#stateOf(record);
      if (record.status === 'STOPPED' || record.status === 'CLOSING')
        throw badUserInput('id', 'the strategy was stopped for good: create another one');
      this.#records.requireRoomToRun(record);
      await this.#arrived(id);
      return this.#begin(this.#detach(id) ?? record);
    });
  }

  /** Withdraws its quotes and keeps its inventory. It is so at once, also where it cannot be saved. */
  pause(id: string): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#records.get(id);
      if (record.status === 'PAUSED') return this.#stateOf(record);
      if (record.status !== 'RUNNING') {
        throw badUserInput('id', `a strategy that is ${record.status} cannot be paused`);
      }
      const live = this.#live.get(id)?.strategy;
      live?.runner.pause();
      live?.flush();
      return this.#change(id, { status: 'PAUSED' });
    });
  }

  /** Ends it for good: CLOSING until its orders are gone and, where asked for, its inventory is closed. */
  end(id: string, flatten: boolean): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#records.get(id);
      if (record.status === 'STOPPED') {
        if (flatten) requireFlat(record);
        return this.#stateOf(record);
      }
      // What could not be read before may be readable now.
      if ((this.#live.get(id)?.strategy.lost ?? null) !== null) this.#detach(id);
      const live = this.#live.get(id)?.strategy ?? (await this.#attachToEnd(record, flatten));
      // Without its executions nobody knows what is its own: its orders are withdrawn, its inventory is for its owner to close.
      if (flatten && live !== null && live.lost !== null) await withClientErrors(Promise.reject(live.lost));
      live?.runner.stop(flatten);
      live?.flush();
      const status = live === null ? 'STOPPED' : statusOf(live);
      return this.#change(id, { status, flatten: flatten || record.flatten, error: live?.runner.error ?? null });
    });
  }

  /** @throws GraphQLError BAD_USER_INPUT where it has not ended, HISTORY_UNAVAILABLE */
  remove(id: string): Promise<StrategyState> {
    return this.#inTurn(async () => {
      const record = this.#records.get(id);
      if (record.status !== 'STOPPED' && record.status !== 'FAILED') {
        throw badUserInput('id', `a strategy that is ${record.status} cannot be deleted: stop it first`);
      }
      if (this.#live.has(id)) throw badUserInput('id', 'its last orders are being withdrawn: try again in a moment');
      if (record.ledger?.isQuiet === false && (await this.#hasOrders(id))) {
        throw badUserInput('id', 'orders of its are in the market: stopStrategy withdraws them');
      }
      await this.#records.remove(id);
      this.#streams.forget(id);
      return { record, live: null };
    });
  }

  // ---- starting

  async #begin(record: StrategyRecord): Promise<StrategyState> {
    const live = await this.#attach(record);
    if (live.lost !== null) {
      this.#detach(record.id);
      return withClientErrors(Promise.reject(live.lost));
    }
    const nowUs = this.#deps.clock.nowUs();
    const startedUs = live.record.startedUs ?? nowUs;
    const ledger = live.ledger();
    const started: StrategyRecord = {
      ...live.record,
      status: 'RUNNING',
      error: null,
      startedUs,
      // From now on orders of its may be in the market: whatever happens, executions from here on are looked for.
      ledger: ledger === null ? null : { ...ledger, isQuiet: false },
    };
    try {
      await this.#records.save(started);
    } catch (error) {
      this.#detach(record.id);
      throw error;
    }
    live.record = started;
    live.runner.start(nowUs, startedUs);
    live.flush();
    return this.#told(started);
  }

  /** Builds the strategy for a new run, warms it up and lets it follow the stream; it does not act yet. */
  async #attach(kept: StrategyRecord): Promise<LiveStrategy> {
    const record = { ...kept, runCount: kept.runCount + 1 };
    const account = this.accountOf(record.accountId);
    const instruments = record.symbols.map((symbol) => this.instrumentOf(symbol));
    const strategy = new LiveStrategy(record, account.account, instruments, this.#deps);
    const bars = await withClientErrors(
      readWarmUp(this.#deps, instruments, strategy.strategy, this.#deps.clock.nowUs()),
    );
    strategy.warmUp(bars);
    const live: Live = { strategy, unfollow: () => undefined };
    try {
      live.unfollow = await this.#deps.feed.follow(strategy);
      await strategy.ready();
    } catch (error) {
      strategy.halt();
      live.unfollow();
      return withClientErrors(Promise.reject(error));
    }
    this.#live.set(record.id, live);
    return strategy;
  }

  /** What a strategy that is not at work needs to end: nothing, or to be there again. */
  async #attachToEnd(record: StrategyRecord, flatten: boolean): Promise<LiveStrategy | null> {
    const { ledger, startedUs } = record;
    const isFlat = Object.values(ledger?.holdings ?? {}).every(({ qtyLots }) => qtyLots === 0);
    const isDone = startedUs === null || (ledger?.isQuiet === true && (isFlat || !flatten));
    return isDone ? null : this.#attachKept(record);
  }

  /** Attaches it, and keeps that this run has used its number. */
  async #attachKept(record: StrategyRecord): Promise<LiveStrategy> {
    const live = await this.#attach(record);
    const ledger = live.ledger();
    const started = { ...live.record, ledger: ledger === null ? null : { ...ledger, isQuiet: false } };
    live.record = started;
    try {
      await this.#records.save(started);
    } catch (error) {
      this.#detach(record.id);
      throw error;
    }
    return live;
  }

  /** Whether the exchange has working orders of it. */
  async #hasOrders(id: string): Promise<boolean> {
    let found = false;
    const reset = (image: readonly ExchangeEvent[]) => {
      found = image.some((event) => event.type === 'OrderAccepted' && event.clOrdId?.startsWith(`${id}-`) === true);
    };
    const unfollow = await this.#deps.feed.follow({ reset, apply: () => undefined });
    unfollow();
    return found;
  }

  /**
   * Waits until the run before has nothing on its way: the next one would not know of it, and do the same again.
   * @throws GraphQLError BAD_USER_INPUT where that takes too long
   */
  async #arrived(id: string): Promise<void> {
    const deadline = performance.now() + ARRIVAL_PATIENCE_MS;
    while (this.#live.get(id)?.strategy.isOnItsWay === true) {
      if (performance.now() >= deadline || this.#stopped) {
        throw badUserInput('id', 'its last orders have not been answered, and may still trade: try again in a moment');
      }
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  /** Lets go of it. @returns what it has come to; null where it was not there */
  #detach(id: string): StrategyRecord | null {
    const live = this.#live.get(id);
    if (live === undefined) return null;
    this.#live.delete(id);
    live.strategy.halt();
    live.unfollow();
    this.#keep(id, live.strategy);
    return this.#records.get(id);
  }

  // ---- time and change

  #tick(): void {
    const nowUs = this.#deps.clock.nowUs();
    for (const [id, { strategy }] of this.#live) {
      strategy.advance(nowUs);
      this.#settle(id, strategy);
    }
    const now = performance.now();
    if (now - this.#keptAt >= KEEP_MS) {
      this.#keptAt = now;
      for (const [id, { strategy }] of this.#live) this.#keepWhatChanged(id, strategy);
      void this.#records.flushAll();
    }
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    for (const { strategy } of this.#live.values()) this.#told(strategy.record);
  }

  /** A strategy ended by itself, failed, or has done what it was asked for: what is kept of it says so. */
  #settle(id: string, strategy: LiveStrategy): void {
    const record = this.#records.find(id);
    if (record === undefined) return;
    const status = statusOf(strategy);
    const isOver = status === 'STOPPED' || status === 'FAILED';
    if (status !== record.status) {
      const { error } = strategy.runner;
      this.#put({ ...record, status, error, ledger: strategy.ledger() });
      if (error !== null) this.#deps.log('warn', 'a strategy failed', { strategy: id, error });
    }
    if (isOver && strategy.isQuiet) this.#detach(id);
    if (status !== record.status) this.#told(this.#records.get(id));
  }

  #keepWhatChanged(id: string, strategy: LiveStrategy): void {
    const kept = this.#records.find(id)?.ledger ?? null;
    const ledger = strategy.ledger();
    if (ledger === null) return;
    const isBehind = !ledger.isQuiet && ledger.throughSequence - (kept?.throughSequence ?? 0) >= KEEP_EVENTS;
    if (ledger.fillCount !== kept?.fillCount || ledger.isQuiet !== kept.isQuiet || isBehind) this.#keep(id, strategy);
  }

  #keep(id: string, strategy: LiveStrategy): void {
    const record = this.#records.find(id);
    if (record !== undefined) this.#put({ ...record, ledger: strategy.ledger() });
  }

  #put(record: StrategyRecord): void {
    this.#records.put(record);
    const live = this.#live.get(record.id)?.strategy;
    if (live !== undefined) live.record = record;
  }

  /** It is so now; what could not be saved is tried again, and whoever asked is told. */
  async #change(id: string, change: Partial<StrategyRecord>): Promise<StrategyState> {
    const record = this.#records.get(id);
    const ledger = this.#live.get(id)?.strategy.ledger() ?? record.ledger;
    const changed = { ...record, ...change, ledger };
    this.#put(changed);
    this.#told(changed);
    await this.#records.flush(id);
    return this.#stateOf(this.#records.get(id));
  }

  /** Tells its followers, where something changed. */
  #told(record: StrategyRecord): StrategyState {
    const state = this.#stateOf(record);
    this.#streams.tell(state);
    return state;
  }

  // ---- after a restart

  async #load(): Promise<void> {
    try {
      await this.#records.load();
    } catch (error) {
      this.#deps.log('warn', 'strategies cannot be read yet, trying again', { error: String(error) });
      if (this.#stopped) return;
      this.#reload = setTimeout(() => void this.#load(), RELOAD_MS);
      this.#reload.unref();
      return;
    }
    await this.#inTurn(async () => {
      for (const record of this.#records.all()) if (!this.#live.has(record.id)) await this.#resume(record);
    });
  }

  /** Goes on with what was at work, withdraws what others have left in the market, and watches over what they hold. */
  async #resume(record: StrategyRecord): Promise<void> {
    const { id, status, ledger, startedUs, flatten } = record;
    const holds = Object.values(ledger?.holdings ?? {}).some(({ qtyLots }) => qtyLots !== 0);
    const isQuiet = startedUs === null || (ledger === null ? status === 'STOPPED' : ledger.isQuiet);
    try {
      if (status === 'RUNNING') await this.#begin(record);
      else if (status === 'CLOSING' || !isQuiet || (status === 'PAUSED' && holds)) {
        const { runner } = await this.#attachKept(record);
        if (runner.mode === 'FAILED') return;
        if (status === 'PAUSED') runner.pause();
        else if (status === 'FAILED') runner.fail(record.error ?? 'it failed');
        else runner.stop(status === 'CLOSING' && flatten);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#put({ ...record, status: 'FAILED', error: `could not go on after a restart: ${reason}` });
      this.#deps.log('error', 'a strategy could not go on after a restart', { strategy: id, error: reason });
    }
  }

  #stateOf(record: StrategyRecord): StrategyState {
    return { record, live: this.#live.get(record.id)?.strategy ?? null };
  }

  // ---- what strategies trade

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

/** What a strategy that is attached is said to be. */
function statusOf({ runner, record }: LiveStrategy): StrategyStatus {
  return runner.mode === 'NEW' ? record.status : runner.mode;
}

/** @throws GraphQLError BAD_USER_INPUT where a strategy that was stopped for good still holds something */
function requireFlat({ ledger }: StrategyRecord): void {
  const held = Object.entries(ledger?.holdings ?? {}).filter(([, { qtyLots }]) => qtyLots !== 0);
  if (held.length === 0) return;
  const symbols = held.map(([symbol]) => symbol).join(', ');
  throw badUserInput(
    'flatten',
    `it was stopped for good and its ${symbols} left to you: close that by orders of yours`,
  );
}
