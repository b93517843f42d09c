/**
 * Signed requests: what a trading key that asks for it must send beside itself, so that neither a key that leaked nor a request that
 * was recorded trades.
 *
 * ```
 * x-tradsys-timestamp: milliseconds since 1970, within the window of this clock
 * x-tradsys-nonce:     16 to 64 of A-Z a-z 0-9 _ -, each once within the window
 * x-tradsys-signature: base64url(HMAC-SHA-256(signing secret, timestamp \n nonce \n METHOD \n target \n hex(SHA-256(body))))
 * ```
 * The target is path and query as sent. connection_init carries the same three as `timestamp`, `nonce` and `signature`; its method is
 * WEBSOCKET, its target /graphql, its body empty.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { HistoryUnreachableError } from '../src/ports/history.js';
import { type NonceStore, NonceStoreFullError } from '../src/ports/nonce-store.js';
import { IdentityUnavailableError, InvalidTokenError } from './authentication.js';

export interface Signed {
  readonly timestamp: unknown;
  readonly nonce: unknown;
  readonly signature: unknown;
}

export interface SignedRequest extends Signed {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly body: Uint8Array;
}

/** What a signature is verified with. */
export interface SigningKey {
  /** Of the API key. */
  readonly id: string;
  readonly secret: Uint8Array;
}

export const WEBSOCKET_METHOD = 'WEBSOCKET';
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;
const TIMESTAMP = /^\d{13}$/;
const SIGNATURE_BYTES = 32;

/** Checks what was signed, then that it was not sent before. @throws InvalidTokenError saying which part is wrong */
export async function verifySignature(
  key: SigningKey,
  request: SignedRequest,
  nonces: NonceStore,
  windowMs: number,
  nowMs: number,
): Promise<void> {
  const { timestamp, nonce, signature } = request;
  if (timestamp === undefined && nonce === undefined && signature === undefined) {
    throw new InvalidTokenError('this API key signs its requests: send timestamp, nonce and signature');
  }
  if (typeof timestamp !== 'string' || !TIMESTAMP.test(timestamp)) {
    throw new InvalidTokenError('the timestamp is not milliseconds since 1970 as text');
  }
  const sentMs = Number(timestamp);
  if (Math.abs(nowMs - sentMs) > windowMs) {
    throw new InvalidTokenError(`the timestamp is not within ${windowMs} ms of this clock: ${Math.round(nowMs)}`);
  }
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) {
    throw new InvalidTokenError('the nonce is not 16 to 64 of A-Z, a-z, 0-9, underscore and minus');
  }
  if (typeof signature !== 'string' || !matches(key, request, timestamp, nonce, signature)) {
    throw new InvalidTokenError('the signature is not of this request under the key’s signing secret');
  }
  if (sentMs < nonces.sinceMs) throw new InvalidTokenError('the request is older than this process: sign it anew');
  // A timestamp may lie ahead by the window, and be sent again until it is behind by it.
  if (!(await taken(nonces, key.id, nonce, sentMs + windowMs))) {
    throw new InvalidTokenError('the nonce was used already: each request has its own');
  }
}

async function taken(nonces: NonceStore, keyId: string, nonce: string, untilMs: number): Promise<boolean> {
  try {
    return await nonces.take(keyId, nonce, untilMs);
  } catch (error) {
    if (error instanceof HistoryUnreachableError) {
      throw new IdentityUnavailableError(
        'whether this request was sent before cannot be told now: send it again shortly',
      );
    }
    if (!(error instanceof NonceStoreFullError)) throw error;
    throw new InvalidTokenError('too many signed requests within the window: send it again shortly, signed anew');
  }
}

function matches(
  { secret }: SigningKey,
  { method, target, body }: SignedRequest,
  timestamp: string,
  nonce: string,
  signature: string,
): boolean {
  const given = Buffer.from(signature, 'base64url');
  const hash = createHash('sha256').update(body).digest('hex');
  const text = `${timestamp}\n${nonce}\n${method}\n${target}\n${hash}`;
  return given.length === SIGNATURE_BYTES && timingSafeEqual(given, createHmac('sha256', secret).update(text).digest());
}

/** Nonces of one process. Of the time before its start it remembers nothing, and lets nothing in. */
export class MemoryNonces implements NonceStore {
  readonly #used = new Map<string, number>();

  constructor(
    private readonly maxNonces: number,
    readonly sinceMs: number = Date.now(),
    private readonly now: () => number = Date.now,
  ) {}

  take(keyId: string, nonce: string, untilMs: number): boolean {
    const name = `${keyId}\n${nonce}`;
    if (this.#used.has(name)) return false;
    this.#forget();
    if (this.#used.size >= this.maxNonces) throw new NonceStoreFullError();
    this.#used.set(name, untilMs);
    return true;
  }

  #forget(): void {
    const nowMs = this.now();
    // They came in about the order in which they end.
    for (const [name, untilMs] of this.#used) {
      if (untilMs >= nowMs) return;
      this.#used.delete(name);
    }
  }
}
