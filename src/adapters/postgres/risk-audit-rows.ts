/** Audit entries of risk policy: who set what when, and what held before. */
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { type Row, storableText } from './storable.js';

/** Events that are audit entries. */
export type RiskPolicyEvent = Extract<
  ExchangeEvent,
  { type: 'RiskLimitsSet' | 'TierLimitsSet' | 'AccountTierSet' | 'AccountStateSet' | 'KillSwitchSet' }
>;

export function riskAuditRow(event: RiskPolicyEvent): Row {
  return {
    sequence: event.sequence,
    time_us: event.timeUs,
    action: event.type,
    account: 'account' in event ? event.account : null,
    instrument: 'instrument' in event ? event.instrument : null,
    tier: 'tier' in event && event.tier !== null ? storableText(event.tier) : null,
    before: event.before === null ? null : storableText(JSON.stringify(event.before)),
    after: storableText(JSON.stringify(afterOf(event))),
    reason: 'reason' in event ? storableText(event.reason) : '',
    set_by: storableText(event.setBy),
  };
}

function afterOf(event: RiskPolicyEvent): unknown {
  switch (event.type) {
    case 'RiskLimitsSet':
    case 'TierLimitsSet':
      return event.limits;
    case 'AccountTierSet':
      return event.tier;
    case 'AccountStateSet':
      return event.state;
    case 'KillSwitchSet':
      return { engaged: event.engaged, allowReduceOnly: event.allowReduceOnly };
  }
}
