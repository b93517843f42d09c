/** From which address a client calls, as quotas and bounds count. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Returns the address: of an IPv4 client its own, of an IPv6 client its /64, since whoever has one has all of it.
 * @param trustedProxies proxies of the operator in front; each adds to X-Forwarded-For the address that called it, and what stands
 *   further left is whatever the client wrote
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const direct = socket.remoteAddress ?? 'unknown';
  if (trustedProxies === 0) return prefixed(direct);
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim());
  const told = forwarded[forwarded.length - trustedProxies] ?? '';
  return prefixed(isIP(told) === 0 ? direct : told);
}

function prefixed(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIP(address) === 6 ? `${network(address)}::/64` : address;
}

/** The first four groups, written without leading zeros. */
function network(address: string): string {
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind;
  const whole = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? '').split(':')];
  return whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
