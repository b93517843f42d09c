/** Parts of documents made out of the schema itself, so that what is added to it is asked for without anybody thinking of it. */
import {
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  isScalarType,
} from 'graphql';

export interface Literals {
  /** Literal by the name of the argument or input field, wherever it stands; undefined = by its type. */
  readonly named: (name: string) => string | undefined;
  /** Literals by the name of a scalar; the others are `"x"`. */
  readonly plain: Readonly<Record<string, string>>;
  /** Which input fields are given beside those that must be. */
  readonly alsoGives?: (name: string) => boolean;
}

export function literalOf(name: string, type: GraphQLInputType, literals: Literals): string {
  const { named, plain, alsoGives = () => false } = literals;
  const known = named(name);
  if (known !== undefined) return known;
  if (isNonNullType(type)) return literalOf(name, type.ofType, literals);
  if (isListType(type)) return `[${literalOf(name.replace(/s$/, ''), type.ofType, literals)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'null';
  if (!isInputObjectType(type)) return plain[type.name] ?? '"x"';
  const given = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || alsoGives(field.name));
  return `{ ${given.map((field) => `${field.name}: ${literalOf(field.name, field.type, literals)}`).join(', ')} }`;
}

/** All plain fields of an object, nothing of a scalar; of anything else its name. */
export function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isScalarType(named) || isEnumType(named)) return '';
  if (!isObjectType(named)) return '{ __typename }';
  const plain = Object.values(named.getFields()).filter(({ type: inside, args }) => {
    const leaf = getNamedType(inside);
    return args.length === 0 && (isScalarType(leaf) || isEnumType(leaf));
  });
  return `{ __typename ${plain.map(({ name }) => name).join(' ')} }`;
}
