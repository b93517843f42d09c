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

/** Under what orders stand that end with a connection; see router/leases.ts. */
export interface ConnectionLease {
  /** The client's, or made for it; one that connects again under the same keeps its orders. */
  readonly leaseId: string;
  /** The connection itself, never used twice. */
  readonly holder: string;
  /** How long orders stay after the connection is gone, ms. */
  readonly graceMs: number;
  /** Whether all its orders come under the lease that do not say otherwise. */
  readonly allOrders: boolean;
}

export interface RequestContext {
  /** Of an operation over a WebSocket with an identity; absent over HTTP. */
  readonly connection?: ConnectionLease;
  /** True where the router asks for itself; no client's operation has it. */
  readonly isRouter?: true;
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
  /** Trace that the operation belongs to, W3C; absent where it is not sampled. */
  readonly traceparent?: string;
}
