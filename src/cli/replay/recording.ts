/** A recording of order flow in any of the formats that are read: its steps, its size, and its flow. */
import { createReadStream } from 'node:fs';
import type { FlowEvent } from '../../adapters/feeds/flow.js';
import { L3HeaderError, readL3 } from '../../adapters/feeds/l3.js';
import { l3Flow } from '../../adapters/feeds/l3-flow.js';
import { readLines } from '../../adapters/feeds/lines.js';
import { type BadLine, readLobsterBook, readLobsterMessages } from '../../adapters/feeds/lobster.js';
import { lobsterFlow } from '../../adapters/feeds/lobster-flow.js';
import { parseScaled, scaleOf } from '../../core/values/decimal.js';
import { CommandError, EXIT } from '../exit-codes.js';

export const RECORDING_FORMATS = ['lobster', 'l3'] as const;
export type RecordingFormat = (typeof RECORDING_FORMATS)[number];

/** Steps of LOBSTER's shares, and of other recordings where nothing is said. */
export const DEFAULT_STEPS = { tickSize: '0.01', lotSize: '1' };

/** The steps of an instrument as whole numbers of the last decimal that they have. */
export interface Steps {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly priceScale: number;
  readonly tickUnits: number;
  readonly qtyScale: number;
  readonly lotUnits: number;
}

export interface Recording {
  /** Lines, for the progress bar. */
  readonly events: number;
  /** Price around which it begins. */
  readonly firstPriceTicks: number;
  readonly steps: Steps;
  /** Reads it from the beginning. */
  flow(): AsyncGenerator<FlowEvent | BadLine>;
}

/** @throws CommandError where a step is no decimal above 0 */
export function stepsOf({ tickSize, lotSize }: { readonly tickSize: string; readonly lotSize: string }): Steps {
  const unitsOf = (option: string, text: string) => {
    const units = /^\d+(\.\d{1,9})?$/.test(text) ? parseScaled(text, scaleOf(text)) : null;
    if (typeof units === 'number' && units > 0) return units;
    throw new CommandError(`${option} ${text} is no decimal above 0 with at most 9 decimals`, EXIT.USAGE);
  };
  return {
    tickSize,
    lotSize,
    tickUnits: unitsOf('--tick-size', tickSize),
    priceScale: scaleOf(tickSize),
    lotUnits: unitsOf('--lot-size', lotSize),
    qtyScale: scaleOf(lotSize),
  };
}

/** Returns the flow of a file, read from its beginning. @param book LOBSTER's book file */
export function flowOf(
  format: RecordingFormat,
  file: string,
  book: string | null,
  steps: { readonly tickSize: string; readonly lotSize: string },
): AsyncGenerator<FlowEvent | BadLine> {
  if (format === 'l3') return withHeaderErrors(file, l3Flow(readL3(createReadStream(file), steps)));
  const rows = book === null ? null : readLobsterBook(createReadStream(book));
  return lobsterFlow(readLobsterMessages(createReadStream(file)), rows);
}

/** @throws CommandError where the file is none of the format */
export async function openRecording(
  format: RecordingFormat,
  file: string,
  book: string | null,
  steps: { readonly tickSize: string; readonly lotSize: string },
  limit = Number.POSITIVE_INFINITY,
): Promise<Recording> {
  if (format === 'lobster' && (steps.tickSize !== DEFAULT_STEPS.tickSize || steps.lotSize !== DEFAULT_STEPS.lotSize)) {
    throw new CommandError('a LOBSTER recording has ticks of 0.01 and lots of 1: leave the steps out', EXIT.USAGE);
  }
  if (format === 'l3' && book !== null) {
    throw new CommandError('--book is LOBSTER\u2019s: an l3 recording tells its book by its rows', EXIT.USAGE);
  }
  const whole = stepsOf(steps);
  const firstPriceTicks = await firstPriceOf(format, flowOf(format, file, null, steps));
  if (firstPriceTicks === null) {
    const problem =
      format === 'lobster'
        ? 'has no line of the form time,type,order id,size,price,direction: is it a LOBSTER message file?'
        : 'has no order that is added at a multiple of --tick-size and --lot-size: is it an L3 recording?';
    throw new CommandError(`${file} ${problem}`, EXIT.USAGE);
  }
  let lines = format === 'l3' ? -1 : 0;
  for await (const _ of readLines(createReadStream(file), 1)) lines += 1;
  return {
    events: Math.min(lines, limit),
    firstPriceTicks,
    steps: whole,
    flow: () => flowOf(format, file, book, steps),
  };
}

async function firstPriceOf(
  format: RecordingFormat,
  flow: AsyncGenerator<FlowEvent | BadLine>,
): Promise<number | null> {
  for await (const item of flow) {
    if (item.kind === 'bad') continue;
    for (const action of item.actions) {
      const isPriced = action.kind === 'PLACE' || (format === 'lobster' && action.kind === 'EXECUTE');
      if (isPriced) return action.priceTicks;
    }
  }
  return null;
}

async function* withHeaderErrors<T>(file: string, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    if (error instanceof L3HeaderError) throw new CommandError(`${file}: ${error.message}`, EXIT.USAGE);
    throw error;
  }
}
