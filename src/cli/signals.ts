/** Signals that end a start: the first asks for a stop, the second ends the process. */
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal/terminal.js';

/** SIGHUP is a terminal or connection that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Signals {
  /** Resolves with the first signal's name. */
  readonly first: Promise<string>;
  release(): void;
}

/** The first signal asks for a stop, also while the platform starts; the second ends the process. */
export function listenForSignals(terminal: Terminal): Signals {
  let count = 0;
  let resolveFirst: (signal: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => {
    resolveFirst = resolve;
  });
  const listener = (signal: NodeJS.Signals) => {
    count += 1;
    if (count === 1) {
      resolveFirst(signal);
      return;
    }
    terminal.report('Ended at once; the next start recovers from the journal.');
    process.exit(signal === 'SIGINT' ? EXIT.INTERRUPTED : EXIT.FAILED);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    first,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
