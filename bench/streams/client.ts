/** Subscribers in a process of their own, so that what they cost is not counted: they only count what they receive. */
import { WebSocket } from 'ws';

/** What the parent asks for; the answer is the number of messages received so far, each time it changed. */
export interface SubscribersWanted {
  readonly url: string;
  readonly count: number;
  /** Texts to send: the first once the socket is open, each other one behind a message that came. */
  readonly hello: readonly string[];
}

const REPORT_MS = 5;

function open({ url, count, hello }: SubscribersWanted): void {
  let received = 0;
  let reported = -1;
  for (let index = 0; index < count; index += 1) {
    const socket = new WebSocket(url, hello.length > 0 ? 'graphql-transport-ws' : [], { perMessageDeflate: false });
    let said = 0;
    const say = () => {
      const text = hello[said];
      said += 1;
      if (text !== undefined) socket.send(text);
    };
    socket.on('open', say);
    socket.on('message', () => {
      received += 1;
      if (said < hello.length) say();
    });
    socket.on('close', (code, reason) => {
      process.stderr.write(`a subscriber was closed: ${code} ${reason.toString()}\n`);
    });
    socket.on('error', (error) => {
      process.stderr.write(`a subscriber failed: ${error.message}\n`);
      process.exitCode = 1;
    });
  }
  setInterval(() => {
    if (received !== reported) process.send?.(received);
    reported = received;
  }, REPORT_MS);
}

process.on('message', (wanted: SubscribersWanted) => open(wanted));
process.on('disconnect', () => process.exit());
