/** Holds parameters to the published schema of a strategy's type, and fills in what has a default. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { STRATEGIES, STRATEGY_TYPES, type StrategyType } from '../../../src/core/strategy/catalogue.js';
import { badUserInput } from '../../../src/graphql/errors.js';

const ajv = new Ajv({ useDefaults: true, strict: false, allErrors: false });
const validators = new Map<StrategyType, ValidateFunction>(
  STRATEGY_TYPES.map((type) => [type, ajv.compile(structuredClone(STRATEGIES[type].schema))]),
);

/** Most bytes of a strategy's parameters as JSON. */
const MAX_JSON_LENGTH = 16_384;

/**
 * Returns the parameters with defaults filled in.
 * @param field path of the argument, named in messages
 * @throws GraphQLError BAD_USER_INPUT naming the parameter and what it takes
 */
export function checkParameters(type: StrategyType, parameters: unknown, field: string): Record<string, unknown> {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw badUserInput(field, 'must be an object of parameters; Query.strategyTypes tells which');
  }
  const text = JSON.stringify(parameters);
  if (text.length > MAX_JSON_LENGTH) throw badUserInput(field, `has more than ${MAX_JSON_LENGTH} characters`);
  const complete = JSON.parse(text) as Record<string, unknown>;
  const validate = validators.get(type)!;
  if (!validate(complete)) {
    const [name, problem] = explain(validate.errors![0]!);
    throw badUserInput(name === '' ? field : `${field}.${name}`, problem);
  }
  const problem = STRATEGIES[type].problem(complete as never);
  if (problem !== null) throw badUserInput(field, problem);
  return complete;
}

function explain({ instancePath, keyword, params, message }: ErrorObject): [name: string, problem: string] {
  const name = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') return [String(params.missingProperty), 'is missing'];
  if (keyword === 'additionalProperties') return [String(params.additionalProperty), 'is no parameter of this type'];
  if (keyword === 'enum') return [name, `must be one of ${(params.allowedValues as unknown[]).join(', ')}`];
  return [name, message ?? 'is not accepted'];
}
