/**
 * The static cost of an operation, by the rules of federation's `@cost` and `@listSize`, known before anything runs.
 *
 * - An object (interface, union) costs 1, or its `@cost`; scalars and enums cost 0 unless `@cost` says otherwise.
 * - A mutation costs 10 for each field at its root, beside what it returns.
 * - A list costs its items times its length: the slicing argument of `@listSize`, else its assumedSize; without `@listSize`
 *   the longest list among the field's arguments, else 10.
 * - Of an interface or union the dearest possible type counts. A field that is selected twice counts once, as it is executed.
 *
 * Worked out once a document; where lengths come from variables, what is left is a sum that is done at each request.
 */
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isTypeSubTypeOf,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { CostSchema, ListSize } from './cost-schema.js';

export type CostVariables = Readonly<Record<string, unknown>> | undefined;
/** A number that may depend on the variables. */
export type Amount = number | ((variables: CostVariables) => number);

const DEFAULT_LIST_SIZE = 10;
const MUTATION_COST = 10;
/** Selections looked at, each as often as it is executed; beyond them a document is too dear whatever it asks for. */
const MAX_STEPS = 50_000;

export function evaluate(amount: Amount, variables: CostVariables): number {
  return typeof amount === 'number' ? amount : amount(variables);
}

/** Returns the cost of an operation of a valid document; Infinity for one with more selections than can be counted. */
export function costOf(
  schema: GraphQLSchema,
  costs: CostSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Amount {
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return 0;
  return new CostCounter(schema, costs, document, operation).count(root, [operation.selectionSet]);
}

/** Returns how many requests an operation stands for: each field at its root once, a batch as often as it has items. */
export function weightOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): { readonly weight: Amount; readonly rootFields: ReadonlySet<string> } {
  const root = schema.getRootType(operation.operation);
  const rootFields = new Set<string>();
  if (root === undefined || root === null) return { weight: 1, rootFields };
  const fields = new CostCounter(schema, NO_COSTS, document, operation).fieldsOf(root, [operation.selectionSet]);
  let weight: Amount = 0;
  for (const [node] of fields.values()) {
    if (node === undefined) continue;
    rootFields.add(node.name.value);
    const items = (node.arguments ?? []).map(({ value }) => itemsOf(value));
    weight = sum(weight, isMutation(operation) ? items.reduce<Amount>(larger, 1) : 1);
  }
  return { weight: weight === 0 ? 1 : weight, rootFields };
}

/** Items of a batch: of a list, or of the longest list right inside of an input object. */
function itemsOf(value: ValueNode): Amount {
  if (value.kind === Kind.LIST) return Math.max(1, value.values.length);
  if (value.kind === Kind.OBJECT) {
    return value.fields.map((field) => itemsOf(field.value)).reduce<Amount>(larger, 1);
  }
  if (value.kind !== Kind.VARIABLE) return 1;
  const name = value.name.value;
  return (variables) => countItems(variables?.[name]);
}

function countItems(given: unknown): number {
  if (Array.isArray(given)) return Math.max(1, given.length);
  if (typeof given !== 'object' || given === null) return 1;
  let items = 1;
  for (const inside of Object.values(given)) if (Array.isArray(inside)) items = Math.max(items, inside.length);
  return items;
}

/** Lists of the object that is looked at whose length its parent's arguments tell. */
type SizedFields = ReadonlyMap<string, Amount>;
const NOTHING_SIZED: SizedFields = new Map();
const NO_COSTS: CostSchema = { weights: new Map(), listSizes: new Map() };

/** An object costs 1, a scalar nothing; an edge is only the wrapping of its node. */
function usualWeight(type: GraphQLNamedType): number {
  return isCompositeType(type) && !type.name.endsWith('Edge') ? 1 : 0;
}

class CostCounter {
  readonly #schema: GraphQLSchema;
  readonly #costs: CostSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  #steps = 0;

  constructor(schema: GraphQLSchema, costs: CostSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema;
    this.#costs = costs;
    this.#operation = operation;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  /** Cost of what is selected of a type, without the object itself. */
  count(type: GraphQLCompositeType, sets: readonly SelectionSetNode[], sized: SizedFields = NOTHING_SIZED): Amount {
    if (!isAbstractType(type)) return this.#countObject(type, sets, sized);
    let dearest: Amount = 0;
    for (const possible of this.#schema.getPossibleTypes(type)) {
      dearest = larger(dearest, this.#countObject(possible, sets, sized));
    }
    return dearest;
  }

  #countObject(type: GraphQLObjectType, sets: readonly SelectionSetNode[], sized: SizedFields): Amount {
    let total: Amount = 0;
    for (const nodes of this.fieldsOf(type, sets).values()) {
      if (this.#steps > MAX_STEPS) return Number.POSITIVE_INFINITY;
      total = sum(total, this.#countField(type, nodes, sized));
    }
    return total;
  }

  /** Fields that are executed on an object, by the name of their result. */
  fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): ReadonlyMap<string, readonly FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(type, set, fields, spread);
    return fields;
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    fields: Map<string, FieldNode[]>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      this.#steps += 1;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = fields.get(key);
        if (known === undefined) fields.set(key, [selection]);
        else known.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (this.#applies(type, selection.typeCondition?.name.value)) {
          this.#collect(type, selection.selectionSet, fields, spread);
        }
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined && this.#applies(type, fragment.typeCondition.name.value)) {
          this.#collect(type, fragment.selectionSet, fields, spread);
        }
      }
    }
  }

  #applies(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.#schema.getType(condition);
    return isAbstractType(named) && isTypeSubTypeOf(this.#schema, type, named);
  }

  #countField(type: GraphQLObjectType, nodes: readonly FieldNode[], sized: SizedFields): Amount {
    const [node] = nodes;
    const field = node === undefined ? undefined : type.getFields()[node.name.value];
    // __typename, __schema and __type: answered from memory.
    if (node === undefined || field === undefined) return 0;
    const coordinate = `${type.name}.${field.name}`;
    const size = this.#costs.listSizes.get(coordinate);
    const named = getNamedType(field.type);
    const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const inside = isCompositeType(named) ? this.count(named, below, this.#sizedBy(size, node)) : 0;
    const object = this.#costs.weights.get(named.name) ?? usualWeight(named);
    const item = this.#costs.weights.get(coordinate) ?? object;
    const one = sum(item, inside);
    const all = isList(field.type) ? product(sized.get(field.name) ?? this.#lengthOf(field, node, size), one) : one;
    return isMutation(this.#operation) && type === this.#schema.getMutationType() ? sum(MUTATION_COST, all) : all;
  }

  /** A connection's edges are as many as its own arguments say. */
  #sizedBy(size: ListSize | undefined, node: FieldNode): SizedFields {
    if (size === undefined || size.sizedFields.length === 0) return NOTHING_SIZED;
    const length = this.#sliced(size, node) ?? size.assumedSize ?? DEFAULT_LIST_SIZE;
    return new Map(size.sizedFields.map((name) => [name, length]));
  }

  #lengthOf(field: GraphQLField<unknown, unknown>, node: FieldNode, size: ListSize | undefined): Amount {
    if (size !== undefined && size.sizedFields.length === 0) {
      return this.#sliced(size, node) ?? size.assumedSize ?? DEFAULT_LIST_SIZE;
    }
    const given = field.args
      .filter((argument) => isList(argument.type as GraphQLOutputType))
      .flatMap((argument) => node.arguments?.find(({ name }) => name.value === argument.name) ?? []);
    if (given.length === 0) return DEFAULT_LIST_SIZE;
    return given.map((argument) => this.#listLength(argument)).reduce<Amount>(larger, 1);
  }

  /** The largest of the slicing arguments that are given. */
  #sliced({ slicingArguments, assumedSize }: ListSize, node: FieldNode): Amount | null {
    const fallback = assumedSize ?? DEFAULT_LIST_SIZE;
    let length: Amount | null = null;
    for (const name of slicingArguments) {
      const argument = node.arguments?.find((each) => each.name.value === name);
      if (argument === undefined) continue;
      const given = this.#wholeNumber(argument.value, fallback);
      length = length === null ? given : larger(length, given);
    }
    return length;
  }

  #wholeNumber(value: ValueNode, fallback: number): Amount {
    if (value.kind === Kind.INT) return Math.max(0, Number(value.value));
    if (value.kind !== Kind.VARIABLE) return fallback;
    const name = value.name.value;
    const preset = this.#defaultOf(name);
    const otherwise = preset?.kind === Kind.INT ? Number(preset.value) : fallback;
    return (variables) => {
      const given = variables?.[name];
      return typeof given === 'number' && Number.isFinite(given) ? Math.max(0, given) : otherwise;
    };
  }

  #listLength({ value }: ArgumentNode): Amount {
    if (value.kind === Kind.LIST) return value.values.length;
    if (value.kind !== Kind.VARIABLE) return 1;
    const name = value.name.value;
    const preset = this.#defaultOf(name);
    const otherwise = preset?.kind === Kind.LIST ? preset.values.length : 1;
    return (variables) => {
      const given = variables?.[name];
      if (given === undefined) return otherwise;
      return Array.isArray(given) ? given.length : 1;
    };
  }

  #defaultOf(variable: string): ValueNode | undefined {
    return this.#operation.variableDefinitions?.find((each) => each.variable.name.value === variable)?.defaultValue;
  }
}

function isMutation({ operation }: OperationDefinitionNode): boolean {
  return operation === OperationTypeNode.MUTATION;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type));
}

function sum(left: Amount, right: Amount): Amount {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (left === 0) return right;
  if (right === 0) return left;
  return (variables) => evaluate(left, variables) + evaluate(right, variables);
}

function product(left: Amount, right: Amount): Amount {
  if (typeof left === 'number' && typeof right === 'number') return left * right;
  if (left === 1) return right;
  if (right === 1) return left;
  return (variables) => evaluate(left, variables) * evaluate(right, variables);
}

function larger(left: Amount, right: Amount): Amount {
  if (typeof left === 'number' && typeof right === 'number') return Math.max(left, right);
  return (variables) => Math.max(evaluate(left, variables), evaluate(right, variables));
}
