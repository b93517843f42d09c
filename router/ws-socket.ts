/** One socket's writes and ends: bounded in what waits, polite where the peer is, and final where it is not. */
import type { WebSocket } from 'ws';

/** The client reads slower than its answers come. */
export const SLOW_READER = 4413;

/** How long a peer may take to answer a close frame before its connection is cut. */
const CLOSE_GRACE_MS = 1_000;
/** The protocol of WebSocket gives a reason 123 bytes. */
const MAX_REASON_BYTES = 123;

/** Resolves when the text has left for the network. A reader for whom too much waits is closed instead. */
export function send(socket: WebSocket, text: string, maxBufferedBytes: number): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (socket.bufferedAmount > maxBufferedBytes) {
    void closeOrCut(
      socket,
      SLOW_READER,
      `Slow reader: more than ${maxBufferedBytes} bytes wait to be read; reconnect and resume`,
    );
    return Promise.resolve();
  }
  // A send fails only when the socket is gone, which its close event tells.
  return new Promise((done) => socket.send(text, () => done()));
}

/** A peer that answers no ping is gone, or reads nothing of what waits for it. */
export function cutSilent(socket: WebSocket): void {
  if (socket.bufferedAmount === 0) socket.terminate();
  else void closeOrCut(socket, SLOW_READER, 'Slow reader: no ping was answered and bytes wait; reconnect and resume');
}

/** Closes politely; a peer that does not answer is cut. */
export function closeOrCut(socket: WebSocket, code: number, reason: string): Promise<void> {
  if (socket.readyState === socket.CLOSED) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      done();
    });
    socket.close(code, shortened(reason));
  });
}

export function shortened(reason: string): string {
  return Buffer.byteLength(reason) <= MAX_REASON_BYTES
    ? reason
    : Buffer.from(reason).toString('utf8', 0, MAX_REASON_BYTES - 3);
}
