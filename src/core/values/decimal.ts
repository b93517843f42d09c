/**
 * Exact decimals: text to scaled integers and back, with no float on the way.
 *
 * Grammar: `-?[0-9]+(\.[0-9]+)?`, ASCII digits only, at most MAX_DECIMAL_LENGTH characters; no sign `+`, no exponent,
 * no white space, no leading or trailing point. Results are safe integers (at most 2^53 − 1 in magnitude).
 */

/** Longest decimal text that is read, in characters. */
export const MAX_DECIMAL_LENGTH = 40;
/** Most decimals that any scale has. */
export const MAX_SCALE = 12;

/** Why a text is no amount: not the grammar, more decimals than the scale, or beyond 2^53 − 1. */
export type DecimalProblem = 'NOT_A_DECIMAL' | 'TOO_PRECISE' | 'OUT_OF_RANGE';

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** Returns 10^exponent, exact. @param exponent 0 to 15. @throws RangeError outside of it */
export function powerOfTen(exponent: number): number {
  const power = POWERS_OF_TEN[exponent];
  if (power === undefined) throw new RangeError(`10^${exponent} is not a safe integer`);
  return power;
}

/** Tells whether the text is a decimal by the grammar above, of any precision and size. */
export function isDecimal(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > MAX_DECIMAL_LENGTH) return false;
  let index = text.charCodeAt(0) === MINUS ? 1 : 0;
  let digits = 0;
  let points = 0;
  for (; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= ZERO && code <= NINE) {
      digits += 1;
    } else if (code === POINT && points === 0 && digits > 0 && index + 1 < length) {
      points = 1;
    } else {
      return false;
    }
  }
  return digits > 0;
}

/**
 * Returns the decimal as a whole number of 10^−scale.
 * Zeros beyond the scale are accepted ("1.500" at scale 1 is 15): they change no value.
 * @param scale 0 to MAX_SCALE
 */
export function parseScaled(text: string, scale: number): number | DecimalProblem {
  if (!isDecimal(text)) return 'NOT_A_DECIMAL';
  const negative = text.charCodeAt(0) === MINUS;
  let value = 0;
  let decimals = -1;
  for (let index = negative ? 1 : 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === POINT) {
      decimals = 0;
      continue;
    }
    if (decimals >= 0) {
      if (decimals === scale) {
        if (code !== ZERO) return 'TOO_PRECISE';
        continue;
      }
      decimals += 1;
    }
    value = value * 10 + (code - ZERO);
    if (value > Number.MAX_SAFE_INTEGER) return 'OUT_OF_RANGE';
  }
  for (let missing = scale - Math.max(decimals, 0); missing > 0; missing -= 1) {
    value *= 10;
    if (value > Number.MAX_SAFE_INTEGER) return 'OUT_OF_RANGE';
  }
  return negative && value !== 0 ? -value : value;
}

/** Returns the number of digits behind the point as written, trailing zeros included. */
export function scaleOf(text: string): number {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/**
 * Prints a whole number of 10^−scale with exactly `scale` decimals: (10130, 2) is "101.30".
 * @param value safe integer or bigint
 */
export function formatScaled(value: number | bigint, scale: number): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is not a safe integer`);
  }
  if (scale === 0) return value === 0 ? '0' : value.toString();
  const negative = value < 0;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/**
 * Prints numerator ÷ denominator, rounded half to even at `maxScale` decimals, with trailing zeros cut down to `minScale`.
 * @throws RangeError when the denominator is 0
 */
export function formatRatio(numerator: bigint, denominator: bigint, minScale: number, maxScale: number): string {
  if (denominator === 0n) throw new RangeError('division by zero');
  const negative = numerator < 0n !== denominator < 0n;
  const top = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(maxScale);
  const bottom = denominator < 0n ? -denominator : denominator;
  let quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && quotient % 2n === 1n)) quotient += 1n;
  let scale = maxScale;
  while (scale > minScale && quotient % 10n === 0n) {
    quotient /= 10n;
    scale -= 1;
  }
  return formatScaled(negative ? -quotient : quotient, scale);
}

/**
 * Returns floor(value × partsPerMillion ÷ 10^6) for whole numbers, exact where the plain product would pass 2^53.
 * @param value 0 to 2^53 − 1
 * @param partsPerMillion 0 to 10^6
 */
export function floorPpm(value: number, partsPerMillion: number): number {
  const product = value * partsPerMillion;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / 1_000_000);
  const high = Math.floor(value / 1_000_000);
  const low = value - high * 1_000_000;
  return high * partsPerMillion + Math.floor((low * partsPerMillion) / 1_000_000);
}

/** As floorPpm, rounded up. */
export function ceilPpm(value: number, partsPerMillion: number): number {
  const product = value * partsPerMillion;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.ceil(product / 1_000_000);
  const high = Math.floor(value / 1_000_000);
  const low = value - high * 1_000_000;
  return high * partsPerMillion + Math.ceil((low * partsPerMillion) / 1_000_000);
}

/** Returns the decimal as a whole number of 10^−scale, exact at any size. @param scale at least the digits behind its point */
export function scaledBigInt(decimal: string, scale: number): bigint {
  return BigInt(decimal.replace('.', '')) * 10n ** BigInt(scale - scaleOf(decimal));
}

/** Returns a number below, equal to or above 0 as the first decimal is less than, equal to or greater than the second. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(scaleOf(a), scaleOf(b));
  const [first, second] = [scaledBigInt(a, scale), scaledBigInt(b, scale)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** Prints a decimal with at least so many digits behind its point, and no more zeros at its end than that needs. */
export function withScale(decimal: string, minScale: number): string {
  let end = decimal.length;
  for (let scale = scaleOf(decimal); scale > minScale && decimal[end - 1] === '0'; scale -= 1) end -= 1;
  const cut = decimal.slice(0, decimal[end - 1] === '.' ? end - 1 : end);
  const missing = minScale - scaleOf(cut);
  if (missing <= 0) return cut;
  return `${cut}${scaleOf(cut) === 0 ? '.' : ''}${'0'.repeat(missing)}`;
}
