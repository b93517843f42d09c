/**
 * Who may read /metrics and the details of /readyz on the port that clients know. They tell of traffic and of what is wrong inside, which is
 * for the operator: by a token, from the operator's own network, or on a port of their own.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { clientAddress } from './client-address.js';

export interface ObserverOptions {
  /** `public`: everybody; `private`: from loopback and private networks; `none`: nobody but who has the token. */
  readonly access: 'public' | 'private' | 'none';
  /** Sent as `Authorization: Bearer …`; lets in from anywhere. null: there is none. */
  readonly token: string | null;
}

export type IsObserver = (request: IncomingMessage) => boolean;

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv6');
}

export function createObserverCheck({ access, token }: ObserverOptions, trustedProxies: number): IsObserver {
  const expected = token === null ? null : digest(`Bearer ${token}`);
  return (request) => {
    if (access === 'public') return true;
    const { authorization, forwarded } = request.headers;
    if (expected !== null && authorization !== undefined && timingSafeEqual(digest(authorization), expected))
      return true;
    if (access === 'none') return false;
    // A proxy that nobody told of would make the whole world its own address.
    const isRelayed = request.headers['x-forwarded-for'] !== undefined || forwarded !== undefined;
    if (isRelayed && trustedProxies === 0) return false;
    const address = isRelayed ? clientAddress(request, trustedProxies) : (request.socket.remoteAddress ?? '');
    return isPrivate(address);
  };
}

function isPrivate(address: string): boolean {
  // Of a relayed IPv6 client only its /64 is told, and an IPv4 client may be written as IPv6.
  const plain = (address.split('/', 1)[0] ?? '').replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1)[0] ?? '';
  const version = isIP(plain);
  return version !== 0 && PRIVATE.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}

/** Of one length, so that comparing tells nothing of it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
