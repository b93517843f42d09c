/** Strategies and backtests in memory, held to the same contract as the database's; it can be out of reach, or slow, as that can. */
import { HistoryUnreachableError } from '../ports/history.js';
import type { BacktestRecord, StrategyRecord, StrategyStore } from '../ports/strategy-store.js';

export class RecordedStrategies implements StrategyStore {
  reachable = true;
  /** Called before each write; lets a test hold one up. */
  onWrite: (record: StrategyRecord | BacktestRecord) => Promise<void> = () => Promise.resolve();
  readonly #strategies = new Map<string, string>();
  readonly #backtests = new Map<string, string>();

  async strategies(): Promise<readonly StrategyRecord[]> {
    this.#requireReachable();
    const records = [...this.#strategies.values()].map((text) => JSON.parse(text) as StrategyRecord);
    return records.sort((a, b) => a.createdUs - b.createdUs);
  }

  async saveStrategy(record: StrategyRecord): Promise<void> {
    await this.onWrite(record);
    this.#requireReachable();
    this.#strategies.set(record.id, JSON.stringify(record));
  }

  async deleteStrategy(id: string): Promise<void> {
    this.#requireReachable();
    this.#strategies.delete(id);
  }

  async backtest(id: string): Promise<BacktestRecord | null> {
    this.#requireReachable();
    const text = this.#backtests.get(id);
    return text === undefined ? null : (JSON.parse(text) as BacktestRecord);
  }

  async backtestsOf(
    ownerId: string,
    before: { readonly createdUs: number; readonly id: string } | null,
    limit: number,
    gridId: string | null,
  ): Promise<readonly BacktestRecord[]> {
    this.#requireReachable();
    const order = (a: { createdUs: number; id: string }, b: { createdUs: number; id: string }) =>
      b.createdUs - a.createdUs || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
    return [...this.#backtests.values()]
      .map((text) => JSON.parse(text) as BacktestRecord)
      .filter((record) => record.ownerId === ownerId && (gridId === null || record.gridId === gridId))
      .filter((record) => before === null || order(before, record) < 0)
      .sort(order)
      .slice(0, limit);
  }

  async addBacktests(records: readonly BacktestRecord[]): Promise<void> {
    for (const record of records) await this.onWrite(record);
    this.#requireReachable();
    for (const record of records) this.#backtests.set(record.id, JSON.stringify(record));
  }

  async saveBacktest(record: BacktestRecord): Promise<void> {
    await this.onWrite(record);
    this.#requireReachable();
    this.#backtests.set(record.id, JSON.stringify(record));
  }

  async failUnfinishedBacktests(error: string): Promise<void> {
    for (const text of [...this.#backtests.values()]) {
      const record = JSON.parse(text) as BacktestRecord;
      if (record.status === 'QUEUED' || record.status === 'RUNNING') {
        await this.saveBacktest({ ...record, status: 'FAILED', error });
      }
    }
  }

  #requireReachable(): void {
    if (!this.reachable) throw new HistoryUnreachableError('the test took the database away');
  }
}
