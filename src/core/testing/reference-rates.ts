/** Buckets of orders and cancels in the reference exchange. */
import type { RiskLimitValues } from '../exchange/command.js';
import { NO_LIMITS } from '../risk/limit-values.js';
import { hasLimits, limitsOf, limitsOn } from './reference-risk.js';
import type { ReferenceAccount, ReferenceBucket, ReferenceState } from './reference-state.js';

const MILLION = 1_000_000;
const NAMES = { order: 'maxOrdersPerSecond', cancel: 'maxCancelsPerSecond' } as const;

type Kind = keyof typeof NAMES;

interface Drawn {
  readonly rate: number;
  readonly bucket: ReferenceBucket;
  readonly tokens: number;
}

/** Takes a token from the buckets of the account and of the symbol; returns the arithmetic of the one that is empty. */
export function takeToken(state: ReferenceState, account: number, instrument: number, kind: Kind) {
  const entry = state.accounts[account];
  if (entry === undefined || !hasLimits(state, entry)) return null;
  const drawn: Drawn[] = [];
  for (const { scope, rate } of ratesOf(state, entry, kind)) {
    if (scope !== null && scope !== instrument) continue;
    const bucket = bucketOf(entry, scope, kind);
    drawn.push({ rate, bucket, tokens: filled(bucket, rate, state.timeUs) });
  }
  const empty = drawn.find(({ tokens }) => tokens < MILLION);
  if (empty !== undefined) {
    const current = empty.rate - Math.floor(empty.tokens / MILLION);
    return { limit: empty.rate, current, projected: current + 1 };
  }
  for (const { bucket, tokens } of drawn) Object.assign(bucket, { tokens: tokens - MILLION, timeUs: state.timeUs });
  return null;
}

/** Buckets that limits need, in canonical order: the account's, then by symbol; orders before cancels. */
export function neededBuckets(state: ReferenceState, account: ReferenceAccount): ReferenceBucket[] {
  const scopes = [null, ...account.symbolLimits.map(({ instrument }) => instrument).sort((a, b) => a - b)];
  return scopes.flatMap((scope) =>
    (['order', 'cancel'] as const)
      .filter((kind) => rateIn(state, account, scope, kind) !== null)
      .map((kind) => bucketOf(account, scope, kind)),
  );
}

/** Rates of an account by scope, to be compared before and after its limits change. */
export function ratesBefore(state: ReferenceState, account: ReferenceAccount): Map<string, number | null> {
  const rates = new Map<string, number | null>();
  for (const scope of [null, ...state.instruments.map(({ index }) => index)]) {
    for (const kind of ['order', 'cancel'] as const) rates.set(`${scope} ${kind}`, rateIn(state, account, scope, kind));
  }
  return rates;
}

/** Fills the buckets whose rate changed. */
export function fillChanged(
  state: ReferenceState,
  account: ReferenceAccount,
  before: Map<string, number | null>,
): void {
  for (const [key, rate] of ratesBefore(state, account)) {
    if (rate === null || rate === before.get(key)) continue;
    const [scope, kind] = key.split(' ') as [string, Kind];
    const bucket = bucketOf(account, scope === 'null' ? null : Number(scope), kind);
    Object.assign(bucket, { tokens: rate * MILLION, timeUs: state.timeUs });
  }
}

function ratesOf(state: ReferenceState, account: ReferenceAccount, kind: Kind) {
  const scopes = [null, ...account.symbolLimits.map(({ instrument }) => instrument)];
  return scopes.flatMap((scope) => {
    const rate = rateIn(state, account, scope, kind);
    return rate === null ? [] : [{ scope, rate }];
  });
}

function rateIn(state: ReferenceState, account: ReferenceAccount, scope: number | null, kind: Kind): number | null {
  const limits: RiskLimitValues = scope === null ? limitsOf(state, account) : (limitsOn(account, scope) ?? NO_LIMITS);
  return limits[NAMES[kind]];
}

function bucketOf(account: ReferenceAccount, scope: number | null, kind: Kind): ReferenceBucket {
  const found = account.buckets.find((bucket) => bucket.scope === scope && bucket.kind === kind);
  if (found !== undefined) return found;
  const fresh = { scope, kind, tokens: 0, timeUs: 0 };
  account.buckets.push(fresh);
  return fresh;
}

function filled({ tokens, timeUs }: ReferenceBucket, rate: number, nowUs: number): number {
  return Math.min(rate * MILLION, tokens + Math.min(nowUs - timeUs, MILLION) * rate);
}
