/**
 * Risk policy: limits of accounts, symbols and tiers, kill switches, and what accounts may do.
 *
 * Each is told as an event that names who did it and what held before: the audit entry. A command that makes no sense is
 * told as RequestRejected and changes nothing. Engaging a switch or narrowing an account's state cancels the orders that
 * may no longer be: by account, oldest first.
 */
import type { Account } from '../risk/account.js';
import { symbolLimits } from '../risk/account-guard.js';
import { ALL_INSTRUMENTS } from '../risk/exposures.js';
import { copyOfLimits, isWithoutLimits, limitsProblem, NO_LIMITS } from '../risk/limit-values.js';
import { FREE_TO_TRADE, REDUCING_ONLY } from '../risk/stop-level.js';
import { CANCEL, NONE, REJECT } from '../values/codes.js';
import { ACCOUNT_STATES } from '../values/vocabulary.js';
import type { SetAccountState, SetAccountTier, SetKillSwitch, SetRiskLimits, SetTierLimits } from './command.js';
import { REQUEST } from './event-buffer.js';
import type { OrderEntry } from './order-entry.js';
import { refusalText } from './refusal-text.js';
import type { ExchangeState } from './state.js';

const MAX_TIER_LENGTH = 64;
const MAX_REASON_LENGTH = 200;
/** Most tiers. */
export const MAX_TIERS = 1_000;

const LONG_REASON = `The reason has at most ${MAX_REASON_LENGTH} characters.`;

export type PolicyCommand = SetRiskLimits | SetTierLimits | SetAccountTier | SetAccountState | SetKillSwitch;

export class RiskAdministration {
  constructor(
    private readonly state: ExchangeState,
    private readonly entry: OrderEntry,
  ) {}

  apply(command: PolicyCommand): void {
    const refusal = this.#perform(command);
    if (refusal === null) return;
    const { reason, text } = refusal;
    const { events } = this.state;
    events.refusal(REQUEST.ADMINISTRATION, NONE, NONE, null, reason, text, Number.NaN, Number.NaN, Number.NaN);
  }

  #perform(command: PolicyCommand): Refusal | null {
    switch (command.type) {
      case 'SetRiskLimits':
        return this.#setRiskLimits(command);
      case 'SetTierLimits':
        return this.#setTierLimits(command);
      case 'SetAccountTier':
        return this.#setAccountTier(command);
      case 'SetAccountState':
        return this.#setAccountState(command);
      case 'SetKillSwitch':
        return this.#setKillSwitch(command);
    }
  }

  #setRiskLimits(command: SetRiskLimits): Refusal | null {
    const { state } = this;
    const { instrument, setBy } = command;
    const account = state.accounts[command.account];
    if (account === undefined) return refusalOf(REJECT.UNKNOWN_ACCOUNT);
    if (instrument !== null && state.listings[instrument] === undefined) return refusalOf(REJECT.UNKNOWN_SYMBOL);
    const problem = limitsProblem(command.limits);
    if (problem !== null) return invalid(problem);
    const limits = copyOfLimits(command.limits);
    const before = instrument === null ? account.limits : (account.symbolLimits.get(instrument)?.limits ?? NO_LIMITS);
    state.events.body({ type: 'RiskLimitsSet', account: account.index, instrument, limits, before, setBy });
    this.#change(account, () => {
      if (instrument === null) {
        account.limits = limits;
        account.limitsSetBy = setBy;
      } else if (isWithoutLimits(limits)) {
        account.symbolLimits.delete(instrument);
      } else {
        account.symbolLimits.set(instrument, { limits, setBy });
      }
    });
    return null;
  }

  #setTierLimits({ tier: name, limits: given, setBy }: SetTierLimits): Refusal | null {
    const { accounts, events, tiers } = this.state;
    if (name.length < 1 || name.length > MAX_TIER_LENGTH) {
      return invalid(`The name of a tier has 1 to ${MAX_TIER_LENGTH} characters.`);
    }
    const problem = limitsProblem(given);
    if (problem !== null) return invalid(problem);
    const tier = tiers.get(name);
    if (tier === undefined && tiers.size >= MAX_TIERS) return invalid(`All ${MAX_TIERS} tiers are in use.`);
    const limits = copyOfLimits(given);
    events.body({ type: 'TierLimitsSet', tier: name, limits, before: tier?.limits ?? null, setBy });
    if (tier === undefined) {
      tiers.set(name, { name, limits, setBy });
      return null;
    }
    tier.setBy = setBy;
    const members = accounts.filter((account) => account.tier === tier);
    const guards = members.map(({ guard }) => guard?.account ?? NO_LIMITS);
    tier.limits = limits;
    for (const [index, account] of members.entries()) this.#refresh(account, guards[index]!);
    return null;
  }

  #setAccountTier({ account: index, tier: name, setBy }: SetAccountTier): Refusal | null {
    const { accounts, events, tiers } = this.state;
    const account = accounts[index];
    if (account === undefined) return refusalOf(REJECT.UNKNOWN_ACCOUNT);
    const tier = name === null ? null : tiers.get(name);
    if (tier === undefined) return invalid('No tier has this name; set its limits first.');
    events.body({ type: 'AccountTierSet', account: index, tier: name, before: account.tier?.name ?? null, setBy });
    this.#change(account, () => {
      account.tier = tier;
      account.tierSetBy = setBy;
    });
    return null;
  }

  #setAccountState({ account: index, state, reason, setBy }: SetAccountState): Refusal | null {
    const account = this.state.accounts[index];
    if (account === undefined) return refusalOf(REJECT.UNKNOWN_ACCOUNT);
    if (!ACCOUNT_STATES.includes(state)) return invalid(`state is one of ${ACCOUNT_STATES.join(', ')}.`);
    if (reason.length > MAX_REASON_LENGTH) return invalid(LONG_REASON);
    const before = account.state;
    account.state = state;
    account.stateReason = reason;
    account.stateSetBy = setBy;
    account.refreshStopLevel();
    this.state.events.body({ type: 'AccountStateSet', account: index, state, before, reason, setBy });
    if (state !== 'ACTIVE') {
      this.entry.cancelWorking(account, NONE, NONE, CANCEL.ACCOUNT_STATE, state === 'REDUCE_ONLY');
    }
    return null;
  }

  #setKillSwitch(command: SetKillSwitch): Refusal | null {
    const { state } = this;
    const { account, instrument, engaged, reason, setBy } = command;
    const of = account === null ? null : state.accounts[account];
    const on = instrument === null ? null : state.listings[instrument];
    if (of === undefined) return refusalOf(REJECT.UNKNOWN_ACCOUNT);
    if (on === undefined) return refusalOf(REJECT.UNKNOWN_SYMBOL);
    if (of !== null && on !== null) {
      return invalid('A kill switch is of an account, of an instrument, or, where neither is named, of the venue.');
    }
    if (reason.length > MAX_REASON_LENGTH) return invalid(LONG_REASON);
    const kill = of?.kill ?? on?.kill ?? state.kill;
    const before = { engaged: kill.engaged, allowReduceOnly: kill.allowReduceOnly };
    const allowReduceOnly = engaged && command.allowReduceOnly;
    Object.assign(kill, { engaged, allowReduceOnly, reason, setBy });
    of?.refreshStopLevel();
    for (const listing of state.listings) listing.stopLevel = Math.max(listing.kill.level, state.kill.level);
    state.events.body({
      type: 'KillSwitchSet',
      account,
      instrument,
      engaged,
      allowReduceOnly,
      reason,
      before,
      setBy,
    });
    if (kill.level === FREE_TO_TRADE) return null;
    const keepsReducing = kill.level === REDUCING_ONLY;
    for (const each of of === null ? state.accounts : [of]) {
      this.entry.cancelWorking(each, instrument ?? NONE, NONE, CANCEL.KILL_SWITCH, keepsReducing);
    }
    return null;
  }

  #change(account: Account, change: () => void): void {
    const before = account.guard?.account ?? NO_LIMITS;
    const symbolsBefore = new Map(account.guard?.symbols ?? []);
    change();
    this.#refresh(account, before, symbolsBefore);
  }

  /** Works out the limits in force anew: buckets of rates that changed are full, figures are counted where they begin. */
  #refresh(account: Account, before: typeof NO_LIMITS, symbolsBefore = new Map(account.guard?.symbols ?? [])): void {
    const { exposures, rates, timeUs } = this.state;
    const isNew = account.guard === null;
    account.refreshGuard();
    const { guard } = account;
    if (guard === null) return;
    rates.fillChanged(account, ALL_INSTRUMENTS, before, guard.account, timeUs);
    for (const instrument of guard.symbols.keys()) {
      const former = symbolsBefore.get(instrument) ?? NO_LIMITS;
      rates.fillChanged(account, instrument, former, symbolLimits(guard, instrument), timeUs);
    }
    if (isNew) exposures.recount(account);
    for (const instrument of guard.symbols.keys())
      if (!symbolsBefore.has(instrument)) exposures.begin(account, instrument);
  }
}

interface Refusal {
  readonly reason: number;
  readonly text: string;
}

function refusalOf(reason: number): Refusal {
  return { reason, text: refusalText(reason) };
}

function invalid(text: string): Refusal {
  return { reason: REJECT.INVALID_REQUEST, text };
}
