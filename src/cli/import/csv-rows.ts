/**
 * Rows of a CSV file (RFC 4180) with the numbers of their lines; columns are found by the names in the first line, whatever
 * their order, case and separators: "Open Time", "open_time" and "OPENTIME" are one.
 */
import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { CommandError, EXIT } from '../exit-codes.js';

const MAX_ROW_LENGTH = 100_000;

export interface CsvRow<Column extends string> {
  /** Line of the file on which the row ends, from 1. */
  readonly line: number;
  /** Cells without the blanks around them; absent where the file has no such column or the row is too short. */
  readonly cells: Readonly<Partial<Record<Column, string>>>;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * Reads a file.
 * @param names names by which each column is known; the first that stands in the file is taken
 * @param required columns without which nothing can be read
 * @throws CommandError naming the columns that are missing or there twice, or the line that is no CSV
 */
export async function* readCsv<Column extends string>(
  file: string,
  names: Readonly<Record<Column, readonly string[]>>,
  required: readonly Column[],
): AsyncGenerator<CsvRow<Column>> {
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: MAX_ROW_LENGTH,
    }),
  );
  let places: Map<Column, number> | null = null;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (places === null) {
        places = placesOf(file, record, names, required);
        continue;
      }
      const cells: Partial<Record<Column, string>> = {};
      for (const [column, place] of places) {
        const cell = record[place];
        if (cell !== undefined && cell !== '') cells[column] = cell;
      }
      yield { line: info.lines, cells };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new CommandError(`${file}: ${error.message}`);
    throw error;
  }
  if (places === null) throw new CommandError(`${file} is empty: the first line names the columns`, EXIT.USAGE);
}

function placesOf<Column extends string>(
  file: string,
  header: readonly string[],
  names: Readonly<Record<Column, readonly string[]>>,
  required: readonly Column[],
): Map<Column, number> {
  const found = header.map(plain);
  const places = new Map<Column, number>();
  for (const [column, aliases] of Object.entries(names) as [Column, readonly string[]][]) {
    const place = aliases.map((alias) => found.indexOf(plain(alias))).find((at) => at >= 0);
    if (place === undefined) continue;
    if (found.lastIndexOf(found[place] ?? '') !== place) {
      throw new CommandError(`${file}: the first line names ${header[place]} twice; which one counts?`, EXIT.USAGE);
    }
    places.set(column, place);
  }
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) {
    const wanted = missing.map((column) => `${column} (${[...new Set(names[column])].join(', ')})`).join('; ');
    const hint = header.length === 1 ? '; commas separate columns' : '';
    throw new CommandError(
      `${file}: the first line has no column for ${wanted}; it has ${header.join(', ')}${hint}`,
      EXIT.USAGE,
    );
  }
  return places;
}
