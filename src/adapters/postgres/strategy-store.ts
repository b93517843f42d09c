/** Strategies and backtests in PostgreSQL, a row each, by Prisma: they are few, and each is written whole. */

import type { StrategyType } from '../../core/strategy/catalogue.js';
import type { Log } from '../../ports/log.js';
import {
  type BacktestRecord,
  type BacktestStatus,
  type StrategyLedger,
  type StrategyRecord,
  type StrategyStatus,
  type StrategyStore,
} from '../../ports/strategy-store.js';
import { type Backtest, type Prisma, type PrismaClient, type Strategy, Prisma as sql } from './__generated__/client.js';
import { createGuard, type Guard, type GuardTexts } from './connection.js';

const MAX_LIMIT = 500;

const TEXTS: GuardTexts = {
  away: 'strategies cannot be reached',
  unreachable: 'strategies cannot be read or saved now; they come back with the database',
  failed: 'a statement about strategies failed',
};

export class PostgresStrategyStore implements StrategyStore {
  readonly #guarded: Guard;

  constructor(
    private readonly prisma: PrismaClient,
    log: Log,
    onUnreachable: () => void,
  ) {
    this.#guarded = createGuard(TEXTS, log, onUnreachable);
  }

  strategies(): Promise<readonly StrategyRecord[]> {
    return this.#guarded(async () => {
      const rows = await this.prisma.strategy.findMany({
        orderBy: [{ createdUs: 'asc' }, { id: 'asc' }],
      });
      return rows.map(strategyOf);
    });
  }

  saveStrategy(record: StrategyRecord): Promise<void> {
    return this.#guarded(async () => {
      const { id, symbols, parameters, ledger, createdUs, startedUs, ...plain } = record;
      const row = {
        ...plain,
        symbols: [...symbols],
        parameters: parameters as Prisma.InputJsonObject,
        ledger: ledger === null ? sql.DbNull : (ledger as unknown as Prisma.InputJsonObject),
        createdUs: BigInt(createdUs),
        startedUs: startedUs === null ? null : BigInt(startedUs),
      };
      await this.prisma.strategy.upsert({ where: { id }, create: { id, ...row }, update: row });
    });
  }

  deleteStrategy(id: string): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.strategy.deleteMany({ where: { id } });
    });
  }

  backtest(id: string): Promise<BacktestRecord | null> {
    return this.#guarded(async () => {
      const row = await this.prisma.backtest.findUnique({ where: { id } });
      return row === null ? null : backtestOf(row);
    });
  }

  backtestsOf(
    ownerId: string,
    before: { readonly createdUs: number; readonly id: string } | null,
    limit: number,
    gridId: string | null,
  ): Promise<readonly BacktestRecord[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT + 1) {
      throw new RangeError(`a page has 1 to ${MAX_LIMIT} backtests, not ${limit}`);
    }
    return this.#guarded(async () => {
      const createdUs = BigInt(before?.createdUs ?? 0);
      const behind: Prisma.BacktestWhereInput =
        before === null ? {} : { OR: [{ createdUs: { lt: createdUs } }, { createdUs, id: { lt: before.id } }] };
      const rows = await this.prisma.backtest.findMany({
        where: { ownerId, ...(gridId === null ? {} : { gridId }), ...behind },
        orderBy: [{ createdUs: 'desc' }, { id: 'desc' }],
        take: limit,
      });
      return rows.map(backtestOf);
    });
  }

  addBacktests(records: readonly BacktestRecord[]): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.backtest.createMany({ data: records.map(rowOf) });
    });
  }

  saveBacktest(record: BacktestRecord): Promise<void> {
    return this.#guarded(async () => {
      const { id, ...row } = rowOf(record);
      await this.prisma.backtest.upsert({ where: { id }, create: { id, ...row }, update: row });
    });
  }

  failUnfinishedBacktests(error: string): Promise<void> {
    return this.#guarded(async () => {
      await this.prisma.backtest.updateMany({
        where: { status: { in: ['QUEUED', 'RUNNING'] } },
        data: { status: 'FAILED', error },
      });
    });
  }
}

function strategyOf(row: Strategy): StrategyRecord {
  return {
    id: row.id,
    ownerId: row.ownerId,
    name: row.name,
    type: row.type as StrategyType,
    accountId: row.accountId,
    symbols: row.symbols,
    parameters: row.parameters as Record<string, unknown>,
    status: row.status as StrategyStatus,
    error: row.error,
    runCount: row.runCount,
    flatten: row.flatten,
    ledger: row.ledger as unknown as StrategyLedger | null,
    createdUs: Number(row.createdUs),
    startedUs: row.startedUs === null ? null : Number(row.startedUs),
  };
}

function rowOf({ input, report, createdUs, finishedUs, ...plain }: BacktestRecord) {
  return {
    ...plain,
    input: input as Prisma.InputJsonValue,
    report: report === null ? sql.DbNull : (report as Prisma.InputJsonValue),
    createdUs: BigInt(createdUs),
    finishedUs: finishedUs === null ? null : BigInt(finishedUs),
  };
}

function backtestOf(row: Backtest): BacktestRecord {
  return {
    id: row.id,
    ownerId: row.ownerId,
    gridId: row.gridId,
    input: row.input,
    status: row.status as BacktestStatus,
    progress: row.progress,
    report: row.report,
    error: row.error,
    createdUs: Number(row.createdUs),
    finishedUs: row.finishedUs === null ? null : Number(row.finishedUs),
  };
}
