/** Two exchanges side by side: the same steps, compared by events and state hash after each command, under all invariants. */
import type { Command } from '../exchange/command.js';
import type { ExchangeEvent } from '../exchange/event.js';
import { Exchange } from '../exchange/exchange.js';
import { EventMonitor } from './event-monitor.js';
import { START_US } from './fixtures.js';
import { checkInvariants } from './invariants.js';
import { must } from './must.js';
import { checkPreview, previewUnchanged } from './preview-check.js';
import { RANDOM_OPTIONS, RANDOM_SETUP, type Step, StepResolver } from './random-commands.js';
import { ReferenceExchange } from './reference-exchange.js';

export interface ComparisonOptions {
  /** The exchange is replaced by a restored copy of itself after every so many commands; none when left out. */
  readonly snapshotEvery?: number;
  /** After every so many commands, and at the end, the whole state is compared and checked too; 1 when left out. */
  readonly stateEvery?: number;
  readonly makeReference?: () => ReferenceExchange;
}

/** Where two exchanges parted, or an invariant broke. */
export interface Mismatch {
  /** Place of the step in the sequence, from 0; −1 = in the commands that set up. */
  readonly step: number;
  /** The command with the ids that it named. */
  readonly command: Command;
  readonly what: string;
}

/** Plays the steps in the exchange and in the reference. @returns null when nothing was wrong */
export function compareSequence(steps: readonly Step[], options: ComparisonOptions = {}): Mismatch | null {
  const comparison = new Comparison(options);
  for (const command of RANDOM_SETUP) {
    const wrong = comparison.play({ command, waitUs: 1 }, false);
    if (wrong !== null) return { step: -1, ...wrong };
  }
  for (const [index, step] of steps.entries()) {
    const isDue = index === steps.length - 1 || (index + 1) % (options.stateEvery ?? 1) === 0;
    const wrong = comparison.play(step, isDue);
    if (wrong !== null) return { step: index, ...wrong };
    if (options.snapshotEvery !== undefined && index % options.snapshotEvery === 0) comparison.restore();
  }
  return null;
}

class Comparison {
  #exchange = new Exchange(RANDOM_OPTIONS);
  readonly #reference: ReferenceExchange;
  readonly #resolver = new StepResolver();
  readonly #monitor = new EventMonitor();
  readonly #supply = new Map<number, number>();

  constructor({ makeReference = () => new ReferenceExchange(RANDOM_OPTIONS) }: ComparisonOptions) {
    this.#reference = makeReference();
  }

  play(step: Step, thoroughly: boolean): { command: Command; what: string } | null {
    const command = this.#resolver.resolve(step);
    try {
      const what = this.#apply(command, step.waitUs, thoroughly);
      return what === null ? null : { command, what };
    } catch (error) {
      return { command, what: error instanceof Error ? error.message : String(error) };
    }
  }

  restore(): void {
    this.#exchange = Exchange.restore(this.#exchange.snapshot());
  }

  #apply(command: Command, waitUs: number, thoroughly: boolean): string | null {
    const exchange = this.#exchange;
    const timeUs = Math.max(START_US, exchange.timeUs) + waitUs;
    const before = exchange.eventSequence;
    const preview = thoroughly && command.type === 'PlaceOrder' ? previewUnchanged(exchange, command, timeUs) : null;
    exchange.apply(command, timeUs);
    const events = exchange.takeEvents();
    // A preview moves no instrument: a halt that goes on before the order is none of its matters.
    if (preview !== null && !events.some(isResumption)) checkPreview(preview, events);
    this.#resolver.note(events);
    this.#reference.apply(command, timeUs);
    for (const event of events) checkRules(event);
    const difference = firstDifference(events.map(withoutRules), this.#reference.takeEvents());
    if (difference !== null) return difference;
    for (const event of events) {
      if (event.type !== 'BalanceAdjusted' || event.duplicate) continue;
      this.#supply.set(event.asset, (this.#supply.get(event.asset) ?? 0) + event.amountUnits);
    }
    this.#monitor.follow(events);
    if (!thoroughly) return null;
    checkInvariants(exchange, events, before, this.#supply);
    const [ours, theirs] = [exchange.stateHash(), this.#reference.stateHash()];
    return ours === theirs ? null : `the state hash is ${ours}, the reference has ${theirs}`;
  }
}

/** A step that the exchange takes by itself: nothing else in a command on orders leads to another phase than HALTED. */
function isResumption(event: ExchangeEvent): boolean {
  return event.type === 'TradingStatusChanged' && event.status !== 'HALTED';
}

/** The reference tells no rules. */
function withoutRules(event: ExchangeEvent): ExchangeEvent {
  return 'rules' in event ? { ...event, rules: [] } : event;
}

/** Of the rules that a refusal carries, the first that did not pass is its reason, with the same arithmetic. */
function checkRules(event: ExchangeEvent): void {
  if (!('rules' in event) || event.rules.length === 0 || event.reason === 'BATCH_REJECTED') return;
  const failed = event.rules.find(({ passed }) => !passed);
  const told = ({
    limit,
    current,
    projected,
  }: {
    limit: number | null;
    current: number | null;
    projected: number | null;
  }) => JSON.stringify([limit, current, projected]);
  must(failed?.rule === event.reason, `refused by ${event.reason}, the rules say ${failed?.rule}`);
  must(told(failed!) === told(event), `${event.reason}: other arithmetic among the rules`);
}

function firstDifference(ours: readonly ExchangeEvent[], theirs: readonly ExchangeEvent[]): string | null {
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    if (isEqual(ours[index], theirs[index])) continue;
    const told = (event: ExchangeEvent | undefined) => (event === undefined ? 'nothing' : JSON.stringify(event));
    return `event ${index} is ${told(ours[index])}, the reference tells ${told(theirs[index])}`;
  }
  return null;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return keys.length === others.length && keys.every((key) => key in right && isEqual(left[key], right[key]));
}
