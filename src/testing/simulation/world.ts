/**
 * One run of the simulated world: an engine on its journal, a projector and two clients on a bus, which a seed drives through
 * orders, kills, power cuts, partitions, lost, late and repeated messages, and a disk that fails.
 */
import { MemoryBroker, MemoryBus, type Network } from '../../adapters/memory/memory-bus.js';
import type { Command } from '../../core/exchange/command.js';
import { anOrder, setupCommands } from '../../core/testing/fixtures.js';
import { createRandom, type Recorder } from '../../engine/testing/engine-kit.js';
import { type CommandOutcome, OutcomeUnknownError } from '../../ports/engine-client.js';
import { JournalCorruptError } from '../../ports/journal.js';
import { installWorld } from './builtins.js';
import { check, replay, Violation } from './checks.js';
import { type ClientNode, type EngineNode, runClient, runEngine, runProjector, SimulatedReadModel } from './nodes.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedProcess, SimulatedTime } from './simulated-time.js';

export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  /** A disk that tells syncs as done and does none: the run must find that out. */
  readonly ignoresSync: boolean;
}

export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  readonly violation: string | null;
  /** Step at which it was found. */
  readonly atStep: number | null;
  readonly traceHash: string;
  readonly happenings: number;
  readonly commands: number;
  readonly answered: number;
  readonly faults: Readonly<Record<string, number>>;
}

const CLIENTS = ['client-1', 'client-2'];
const RECOVERED_WITHIN_MS = 120_000;
const RESTART_MS = 100;

export class World {
  readonly #time = new SimulatedTime();
  readonly #random: (below: number) => number;
  readonly #disk: SimulatedDisk;
  readonly #broker: MemoryBroker;
  readonly #readModel: SimulatedReadModel;
  readonly #processes = new Map<string, SimulatedProcess>();
  readonly #starts = new Map<string, number>();
  readonly #cut = new Set<string>();
  readonly #clients = new Map<string, ClientNode>();
  readonly #answers: CommandOutcome[] = [];
  /** Orders without an answer, to be asked about again. */
  readonly #unknown: Command[] = [];
  readonly #faults: Record<string, number> = {};
  #engine: EngineNode | null = null;
  #orders = 0;
  #commands = 0;
  #violation: Violation | null = null;

  constructor(private readonly options: RunOptions) {
    this.#random = createRandom(options.seed);
    this.#disk = new SimulatedDisk(this.#time, this.#random, (process) => this.#starts.get(process?.name ?? '') ?? 0);
    this.#disk.faults.ignoresSync = options.ignoresSync;
    this.#broker = new MemoryBroker(this.#carry);
    this.#readModel = new SimulatedReadModel(this.#time, this.#random);
  }

  async run(): Promise<RunResult> {
    const { seed, steps } = this.options;
    installWorld(this.#time, this.#disk, this.#random);
    let step = 0;
    try {
      this.#startAll();
      await this.#recovered();
      for (const command of setupCommands()) this.#submit(CLIENTS[0] ?? '', command);
      await this.#time.advance(1_000);
      for (; step < steps; step += 1) await this.#step();
      await this.#settle();
      await this.#compare();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#violation = error;
    }
    return {
      seed,
      steps,
      violation: this.#violation?.message ?? null,
      atStep: this.#violation === null ? null : step,
      traceHash: this.#time.traceHash(),
      happenings: this.#time.happened,
      commands: this.#commands,
      answered: this.#answers.length,
      faults: this.#faults,
    };
  }

  async #step(): Promise<void> {
    const kind = this.#random(100);
    if (kind < 80) {
      const client = CLIENTS[this.#random(CLIENTS.length)] ?? '';
      for (let count = 1 + this.#random(4); count > 0; count -= 1) this.#submit(client, this.#nextCommand());
      await this.#time.advance(this.#random(30));
    } else if (kind < 83) await this.#fault('kill engine', () => this.#kill('engine'));
    else if (kind < 86) {
      await this.#fault('power cut', () => {
        this.#kill('engine');
        this.#disk.cutPower();
      });
    } else if (kind < 88) await this.#fault('kill projector', () => this.#kill('projector'));
    else if (kind < 90) await this.#fault('kill client', () => this.#kill(CLIENTS[this.#random(2)] ?? ''));
    else if (kind < 94) this.#partition();
    else if (kind < 96) this.#heal();
    else if (kind < 97) {
      this.#count('bus wiped');
      this.#broker.wipe();
    } else if (kind < 98) {
      this.#count('bus away');
      this.#broker.up = false;
      await this.#time.advance(this.#random(4_000));
      this.#broker.up = true;
    } else if (kind < 99) {
      this.#count('sync fails');
      this.#disk.faults.failsNextSync = true;
    } else await this.#diskFull();
    if (this.#violation !== null) throw this.#violation;
  }

  /** Something dies with work under way; it comes back, and everything is compared. */
  async #fault(name: string, strike: () => void): Promise<void> {
    this.#count(name);
    for (const client of CLIENTS) this.#submit(client, this.#nextCommand());
    await this.#time.advance(this.#random(6_000) / 1_000);
    strike();
    await this.#settle();
    await this.#compare();
  }

  async #diskFull(): Promise<void> {
    this.#count('disk full');
    this.#disk.faults.isFull = true;
    this.#submit(CLIENTS[0] ?? '', this.#nextCommand());
    await this.#time.advance(200 + this.#random(2_000));
    this.#disk.faults.isFull = false;
  }

  #partition(): void {
    const names = ['engine', 'projector', ...CLIENTS];
    const one = names[this.#random(names.length)] ?? '';
    this.#count('partition');
    // The log belongs to the bus; who is cut off is cut off from it, too.
    for (const other of [...names, 'log']) this.#cut.add(`${one} ${other}`).add(`${other} ${one}`);
  }

  #heal(): void {
    this.#cut.clear();
  }

  /** The network: messages take their time, overtake each other, come twice or not at all. */
  readonly #carry: Network = (from, to, arrive) => {
    // What the log answers runs on in the process that asked it.
    const process = this.#processes.get(to === 'log' ? from : to) ?? null;
    if (this.#cut.has(`${from} ${to}`)) return;
    const deliver = () => {
      const ms = this.#random(20) === 0 ? this.#random(400) : this.#random(3_000) / 1_000;
      this.#time.after(ms, `message ${from} ${to}`, arrive, process);
    };
    const kind = this.#random(100);
    if (kind === 0) return;
    deliver();
    if (kind === 1 && to !== 'log') deliver();
  };

  #nextCommand(): Command {
    const again = this.#random(3) === 0 ? this.#unknown.shift() : undefined;
    if (again !== undefined) return again;
    this.#orders += 1;
    const account = 1 + this.#random(2);
    if (this.#random(12) === 0) return { type: 'CancelOrder', account, orderId: this.#random(this.#orders) };
    if (this.#random(20) === 0) {
      return {
        type: 'AdjustBalance',
        account,
        asset: this.#random(2),
        amountUnits: 1_000,
        transferId: `t${this.#orders}`,
      };
    }
    return anOrder({
      account,
      side: this.#random(2) === 0 ? 'BUY' : 'SELL',
      priceTicks: 95 + this.#random(10),
      orderQtyLots: 1 + this.#random(30),
      timeInForce: this.#random(4) === 0 ? 'IOC' : 'GTC',
      clOrdId: `o${this.#orders}`,
    });
  }

  #submit(name: string, command: Command): void {
    const process = this.#processes.get(name) ?? null;
    const client = this.#clients.get(name);
    if (client === undefined || process?.alive !== true) return;
    this.#commands += 1;
    this.#time.after(
      0,
      `submit ${name}`,
      () => {
        client.engine.submit(command).then(
          (outcome) => this.#answers.push(outcome),
          (error: unknown) => {
            const isRepeatable = command.type === 'PlaceOrder' || command.type === 'AdjustBalance';
            if (error instanceof OutcomeUnknownError && isRepeatable) this.#unknown.push(command);
          },
        );
      },
      process,
    );
  }

  #startAll(): void {
    for (const name of ['engine', 'projector', ...CLIENTS]) this.#start(name);
  }

  #start(name: string): void {
    const process = new SimulatedProcess(name);
    const incarnation = (this.#starts.get(name) ?? 0) + 1;
    this.#starts.set(name, incarnation);
    this.#processes.set(name, process);
    const fail = (error: unknown): void => {
      if (!process.alive) return;
      this.#time.note(`${name} ends: ${String(error)}`);
      if (error instanceof JournalCorruptError)
        this.#violation ??= new Violation(`the journal does not read any more: ${error.message}`);
      else if (name !== 'engine') this.#violation ??= new Violation(`${name} ended: ${describe(error)}`);
      this.#kill(name);
    };
    this.#time.after(0, `start ${name}`, () => void this.#main(name, incarnation, fail).catch(fail), process);
  }

  async #main(name: string, incarnation: number, fail: (error: unknown) => void): Promise<void> {
    if (name === 'engine') this.#engine = await runEngine(this.#broker, incarnation, fail);
    else if (name === 'projector') await runProjector(this.#broker, this.#readModel, fail);
    else this.#clients.set(name, await runClient(this.#broker, name, incarnation, fail));
  }

  /** Ends a process as kill -9 does, and starts it again a little later. */
  #kill(name: string): void {
    const process = this.#processes.get(name);
    if (process?.alive !== true) return;
    process.alive = false;
    if (name === 'engine') this.#engine = null;
    this.#clients.delete(name);
    MemoryBus.forget(this.#broker, name);
    this.#time.after(RESTART_MS, `restart ${name}`, () => this.#start(name), null);
  }

  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
    this.#time.note(fault);
  }

  async #recovered(): Promise<void> {
    const isUp = () =>
      this.#violation !== null ||
      (this.#engine?.engine.status.state === 'running' && this.#clients.size === CLIENTS.length);
    if (!(await this.#time.advance(RECOVERED_WITHIN_MS, isUp)))
      throw new Violation(`not everything is back within ${RECOVERED_WITHIN_MS} ms`);
    if (this.#violation !== null) throw this.#violation;
  }

  /** Everything is whole again, and nothing is under way. */
  async #settle(): Promise<void> {
    this.#heal();
    this.#broker.up = true;
    this.#disk.faults.isFull = false;
    await this.#recovered();
    // What is lost is told as such, before anybody waits for it.
    await this.#compare(false);
    const isQuiet = () => {
      const last = this.#engine?.engine.status.eventSequence ?? -1;
      const views = [...this.#clients.values()].map(({ view }) => lastOf(view));
      return (
        this.#engine?.engine.status.pendingCommands === 0 &&
        this.#readModel.events.length === last &&
        views.every((at) => at === last)
      );
    };
    for (let quiet = 0; quiet < 3; ) {
      await this.#recovered();
      if (!(await this.#time.advance(RECOVERED_WITHIN_MS, () => isQuiet() || this.#violation !== null))) {
        throw new Violation(`not everything catches up within ${RECOVERED_WITHIN_MS} ms: ${this.#progress()}`);
      }
      if (this.#violation !== null) throw this.#violation;
      await this.#time.advance(500);
      quiet = isQuiet() ? quiet + 1 : 0;
    }
  }

  #progress(): string {
    const { eventSequence, pendingCommands } = this.#engine?.engine.status ?? {
      eventSequence: null,
      pendingCommands: null,
    };
    const views = [...this.#clients].map(([name, { view }]) => `${name} has ${lastOf(view)}`);
    return `the engine has event ${eventSequence} and ${pendingCommands} commands pending, ${views.join(', ')}, the read model ${this.#readModel.events.length}`;
  }

  /** @param isQuiet nothing is under way, so that the state is the journal's */
  async #compare(isQuiet = true): Promise<void> {
    const node = this.#engine;
    if (node === null) throw new Violation('the engine is not there');
    // As it is now: what becomes durable while the journal is read is not in the replay.
    const seen = {
      answers: [...this.#answers],
      views: [...this.#clients.values()].map(({ view }) => [...view.events]),
      readModel: [...this.#readModel.events],
    };
    const work = Promise.all([replay(node.journal), isQuiet ? node.engine.stateHash() : null]);
    let done: Awaited<typeof work> | null = null;
    let failure: unknown = null;
    await this.#time.as(null, () => {
      work.then(
        (result) => {
          done = result;
        },
        (error: unknown) => {
          failure = error;
        },
      );
    });
    await this.#time.advance(RECOVERED_WITHIN_MS, () => done !== null || failure !== null);
    // A sync that was to fail may have failed meanwhile: then the engine that comes back is looked at.
    if (done === null && isQuiet) await this.#time.advance(10);
    if (done === null && isQuiet && this.#engine !== node) {
      await this.#settle();
      return this.#compare();
    }
    if (done === null) throw new Violation(`the journal cannot be replayed: ${describe(failure)}`);
    const [replayed, hash] = done as Awaited<typeof work>;
    check(replayed, seen);
    if (!isQuiet) return;
    const expected = replayed.exchange.stateHash();
    if (hash !== expected) throw new Violation(`the state has hash ${hash}; its journal gives ${expected}`);
    this.#time.note(`state ${hash}`);
  }
}

function lastOf(view: Recorder): number {
  return view.events.at(-1)?.sequence ?? view.imageSequence;
}

function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.message}${error.cause === undefined ? '' : ` (${describe(error.cause)})`}`
    : String(error);
}
