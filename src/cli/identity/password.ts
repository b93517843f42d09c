/** A password as a person gives it: typed unseen, or as the first line of standard input. Never an argument, which others can read. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError, EXIT } from '../exit-codes.js';
import type { Terminal } from '../terminal/terminal.js';

const GENERATED_BYTES = 24;

export function generatePassword(): string {
  return randomBytes(GENERATED_BYTES).toString('base64url');
}

/** @throws CommandError where none is given, or the second is not the first */
export async function askPassword(name: string, terminal: Terminal): Promise<string> {
  if (terminal.input.isTTY !== true) return firstLine(terminal);
  const first = await typed(`Password of ${name}: `, terminal);
  if ((await typed('The same again: ', terminal)) === first) return first;
  throw new CommandError('the two passwords differ; nothing was changed', EXIT.USAGE);
}

async function firstLine({ input }: Terminal): Promise<string> {
  const lines = createInterface({ input });
  for await (const line of lines) {
    lines.close();
    if (line !== '') return line;
    break;
  }
  const mend = 'pipe it in as the first line, run this on a terminal, or let --generate make one';
  throw new CommandError(`standard input holds no password: ${mend}`, EXIT.USAGE);
}

/** Asks on standard error, and shows nothing of what is typed. */
function typed(question: string, { input, err }: Terminal): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: unseen, terminal: true });
  err.write(question);
  return new Promise((done, fail) => {
    lines.once('SIGINT', () => {
      lines.close();
      err.write('\n');
      fail(new CommandError('ended; nothing was changed', EXIT.INTERRUPTED));
    });
    lines.question('', (answer) => {
      lines.close();
      err.write('\n');
      done(answer);
    });
  });
}
