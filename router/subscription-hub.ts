/**
 * Shared fan-out: identical public subscriptions are executed and printed once an event, whatever the number of clients.
 *
 * A stream declares itself shareable by the extension `shared: true` on its Subscription field: every subscriber is handed
 * the same object for the same event, and what a client is shown of it does not depend on who asks. Each client keeps a
 * source of its own, with its own snapshot, flow control and bounded buffer; shared is what costs: the execution of
 * the event's fields and the JSON of its result, kept for as long as the event itself is alive.
 *
 * Executions run without an identity, so that what is shared can never be more than the public may see. An operation is
 * shared where it selects one shareable field and below it only fields without resolvers of their own.
 */
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import type { FormattedResult } from './errors.js';
import type { CompiledOperation, Variables } from './operations.js';

/** Results of one subscriber as JSON text, each the `payload` of a `next` message. */
export interface SharedSubscription {
  next(): Promise<IteratorResult<string, undefined>>;
  /** Leaves; a pending `next` sees the end. */
  return(): Promise<unknown>;
}

/** Subscribers with the same document and variables. */
interface Group {
  readonly variables: Variables;
  members: number;
  /** JSON of each event, for as long as somebody holds the event. */
  readonly texts: WeakMap<object, string | Promise<string>>;
}

interface Plan {
  readonly schema: GraphQLSchema;
  /** By the JSON of the variables; a group is there while it has members. */
  readonly groups: Map<string, Group>;
}

const NOBODY: RequestContext = { identity: null, requestId: 'shared-subscription' };

export class SubscriptionHub {
  readonly #format: (result: ExecutionResult, requestId: string) => FormattedResult;
  readonly #plans = new WeakMap<CompiledOperation, Plan | null>();
  #executions = 0;

  /** @param format makes a result fit to be sent */
  constructor(format: (result: ExecutionResult, requestId: string) => FormattedResult) {
    this.#format = format;
  }

  /** Executions so far: one for each event and group, not for each subscriber. */
  get executions(): number {
    return this.#executions;
  }

  /** Tells whether subscribers of the operation share its executions. */
  shares(operation: CompiledOperation): boolean {
    return this.#planOf(operation) !== null;
  }

  /**
   * Opens a subscription; a result instead says why there is none. Arguments and access are checked as ever.
   * @throws RangeError for an operation that is not shared
   */
  async open(
    operation: CompiledOperation,
    variables: Variables,
    context: RequestContext,
  ): Promise<SharedSubscription | ExecutionResult> {
    const plan = this.#planOf(operation);
    if (plan === null) throw new RangeError('the operation is not shared: subscribe to it by itself');
    const { document, operationName } = operation;
    const source = await createSourceEventStream({
      schema: plan.schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
    });
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source[Symbol.asyncIterator]();
    const { group, leave } = joinGroup(plan, variables);
    return {
      next: async () => {
        try {
          const { value, done } = await events.next();
          if (done === true) {
            leave();
            return { value: undefined, done: true };
          }
          const text = this.#textOf(operation, plan, group, value);
          return { value: typeof text === 'string' ? text : await text, done: false };
        } catch (error) {
          leave();
          throw error;
        }
      },
      return: async () => {
        leave();
        await events.return?.();
      },
    };
  }

  #textOf(operation: CompiledOperation, plan: Plan, group: Group, event: unknown): string | Promise<string> {
    if (typeof event !== 'object' || event === null) return this.#execute(operation, plan, group, event);
    const known = group.texts.get(event);
    if (known !== undefined) return known;
    const text = this.#execute(operation, plan, group, event);
    group.texts.set(event, text);
    if (typeof text !== 'string') {
      text.then(
        (done) => group.texts.set(event, done),
        () => group.texts.delete(event),
      );
    }
    return text;
  }

  #execute(
    { document, operationName }: CompiledOperation,
    { schema }: Plan,
    { variables }: Group,
    event: unknown,
  ): string | Promise<string> {
    this.#executions += 1;
    const result = execute({
      schema,
      document,
      operationName,
      variableValues: variables,
      rootValue: event,
      contextValue: NOBODY,
    });
    const print = (done: ExecutionResult) => JSON.stringify(this.#format(done, NOBODY.requestId));
    return result instanceof Promise ? result.then(print) : print(result);
  }

  #planOf(operation: CompiledOperation): Plan | null {
    let plan = this.#plans.get(operation);
    if (plan === undefined) {
      plan = planOf(operation);
      this.#plans.set(operation, plan);
    }
    return plan;
  }
}

function joinGroup(plan: Plan, variables: Variables): { group: Group; leave: () => void } {
  const key = JSON.stringify(variables ?? {});
  let group = plan.groups.get(key);
  if (group === undefined) {
    group = { variables, members: 0, texts: new WeakMap() };
    plan.groups.set(key, group);
  }
  const joined = group;
  joined.members += 1;
  let isMember = true;
  const leave = () => {
    if (!isMember) return;
    isMember = false;
    joined.members -= 1;
    if (joined.members === 0 && plan.groups.get(key) === joined) plan.groups.delete(key);
  };
  return { group: joined, leave };
}

function planOf({ route, definition, document }: CompiledOperation): Plan | null {
  if (route.kind !== 'subgraph' || definition.operation !== 'subscription') return null;
  const { schema } = route.subgraph;
  const type = schema.getSubscriptionType();
  const [selection, ...others] = definition.selectionSet.selections;
  if (type === undefined || type === null || selection?.kind !== Kind.FIELD || others.length > 0) return null;
  const field = type.getFields()[selection.name.value];
  if (field?.extensions.shared !== true) return null;
  const below = getNamedType(field.type);
  const isPlain =
    selection.selectionSet === undefined || selectsPlainFields(schema, document, selection.selectionSet, below.name);
  return isPlain ? { schema, groups: new Map() } : null;
}

/** Tells whether every selected field is read off its parent, so that nobody's rights play a part in it. */
function selectsPlainFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  { selections }: SelectionSetNode,
  typeName: string,
): boolean {
  const type = schema.getType(typeName);
  if (!isCompositeType(type) || !('getFields' in type)) return false;
  return selections.every((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const on = selection.typeCondition?.name.value ?? typeName;
      return selectsPlainFields(schema, document, selection.selectionSet, on);
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = document.definitions.find(
        (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
      );
      if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return false;
      return selectsPlainFields(schema, document, fragment.selectionSet, fragment.typeCondition.name.value);
    }
    if (selection.name.value === '__typename') return true;
    const field = type.getFields()[selection.name.value];
    if (field === undefined || field.resolve !== undefined) return false;
    if (selection.selectionSet === undefined) return true;
    return selectsPlainFields(schema, document, selection.selectionSet, getNamedType(field.type).name);
  });
}
