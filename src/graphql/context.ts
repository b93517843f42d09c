/** What every resolver knows about its caller. Built by the router once a request or connection, handed to each subgraph. */

import type { StageTimes } from '../ports/stage-times.js';

/** What a caller may do; declared on the schema and checked again in each subgraph. */
export const SCOPES = [
  'market:read',
  'orders:read',
  'orders:write',
  'risk:read',
  'risk:write',
  'accounts:read',
  'accounts:write',
  'strategies:write',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** An authenticated caller. */
export interface Identity {
  readonly userId: string;
  readonly scopes: ReadonlySet<Scope>;
  /** What the caller showed; absent for a token that belongs to no session of this platform. */
  readonly credential?: { readonly kind: 'SESSION' | 'API_KEY' | 'EXTERNAL'; readonly id: string };
}

export interface RequestContext {
  /** null: not authenticated; only public market data is readable. */
  readonly identity: Identity | null;
  /** Id of the request, as given by the client in x-request-id or made by the router. */
  readonly requestId: string;
  /** Marked by each part that the operation passes; absent where nobody reads it. */
  readonly times?: StageTimes;
  /** Address of the client as quotas count it; absent where nobody on a network asks. */
  readonly address?: string;
  /** True where the operator has closed market data to whoever lacks market:read. */
  readonly marketDataClosed?: boolean;
}
