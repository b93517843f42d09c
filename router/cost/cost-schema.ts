/** What the supergraph says of costs: `@cost` and `@listSize` on its fields and types. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  valueFromASTUntyped,
} from 'graphql';

export interface ListSize {
  readonly assumedSize: number | null;
  readonly slicingArguments: readonly string[];
  /** Lists of the object returned that are as long; none: the field itself is the list. */
  readonly sizedFields: readonly string[];
}

export interface CostSchema {
  /** `@cost` by `Type.field`, and by the name of a type. */
  readonly weights: ReadonlyMap<string, number>;
  /** `@listSize` by `Type.field`. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
}

/** @param supergraph as composed; its own directives keep the names of the specification */
export function readCostSchema(supergraph: DocumentNode): CostSchema {
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  const readWeight = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    const weight = argumentsOf(directives, 'cost')?.weight;
    if (typeof weight === 'number') weights.set(coordinate, weight);
  };
  const readField = (typeName: string, { name, directives }: FieldDefinitionNode) => {
    const coordinate = `${typeName}.${name.value}`;
    readWeight(coordinate, directives);
    const size = argumentsOf(directives, 'listSize');
    if (size === null) return;
    listSizes.set(coordinate, {
      assumedSize: typeof size.assumedSize === 'number' ? size.assumedSize : null,
      slicingArguments: strings(size.slicingArguments),
      sizedFields: strings(size.sizedFields),
    });
  };
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    readWeight(definition.name.value, definition.directives);
    for (const field of definition.fields ?? []) readField(definition.name.value, field);
  }
  return { weights, listSizes };
}

function argumentsOf(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Readonly<Record<string, unknown>> | null {
  const directive = directives?.find((each) => each.name.value === name);
  if (directive === undefined) return null;
  return Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  );
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
