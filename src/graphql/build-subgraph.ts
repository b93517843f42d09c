/**
 * Builds a federated subgraph out of type-graphql classes: the executable schema with `_service` and `_entities`, and the
 * SDL to compose.
 *
 * The two federation fields are added here rather than by a library: the maintained builder carries an Elastic licence,
 * and what a subgraph owes the gateway is two fields and a union.
 */

import { printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  type ConstDirectiveNode,
  extendSchema,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLUnionType,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import { type BuildSchemaOptions, buildSchema, type ContainerType } from 'type-graphql';
import { authChecker, requireMarketRead } from './authorization.js';
import type { RequestContext } from './context.js';
import { declareAuthorized, MARKET_READ } from './declared-scopes.js';

/** What the gateway sends to name an entity: its type and its key fields. */
export interface EntityReference {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/**
 * Finds an entity by its key as this subgraph knows it; null where there is none or the caller may not see it.
 * Called once a reference: use a per-request loader.
 */
export type ReferenceResolver = (
  // biome-ignore lint/suspicious/noExplicitAny: each entity names its own key fields
  reference: any,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => unknown;

export interface FederatedSchemaOptions {
  readonly resolvers: BuildSchemaOptions['resolvers'];
  /** Object types that no field mentions, such as entities reached by reference only. */
  readonly orphanedTypes?: BuildSchemaOptions['orphanedTypes'];
  /** One per type with @key. */
  readonly references: Readonly<Record<string, ReferenceResolver>>;
  /** Resolver instances by class. */
  readonly container?: ContainerType;
  /** What stands behind `@Authorized`; the platform's own scopes when absent. */
  readonly authChecker?: BuildSchemaOptions['authChecker'];
  readonly scalarsMap?: BuildSchemaOptions['scalarsMap'];
}

/** type-graphql asks for a topic hub, which nobody uses: every subscription brings its own bounded stream. */
const NO_TOPICS: NonNullable<BuildSchemaOptions['pubSub']> = {
  publish: (topic) => {
    throw new Error(`subscriptions have streams of their own; nothing publishes to the topic ${topic}`);
  },
  subscribe: (topic) => {
    throw new Error(`subscriptions have streams of their own; nothing listens to the topic ${topic}`);
  },
};

/** Most references in one `_entities` call. */
export const MAX_ENTITIES_PER_CALL = 1000;

const FEDERATION_DIRECTIVES = [
  '@key',
  '@shareable',
  '@external',
  '@requires',
  '@provides',
  '@inaccessible',
  '@override',
  '@authenticated',
  '@requiresScopes',
  '@cost',
  '@listSize',
];
const FEDERATION_LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${FEDERATION_DIRECTIVES.map(
  (name) => `"${name}"`,
).join(', ')}])`;

/**
 * Returns the executable schema and its SDL.
 * @throws Error when a type with @key has no reference resolver, or a resolver names no such type
 */
export async function buildFederatedSchema(
  options: FederatedSchemaOptions,
): Promise<{ schema: GraphQLSchema; sdl: string }> {
  declareAuthorized();
  const base = await buildSchema({
    resolvers: options.resolvers,
    orphanedTypes: options.orphanedTypes ?? [],
    // Inputs are checked by scalars and services; class-validator on each input costs more than the order itself.
    validate: false,
    skipCheck: true,
    pubSub: NO_TOPICS,
    ...(options.container === undefined ? {} : { container: options.container }),
    authChecker: options.authChecker ?? authChecker,
    ...(options.scalarsMap === undefined ? {} : { scalarsMap: options.scalarsMap }),
  });
  guardMarketReads(base);
  const entityNames = findEntityNames(base);
  requireReferenceResolvers(entityNames, options.references);
  const sdl = `${FEDERATION_LINK}\n\n${printSchemaWithDirectives(base)}\n`;
  return { schema: withFederationFields(base, sdl, entityNames, options.references), sdl };
}

/** Puts the check before what `@MarketRead` marks: before a query's answer, and before a stream begins. */
function guardMarketReads(schema: GraphQLSchema): void {
  for (const root of [schema.getQueryType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      if (field.extensions[MARKET_READ] !== true) continue;
      const way = field.subscribe === undefined ? 'resolve' : 'subscribe';
      const answer = field[way];
      field[way] = (source, args, context: RequestContext, info) => {
        requireMarketRead(context);
        return answer?.(source, args, context, info);
      };
    }
  }
}

function findEntityNames(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type))
    .filter((type) => type.astNode?.directives?.some(isResolvableKey))
    .map((type) => type.name);
}

/** A key with `resolvable: false` only names an entity of another subgraph. */
function isResolvableKey(directive: ConstDirectiveNode): boolean {
  const resolvable = directive.arguments?.find((argument) => argument.name.value === 'resolvable');
  return directive.name.value === 'key' && !(resolvable?.value.kind === Kind.BOOLEAN && !resolvable.value.value);
}

function requireReferenceResolvers(entityNames: readonly string[], references: FederatedSchemaOptions['references']) {
  const missing = entityNames.filter((name) => references[name] === undefined);
  const unknown = Object.keys(references).filter((name) => !entityNames.includes(name));
  if (missing.length > 0) throw new Error(`types with @key but no reference resolver: ${missing.join(', ')}`);
  if (unknown.length > 0) throw new Error(`reference resolvers of types without @key: ${unknown.join(', ')}`);
}

function withFederationFields(
  base: GraphQLSchema,
  sdl: string,
  entityNames: readonly string[],
  references: FederatedSchemaOptions['references'],
): GraphQLSchema {
  const entities =
    entityNames.length === 0
      ? ''
      : `scalar _Any
         union _Entity = ${entityNames.join(' | ')}
         extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`;
  const schema = extendSchema(
    base,
    parse(`type _Service { sdl: String } extend type Query { _service: _Service! } ${entities}`),
    { assumeValidSDL: true },
  );
  const fields = schema.getQueryType()?.getFields() ?? {};
  if (fields._service !== undefined) fields._service.resolve = () => ({ sdl });
  if (fields._entities !== undefined) {
    fields._entities.resolve = (_source, { representations }, context, info) =>
      resolveEntities(representations, references, context, info);
    (schema.getType('_Entity') as GraphQLUnionType).resolveType = (value: { __typename: string }) => value.__typename;
  }
  return schema;
}

function resolveEntities(
  representations: readonly EntityReference[],
  references: FederatedSchemaOptions['references'],
  context: RequestContext,
  info: GraphQLResolveInfo,
): unknown[] {
  if (representations.length > MAX_ENTITIES_PER_CALL) {
    throw new GraphQLError(
      `representations: ${representations.length} entities in one call; at most ${MAX_ENTITIES_PER_CALL}`,
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    );
  }
  return representations.map(async (reference) => {
    const resolve = references[reference.__typename];
    if (resolve === undefined) {
      throw new GraphQLError(`representations: no entity type ${reference.__typename} here`, {
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    const entity = await resolve(reference, context, info);
    return entity === null || entity === undefined ? null : withTypename(entity as object, reference.__typename);
  });
}

/** Entities may be class instances or shared frozen records; their type is told without changing them. */
function withTypename(entity: object, typename: string): object {
  return Object.create(entity, { __typename: { value: typename, enumerable: true } });
}
