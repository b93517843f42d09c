/**
 * Scalars that every subgraph shares.
 *
 * Inside the process a Decimal is its text, a DateTime a whole number of microseconds since 1970 UTC, a Cursor its
 * opaque text, and a SafeInt a number; nothing passes through a float.
 */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars';
import { isDecimal, MAX_DECIMAL_LENGTH } from '../core/values/decimal.js';
import { MAX_CURSOR_LENGTH } from './cursor.js';
import { BAD_USER_INPUT } from './errors.js';
import { formatInstantUs, parseInstantUs } from './instant.js';

function refuse(text: string): never {
  throw new GraphQLError(text, { extensions: { code: BAD_USER_INPUT } });
}

/** Prints what a client sent, short enough for a message. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

const DECIMAL_SYNTAX = `digits 0 to 9 with an optional leading - and one decimal point, at most ${MAX_DECIMAL_LENGTH} characters, no exponent`;

function parseDecimal(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') {
    refuse(`Decimal is sent as a string: write "${shown(value)}" in quotes; a JSON number would lose digits`);
  }
  if (typeof value !== 'string') refuse(`Decimal is sent as a string such as "101.30"`);
  if (!isDecimal(value)) refuse(`${shown(value)} is not a Decimal: ${DECIMAL_SYNTAX}`);
  return value;
}

/** Exact decimal; its text inside and outside. */
export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'Exact decimal as a string, never a float. Prices carry the scale of tickSize and quantities that of lotSize, ' +
    'trailing zeros included (tick 0.01: "101.30"). ' +
    `As input: ${DECIMAL_SYNTAX}; a number without quotes is refused.`,
  serialize(value) {
    if (typeof value === 'string') return value;
    throw new TypeError('a resolver gave a Decimal that is not a string');
  },
  parseValue: parseDecimal,
  parseLiteral(node) {
    if (node.kind === Kind.STRING) return parseDecimal(node.value);
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) {
      refuse(`Decimal is sent as a string: write "${shown(node.value)}" with its quotes`);
    }
    return refuse('Decimal is sent as a string such as "101.30"');
  },
});

/** Instants from 1970 to the end of 2199: their microseconds are safe integers. */
const MAX_INSTANT_US = Date.UTC(2200, 0, 1) * 1000 - 1;

function parseDateTime(value: unknown): number {
  const instantUs = typeof value === 'string' ? parseInstantUs(value) : null;
  if (instantUs === null) {
    refuse(`${shown(value)} is not a DateTime: send an RFC 3339 string such as "2026-01-02T03:04:05.678901Z"`);
  }
  if (instantUs < 0 || instantUs > MAX_INSTANT_US) {
    refuse(`${shown(value)} is outside of the range of DateTime: 1970-01-01T00:00:00Z to 2199-12-31T23:59:59.999999Z`);
  }
  return instantUs;
}

/** RFC 3339 instant; microseconds since 1970 UTC inside. */
export const DateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  description:
    'RFC 3339 instant in UTC, up to nanoseconds, e.g. "2026-01-02T03:04:05.678901234Z". ' +
    'The engine keeps time in microseconds: answers carry six decimals, and finer digits of an input are cut off. ' +
    'Input may carry another offset and lies between 1970 and 2199.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize(value) {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return formatInstantUs(value);
    throw new TypeError('a resolver gave a DateTime that is not a whole number of microseconds');
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(stringLiteral(node)),
});

function stringLiteral(node: ValueNode): string | null {
  return node.kind === Kind.STRING ? node.value : null;
}

function parseCursor(value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_CURSOR_LENGTH) {
    refuse(`a Cursor is the string that an earlier answer carried, 1 to ${MAX_CURSOR_LENGTH} characters`);
  }
  return value;
}

/** Opaque stream position; see cursor.ts. */
export const CursorScalar = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description: 'Opaque position in one event stream; hand it back as `after` to resume just behind it.',
  serialize(value) {
    if (typeof value === 'string') return value;
    throw new TypeError('a resolver gave a Cursor that is not a string');
  },
  parseValue: parseCursor,
  parseLiteral: (node) => parseCursor(stringLiteral(node)),
});

/** Whole number of up to 53 bits. */
export const SafeIntScalar = new GraphQLScalarType<string | number, number>({
  ...GraphQLSafeInt.toConfig(),
  name: 'SafeInt',
  description: 'Integer up to 2^53 - 1, as in graphql-scalars: sequences and checksums pass the 32 bits of Int.',
});

/** Any JSON value. */
export const JSONScalar = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value; which members it may have is said where it is used.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
});
