/**
 * Bounds on a parsed document: depth, aliases, root fields, directives. Fragments are followed, each measured once, so
 * that a document cannot hide its size behind spreads. Cost: one visit a node.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { limitError } from './errors.js';
import type { RouterLimits } from './limits.js';

/** Introspection nests by nature (`ofType`); the standard query of clients needs 15. */
const MAX_INTROSPECTION_DEPTH = 20;

interface Measure {
  /** Nested fields below, outside of introspection. */
  depth: number;
  introspectionDepth: number;
  aliases: number;
  /** Fields at this level. */
  fields: number;
}

/** Returns an error for each limit that the operation passes; empty for a document whose fragments form a cycle. */
export function checkDocumentLimits(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: RouterLimits,
): GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const { depth, introspectionDepth, aliases, fields } = new Measurer(fragments).measure(operation.selectionSet);
  const directives = countDirectives(document);
  const errors: GraphQLError[] = [];
  const check = (name: keyof RouterLimits, value: number, what: string, advice: string) => {
    const max = limits[name];
    if (value > max)
      errors.push(limitError(name, max, `the operation has ${what} ${value}; at most ${max}: ${advice}`));
  };
  check('maxDepth', depth, 'depth', 'select fewer levels of fields');
  check('maxAliases', aliases, 'aliases', 'send several operations');
  check('maxRootFields', fields, 'root fields', 'send several operations');
  check('maxDirectives', directives, 'directives', 'leave some out');
  if (introspectionDepth > MAX_INTROSPECTION_DEPTH) {
    errors.push(limitError('maxIntrospectionDepth', MAX_INTROSPECTION_DEPTH, 'the introspection is nested too deep'));
  }
  return errors;
}

class Measurer {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #measured = new Map<string, Measure>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  measure(selectionSet: SelectionSetNode): Measure {
    const total: Measure = { depth: 0, introspectionDepth: 0, aliases: 0, fields: 0 };
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? EMPTY : this.measure(selection.selectionSet);
        total.fields += 1;
        total.aliases += below.aliases + (selection.alias === undefined ? 0 : 1);
        if (selection.name.value === '__schema' || selection.name.value === '__type') {
          total.introspectionDepth = Math.max(total.introspectionDepth, below.depth + 1);
        } else {
          total.depth = Math.max(total.depth, below.depth + 1);
          total.introspectionDepth = Math.max(total.introspectionDepth, below.introspectionDepth);
        }
      } else {
        const part =
          selection.kind === Kind.INLINE_FRAGMENT
            ? this.measure(selection.selectionSet)
            : this.#measureFragment(selection.name.value);
        total.fields += part.fields;
        total.aliases += part.aliases;
        total.depth = Math.max(total.depth, part.depth);
        total.introspectionDepth = Math.max(total.introspectionDepth, part.introspectionDepth);
      }
    }
    return total;
  }

  #measureFragment(name: string): Measure {
    const known = this.#measured.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    // An unknown fragment, and one inside of itself, are for the validation to tell.
    this.#measured.set(name, EMPTY);
    const measure = fragment === undefined ? EMPTY : this.measure(fragment.selectionSet);
    this.#measured.set(name, measure);
    return measure;
  }
}

const EMPTY: Measure = { depth: 0, introspectionDepth: 0, aliases: 0, fields: 0 };

function countDirectives(document: DocumentNode): number {
  let count = 0;
  visit(document, {
    Directive(_node: DirectiveNode) {
      count += 1;
    },
  });
  return count;
}
