/** A grid of parameters: every combination of some values, each tested on its own. */
import { STRATEGIES } from '../../../src/core/strategy/catalogue.js';
import { badUserInput, limitExceeded } from '../../../src/graphql/errors.js';
import type { BacktestGridAxisInput, BacktestInput } from '../types/inputs.js';

/** Most backtests of one grid. */
export const MAX_COMBINATIONS = 64;

/**
 * Returns an input for each combination, the last axis varying fastest.
 * @throws GraphQLError BAD_USER_INPUT naming the axis, LIMIT_EXCEEDED where there are more than MAX_COMBINATIONS
 */
export function combinations(input: BacktestInput, grid: readonly BacktestGridAxisInput[]): BacktestInput[] {
  if (grid.length === 0) throw badUserInput('grid', 'needs a parameter to vary; runBacktest runs one backtest');
  const { strategy } = input;
  const given = strategy.parameters;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw badUserInput('input.strategy.parameters', 'must be an object of the parameters that do not vary');
  }
  const seen = new Set<string>();
  let all: Record<string, unknown>[] = [given as Record<string, unknown>];
  for (const [at, { parameter, values }] of grid.entries()) {
    if (!Object.hasOwn(STRATEGIES[strategy.type].schema.properties, parameter)) {
      throw badUserInput(
        `grid.${at}.parameter`,
        `is no parameter of ${strategy.type}; Query.strategyTypes tells which are`,
      );
    }
    if (seen.has(parameter)) throw badUserInput(`grid.${at}.parameter`, `${parameter} is named twice`);
    seen.add(parameter);
    if (values.length === 0) throw badUserInput(`grid.${at}.values`, 'needs a value or more');
    if (new Set(values.map((value) => JSON.stringify(value))).size < values.length) {
      throw badUserInput(`grid.${at}.values`, 'holds a value twice');
    }
    const count = all.length * values.length;
    if (count > MAX_COMBINATIONS) {
      throw limitExceeded(
        'grid',
        MAX_COMBINATIONS,
        `it has more than ${MAX_COMBINATIONS} combinations: vary less at a time`,
      );
    }
    all = all.flatMap((parameters) => values.map((value) => ({ ...parameters, [parameter]: value })));
  }
  return all.map((parameters) => ({ ...input, strategy: { ...strategy, parameters } }));
}
