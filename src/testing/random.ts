import { SeededRandom } from '../core/strategy/seeded-random.js';

/** Returns a function that gives seeded random numbers in [0, 1): the same seed, the same numbers. */
export function seededRandom(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.next();
}
