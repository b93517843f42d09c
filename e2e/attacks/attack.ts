/** One row of the table in docs/security.md. */
import type { Target } from './target.js';

export interface Attack {
  readonly attack: string;
  /** What the attacker gets, as docs/security.md says it. */
  readonly answer: string;
  run(target: Target): Promise<void>;
}

/** An operation that is refused by a code, and by a limit where one is named. */
export function refusedBy(code: string, query: string, limit: string | null = null): Attack['run'] {
  return async (target) => {
    const reply = await target.ask(query);
    expect(reply.code).toBe(code);
    if (limit !== null) expect(reply.limit).toBe(limit);
  };
}
