/** Charts of an equity curve: in characters for the terminal, as SVG for the report. */
import type { EquityPoint } from '../../core/strategy/backtest/report.js';

/** Draws a curve in rows of characters, highest value first, with its bounds on the left. */
export function asciiCurve(
  values: readonly number[],
  width: number,
  height: number,
  format: (value: number) => string,
): string[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const columns = Math.min(width, values.length);
  const rowOf = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * (height - 1)));
  const rows = Array.from({ length: height }, () => new Array<string>(columns).fill(' '));
  let before: number | null = null;
  for (let column = 0; column < columns; column += 1) {
    const at = columns === 1 ? 0 : Math.round((column * (values.length - 1)) / (columns - 1));
    const row = rowOf(values[at]!);
    const from: number = before ?? row;
    for (let step = Math.min(from, row); step <= Math.max(from, row); step += 1) rows[step]![column] = '│';
    rows[row]![column] = row === from ? '─' : row > from ? '╭' : '╰';
    if (row !== from) rows[from]![column] = row > from ? '╯' : '╮';
    before = row;
  }
  const labels = [format(high), format(low)];
  const labelWidth = Math.max(...labels.map(({ length }) => length));
  return rows
    .reverse()
    .map(
      (row, at) =>
        `${(at === 0 ? labels[0]! : at === height - 1 ? labels[1]! : '').padStart(labelWidth)} ┤${row.join('')}`,
    );
}

export interface SvgSeries {
  readonly title: string;
  readonly points: readonly { readonly timeUs: number; readonly value: number }[];
  readonly color: string;
  readonly format: (value: number) => string;
}

const WIDTH = 900;
const HEIGHT = 260;
const MARGIN = { left: 90, right: 16, top: 30, bottom: 28 };

/** Returns one chart as an SVG element. */
export function svgChart({ title, points, color, format }: SvgSeries): string {
  const times = points.map(({ timeUs }) => timeUs);
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [times[0] ?? 0, times[times.length - 1] ?? 1];
  const x = (timeUs: number) =>
    MARGIN.left + ((timeUs - from) / Math.max(1, to - from)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - low) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = points
    .map(({ timeUs, value }, at) => `${at === 0 ? 'M' : 'L'}${x(timeUs).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
  const lines = [low, (low + high) / 2, high].map((value) => {
    const at = y(value).toFixed(1);
    return `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}" class="grid"/><text x="${MARGIN.left - 8}" y="${at}" dy="4" text-anchor="end">${escapeText(format(value))}</text>`;
  });
  const day = (timeUs: number) => new Date(timeUs / 1_000).toISOString().slice(0, 16).replace('T', ' ');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}"><text x="${MARGIN.left}" y="18" class="title">${escapeText(title)}</text>${lines.join('')}<path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"/><text x="${MARGIN.left}" y="${HEIGHT - 8}">${day(from)}</text><text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${day(to)}</text></svg>`;
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export const equityOf = (curve: readonly EquityPoint[], scale: number) =>
  curve.map(({ timeUs, equityUnits }) => ({ timeUs, value: equityUnits / 10 ** scale }));
