/** Secrets of users and keys: made from the system's randomness, kept as hashes, compared in constant time. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id (algorithm 2): 19 MiB, two passes, one lane. */
const ARGON2 = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const SECRET_BYTES = 32;
const PREFIX_BYTES = 6;
const KEY = /^tsk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2);

/** Tells whether the password is the one of the hash. A hash of another form is no match. */
export async function passwordMatches(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password);
  } catch {
    return false;
  }
}

export const randomToken = (): string => randomBytes(SECRET_BYTES).toString('base64url');
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface NewApiKey {
  readonly prefix: string;
  readonly secretHash: string;
  /** The whole key, shown once. */
  readonly text: string;
}

/** @param pepper the platform's key: a stolen table alone verifies nothing */
export function newApiKey(pepper: Uint8Array): NewApiKey {
  const prefix = randomBytes(PREFIX_BYTES).toString('hex');
  const secret = randomToken();
  return { prefix, secretHash: hmac(pepper, secret), text: `tsk_${prefix}_${secret}` };
}

/** Returns prefix and secret of a key's text; null where it is none. */
export function parseApiKey(text: string): { readonly prefix: string; readonly secret: string } | null {
  const match = KEY.exec(text);
  return match === null ? null : { prefix: match[1]!, secret: match[2]! };
}

export function secretMatches(pepper: Uint8Array, secretHash: string, secret: string): boolean {
  const [given, kept] = [Buffer.from(hmac(pepper, secret), 'hex'), Buffer.from(secretHash, 'hex')];
  return given.byteLength === kept.byteLength && timingSafeEqual(given, kept);
}

/** Returns what a key's requests are signed with: made of its id, so that it need not be kept. */
export function signingSecretOf(signingPepper: Uint8Array, keyId: string): string {
  return createHmac('sha256', signingPepper).update(keyId).digest('base64url');
}

function hmac(pepper: Uint8Array, secret: string): string {
  return createHmac('sha256', pepper).update(secret).digest('hex');
}
