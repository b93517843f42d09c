/** What `npm run bench` knows of a suite: how to run it, and how a row of its table reads. */

/** A column of a suite's table. */
export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
}

export interface Suite<Row> {
  readonly columns: readonly Column<Row>[];
  /** Measures row by row; returns all of them. */
  readonly run: (onRow: (row: Row) => void) => Promise<readonly Row[]>;
}

export const millions = (value: number | null) => (value === null ? '–' : (value / 1e6).toFixed(2));
export const thousands = (value: number) => (value / 1e3).toFixed(0);
export const times = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)}×`);
export const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const line = (cells: readonly string[], widths: readonly number[]) =>
  cells.map((cell, index) => cell.padStart(widths[index] ?? 8)).join('');

/** Runs a suite and prints its table row by row, or nothing where only the figures are wanted. */
export async function runSuite<Row>({ columns, run }: Suite<Row>, quiet: boolean): Promise<readonly Row[]> {
  const widths = columns.map(({ width }) => width);
  const print = (cells: readonly string[]) => {
    if (!quiet) process.stdout.write(`${line(cells, widths)}\n`);
  };
  print(columns.map(({ title }) => title));
  return run((row) => print(columns.map(({ cell }) => cell(row))));
}
