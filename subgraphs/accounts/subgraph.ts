/** The accounts subgraph: owns Account and its balances. */
import 'reflect-metadata';
import { authChecker, requireScope } from '../../src/graphql/authorization.js';
import { buildFederatedSchema } from '../../src/graphql/build-subgraph.js';
import type { RequestContext } from '../../src/graphql/context.js';
import { createRequestLoader } from '../../src/graphql/loaders.js';
import type { Subgraph } from '../../src/graphql/subgraph.js';
import type { AuditStore } from '../../src/ports/audit-store.js';
import type { EngineClient } from '../../src/ports/engine-client.js';
import type { EventFeed } from '../../src/ports/event-feed.js';
import type { History } from '../../src/ports/history.js';
import { AccountsView } from './events.js';
import { AccountResolver } from './resolvers/account-resolver.js';
import { AuditResolver } from './resolvers/audit-resolver.js';
import { IdentityResolver } from './resolvers/identity-resolver.js';
import { LedgerResolver } from './resolvers/ledger-resolver.js';
import { Accounts } from './services/accounts.js';
import { Audit } from './services/audit.js';
import type { IdentityService } from './services/identity/identity.js';
import { Ledgers } from './services/ledger.js';
import type { Account } from './types/account.js';

export interface AccountsDependencies {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  readonly history: Pick<History, 'ledgerOf'>;
  readonly identity: IdentityService;
  readonly audit: Pick<AuditStore, 'page'>;
}

/** Builds the subgraph; `start` loads its view. */
export async function createAccountsSubgraph({
  engine,
  feed,
  history,
  identity,
  audit,
}: AccountsDependencies): Promise<Subgraph> {
  const view = new AccountsView();
  const accounts = new Accounts(engine, view, feed);
  const instances = new Map<unknown, object>([
    [AccountResolver, new AccountResolver(accounts)],
    [IdentityResolver, new IdentityResolver(identity)],
    [AuditResolver, new AuditResolver(new Audit(audit))],
    [LedgerResolver, new LedgerResolver(new Ledgers(history, view))],
  ]);
  const byId = createRequestLoader<string, Account | null>((ids, context) => {
    const identity = requireScope(context, 'accounts:read');
    return Promise.resolve(ids.map((id) => accounts.account(id, identity)));
  });
  const { schema, sdl } = await buildFederatedSchema({
    resolvers: [AccountResolver, AuditResolver, IdentityResolver, LedgerResolver],
    references: {
      Account: ({ id }: { id: string }, context: RequestContext) => byId(context).load(id),
    },
    container: { get: (resolverClass) => instances.get(resolverClass) },
    authChecker,
  });
  let unfollow: (() => void) | null = null;
  return {
    name: 'accounts',
    schema,
    sdl,
    async start() {
      unfollow = await feed.follow(view);
    },
    async stop() {
      unfollow?.();
      unfollow = null;
      view.reached.stop();
    },
  };
}
