/** Limits and rates of the router, each by the variable that is made of its name. */
import {
  DEFAULT_LIMITS,
  DEVELOPMENT_RATES,
  limitVariable,
  MAX_RATE,
  MIN_RATE,
  PRODUCTION_RATES,
  RATE_CLASSES,
  type RateClass,
  type RateLimits,
  ROUTER_LIMITS,
  type RouterLimitName,
  type RouterLimits,
  rateVariable,
} from '../ports/router-limits.js';
import { wholeNumber } from './fields.js';

const LIMIT_NAMES = Object.keys(ROUTER_LIMITS) as RouterLimitName[];
const RATE_NAMES = Object.keys(RATE_CLASSES) as RateClass[];

const limitShape = Object.fromEntries(
  LIMIT_NAMES.map((name) => {
    const { default: fallback, min, max } = ROUTER_LIMITS[name];
    return [limitVariable(name), wholeNumber(fallback, min, max)];
  }),
);
/** 0: as the mode has it. */
const rateShape = Object.fromEntries(
  RATE_NAMES.map((name) => [rateVariable(name), wholeNumber(0, MIN_RATE, MAX_RATE)]),
);

export const routerShape = { ...limitShape, ...rateShape };

export function readLimits(values: Readonly<Record<string, unknown>>): RouterLimits {
  const limits: Record<RouterLimitName, number> = { ...DEFAULT_LIMITS };
  for (const name of LIMIT_NAMES) limits[name] = Number(values[limitVariable(name)]);
  return limits;
}

export function readRates(values: Readonly<Record<string, unknown>>, production: boolean): RateLimits {
  const rates: Record<RateClass, number> = { ...(production ? PRODUCTION_RATES : DEVELOPMENT_RATES) };
  for (const name of RATE_NAMES) rates[name] = Number(values[rateVariable(name)]) || rates[name];
  return rates;
}
