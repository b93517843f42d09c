/** What one check of `tradsys doctor` says. */
export interface Check {
  readonly name: string;
  /** ok: fine; warn: it will work, but; missing: the platform will not start. */
  readonly status: 'ok' | 'warn' | 'missing';
  /** What was found. */
  readonly found: string;
  /** What to do; null where nothing is to be done. */
  readonly mend: string | null;
}
