/** Which upgrades are refused before there is a WebSocket, and how that is told. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isAllowedOrigin } from './origins.js';
import { GRAPHQL_PATH, type Serving } from './serving.js';

export interface Refusal {
  readonly status: string;
  readonly reason: string;
}

/** Sockets that are open now. */
export interface OpenSockets {
  readonly all: number;
  /** Of the address that asks. */
  readonly ofAddress: number;
}

/** Returns why the upgrade is refused; null where it is not. */
export function refuseUpgrade({ url, headers }: IncomingMessage, serving: Serving, open: OpenSockets): Refusal | null {
  const { limits, inFlight, allowedOrigins } = serving;
  const path = (url ?? '').split('?', 1)[0];
  if (path !== GRAPHQL_PATH) return { status: '404 Not Found', reason: `WebSockets are served at ${GRAPHQL_PATH}` };
  if (!isAllowedOrigin(headers.origin, headers.host, allowedOrigins)) {
    return {
      status: '403 Forbidden',
      reason: 'pages of this origin may not call: the operator allows origins by name',
    };
  }
  if (inFlight.stopping) return { status: '503 Service Unavailable', reason: 'the platform is stopping' };
  if (open.all >= limits.maxSockets) {
    return {
      status: '503 Service Unavailable',
      reason: `at most ${limits.maxSockets} WebSockets (maxSockets) are open at once`,
    };
  }
  if (open.ofAddress >= limits.maxSocketsPerAddress) {
    return {
      status: '429 Too Many Requests',
      reason: `at most ${limits.maxSocketsPerAddress} WebSockets of one address (maxSocketsPerAddress) are open at once: close one`,
    };
  }
  return null;
}

export function sendRefusal(stream: Duplex, { status, reason }: Refusal): void {
  stream.on('error', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}
