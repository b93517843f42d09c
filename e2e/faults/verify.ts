/** What must hold after any fault, by the journal alone: every acknowledged order once, no gap, nothing made or lost, copies equal. */
import pg from 'pg';
import { PostgresJournal } from '../../src/adapters/postgres/postgres-journal.js';
import { Exchange } from '../../src/core/exchange/exchange.js';
import { replayGroup } from '../../src/engine/replay.js';
import type { Services } from '../support/services.js';
import type { Answered } from './load.js';

const WITHIN_MS = 40_000;

export async function verify(services: Services, answered: readonly Answered[]): Promise<void> {
  const { exchange, accepted, adjusted, trades } = await replay(services.databaseUrl);
  for (const { clOrdId, orderId } of answered)
    expect({ clOrdId, orders: accepted.get(clOrdId) }).toEqual({ clOrdId, orders: [orderId] });
  const totals = new Map<number, number>();
  for (const event of exchange.image()) {
    if (event.type === 'BalanceUpdated') totals.set(event.asset, (totals.get(event.asset) ?? 0) + event.totalUnits);
  }
  for (const [asset, units] of adjusted) expect({ asset, units: totals.get(asset) ?? 0 }).toEqual({ asset, units });
  await expectReadModel(services.databaseUrl, exchange.eventSequence, trades);
  await expectCopies(services, exchange);
}

async function replay(url: string) {
  const journal = await PostgresJournal.open({ url, log: () => undefined });
  const exchange = new Exchange();
  const accepted = new Map<string, string[]>();
  const adjusted = new Map<number, number>();
  let last = 0;
  let trades = 0;
  try {
    for await (const group of journal.read(0)) {
      for (const _ of replayGroup(exchange, group)) {
        for (const event of exchange.takeEvents()) {
          last += 1;
          expect(event.sequence).toBe(last);
          if (event.type === 'OrdersTraded') trades += 1;
          if (event.type === 'BalanceAdjusted' && !event.duplicate) {
            adjusted.set(event.asset, (adjusted.get(event.asset) ?? 0) + event.amountUnits);
          }
          if (event.type === 'OrderAccepted' && event.clOrdId !== null) {
            accepted.set(event.clOrdId, [...(accepted.get(event.clOrdId) ?? []), String(event.orderId)]);
          }
        }
      }
    }
  } finally {
    await journal.close();
  }
  return { exchange, accepted, adjusted, trades };
}

/** The projector catches up, and has each trade once. */
async function expectReadModel(url: string, lastSequence: number, trades: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await eventually(async () => {
      const { rows } = await client.query(
        'SELECT through_sequence AS through, (SELECT count(*) FROM trades) AS trades FROM projector_offset',
      );
      expect({ through: Number(rows[0].through), trades: Number(rows[0].trades) }).toEqual({
        through: lastSequence,
        trades,
      });
    });
  } finally {
    await client.end();
  }
}

/** Leader and standby have the state that the journal gives. */
async function expectCopies(services: Services, exchange: Exchange): Promise<void> {
  const expected = { commandSequence: exchange.commandSequence, stateHash: exchange.stateHash() };
  for (const [name, url] of services.urls) {
    if (!name.startsWith('engine-')) continue;
    await eventually(async () => {
      const state = await (await fetch(`${url}/state`)).json();
      expect({ name, ...state }).toEqual({ name, ...expected });
    });
  }
}

async function eventually(check: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
