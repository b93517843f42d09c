/** Settings of the separate roles: where the other parts are, and how a role proves what it is. */
import { hostname } from 'node:os';
import { z } from 'zod';

/** What a process can be; each is one part of the platform. */
export const ROLES = [
  'router',
  'accounts',
  'market-data',
  'orders',
  'risk',
  'strategies',
  'engine',
  'projector',
] as const;
export type Role = (typeof ROLES)[number];

/** Roles that are a subgraph of their own. */
export const SUBGRAPH_ROLES = [
  'accounts',
  'market-data',
  'orders',
  'risk',
  'strategies',
] as const satisfies readonly Role[];
export type SubgraphRole = (typeof SUBGRAPH_ROLES)[number];

const MIN_SECRET_LENGTH = 32;
const path = z.string().min(1).optional();

export const servicesShape = {
  TRADSYS_ROLE: z.enum(ROLES).optional(),
  NATS_URL: z
    .string()
    .regex(
      /^(nats|tls):\/\/[^,\s]+(\s*,\s*(nats|tls):\/\/[^,\s]+)*$/,
      'takes nats://host:port or tls://host:port, several separated by commas',
    )
    .optional(),
  NATS_USER: z.string().min(1).optional(),
  NATS_PASSWORD: z.string().min(1).optional(),
  NATS_CA_FILE: path,
  NATS_CERT_FILE: path,
  NATS_KEY_FILE: path,
  TRADSYS_ENGINE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'takes 1 to 64 letters, digits, points and dashes')
    .optional(),
  TRADSYS_INTERNAL_SECRET: z
    .string()
    .min(MIN_SECRET_LENGTH, `takes at least ${MIN_SECRET_LENGTH} characters`)
    .optional(),
  TRADSYS_ACCOUNTS_URL: z.url().optional(),
  TRADSYS_MARKET_DATA_URL: z.url().optional(),
  TRADSYS_ORDERS_URL: z.url().optional(),
  TRADSYS_RISK_URL: z.url().optional(),
  TRADSYS_STRATEGIES_URL: z.url().optional(),
};

export interface NatsConfig {
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** A process that is one role. */
export interface ServicesConfig {
  readonly role: Role;
  /** null where the role needs none. */
  readonly nats: NatsConfig | null;
  readonly engineId: string;
  /** Shared by router and subgraphs. */
  readonly internalSecret: string;
  /** Addresses of the subgraphs, without path. */
  readonly subgraphUrls: Readonly<Record<SubgraphRole, string>>;
}

type Values = z.infer<z.ZodObject<typeof servicesShape>> & {
  readonly DATABASE_URL?: string | undefined;
  readonly TRADSYS_JWT_SECRET?: string | undefined;
  readonly TRADSYS_RATE_STORE?: string | undefined;
};

/** Names each variable that the role lacks, with the mend. */
export function missingForRole(role: Role, values: Values): string[] {
  const problems: string[] = [];
  const needs = (name: keyof Values, why: string): void => {
    if (values[name] === undefined) problems.push(`${String(name)}: the role ${role} needs ${why}`);
  };
  // The one signs access tokens and keys the hashes of API keys, the other verifies both: they need the same.
  if (role === 'router' || role === 'accounts') {
    needs(
      'TRADSYS_JWT_SECRET',
      `the secret that access tokens are signed with, at least ${MIN_SECRET_LENGTH} characters`,
    );
  }
  if (role === 'router') {
    needs('DATABASE_URL', 'PostgreSQL, to look up API keys and what was revoked, and for quotas that routers share');
  } else {
    needs('NATS_URL', 'the message bus, e.g. nats://127.0.0.1:4222');
    needs('DATABASE_URL', 'PostgreSQL, e.g. postgresql://user:password@127.0.0.1:5432/tradsys');
  }
  if (role !== 'engine' && role !== 'projector') {
    needs(
      'TRADSYS_INTERNAL_SECRET',
      `the secret that router and subgraphs share, at least ${MIN_SECRET_LENGTH} characters`,
    );
  }
  if (values.NATS_USER === undefined && values.NATS_PASSWORD !== undefined) {
    problems.push('NATS_USER: NATS_PASSWORD is set, so the user is needed too');
  }
  if ((values.NATS_CERT_FILE === undefined) !== (values.NATS_KEY_FILE === undefined)) {
    problems.push('NATS_CERT_FILE, NATS_KEY_FILE: a certificate and its key come together');
  }
  return problems;
}

/** Ports by which the roles find each other where no address is given. */
const DEFAULT_URLS: Readonly<Record<SubgraphRole, string>> = {
  accounts: 'http://accounts:4000',
  'market-data': 'http://market-data:4000',
  orders: 'http://orders:4000',
  risk: 'http://risk:4000',
  strategies: 'http://strategies:4000',
};

export function readServices(role: Role, values: Values): ServicesConfig {
  const { NATS_URL: url } = values;
  return {
    role,
    nats:
      url === undefined
        ? null
        : {
            url,
            user: values.NATS_USER ?? null,
            password: values.NATS_PASSWORD ?? null,
            caFile: values.NATS_CA_FILE ?? null,
            certFile: values.NATS_CERT_FILE ?? null,
            keyFile: values.NATS_KEY_FILE ?? null,
          },
    engineId:
      values.TRADSYS_ENGINE_ID ??
      hostname()
        .replaceAll(/[^\w.-]/g, '-')
        .slice(0, 64),
    internalSecret: values.TRADSYS_INTERNAL_SECRET ?? '',
    subgraphUrls: {
      accounts: values.TRADSYS_ACCOUNTS_URL ?? DEFAULT_URLS.accounts,
      'market-data': values.TRADSYS_MARKET_DATA_URL ?? DEFAULT_URLS['market-data'],
      orders: values.TRADSYS_ORDERS_URL ?? DEFAULT_URLS.orders,
      risk: values.TRADSYS_RISK_URL ?? DEFAULT_URLS.risk,
      strategies: values.TRADSYS_STRATEGIES_URL ?? DEFAULT_URLS.strategies,
    },
  };
}
