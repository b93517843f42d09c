/** What a venue begins with: its own account and, in development, a market with traders. Repeating it moves nothing. */
import { seedDemoMarket } from '../adapters/feeds/demo-market.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import { ReferenceData } from '../core/exchange/reference-data.js';
import type { Engine } from '../engine/engine.js';
import type { EventFeed } from '../ports/event-feed.js';
import { openDemoAccounts, openVenueAccount } from './demo-accounts.js';

/** Opens the venue's account and, in development, the demo market and its traders. */
export async function prepareMarket(config: { readonly demo: boolean }, engine: Engine): Promise<void> {
  const { reference, hasBalance, unfollow } = await followReference(engine.feed);
  try {
    await openVenueAccount(engine, reference);
    if (!config.demo) return;
    await seedDemoMarket(engine, reference);
    await openDemoAccounts(engine, reference, hasBalance);
  } finally {
    unfollow();
  }
}

/** Follows reference data, and which balances there ever were. */
async function followReference(feed: EventFeed) {
  const reference = new ReferenceData();
  const balances = new Set<string>();
  const take = (event: ExchangeEvent) => {
    reference.apply(event);
    if (event.type === 'BalanceUpdated') balances.add(`${event.account}/${event.asset}`);
  };
  const unfollow = await feed.follow({
    reset: (image) => {
      reference.clear();
      balances.clear();
      image.forEach(take);
    },
    apply: (batch) => batch.events.forEach(take),
  });
  return { reference, hasBalance: (account: number, asset: number) => balances.has(`${account}/${asset}`), unfollow };
}
