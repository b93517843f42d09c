/**
 * The simulator: participants with accounts of their own who trade through the engine as everybody does.
 *
 * A timer moves the model step by step; what participants decide is sent as commands, within a command rate and a number
 * of commands under way; what does not fit is left out, never queued. A participant is asked again once all its
 * commands are answered. While the engine is not available nobody is asked, for 0.1 s at first and 5 s at most.
 */
import type { Command } from '../../../core/exchange/command.js';
import type { ExchangeEvent } from '../../../core/exchange/event.js';
import {
  type CommandOutcome,
  type EngineClient,
  EngineUnavailableError,
  OutcomeUnknownError,
} from '../../../ports/engine-client.js';
import type { EventFeed } from '../../../ports/event-feed.js';
import type { Log } from '../../../ports/log.js';
import { openSimulatorAccounts, replenish } from './accounts.js';
import { checkSimulatorConfig, DEFAULT_SIMULATOR_CONFIG, type SimulatorConfig } from './config.js';
import type { Desk } from './desk.js';
import { MarketModel, type SimulatorAccounts } from './market-model.js';
import { SimulatorMarketView } from './market-view.js';

export interface SimulatorOptions {
  readonly engine: EngineClient;
  readonly feed: EventFeed;
  /** 0 to 2^32 − 1. */
  readonly seed: number;
  readonly config?: Partial<SimulatorConfig>;
  readonly log?: Log;
}

export interface SimulatorStats {
  readonly running: boolean;
  readonly steps: number;
  /** Commands sent and answered. */
  readonly commands: number;
  readonly trades: number;
  readonly workingOrders: number;
  /** Commands that the exchange refused, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Decisions left out because of the command rate. */
  readonly skipped: number;
  /** Commands that the engine could not take or did not answer in time. */
  readonly unavailable: number;
}

export interface Simulator {
  /**
   * Opens and funds what is missing and begins to trade.
   * @throws RangeError where an instrument is not listed; Error where the engine refuses accounts or money
   */
  start(): Promise<void>;
  /** Stops trading; resolves when no command is under way. */
  stop(): Promise<void>;
  stats(): SimulatorStats;
}

const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 5_000;
/** Steps for which a participant rests after a refusal. */
const REFUSAL_STEPS = 3;
const REPLENISH_EVERY_STEPS = 100;
const STOP_WITHIN_MS = 5_000;

export function createSimulator(options: SimulatorOptions): Simulator {
  const simulation = new Simulation(options);
  let timer: NodeJS.Timeout | null = null;
  const endTimer = () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const tick = () => {
    try {
      simulation.step();
    } catch (error) {
      // What is wrong with a simulated participant must not end the exchange that real ones trade on.
      endTimer();
      options.log?.('error', 'simulator stopped', { error: error instanceof Error ? error.stack : String(error) });
    }
  };
  return {
    async start() {
      if (timer !== null) return;
      await simulation.open();
      timer = setInterval(tick, simulation.config.stepMs);
      timer.unref();
    },
    async stop() {
      endTimer();
      await simulation.close();
    },
    stats: () => ({ running: timer !== null, ...simulation.stats() }),
  };
}

interface Seat {
  readonly desk: Desk;
  /** Commands under way. */
  busy: number;
  /** Step from which it is asked again. */
  restsUntil: number;
}

/** The simulator without its timer. */
export class Simulation {
  readonly config: SimulatorConfig;
  readonly view = new SimulatorMarketView();
  readonly #rejects: Record<string, number> = {};
  #model: MarketModel | null = null;
  #accounts: SimulatorAccounts | null = null;
  #seats: Seat[] = [];
  #unfollow: (() => void) | null = null;
  #steps = 0;
  #tokens = 0;
  #commands = 0;
  #trades = 0;
  #skipped = 0;
  #unavailable = 0;
  #backoffMs = 0;
  #pausedSteps = 0;
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly options: SimulatorOptions) {
    this.config = { ...DEFAULT_SIMULATOR_CONFIG, ...options.config };
    checkSimulatorConfig(this.config);
  }

  /** The model, once open. */
  get model(): MarketModel {
    if (this.#model === null) throw new Error('the simulation is not open');
    return this.#model;
  }

  get accounts(): SimulatorAccounts {
    if (this.#accounts === null) throw new Error('the simulation is not open');
    return this.#accounts;
  }

  async open(): Promise<void> {
    if (this.#unfollow !== null) return;
    const { engine, feed, seed } = this.options;
    this.#unfollow = await feed.follow(this.view);
    try {
      this.#accounts = await openSimulatorAccounts(engine, this.view, this.config);
      this.#model = new MarketModel(seed, this.config, this.#accounts, this.view);
      this.#seats = this.#model.desks.map((desk) => ({ desk, busy: 0, restsUntil: 0 }));
    } catch (error) {
      this.#unfollow();
      this.#unfollow = null;
      throw error;
    }
  }

  /** Moves the model on and sends what participants decide. */
  step(): void {
    const { model, config } = this;
    this.#steps += 1;
    model.step();
    const perStep = (config.commandsPerSecond * config.stepMs) / 1000;
    this.#tokens = Math.min(this.#tokens + perStep, Math.max(1, 2 * perStep));
    const paused = this.#pausedSteps > 0;
    if (paused) this.#pausedSteps -= 1;
    else if (this.#steps % REPLENISH_EVERY_STEPS === 0) this.#replenish();
    // Everybody is asked at each step, since random streams go by steps; who is first changes, or the last would starve.
    const first = this.#steps % Math.max(1, this.#seats.length);
    for (let at = 0; at < this.#seats.length; at += 1) {
      const seat = this.#seats[(first + at) % this.#seats.length];
      if (seat !== undefined) this.#ask(seat, paused);
    }
  }

  /** Resolves when no command is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    if (this.#unfollow === null) return;
    await within(STOP_WITHIN_MS, this.settled());
    if (this.config.atStop === 'withdraw') await within(STOP_WITHIN_MS, this.#withdraw());
    this.#unfollow();
    this.#unfollow = null;
  }

  stats(): Omit<SimulatorStats, 'running'> {
    return {
      steps: this.#steps,
      commands: this.#commands,
      trades: this.#trades,
      workingOrders: this.view.workingOrders,
      rejects: { ...this.#rejects },
      skipped: this.#skipped,
      unavailable: this.#unavailable,
    };
  }

  #ask(seat: Seat, paused: boolean): void {
    const intents = this.model.decide(seat.desk);
    if (paused || seat.busy > 0 || seat.restsUntil > this.#steps || !this.model.isOpen(seat.desk)) return;
    for (const [at, intent] of intents.entries()) {
      if (this.#tokens < 1 || this.#underWay.size >= this.config.maxInFlight) {
        this.#skipped += intents.length - at;
        return;
      }
      this.#tokens -= 1;
      this.#send(intent, seat);
    }
  }

  #send(command: Command, seat: Seat | null): void {
    if (seat !== null) seat.busy += 1;
    const sent = this.#submit(command, seat).finally(() => {
      if (seat !== null) seat.busy -= 1;
      this.#underWay.delete(sent);
    });
    this.#underWay.add(sent);
  }

  async #submit(command: Command, seat: Seat | null): Promise<void> {
    try {
      const outcome = await this.options.engine.submit(command);
      this.#backoffMs = 0;
      this.#count(outcome, seat);
    } catch (error) {
      this.#backOff(error, command);
    }
  }

  #count(outcome: CommandOutcome, seat: Seat | null): void {
    this.#commands += 1;
    for (const event of outcome.events) {
      if (event.type === 'OrdersTraded') this.#trades += 1;
      const reason = refusalOf(event);
      if (reason === null) continue;
      this.#rejects[reason] = (this.#rejects[reason] ?? 0) + 1;
      if (seat !== null) seat.restsUntil = this.#steps + REFUSAL_STEPS;
    }
  }

  #backOff(error: unknown, command: Command): void {
    this.#unavailable += 1;
    const expected = error instanceof EngineUnavailableError || error instanceof OutcomeUnknownError;
    if (this.#pausedSteps > 0 && expected) return;
    this.#backoffMs = Math.min(Math.max(FIRST_BACKOFF_MS, 2 * this.#backoffMs), LAST_BACKOFF_MS);
    this.#pausedSteps = Math.ceil(this.#backoffMs / this.config.stepMs);
    this.options.log?.(expected ? 'warn' : 'error', 'simulator waits for the engine', {
      command: command.type,
      backoffMs: this.#backoffMs,
      error: error instanceof Error ? error.message : String(error),
    });
  }

  #replenish(): void {
    for (const command of replenish(this.view, this.accounts, this.config, this.options.feed.lastSequence)) {
      this.#send(command, null);
    }
  }

  async #withdraw(): Promise<void> {
    const { makers, taker, patient, trend } = this.accounts;
    for (const account of [...makers, taker, patient, trend]) {
      this.#send({ type: 'CancelAllOrders', account, instrument: null, side: null }, null);
    }
    await this.settled();
  }
}

function refusalOf(event: ExchangeEvent): string | null {
  return event.type === 'OrderRejected' || event.type === 'RequestRejected' ? event.reason : null;
}

/** Resolves with the work or after the time, whichever is first. */
async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
