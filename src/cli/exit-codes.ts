/** Exit codes of the command line, the same for every command. */
export const EXIT = {
  /** The command did what was asked. */
  DONE: 0,
  /** It did not, or not all of it; standard error says why. */
  FAILED: 1,
  /** The command line or the configuration makes no sense. */
  USAGE: 2,
  /** Ended by Ctrl+C. */
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    failed, or not everything was done; standard error says why
  2    the command line or the configuration makes no sense
  130  ended by Ctrl+C`;

/** A failure that is told to the user as it stands, in a sentence that says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.FAILED,
  ) {
    super(message);
  }
}
