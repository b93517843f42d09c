/**
 * The keys that an identity provider publishes: fetched when first needed, again from time to time and when a token names an unknown one,
 * at a bounded rate. While the provider does not answer, those that are known serve on for a day.
 */
import type { JSONWebKeySet } from 'jose';
import type { Log } from '../src/ports/log.js';
import { IdentityUnavailableError } from './authentication.js';

export interface PublishedKeysOptions {
  readonly issuer: string;
  /** null: as the discovery document says. */
  readonly jwksUrl: string | null;
  readonly log: Log;
  readonly now?: () => number;
}

/** Age at which keys are asked for again. */
const FRESH_MS = 5 * 60_000;
/** Least time between two requests, whatever tokens come. */
const COOLDOWN_MS = 10_000;
/** Age at which keys that could not be confirmed count no more. */
const MAX_AGE_MS = 24 * 3_600_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256_000;
const MAX_KEYS = 100;

export class PublishedKeys {
  readonly #options: PublishedKeysOptions;
  readonly #now: () => number;
  #keys: JSONWebKeySet | null = null;
  #text = '';
  #fetchedMs = 0;
  #triedMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | null = null;
  /** Changes whenever the keys do. */
  generation = 0;

  constructor(options: PublishedKeysOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** @throws IdentityUnavailableError where none are known, or those known are too old */
  async current(): Promise<JSONWebKeySet> {
    if (this.#keys === null || this.#now() - this.#fetchedMs > FRESH_MS) await this.#fetch();
    if (this.#keys === null || this.#now() - this.#fetchedMs > MAX_AGE_MS) throw unavailable();
    return this.#keys;
  }

  /** Returns the keys after another look at them; null where it was too soon for one, or there are no others. */
  async newer(): Promise<JSONWebKeySet | null> {
    const before = this.generation;
    await this.#fetch();
    return this.generation === before ? null : this.#keys;
  }

  /** One request at a time, and none within the cool-down. */
  async #fetch(): Promise<void> {
    if (this.#fetching === null) {
      if (this.#now() - this.#triedMs < COOLDOWN_MS) return;
      this.#triedMs = this.#now();
      this.#fetching = this.#load().finally(() => {
        this.#fetching = null;
      });
    }
    await this.#fetching;
  }

  async #load(): Promise<void> {
    const { jwksUrl, issuer, log } = this.#options;
    try {
      const url = jwksUrl ?? (await discover(issuer));
      const text = await read(url);
      const keys = toKeys(text);
      this.#fetchedMs = this.#now();
      if (text === this.#text) return;
      this.#keys = keys;
      this.#text = text;
      this.generation += 1;
      log('info', 'keys of the identity provider', { count: keys.keys.length });
    } catch (error) {
      log('warn', 'the identity provider’s keys cannot be had', { error: String(error), known: this.#keys !== null });
    }
  }
}

function unavailable(): IdentityUnavailableError {
  return new IdentityUnavailableError(
    'the identity provider does not answer, so that its tokens cannot be verified now',
  );
}

/** @returns where the issuer publishes its keys (OpenID Connect Discovery 1.0) */
async function discover(issuer: string): Promise<string> {
  const document = JSON.parse(await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
  if (document.issuer !== issuer) throw new Error(`the discovery document is of the issuer ${String(document.issuer)}`);
  if (typeof document.jwks_uri !== 'string') throw new Error('the discovery document has no jwks_uri');
  return document.jwks_uri;
}

async function read(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  let text = '';
  const decoder = new TextDecoder();
  // The type of a body does not say that it can be read so, which every Node can.
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw new Error(`${url} answers more than ${MAX_BYTES} bytes`);
  }
  return text;
}

function toKeys(text: string): JSONWebKeySet {
  const { keys } = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length > MAX_KEYS)
    throw new Error(`takes {"keys": […]} with at most ${MAX_KEYS} keys`);
  // Secrets have no place among published keys.
  return { keys: keys.filter((key: { kty?: unknown } | null) => key?.kty === 'RSA' || key?.kty === 'OKP') };
}
