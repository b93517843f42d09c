import type { StrategyType } from '../../../src/core/strategy/catalogue.js';

/** A strategy that was asked for, checked. */
export interface CreateStrategyRequest {
  readonly name: string;
  readonly type: StrategyType;
  readonly accountId: string;
  readonly symbols: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}
