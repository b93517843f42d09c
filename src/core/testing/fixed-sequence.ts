/**
 * A fixed sequence of commands, made by arithmetic alone, and what the exchange says of it: the same text on every
 * machine and Node version, or snapshots and journals could not move between them.
 */
import type { Command } from '../exchange/command.js';
import { Exchange } from '../exchange/exchange.js';
import { StateHasher } from '../values/state-hash.js';
import { SELF_TRADE_PREVENTIONS } from '../values/vocabulary.js';
import { anOrder, aReplace, START_US, setupCommands } from './fixtures.js';

const COMMANDS = 800;
const MODULUS = 2_147_483_647;
const MULTIPLIER = 48_271;

export interface SequenceDigest {
  /** Hash of the state after the last command. */
  readonly stateHash: string;
  /** Hash of that state restored from its snapshot. */
  readonly restoredHash: string;
  /** Hash of all events as JSON. */
  readonly eventsHash: string;
  readonly events: number;
  readonly trades: number;
}

/** Plays the sequence in a new exchange. */
export function playFixedSequence(): SequenceDigest {
  const exchange = new Exchange({ ladderLevels: 1024 });
  const hasher = new StateHasher();
  const working: number[] = [];
  const draw = createDraw();
  let trades = 0;
  const apply = (command: Command, timeUs: number): void => {
    exchange.apply(command, timeUs);
    for (const event of exchange.takeEvents()) {
      hasher.text(JSON.stringify(event));
      if (event.type === 'OrderAccepted') working.push(event.orderId);
      if (event.type === 'OrdersTraded') trades += 1;
    }
  };
  let timeUs = START_US;
  const fees = { makerFeePpm: -150, takerFeePpm: 1_337, maxPriceTicks: 2 ** 30 };
  for (const command of setupCommands(fees, 2 ** 40)) apply(command, timeUs);
  for (let index = 0; index < COMMANDS; index += 1) {
    timeUs += draw(5000);
    apply(commandOf(draw, working, index), timeUs);
  }
  const restoredHash = Exchange.restore(exchange.snapshot()).stateHash();
  return {
    stateHash: exchange.stateHash(),
    restoredHash,
    eventsHash: hasher.digest(),
    events: exchange.eventSequence,
    trades,
  };
}

/** Whole numbers from 0 to below `bound`, by the minimal standard generator of Park and Miller (1988). */
function createDraw(): (bound: number) => number {
  let state = 20_260_102;
  return (bound) => {
    state = (state * MULTIPLIER) % MODULUS;
    return state % bound;
  };
}

function commandOf(draw: (bound: number) => number, working: readonly number[], index: number): Command {
  const account = 1 + draw(2);
  const orderId = working[working.length - 1 - draw(Math.min(40, Math.max(1, working.length)))] ?? 1;
  const kind = draw(10);
  if (kind === 0) return { type: 'CancelOrder', account, orderId };
  if (kind === 1) return aReplace(orderId, { account, orderQtyLots: 1 + draw(90), priceTicks: priceOf(draw) });
  if (kind === 2 && draw(20) === 0) return { type: 'CancelAllOrders', account, instrument: 0, side: null };
  const side = draw(2) === 0 ? 'BUY' : 'SELL';
  const orderQtyLots = 1 + draw(100);
  const selfTradePrevention = SELF_TRADE_PREVENTIONS[draw(5)]!;
  const clOrdId = draw(3) === 0 ? `ключ ${index}` : null;
  const terms = { account, side, orderQtyLots, selfTradePrevention, clOrdId } as const;
  if (kind === 3) return anOrder({ ...terms, ordType: 'MARKET' });
  const displayQtyLots = kind === 4 ? 1 + draw(orderQtyLots) : null;
  const timeInForce = kind === 5 ? 'IOC' : kind === 6 ? 'FOK' : 'GTC';
  return anOrder({ ...terms, priceTicks: priceOf(draw), displayQtyLots, timeInForce });
}

/** Mostly near 1,000; now and then far off, where the price window has to move. */
function priceOf(draw: (bound: number) => number): number {
  return draw(40) === 0 ? 1 + draw(2 ** 20) : 980 + draw(41);
}
