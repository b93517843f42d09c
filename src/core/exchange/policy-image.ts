/** Risk policy told as events, for the state image: what is set now, under whoever set it, as if nothing had been before. */
import { NO_LIMITS } from '../risk/limit-values.js';
import type { KillSwitch } from '../risk/stop-level.js';
import type { EventBuffer } from './event-buffer.js';
import type { ExchangeState } from './state.js';
import { symbolsOf } from './state-image.js';

export function tellPolicy(state: ExchangeState, buffer: EventBuffer): void {
  for (const { name: tier, limits, setBy } of state.tiers.values()) {
    buffer.body({ type: 'TierLimitsSet', tier, limits, before: null, setBy });
  }
  const before = NO_LIMITS;
  for (const account of state.accounts) {
    const { index, limits, limitsSetBy, tier, tierSetBy } = account;
    if (tierSetBy !== null) {
      const name = tier?.name ?? null;
      buffer.body({ type: 'AccountTierSet', account: index, tier: name, before: null, setBy: tierSetBy });
    }
    if (limitsSetBy !== null) {
      buffer.body({ type: 'RiskLimitsSet', account: index, instrument: null, limits, before, setBy: limitsSetBy });
    }
    for (const instrument of symbolsOf(account)) {
      const { limits: onSymbol, setBy } = account.symbolLimits.get(instrument)!;
      buffer.body({ type: 'RiskLimitsSet', account: index, instrument, limits: onSymbol, before, setBy });
    }
  }
  tellStops(state, buffer);
}

function tellStops(state: ExchangeState, buffer: EventBuffer): void {
  tellSwitch(state.kill, null, null, buffer);
  for (const { index, kill } of state.listings) tellSwitch(kill, null, index, buffer);
  for (const { index, kill } of state.accounts) tellSwitch(kill, index, null, buffer);
  for (const { index: account, state: now, stateReason: reason, stateSetBy: setBy } of state.accounts) {
    if (setBy === null) continue;
    buffer.body({ type: 'AccountStateSet', account, state: now, before: 'ACTIVE', reason, setBy });
  }
}

function tellSwitch(kill: KillSwitch, account: number | null, instrument: number | null, buffer: EventBuffer): void {
  const { engaged, allowReduceOnly, reason, setBy } = kill;
  if (setBy === null) return;
  const before = { engaged: false, allowReduceOnly: false };
  buffer.body({ type: 'KillSwitchSet', account, instrument, engaged, allowReduceOnly, reason, before, setBy });
}
