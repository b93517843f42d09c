/** Settings of an identity provider whose tokens are taken beside the platform's own. */
import { z } from 'zod';
import { wholeNumber } from './fields.js';

const MAX_SKEW_S = 300;
const claim = (fallback: string) =>
  z
    .string()
    .regex(/^[\w:./-]{1,100}$/, 'takes the name of a claim')
    .default(fallback);
/** Keys and discovery decide who gets in, so that they come by TLS, or from this machine. */
const trusted = z
  .url()
  .refine((url) => /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${url}/`), 'takes an https address');

export const oidcShape = {
  TRADSYS_OIDC_ISSUER: trusted.optional(),
  TRADSYS_OIDC_AUDIENCE: z.string().min(1).optional(),
  TRADSYS_OIDC_JWKS_URL: trusted.optional(),
  TRADSYS_OIDC_CLOCK_SKEW_S: wholeNumber(30, 0, MAX_SKEW_S),
  TRADSYS_OIDC_USER_CLAIM: claim('sub'),
  TRADSYS_OIDC_USER_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._@:-]{1,32}$/, 'takes 1 to 32 of A-Z, a-z, 0-9 and . _ @ : -, or none')
    .default('oidc:'),
  TRADSYS_OIDC_SCOPE_CLAIM: claim('scope'),
  TRADSYS_OIDC_SCOPES: z.string().optional(),
};

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  /** null: as the discovery document says. */
  readonly jwksUrl: string | null;
  readonly clockSkewS: number;
  readonly userClaim: string;
  readonly userPrefix: string;
  readonly scopeClaim: string;
  /** Scopes by the values of the claim; null: values that are names of scopes. */
  readonly scopes: Readonly<Record<string, readonly string[]>> | null;
}

type Values = z.infer<z.ZodObject<typeof oidcShape>>;

const scopesSchema = z.record(z.string(), z.array(z.string()));

/** Names each variable that is missing or makes no sense beside the others. */
export function oidcProblems(values: Values): string[] {
  const { TRADSYS_OIDC_ISSUER: issuer, TRADSYS_OIDC_AUDIENCE: audience, TRADSYS_OIDC_SCOPES: scopes } = values;
  const problems: string[] = [];
  if (issuer !== undefined && audience === undefined) {
    problems.push('TRADSYS_OIDC_AUDIENCE: tokens of other applications of the issuer must be told apart: name yours');
  }
  if (issuer === undefined && (audience !== undefined || scopes !== undefined)) {
    problems.push('TRADSYS_OIDC_ISSUER: other variables of the identity provider are set, so it is needed too');
  }
  if (scopes !== undefined && parseScopes(scopes) === null) {
    problems.push('TRADSYS_OIDC_SCOPES: takes JSON such as {"traders":["orders:read","orders:write"]}');
  }
  return problems;
}

/** Returns null where no issuer is set. */
export function readOidc(values: Values): OidcConfig | null {
  const { TRADSYS_OIDC_ISSUER: issuer, TRADSYS_OIDC_AUDIENCE: audience } = values;
  if (issuer === undefined || audience === undefined) return null;
  const prefix = values.TRADSYS_OIDC_USER_PREFIX;
  return {
    issuer,
    audience,
    jwksUrl: values.TRADSYS_OIDC_JWKS_URL ?? null,
    clockSkewS: values.TRADSYS_OIDC_CLOCK_SKEW_S,
    userClaim: values.TRADSYS_OIDC_USER_CLAIM,
    userPrefix: prefix === 'none' ? '' : prefix,
    scopeClaim: values.TRADSYS_OIDC_SCOPE_CLAIM,
    scopes: values.TRADSYS_OIDC_SCOPES === undefined ? null : parseScopes(values.TRADSYS_OIDC_SCOPES),
  };
}

function parseScopes(text: string): Readonly<Record<string, readonly string[]>> | null {
  try {
    const parsed = scopesSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
