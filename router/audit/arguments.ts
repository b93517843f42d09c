/** Arguments of a mutation as the audit log keeps them: JSON without secrets, of bounded length. */
import { type FieldNode, valueFromASTUntyped } from 'graphql';
import type { Variables } from '../operations.js';

export const MAX_ARGUMENTS_LENGTH = 2_000;
/** Whatever is called so is kept from the log, at any depth. */
const SECRET = /password|secret|token|signature|authorization/i;
const REDACTED = '[redacted]';
const isText = (value: unknown) => typeof value === 'string' || (typeof value === 'object' && value !== null);

/** Never throws: what cannot be written down, such as lists nested by the ten thousand, is told as that. */
export function argumentsText(field: FieldNode, variables: Variables): string {
  try {
    return textOf(field, variables);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return '{"unreadable":"nested too deeply"}';
  }
}

function textOf({ arguments: given = [] }: FieldNode, variables: Variables): string {
  const values = Object.fromEntries(
    given.map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables as Record<string, unknown>)]),
  );
  const text = JSON.stringify(values, (key, value: unknown) => (SECRET.test(key) && isText(value) ? REDACTED : value));
  if (text.length <= MAX_ARGUMENTS_LENGTH) return text;
  return JSON.stringify({ length: text.length, beginning: text.slice(0, MAX_ARGUMENTS_LENGTH) });
}
