/** `tradsys replay`: recorded order flow through a running platform, as a client like any other. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { decodeJwt } from 'jose';
import type { FlowEvent } from '../../adapters/feeds/flow.js';
import { readLines } from '../../adapters/feeds/lines.js';
import { type BadLine, readLobsterBook, readLobsterMessages } from '../../adapters/feeds/lobster.js';
import { lobsterFlow } from '../../adapters/feeds/lobster-flow.js';
import { type ReplaySummary, replayFlow } from '../../adapters/feeds/replay.js';
import { environmentVariable } from '../../config/environment.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { GraphQLClient } from './client.js';
import { MAKER_ACCOUNT_ID, PRICE_SCALE, prepareMarket, TAKER_ACCOUNT_ID } from './setup.js';
import { printSummary } from './summary.js';
import { PlatformTarget } from './target.js';

export interface ReplayCommandOptions {
  readonly format: 'lobster';
  readonly book?: string;
  readonly speed: number | 'max';
  readonly symbol: string;
  readonly url: string;
  readonly token?: string;
  readonly credentials?: string;
  readonly dataDir?: string;
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

async function requireFile(path: string, name: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    throw new CommandError(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, EXIT.USAGE);
  }
  throw new CommandError(`${name}: ${path} is not a file`, EXIT.USAGE);
}

async function tokenOf(options: ReplayCommandOptions): Promise<string> {
  if (options.token !== undefined) return options.token;
  const dataDir = options.dataDir ?? environmentVariable('TRADSYS_DATA_DIR') ?? '.tradsys';
  const path = resolve(options.credentials ?? join(dataDir, 'dev-credentials.json'));
  const mend = 'start the platform first, or name the file with --credentials, or give a --token';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`no credentials at ${path} (${(error as NodeJS.ErrnoException).code}); ${mend}`, EXIT.USAGE);
  }
  try {
    const { admin } = JSON.parse(text) as { admin?: { token?: unknown } };
    if (typeof admin?.token === 'string') return admin.token;
  } catch {
    // Told below: a file of another kind is as good as none.
  }
  throw new CommandError(`${path} holds no admin token; ${mend}`, EXIT.USAGE);
}

/** User who the token is of: the replay's accounts are opened in their name. */
function ownerOf(token: string): string {
  try {
    const { sub } = decodeJwt(token);
    if (sub !== undefined) return sub;
  } catch {
    // Told below.
  }
  throw new CommandError('the token is not an access token (JWT) with a subject', EXIT.USAGE);
}

function graphqlAddress(url: string): string {
  try {
    const address = new URL(url);
    if (address.protocol === 'http:' || address.protocol === 'https:') {
      return address.pathname === '/' ? new URL('/graphql', address).href : address.href;
    }
  } catch {
    // Told below.
  }
  throw new CommandError(`--url: "${url}" is not an http or https address`, EXIT.USAGE);
}

/** Time of day of a recording: 34200.5 s is "09:30:00.5". */
function clockOf(timeNs: number): string {
  const tenths = Math.floor(timeNs / 1e8);
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = Math.floor(tenths / 10);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}
