/** How the edge reaches the engine: embedded by a direct call, between services by request and reply. */
import type { Command, PlaceOrder } from '../core/exchange/command.js';
import type { ExchangeEvent } from '../core/exchange/event.js';
import type { OrderPreview, QueuePosition } from '../core/exchange/exchange.js';
import type { StageTimes } from './stage-times.js';

/** What a command did; given only once its journal group is durable. */
export interface CommandOutcome {
  readonly commandSequence: number;
  /** Sequence of the last event so far; equal to the one before where the command caused no event. */
  readonly lastSequence: number;
  /** Engine time of the command, microseconds since 1970 UTC. */
  readonly timeUs: number;
  /** The command's events, in order. A business refusal is an event (OrderRejected, RequestRejected). */
  readonly events: readonly ExchangeEvent[];
}

export interface EngineClient {
  /**
   * Sequences, executes and journals one command.
   * @throws EngineUnavailableError when it was certainly not executed (queue full, stopping, failed journal)
   * @throws OutcomeUnknownError when it may have been executed; ask again with the same clOrdId
   * @throws RangeError naming a field that is no whole number or no member of its list: not executed, a bug of the caller
   * @param times marked on the way, when given
   */
  submit(command: Command, times?: StageTimes): Promise<CommandOutcome>;
}

/** What the edge asks the engine without changing anything. */
export interface EngineQueries {
  /**
   * Works out what placing the order now would do; nothing is placed, journaled or published. What it tells rests on
   * durable state only.
   * @throws EngineUnavailableError when the engine is stopping or has failed
   */
  preview(command: PlaceOrder): Promise<OrderPreview>;

  /**
   * Returns where each order stands in the queue of its price level; null for one that does not rest.
   * @throws EngineUnavailableError when the engine is stopping or has failed
   */
  queuePositions(orderIds: readonly number[]): Promise<readonly (QueuePosition | null)[]>;
}

/** The command was not executed and will not be. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
}

/** No answer in time: the command may or may not have been executed. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}
