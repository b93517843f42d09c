/** Parameters of the strategies as JSON schemas (draft 2020-12 keywords that every validator knows), described for people. */
import { CANDLE_INTERVALS } from '../values/vocabulary.js';

/** One parameter's schema. */
export interface PropertySchema {
  readonly type: string | readonly string[];
  readonly description: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: { readonly type: string; readonly exclusiveMinimum?: number; readonly minimum?: number };
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ParameterSchema {
  readonly $schema: string;
  readonly title: string;
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

/** Returns the schema of an object; what has no default is required. */
export function objectSchema(title: string, properties: Readonly<Record<string, PropertySchema>>): ParameterSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => properties[name]!.default === undefined),
    properties,
  };
}

type Options = Partial<PropertySchema>;

export const number = (description: string, options: Options = {}): PropertySchema => ({
  type: 'number',
  description,
  ...options,
});
export const whole = (description: string, minimum: number, maximum: number, byDefault?: number): PropertySchema => ({
  type: 'integer',
  description,
  minimum,
  maximum,
  ...(byDefault === undefined ? {} : { default: byDefault }),
});
export const maybeNumber = (description: string, options: Options = {}): PropertySchema => ({
  type: ['number', 'null'],
  description,
  default: null,
  ...options,
});
export const choice = (description: string, values: readonly string[], byDefault?: string): PropertySchema => ({
  type: 'string',
  description,
  enum: values,
  ...(byDefault === undefined ? {} : { default: byDefault }),
});
export const yesNo = (description: string, byDefault: boolean): PropertySchema => ({
  type: 'boolean',
  description,
  default: byDefault,
});

export const interval = (byDefault: string): PropertySchema =>
  choice('Width of the bars that decisions are made on.', CANDLE_INTERVALS, byDefault);
export const orderQty = number('Quantity of a position or quote, in the base asset.', { exclusiveMinimum: 0 });
export const slippageTicks = whole(
  'Ticks beyond the best opposite price that an immediate order may trade at.',
  0,
  10_000,
  2,
);
