/** What each trading phase takes, in the reference exchange. */
import type { ReferenceInstrument, ReferenceOrder } from './reference-state.js';

/** Tells how an instrument takes an order of these terms: at once, by gathering it, or not at all. */
export function takes(
  { status, haltQueues, hasOpened }: ReferenceInstrument,
  { ordType, timeInForce, postOnly, reduceOnly }: ReferenceOrder['terms'],
): 'at once' | 'gathers' | 'TRADING_HALTED' | 'TRADING_PHASE' {
  const waitsAnyway = ['STOP', 'STOP_LIMIT', 'TRAILING_STOP'].includes(ordType);
  if (status === 'OPEN') {
    if (timeInForce === 'AT_THE_OPEN') return 'TRADING_PHASE';
    return timeInForce === 'AT_THE_CLOSE' ? 'gathers' : 'at once';
  }
  if (status === 'CLOSED' || (status === 'HALTED' && !haltQueues)) return 'TRADING_HALTED';
  if (waitsAnyway) return 'at once';
  if (timeInForce === 'IOC' || timeInForce === 'FOK' || postOnly || reduceOnly) return 'TRADING_PHASE';
  return timeInForce === 'AT_THE_OPEN' && hasOpened ? 'TRADING_PHASE' : 'gathers';
}
