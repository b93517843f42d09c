/** Audit entries of risk policy: who set what when, and what held before. */
import type { ExchangeEvent } from '../../core/exchange/event.js';
import { type Row, storableText } from './storable.js';

/** Events that are audit entries. */
export type RiskPolicyEvent = Extract<
  ExchangeEvent,
  {
    type:
      | 'RiskLimitsSet'
      | 'TierLimitsSet'
      | 'AccountTierSet'
      | 'AccountStateSet'
      | 'KillSwitchSet'
      | 'CircuitBreakerSet'
      | 'MarketBreakerSet'
      | 'TradingHalted'
      | 'TradingResumed';
  }
>;

export function riskAuditRow(event: RiskPolicyEvent): Row {
  const before = 'before' in event ? event.before : null;
  return {
    sequence: event.sequence,
    time_us: event.timeUs,
    action: event.type,
    account: 'account' in event ? event.account : null,
    instrument: 'instrument' in event ? event.instrument : null,
    tier: 'tier' in event && event.tier !== null ? storableText(event.tier) : null,
    before: before === null ? null : storableText(JSON.stringify(before)),
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
    case 'CircuitBreakerSet':
      return event.terms;
    case 'MarketBreakerSet':
      return event.terms === null ? null : { instruments: event.instruments, terms: event.terms };
    case 'TradingHalted':
      return { halted: true, queuesOrders: event.queuesOrders };
    case 'TradingResumed':
      return { halted: false, auctionUs: event.auctionUs };
  }
}
