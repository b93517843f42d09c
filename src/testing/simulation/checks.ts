/** What must hold in the simulated world whatever happened: found by replaying the journal, in which nothing else had a part. */
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { Exchange } from '../../core/exchange/exchange.js';
import { replayGroup } from '../../engine/replay.js';
import { SMALL_EXCHANGE } from '../../engine/testing/engine-kit.js';
import type { CommandOutcome } from '../../ports/engine-client.js';
import type { Journal } from '../../ports/journal.js';

/** Something that the product promises does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export interface Replayed {
  readonly exchange: Exchange;
  /** Event n at place n − 1. */
  readonly events: readonly ExchangeEvent[];
}

export async function replay(journal: Journal): Promise<Replayed> {
  const exchange = new Exchange(SMALL_EXCHANGE);
  const events: ExchangeEvent[] = [];
  for await (const group of journal.read(0)) {
    for (const _ of replayGroup(exchange, group)) events.push(...exchange.takeEvents());
  }
  return { exchange, events };
}

export interface Seen {
  /** What clients were answered. */
  readonly answers: readonly CommandOutcome[];
  readonly views: readonly (readonly ExchangeEvent[])[];
  readonly readModel: readonly ExchangeEvent[];
}

/** @throws Violation */
export function check({ exchange, events }: Replayed, { answers, views, readModel }: Seen): void {
  for (const [at, { sequence }] of events.entries()) {
    if (sequence !== at + 1) throw new Violation(`event ${sequence} stands in the place of ${at + 1}`);
  }
  for (const { commandSequence, events: told } of answers) {
    if (commandSequence > exchange.commandSequence) {
      throw new Violation(
        `command ${commandSequence} was acknowledged and is lost; the journal ends with ${exchange.commandSequence}`,
      );
    }
    compare(`the answer to command ${commandSequence}`, told, events);
  }
  for (const view of views) compare('a view', view, events);
  compare('the read model', readModel, events);
  checkOnce(events);
  checkSums(exchange, events);
}

function compare(what: string, told: readonly ExchangeEvent[], events: readonly ExchangeEvent[]): void {
  for (const event of told) {
    const journaled = JSON.stringify(events[event.sequence - 1]);
    if (JSON.stringify(event) !== journaled) {
      throw new Violation(`${what} has ${JSON.stringify(event)} where the journal gives ${journaled}`);
    }
  }
}

/** An order that was sent again under its clOrdId is there once. */
function checkOnce(events: readonly ExchangeEvent[]): void {
  const accepted = new Set<string>();
  for (const event of events) {
    if (event.type !== 'OrderAccepted' || event.clOrdId === null) continue;
    if (accepted.has(event.clOrdId)) throw new Violation(`order ${event.clOrdId} was accepted twice`);
    accepted.add(event.clOrdId);
  }
}

/** All balances of an asset are what was paid in. */
function checkSums(exchange: Exchange, events: readonly ExchangeEvent[]): void {
  const sums = new Map<number, number>();
  for (const event of events) {
    if (event.type === 'BalanceAdjusted' && !event.duplicate)
      sums.set(event.asset, (sums.get(event.asset) ?? 0) - event.amountUnits);
  }
  for (const event of exchange.image()) {
    if (event.type === 'BalanceUpdated') sums.set(event.asset, (sums.get(event.asset) ?? 0) + event.totalUnits);
  }
  for (const [asset, units] of sums) if (units !== 0) throw new Violation(`asset ${asset} has ${units} units too many`);
}
