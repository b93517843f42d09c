/** `tradsys export`: history out of a running platform, a page at a time, into a file or a pipe. */
import { rename, rm } from 'node:fs/promises';
import { formatInstantUs } from '../../graphql/instant.js';
import { CommandError, EXIT, type ExitCode } from '../exit-codes.js';
import { timeUsOf } from '../import/cells.js';
import { graphqlAddress, interruptible, type PlatformOptions, tokenOf } from '../platform/access.js';
import { GraphQLClient } from '../platform/client.js';
import { formatCount } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { type Dataset, type DatasetOptions, pagesOf } from './datasets.js';
import { type Format, openWriter } from './formats.js';

const REDRAW_EVERY_MS = 200;

export interface ExportOptions extends PlatformOptions, DatasetOptions {
  readonly format: Format;
  readonly out?: string;
  readonly json?: boolean;
}

export async function runExport(dataset: Dataset, options: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  const { format, out } = options;
  if (format === 'parquet' && out === undefined) {
    throw new CommandError('Parquet goes into a file: name it with --out', EXIT.USAGE);
  }
  const token = await tokenOf(options);
  const range = { ...rangeOf('from', options.from), ...rangeOf('to', options.to) };
  return interruptible(async (signal) => {
    const client = new GraphQLClient(graphqlAddress(options.url), token, signal);
    const startedMs = performance.now();
    const rows = await exportRows(dataset, { ...options, ...range }, client, signal, terminal);
    const durationMs = Math.round(performance.now() - startedMs);
    if (signal.aborted) {
      terminal.report(
        terminal.paintError.yellow(
          `Ended after ${formatCount(rows)} rows${out === undefined ? '' : '; no file was made'}.`,
        ),
      );
      return EXIT.INTERRUPTED;
    }
    // Standard output may hold the rows themselves.
    if (options.json === true) terminal.report(JSON.stringify({ rows, format, out: out ?? null, durationMs }));
    else if (out !== undefined) terminal.report(`${formatCount(rows)} rows in ${out}`);
    return EXIT.DONE;
  });
}

function rangeOf(name: 'from' | 'to', text: string | undefined): Partial<DatasetOptions> {
  if (text === undefined) return {};
  try {
    return { [name]: formatInstantUs(timeUsOf(text)) };
  } catch (error) {
    throw new CommandError(`--${name}: ${(error as Error).message}`, EXIT.USAGE);
  }
}

/** A file appears under its name only once it is whole. */
async function exportRows(
  dataset: Dataset,
  options: ExportOptions,
  client: GraphQLClient,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<number> {
  const { out, format } = options;
  const part = out === undefined ? null : `${out}.part`;
  const pages = pagesOf(dataset, options, client, signal);
  // The first page tells whether there is anything to ask for, before a file is begun.
  const first = await pages.next();
  const writer = await openWriter(format, part, dataset.columns).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(`--out: ${out} cannot be written (${error.code ?? error.message})`, EXIT.USAGE);
  });
  let rows = 0;
  let drawnMs = 0;
  try {
    for (let page = first; page.done !== true; page = await pages.next()) {
      await writer.write(page.value);
      rows += page.value.length;
      if (terminal.err.isTTY === true && out !== undefined && performance.now() - drawnMs > REDRAW_EVERY_MS) {
        drawnMs = performance.now();
        terminal.err.write(`\r\u001b[2K ${formatCount(rows)} rows`);
      }
    }
    if (terminal.err.isTTY === true && out !== undefined) terminal.err.write('\r\u001b[2K');
    if (signal.aborted) {
      await writer.abort();
      if (part !== null) await rm(part, { force: true });
      return rows;
    }
    await writer.end();
    if (part !== null && out !== undefined) await rename(part, out);
    return rows;
  } catch (error) {
    await writer.abort();
    if (part !== null) await rm(part, { force: true });
    throw error;
  }
}
