/** `tradsys replay`: recorded order flow through a running platform, as a client like any other. */
import { createReadStream } from 'node:fs';
import type { FlowEvent } from '../../adapters/feeds/flow.js';
import { readLines } from '../../adapters/feeds/lines.js';
import { type BadLine, readLobsterBook, readLobsterMessages } from '../../adapters/feeds/lobster.js';
import { lobsterFlow } from '../../adapters/feeds/lobster-flow.js';
import { type ReplaySummary, replayFlow } from '../../adapters/feeds/replay.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { graphqlAddress, ownerOf, type PlatformOptions, requireFile, tokenOf } from '../platform/access.js';
import { GraphQLClient } from '../platform/client.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { MAKER_ACCOUNT_ID, PRICE_SCALE, prepareMarket, TAKER_ACCOUNT_ID } from './setup.js';
import { printSummary } from './summary.js';
import { PlatformTarget } from './target.js';

export interface ReplayCommandOptions extends PlatformOptions {
  readonly format: 'lobster';
  readonly book?: string;
  readonly speed: number | 'max';
  readonly symbol: string;
  readonly limit?: number;
  readonly json?: boolean;
}

interface Recording {
  readonly events: number;
  /** Price of the first message about a visible order. */
  readonly firstPriceTicks: number;
}

export async function runReplay(file: string, options: ReplayCommandOptions, terminal: Terminal): Promise<ExitCode> {
  await requireFile(file, 'FILE');
  if (options.book !== undefined) await requireFile(options.book, '--book');
  const token = await tokenOf(options);
  const recording = await examine(file, options.limit ?? Number.POSITIVE_INFINITY);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const client = new GraphQLClient(graphqlAddress(options.url), token, abort.signal);
    const { symbol, canceledCount } = await prepareMarket(
      client,
      options.symbol,
      ownerOf(token),
      recording.firstPriceTicks,
    );
    if (canceledCount > 0) terminal.report(`Canceled ${canceledCount} orders of an earlier replay.`);
    const summary = await play(file, options, client, symbol, recording.events, abort.signal, terminal);
    if (options.json === true) terminal.print(JSON.stringify({ symbol, ...summary }, null, 2));
    else printSummary(summary, symbol, terminal);
    if (summary.aborted) return EXIT.INTERRUPTED;
    return summary.badLines === 0 ? EXIT.DONE : EXIT.FAILED;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function play(
  file: string,
  options: ReplayCommandOptions,
  client: GraphQLClient,
  symbol: string,
  total: number,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<ReplaySummary> {
  const target = new PlatformTarget(client, {
    symbol,
    makerAccountId: MAKER_ACCOUNT_ID,
    takerAccountId: TAKER_ACCOUNT_ID,
    priceScale: PRICE_SCALE,
  });
  const progress = createProgress(terminal, total, 'messages');
  const book = options.book === undefined ? null : readLobsterBook(createReadStream(options.book));
  const flow = lobsterFlow(readLobsterMessages(createReadStream(file)), book);
  try {
    return await replayFlow(firstOf(flow, options.limit ?? Number.POSITIVE_INFINITY), target, {
      speed: options.speed,
      signal,
      onProgress: ({ events, timeNs, fills }) => progress.update(events, `${clockOf(timeNs)}  ${fills} fills`),
    });
  } finally {
    progress.end();
    target.close();
  }
}

async function* firstOf(flow: AsyncIterable<FlowEvent | BadLine>, limit: number): AsyncGenerator<FlowEvent | BadLine> {
  let events = 0;
  for await (const item of flow) {
    if (item.kind === 'event' && item.line > 0) events += 1;
    if (events > limit) return;
    yield item;
  }
}

/** Counts lines for the progress bar and finds the price around which the instrument is created. */
async function examine(file: string, limit: number): Promise<Recording> {
  let firstPriceTicks: number | null = null;
  for await (const message of readLobsterMessages(createReadStream(file))) {
    if (message.kind === 'bad' || !Number.isInteger(message.priceTicks) || message.priceTicks <= 1) continue;
    firstPriceTicks = message.priceTicks;
    break;
  }
  if (firstPriceTicks === null) {
    throw new CommandError(
      `${file} has no line of the form time,type,order id,size,price,direction: is it a LOBSTER message file?`,
      EXIT.USAGE,
    );
  }
  let events = 0;
  for await (const line of readLines(createReadStream(file), 1)) events = Math.min(line.line, limit);
  return { events, firstPriceTicks };
}

/** Time of day of a recording: 34200.5 s is "09:30:00.5". */
function clockOf(timeNs: number): string {
  const tenths = Math.floor(timeNs / 1e8);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(tenths / 10);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}
