/** A state that must not exist was met: a bug, not a business failure. The process must stop, since its state may be wrong. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
