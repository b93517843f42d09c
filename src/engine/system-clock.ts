/** The machine's clock in microseconds: milliseconds of the wall clock, refined by the monotonic clock between them. */
import type { Clock } from '../ports/clock.js';

/** How far the refined time may stray from the wall clock before it is set anew, microseconds. */
const STRAY_US = 1500;

export function createSystemClock(): Clock {
  let anchorUs = Date.now() * 1000;
  let anchorMs = performance.now();
  return {
    nowUs() {
      const wallUs = Date.now() * 1000;
      const refinedUs = anchorUs + Math.floor((performance.now() - anchorMs) * 1000);
      if (Math.abs(refinedUs - wallUs) <= STRAY_US) return refinedUs;
      anchorUs = wallUs;
      anchorMs = performance.now();
      return wallUs;
    },
  };
}
