/**
 * Every operation that takes an id, made out of the schema itself: once with an id of somebody else's, once with one that
 * does not exist. What is added to the schema is attacked without anybody thinking of it.
 */
import { buildSchema, isRequiredArgument } from 'graphql';
import { type Literals, literalOf, selectionOf } from '../support/schema-documents.js';

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
          .map((argument) => `${argument.name}: ${literalOf(argument.name, argument.type, literalsOf(ids))}`);
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

function literalsOf(ids: Named): Literals {
  const byName: Readonly<Record<string, string>> = {
    accountId: ids.account,
    clOrdId: ids.clOrdId,
    origClOrdId: ids.clOrdId,
    id: ids.id,
    orderId: ids.order,
  };
  const named = (name: string) => (byName[name] === undefined ? undefined : `"${byName[name]}"`);
  return { named, plain: PLAIN, alsoGives: (name) => ID_NAME.test(name) };
}
