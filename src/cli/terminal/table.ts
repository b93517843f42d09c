/** Text tables: columns as wide as their widest cell, two spaces between. */

export interface TableOptions {
  readonly indent?: string;
  /** Columns that are aligned to the right, by index. */
  readonly right?: readonly number[];
}

/** Lays rows out as lines; the last column is not padded. Cells may carry colours. */
export function layOut(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, visibleLength(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => {
      const padding = ' '.repeat((widths[at] ?? 0) - visibleLength(cell));
      if (options.right?.includes(at)) return padding + cell;
      return at === row.length - 1 ? cell : cell + padding;
    });
    return (options.indent ?? '') + cells.join('  ');
  });
}

/** Length as seen: without colours. */
function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with the escape character
  return text.replaceAll(/\u001b\[\d+m/g, '').length;
}

/** Prints a whole number with thousands apart: 1234567 is "1,234,567". */
export function formatCount(value: number): string {
  return value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** Prints a duration: "850 ms", "3.2 s", "4 min 10 s". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Prints bytes in the unit of their size: "1.5 GiB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}
