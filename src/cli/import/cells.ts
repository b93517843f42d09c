/** Cells of a CSV file as values: times of any usual form, decimals, and decimals brought to a step. */
import { formatScaled, isDecimal, scaledBigInt, scaleOf } from '../../core/values/decimal.js';
import { formatInstantUs, parseInstantUs } from '../../graphql/instant.js';

/** A cell that cannot be read; the message is for the user. */
export class CellProblem extends Error {
  override readonly name = 'CellProblem';
}

const DATE_AND_TIME =
  /^(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;
const EPOCH = /^(\d{9,19})(?:\.(\d{1,9}))?$/;
/** Digits of an epoch time now: seconds 10, milliseconds 13, microseconds 16, nanoseconds 19. */
const EPOCH_UNITS = [
  { maxDigits: 11, perSecond: 0 },
  { maxDigits: 14, perSecond: 3 },
  { maxDigits: 17, perSecond: 6 },
  { maxDigits: 19, perSecond: 9 },
];

/**
 * Reads a time: a date, a date and time with or without an offset (without: UTC), or seconds, milliseconds, microseconds or
 * nanoseconds since 1970, told apart by their size.
 * @returns microseconds since 1970 UTC @throws CellProblem
 */
export function timeUsOf(text: string): number {
  const problem = () => new CellProblem(`time "${text.slice(0, 40)}" is no date, date and time, or number since 1970`);
  const epoch = EPOCH.exec(text);
  if (epoch !== null) {
    const [, whole = '', fraction = ''] = epoch;
    const unit = EPOCH_UNITS.find(({ maxDigits }) => whole.length <= maxDigits);
    if (unit === undefined) throw problem();
    // As many digits behind the unit as nanoseconds have.
    const below = 9 - unit.perSecond;
    const nanoseconds = BigInt(whole + fraction.padEnd(below, '0').slice(0, below));
    return Number(nanoseconds / 1000n);
  }
  const match = DATE_AND_TIME.exec(text);
  if (match === null) throw problem();
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = match;
  const timeUs = parseInstantUs(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${offsetOf(zone)}`);
  if (timeUs === null || timeUs < 0) throw problem();
  return timeUs;
}

function offsetOf(zone: string): string {
  if (/^(Z|UTC)$/i.test(zone)) return 'Z';
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

export { formatInstantUs };

/** @throws CellProblem naming the column */
export function decimalOf(column: string, text: string | undefined): string {
  if (text === undefined) throw new CellProblem(`${column} is empty`);
  if (!isDecimal(text))
    throw new CellProblem(`${column} "${text.slice(0, 40)}" is not a decimal number such as 101.30`);
  return text;
}

/** @throws CellProblem naming the column */
export function wholeNumberOf(column: string, text: string): number {
  // Tools that keep numbers as floats write "12.0".
  const number = /^\d{1,16}(\.0+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new CellProblem(`${column} "${text.slice(0, 40)}" is not a whole number from 0`);
  return number;
}

/** Returns the multiple of the step that is nearest, of two the even one. @param step above 0 */
export function roundToStep(text: string, step: string): string {
  const scale = Math.max(scaleOf(text), scaleOf(step));
  const [value, stepUnits] = [scaledBigInt(text, scale), scaledBigInt(step, scale)];
  const magnitude = value < 0n ? -value : value;
  const twice = (magnitude % stepUnits) * 2n;
  let steps = magnitude / stepUnits;
  if (twice > stepUnits || (twice === stepUnits && steps % 2n === 1n)) steps += 1n;
  const rounded = steps * stepUnits;
  return formatScaled(value < 0n ? -rounded : rounded, scale);
}
