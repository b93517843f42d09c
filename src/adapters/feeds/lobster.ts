/**
 * Reader of LOBSTER files (https://lobsterdata.com/info/DataStructure.php): NASDAQ's order flow as one message a line,
 * and the exchange's own book after each message.
 *
 * A message is `time,type,order id,size,price,direction`; time is seconds after midnight with up to nine decimals,
 * prices are dollars × 10,000, direction is the side of the resting order (1 buy, −1 sell). A book row is
 * `ask price,ask size,bid price,bid size` for each level, best first; ±9999999999 stands for an empty level.
 * A line that is not one of these is told with its number and skipped: what it would have done is unknown.
 */
import { parseScaled } from '../../core/values/decimal.js';
import type { Side } from '../../core/values/vocabulary.js';
import { readLines } from './lines.js';

/** Ticks of 0.01 in LOBSTER's price unit of 0.0001. */
const PRICE_UNITS_PER_TICK = 100;
const EMPTY_LEVEL = 9_999_999_999;
const MESSAGE_COLUMNS = 6;
const MAX_MESSAGE_LENGTH = 200;
const COLUMNS_PER_LEVEL = 4;
const MAX_LEVELS = 200;
const MAX_BOOK_LENGTH = MAX_LEVELS * COLUMNS_PER_LEVEL * 12;
const SHOWN_LENGTH = 60;

export const LOBSTER_EVENTS = {
  1: 'NEW',
  2: 'PARTIAL_CANCEL',
  3: 'DELETE',
  4: 'EXECUTION',
  5: 'HIDDEN_EXECUTION',
  6: 'CROSS_TRADE',
  7: 'HALT',
} as const;
export type LobsterEvent = (typeof LOBSTER_EVENTS)[keyof typeof LOBSTER_EVENTS];

export interface LobsterMessage {
  readonly kind: 'message';
  readonly line: number;
  /** Nanoseconds after midnight, exchange time. */
  readonly timeNs: number;
  readonly event: LobsterEvent;
  readonly orderId: string;
  readonly qtyLots: number;
  /** Ticks of 0.01; for HIDDEN_EXECUTION possibly a fraction, for HALT −1, 0 or 1 as in the file. */
  readonly priceTicks: number;
  /** Side of the resting order. */
  readonly side: Side;
}

export interface LobsterLevel {
  readonly side: Side;
  readonly priceTicks: number;
  readonly qtyLots: number;
}

/** The book's visible levels after the message of the same line. */
export interface LobsterBookRow {
  readonly kind: 'book';
  readonly line: number;
  /** Non-empty levels, bids and asks, best first within their side. */
  readonly levels: readonly LobsterLevel[];
}

/** A line that could not be read. */
export interface BadLine {
  readonly kind: 'bad';
  readonly line: number;
  /** What is wrong with it. */
  readonly problem: string;
}

/** Reads a message file. */
export async function* readLobsterMessages(
  chunks: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<LobsterMessage | BadLine> {
  let lastNs = 0;
  for await (const { line, text, tooLong } of readLines(chunks, MAX_MESSAGE_LENGTH)) {
    const read = tooLong ? `longer than ${MAX_MESSAGE_LENGTH} characters` : parseMessage(line, text);
    if (typeof read === 'string') {
      yield { kind: 'bad', line, problem: read };
    } else if (read.timeNs < lastNs) {
      yield { kind: 'bad', line, problem: `time ${text.split(',')[0]} is before the line above` };
    } else {
      lastNs = read.timeNs;
      yield read;
    }
  }
}

/** Reads an order-book file. */
export async function* readLobsterBook(
  chunks: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<LobsterBookRow | BadLine> {
  for await (const { line, text, tooLong } of readLines(chunks, MAX_BOOK_LENGTH)) {
    const read = tooLong ? `more than ${MAX_LEVELS} levels` : parseBookRow(line, text);
    yield typeof read === 'string' ? { kind: 'bad', line, problem: read } : read;
  }
}

function parseMessage(line: number, text: string): LobsterMessage | string {
  const columns = text.split(',');
  if (columns.length !== MESSAGE_COLUMNS) {
    return `${columns.length} columns instead of ${MESSAGE_COLUMNS}: "${text.slice(0, SHOWN_LENGTH)}"`;
  }
  const [time = '', type = '', orderId = '', size = '', price = '', direction = ''] = columns;
  const timeNs = parseScaled(time, 9);
  if (typeof timeNs !== 'number' || timeNs < 0) return `time "${time}" is not seconds with up to nine decimals`;
  const event = (LOBSTER_EVENTS as Readonly<Record<string, LobsterEvent>>)[type];
  if (event === undefined) return `type "${type}" is not one of 1 to 7`;
  if (!/^\d{1,20}$/.test(orderId)) return `order id "${orderId}" is not a whole number`;
  const qtyLots = wholeNumber(size);
  if (qtyLots === null || qtyLots < 0 || (qtyLots === 0 && event !== 'HALT')) return `size "${size}" is not above 0`;
  const units = wholeNumber(price);
  if (units === null) return `price "${price}" is not a whole number of 0.0001`;
  const side = sideOf(direction);
  if (side === null) return `direction "${direction}" is neither 1 nor -1`;
  const found = { kind: 'message', line, timeNs, event, orderId, qtyLots, side } as const;
  if (event === 'HALT') return { ...found, priceTicks: units };
  const priceTicks = units / PRICE_UNITS_PER_TICK;
  const traded = event === 'HIDDEN_EXECUTION' || event === 'CROSS_TRADE';
  if (priceTicks <= 0 || (!traded && !Number.isInteger(priceTicks))) {
    return `price ${units} (0.0001 USD) is not a whole number of ticks of 0.01 above 0`;
  }
  return { ...found, priceTicks };
}

function parseBookRow(line: number, text: string): LobsterBookRow | string {
  const columns = text.split(',');
  if (columns.length % COLUMNS_PER_LEVEL !== 0) {
    return `${columns.length} columns are not ${COLUMNS_PER_LEVEL} a level: "${text.slice(0, SHOWN_LENGTH)}"`;
  }
  const levels: LobsterLevel[] = [];
  for (let column = 0; column < columns.length; column += 2) {
    const units = wholeNumber(columns[column] ?? '');
    const qtyLots = wholeNumber(columns[column + 1] ?? '');
    if (units === null || qtyLots === null) return `column ${column + 1} or ${column + 2} is not a whole number`;
    if (Math.abs(units) === EMPTY_LEVEL) continue;
    const priceTicks = units / PRICE_UNITS_PER_TICK;
    if (!Number.isInteger(priceTicks) || priceTicks <= 0 || qtyLots <= 0) {
      return `level ${units} × ${qtyLots} in column ${column + 1} is no price and size`;
    }
    levels.push({ side: column % COLUMNS_PER_LEVEL === 0 ? 'SELL' : 'BUY', priceTicks, qtyLots });
  }
  return { kind: 'book', line, levels };
}

function wholeNumber(text: string): number | null {
  if (!/^-?\d{1,15}$/.test(text)) return null;
  return Number(text);
}

function sideOf(direction: string): Side | null {
  if (direction === '1') return 'BUY';
  return direction === '-1' ? 'SELL' : null;
}
