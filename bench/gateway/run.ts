/**
 * A federated query and a query of one subgraph, over HTTP, through our router and through Hive's gateway as it comes: the same subgraphs,
 * each part in a process of its own, by turns. Operations a second are of the whole machine; processor time is the gateway's alone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { median } from '../suite.js';
import type { WantedGateway } from './gateway.js';
import { ITEM_COUNT } from './items.js';
import type { StartedSubgraphs } from './subgraphs.js';

const ONE = operation('sku title price');
const THREE = operation('sku price soldCount taxLabel');
const ROWS = [
  { title: 'one subgraph', query: ONE, kind: 'ours' },
  { title: 'three subgraphs', query: THREE, kind: 'ours' },
  { title: 'one, in our process', query: ONE, kind: 'embedded' },
  { title: 'three, in our process', query: THREE, kind: 'embedded' },
] as const;
const CONCURRENCY = 16;
const WARMUP = 500;
const REQUESTS = 2_000;
const PASSES = 3;

/** Ten items by variables that differ from request to request, as those of many clients do. */
function operation(fields: string): string {
  const keys = Array.from({ length: 10 }, (_, index) => `$k${index}: ID!`).join(', ');
  const items = Array.from({ length: 10 }, (_, index) => `i${index}: item(sku: $k${index}) { ${fields} }`).join(' ');
  return `query Items(${keys}) { ${items} }`;
}

function bodyOf(query: string, request: number): string {
  const variables = Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [`k${index}`, `I${(request * 7 + index * 101) % ITEM_COUNT}`]),
  );
  return JSON.stringify({ query, variables });
}

interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
}

export interface GatewayRow {
  readonly operation: string;
  readonly ours: Measured;
  readonly stock: Measured;
  /** Of ours to the stock gateway's: operations a second, and processor time saved. */
  readonly throughputRatio: number;
  readonly cpuRatio: number;
}

class Child {
  readonly process: ChildProcess;

  constructor(file: string) {
    this.process = fork(new URL(file, import.meta.url), { execArgv: [] });
  }

  async ask<Answer>(message?: string | WantedGateway): Promise<Answer> {
    const answered = once(this.process, 'message');
    if (message !== undefined) this.process.send(message);
    return (await answered)[0] as Answer;
  }

  stop(): void {
    this.process.disconnect();
  }
}

function send(url: string, body: string, agent: Agent): Promise<string> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => done(text));
    });
    sent.once('error', fail);
    sent.end(body);
  });
}

/** Sends so many, a few at once. @returns how long each took, ms */
async function load(url: string, query: string, count: number, agent: Agent): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const startedMs = performance.now();
      await send(url, bodyOf(query, left), agent);
      times.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return times;
}

async function measure(gateway: Child, url: string, query: string, agent: Agent): Promise<Measured> {
  await load(url, query, WARMUP, agent);
  const before = await gateway.ask<{ usedUs: number }>('usage');
  const startedMs = performance.now();
  const times = (await load(url, query, REQUESTS, agent)).sort((a, b) => a - b);
  const tookMs = performance.now() - startedMs;
  const after = await gateway.ask<{ usedUs: number }>('usage');
  return {
    perSecond: (REQUESTS * 1_000) / tookMs,
    p50Ms: times[Math.floor(REQUESTS * 0.5)] ?? 0,
    p99Ms: times[Math.floor(REQUESTS * 0.99)] ?? 0,
    cpuUs: (after.usedUs - before.usedUs) / REQUESTS,
  };
}

/** Both must answer the same, or nothing is compared. @throws Error where they do not */
async function checkAnswers(urls: readonly string[], query: string, agent: Agent): Promise<void> {
  const answers = await Promise.all(urls.map((url) => send(url, bodyOf(query, 1), agent)));
  const [first, ...others] = answers.map((text) =>
    JSON.stringify((JSON.parse(text) as { data?: unknown }).data ?? null),
  );
  if (first === 'null' || others.some((other) => other !== first)) {
    throw new Error(`the gateways answer differently: ${answers.map((text) => text.slice(0, 300)).join('\n')}`);
  }
}

function middle(measured: readonly Measured[]): Measured {
  const of = (key: keyof Measured) => median(measured.map((each) => each[key]));
  return { perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuUs: of('cpuUs') };
}

/** @param onRow called as each row is done */
export async function benchGateways(onRow: (row: GatewayRow) => void): Promise<readonly GatewayRow[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const shop = new Child('./subgraphs.js');
  const gateways = {
    ours: new Child('./gateway.js'),
    embedded: new Child('./gateway.js'),
    stock: new Child('./gateway.js'),
  };
  try {
    const started = await shop.ask<StartedSubgraphs>();
    const start = async (kind: keyof typeof gateways) =>
      (await gateways[kind].ask<{ url: string }>({ ...started, kind })).url;
    const urls = { ours: await start('ours'), embedded: await start('embedded'), stock: await start('stock') };
    const rows: GatewayRow[] = [];
    for (const { title, query, kind } of ROWS) {
      await checkAnswers([urls[kind], urls.stock], query, agent);
      const measured: { ours: Measured[]; stock: Measured[] } = { ours: [], stock: [] };
      for (let pass = 0; pass < PASSES; pass += 1) {
        measured.ours.push(await measure(gateways[kind], urls[kind], query, agent));
        measured.stock.push(await measure(gateways.stock, urls.stock, query, agent));
      }
      const [own, peer] = [middle(measured.ours), middle(measured.stock)];
      const ratios = { throughputRatio: own.perSecond / peer.perSecond, cpuRatio: peer.cpuUs / own.cpuUs };
      const row = { operation: title, ours: own, stock: peer, ...ratios };
      rows.push(row);
      onRow(row);
    }
    return rows;
  } finally {
    for (const child of [...Object.values(gateways), shop]) child.stop();
    agent.destroy();
  }
}
