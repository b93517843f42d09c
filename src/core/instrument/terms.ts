/**
 * Terms: an instrument's steps worked out once, so that text becomes ticks and lots and comes back exact.
 */
import { formatRatio, formatScaled, MAX_SCALE, parseScaled, powerOfTen, scaleOf } from '../values/decimal.js';
import type { InstrumentSpec } from './instrument.js';

export interface InstrumentTerms {
  readonly spec: InstrumentSpec;
  /** Decimals of a price as printed. */
  readonly priceScale: number;
  /** One tick in 10^−priceScale. */
  readonly tickUnits: number;
  /** Decimals of a quantity as printed. */
  readonly qtyScale: number;
  /** One lot in 10^−qtyScale. */
  readonly lotUnits: number;
  /** Decimals of the quote asset's unit. */
  readonly quoteScale: number;
  /** Quote units in one tick × one lot. */
  readonly quoteUnitsPerTickLot: number;
  /** Base units in one lot. */
  readonly baseUnitsPerLot: number;
  /** One lot in 10⁻⁸ of the base asset, the unit of quantity limits. */
  readonly lotE8: number;
}

/** The terms contradict each other or an asset's scale; the message says which and what to change. */
export class InstrumentTermsError extends Error {
  override readonly name = 'InstrumentTermsError';
}

/** Why a price or quantity text was refused; OFF_STEP: not a whole number of ticks or lots. */
export type StepProblem = 'NOT_A_DECIMAL' | 'OUT_OF_RANGE' | 'OFF_STEP';

/** Average prices are printed with up to this many decimals more than prices. */
const AVERAGE_EXTRA_DECIMALS = 6;

function parseStep(field: string, text: string): { scale: number; units: number } {
  const scale = scaleOf(text);
  const units = scale > MAX_SCALE ? 'TOO_PRECISE' : parseScaled(text, scale);
  if (typeof units !== 'number' || units <= 0) {
    throw new InstrumentTermsError(`${field} "${text}" is not a decimal above 0 with at most ${MAX_SCALE} decimals`);
  }
  return { scale, units };
}

/** Returns units × 10^(toScale − fromScale). @throws InstrumentTermsError when that is no safe whole number */
function rescale(what: string, units: number, fromScale: number, toScale: number): number {
  const shift = toScale - fromScale;
  const factor = powerOfTen(Math.abs(shift));
  const result = shift >= 0 ? units * factor : units / factor;
  if (!Number.isSafeInteger(result)) {
    throw new InstrumentTermsError(`${what} is not a whole number of the asset's unit (10^-${toScale})`);
  }
  return result;
}

/**
 * Works out the terms of an instrument.
 * @param baseScale decimals of the base asset's unit
 * @param quoteScale decimals of the quote asset's unit
 * @throws InstrumentTermsError when a step is malformed or finer than the assets' units
 */
export function createTerms(spec: InstrumentSpec, baseScale: number, quoteScale: number): InstrumentTerms {
  const tick = parseStep('tickSize', spec.tickSize);
  const lot = parseStep('lotSize', spec.lotSize);
  return {
    spec,
    priceScale: tick.scale,
    tickUnits: tick.units,
    qtyScale: lot.scale,
    lotUnits: lot.units,
    quoteScale,
    quoteUnitsPerTickLot: rescale('tickSize × lotSize', tick.units * lot.units, tick.scale + lot.scale, quoteScale),
    baseUnitsPerLot: rescale('lotSize', lot.units, lot.scale, baseScale),
    lotE8: rescale('lotSize', lot.units, lot.scale, 8),
  };
}

function parseSteps(text: string, scale: number, stepUnits: number): number | StepProblem {
  const units = parseScaled(text, scale);
  if (typeof units !== 'number') return units === 'TOO_PRECISE' ? 'OFF_STEP' : units;
  return units % stepUnits === 0 ? units / stepUnits : 'OFF_STEP';
}

/** Returns a price text as ticks, of any sign. */
export function parsePriceTicks(terms: InstrumentTerms, text: string): number | StepProblem {
  return parseSteps(text, terms.priceScale, terms.tickUnits);
}

/** Returns a quantity text as lots, of any sign. */
export function parseQtyLots(terms: InstrumentTerms, text: string): number | StepProblem {
  return parseSteps(text, terms.qtyScale, terms.lotUnits);
}

/** Prints ticks with the scale of tickSize: 10130 ticks of 0.01 are "101.30". */
export function formatPrice(terms: InstrumentTerms, ticks: number): string {
  return formatScaled(terms.tickUnits === 1 ? ticks : BigInt(ticks) * BigInt(terms.tickUnits), terms.priceScale);
}

/** Prints lots with the scale of lotSize. */
export function formatQty(terms: InstrumentTerms, lots: number): string {
  return formatScaled(terms.lotUnits === 1 ? lots : BigInt(lots) * BigInt(terms.lotUnits), terms.qtyScale);
}

/** Prints an amount in quote units. */
export function formatQuote(terms: InstrumentTerms, units: number): string {
  return formatScaled(units, terms.quoteScale);
}

/**
 * Prints the average price of a quantity, notional ÷ quantity, rounded half to even at six decimals beyond the price's.
 * @returns null when the quantity is 0
 */
export function formatAvgPx(terms: InstrumentTerms, notionalUnits: number, qtyLots: number): string | null {
  if (qtyLots === 0) return null;
  const numerator = BigInt(notionalUnits) * BigInt(terms.tickUnits);
  const denominator = BigInt(qtyLots) * BigInt(terms.quoteUnitsPerTickLot) * 10n ** BigInt(terms.priceScale);
  return formatRatio(numerator, denominator, terms.priceScale, terms.priceScale + AVERAGE_EXTRA_DECIMALS);
}
