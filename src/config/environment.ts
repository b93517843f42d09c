/**
 * Single variables of the environment, for commands that need one of them where the whole configuration is not asked
 * for or not in order (it is what `doctor` examines).
 */

/** Returns a variable's text, or null where it is unset or empty. */
export function environmentVariable(name: string): string | null {
  const value = process.env[name];
  return value === undefined || value === '' ? null : value;
}

/** Takes a variable that was read out of the environment, since a library may refuse values that are ours alone. */
export function withholdVariable(name: string): void {
  delete process.env[name];
}
