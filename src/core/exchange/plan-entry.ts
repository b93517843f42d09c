/**
 * Plans of linked orders: an OCO (take profit and stop loss), an OTO (an entry and one exit) or a bracket (all three).
 *
 * All legs are checked and accepted first, in the order of PLAN_LEGS, then those that do not wait begin to trade: the
 * entry, or, where there is none, take profit before stop loss. So each is checked on the book of before; the funds of
 * one that was accepted are held when the next is checked. What they do to each other stands in `linked-orders.ts`.
 *
 * What legs must have in common: account, instrument and quantity; the exits stand on one side, opposite to the entry.
 * An exit lasts (GTC, DAY, GTD). TAKE_PROFIT is a LIMIT order or a stop, STOP_LOSS a stop; the price of a LIMIT take profit
 * is better than that of a LIMIT entry. One that waits for its entry cannot be postOnly.
 *
 * ALL_OR_NONE: where one is refused, nothing of the plan remains and all are told as rejected, as `batch-entry.ts` says.
 * BEST_EFFORT: a refused exit leaves the others; a refused entry takes the exits with it (BATCH_REJECTED).
 * Keys: the plan is a repetition where every leg has a key that was used in the same role with the same input; then all
 * first results are told again. A repeated key in any other plan is refused as DUPLICATE_CL_ORD_ID.
 *
 * Known limit: plans are for CASH accounts; the pools of MARGIN accounts weigh each order for itself.
 *
 * Precedence of what refuses the whole request: UNKNOWN_ACCOUNT, INVALID_REQUEST.
 */
import { roleCode } from '../matching/links.js';
import { NIL } from '../matching/order-table.js';
import type { OrderCheck, RuleRow } from '../risk/order-check.js';
import { CONTINGENCY, NONE, PLAN_LEG, REJECT } from '../values/codes.js';
import { PLAN_LEGS, type PlanLegName } from '../values/vocabulary.js';
import type { PlacePlan, PlanLeg } from './command.js';
import { ACCEPTED } from './entry-steps.js';
import { NO_RULES, REQUEST } from './event-buffer.js';
import type { OrderEntry } from './order-entry.js';
import type { ExchangeState } from './state.js';

/** Why an account on margin places no plans. */
export const MARGIN_TEXT = 'Plans are for accounts of kind CASH; place the orders of a MARGIN account one by one.';

/** A leg with what it became. */
interface Admission {
  readonly leg: PlanLeg;
  readonly role: number;
  readonly slot: number;
  readonly limitTicks: number;
  readonly gathers: boolean;
  /** ACCEPTED, or why not, with the arithmetic of the rule. */
  readonly reason: number;
  readonly limit: number;
  readonly current: number;
  readonly projected: number;
  readonly rules: readonly RuleRow[];
}

export class PlanEntry {
  constructor(
    private readonly state: ExchangeState,
    private readonly check: OrderCheck,
    private readonly entry: OrderEntry,
  ) {}

  place({ legs, mode }: PlacePlan): void {
    const { state } = this;
    const account = legs[0]?.order.account ?? NONE;
    const isKnown = state.accounts[account] !== undefined;
    const problem = state.accounts[account]?.kind === 'MARGIN' ? MARGIN_TEXT : planProblem(legs);
    if (!isKnown || problem !== null) {
      const reason = !isKnown && legs.length > 0 ? REJECT.UNKNOWN_ACCOUNT : REJECT.INVALID_REQUEST;
      this.#refuse(isKnown ? account : NONE, reason, problem);
      return;
    }
    for (const _leg of legs) state.clOrdIds.prune(state.timeUs);
    const roles = rolesOf(legs);
    if (legs.every(({ order }, index) => this.entry.isRepeat(order, roles[index]! + 1))) {
      for (const { order } of legs) this.entry.tellRepeat(order);
    } else if (mode === 'ALL_OR_NONE') {
      this.#placeAllOrNone(legs, roles);
    } else {
      this.#begin(this.#admitAll(legs, roles, false));
    }
  }

  #placeAllOrNone(legs: readonly PlanLeg[], roles: readonly number[]): void {
    const { state, entry, check } = this;
    state.trial.begin();
    const admissions = this.#admitAll(legs, roles, true);
    const failed = admissions.findIndex(({ reason }) => reason !== ACCEPTED);
    if (failed < 0) {
      this.#begin(admissions);
      state.trial.end();
      return;
    }
    const { reason, limit, current, projected, rules } = admissions[failed]!;
    state.trial.takeBack();
    for (const [index, { order }] of legs.entries()) {
      check.clear();
      if (index === failed) Object.assign(check, { limit, current, projected });
      else check.current = failed + 1;
      const isFailed = index === failed;
      const salt = roles[index]! + 1;
      entry.rejectUnplaced(order, isFailed ? reason : REJECT.BATCH_REJECTED, isFailed ? rules : NO_RULES, salt);
    }
  }

  /** Accepts legs in turn. @param stops at the first that is refused, instead of going on with the others */
  #admitAll(legs: readonly PlanLeg[], roles: readonly number[], stops: boolean): Admission[] {
    const { entry, check } = this;
    const { links } = this.state.orders;
    const admissions: Admission[] = [];
    const entryLeg = legs[0]!.name === 'ENTRY';
    let planId = NONE;
    let counter = NIL;
    for (const [index, leg] of legs.entries()) {
      const role = roles[index]!;
      const isExit = leg.name !== 'ENTRY';
      const first = admissions[0];
      const waits = isExit && entryLeg;
      let reason: number;
      if (waits && first !== undefined && first.reason !== ACCEPTED) {
        check.clear();
        check.current = 1;
        reason = REJECT.BATCH_REJECTED;
        entry.rejectUnplaced(leg.order, reason, NO_RULES, role + 1);
      } else if (entry.isRepeat(leg.order, role + 1)) {
        check.clear();
        check.current = entry.firstOrderId(leg.order);
        reason = REJECT.DUPLICATE_CL_ORD_ID;
        entry.rejectUnplaced(leg.order, reason, NO_RULES, role + 1);
      } else {
        reason = entry.legs.admit(leg.order, { planId, role, isExit, waits, counter, salt: role + 1 });
      }
      const { limit, current, projected, limitTicks, gathers } = check;
      const slot = reason === ACCEPTED ? entry.legs.admittedSlot : NIL;
      const rules = reason === ACCEPTED ? NO_RULES : entry.rejectedRules;
      admissions.push({ leg, role, slot, limitTicks, gathers, reason, limit, current, projected, rules });
      if (reason !== ACCEPTED) {
        if (stops) break;
        continue;
      }
      if (planId === NONE) planId = entry.placedId;
      if (waits) links.follow(first!.slot, slot);
      if (isExit) counter = slot;
    }
    return admissions;
  }

  #begin(admissions: readonly Admission[]): void {
    const waits = admissions[0]!.leg.name === 'ENTRY';
    for (const { slot, limitTicks, gathers, leg } of admissions) {
      const begins = slot !== NIL && (leg.name === 'ENTRY' || !waits);
      // What the first traded may have ended the second.
      if (begins && this.state.orders.isInUse(slot)) this.entry.legs.begin(slot, limitTicks, gathers);
    }
    this.entry.legs.settle();
  }

  #refuse(account: number, reason: number, text: string | null): void {
    this.check.clear();
    this.entry.refuse(
      REQUEST.PLAN,
      account,
      NONE,
      null,
      reason,
      NO_RULES,
      reason === REJECT.INVALID_REQUEST ? text : null,
    );
  }
}

function rolesOf(legs: readonly PlanLeg[]): number[] {
  const hasEntry = legs[0]!.name === 'ENTRY';
  const contingency = hasEntry ? (legs.length === 2 ? CONTINGENCY.OTO : CONTINGENCY.BRACKET) : CONTINGENCY.OCO;
  return legs.map(({ name }) => roleCode(contingency, PLAN_LEG[name]));
}

/** Returns what is wrong with the legs taken together, as a sentence; null where they make a plan. */
export function planProblem(legs: readonly PlanLeg[]): string | null {
  const places = legs.map(({ name }) => PLAN_LEGS.indexOf(name));
  if (legs.length < 2 || places.some((place, index) => index > 0 && place <= places[index - 1]!)) {
    return 'A plan has two or three legs: ENTRY, TAKE_PROFIT and STOP_LOSS, each once and in this order.';
  }
  const [first] = legs.map(({ order }) => order);
  for (const { order } of legs) {
    if (order.account !== first!.account) return 'All legs of a plan are of one account.';
    if (order.instrument !== first!.instrument) return 'All legs of a plan are of one instrument.';
    if (order.orderQtyLots !== first!.orderQtyLots) return 'All legs of a plan have the same orderQty.';
  }
  const side = (name: PlanLegName) => legs.find((leg) => leg.name === name)?.order.side;
  const [entry, profit, loss] = [side('ENTRY'), side('TAKE_PROFIT'), side('STOP_LOSS')];
  if (profit !== undefined && loss !== undefined && profit !== loss) {
    return 'TAKE_PROFIT and STOP_LOSS of a plan stand on the same side.';
  }
  if (entry !== undefined && entry === (profit ?? loss)) {
    return 'The exits of a plan stand on the other side than its ENTRY.';
  }
  return legs.some(
    ({ name, order }) => name === 'STOP_LOSS' && (order.ordType === 'LIMIT' || order.ordType === 'MARKET'),
  )
    ? 'STOP_LOSS of a plan is a STOP, STOP_LIMIT or TRAILING_STOP order.'
    : pricesProblem(legs);
}

/** A LIMIT exit that could trade with its own entry would get out before getting in. */
function pricesProblem(legs: readonly PlanLeg[]): string | null {
  const limitOf = (name: PlanLegName) => {
    const order = legs.find((leg) => leg.name === name)?.order;
    return order?.ordType === 'LIMIT' || (name === 'ENTRY' && order?.ordType === 'STOP_LIMIT')
      ? order.priceTicks
      : null;
  };
  const [entry, profit] = [limitOf('ENTRY'), limitOf('TAKE_PROFIT')];
  if (entry === null || profit === null) return null;
  const isBetter = legs[0]!.order.side === 'BUY' ? profit > entry : profit < entry;
  return isBetter ? null : "The price of TAKE_PROFIT is better than that of ENTRY: above a buy's, below a sell's.";
}
