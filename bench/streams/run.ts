/** `npm run bench -- streams`: what telling one event to many subscribers costs the server, beside a bare broadcast. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { median } from '../suite.js';
import type { SubscribersWanted } from './client.js';
import { type BenchServer, startGraphqlWs, startOurs, startRaw } from './servers.js';

const SUBSCRIBERS = [100, 1_000] as const;
/** Deliveries of one pass. */
const DELIVERIES = 100_000;
const WARMUP_DELIVERIES = 30_000;
/** Events under way at once, well within everybody's buffers. */
const WINDOW = 10;
const PASSES = 3;
const GIVE_UP_MS = 60_000;

export interface StreamsRow {
  readonly subscribers: number;
  /** Deliveries a second of server CPU. */
  readonly rawPerSecond: number;
  readonly oursPerSecond: number;
  readonly graphqlWsPerSecond: number;
  readonly ratioToRaw: number;
  readonly graphqlWsToRaw: number;
}

class Subscribers {
  readonly #child: ChildProcess;
  received = 0;

  constructor(wanted: SubscribersWanted) {
    this.#child = fork(new URL('./client.js', import.meta.url), { execArgv: [] });
    this.#child.on('message', (count) => {
      this.received = count as number;
    });
    this.#child.send(wanted);
  }

  async until(count: number): Promise<void> {
    const endsAt = performance.now() + GIVE_UP_MS;
    while (this.received < count) {
      if (performance.now() > endsAt) throw new Error(`${this.received} of ${count} messages arrived in time`);
      await sleep(1);
    }
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Returns deliveries a second of this process's CPU time. */
async function measure(start: () => Promise<BenchServer>, count: number): Promise<number> {
  const server = await start();
  const subscribers = new Subscribers({ url: server.url, count, hello: server.hello });
  try {
    let expected = server.greetings * count;
    await subscribers.until(expected);
    const pass = async (deliveries: number) => {
      for (let event = 0; event < deliveries / count; event += 1) {
        server.publish();
        expected += count;
        await turn();
        if (event % WINDOW === WINDOW - 1) await subscribers.until(expected);
      }
      await subscribers.until(expected);
    };
    await pass(WARMUP_DELIVERIES);
    const before = process.cpuUsage();
    await pass(DELIVERIES);
    const { user, system } = process.cpuUsage(before);
    return (DELIVERIES * 1e6) / (user + system);
  } finally {
    subscribers.stop();
    await server.stop();
  }
}

/** Measures every number of subscribers. @param onRow called as each row is done */
export async function benchStreams(onRow: (row: StreamsRow) => void): Promise<readonly StreamsRow[]> {
  const rows: StreamsRow[] = [];
  for (const subscribers of SUBSCRIBERS) {
    const raw: number[] = [];
    const ours: number[] = [];
    const graphqlWs: number[] = [];
    for (let pass = 0; pass < PASSES; pass += 1) {
      raw.push(await measure(startRaw, subscribers));
      ours.push(await measure(startOurs, subscribers));
      graphqlWs.push(await measure(startGraphqlWs, subscribers));
    }
    const rawPerSecond = median(raw);
    const row: StreamsRow = {
      subscribers,
      rawPerSecond,
      oursPerSecond: median(ours),
      graphqlWsPerSecond: median(graphqlWs),
      ratioToRaw: median(ours) / rawPerSecond,
      graphqlWsToRaw: median(graphqlWs) / rawPerSecond,
    };
    rows.push(row);
    onRow(row);
  }
  return rows;
}
