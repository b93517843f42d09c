/**
 * What the audit log needs to know of a mutation's document, found once and kept with it: its root fields, and a question for the type
 * of each answer that is a union, since what was refused for business reasons is told by its type alone.
 */
import {
  BREAK,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** A root field of a mutation. */
export interface MutationField {
  /** Under which its answer stands. */
  readonly key: string;
  readonly node: FieldNode;
}

/** Name under which the type of an answer is asked for; no schema may use it. */
export const ANSWER_TYPE = '__answerType';

/** Of a document that was refused at most so many fields are told. */
const MAX_TOP_FIELDS = 10;

const TYPE_QUESTION: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: ANSWER_TYPE },
  name: { kind: Kind.NAME, value: '__typename' },
};

/** Returns the root fields, fragments followed, each key once. */
export function mutationFieldsOf(document: DocumentNode, definition: OperationDefinitionNode): MutationField[] {
  const found = new Map<string, MutationField>();
  const seen = new Set<string>();
  const walk = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        if (!selection.name.value.startsWith('__')) found.set(key, { key, node: selection });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        for (const each of document.definitions) {
          if (each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value)
            walk(each.selectionSet);
        }
      }
    }
  };
  walk(definition.selectionSet);
  return [...found.values()];
}

/** Returns the fields that stand at the root itself: of a document that may hold anything, no fragment is followed. */
export function topFieldsOf({ selectionSet }: OperationDefinitionNode): MutationField[] {
  const fields = selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD).slice(0, MAX_TOP_FIELDS);
  return fields.map((node) => ({ key: node.alias?.value ?? node.name.value, node }));
}

/** Returns the document with a question for the type of each answer at its root that is a union. */
export function askingForTypes(schema: GraphQLSchema, document: DocumentNode): DocumentNode {
  const root = schema.getMutationType();
  const fields = root?.getFields() ?? {};
  const ask = (selection: SelectionNode): SelectionNode => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return { ...selection, selectionSet: within(selection.selectionSet) };
    if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) return selection;
    const field = fields[selection.name.value];
    if (field === undefined || !isAbstractType(getNamedType(field.type))) return selection;
    const { selectionSet } = selection;
    return { ...selection, selectionSet: { ...selectionSet, selections: [TYPE_QUESTION, ...selectionSet.selections] } };
  };
  const within = (set: SelectionSetNode): SelectionSetNode => ({ ...set, selections: set.selections.map(ask) });
  const definitions = document.definitions.map((definition) => {
    const isRoot =
      definition.kind === Kind.OPERATION_DEFINITION ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value === root?.name);
    return isRoot ? { ...definition, selectionSet: within(definition.selectionSet) } : definition;
  });
  return { ...document, definitions };
}

/** Tells whether a document calls an answer by the name under which types are asked for: it would write its own result into the log. */
export function takesAnswerType(document: DocumentNode): boolean {
  let isTaken = false;
  visit(document, {
    Field: ({ alias }) => {
      if (alias?.value !== ANSWER_TYPE) return undefined;
      isTaken = true;
      return BREAK;
    },
  });
  return isTaken;
}

/** Returns the type of an answer and takes it out again: of a list each type with its count; null where it was not asked for. */
export function takeType(answer: unknown): string | null {
  if (!Array.isArray(answer)) return takeOne(answer);
  const counts = new Map<string, number>();
  for (const each of answer) {
    const type = takeOne(each);
    if (type !== null) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts.size === 0 ? null : [...counts].map(([type, count]) => `${type}×${count}`).join(', ');
}

function takeOne(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const holder = answer as { [ANSWER_TYPE]?: unknown };
  const type = holder[ANSWER_TYPE];
  if (typeof type !== 'string') return null;
  delete holder[ANSWER_TYPE];
  return type;
}
