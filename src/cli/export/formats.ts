/** The formats of an export, each written as rows come: what is held is a page, or for Parquet a row group. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ColumnSource } from 'hyparquet-writer';
import { parseInstantUs } from '../../graphql/instant.js';
import type { Column, Row } from './datasets.js';

export const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

export interface RowWriter {
  write(rows: readonly Row[]): Promise<void>;
  /** Completes the file. */
  end(): Promise<void>;
  /** Gives it up; what was written is left to the caller. */
  abort(): Promise<void>;
}

/** Rows of one row group: a few megabytes in memory. */
const ROW_GROUP_ROWS = 20_000;

/** @param file null = standard output, which Parquet cannot go to */
export async function openWriter(format: Format, file: string | null, columns: readonly Column[]): Promise<RowWriter> {
  if (format === 'parquet') return openParquet(file ?? '', columns);
  const stream = file === null ? process.stdout : createWriteStream(file);
  if (file !== null) await once(stream, 'open');
  const line = format === 'csv' ? csvLine(columns) : ndjsonLine(columns);
  const writer = new TextWriter(stream, file !== null, line);
  if (format === 'csv') await writer.text(`${columns.map(({ name }) => name).join(',')}\n`);
  return writer;
}

class TextWriter implements RowWriter {
  constructor(
    private readonly stream: Writable,
    private readonly owned: boolean,
    private readonly line: (row: Row) => string,
  ) {}

  write(rows: readonly Row[]): Promise<void> {
    return this.text(rows.map((row) => `${this.line(row)}\n`).join(''));
  }

  /** Waits for a slow reader, so that nothing piles up here. */
  async text(text: string): Promise<void> {
    if (text === '' || this.stream.destroyed || this.stream.write(text)) return;
    await Promise.race([once(this.stream, 'drain'), once(this.stream, 'close')]);
  }

  async end(): Promise<void> {
    if (!this.owned) return;
    this.stream.end();
    await finished(this.stream);
  }

  async abort(): Promise<void> {
    if (this.owned) this.stream.destroy();
  }
}

function csvLine(columns: readonly Column[]): (row: Row) => string {
  return (row) => columns.map(({ name }) => csvCell(row[name])).join(',');
}

/** RFC 4180; null is an empty cell. */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function ndjsonLine(columns: readonly Column[]): (row: Row) => string {
  return (row) => JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])));
}

/** Decimals are text, exact as everywhere; times are TIMESTAMP of microseconds, UTC; integers INT64. */
async function openParquet(file: string, columns: readonly Column[]): Promise<RowWriter> {
  // Loaded where it is asked for only.
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer');
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...ELEMENTS[type] })),
  ];
  const sink = fileWriter(file);
  const parquet = new ParquetWriter({ writer: sink, schema });
  let held: Row[] = [];
  const flush = async () => {
    if (held.length === 0) return;
    const columnData: ColumnSource[] = columns.map(({ name, type }) => ({
      name,
      data: held.map((row) => storedValue(row[name], type)),
    }));
    held = [];
    await parquet.write({ columnData, rowGroupSize: ROW_GROUP_ROWS });
  };
  return {
    async write(rows) {
      held.push(...rows);
      if (held.length >= ROW_GROUP_ROWS) await flush();
    },
    async end() {
      await flush();
      await parquet.finish();
    },
    async abort() {
      await sink.finish();
    },
  };
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
const ELEMENTS = {
  text: TEXT,
  decimal: TEXT,
  time: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
  integer: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
} as const;

function storedValue(value: unknown, type: Column['type']): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'integer') return BigInt(value as number);
  if (type !== 'time') return value;
  const instantUs = parseInstantUs(value as string);
  return instantUs === null ? null : BigInt(instantUs);
}
