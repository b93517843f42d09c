/**
 * The fast path: an operation that one subgraph answers alone runs on that subgraph's schema, without the gateway.
 *
 * A subgraph answers a document alone when, by the supergraph's own directives, it owns every field of the document, none of
 * them external or computed from fields of others (@requires), and the document is valid on the subgraph's schema. What
 * a field needs from elsewhere is the gateway's work. Found out once a document, so it costs nothing afterwards.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type ExecutionResult,
  type FieldDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  type InterfaceTypeDefinitionNode,
  isAbstractType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';

/** One operation for one subgraph. */
export interface SubgraphOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly context: RequestContext;
}

/** A subgraph: its schema, which runs in this process unless `execute` says how it is reached. */
export interface LocalSubgraph {
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Runs an operation in another process. Never rejects. */
  readonly execute?: (operation: SubgraphOperation) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
}

/** `Type.field` → names of the subgraphs that resolve it from their own data. */
type Owners = ReadonlyMap<string, ReadonlySet<string>>;

export class FastPath {
  readonly #apiSchema: GraphQLSchema;
  readonly #owners: Owners;
  readonly #subgraphs: readonly LocalSubgraph[];

  /** @param supergraphSdl as composed, with join directives */
  constructor(supergraphSdl: string, apiSchema: GraphQLSchema, subgraphs: readonly LocalSubgraph[]) {
    this.#apiSchema = apiSchema;
    this.#owners = readOwners(parse(supergraphSdl));
    this.#subgraphs = subgraphs;
  }

  /** Returns the subgraph that answers the whole document, or null. The document is valid on the API schema. */
  find(document: DocumentNode): LocalSubgraph | null {
    const names = this.#ownersOf(document);
    for (const subgraph of this.#subgraphs) {
      if (names.has(subgraph.name) && validate(subgraph.schema, document).length === 0) return subgraph;
    }
    return null;
  }

  /** Tells whether a subgraph resolves the field from its own data. */
  owns(subgraph: string, typeName: string, fieldName: string): boolean {
    return this.#owners.get(`${typeName}.${fieldName}`)?.has(subgraph) === true;
  }

  #ownersOf(document: DocumentNode): Set<string> {
    const names = new Set(this.#subgraphs.map(({ name }) => name));
    const typeInfo = new TypeInfo(this.#apiSchema);
    const keepOwners = (typeName: string, fieldName: string) => {
      const owners = this.#owners.get(`${typeName}.${fieldName}`);
      for (const name of names) if (!owners?.has(name)) names.delete(name);
    };
    visit(
      document,
      visitWithTypeInfo(typeInfo, {
        Field: ({ name: { value: fieldName } }) => {
          const parent = typeInfo.getParentType();
          if (fieldName === '__typename' || parent === undefined || parent === null) return;
          keepOwners(parent.name, fieldName);
          const named = getNamedType(parent);
          if (!isAbstractType(named)) return;
          for (const type of this.#apiSchema.getPossibleTypes(named)) keepOwners(type.name, fieldName);
        },
      }),
    );
    return names;
  }
}

function readOwners(supergraph: DocumentNode): Owners {
  const graphNames = readGraphNames(supergraph);
  const owners = new Map<string, ReadonlySet<string>>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const typeGraphs = graphsOfType(definition);
    for (const field of definition.fields ?? []) {
      const names = graphsOfField(field, typeGraphs).map((graph) => graphNames.get(graph) ?? graph);
      owners.set(`${definition.name.value}.${field.name.value}`, new Set(names));
    }
  }
  return owners;
}

/** The supergraph names its graphs by enum values (MARKET_DATA) that tell the real name (market-data). */
export function readGraphNames(supergraph: DocumentNode): Map<string, string> {
  const names = new Map<string, string>();
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find(({ name }) => name.value === 'join__graph');
      const name = graph === undefined ? undefined : argument(graph, 'name');
      if (name !== undefined) names.set(value.name.value, name);
    }
  }
  return names;
}

function graphsOfType(type: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode): string[] {
  const joins = type.directives?.filter(({ name }) => name.value === 'join__type') ?? [];
  return joins
    .filter((join) => argument(join, 'isInterfaceObject') !== 'true')
    .flatMap((join) => argument(join, 'graph') ?? []);
}

function graphsOfField(field: FieldDefinitionNode, typeGraphs: readonly string[]): readonly string[] {
  const joins = field.directives?.filter(({ name }) => name.value === 'join__field') ?? [];
  if (joins.length === 0) return typeGraphs;
  return joins.filter(isResolvedAlone).flatMap((join) => argument(join, 'graph') ?? []);
}

/** Neither handed in by others, nor computed from what others hand in, nor taken over by another subgraph. */
function isResolvedAlone(join: DirectiveNode): boolean {
  return (
    argument(join, 'external') !== 'true' &&
    argument(join, 'usedOverridden') !== 'true' &&
    argument(join, 'requires') === undefined &&
    argument(join, 'overrideLabel') === undefined
  );
}

function argument(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((each) => each.name.value === name)?.value;
  if (value === undefined || value.kind === Kind.NULL) return undefined;
  return 'value' in value ? String(value.value) : undefined;
}
