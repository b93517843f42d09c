/**
 * What linked orders do to each other in the reference exchange, on plain references between orders.
 * Fills that exits are to follow are queued here and followed in `reference-plans.ts`.
 */
import { LEG_CHANGE_TEXT } from '../exchange/leg-entry.js';
import type { CancelReason, RestateReason } from '../values/vocabulary.js';
import { isStop, type Refusal, refusalFor } from './reference-rules.js';
import type { ReferenceOrder, ReferenceState } from './reference-state.js';

/** What linked orders ask of the exchange. */
interface LinkVenue {
  readonly state: ReferenceState;
  setHold(order: ReferenceOrder): void;
  lower(order: ReferenceOrder, lots: number, reason: RestateReason): void;
  cancel(order: ReferenceOrder, reason: CancelReason): void;
}

export const works = (order: ReferenceOrder | null | undefined): order is ReferenceOrder =>
  order != null && order.leaves > 0;

/** What an order holds: nothing while it waits for its entry, and beside a leading counter what it needs beyond that. */
export function sharedHold(order: ReferenceOrder, ownHold: (order: ReferenceOrder) => number): number {
  const { plan } = order;
  if (plan === null || order.leaves === 0) return ownHold(order);
  if (plan.held) return 0;
  return plan.counter === null || plan.leads ? ownHold(order) : Math.max(0, ownHold(order) - ownHold(plan.counter));
}

/** Units that the account has set aside for the order, on it and on its counter. */
export function setAside(order: ReferenceOrder): number {
  return order.held + (order.plan?.counter?.held ?? 0);
}

export function takeLead(core: LinkVenue, order: ReferenceOrder): void {
  const { plan } = order;
  if (plan === null || plan.counter === null) return;
  plan.leads = true;
  plan.counter.plan!.leads = false;
  shareAnew(core, order);
}

/** Works out anew what two counters hold. */
export function shareAnew(core: LinkVenue, order: ReferenceOrder): void {
  if (order.plan === null || order.plan.counter === null) return;
  core.setHold(order.plan.counter);
  core.setHold(order);
}

/** Why the quantity of a leg cannot change by so many lots; null where it can. */
export function changeRefusal({ plan }: ReferenceOrder, lots: number): Refusal | null {
  if (plan === null || lots === 0) return null;
  const isExit = plan.counter !== null || plan.entry !== null;
  if (!isExit && (plan.exits.length === 0 || lots < 0)) return null;
  return { ...refusalFor('UNSUPPORTED_ORDER'), text: LEG_CHANGE_TEXT };
}

/** Why a LIMIT price cannot come to where the leg could trade with its own entry or exits. */
export function reachRefusal(order: ReferenceOrder, price: number | null): Refusal | null {
  const { plan, terms } = order;
  if (plan === null) return null;
  const isExit = plan.counter !== null || plan.entry !== null;
  const others = isExit ? [plan.entry] : plan.exits;
  const reached = others.some((other) => {
    if (other === null || other.price === null || price === null) return false;
    if (isStop(isExit ? terms : other.terms)) return false;
    return terms.side === 'BUY' ? price >= other.price : price <= other.price;
  });
  return reached ? { ...refusalFor('UNSUPPORTED_ORDER'), text: LEG_CHANGE_TEXT } : null;
}

/** Nobody is linked to the order any more. */
function unlink(order: ReferenceOrder): void {
  const plan = order.plan!;
  if (plan.counter !== null) plan.counter.plan!.counter = null;
  if (plan.entry !== null) plan.entry.plan!.exits = plan.entry.plan!.exits.filter((exit) => exit !== order);
  for (const exit of plan.exits) exit.plan!.entry = null;
  Object.assign(plan, { counter: null, entry: null, exits: [] });
}

function tellExits(core: LinkVenue, order: ReferenceOrder): void {
  const plan = order.plan!;
  const lots = order.cum - plan.followed;
  if (lots === 0 || plan.exits.length === 0) return;
  plan.followed = order.cum;
  const queued = core.state.fills.find(({ exits }) => exits[0] === plan.exits[0]);
  if (queued === undefined) core.state.fills.push({ exits: [...plan.exits], lots });
  else queued.lots += lots;
}

export function afterFill(core: LinkVenue, order: ReferenceOrder, lots: number): void {
  const { plan } = order;
  if (plan === null || order.leaves === 0) return;
  const { counter } = plan;
  if (counter !== null && counter.leaves > lots) {
    core.lower(counter, lots, 'LINKED_ORDER');
  } else if (counter !== null) {
    unlink(counter);
    core.cancel(counter, 'LINKED_ORDER');
  }
  if (plan.entry !== null) core.cancel(plan.entry, 'LINKED_ORDER');
  tellExits(core, order);
}

/** A triggered stop acts alone: its counter and its entry go first. */
export function afterTrigger(core: LinkVenue, order: ReferenceOrder): void {
  const { counter = null, entry = null } = order.plan ?? {};
  if (counter !== null) {
    unlink(counter);
    core.cancel(counter, 'LINKED_ORDER');
  }
  if (entry !== null) core.cancel(entry, 'LINKED_ORDER');
}

export function afterEnd(core: LinkVenue, order: ReferenceOrder): void {
  const { plan } = order;
  if (plan === null) return;
  const { counter, entry, exits } = plan;
  if (order.cum > 0) tellExits(core, order);
  unlink(order);
  if (works(counter)) core.cancel(counter, 'LINKED_ORDER');
  if (works(entry)) core.cancel(entry, 'LINKED_ORDER');
  if (order.cum === 0 && works(exits[0])) core.cancel(exits[0], 'LINKED_ORDER');
}
