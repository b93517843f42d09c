/** `tradsys import candles|trades`: a CSV file of another venue's market data into a running platform, page by page. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { CandleInterval } from '../../core/values/vocabulary.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { graphqlAddress, interruptible, type PlatformOptions, requireFile, tokenOf } from '../platform/access.js';
import { GraphQLClient } from '../platform/client.js';
import { createProgress } from '../terminal/progress.js';
import { formatCount, formatDuration, layOut } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { CellProblem } from './cells.js';
import { readCsv } from './csv-rows.js';
import { ensureInstrument } from './instrument.js';
import type { ImportKind } from './kinds.js';

/** Rows of one request: their text stays below the bytes that a message may have. */
const PAGE_ROWS = 300;
const SHOWN_BAD_LINES = 20;
const MAX_BAD_LINES = 10_000;

export interface ImportOptions extends PlatformOptions {
  readonly symbol: string;
  readonly interval?: CandleInterval;
  readonly source: string;
  readonly create?: boolean;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly quote: string;
  readonly json?: boolean;
}

export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

export interface ImportSummary {
  readonly symbol: string;
  readonly source: string;
  readonly interval?: CandleInterval;
  /** Rows that were read, bad ones included. */
  rows: number;
  inserted: number;
  updated: number;
  unchanged: number;
  badLines: number;
  /** The first of them, at most 10,000. */
  readonly badLineList: BadLine[];
  durationMs: number;
  /** True where Ctrl+C ended it before the file did. */
  aborted: boolean;
}

interface PageAnswer {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly { readonly index: number; readonly field: string; readonly problem: string }[];
}

export async function runImport(
  kind: ImportKind,
  file: string,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  await requireFile(file, 'FILE');
  const token = await tokenOf(options);
  const summary = await interruptible(async (signal) => {
    const client = new GraphQLClient(graphqlAddress(options.url), token, signal);
    return importFile(kind, file, options, client, signal, terminal);
  });
  if (options.json === true) terminal.print(JSON.stringify(summary, null, 2));
  else printSummary(summary, terminal);
  if (summary.aborted) return EXIT.INTERRUPTED;
  return summary.badLines === 0 ? EXIT.DONE : EXIT.FAILED;
}

async function importFile(
  kind: ImportKind,
  file: string,
  options: ImportOptions,
  client: GraphQLClient,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<ImportSummary> {
  const startedMs = performance.now();
  const { symbol, source, interval } = options;
  // The columns are looked for before anything is listed or sent.
  const firstPrice = await firstPriceOf(kind, file);
  await ensureInstrument(client, options, firstPrice);
  const read = kind.reader(interval ?? 'D1');
  const summary: ImportSummary = {
    symbol,
    source,
    ...(interval === undefined ? {} : { interval }),
    rows: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    badLines: 0,
    badLineList: [],
    durationMs: 0,
    aborted: false,
  };
  const progress = createProgress(terminal, await countLines(file), 'lines');
  const page: { line: number; row: object }[] = [];
  const send = async () => {
    if (page.length === 0) return;
    const input = {
      symbol,
      source,
      ...(interval === undefined ? {} : { interval }),
      [kind.list]: page.map(({ row }) => row),
    };
    const answer = (await client.run<Record<string, PageAnswer>>(kind.mutation, { input }))[kind.field];
    if (answer === undefined) throw new CommandError('the platform answered without a result');
    summary.inserted += answer.inserted;
    summary.updated += answer.updated;
    summary.unchanged += answer.unchanged;
    for (const { index, field, problem } of answer.refused)
      addBad(summary, page[index]?.line ?? 0, `${field}: ${problem}`);
    page.length = 0;
  };
  try {
    for await (const row of readCsv(file, kind.names, kind.required)) {
      if (signal.aborted) break;
      summary.rows += 1;
      try {
        page.push({ line: row.line, row: read(row) });
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        addBad(summary, row.line, error.message);
      }
      if (page.length === PAGE_ROWS) {
        await send();
        progress.update(row.line, basename(file));
      }
    }
    if (!signal.aborted) await send();
  } finally {
    progress.end();
  }
  summary.badLineList.sort((a, b) => a.line - b.line);
  summary.aborted = signal.aborted;
  summary.durationMs = Math.round(performance.now() - startedMs);
  return summary;
}

function addBad(summary: ImportSummary, line: number, problem: string): void {
  summary.badLines += 1;
  if (summary.badLineList.length < MAX_BAD_LINES) summary.badLineList.push({ line, problem });
}

async function firstPriceOf(kind: ImportKind, file: string): Promise<string | null> {
  for await (const { cells } of readCsv(file, kind.names, kind.required)) {
    const price = cells[kind.price];
    if (price !== undefined && Number(price) > 0) return price;
  }
  return null;
}

async function countLines(file: string): Promise<number> {
  let lines = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

function printSummary(summary: ImportSummary, terminal: Terminal): void {
  const { paint, paintError } = terminal;
  const { rows, inserted, updated, unchanged, badLines, badLineList } = summary;
  const table: [string, string][] = [
    ['Instrument', `${[summary.symbol, summary.interval].filter(Boolean).join(' ')}, source ${summary.source}`],
    ['Rows', formatCount(rows)],
    ['New, changed, as before', `${formatCount(inserted)}, ${formatCount(updated)}, ${formatCount(unchanged)}`],
    ['Bad lines', formatCount(badLines)],
    ['Duration', formatDuration(summary.durationMs)],
  ];
  for (const line of layOut(table.map(([name, value]) => [paint.dim(name), value]))) terminal.print(line);
  for (const { line, problem } of badLineList.slice(0, SHOWN_BAD_LINES)) {
    terminal.report(`${paintError.yellow('bad')} line ${line}: ${problem}`);
  }
  if (badLines > SHOWN_BAD_LINES)
    terminal.report(`… and ${formatCount(badLines - SHOWN_BAD_LINES)} more (--json tells all)`);
  if (summary.aborted) terminal.report(paintError.yellow('Ended before the file was; importing it again goes on.'));
}
