/** What placing an order would do: the rules, then the order itself in a trial that is taken back. */
import { NIL } from '../matching/order-table.js';
import type { RuleRow } from '../risk/order-check.js';
import type { OrdRejReason } from '../values/vocabulary.js';
import type { PlaceOrder } from './command.js';
import type { ExchangeEvent } from './event.js';
import { EventBuffer } from './event-buffer.js';
import { readEvents } from './event-reader.js';
import type { OrderEntry } from './order-entry.js';
import type { ExchangeState } from './state.js';

/** Units as in `command.ts`. */
export interface OrderPreview {
  readonly accepted: boolean;
  /** First reason in their precedence; null where it would be accepted. */
  readonly reason: OrdRejReason | null;
  /** Every rule that applies, in their precedence; empty where account or instrument is unknown. */
  readonly rules: readonly RuleRow[];
  /** What the order itself would trade at once. */
  readonly fillQtyLots: number;
  readonly fillNotionalUnits: number;
  /** Fee on that, negative = rebate. */
  readonly feeUnits: number;
  /** Best prices before the order; null where the side is empty. */
  readonly bestBidTicks: number | null;
  readonly bestAskTicks: number | null;
  /** What it would tell of orders and trades, under the sequences that it would have. */
  readonly events: readonly ExchangeEvent[];
}

/** @param beginCommand what every command does first, told the time of the command before: marks and orders that end */
export function previewOrder(
  state: ExchangeState,
  entry: OrderEntry,
  command: PlaceOrder,
  timeUs: number,
  beginCommand: (beforeUs: number) => void,
): OrderPreview {
  const { events: ownEvents, trial } = state;
  const [commandSequence, ownTimeUs] = [state.commandSequence, state.timeUs];
  const buffer = new EventBuffer();
  state.events = buffer;
  state.commandSequence += 1;
  state.timeUs = Math.max(timeUs, ownTimeUs);
  buffer.begin(state.eventSequence, state.commandSequence, state.timeUs);
  trial.begin();
  beginCommand(ownTimeUs);
  const [bestBidTicks, bestAskTicks] = bestPrices(state, command.instrument);
  const rules = entry.rulesFor(command);
  trial.takeBack();
  trial.begin();
  beginCommand(ownTimeUs);
  entry.place(command);
  const orderId = entry.placedId;
  const events = readEvents(buffer);
  trial.takeBack();
  trial.forgetTouched();
  state.events = ownEvents;
  state.commandSequence = commandSequence;
  state.timeUs = ownTimeUs;
  return { ...outcomeOf(events, orderId), rules, bestBidTicks, bestAskTicks, events };
}

function bestPrices(state: ExchangeState, instrument: number): [number | null, number | null] {
  const listing = state.listings[instrument];
  if (listing === undefined) return [null, null];
  const [bid, ask] = [listing.bids, listing.asks].map((side) => (side.best === NIL ? null : side.priceOf(side.best)));
  return [bid ?? null, ask ?? null];
}

function outcomeOf(events: readonly ExchangeEvent[], orderId: number) {
  let [fillQtyLots, fillNotionalUnits, feeUnits] = [0, 0, 0];
  let reason: OrdRejReason | null = null;
  for (const event of events) {
    if (event.type === 'OrderDuplicated') reason = 'DUPLICATE_CL_ORD_ID';
    if (event.type === 'OrderRejected' && event.orderId === orderId) reason = event.reason;
    if (event.type !== 'OrdersTraded') continue;
    for (const leg of [event.maker, event.taker]) {
      if (leg.orderId !== orderId) continue;
      fillQtyLots = leg.cumQtyLots;
      fillNotionalUnits = leg.cumNotionalUnits;
      feeUnits += leg.feeUnits;
    }
  }
  return { accepted: reason === null, reason, fillQtyLots, fillNotionalUnits, feeUnits };
}
