/** What the schema says of scopes against what the subgraphs do, field by field: of every subgraph, and over the router's whole API. */
import {
  type ConstDirectiveNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLResolveInfo,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { type Identity, type RequestContext, SCOPES, type Scope } from '../graphql/context.js';
import type { Subgraph } from '../graphql/subgraph.js';
import { createUnwiredSubgraphs } from './emit-schema.js';

/** Fields that need nothing: how one comes by an identity, and what is the same for everybody. */
const PUBLIC = [
  'accounts Mutation.createSession',
  'accounts Mutation.refreshSession',
  // Inaccessible: no client's document may hold it, and its resolver takes the router only.
  'orders Mutation.renewLeases',
  'strategies Query.strategyTypes',
];

type RootField = GraphQLField<unknown, RequestContext>;

interface Declared {
  readonly name: string;
  readonly field: RootField;
  /** null: none; empty: any identity. */
  readonly anyOf: readonly Scope[] | null;
  readonly isMarketData: boolean;
}

function declaredBy(directives: readonly ConstDirectiveNode[]): readonly Scope[] | null {
  const scopes = directives.find(({ name }) => name.value === 'requiresScopes');
  if (scopes !== undefined) {
    const [argument] = scopes.arguments ?? [];
    return (valueFromASTUntyped(argument!.value) as Scope[][]).map(([scope, ...more]) => {
      expect(more).toEqual([]);
      return scope!;
    });
  }
  return directives.some(({ name }) => name.value === 'authenticated') ? [] : null;
}

/** Root fields with what the emitted SDL declares of them. */
function rootFields({ name: subgraph, schema, sdl }: Subgraph): Declared[] {
  const inSdl = new Map<string, readonly ConstDirectiveNode[]>();
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== 'ObjectTypeDefinition') continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      inSdl.set(`${definition.name.value}.${name.value}`, directives);
    }
  }
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter(({ name }) => !name.startsWith('_'))
      .map((field) => {
        const anyOf = declaredBy(inSdl.get(`${root?.name}.${field.name}`) ?? []);
        const isMarketData = anyOf?.length === 1 && anyOf[0] === 'market:read';
        return { name: `${subgraph} ${root?.name}.${field.name}`, field, anyOf, isMarketData };
      }),
  );
}

/** Returns the code that a call is refused with, and the message; null where it is let in, whatever comes of it then. */
async function refusalOf(
  { field }: Declared,
  identity: Identity | null,
): Promise<{ code: string; message: string } | null> {
  const context: RequestContext = { identity, requestId: 'r', marketDataClosed: true };
  const info = { parentType: { name: 'Query' }, fieldName: field.name } as unknown as GraphQLResolveInfo;
  try {
    const begin = field.subscribe ?? field.resolve;
    const begun: unknown = await begin?.(undefined, { input: {}, accountId: 'A' }, context, info);
    if (isStream(begun)) await begun[Symbol.asyncIterator]().return?.();
  } catch (error) {
    const code = error instanceof GraphQLError ? error.extensions.code : null;
    if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return { code, message: (error as Error).message };
  }
  return null;
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const holding = (scopes: readonly Scope[]): Identity => ({ userId: 'somebody', scopes: new Set(scopes) });

describe('Scopes on the schema', () => {
  let fields: readonly Declared[];
  beforeAll(async () => {
    fields = (await createUnwiredSubgraphs()).flatMap(rootFields);
    expect(fields.length).toBeGreaterThan(60);
  });

  it('are declared for every root field but those few that are for everybody', () => {
    expect(fields.filter(({ anyOf }) => anyOf === null).map(({ name }) => name)).toEqual(PUBLIC);
  });

  it('name scopes that there are, and between them every one', () => {
    const named = new Set(fields.flatMap(({ anyOf }) => anyOf ?? []));
    expect([...named].filter((scope) => !SCOPES.includes(scope))).toEqual([]);
    expect(SCOPES.filter((scope) => !named.has(scope))).toEqual([]);
  });

  it('are what the subgraph asks for: nobody is UNAUTHENTICATED, all other scopes together FORBIDDEN', async () => {
    for (const field of fields.filter(({ anyOf }) => anyOf !== null)) {
      const { name, anyOf } = field;
      expect({ name, ...(await refusalOf(field, null)) }).toMatchObject({ name, code: 'UNAUTHENTICATED' });
      if (anyOf?.length === 0) continue;
      const others = SCOPES.filter((scope) => !anyOf?.includes(scope));
      expect({ name, ...(await refusalOf(field, holding(others))) }).toEqual({
        name,
        code: 'FORBIDDEN',
        message: `not allowed: this needs scope ${anyOf?.join(' or ')}`,
      });
    }
  });

  it('are enough: one of those declared, and no other, is let in', async () => {
    for (const field of fields.filter(({ anyOf }) => anyOf !== null)) {
      for (const scope of field.anyOf?.length === 0 ? [undefined] : (field.anyOf ?? [])) {
        const refusal = await refusalOf(field, holding(scope === undefined ? [] : [scope]));
        expect({ name: field.name, scope, refusal }).toEqual({ name: field.name, scope, refusal: null });
      }
    }
  });
});
