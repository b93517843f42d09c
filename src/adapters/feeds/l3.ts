/**
 * Reader of order-by-order (L3) recordings as CSV: one row an event of one order. Columns are found by their names in the first
 * line, whatever their order and case:
 *
 * | column | names | values |
 * |---|---|---|
 * | time | time, timestamp, ts, ts_event | date and time (UTC without an offset), or seconds, ms, µs, ns since 1970 |
 * | action | action, type, event | add, cancel, modify, trade, fill, clear, or their first letters (R = clear) |
 * | order id | order_id, id | any text up to 64 characters; a trade needs none |
 * | side | side | buy, bid, B, 1; sell, ask, A, S, −1: of the order; of a trade, of the aggressor |
 * | price | price, px | decimal, a multiple of the tick |
 * | size | size, qty, quantity | decimal, a multiple of the lot |
 *
 * A file with the columns ts_event, action and order_id is taken as Databento's MBO schema: whole prices count 10⁻⁹, and a fill
 * changes nothing by itself, since a cancel or modify behind it does (`isFillToldTwice`). In any other file the fill itself
 * takes its size off the order.
 * A row that is not one of these is told with its line and skipped.
 */
import { parseScaled } from '../../core/values/decimal.js';
import type { Side } from '../../core/values/vocabulary.js';
import { readLines } from './lines.js';
import type { BadLine } from './lobster.js';

export const L3_ACTIONS = ['ADD', 'CANCEL', 'MODIFY', 'TRADE', 'FILL', 'CLEAR'] as const;
export type L3Action = (typeof L3_ACTIONS)[number];

export interface L3Row {
  readonly kind: 'row';
  readonly line: number;
  /** Nanoseconds since 00:00 UTC of the recording's first day, not falling. */
  readonly timeNs: number;
  readonly action: L3Action;
  /** '' on a trade or clear without one. */
  readonly orderId: string;
  /** null where the row has none. */
  readonly side: Side | null;
  readonly priceTicks: number | null;
  readonly qtyLots: number | null;
}

/** Steps in which a recording's prices and sizes count. */
export interface L3Terms {
  /** Decimal, e.g. "0.01". */
  readonly tickSize: string;
  readonly lotSize: string;
}

/** What the first line says about the rows. */
export interface L3Format {
  /** True where a cancel or modify behind a fill takes out what it filled. */
  readonly isFillToldTwice: boolean;
}

const MAX_LINE_LENGTH = 1_000;
const MAX_ID_LENGTH = 64;
const SHOWN_LENGTH = 60;
const DAY_NS = 86_400_000_000_000n;
/** Decimals of a whole price in Databento's files. */
const DATABENTO_SCALE = 9;
const NAMES = {
  time: ['time', 'timestamp', 'ts', 'tsevent'],
  action: ['action', 'type', 'event'],
  orderId: ['orderid', 'id'],
  side: ['side'],
  price: ['price', 'px'],
  size: ['size', 'qty', 'quantity'],
} as const;
type Column = keyof typeof NAMES;

const ACTIONS: Readonly<Record<string, L3Action>> = {
  a: 'ADD',
  add: 'ADD',
  c: 'CANCEL',
  cancel: 'CANCEL',
  m: 'MODIFY',
  modify: 'MODIFY',
  t: 'TRADE',
  trade: 'TRADE',
  f: 'FILL',
  fill: 'FILL',
  r: 'CLEAR',
  clear: 'CLEAR',
};
const SIDES: Readonly<Record<string, Side>> = {
  buy: 'BUY',
  bid: 'BUY',
  b: 'BUY',
  '1': 'BUY',
  sell: 'SELL',
  ask: 'SELL',
  a: 'SELL',
  s: 'SELL',
  '-1': 'SELL',
};
/** What a row of each action can't do without. */
const NEEDS: Readonly<Record<L3Action, readonly ('orderId' | 'side' | 'price' | 'size')[]>> = {
  ADD: ['orderId', 'side', 'price', 'size'],
  CANCEL: ['orderId'],
  MODIFY: ['orderId', 'price', 'size'],
  TRADE: ['price', 'size'],
  FILL: ['orderId', 'size'],
  CLEAR: [],
};

/** The first line is no header of such a file: what is missing in it. */
export class L3HeaderError extends Error {
  override readonly name = 'L3HeaderError';
}

/**
 * Reads a recording.
 * @throws L3HeaderError where the first line does not name the columns
 * @throws RangeError where a step is no decimal above 0
 */
export async function* readL3(
  chunks: AsyncIterable<Uint8Array | string>,
  terms: L3Terms,
): AsyncGenerator<{ readonly kind: 'format'; readonly format: L3Format } | L3Row | BadLine> {
  let rows: RowReader | null = null;
  for await (const { line, text, tooLong } of readLines(chunks, MAX_LINE_LENGTH)) {
    if (rows === null) {
      rows = new RowReader(text, terms);
      yield { kind: 'format', format: { isFillToldTwice: rows.isDatabento } };
      continue;
    }
    if (text.trim() === '') continue;
    const read = tooLong ? `longer than ${MAX_LINE_LENGTH} characters` : rows.read(line, text);
    yield typeof read === 'string' ? { kind: 'bad', line, problem: read } : read;
  }
  if (rows === null) throw new L3HeaderError('the file is empty: its first line names the columns');
}

class RowReader {
  readonly isDatabento: boolean;
  readonly #places: ReadonlyMap<Column, number>;
  readonly #tick: Step;
  readonly #lot: Step;
  #dayNs: bigint | null = null;
  #lastNs = 0;

  constructor(header: string, { tickSize, lotSize }: L3Terms) {
    const found = cellsOf(header.replace(/^\uFEFF/, '')).map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ''));
    this.isDatabento = ['tsevent', 'action', 'orderid'].every((name) => found.includes(name));
    const places = new Map<Column, number>();
    for (const [column, names] of Object.entries(NAMES) as [Column, readonly string[]][]) {
      const preferred = column === 'time' && this.isDatabento ? ['tsevent'] : names;
      const place = preferred.map((name) => found.indexOf(name)).find((at) => at >= 0);
      if (place === undefined) {
        throw new L3HeaderError(
          `the first line has no column for the ${column} (${names.join(', ')}): ${clipped(header)}`,
        );
      }
      if (found.lastIndexOf(found[place] ?? '') !== place) {
        throw new L3HeaderError(`the first line names the ${column} twice: ${clipped(header)}`);
      }
      places.set(column, place);
    }
    this.#places = places;
    this.#tick = stepOf(tickSize);
    this.#lot = stepOf(lotSize);
  }

  /** Returns the row, or what is wrong with it. */
  read(line: number, text: string): L3Row | string {
    const cells = cellsOf(text);
    const cell = (column: Column) => cells[this.#places.get(column) ?? -1] ?? '';
    const action = ACTIONS[cell('action').toLowerCase()];
    if (action === undefined)
      return `action "${clipped(cell('action'))}" is none of add, cancel, modify, trade, fill, clear`;
    const needs = NEEDS[action];
    const missing = needs.find((column) => cell(column) === '');
    if (missing !== undefined)
      return `a row of ${action.toLowerCase()} needs ${missing === 'orderId' ? 'an order id' : `a ${missing}`}`;
    const orderId = cell('orderId');
    if (orderId.length > MAX_ID_LENGTH) return `the order id is longer than ${MAX_ID_LENGTH} characters`;
    const side = SIDES[cell('side').toLowerCase()] ?? null;
    if (side === null && needs.includes('side')) return `side "${clipped(cell('side'))}" is neither buy nor sell`;
    const price = this.#price(cell('price'), needs.includes('price'));
    if (typeof price === 'string') return price;
    const size = stepsOf('size', cell('size'), this.#lot, needs.includes('size'));
    if (typeof size === 'string') return size;
    const timeNs = this.#timeNs(cell('time'));
    if (typeof timeNs === 'string') return timeNs;
    return { kind: 'row', line, timeNs, action, orderId, side, priceTicks: price, qtyLots: size };
  }

  #price(text: string, isNeeded: boolean): number | null | string {
    const isScaled = this.isDatabento && /^-?\d+$/.test(text);
    return stepsOf('price', isScaled ? unscaled(text) : text, this.#tick, isNeeded);
  }

  #timeNs(text: string): number | string {
    const ns = nanosecondsOf(text);
    if (ns === null) return `time "${clipped(text)}" is no date and time, nor a number since 1970`;
    this.#dayNs ??= ns - (ns % DAY_NS);
    const timeNs = Number(ns - this.#dayNs);
    if (timeNs < this.#lastNs) return `time ${clipped(text)} is before the row above`;
    if (!Number.isSafeInteger(timeNs)) return `time ${clipped(text)} is more than 100 days behind the first`;
    this.#lastNs = timeNs;
    return timeNs;
  }
}

interface Step {
  readonly text: string;
  readonly scale: number;
  readonly units: number;
}

/** @throws RangeError */
function stepOf(text: string): Step {
  const scale = /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
  const units = parseScaled(text, scale);
  if (typeof units !== 'number' || units <= 0 || scale > 9)
    throw new RangeError(`"${text}" is no step: a decimal above 0`);
  return { text, scale, units };
}

/** Returns how many steps a decimal is; null where an optional one is empty or 0; what is wrong with it otherwise. */
function stepsOf(name: string, text: string, step: Step, isNeeded: boolean): number | null | string {
  const units = text === '' ? 0 : parseScaled(text, step.scale);
  const count = typeof units === 'number' ? units / step.units : Number.NaN;
  if (!isNeeded && count === 0) return null;
  if (Number.isSafeInteger(count) && count > 0) return count;
  if (!isNeeded && !(count > 0)) return null;
  return `${name} "${clipped(text)}" is no multiple of ${step.text} above 0`;
}

/** A whole number of 10⁻⁹ as a decimal. */
function unscaled(text: string): string {
  const digits = text.replace('-', '').padStart(DATABENTO_SCALE + 1, '0');
  const sign = text.startsWith('-') ? '-' : '';
  return `${sign}${digits.slice(0, -DATABENTO_SCALE)}.${digits.slice(-DATABENTO_SCALE)}`;
}

/** Nanoseconds since 1970 UTC; null where the text is no time. */
function nanosecondsOf(text: string): bigint | null {
  const epoch = /^(\d{9,19})(?:\.(\d{1,9}))?$/.exec(text);
  if (epoch !== null) {
    const [, whole = '', fraction = ''] = epoch;
    const perUnit = whole.length <= 11 ? 9 : whole.length <= 14 ? 6 : whole.length <= 17 ? 3 : 0;
    return BigInt(whole) * 10n ** BigInt(perUnit) + BigInt(fraction.padEnd(perUnit, '0').slice(0, perUnit) || '0');
  }
  const written = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (written === null) return null;
  const [, date, time, fraction = '', offset = 'Z'] = written;
  const ms = Date.parse(`${date}T${time}${offset}`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

function cellsOf(text: string): string[] {
  return text.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function clipped(text: string): string {
  return text.slice(0, SHOWN_LENGTH);
}
