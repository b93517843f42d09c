/** Where a command writes: results on standard output, everything else on standard error; colours where somebody sees them. */
import type { Readable, Writable } from 'node:stream';

/** The part of a stream that is written to; a terminal's has more. */
export type Output = Pick<Writable, 'write'> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Node's own rule: false where NO_COLOR is set, the terminal is dumb or there is none. */
  hasColors?(): boolean;
};

/** The part of standard input that is read. */
export type Input = Readable & { readonly isTTY?: boolean };

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  readonly input: Input;
  /** Colours for standard output, and for standard error. */
  readonly paint: Paint;
  readonly paintError: Paint;
  /** Writes a line to standard output. */
  print(line?: string): void;
  /** Writes a line to standard error. */
  report(line: string): void;
}

/** Terminal of this process. A reader that went away (`tradsys doctor | head -1`) ends the printing, not the command. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return createTerminal(process.stdout, process.stderr);
}

export function createTerminal(out: Output, err: Output, input: Input = process.stdin): Terminal {
  return {
    out,
    err,
    input,
    paint: createPaint(isColoured(out)),
    paintError: createPaint(isColoured(err)),
    print: (line = '') => void out.write(`${line}\n`),
    report: (line) => void err.write(`${line}\n`),
  };
}

function isColoured(output: Output): boolean {
  return output.isTTY === true && (output.hasColors?.() ?? false);
}

function createPaint(coloured: boolean): Paint {
  const style = (open: number, close: number) => (text: string) =>
    coloured ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    green: style(32, 39),
    yellow: style(33, 39),
    red: style(31, 39),
    cyan: style(36, 39),
  };
}
