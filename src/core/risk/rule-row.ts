/** What the pre-trade check tells of each of its rules. */
import type { OrdRejReason } from '../values/vocabulary.js';

/** One rule of the check with what it compared, in the rule's own units; null where it has none. */
export interface RuleRow {
  readonly rule: OrdRejReason;
  readonly passed: boolean;
  readonly limit: number | null;
  readonly current: number | null;
  readonly projected: number | null;
}
