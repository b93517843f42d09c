/** Tokens of an identity provider, whose keys are served by a real server on this machine. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { IdentityUnavailableError, type TokenVerifier } from './authentication.js';
import { createExternalVerifier, type ExternalIdentityOptions } from './external-identity.js';

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const rsa = (kid: string): Key => ({ kid, alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
const ed = (kid: string): Key => ({ kid, alg: 'EdDSA', ...generateKeyPairSync('ed25519') });
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An issuer with its discovery document and its keys. */
class Provider {
  keys: unknown[] = [];
  down = false;
  requests = 0;
  readonly #server: Server = createServer((request, response) => {
    if (this.down) return void response.destroy();
    if (request.url?.endsWith('openid-configuration')) {
      response.end(JSON.stringify({ issuer: this.issuer, jwks_uri: `${this.issuer}/keys` }));
      return;
    }
    this.requests += 1;
    response.end(JSON.stringify({ keys: this.keys }));
  });

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  start(): Promise<void> {
    return new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  publish(...keys: Key[]): void {
    this.keys = keys.map(({ publicKey, kid, alg }) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      alg,
      use: 'sig',
    }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

describe('A token of the identity provider', () => {
  const [first, second, other] = [rsa('first'), ed('second'), rsa('first')];
  let provider: Provider;
  let nowMs = 0;
  beforeEach(async () => {
    provider = new Provider();
    await provider.start();
    provider.publish(first, second);
    nowMs = 0;
  });
  afterEach(() => provider.stop());

  const create = (options: Partial<ExternalIdentityOptions> = {}): TokenVerifier =>
    createExternalVerifier({
      issuer: provider.issuer,
      audience: 'tradsys',
      jwksUrl: null,
      clockSkewS: 30,
      userClaim: 'sub',
      userPrefix: 'oidc:',
      scopeClaim: 'scope',
      scopes: null,
      log: () => undefined,
      now: () => nowMs,
      ...options,
    });
  const sign = (key: Key, claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    new SignJWT({ sub: 'ann', scope: 'orders:read market:read', iss: provider.issuer, aud: 'tradsys', ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .setIssuedAt()
      .setExpirationTime((claims.exp as number | undefined) ?? '5m')
      .sign(key.privateKey);
  const verify = async (verifier: TokenVerifier, token: string) => verifier.verify(token, '127.0.0.1');

  it('signed by RS256 or EdDSA makes a user of the provider’s, with the scopes that it names', async () => {
    const verifier = create();
    for (const key of [first, second]) {
      const identity = await verify(verifier, await sign(key, { jti: 'token-1' }));
      expect(identity.userId).toBe('oidc:ann');
      expect([...identity.scopes]).toEqual(['orders:read', 'market:read']);
      expect(identity.credential).toEqual({ kind: 'EXTERNAL', id: 'token-1' });
    }
    expect(provider.requests).toBe(1);
  });

  it('has its user and scopes by the claims that the operator names', async () => {
    const scopes = { traders: ['orders:read', 'orders:write', 'no-such-scope'], risk: ['risk:write'] };
    const verifier = create({ userClaim: 'email', userPrefix: '', scopeClaim: 'groups', scopes });
    const groups = ['traders', 'staff', 'admin', '__proto__', 7];
    const identity = await verify(verifier, await sign(first, { email: 'ann@example.com', groups }));
    expect(identity.userId).toBe('ann@example.com');
    expect([...identity.scopes]).toEqual(['orders:read', 'orders:write']);
    await expect(verify(verifier, await sign(first, { groups }))).rejects.toThrow(/names no user: its claim "email"/);
  });

  it('is refused for another issuer, audience or time, within the clocks’ difference', async () => {
    const verifier = create();
    const nowS = Math.floor(Date.now() / 1_000);
    for (const [claims, message] of [
      [{ iss: 'https://elsewhere.example' }, /claim "iss"/],
      [{ aud: 'another-app' }, /claim "aud"/],
      [{ exp: nowS - 60 }, /has expired/],
      [{ nbf: nowS + 60 }, /claim "nbf"/],
      [{ sub: 'x'.repeat(65) }, /more than 64/],
    ] as const) {
      await expect(verify(verifier, await sign(first, claims))).rejects.toThrow(message);
    }
    expect((await verify(verifier, await sign(first, { exp: nowS - 10 }))).userId).toBe('oidc:ann');
    expect((await verify(verifier, await sign(first, { nbf: nowS + 10 }))).userId).toBe('oidc:ann');
  });

  it('is refused with alg=none, under a foreign key, and with a public key taken for a secret', async () => {
    const verifier = create();
    const claims = { sub: 'root', scope: 'admin', iss: provider.issuer, aud: 'tradsys', iat: 1, exp: 4_102_444_800 };
    for (const alg of ['none', 'None', '']) {
      const token = `${encoded({ alg, kid: 'first' })}.${encoded(claims)}.`;
      await expect(verify(verifier, token)).rejects.toThrow(/not signed by RS256 or EdDSA|malformed/);
    }
    await expect(verify(verifier, await sign(other))).rejects.toThrow(/malformed or its signature is wrong/);
    const pem = String(first.publicKey.export({ type: 'spki', format: 'pem' }));
    const confused = await new SignJWT({ scope: 'admin' })
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .setSubject('root')
      .setIssuer(provider.issuer)
      .setAudience('tradsys')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(pem));
    await expect(verify(verifier, confused)).rejects.toThrow(/not signed by RS256 or EdDSA/);
    const jwk = other.publicKey.export({ format: 'jwk' });
    await expect(verify(verifier, await sign(other, {}, { jwk, jku: 'http://127.0.0.1:1/keys' }))).rejects.toThrow();
    provider.keys = [{ kty: 'oct', k: Buffer.from(pem).toString('base64url'), kid: 'first', alg: 'HS256' }];
    await expect(verify(create(), confused)).rejects.toThrow();
  });

  it('signed by a new key is looked up once, and unknown keys at a bounded rate', async () => {
    const verifier = create();
    const third = ed('third');
    const madeUp = [ed('made-up-0'), ed('made-up-1')] as const;
    await verify(verifier, await sign(first));
    nowMs += 11_000;
    provider.publish(first, third);
    expect((await verify(verifier, await sign(third))).userId).toBe('oidc:ann');
    expect(provider.requests).toBe(2);
    for (let n = 0; n < 20; n += 1) {
      await expect(verify(verifier, await sign(madeUp[n % 2] ?? third))).rejects.toThrow(/does not publish/);
    }
    expect(provider.requests).toBe(2);
    nowMs += 11_000;
    await Promise.all(
      [0, 1, 2].map(async () => expect(verify(verifier, await sign(madeUp[0]))).rejects.toThrow(/does not publish/)),
    );
    expect(provider.requests).toBe(3);
  });

  it('of a key that was taken back is good no more, once the keys were looked at again', async () => {
    const verifier = create();
    const token = await sign(first);
    await verify(verifier, token);
    provider.publish(second);
    nowMs += 6 * 60_000;
    await expect(verify(verifier, token)).rejects.toThrow(/does not publish/);
  });

  it('is good for a day by the keys that are known while the provider is down, and then, or without keys, unavailable', async () => {
    const verifier = create();
    await verify(verifier, await sign(first));
    provider.down = true;
    nowMs += 23 * 3_600_000;
    expect((await verify(verifier, await sign(second))).userId).toBe('oidc:ann');
    nowMs += 2 * 3_600_000;
    await expect(verify(verifier, await sign(second))).rejects.toBeInstanceOf(IdentityUnavailableError);
    await expect(verify(create(), await sign(first))).rejects.toBeInstanceOf(IdentityUnavailableError);
    provider.down = false;
    nowMs += 11_000;
    expect((await verify(verifier, await sign(second))).userId).toBe('oidc:ann');
  });

  it('is refused where the provider answers nonsense', async () => {
    for (const keys of [null, {}, Array.from({ length: 101 }, (_, n) => ({ kid: String(n) }))]) {
      provider.keys = keys as unknown[];
      await expect(verify(create(), await sign(first))).rejects.toBeInstanceOf(IdentityUnavailableError);
    }
    const elsewhere = create({ jwksUrl: `${provider.issuer}/nowhere`, issuer: 'https://another.example' });
    await expect(verify(elsewhere, await sign(first))).rejects.toThrow();
  });
});
