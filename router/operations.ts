/**
 * Operations: from a document's text to a result, the same for HTTP and WebSocket.
 *
 * A document is parsed, bounded, validated and routed once, then kept. Routes:
 * - subgraph: one subgraph answers alone; graphql-js runs on its schema (see fast-path.ts);
 * - introspection: the API schema answers; without variables the answer is kept too;
 * - gateway: planned over several subgraphs.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  NoFragmentCyclesRule,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import {
  ANSWER_TYPE,
  askingForTypes,
  type MutationField,
  mutationFieldsOf,
  takesAnswerType,
  topFieldsOf,
} from './audit/mutation-fields.js';
import type { CostSchema } from './cost/cost-schema.js';
import { type Amount, costOf, evaluate, weightOf } from './cost/operation-cost.js';
import { checkDocumentLimits } from './document-limits.js';
import { limitError, RequestError, routerError } from './errors.js';
import type { FastPath, LocalSubgraph } from './fast-path.js';
import type { Gateway } from './gateway.js';
import type { RateClass, RouterLimits } from './limits.js';
import { LruCache } from './lru-cache.js';
import { rateClassOf } from './rate-limits/rate-class.js';

export type Route =
  | { readonly kind: 'subgraph'; readonly subgraph: LocalSubgraph }
  | { readonly kind: 'introspection' }
  | { readonly kind: 'gateway' };

/** A document that may be executed any number of times. */
export interface CompiledOperation {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly type: OperationTypeNode;
  readonly operationName: string | undefined;
  readonly route: Route;
  /** Static cost, by the variables where lists are as long as these say. */
  readonly cost: Amount;
  readonly rateClass: RateClass;
  /** Requests that it counts for. */
  readonly weight: Amount;
  /** Root fields of a mutation; empty for what changes nothing. */
  readonly mutationFields: readonly MutationField[];
  /** The answer to an introspection without variables. */
  introspection?: ExecutionResult;
}

export type Variables = Readonly<Record<string, unknown>> | undefined;

export interface OperationsOptions {
  readonly apiSchema: GraphQLSchema;
  readonly fastPath: FastPath;
  readonly costs: CostSchema;
  readonly gateway: Gateway;
  readonly limits: RouterLimits;
  /** Whether the types of a mutation's answers are asked for, for whoever takes them out again. */
  readonly audited?: boolean;
  /** Whether clients may ask for the schema; where they may not, messages do not tell what it is like either. */
  readonly introspection: boolean;
}

/** Estimated memory of a parsed token, with its nodes. */
const BYTES_PER_TOKEN = 500;
/** Errors told of one document. */
const MAX_VALIDATION_ERRORS = 20;

export class Operations {
  readonly #options: OperationsOptions;
  readonly #compiled: LruCache<CompiledOperation>;
  /** Documents asked for so far: those that were kept, and the others. */
  readonly lookups: { hits: number; misses: number };

  /** @param predecessor whose counts go on */
  constructor(options: OperationsOptions, predecessor: Operations | null = null) {
    this.#options = options;
    this.lookups = predecessor?.lookups ?? { hits: 0, misses: 0 };
    this.#compiled = new LruCache(options.limits.maxCachedDocuments, options.limits.maxCachedDocumentBytes);
  }

  /** Documents that are kept. */
  get cachedDocuments(): number {
    return this.#compiled.size;
  }

  /**
   * Returns the operation ready to run.
   * @throws RequestError when the text cannot be parsed, passes a limit, is not valid or has no such operation
   */
  compile(text: string, operationName: string | undefined): CompiledOperation {
    const key = keyOf(text, operationName);
    const known = this.#compiled.get(key);
    if (known !== undefined) {
      this.lookups.hits += 1;
      return known;
    }
    this.lookups.misses += 1;
    const compiled = this.#compile(text, operationName);
    this.#compiled.set(key, compiled, key.length * 2 + (compiled.document.tokenCount ?? 0) * BYTES_PER_TOKEN);
    return compiled;
  }

  #compile(text: string, operationName: string | undefined): CompiledOperation {
    const { limits } = this.#options;
    const document = parseWithin(text, limits.maxTokens);
    const definition = getOperationAST(document, operationName);
    if (definition === null || definition === undefined)
      throw new RequestError([missingOperation(document, operationName)]);
    try {
      return this.#plan(document, definition, operationName);
    } catch (error) {
      if (error instanceof RequestError && definition.operation === MUTATION) {
        error.mutationFields = topFieldsOf(definition);
      }
      throw error;
    }
  }

  #plan(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    operationName: string | undefined,
  ): CompiledOperation {
    const { limits, apiSchema, fastPath, introspection } = this.#options;
    // Whatever follows walks the fragments, so cycles are ruled out first, then size, then everything else.
    refuse(validate(apiSchema, document, [NoFragmentCyclesRule]), 'GRAPHQL_VALIDATION_FAILED');
    refuse(checkDocumentLimits(document, definition, limits), 'LIMIT_EXCEEDED');
    const telling = { maxErrors: MAX_VALIDATION_ERRORS, hideSuggestions: !introspection };
    refuse(validate(apiSchema, document, undefined, telling), 'GRAPHQL_VALIDATION_FAILED');
    const asked = introspectionOf(definition, document);
    if (asked !== 'none' && !introspection) {
      throw new RequestError([routerError('GRAPHQL_VALIDATION_FAILED', 'introspection is switched off here')]);
    }
    if (asked === 'mixed') {
      const problem = '__schema and __type cannot be asked together with other fields: send two operations';
      throw new RequestError([routerError('GRAPHQL_VALIDATION_FAILED', problem)]);
    }
    const subgraph = asked === 'whole' ? null : fastPath.find(document);
    const route: Route =
      asked === 'whole'
        ? { kind: 'introspection' }
        : subgraph === null
          ? { kind: 'gateway' }
          : { kind: 'subgraph', subgraph };
    const cost = asked === 'whole' ? 0 : costOf(apiSchema, this.#options.costs, document, definition);
    if (typeof cost === 'number') checkCost(cost, limits.maxCost);
    const { weight, rootFields } = weightOf(apiSchema, document, definition);
    const rateClass = rateClassOf(
      definition.operation,
      route.kind === 'subgraph' ? route.subgraph.name : null,
      rootFields,
      fastPath,
    );
    const type = definition.operation;
    const planned = { type, operationName, route, cost, weight, rateClass };
    if (type !== MUTATION || this.#options.audited !== true)
      return { ...planned, document, definition, mutationFields: [] };
    if (takesAnswerType(document)) {
      const problem = `${ANSWER_TYPE} is the platform's own name: call the field otherwise`;
      throw new RequestError([routerError('GRAPHQL_VALIDATION_FAILED', problem)]);
    }
    const asking = askingForTypes(apiSchema, document);
    const askingDefinition = getOperationAST(asking, operationName) ?? definition;
    const mutationFields = mutationFieldsOf(document, definition);
    return { ...planned, document: asking, definition: askingDefinition, mutationFields };
  }

  /** Tells whether a document is kept, so that compiling it costs nothing. */
  isKnown(text: string, operationName: string | undefined): boolean {
    return this.#compiled.has(keyOf(text, operationName));
  }

  /** Returns the cost with these variables. @throws RequestError when it is over the limit */
  costOf({ cost }: CompiledOperation, variables: Variables): number {
    if (typeof cost === 'number') return cost;
    return checkCost(evaluate(cost, variables), this.#options.limits.maxCost);
  }

  /** Runs a query or mutation. Never rejects for what a resolver does: its errors are in the result. */
  execute(
    operation: CompiledOperation,
    variables: Variables,
    context: RequestContext,
  ): Promise<ExecutionResult> | ExecutionResult {
    switch (operation.route.kind) {
      case 'subgraph':
        return this.#executeOn(operation.route.subgraph, operation, variables, context);
      case 'introspection':
        return this.#introspect(operation, variables, context);
      case 'gateway':
        return (
          this.#checkVariables(operation, variables) ??
          this.#options.gateway.execute({ ...operation, variables, context })
        );
    }
  }

  /** Starts a subscription; a result instead of a stream says why there is none. */
  async subscribe(
    operation: CompiledOperation,
    variables: Variables,
    context: RequestContext,
  ): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
    if (operation.route.kind === 'subgraph') {
      const { schema, execute: executeElsewhere } = operation.route.subgraph;
      if (executeElsewhere === undefined) return subscribe(this.#argsFor(schema, operation, variables, context));
      const { document, operationName } = operation;
      return (
        this.#checkVariables(operation, variables) ?? executeElsewhere({ document, operationName, variables, context })
      );
    }
    return (
      this.#checkVariables(operation, variables) ??
      this.#options.gateway.subscribe({ ...operation, variables, context })
    );
  }

  #executeOn(
    { schema, execute: executeElsewhere }: LocalSubgraph,
    operation: CompiledOperation,
    variables: Variables,
    context: RequestContext,
  ): Promise<ExecutionResult> | ExecutionResult {
    if (executeElsewhere === undefined) {
      context.times?.enter(performance.now());
      return execute(this.#argsFor(schema, operation, variables, context)) as ReturnType<Operations['execute']>;
    }
    const { document, operationName } = operation;
    return (
      this.#checkVariables(operation, variables) ??
      (executeElsewhere({ document, operationName, variables, context }) as Promise<ExecutionResult>)
    );
  }

  #introspect(operation: CompiledOperation, variables: Variables, context: RequestContext) {
    if (operation.introspection !== undefined) return operation.introspection;
    const result = execute(this.#argsFor(this.#options.apiSchema, operation, variables, context)) as ExecutionResult;
    const isFixed = (operation.definition.variableDefinitions?.length ?? 0) === 0;
    if (isFixed) operation.introspection = result;
    return result;
  }

  #argsFor(
    schema: GraphQLSchema,
    { document, operationName }: CompiledOperation,
    variableValues: Variables,
    contextValue: RequestContext,
  ) {
    const hideSuggestions = !this.#options.introspection;
    return { schema, document, operationName, variableValues, contextValue, hideSuggestions };
  }

  /** The gateway's own check would come after planning and in other words than a subgraph's. */
  #checkVariables(operation: CompiledOperation, variables: Variables): ExecutionResult | undefined {
    const definitions = operation.definition.variableDefinitions ?? [];
    if (definitions.length === 0) return undefined;
    const { errors } = getVariableValues(this.#options.apiSchema, definitions, variables ?? {}, {
      maxErrors: 50,
      hideSuggestions: !this.#options.introspection,
    });
    return errors === undefined ? undefined : { errors };
  }
}

/** A name cannot hold a line break, so the key tells both apart. */
function keyOf(text: string, operationName: string | undefined): string {
  return operationName === undefined ? text : `${operationName}\n${text}`;
}

function checkCost(cost: number, maxCost: number): number {
  if (cost <= maxCost) return cost;
  const shown = Number.isFinite(cost) ? Math.ceil(cost) : null;
  const estimate = shown === null ? 'more than can be counted' : `${shown}`;
  const problem = `the operation has an estimated cost of ${estimate}; at most ${maxCost}: ask for shorter lists or fewer fields inside of them`;
  throw new RequestError([routerError('LIMIT_EXCEEDED', problem, { limit: 'maxCost', max: maxCost, cost: shown })]);
}

function parseWithin(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes(`more that ${maxTokens} tokens`)) {
      const problem = `the document has more than ${maxTokens} tokens: send several operations, and long values as variables`;
      throw new RequestError([limitError('maxTokens', maxTokens, problem)]);
    }
    throw new RequestError([coded(error, 'GRAPHQL_PARSE_FAILED')]);
  }
}

function missingOperation(document: DocumentNode, operationName: string | undefined): GraphQLError {
  const names = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value ?? '(unnamed)'] : [],
  );
  if (names.length === 0) return routerError('GRAPHQL_VALIDATION_FAILED', 'the document has no operation');
  const shown = names.slice(0, 10).join(', ');
  return operationName === undefined
    ? routerError('BAD_USER_INPUT', `operationName: say which operation to run: ${shown}`)
    : routerError('BAD_USER_INPUT', `operationName: the document has no operation of this name, but: ${shown}`);
}

function refuse(errors: readonly GraphQLError[], code: 'GRAPHQL_VALIDATION_FAILED' | 'LIMIT_EXCEEDED'): void {
  if (errors.length > 0) throw new RequestError(errors.map((error) => coded(error, code)));
}

function coded(error: GraphQLError, code: string): GraphQLError {
  if (typeof error.extensions.code === 'string') return error;
  const { message, nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions: { ...error.extensions, code } });
}

/** Tells whether the operation asks for the schema, and for nothing else. */
function introspectionOf(definition: OperationDefinitionNode, document: DocumentNode): 'none' | 'whole' | 'mixed' {
  const names = rootFields(definition, document);
  const isSchemaField = (name: string) => name === '__schema' || name === '__type';
  if (!names.some(isSchemaField)) return 'none';
  return names.every((name) => isSchemaField(name) || name === '__typename') ? 'whole' : 'mixed';
}

function rootFields(definition: OperationDefinitionNode, document: DocumentNode): string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  const walk = ({ selections }: OperationDefinitionNode['selectionSet']) => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = document.definitions.find(
          (each) => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) walk(fragment.selectionSet);
      }
    }
  };
  walk(definition.selectionSet);
  return [...names];
}

/** The operation types of the protocol, by the name that clients know. */
export const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;
