/** `tradsys replay`: recorded order flow through a running platform, as a client like any other. */
import type { FlowEvent } from '../../adapters/feeds/flow.js';
import type { BadLine } from '../../adapters/feeds/lobster.js';
import { type ReplaySummary, replayFlow } from '../../adapters/feeds/replay.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { graphqlAddress, ownerOf, type PlatformOptions, requireFile, tokenOf } from '../platform/access.js';
import { GraphQLClient } from '../platform/client.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { DEFAULT_STEPS, openRecording, type Recording, type RecordingFormat } from './recording.js';
import { MAKER_ACCOUNT_ID, prepareMarket, type ReplayClients, TAKER_ACCOUNT_ID } from './setup.js';
import { printSummary } from './summary.js';
import { PlatformTarget } from './target.js';

export interface ReplayCommandOptions extends PlatformOptions {
  readonly traderToken?: string;
  readonly format: RecordingFormat;
  readonly tickSize?: string;
  readonly lotSize?: string;
  readonly book?: string;
  readonly speed: number | 'max';
  readonly symbol: string;
  readonly limit?: number;
  readonly json?: boolean;
}

export async function runReplay(file: string, options: ReplayCommandOptions, terminal: Terminal): Promise<ExitCode> {
  await requireFile(file, 'FILE');
  if (options.book !== undefined) await requireFile(options.book, '--book');
  const token = await tokenOf(options);
  const traderToken = options.traderToken ?? (await tokenOf(options, 'trader'));
  const { tickSize = DEFAULT_STEPS.tickSize, lotSize = DEFAULT_STEPS.lotSize, limit } = options;
  const recording = await openRecording(options.format, file, options.book ?? null, { tickSize, lotSize }, limit);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const url = graphqlAddress(options.url);
    const clients: ReplayClients = {
      admin: new GraphQLClient(url, token, abort.signal),
      trader: new GraphQLClient(url, traderToken, abort.signal),
    };
    const { symbol, canceledCount } = await prepareMarket(clients, options.symbol, ownerOf(traderToken), recording);
    if (canceledCount > 0) terminal.report(`Canceled ${canceledCount} orders of an earlier replay.`);
    const summary = await play(recording, options, clients, symbol, abort.signal, terminal);
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
  recording: Recording,
  options: ReplayCommandOptions,
  clients: ReplayClients,
  symbol: string,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<ReplaySummary> {
  const target = new PlatformTarget(clients, {
    symbol,
    makerAccountId: MAKER_ACCOUNT_ID,
    takerAccountId: TAKER_ACCOUNT_ID,
    steps: recording.steps,
  });
  const progress = createProgress(terminal, recording.events, 'messages');
  try {
    return await replayFlow(firstOf(recording.flow(), options.limit ?? Number.POSITIVE_INFINITY), target, {
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

/** Time of day of a recording: 34200.5 s is "09:30:00.5". */
function clockOf(timeNs: number): string {
  const tenths = Math.floor(timeNs / 1e8);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(tenths / 10);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}
