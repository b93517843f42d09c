import { createHash, createHmac } from 'node:crypto';
import { MemoryNonces, type SignedRequest, verifySignature } from './request-signing.js';

const NOW = 1_800_000_000_000;
const KEY = { id: 'k1', secret: new TextEncoder().encode('signing secret of k1') };
const WINDOW = 30_000;

function signed(
  change: Partial<Record<'timestamp' | 'nonce' | 'method' | 'target' | 'body' | 'secret', string>> = {},
): SignedRequest {
  const given = {
    timestamp: String(NOW),
    nonce: 'nonce-of-16-chars',
    method: 'POST',
    target: '/graphql',
    body: '{}',
    ...change,
  };
  const hash = createHash('sha256').update(given.body).digest('hex');
  const text = [given.timestamp, given.nonce, given.method, given.target, hash].join('\n');
  const signature = createHmac('sha256', change.secret ?? KEY.secret)
    .update(text)
    .digest('base64url');
  const { timestamp, nonce, method, target, body } = given;
  return { timestamp, nonce, method, target, body: Buffer.from(body), signature };
}

describe('A signed request', () => {
  const nonces = () => new MemoryNonces(100, 0, () => NOW);
  const check = (request: SignedRequest, store = nonces(), nowMs = NOW) =>
    verifySignature(KEY, request, store, WINDOW, nowMs);

  it('is good once', async () => {
    const store = nonces();
    await check(signed(), store);
    await expect(check(signed(), store)).rejects.toThrow(/nonce was used already/);
    await check(signed({ nonce: 'another-one-of-16' }), store);
  });

  it('is good within the window of the clock, at its very ends, and not a millisecond beyond', async () => {
    for (const off of [WINDOW, -WINDOW]) {
      await check(signed(), nonces(), NOW + off);
      await expect(check(signed(), nonces(), NOW + off + Math.sign(off))).rejects.toThrow(
        /timestamp is not within 30000 ms/,
      );
    }
  });

  it.each<[string, Partial<SignedRequest>]>([
    ['another method', { method: 'GET' }],
    ['another path', { target: '/graphql?x=1' }],
    ['another body', { body: Buffer.from('{ }') }],
    ['another nonce', { nonce: 'another-one-of-16' }],
    ['another time', { timestamp: String(NOW + 1) }],
    ['no signature', { signature: undefined }],
    ['a short one', { signature: 'AAAA' }],
    ['a list of them', { signature: ['a', 'b'] }],
  ])('is refused with %s', async (_what, change) => {
    const store = nonces();
    await expect(check({ ...signed(), ...change }, store)).rejects.toThrow(/signature is not of this request/);
    // What proved nothing uses up no nonce.
    await check(signed(), store);
  });

  it.each<[Partial<SignedRequest>, RegExp]>([
    [{ timestamp: undefined, nonce: undefined, signature: undefined }, /this API key signs its requests/],
    [{ timestamp: 'now' }, /timestamp is not milliseconds/],
    [{ timestamp: '1e13' }, /timestamp is not milliseconds/],
    [{ nonce: 'short' }, /nonce is not 16 to 64/],
    [{ nonce: 'x'.repeat(65) }, /nonce is not 16 to 64/],
    [{ nonce: 'with a line\nbreak 16' }, /nonce is not 16 to 64/],
  ])('is refused with %j in words', async (change, message) => {
    await expect(check({ ...signed(), ...change })).rejects.toThrow(message);
  });

  it('of another secret is refused', async () => {
    await expect(check(signed({ secret: 'of another key' }))).rejects.toThrow(/signature is not/);
  });

  it('of the time before the process is refused, since what was sent then is not known', async () => {
    await expect(check(signed(), new MemoryNonces(100, NOW + 1, () => NOW))).rejects.toThrow(/older than this process/);
  });

  it('is refused while no more nonces can be remembered, and let in when the oldest are over', async () => {
    let now = NOW;
    const store = new MemoryNonces(10, 0, () => now);
    for (let n = 0; n < 10; n += 1) await check(signed({ nonce: `nonce-of-16-chars-${n}` }), store);
    await expect(check(signed({ nonce: 'one-nonce-too-many' }), store)).rejects.toThrow(/too many signed requests/);
    now += WINDOW + 1;
    await check(signed({ nonce: 'one-nonce-too-many' }), store);
  });
});
