/**
 * A venue for tests: the real exchange behind the engine's ports, without journal and with a clock that the test moves.
 *
 * Batches reach consumers before the outcome does, as in the engine. `hold` and `release` gather several commands into
 * one batch. The past is kept in full, for `read` and for the history double.
 */
import type { Command, PlaceOrder } from '../core/exchange/command.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { Exchange, type OrderPreview, type QueuePosition } from '../core/exchange/exchange.js';
import type { InstrumentSpec } from '../core/instrument/instrument.js';
import type { CommandOutcome, EngineClient, EngineQueries } from '../ports/engine-client.js';
import type { EventBatch, EventConsumer, EventFeed } from '../ports/event-feed.js';

/** 2026-01-02 00:00 UTC, microseconds. */
export const TEST_START_US = 1_767_312_000_000_000;

export const KO: InstrumentSpec = {
  symbol: 'KO',
  description: 'Coca-Cola',
  baseAsset: 'KO',
  quoteAsset: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minPriceTicks: 1,
  maxPriceTicks: 1_000_000,
  minQtyLots: 1,
  maxQtyLots: 1_000_000,
  makerFeePpm: 0,
  takerFeePpm: 500,
  priceCollarPpm: null,
  referencePxTicks: 6000,
  initialStatus: 'OPEN',
  allowedSelfTradePrevention: ['NONE', 'CANCEL_NEWEST'],
};

export const PEP: InstrumentSpec = {
  ...KO,
  symbol: 'PEP',
  description: 'PepsiCo',
  baseAsset: 'PEP',
  referencePxTicks: 15_000,
};

export class TestVenue implements EngineClient, EngineQueries, EventFeed {
  readonly exchange = new Exchange();
  /** Every event so far. */
  readonly events: ExchangeEvent[] = [];
  /** Engine time of the next command, microseconds since 1970 UTC. */
  nowUs = TEST_START_US;
  readonly #consumers = new Set<EventConsumer>();
  #held: ExchangeEvent[] | null = null;

  get lastSequence(): number {
    return this.exchange.eventSequence;
  }

  /** Consumers that follow. */
  get followerCount(): number {
    return this.#consumers.size;
  }

  /** Executes a command and hands its events out. */
  run(command: Command): ExchangeEvent[] {
    this.exchange.apply(command, this.nowUs);
    const events = this.exchange.takeEvents();
    this.events.push(...events);
    if (this.#held === null) this.#deliver(events);
    else this.#held.push(...events);
    return events;
  }

  submit(command: Command): Promise<CommandOutcome> {
    const events = this.run(command);
    const { commandSequence, eventSequence: lastSequence, timeUs } = this.exchange;
    return Promise.resolve({ commandSequence, lastSequence, timeUs, events });
  }

  async preview(command: PlaceOrder): Promise<OrderPreview> {
    return this.exchange.preview(command, this.nowUs);
  }

  async queuePositions(orderIds: readonly number[]): Promise<readonly (QueuePosition | null)[]> {
    return this.exchange.queuePositions(orderIds);
  }

  /** Gathers what follows into one batch until `release`. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const events = this.#held ?? [];
    this.#held = null;
    this.#deliver(events);
  }

  follow(consumer: EventConsumer): Promise<() => void> {
    consumer.reset(this.exchange.image(), this.exchange.eventSequence);
    this.#consumers.add(consumer);
    return Promise.resolve(() => {
      this.#consumers.delete(consumer);
    });
  }

  /** Makes every follower start again from the present state. */
  resync(): void {
    for (const consumer of this.#consumers) consumer.reset(this.exchange.image(), this.exchange.eventSequence);
  }

  async *read(after: number, through: number): AsyncIterable<EventBatch> {
    const events = this.events.slice(after, through);
    for (let start = 0; start < events.length; start += 100) {
      const part = events.slice(start, start + 100);
      const firstSequence = after + start + 1;
      yield await Promise.resolve({ firstSequence, lastSequence: firstSequence + part.length - 1, events: part });
    }
  }

  /** Opens the venue's account, KO and PEP against USD, and funded CASH accounts 1, 2, … owned by users of the same name. */
  open(accountIds: readonly string[]): void {
    this.run({ type: 'RegisterAsset', asset: 'USD', scale: 6 });
    this.run({ type: 'RegisterAsset', asset: 'KO', scale: 8 });
    this.run({ type: 'RegisterAsset', asset: 'PEP', scale: 8 });
    this.run({ type: 'ListInstrument', spec: KO });
    this.run({ type: 'ListInstrument', spec: PEP });
    this.run({ type: 'OpenAccount', accountId: 'VENUE', name: 'Venue', ownerId: 'venue', kind: 'VENUE' });
    for (const [index, accountId] of accountIds.entries()) {
      this.run({ type: 'OpenAccount', accountId, name: accountId, ownerId: accountId, kind: 'CASH' });
      const account = index + 1;
      this.deposit(account, 0, 10 ** 13);
      this.deposit(account, 1, 10 ** 12);
      this.deposit(account, 2, 10 ** 12);
    }
  }

  deposit(account: number, asset: number, amountUnits: number): void {
    const transferId = `D-${this.exchange.commandSequence}`;
    this.run({ type: 'AdjustBalance', account, asset, amountUnits, transferId });
  }

  /** Places a LIMIT GTC order; `change` overrides. Returns the command's events. */
  place(
    account: number,
    instrument: number,
    side: 'BUY' | 'SELL',
    orderQtyLots: number,
    priceTicks: number,
    change: Partial<PlaceOrder> = {},
  ): ExchangeEvent[] {
    return this.run({
      type: 'PlaceOrder',
      account,
      instrument,
      side,
      ordType: 'LIMIT',
      timeInForce: 'GTC',
      orderQtyLots,
      priceTicks,
      stopPxTicks: null,
      trailingOffsetTicks: null,
      trailingPpm: null,
      displayQtyLots: null,
      expireTimeUs: null,
      postOnly: false,
      reduceOnly: false,
      selfTradePrevention: 'CANCEL_NEWEST',
      clOrdId: null,
      ...change,
    });
  }

  #deliver(events: readonly ExchangeEvent[]): void {
    const first = events[0];
    const last = events[events.length - 1];
    if (first === undefined || last === undefined) return;
    const batch = { firstSequence: first.sequence, lastSequence: last.sequence, events };
    for (const consumer of this.#consumers) consumer.apply(batch);
  }
}
