/**
 * The caller's identity on its way from the router to a subgraph in another process: sealed with a secret that only those
 * two have, for seconds. The secret itself never travels, and who listens on the network can make no identity.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { StageTimes } from '../ports/stage-times.js';
import type { RequestContext, Scope } from './context.js';

/** How long a seal holds; covers clocks that differ by less. */
const HOLDS_MS = 60_000;
const MAX_LENGTH = 16_384;

/** Context and the event sequence that the answer must have reached, so that a client reads its own writes. */
export interface SealedContext {
  readonly context: RequestContext;
  readonly sequence: number;
}

/** @returns text for the extensions of a GraphQL request */
export function sealContext(secret: string, { context, sequence }: SealedContext, nowMs: number): string {
  const { identity, times, ...rest } = context;
  const plain = { ...rest, identity: identity === null ? null : { ...identity, scopes: [...identity.scopes] } };
  const body = Buffer.from(
    JSON.stringify({ context: plain, timed: times !== undefined, sequence, untilMs: nowMs + HOLDS_MS }),
  ).toString('base64url');
  return `${body}.${signatureOf(secret, body)}`;
}

/** Returns what was sealed; null where the seal is broken, foreign or old. */
export function openContext(secret: string, sealed: unknown, nowMs: number): SealedContext | null {
  if (typeof sealed !== 'string' || sealed.length > MAX_LENGTH) return null;
  const [body = '', signature = ''] = sealed.split('.');
  const expected = Buffer.from(signatureOf(secret, body));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return null;
  const { context, timed, sequence, untilMs } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  if (!(untilMs > nowMs && untilMs <= nowMs + 2 * HOLDS_MS)) return null;
  const { identity } = context;
  return {
    sequence,
    context: {
      ...context,
      identity: identity === null ? null : { ...identity, scopes: new Set(identity.scopes as readonly Scope[]) },
      ...(timed === true ? { times: new StageTimes() } : {}),
    },
  };
}

function signatureOf(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('base64url');
}
