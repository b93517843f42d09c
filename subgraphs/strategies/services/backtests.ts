/**
 * Backtests: asked for, computed away from the thread that trades, kept with what they came to.
 *
 * One that waits holds no data: they are read once a thread is free. Writes of one never overtake each other, and its end is
 * told when it is durable. Limits: MAX_UNFINISHED of one owner and MAX_QUEUE in all wait or run.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstrumentEntry } from '../../../src/core/exchange/reference-data.js';
import type { BacktestJob } from '../../../src/core/strategy/backtest/job.js';
import type { BacktestReport } from '../../../src/core/strategy/backtest/report.js';
import { formatScaled, parseScaled } from '../../../src/core/values/decimal.js';
import { requireScope } from '../../../src/graphql/authorization.js';
import type { Identity, RequestContext } from '../../../src/graphql/context.js';
import { decodePageCursor, encodePageCursor } from '../../../src/graphql/cursor.js';
import { badUserInput, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import { type Connection, checkPageSize, toConnection } from '../../../src/graphql/page.js';
import { PushStream } from '../../../src/graphql/push-stream.js';
import { BacktestFailedError, type BacktestRunner } from '../../../src/ports/backtest-runner.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { History } from '../../../src/ports/history.js';
import type { ImportedMarketData } from '../../../src/ports/imported-market-data.js';
import type { Log } from '../../../src/ports/log.js';
import type { BacktestRecord, StrategyStore } from '../../../src/ports/strategy-store.js';
import type { Backtest } from '../types/backtest.js';
import type { BacktestGridAxisInput, BacktestInput } from '../types/inputs.js';
import { readBacktestData } from './backtest-data.js';
import { combinations, MAX_COMBINATIONS } from './backtest-grid.js';
import type { StrategyHost } from './host.js';
import type { CreateStrategyRequest } from './request.js';
import type { Strategies } from './strategies.js';

/** As many as a grid may have. */
export const MAX_UNFINISHED = MAX_COMBINATIONS;
export const MAX_QUEUE = 512;
const SAVE_MS = 1_000;
/** Time until the end of a backtest that could not be saved is saved again. */
const SAVE_AGAIN_MS = 2_000;
const STOP_PATIENCE_MS = 2_000;
const CANCELED = 'canceled';
const STOPPED = 'the platform was stopped before it was done: run it again';
/** Most of an Int. */
const MAX_SEED = 2_147_483_647;
const SOURCE = /^[a-z0-9][a-z0-9._-]{0,31}$/;

export interface BacktestDeps {
  readonly history: History;
  readonly imported: ImportedMarketData;
  readonly store: StrategyStore;
  readonly runner: BacktestRunner;
  readonly clock: Clock;
  readonly log: Log;
}

interface BacktestTerms {
  readonly initialCashUnits: number;
  readonly latencyUs: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly participation: number;
  readonly seed: number;
}

interface Job {
  record: BacktestRecord;
  readonly quoteScale: number;
  readonly abort: AbortController;
  /** The last write, and when it was begun; writes come one after the other. */
  saving: Promise<void>;
  isSaving: boolean;
  savedAt: number;
  /** Its end, once it has begun. */
  ending: Promise<void> | null;
}

/** A backtest that was checked, and has no place yet. */
interface Prepared {
  readonly job: Job;
  readonly request: CreateStrategyRequest;
  readonly entries: readonly InstrumentEntry[];
  readonly input: BacktestInput;
  readonly terms: BacktestTerms;
}

export class Backtests {
  readonly #jobs = new Map<string, Job>();
  readonly #stop = new AbortController();
  #lastUs = 0;
  readonly #streams = new Map<string, Set<PushStream<BacktestRecord>>>();

  constructor(
    private readonly host: StrategyHost,
    private readonly strategies: Strategies,
    private readonly deps: BacktestDeps,
  ) {}

  /** What was under way when the process ended is said to have failed. */
  async start(): Promise<void> {
    try {
      await this.deps.store.failUnfinishedBacktests(STOPPED);
    } catch (error) {
      this.deps.log('warn', 'unfinished backtests could not be marked', { error: String(error) });
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const ends = [...this.#jobs.values()].map((job) => {
      const end = this.#finish(job, { status: 'FAILED', error: STOPPED });
      job.abort.abort(new Error(CANCELED));
      return end;
    });
    await Promise.race([Promise.all(ends), delay(STOP_PATIENCE_MS, undefined, { ref: false })]);
    for (const streams of this.#streams.values()) for (const stream of streams) stream.end();
  }

  /** @throws GraphQLError BAD_USER_INPUT naming the field, LIMIT_EXCEEDED, NOT_FOUND, FORBIDDEN */
  async run(input: BacktestInput, context: RequestContext): Promise<Backtest> {
    const identity = requireScope(context, 'strategies:write');
    const [record] = await this.#take([this.#prepare(input, identity, null)], identity.userId);
    return toBacktest(record!);
  }

  /** One for every combination, all or none. @throws GraphQLError as `run`, and naming what is wrong with the grid */
  async runGrid(
    input: BacktestInput,
    grid: readonly BacktestGridAxisInput[],
    context: RequestContext,
  ): Promise<Backtest[]> {
    const identity = requireScope(context, 'strategies:write');
    const gridId = randomUUID();
    const all = combinations(input, grid).map((one) => this.#prepare(one, identity, gridId));
    return (await this.#take(all, identity.userId)).map(toBacktest);
  }

  #prepare(input: BacktestInput, identity: Identity, gridId: string | null): Prepared {
    const request = this.strategies.check(input.strategy, identity, 'input.strategy');
    const entries = this.host.checkSymbols(request.type, request.symbols, 'input.strategy.symbols');
    const { quoteScale } = entries[0]!.terms;
    const terms = this.#checkTerms(input, quoteScale);
    const record: BacktestRecord = {
      id: randomUUID(),
      ownerId: identity.userId,
      gridId,
      input: JSON.parse(JSON.stringify({ ...input, strategy: request })) as unknown,
      status: 'QUEUED',
      progress: 0,
      report: null,
      error: null,
      createdUs: this.#nextUs(),
      finishedUs: null,
    };
    const job: Job = {
      record,
      quoteScale,
      abort: new AbortController(),
      saving: Promise.resolve(),
      isSaving: false,
      savedAt: 0,
      ending: null,
    };
    return { job, request, entries, input, terms };
  }

  /** Takes places for all or none, and begins them once they are durable. */
  async #take(all: readonly Prepared[], ownerId: string): Promise<BacktestRecord[]> {
    this.#requireRoom(all.length, ownerId);
    // Their places are taken before anything is waited for, so that any number of requests at once keep to the limits.
    for (const { job } of all) this.#jobs.set(job.record.id, job);
    const records = all.map(({ job }) => job.record);
    const saving = this.deps.store.addBacktests(records);
    // What is written of one from now on, a cancel too, comes behind its first write.
    for (const { job } of all) job.saving = saving;
    try {
      await withClientErrors(saving);
    } catch (error) {
      for (const { id } of records) this.#jobs.delete(id);
      throw error;
    }
    for (const { job, request, entries, input, terms } of all) {
      void this.#compute(job, request, entries, input, terms);
    }
    return records;
  }

  #requireRoom(count: number, ownerId: string): void {
    if (this.#stop.signal.aborted) throw limitExceeded('input', 0, 'the platform is stopping; try again later');
    let own = 0;
    for (const { record } of this.#jobs.values()) if (record.ownerId === ownerId) own += 1;
    if (own + count > MAX_UNFINISHED) {
      const asked = count === 1 ? '' : `, and ${count} more were asked for`;
      throw limitExceeded(
        'input',
        MAX_UNFINISHED,
        `${own} backtests of yours are under way${asked}; wait for one, or cancel it`,
      );
    }
    if (this.#jobs.size + count > MAX_QUEUE) {
      throw limitExceeded('input', MAX_QUEUE, 'too many backtests are under way; try again later');
    }
  }

  /** Ends a backtest that is under way; one that has ended stays as it is. */
  async cancel(id: string, context: RequestContext): Promise<Backtest> {
    const record = await this.#owned(id, context, 'strategies:write');
    const job = this.#jobs.get(id);
    if (job === undefined) return toBacktest(record);
    const end = this.#finish(job, { status: 'CANCELED' });
    job.abort.abort(new Error(CANCELED));
    await withClientErrors(job.saving);
    await end;
    return toBacktest(job.record);
  }

  async find(id: string, context: RequestContext): Promise<Backtest | null> {
    const identity = requireScope(context, 'strategies:write', 'orders:read');
    const record = this.#jobs.get(id)?.record ?? (await withClientErrors(this.deps.store.backtest(id)));
    return record?.ownerId === identity.userId ? toBacktest(record) : null;
  }

  async page(
    first: number,
    after: string | null,
    gridId: string | null,
    context: RequestContext,
  ): Promise<Connection<Backtest>> {
    const identity = requireScope(context, 'strategies:write', 'orders:read');
    const size = checkPageSize(first);
    const before = after === null ? null : { createdUs: decodePageCursor('backtest', 1, after)[0] ?? 0, id: '' };
    const records = await withClientErrors(this.deps.store.backtestsOf(identity.userId, before, size + 1, gridId));
    return toConnection(
      records.map((record) => this.#jobs.get(record.id)?.record ?? record),
      size,
      before === null,
      (record) => encodePageCursor('backtest', [record.createdUs]),
      toBacktest,
    );
  }

  async subscribe(id: string, context: RequestContext): Promise<AsyncIterableIterator<BacktestRecord>> {
    const record = await this.#owned(id, context, 'strategies:write', 'orders:read');
    const streams = this.#streams.get(id) ?? new Set();
    const stream: PushStream<BacktestRecord> = new PushStream({
      maxBuffer: 16,
      onOverflow: 'CONFLATE',
      onClose: () => {
        streams.delete(stream);
        if (streams.size === 0) this.#streams.delete(id);
      },
    });
    stream.push(record);
    if (this.#jobs.has(id)) {
      streams.add(stream);
      this.#streams.set(id, streams);
    } else stream.end();
    return stream;
  }

  // ---- computing

  async #compute(
    job: Job,
    request: CreateStrategyRequest,
    entries: readonly InstrumentEntry[],
    input: BacktestInput,
    terms: BacktestTerms,
  ): Promise<void> {
    try {
      const report = await this.deps.runner.run(
        job.record.ownerId,
        (signal) => this.#load(job, request, entries, input, terms, signal),
        {
          onStart: () => this.#update(job, { status: 'RUNNING' }),
          onProgress: (progress) => this.#update(job, { progress }),
        },
        job.abort.signal,
      );
      await this.#finish(job, { status: 'DONE', progress: 1, report: toJson(report, job.quoteScale) });
    } catch (error) {
      if (job.abort.signal.aborted) await this.#finish(job, { status: 'CANCELED' });
      else await this.#failed(job, error);
    }
  }

  async #load(
    job: Job,
    request: CreateStrategyRequest,
    entries: readonly InstrumentEntry[],
    { interval, source, from, to, strategy }: BacktestInput,
    { seed, ...figures }: BacktestTerms,
    signal: AbortSignal,
  ): Promise<BacktestJob> {
    const toUs = Math.min(to ?? Number.MAX_SAFE_INTEGER, this.deps.clock.nowUs());
    const query = { interval: interval ?? null, source: source ?? null, fromUs: from ?? null, toUs };
    const data = await readBacktestData(this.deps, entries, query, signal);
    const given = (strategy.parameters ?? {}) as Record<string, unknown>;
    const draws = 'seed' in request.parameters && !('seed' in given);
    return {
      type: request.type,
      parameters: draws ? { ...request.parameters, seed } : request.parameters,
      markets: entries.map(({ terms: { spec }, baseAsset }) => ({
        spec,
        baseScale: this.host.reference.assetAt(baseAsset).scale,
      })),
      quoteScale: job.quoteScale,
      data,
      ...figures,
      halfSpreadTicks: 1,
    };
  }

  async #failed(job: Job, error: unknown): Promise<void> {
    const isTheirs = error instanceof BacktestFailedError;
    if (!isTheirs) this.deps.log('error', 'a backtest failed', { backtest: job.record.id, error: String(error) });
    await this.#finish(job, {
      status: 'FAILED',
      error: isTheirs ? error.message : 'it could not be computed: an internal error',
    });
  }

  /** Tells how far it is, and saves it now and then. */
  #update(job: Job, change: Partial<BacktestRecord>): void {
    if (job.ending !== null) return;
    job.record = { ...job.record, ...change };
    for (const stream of this.#streams.get(job.record.id) ?? []) stream.push(job.record);
    const now = performance.now();
    if (job.isSaving || now - job.savedAt < SAVE_MS) return;
    job.savedAt = now;
    this.#save(job, job.record).catch((error: unknown) => {
      this.deps.log('warn', 'the progress of a backtest could not be saved', { error: String(error) });
    });
  }

  /** Writes behind what is being written. */
  #save(job: Job, record: BacktestRecord): Promise<void> {
    job.isSaving = true;
    const saving = job.saving
      .catch(() => undefined)
      .then(() => this.deps.store.saveBacktest(record))
      .finally(() => {
        if (job.saving === saving) job.isSaving = false;
      });
    job.saving = saving;
    // Whoever waits is told; a write that nobody waits for is no reason to end the process.
    saving.catch(() => undefined);
    return saving;
  }

  /** The first end counts. @returns when it is durable, or the platform stops */
  #finish(job: Job, change: Partial<BacktestRecord>): Promise<void> {
    job.ending ??= this.#end(job, { ...job.record, ...change, finishedUs: this.deps.clock.nowUs() });
    return job.ending;
  }

  async #end(job: Job, record: BacktestRecord): Promise<void> {
    const { id } = record;
    for (;;) {
      try {
        await this.#save(job, record);
        break;
      } catch (error) {
        this.deps.log('error', 'a backtest could not be saved, trying again', { backtest: id, error: String(error) });
        if (this.#stop.signal.aborted) return;
        await delay(SAVE_AGAIN_MS, undefined, { ref: false, signal: this.#stop.signal }).catch(() => undefined);
      }
    }
    job.record = record;
    this.#jobs.delete(id);
    for (const stream of this.#streams.get(id) ?? []) {
      stream.push(record);
      stream.end();
    }
  }

  /** Times of asking differ, so that a cursor is one. */
  #nextUs(): number {
    this.#lastUs = Math.max(this.deps.clock.nowUs(), this.#lastUs + 1);
    return this.#lastUs;
  }

  // ---- checks

  #checkTerms(input: BacktestInput, quoteScale: number): BacktestTerms {
    const { latencyMs, makerFeeBps, takerFeeBps, participation, from, to } = input;
    const initialCashUnits = parseScaled(input.initialCash, quoteScale);
    if (typeof initialCashUnits !== 'number' || initialCashUnits <= 0 || initialCashUnits > 1e15) {
      throw badUserInput(
        'input.initialCash',
        `must be above 0, with at most ${quoteScale} decimals, and no more than ${formatScaled(1e15, quoteScale)}`,
      );
    }
    if (from !== null && from !== undefined && to !== null && to !== undefined && from >= to) {
      throw badUserInput('input.to', 'must be later than from');
    }
    const { interval, source } = input;
    if (source !== null && source !== undefined) {
      if (interval !== null && interval !== undefined) {
        throw badUserInput('input.source', 'names imported trades: leave interval out, or source');
      }
      if (!SOURCE.test(source)) {
        throw badUserInput('input.source', 'takes 1 to 32 of a-z, 0-9, ".", "_" and "-", as named at the import');
      }
    }
    return {
      initialCashUnits,
      latencyUs: Math.round(within('input.latencyMs', latencyMs ?? 0, 0, 60_000) * 1_000),
      makerFeePpm: Math.round(within('input.makerFeeBps', makerFeeBps ?? 0, -100, 1_000) * 100),
      takerFeePpm: Math.round(within('input.takerFeeBps', takerFeeBps ?? 0, 0, 1_000) * 100),
      participation: within('input.participation', participation ?? 0.1, 1e-6, 1),
      seed: within('input.seed', input.seed ?? 1, 0, MAX_SEED),
    };
  }

  async #owned(
    id: string,
    context: RequestContext,
    ...scopes: Parameters<typeof requireScope>[1][]
  ): Promise<BacktestRecord> {
    const identity = requireScope(context, ...scopes);
    const record = this.#jobs.get(id)?.record ?? (await withClientErrors(this.deps.store.backtest(id)));
    if (record?.ownerId !== identity.userId) throw notFound('backtest with this id that you may use', 'id');
    return record;
  }
}

function within(field: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw badUserInput(field, `${value} is not within ${least} to ${most}`);
}

/** The report as it is kept and told: money as Decimal text. */
function toJson(report: BacktestReport, quoteScale: number): unknown {
  const money = (units: number | bigint) => formatScaled(units, quoteScale);
  return {
    totalReturn: report.totalReturn,
    annualizedSharpe: report.annualizedSharpe,
    maxDrawdown: report.maxDrawdown,
    tradeCount: report.tradeCount,
    winRate: report.winRate,
    turnover: money(report.turnoverUnits),
    fees: money(report.feesUnits),
    finalEquity: money(report.finalEquityUnits),
    equityCurve: report.equityCurve.map(({ timeUs, equityUnits, drawdown }) => ({
      time: timeUs,
      equity: money(equityUnits),
      drawdown,
    })),
    markouts: report.markouts.map(({ horizonS, meanBps, fills }) => ({ horizonSeconds: horizonS, meanBps, fills })),
    rejections: report.rejections,
    stateHash: report.stateHash,
  };
}

export type { BacktestRecord } from '../../../src/ports/strategy-store.js';

export function toBacktest(record: BacktestRecord): Backtest {
  const { id, gridId, status, progress, input, error, createdUs, finishedUs } = record;
  const report = record.report as Backtest['report'];
  return { id, gridId, status, progress, input, report, error, createdAt: createdUs, finishedAt: finishedUs };
}
