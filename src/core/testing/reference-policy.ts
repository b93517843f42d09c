/** Risk policy in the reference exchange: limits, tiers, switches and states. */
import type { Command } from '../exchange/command.js';
import { NO_LIMITS } from '../risk/limit-values.js';
import type { CancelReason } from '../values/vocabulary.js';
import type { ReferenceCore } from './reference-core.js';
import { fillChanged, ratesBefore } from './reference-rates.js';

/** @returns whether it was such a command */
export function setPolicy(core: ReferenceCore, command: Command): boolean {
  const { state } = core;
  if (command.type === 'SetRiskLimits') {
    const { account: index, instrument, limits, setBy } = command;
    const account = state.accounts[index]!;
    const rates = ratesBefore(state, account);
    const own = account.symbolLimits.find((each) => each.instrument === instrument);
    const before = instrument === null ? account.limits : (own?.limits ?? NO_LIMITS);
    core.tell({ type: 'RiskLimitsSet', account: index, instrument, limits, before, setBy });
    if (instrument === null) {
      Object.assign(account, { limits, limitsSetBy: setBy });
    } else {
      account.symbolLimits = account.symbolLimits.filter((each) => each !== own);
      if (Object.values(limits).some((limit) => limit !== null))
        account.symbolLimits.push({ instrument, limits, setBy });
    }
    fillChanged(state, account, rates);
  } else if (command.type === 'SetTierLimits') {
    const { tier: name, limits, setBy } = command;
    const rates = state.accounts.map((account) => ratesBefore(state, account));
    const tier = state.tiers.find((each) => each.name === name);
    core.tell({ type: 'TierLimitsSet', tier: name, limits, before: tier?.limits ?? null, setBy });
    if (tier === undefined) state.tiers.push({ name, limits, setBy });
    else Object.assign(tier, { limits, setBy });
    for (const [index, account] of state.accounts.entries()) fillChanged(state, account, rates[index]!);
  } else if (command.type === 'SetAccountTier') {
    const account = state.accounts[command.account]!;
    const rates = ratesBefore(state, account);
    const { tier, setBy } = command;
    core.tell({ type: 'AccountTierSet', account: command.account, tier, before: account.tier, setBy });
    Object.assign(account, { tier, tierSetBy: setBy });
    fillChanged(state, account, rates);
  } else if (command.type === 'SetAccountState') {
    const { account: index, state: next, reason, setBy } = command;
    const account = state.accounts[index]!;
    core.tell({ type: 'AccountStateSet', account: index, state: next, before: account.state, reason, setBy });
    Object.assign(account, { state: next, stateReason: reason, stateSetBy: setBy });
    if (next !== 'ACTIVE') cancelOf(core, index, null, 'ACCOUNT_STATE', next === 'REDUCE_ONLY');
  } else if (command.type === 'SetKillSwitch') {
    killSwitch(core, command);
  } else {
    return false;
  }
  return true;
}

function killSwitch(core: ReferenceCore, command: Extract<Command, { type: 'SetKillSwitch' }>): void {
  const { state } = core;
  const { account, instrument, engaged, reason, setBy } = command;
  const owner =
    account === null ? (instrument === null ? state : state.instruments[instrument]!) : state.accounts[account]!;
  const before = { engaged: owner.kill.engaged, allowReduceOnly: owner.kill.allowReduceOnly };
  const allowReduceOnly = engaged && command.allowReduceOnly;
  owner.kill = { engaged, allowReduceOnly, reason, setBy };
  core.tell({ type: 'KillSwitchSet', account, instrument, engaged, allowReduceOnly, reason, before, setBy });
  if (!engaged) return;
  const accounts = account === null ? [...state.accounts.keys()] : [account];
  for (const index of accounts) cancelOf(core, index, instrument, 'KILL_SWITCH', allowReduceOnly);
}

function cancelOf(
  core: ReferenceCore,
  account: number,
  instrument: number | null,
  reason: CancelReason,
  keepsReducing: boolean,
): void {
  const chosen = core.state
    .ordersOf(account)
    .filter((order) => instrument === null || order.instrument === instrument)
    .filter((order) => !(keepsReducing && order.terms.reduceOnly));
  // One that is linked to another may have ended with it.
  for (const order of chosen) if (order.leaves > 0) core.cancel(order, reason);
}
