/** Sessions and keys that no longer count, here at once and from other processes within seconds. */
import type { Clock } from '../../../../src/ports/clock.js';
import { HistoryUnreachableError } from '../../../../src/ports/history.js';
import type { IdentityStore } from '../../../../src/ports/identity-store.js';
import type { Log } from '../../../../src/ports/log.js';

const POLL_MS = 2_000;
/** Read again each time, since clocks of processes differ. */
const OVERLAP_US = 60_000_000;
/** Longer than any access token or cached key lives. */
const REMEMBER_US = 3_600_000_000;

export class Revocations {
  readonly #revoked = new Map<string, number>();
  readonly #listeners = new Set<(id: string) => void>();
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> | null = null;
  #sinceUs: number;

  constructor(
    private readonly store: IdentityStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#sinceUs = clock.nowUs() - REMEMBER_US;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => {
      if (this.#polling === null) void this.refresh();
    }, POLL_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#listeners.clear();
  }

  has(id: string): boolean {
    return this.#revoked.has(id);
  }

  add(id: string): void {
    if (this.#revoked.has(id)) return;
    this.#revoked.set(id, this.clock.nowUs());
    for (const listener of this.#listeners) listener(id);
  }

  /** @returns what ends the listening */
  onRevoked(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when everything is known that was revoked before the call, by whichever process. */
  async refresh(): Promise<void> {
    while (this.#polling !== null) await this.#polling;
    this.#polling = this.#poll().finally(() => {
      this.#polling = null;
    });
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const nowUs = this.clock.nowUs();
    try {
      for (const id of await this.store.revokedSince(this.#sinceUs)) this.add(id);
      this.#sinceUs = nowUs - OVERLAP_US;
      for (const [id, atUs] of this.#revoked) if (atUs < nowUs - REMEMBER_US) this.#revoked.delete(id);
    } catch (error) {
      // Those known stay revoked, and what was missed is read with the next answer.
      const level = error instanceof HistoryUnreachableError ? 'debug' : 'error';
      this.log(level, 'revocations could not be read', { error: String(error) });
    }
  }
}
