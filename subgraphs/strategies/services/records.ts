/**
 * What is kept of every strategy: in memory as it is, in the store as soon as it can be. Writes of one strategy never overtake
 * each other, and one that failed is tried again until it is done.
 *
 * Limits: MAX_KEPT strategies of one owner, of which MAX_OPEN have not ended, and MAX_OPEN_IN_ALL of all owners; at work MAX_RUNNING
 * of one owner and MAX_RUNNING_IN_ALL.
 */
import { badUserInput, limitExceeded, notFound, withClientErrors } from '../../../src/graphql/errors.js';
import type { Log } from '../../../src/ports/log.js';
import type { StrategyRecord, StrategyStore } from '../../../src/ports/strategy-store.js';

export const MAX_KEPT = 200;
export const MAX_OPEN = 50;
export const MAX_OPEN_IN_ALL = 500;
export const MAX_RUNNING = 16;
export const MAX_RUNNING_IN_ALL = 64;

export class StrategyRecords {
  isLoaded = false;
  readonly #records = new Map<string, StrategyRecord>();
  readonly #unsaved = new Set<string>();
  readonly #writes = new Map<string, Promise<void>>();

  constructor(
    private readonly store: StrategyStore,
    private readonly log: Log,
  ) {}

  /** Reads all, once. @throws HistoryUnreachableError */
  async load(): Promise<void> {
    if (this.isLoaded) return;
    const records = await this.store.strategies();
    if (this.isLoaded) return;
    for (const record of records) this.#records.set(record.id, record);
    this.isLoaded = true;
  }

  /** Oldest first. */
  all(): StrategyRecord[] {
    return [...this.#records.values()];
  }

  find(id: string): StrategyRecord | undefined {
    return this.#records.get(id);
  }

  /** @throws GraphQLError NOT_FOUND */
  get(id: string): StrategyRecord {
    const record = this.#records.get(id);
    if (record === undefined) throw notFound('strategy with this id that you may use', 'id');
    return record;
  }

  /** Makes it so once it is durable. @throws GraphQLError HISTORY_UNAVAILABLE, and then nothing has changed */
  async save(record: StrategyRecord): Promise<void> {
    await withClientErrors(this.#write(record.id, () => this.store.saveStrategy(record)));
    this.#records.set(record.id, record);
  }

  /** Makes it so now, durable as soon as the store takes it. */
  put(record: StrategyRecord): void {
    if (!this.#records.has(record.id)) return;
    this.#records.set(record.id, record);
    this.#unsaved.add(record.id);
  }

  /** Writes what `put` left. @throws GraphQLError HISTORY_UNAVAILABLE: it is so, and is tried again */
  async flush(id: string): Promise<void> {
    await withClientErrors(this.#write(id, () => this.#saveNow(id)));
  }

  /** Writes what `put` left, where nothing of the strategy is being written. */
  async flushAll(): Promise<void> {
    await Promise.all(
      [...this.#unsaved]
        .filter((id) => !this.#writes.has(id))
        .map(async (id) => {
          try {
            await this.#write(id, () => this.#saveNow(id));
          } catch (error) {
            this.log('warn', 'a strategy could not be saved, trying again', { strategy: id, error: String(error) });
          }
        }),
    );
  }

  /** @throws GraphQLError HISTORY_UNAVAILABLE */
  async remove(id: string): Promise<void> {
    await withClientErrors(this.#write(id, () => this.store.deleteStrategy(id)));
    this.#records.delete(id);
    this.#unsaved.delete(id);
  }

  /** @throws GraphQLError LIMIT_EXCEEDED where one more is too many to keep */
  requireRoomToKeep(ownerId: string): void {
    const own = this.all().filter((record) => record.ownerId === ownerId).length;
    if (own >= MAX_KEPT) {
      throw limitExceeded('input', MAX_KEPT, `you keep ${own} strategies: delete some that have ended`);
    }
    this.#requireRoomToOpen(ownerId, 'input');
  }

  /** @throws GraphQLError LIMIT_EXCEEDED where one more is too many that has not ended */
  #requireRoomToOpen(ownerId: string, field: string): void {
    const open = this.all().filter(isOpen);
    const own = open.filter((record) => record.ownerId === ownerId).length;
    if (own >= MAX_OPEN) {
      throw limitExceeded(field, MAX_OPEN, `${own} strategies of yours have not ended: stop some`);
    }
    if (open.length >= MAX_OPEN_IN_ALL) {
      throw limitExceeded(field, MAX_OPEN_IN_ALL, 'the platform has no room for another strategy; try again later');
    }
  }

  /** @throws GraphQLError LIMIT_EXCEEDED, BAD_USER_INPUT where the account is in use */
  requireRoomToRun(record: StrategyRecord): void {
    const { id, accountId, ownerId } = record;
    if (!isOpen(record)) this.#requireRoomToOpen(ownerId, 'id');
    const atWork = this.all().filter((one) => (one.status === 'RUNNING' || one.status === 'CLOSING') && one.id !== id);
    const own = atWork.filter((one) => one.ownerId === ownerId).length;
    if (own >= MAX_RUNNING) {
      throw limitExceeded('id', MAX_RUNNING, `${own} strategies of yours are at work: pause or stop one`);
    }
    if (atWork.length >= MAX_RUNNING_IN_ALL) {
      throw limitExceeded('id', MAX_RUNNING_IN_ALL, `${atWork.length} strategies are at work; try again later`);
    }
    const other = atWork.find((one) => one.accountId === accountId);
    if (other === undefined) return;
    throw badUserInput(
      'id',
      `strategy ${other.id} is at work on account ${accountId}: pause it first, or use another account`,
    );
  }

  async #saveNow(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record === undefined || !this.#unsaved.has(id)) return;
    this.#unsaved.delete(id);
    try {
      await this.store.saveStrategy(record);
    } catch (error) {
      this.#unsaved.add(id);
      throw error;
    }
  }

  /** One write of a strategy after the other. */
  async #write(id: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(id) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(write);
    this.#writes.set(id, turn);
    try {
      await turn;
    } finally {
      if (this.#writes.get(id) === turn) this.#writes.delete(id);
    }
  }
}

/** True where it may go on. */
function isOpen({ status }: StrategyRecord): boolean {
  return status !== 'STOPPED' && status !== 'FAILED';
}
