/**
 * GraphQL errors of the platform: one list of `extensions.code` (error-catalogue.ts), each made by a function that says which field, which
 * limit and what to do. What a caller may do about business is never an error but a typed result.
 */
import { GraphQLError } from 'graphql';
import { EngineUnavailableError, OutcomeUnknownError } from '../ports/engine-client.js';
import { HistoryUnavailableError } from '../ports/event-feed.js';
import { HistoryUnreachableError } from '../ports/history.js';
import type { ErrorCode } from './error-catalogue.js';

export const BAD_USER_INPUT: ErrorCode = 'BAD_USER_INPUT';

function coded(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

/** No identity where one is needed. */
export function unauthenticated(): GraphQLError {
  return coded('UNAUTHENTICATED', 'sign in first: send an access token as "Authorization: Bearer …"');
}

/** A sign-in or refresh that proves nothing. @param problem what is wrong, without saying whether the user exists */
export function signInRefused(problem: string): GraphQLError {
  return coded('UNAUTHENTICATED', problem);
}

/** @param need what is missing, e.g. `scope orders:write` */
export function forbidden(need: string): GraphQLError {
  return coded('FORBIDDEN', `not allowed: this needs ${need}`);
}

/** Somebody else's account and one that does not exist read the same, so that ids cannot be probed. */
export function unknownAccount(accountId: string, field = 'accountId'): GraphQLError {
  return coded('NOT_FOUND', `${field}: there is no account "${clipped(accountId)}" that you may use`, { field });
}

export function notFound(what: string, field: string): GraphQLError {
  return coded('NOT_FOUND', `${field}: there is no ${what}`, { field });
}

/**
 * @param field path of the argument, e.g. `input.price`
 * @param problem what is wrong and what is accepted
 */
export function badUserInput(field: string, problem: string): GraphQLError {
  return coded('BAD_USER_INPUT', `${field}: ${problem}`, { field });
}

/** A documented bound was passed. @param limit the largest value accepted */
export function limitExceeded(field: string, limit: number, problem: string): GraphQLError {
  return coded('LIMIT_EXCEEDED', `${field}: ${problem}`, { field, limit });
}

/** A subscriber whose buffer overflowed under a policy that loses nothing. */
export function slowConsumer(maxBuffer: number): GraphQLError {
  return coded(
    'SLOW_CONSUMER',
    `the subscription was closed because ${maxBuffer} events waited to be read; ` +
      'read faster and resume with the last cursor as `after`',
    { limit: maxBuffer },
  );
}

/**
 * The events between two cursors are kept nowhere any more, on a stream that has no place of its own to say so.
 * @param cursor hand it back as `after` to go on behind the gap
 */
export function streamGap(after: string, cursor: string, remedy: string): GraphQLError {
  return coded('STREAM_GAP', `the events between the two cursors are no longer kept; ${remedy}`, { after, cursor });
}

export function engineUnavailable(
  problem = 'the engine does not take commands now; this one was not executed and will not be: send it again shortly',
): GraphQLError {
  return coded('ENGINE_UNAVAILABLE', problem);
}

export function outcomeUnknown(): GraphQLError {
  return coded(
    'OUTCOME_UNKNOWN',
    'no answer in time: the command may or may not have been executed; send it again with the same clOrdId, ' +
      'or ask for orderByClOrdId, to learn what became of it',
  );
}

export function historyUnavailable(): GraphQLError {
  return coded('HISTORY_UNAVAILABLE', 'history cannot be read now, trading and live streams go on; ask again shortly');
}

/** Returns the documented error for a port's error, and anything else as it is, to be masked by the server. */
export function toClientError(error: unknown): unknown {
  if (error instanceof EngineUnavailableError) return engineUnavailable();
  if (error instanceof OutcomeUnknownError) return outcomeUnknown();
  if (error instanceof HistoryUnreachableError) return historyUnavailable();
  if (error instanceof HistoryUnavailableError) return historyUnavailable();
  return error;
}

/** Waits for work on a port, with its errors told as documented. */
export async function withClientErrors<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toClientError(error);
  }
}

/** Returns at most 64 characters of client text, fit to be repeated in a message. */
export function clipped(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}
