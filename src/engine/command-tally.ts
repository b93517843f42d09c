/** Counts executed commands by type and result. */
import type { CommandType } from '../core/exchange/command.js';
import type { ExchangeEvent } from '../core/exchange/event.js';

/** A command is rejected when one of its events is a refusal; a batch then may have done its other parts. */
export interface CommandCounts {
  accepted: number;
  rejected: number;
}

export class CommandTally {
  readonly #counts = new Map<CommandType, CommandCounts>();

  count(type: CommandType, events: readonly ExchangeEvent[]): void {
    let counts = this.#counts.get(type);
    if (counts === undefined) {
      counts = { accepted: 0, rejected: 0 };
      this.#counts.set(type, counts);
    }
    if (events.some(isRefusal)) counts.rejected += 1;
    else counts.accepted += 1;
  }

  /** By type; a type is there once a command of it was executed. */
  entries(): Iterable<[CommandType, Readonly<CommandCounts>]> {
    return this.#counts;
  }
}

function isRefusal({ type }: ExchangeEvent): boolean {
  return type === 'OrderRejected' || type === 'RequestRejected';
}
