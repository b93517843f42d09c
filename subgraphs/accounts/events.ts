/** The accounts view: who owns which account, and what is in it, followed from the event stream. */
import type { ExchangeEvent } from '../../src/core/exchange/event.js';
import { ReferenceData } from '../../src/core/exchange/reference-data.js';
import { ReachedSequence } from '../../src/graphql/reached-sequence.js';
import type { EventBatch, EventConsumer } from '../../src/ports/event-feed.js';

/** A balance in units of its asset. */
export interface BalanceState {
  readonly asset: number;
  readonly totalUnits: number;
  readonly heldUnits: number;
}

export class AccountsView implements EventConsumer {
  readonly reference = new ReferenceData();
  readonly reached = new ReachedSequence();
  /** By account and asset; balances of 0 are left out, as in an image. */
  readonly #balances = new Map<number, Map<number, BalanceState>>();

  /** An account's balances other than 0, in the order in which their assets were registered. */
  balancesOf(account: number): BalanceState[] {
    return [...(this.#balances.get(account)?.values() ?? [])].sort((a, b) => a.asset - b.asset);
  }

  /** An account's balance of an asset; 0 where it has none. */
  balanceOf(account: number, asset: number): BalanceState {
    return this.#balances.get(account)?.get(asset) ?? { asset, totalUnits: 0, heldUnits: 0 };
  }

  reset(image: readonly ExchangeEvent[], sequence: number): void {
    this.reference.clear();
    this.#balances.clear();
    for (const event of image) this.#take(event);
    this.reached.set(sequence);
  }

  apply(batch: EventBatch): void {
    for (const event of batch.events) this.#take(event);
    this.reached.set(batch.lastSequence);
  }

  #take(event: ExchangeEvent): void {
    if (event.type !== 'BalanceUpdated') {
      this.reference.apply(event);
      return;
    }
    const { account, asset, totalUnits, heldUnits } = event;
    let balances = this.#balances.get(account);
    if (balances === undefined) {
      balances = new Map();
      this.#balances.set(account, balances);
    }
    if (totalUnits === 0 && heldUnits === 0) balances.delete(asset);
    else balances.set(asset, { asset, totalUnits, heldUnits });
  }
}
