/** Every bound of the router in one place. A bound that is passed is answered with an error that names it. */
export {
  DEFAULT_LIMITS,
  DEVELOPMENT_RATES,
  type RateClass,
  type RateLimits,
  type RouterLimits,
} from '../src/ports/router-limits.js';
