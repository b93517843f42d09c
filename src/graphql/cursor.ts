/**
 * Cursors: opaque texts for positions, base64url of a kind and its whole numbers.
 *
 * A stream cursor holds an event's sequence and leg; a page cursor the sort key of a row. Neither carries a secret or a
 * right: a forged one is just another position, and what is read behind it is checked as ever.
 */
import { badUserInput } from './errors.js';

/** Longest cursor that is read, in characters. */
export const MAX_CURSOR_LENGTH = 128;

/** Position just behind one account event: event sequence and leg (1 for the taker leg of a trade, else 0). */
export interface StreamCursor {
  readonly sequence: number;
  readonly leg: 0 | 1;
}

const STREAM_KIND = 's';

function encode(kind: string, numbers: readonly number[]): string {
  return Buffer.from(`${kind}:${numbers.join(':')}`, 'latin1').toString('base64url');
}

function malformed(field: string): never {
  throw badUserInput(
    field,
    'is not a cursor of this list; hand back one exactly as an answer carried it, or leave it out',
  );
}

function decode(kind: string, count: number, text: string, field: string): readonly number[] {
  if (text.length === 0 || text.length > MAX_CURSOR_LENGTH) malformed(field);
  const [foundKind, ...parts] = Buffer.from(text, 'base64url').toString('latin1').split(':');
  if (foundKind !== kind || parts.length !== count) malformed(field);
  return parts.map((part) => {
    const value = /^\d{1,16}$/.test(part) ? Number(part) : Number.NaN;
    return Number.isSafeInteger(value) ? value : malformed(field);
  });
}

/** Returns the Cursor of an event of an account's stream. */
export function encodeStreamCursor(sequence: number, leg: 0 | 1): string {
  return encode(STREAM_KIND, [sequence, leg]);
}

/** Tells whether the first position stands behind the second in their stream. */
export function isBehind(position: StreamCursor, other: StreamCursor): boolean {
  return position.sequence > other.sequence || (position.sequence === other.sequence && position.leg > other.leg);
}

/** @throws GraphQLError BAD_USER_INPUT naming `field` when the text is no stream cursor */
export function decodeStreamCursor(text: string, field = 'after'): StreamCursor {
  const [sequence = 0, leg = 0] = decode(STREAM_KIND, 2, text, field);
  if (leg !== 0 && leg !== 1) malformed(field);
  return { sequence, leg };
}

/**
 * Returns the cursor of a row in a list.
 * @param kind one short word a list, so that cursors of different lists are told apart; no colon
 * @param key the row's sort key, whole numbers from 0
 */
export function encodePageCursor(kind: string, key: readonly number[]): string {
  return encode(kind, key);
}

/**
 * Returns the sort key in a cursor of this kind.
 * @param count how many numbers the key has
 * @throws GraphQLError BAD_USER_INPUT naming `field` when the text is no such cursor
 */
export function decodePageCursor(kind: string, count: number, text: string, field = 'after'): readonly number[] {
  return decode(kind, count, text, field);
}
