/**
 * A subgraph in another process: queries and mutations over HTTP, subscriptions over a WebSocket (remote-streams.ts), each operation with
 * the caller's sealed context. What a mutation's answer tells of the events reached goes with every later operation, so
 * that no subgraph answers from before it.
 */

import {
  buildASTSchema,
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  OperationTypeNode,
  parse,
  print,
} from 'graphql';
import type { RequestContext } from '../src/graphql/context.js';
import { sealContext } from '../src/graphql/context-seal.js';
import { ERROR_CATALOGUE } from '../src/graphql/error-catalogue.js';
import { engineUnavailable, outcomeUnknown } from '../src/graphql/errors.js';
import type { Log } from '../src/ports/log.js';
import type { StageSpans } from '../src/ports/stage-times.js';
import { errorOfSubgraph } from './errors.js';
import type { LocalSubgraph, SubgraphOperation } from './fast-path.js';
import { RemoteStreams } from './remote-streams.js';
import { SubgraphHttp, SubgraphHttpError } from './subgraph-http.js';

/** Highest event sequence that any subgraph has answered from; shared by all subgraphs of a router. */
export class ReadSequence {
  value = 0;
  note(sequence: unknown): void {
    if (typeof sequence === 'number' && sequence > this.value) this.value = sequence;
  }
}

export interface RemoteSubgraphOptions {
  readonly name: string;
  /** As composed, schema/subgraphs/<name>.graphql. */
  readonly sdl: string;
  /** Address of the service, without path. */
  readonly url: string;
  /** Shared with the subgraph. */
  readonly secret: string;
  readonly read: ReadSequence;
  readonly timeoutMs: number;
  readonly log: Log;
}

export interface RemoteSubgraph extends LocalSubgraph {
  readonly execute: NonNullable<LocalSubgraph['execute']>;
  dispose(): Promise<void>;
}

const EXTENSION = 'tradsys';
const TIMES_EXTENSION = 'tradsysTimes';

export async function createRemoteSubgraph(options: RemoteSubgraphOptions): Promise<RemoteSubgraph> {
  const { name, url, sdl, secret, read, log } = options;
  const schema = buildASTSchema(parse(sdl), { assumeValidSDL: true, assumeValid: true });
  const location = `${url.replace(/\/$/, '')}/graphql`;
  const http = new SubgraphHttp({ url: location, timeoutMs: options.timeoutMs });
  const streams = new RemoteStreams({
    name,
    url: location,
    onExtensions: ({ [EXTENSION]: sequence }) => read.note(sequence),
    log,
  });
  const execute = async (operation: SubgraphOperation): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> => {
    const { document, variables, operationName, context } = operation;
    const operationType = getOperationAST(document, operationName)?.operation ?? OperationTypeNode.QUERY;
    const sentMs = performance.now();
    const sealed = sealContext(secret, { context, sequence: read.value }, Date.now());
    const extensions = { [EXTENSION]: sealed };
    if (operationType === OperationTypeNode.SUBSCRIPTION) {
      return streams.subscribe({ query: printed(document), variables: variables ?? {}, operationName, extensions });
    }
    try {
      const body = JSON.stringify({ query: printed(document), variables: variables ?? {}, operationName, extensions });
      const answer = await ask(http, body, operationType);
      return settle(options, answer, operationType, context, sentMs);
    } catch (error) {
      const reason = describe(error);
      log('warn', 'a subgraph did not answer', { name, url, error: reason });
      return { data: null, errors: [lost(operationType, reason)] };
    }
  };
  return {
    name,
    schema,
    execute,
    dispose: async () => {
      await streams.dispose();
      http.close();
    },
  };
}

/** Texts of documents, which come back for as long as their compiled operation is known. */
const texts = new WeakMap<DocumentNode, string>();

function printed(document: DocumentNode): string {
  const known = texts.get(document);
  if (known !== undefined) return known;
  const text = print(document);
  texts.set(document, text);
  return text;
}

/** Sends the operation; a query that met a connection which was just being closed is sent again, once. */
async function ask(http: SubgraphHttp, body: string, operationType: OperationTypeNode): Promise<ExecutionResult> {
  try {
    return resultOf(await http.post(body));
  } catch (error) {
    const isStale = error instanceof SubgraphHttpError && error.wasStale;
    if (!isStale || operationType !== OperationTypeNode.QUERY) throw error;
    return resultOf(await http.post(body));
  }
}

/** @throws SubgraphHttpError where it is no answer to an operation */
function resultOf(answer: unknown): ExecutionResult {
  const { data, errors, extensions } = (answer ?? {}) as ExecutionResult;
  if (data === undefined && !Array.isArray(errors)) {
    throw new SubgraphHttpError('the answer has neither data nor errors', false);
  }
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(errorOfSubgraph) }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** Notes how far the answer reaches. A transport's own failure is told by what it means to the client. */
function settle(
  options: RemoteSubgraphOptions,
  result: ExecutionResult,
  operationType: OperationTypeNode,
  { times }: RequestContext,
  sentMs: number,
): ExecutionResult {
  const { extensions, ...rest } = result;
  options.read.note(extensions?.[EXTENSION]);
  const spans = extensions?.[TIMES_EXTENSION];
  if (times !== undefined && spans !== undefined)
    times.enter(times.adopt(spans as StageSpans, sentMs, performance.now()));
  const errors = rest.errors ?? [];
  if (rest.data !== undefined || errors.length === 0) return rest;
  if (errors.some(({ extensions: { code } = {} }) => OWN_CODES.has(String(code)))) return { ...rest, data: null };
  const reason = errors.map(describe).join('; ');
  options.log('warn', 'a subgraph did not answer', { name: options.name, error: reason });
  return { data: null, errors: [lost(operationType, reason)] };
}

/** Codes that a subgraph gives; any other is the transport's, which tells of connections, broken answers and time. */
const OWN_CODES: ReadonlySet<string> = new Set(Object.keys(ERROR_CATALOGUE));
/** Nobody took the connection: what was asked was not done. */
const NOT_TAKEN = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/;

function lost(operationType: OperationTypeNode, reason: string): GraphQLError {
  if (operationType === OperationTypeNode.MUTATION && !NOT_TAKEN.test(reason)) return outcomeUnknown();
  return engineUnavailable('a part of the platform does not answer now; nothing was done: ask again shortly');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause, originalError } = error as { cause?: unknown; originalError?: unknown };
  const inner = originalError ?? cause;
  return inner instanceof Error ? `${error.message} (${describe(inner)})` : error.message;
}
