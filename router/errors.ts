/**
 * Errors as clients see them: what was said on purpose passes, everything else becomes "Internal error" and goes to the
 * log under the request's id.
 */
import { type ExecutionResult, GraphQLError, type GraphQLErrorExtensions, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, isErrorCode } from '../src/graphql/error-catalogue.js';
import type { Log } from '../src/ports/log.js';
import type { MutationField } from './audit/mutation-fields.js';

/** Characters of a message; a client's own text may be repeated in it. */
const MAX_MESSAGE_LENGTH = 1_000;

export function routerError(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

/** An error that a subgraph in another process told, as the one that it threw there. */
export function errorOfSubgraph({ message, path, extensions }: GraphQLFormattedError): GraphQLError {
  return new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) });
}

/** @param name the limit as in the configuration */
export function limitError(name: string, limit: number, problem: string): GraphQLError {
  return routerError('LIMIT_EXCEEDED', problem, { limit: name, max: limit });
}

/** The request is not executed: it cannot be parsed, is not valid, or passes a limit. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly errors: readonly GraphQLError[];
  /** Fields of the mutation that it would have been, as far as it was read. */
  mutationFields: readonly MutationField[] = [];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.errors = errors;
  }
}

/** Result as it is sent, with formatted errors; the same object where there are none. */
export type FormattedResult = {
  data?: unknown;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
};

/** Makes results and errors fit to be sent. */
export class ErrorFormatter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  formatResult(result: ExecutionResult, requestId: string): FormattedResult {
    const { errors } = result;
    if (errors === undefined || errors.length === 0) return result as FormattedResult;
    if (!('data' in result)) return { errors: errors.map((error) => this.#formatRequestError(error)) };
    return { errors: errors.map((error) => this.formatError(error, requestId)), data: result.data };
  }

  /** Formats whatever a resolver or a stream failed with. */
  formatError(error: GraphQLError, requestId: string): GraphQLFormattedError {
    const origin = originOf(error);
    const code = isGraphQLError(origin) ? (error.extensions.code ?? origin.extensions.code) : undefined;
    // A code that is in no catalogue was not said on purpose: it comes out of a library, with a library's words.
    if (isErrorCode(code)) return shaped(error, error.message, { ...error.extensions, code });
    if (isArgumentError(origin)) {
      return shaped(error, error.message, { ...error.extensions, code: 'BAD_USER_INPUT' });
    }
    this.#log('error', 'an operation failed', { requestId, path: error.path, error: describeError(origin) });
    return shaped(error, 'Internal error', { code: 'INTERNAL_SERVER_ERROR', requestId });
  }

  /** Errors before execution are about what the client sent, and say so. */
  #formatRequestError(error: GraphQLError): GraphQLFormattedError {
    return shaped(error, error.message, { code: 'BAD_USER_INPUT', ...error.extensions });
  }

  formatRequestErrors(errors: readonly GraphQLError[]): FormattedResult {
    return { errors: errors.map((error) => this.#formatRequestError(error)) };
  }
}

function shaped(error: GraphQLError, message: string, extensions: GraphQLErrorExtensions): GraphQLFormattedError {
  return {
    message: message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions,
  };
}

/** Returns what was thrown in the first place, under the wrappers of executor and gateway. */
function originOf(error: GraphQLError): unknown {
  let origin: unknown = error;
  while (isGraphQLError(origin) && origin.originalError !== undefined && origin.originalError !== null) {
    origin = origin.originalError;
  }
  return origin;
}

/** By name, since a GraphQLError may come from another copy of the library. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof GraphQLError || (error instanceof Error && error.name === 'GraphQLError');
}

/** What a log line says of a fault; clients never see it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.stack ?? error.message;
}

/** graphql-js tells of an argument that is only known to be wrong at execution by this message, without a code. */
function isArgumentError(error: unknown): boolean {
  return isGraphQLError(error) && error.message.startsWith('Argument "');
}
