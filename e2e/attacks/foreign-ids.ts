/**
 * Every operation that takes an id, made out of the schema itself: once with an id of somebody else's, once with one that
 * does not exist. What is added to the schema is attacked without anybody thinking of it.
 */
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
} from 'graphql';

export interface ForeignOperation {
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly theirs: string;
  readonly nobodys: string;
}

interface Ids {
  readonly account: string;
  readonly order: string;
  readonly clOrdId: string;
}

interface Named extends Ids {
  readonly id: string;
}

/** As long as the ones that exist. */
const NOBODY: Ids = { account: 'ACC-NO', order: '999999999', clOrdId: 'nil-1' };
const ID_NAME = /^(?:id|ids|\w+Id|\w+Ids)$/;
const PLAIN: Readonly<Record<string, string>> = {
  Decimal: '"1"',
  Int: '1',
  SafeInt: '1',
  Float: '1',
  String: '"x"',
  Boolean: 'true',
  DateTime: '"2030-01-01T00:00:00Z"',
  ID: '"KO"',
  JSON: '{}',
  Cursor: 'null',
};

export function foreignOperations(sdl: string, theirs: Ids): ForeignOperation[] {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([type, root]) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) => {
      const callWith = (ids: Named) => {
        const given = field.args
          .filter((argument) => isRequiredArgument(argument) || ID_NAME.test(argument.name))
          .map((argument) => `${argument.name}: ${literal(argument.name, argument.type, ids)}`);
        return `${type} { ${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`} ${selectionOf(field.type)} }`;
      };
      // Which id a plain `id` means only the field knows, so that each is tried.
      const pairs = (['account', 'order'] as const).map((kind) => [
        callWith({ ...theirs, id: theirs[kind] }),
        callWith({ ...NOBODY, id: NOBODY[kind] }),
      ]);
      const distinct = new Map(pairs.map(([one = '', other = '']) => [one, other]));
      // Without an id both are the same.
      return [...distinct].flatMap(([one, other]) =>
        one === other ? [] : [{ name: field.name, type, theirs: one, nobodys: other }],
      );
    }),
  );
}

function literal(name: string, type: GraphQLInputType, ids: Named): string {
  if (isNonNullType(type)) return literal(name, type.ofType, ids);
  if (isListType(type)) return `[${literal(name.replace(/s$/, ''), type.ofType, ids)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'null';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || ID_NAME.test(field.name),
    );
    return `{ ${fields.map((field) => `${field.name}: ${literal(field.name, field.type, ids)}`).join(', ')} }`;
  }
  if (name === 'accountId') return `"${ids.account}"`;
  if (name === 'clOrdId' || name === 'origClOrdId') return `"${ids.clOrdId}"`;
  if (name === 'id') return `"${ids.id}"`;
  if (name === 'orderId') return `"${ids.order}"`;
  return PLAIN[type.name] ?? '"x"';
}

function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isScalarType(named) || isEnumType(named)) return '';
  if (!isObjectType(named)) return '{ __typename }';
  const plain = Object.values(named.getFields()).filter(({ type: inside, args }) => {
    const leaf = getNamedType(inside);
    return args.length === 0 && (isScalarType(leaf) || isEnumType(leaf));
  });
  return `{ __typename ${plain.map(({ name }) => name).join(' ')} }`;
}
