/** Plans of linked orders in the reference exchange: legs accepted together, exits that follow the fills of their entry. */
import type { PlaceOrder, PlacePlan, PlanLeg } from '../exchange/command.js';
import { hashPlaceOrder } from '../exchange/idempotency.js';
import { MARGIN_TEXT, planProblem } from '../exchange/plan-entry.js';
import { CONTINGENCY, PLAN_LEG } from '../values/codes.js';
import { StateHasher } from '../values/state-hash.js';
import type { Contingency } from '../values/vocabulary.js';
import { gather } from './reference-auction.js';
import { fieldsOf, prune, type ReferenceCore } from './reference-core.js';
import { setAside, works } from './reference-links.js';
import { takeToken } from './reference-rates.js';
import {
  isStop,
  limitPriceOf,
  type Proposal,
  type Refusal,
  referencePx,
  refusalFor,
  refusalOf,
  stopPxOf,
  trailedFrom,
} from './reference-rules.js';
import type { ReferenceKey, ReferenceOrder } from './reference-state.js';

/** Lets exits follow what their entries filled. */
export function followFills(core: ReferenceCore): void {
  const { state } = core;
  for (let fill = state.fills.shift(); fill !== undefined; fill = state.fills.shift()) {
    const exits = fill.exits.filter(works);
    const began = exits.filter((exit) => exit.plan!.held);
    for (const exit of exits) grow(core, exit, fill.lots);
    const [first] = exits;
    if (first === undefined) continue;
    const instrument = state.instruments[first.instrument]!;
    const { total, held } = state.balance(
      first.account,
      first.terms.side === 'BUY' ? instrument.quote : instrument.base,
    );
    const needed = Math.max(...exits.map((exit) => core.ownHold(exit)));
    if (needed > total - held + setAside(first)) {
      core.cancel(first, 'INSUFFICIENT_FUNDS');
      continue;
    }
    for (const exit of exits) core.setHold(exit);
    for (const exit of exits) {
      if (!works(exit) || (exit.terms.reduceOnly && !core.cutToPosition(exit)) || !began.includes(exit)) continue;
      if (exit.waiting) core.arm(exit);
      else if (instrument.status !== 'OPEN') gather(core, exit);
      else core.work(exit, exit.price!);
    }
  }
}

function grow(core: ReferenceCore, exit: ReferenceOrder, lots: number): void {
  const { state } = core;
  const before = exit.orderQty;
  const plan = exit.plan!;
  if (plan.held) {
    plan.held = false;
    state.held = state.held.filter((other) => other !== exit);
    exit.leaves = 0;
    exit.orderQty = 0;
    if (exit.terms.ordType === 'TRAILING_STOP') {
      const instrument = state.instruments[exit.instrument]!;
      const { minPriceTicks, maxPriceTicks } = instrument.spec;
      const trailed = trailedFrom(exit.terms, referencePx(instrument));
      exit.stopPx = Math.min(maxPriceTicks, Math.max(minPriceTicks, trailed));
    }
  }
  exit.leaves += lots;
  exit.orderQty += lots;
  const restatedQtyLots = before - exit.orderQty;
  core.tell({ type: 'OrderRestated', ...fieldsOf(exit), reason: 'LINKED_ORDER', restatedQtyLots });
  if (state.resting.includes(exit)) core.rest(exit);
}

/** The exchange as plans use it. */
interface PlanVenue extends ReferenceCore {
  newOrder(terms: PlaceOrder): ReferenceOrder;
  readyToGather(order: ReferenceOrder, proposal: Proposal): void;
  checkKey(account: number, key: string | null, input: string): Refusal | 'told' | null;
}

interface Leg extends PlanLeg {
  readonly contingency: Contingency;
  /** What its key stands for. */
  readonly input: string;
}

interface Admission {
  readonly order: ReferenceOrder;
  readonly limit: number;
}

export function placePlan(exchange: PlanVenue, { legs: planLegs, mode }: PlacePlan): void {
  const { state } = exchange;
  const account = planLegs[0]?.order.account;
  const text = state.accounts[account ?? -1]?.kind === 'MARGIN' ? MARGIN_TEXT : planProblem(planLegs);
  const known = account !== undefined && state.accounts[account] !== undefined;
  if (account !== undefined && !known) {
    exchange.refuse({ request: 'PlacePlan', account: null }, refusalFor('UNKNOWN_ACCOUNT'));
    return;
  }
  if (text !== null) {
    exchange.refuse({ request: 'PlacePlan', account: account ?? null }, { ...refusalFor('INVALID_REQUEST'), text });
    return;
  }
  const hasEntry = planLegs[0]!.name === 'ENTRY';
  const contingency = !hasEntry ? 'OCO' : planLegs.length === 2 ? 'OTO' : 'BRACKET';
  const legs = planLegs.map(
    (leg) => ({ ...leg, contingency, input: `${contingency} ${leg.name} ${JSON.stringify(leg.order)}` }) as Leg,
  );
  for (const _leg of legs) prune(state.clOrdIds, state.timeUs - state.capacities.clOrdIdRetentionUs);
  if (legs.every((leg) => isRepeat(exchange, leg))) {
    for (const { order } of legs) {
      const { orderId, commandSequence: firstCommandSequence } = keyOf(exchange, order)!;
      exchange.tell({
        type: 'OrderDuplicated',
        account: order.account,
        clOrdId: order.clOrdId!,
        orderId,
        firstCommandSequence,
      });
    }
  } else if (mode === 'ALL_OR_NONE') {
    placeAllOrNone(exchange, legs);
  } else {
    const admitted: (Admission | null)[] = [];
    for (const leg of legs) {
      const result = admit(exchange, leg, legs, admitted);
      admitted.push('order' in result ? result : null);
    }
    beginAll(exchange, legs, admitted);
  }
}

function placeAllOrNone(exchange: PlanVenue, legs: readonly Leg[]): void {
  const before = exchange.state.copy();
  const told = exchange.events.length;
  const admitted: Admission[] = [];
  for (const [failed, leg] of legs.entries()) {
    const result = admit(exchange, leg, legs, admitted);
    if ('order' in result) {
      admitted.push(result);
      continue;
    }
    exchange.state = before;
    exchange.events = exchange.events.slice(0, told);
    for (const [index, each] of legs.entries()) {
      const other = { ...refusalFor('BATCH_REJECTED'), current: failed + 1 };
      rejectUnplaced(exchange, each, index === failed ? result : other);
    }
    return;
  }
  beginAll(exchange, legs, admitted);
}

/** Entries and counters act once all are accepted; exits that wait do not. */
function beginAll(exchange: PlanVenue, legs: readonly Leg[], admitted: readonly (Admission | null)[]): void {
  const hasEntry = legs[0]!.name === 'ENTRY';
  exchange.state.acting = [];
  for (const [index, admission] of admitted.entries()) {
    if (admission === null || !works(admission.order) || (hasEntry && index > 0)) continue;
    if (admission.order.waiting) exchange.arm(admission.order);
    else if (admission.order.gathers) gather(exchange, admission.order);
    else exchange.work(admission.order, admission.limit);
  }
  exchange.drain();
}

function admit(
  exchange: PlanVenue,
  leg: Leg,
  legs: readonly Leg[],
  before: readonly (Admission | null)[],
): Refusal | Admission {
  const { state } = exchange;
  const { order: terms } = leg;
  const hasEntry = legs[0]!.name === 'ENTRY';
  const isExit = leg.name !== 'ENTRY';
  const waits = isExit && hasEntry;
  const entry = waits ? before[0] : undefined;
  if (entry === null) return rejectUnplaced(exchange, leg, { ...refusalFor('BATCH_REJECTED'), current: 1 });
  if (isRepeat(exchange, leg)) {
    const current = keyOf(exchange, terms)!.orderId;
    return rejectUnplaced(exchange, leg, { ...refusalFor('DUPLICATE_CL_ORD_ID'), current });
  }
  const { account } = terms;
  const keyRefusal = exchange.checkKey(account, terms.clOrdId, leg.input);
  const order = exchange.newOrder(terms);
  if (keyRefusal !== null) return exchange.reject(order, keyRefusal as Refusal);
  const tooFast = takeToken(state, account, terms.instrument, 'order');
  if (tooFast !== null) return exchange.reject(order, { reason: 'ORDER_RATE_LIMIT', ...tooFast });
  if (terms.clOrdId !== null) remember(exchange, leg, order.orderId);
  const instrument = state.instruments[terms.instrument];
  if (instrument === undefined) return exchange.reject(order, refusalFor('UNKNOWN_SYMBOL'));
  const [counter = null] = before.slice(hasEntry ? 1 : 0).flatMap((other) => (other === null ? [] : [other.order]));
  const { orderQty, price, displayQty } = order;
  const held = counter === null || waits ? 0 : counter.held;
  const fresh = {
    cum: 0,
    held,
    isNew: true,
    stopPx: terms.stopPxTicks,
    keepsTrailing: false,
    replaced: null,
    isLeg: isExit,
    isHeld: waits,
  };
  const proposal = { terms, account, instrument, orderQty, price, displayQty, ...fresh };
  const refusal = refusalOf(state, proposal);
  if (refusal !== null) return exchange.reject(order, refusal);
  const first = before.find((other) => other !== null)?.order;
  order.plan = {
    planId: first?.plan?.planId ?? order.orderId,
    contingency: leg.contingency,
    name: leg.name,
    held: waits,
    entry: entry?.order ?? null,
    exits: [],
    counter,
    leads: false,
    followed: 0,
  };
  entry?.order.plan?.exits.push(order);
  if (counter !== null) Object.assign(counter.plan!, { counter: order, leads: true });
  if (waits) {
    state.queueNumber += 1;
    exchange.list(order);
    state.held.push(order);
  }
  if (isStop(terms)) {
    order.stopPx = stopPxOf(proposal);
    order.waiting = true;
  }
  // Until it begins it counts as one that acts.
  if (!waits) state.acting.push(order);
  if (!waits) exchange.readyToGather(order, proposal);
  exchange.setHold(order);
  exchange.tell({ type: 'OrderAccepted', ...fieldsOf(order) });
  return { order, limit: limitPriceOf(state, proposal) };
}

function keyOf({ state }: PlanVenue, { account, clOrdId }: PlaceOrder): ReferenceKey | undefined {
  return state.clOrdIds.find(({ owner, key }) => owner === account && key === clOrdId);
}

function isRepeat(exchange: PlanVenue, { order, input }: Leg): boolean {
  return keyOf(exchange, order)?.input === input;
}

function remember(exchange: PlanVenue, { order, contingency, name, input }: Leg, orderId: number): void {
  const hasher = new StateHasher();
  hashPlaceOrder(hasher, order, CONTINGENCY[contingency] * 3 + PLAN_LEG[name] + 1);
  exchange.remember(exchange.state.clOrdIds, order.account, order.clOrdId!, input, orderId, hasher);
}

function rejectUnplaced(exchange: PlanVenue, leg: Leg, refusal: Refusal): Refusal {
  const { state } = exchange;
  const { clOrdId } = leg.order;
  const order = exchange.newOrder(leg.order);
  if (clOrdId !== null && clOrdId.length >= 1 && clOrdId.length <= 64) {
    prune(state.clOrdIds, state.timeUs - state.capacities.clOrdIdRetentionUs);
    const isFree = keyOf(exchange, leg.order) === undefined && state.clOrdIds.length < state.capacities.maxClOrdIds;
    if (isFree) remember(exchange, leg, order.orderId);
  }
  takeToken(state, order.account, leg.order.instrument, 'order');
  return exchange.reject(order, refusal);
}
