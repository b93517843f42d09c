/** Throws an Error when an invariant does not hold. */
export function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(`invariant broken: ${message}`);
}
