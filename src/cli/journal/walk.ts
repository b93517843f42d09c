/** Walks through a journal: every command decoded and replayed, with what it did, and names in place of indexes. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readJournalFiles, type TornTail } from '../../adapters/file/journal-reader.js';
import type { Command } from '../../core/exchange/command.js';
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { Exchange } from '../../core/exchange/exchange.js';
import { ReferenceData } from '../../core/exchange/reference-data.js';
import { replayGroup } from '../../engine/replay.js';
import { formatInstantUs } from '../../graphql/instant.js';
import { CommandError, EXIT } from '../exit-codes.js';

/** One command with what it did. */
export interface Step {
  readonly sequence: number;
  readonly timeUs: number;
  readonly command: Command;
  readonly events: readonly ExchangeEvent[];
  readonly file: string;
  readonly offset: number;
}

export interface Walk {
  readonly steps: AsyncGenerator<Step>;
  /** The state after the step that was yielded last. */
  readonly exchange: Exchange;
  readonly reference: ReferenceData;
  /** Told once the steps are over. */
  tail: TornTail | null;
}

/** @throws CommandError when there is no journal in the folder, or it does not read */
export async function walk(dataDir: string): Promise<Walk> {
  const directory = resolve(dataDir);
  const isThere = await stat(join(directory, 'journal')).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isThere) throw new CommandError(`${directory} holds no journal; name a data folder`, EXIT.USAGE);
  const exchange = new Exchange();
  const reference = new ReferenceData();
  const result: Walk = { exchange, reference, tail: null, steps: steps() };
  async function* steps(): AsyncGenerator<Step> {
    try {
      const groups = readJournalFiles(directory, (tail) => {
        result.tail = tail;
      });
      for await (const group of groups) {
        for (const { sequence, timeUs, command } of replayGroup(exchange, group)) {
          const events = exchange.takeEvents();
          for (const event of events) reference.apply(event);
          yield { sequence, timeUs, command, events, file: group.file, offset: group.offset };
        }
      }
    } catch (error) {
      if ((error as Error).name !== 'JournalCorruptError') throw error;
      throw new CommandError((error as Error).message);
    }
  }
  return result;
}

/** The step as plain data: time as text, account and instrument under their public names. */
export function toPlain({ sequence, timeUs, command, events }: Step, reference: ReferenceData, withEvents: boolean) {
  return {
    sequence,
    time: formatInstantUs(timeUs),
    ...namedFields(command, reference),
    ...(withEvents ? { events: events.map((event) => namedFields(event, reference)) } : {}),
  };
}

function namedFields(record: object, reference: ReferenceData): Record<string, unknown> {
  const { account, instrument } = record as { account?: number | null; instrument?: number | null };
  return {
    ...record,
    ...(typeof account === 'number' ? { accountId: reference.accounts[account]?.accountId ?? null } : {}),
    ...(typeof instrument === 'number' ? { symbol: reference.instruments[instrument]?.symbol ?? null } : {}),
  };
}
