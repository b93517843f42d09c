/** The soak itself: starts the platform, the readers and the stalled readers, and watches. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Reader } from './reader.js';

export interface SoakOptions {
  readonly seconds: number;
  readonly subscribers: number;
}

export interface Claim {
  readonly what: string;
  readonly holds: boolean;
  readonly found: string;
}

export interface Sample {
  readonly second: number;
  readonly residentMb: number;
  readonly sockets: number;
  readonly messages: number;
}

export interface SoakReport {
  readonly samples: readonly Sample[];
  readonly claims: readonly Claim[];
}

/** One reader in this many stops for good. */
const STALLED_EACH = 100;
const SYMBOLS = ['AAPL', 'MSFT', 'KO', 'PEP', 'BTC-USD', 'ETH-USD'];
const CLOSED_WITHIN_S = 30;
/** Growth that a warm server may show beyond its first third: journal buffers, caches and garbage not yet collected. */
const MAX_GROWTH_MB = 150;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;

interface Server {
  readonly url: string;
  readonly child: ChildProcess;
  readonly dataDir: string;
}

async function startServer(): Promise<Server> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tradsys-soak-'));
  const bin = resolve(import.meta.dirname, '../../../bin/tradsys.mjs');
  const child = spawn(process.execPath, [bin, 'start', '--json', '--port', '0', '--data-dir', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // What it logs is looked at only where it does not start.
  let logged = '';
  child.stderr?.on('data', (chunk) => {
    logged = `${logged}${String(chunk)}`.slice(-4_000);
  });
  let output = '';
  const url = await new Promise<string>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`the platform was not ready in time:\n${logged}`)), READY_WITHIN_MS);
    child.once('exit', (code) => fail(new Error(`the platform ended with ${code}:\n${logged}`)));
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      const ready = /"graphql"\s*:\s*"([^"]+)"/.exec(output)?.[1];
      if (ready === undefined) return;
      clearTimeout(timer);
      child.stdout?.removeAllListeners('data').resume();
      done(ready);
    });
  });
  return { url, child, dataDir };
}

async function stopServer({ child, dataDir }: Server): Promise<void> {
  child.removeAllListeners('exit');
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(late);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1000;
}

async function openSockets(url: string): Promise<number> {
  const text = await (await fetch(url.replace(/graphql$/, 'metrics'))).text();
  return Number(/^tradsys_router_sockets (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

export async function soak({ seconds, subscribers }: SoakOptions, print: (line: string) => void): Promise<SoakReport> {
  const server = await startServer();
  const readers: Reader[] = [];
  try {
    for (let index = 0; index < subscribers; index += 1) {
      readers.push(
        new Reader(server.url, SYMBOLS[index % SYMBOLS.length] ?? 'MSFT', index % 2 === 0 ? 'book' : 'ticks'),
      );
      if (index % 50 === 49) await sleep(20);
    }
    await Promise.all(readers.map((reader) => reader.ready));
    const stalled = readers.filter((_, index) => index % STALLED_EACH === STALLED_EACH - 1);
    const live = readers.filter((reader) => !stalled.includes(reader));
    for (const reader of stalled) reader.stall();
    print(`${live.length} readers and ${stalled.length} that stopped reading, ${seconds} s`);
    const samples: Sample[] = [];
    let allClosedAt: number | null = null;
    const startedAt = performance.now();
    for (let second = 1; second <= seconds; second += 1) {
      await sleep(Math.max(0, startedAt + second * 1000 - performance.now()));
      const sockets = await openSockets(server.url);
      if (sockets <= live.length) allClosedAt ??= second;
      if (second % 5 !== 0 && second !== seconds) continue;
      const messages = live.reduce((sum, reader) => sum + reader.received, 0);
      const sample = { second, residentMb: await residentMb(server.child.pid ?? 0), sockets, messages };
      samples.push(sample);
      print(
        `${String(second).padStart(5)} s  ${sample.residentMb.toFixed(0).padStart(5)} MB  ${sockets} sockets  ${messages} messages`,
      );
    }
    return { samples, claims: claimsOf({ samples, live, allClosedAt, seconds }) };
  } finally {
    for (const reader of readers) reader.stop();
    await stopServer(server);
  }
}

function claimsOf(run: {
  samples: readonly Sample[];
  live: readonly Reader[];
  allClosedAt: number | null;
  seconds: number;
}) {
  const { samples, live, allClosedAt, seconds } = run;
  const faults = live.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const starved = live.filter(({ received }) => received < 2).length;
  const delays = live.flatMap(({ delaysMs }) => delaysMs).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
  const warm = samples[Math.floor(samples.length / 3)]?.residentMb ?? 0;
  const peak = Math.max(...samples.slice(Math.floor(samples.length / 3)).map(({ residentMb: mb }) => mb));
  const claims: Claim[] = [
    {
      what: 'every live copy of a book fits and matches its checksums, no live reader was closed',
      holds: faults.length === 0,
      found: faults.length === 0 ? `${live.length} readers` : `${faults.length} faults, the first: ${faults[0]}`,
    },
    { what: 'no live reader starves', holds: starved === 0, found: `${starved} with fewer than two messages` },
    {
      what: 'delay from engine to reader',
      holds: at(0.5) < 1000,
      found: `p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms`,
    },
    {
      what: `memory grows by less than ${MAX_GROWTH_MB} MB once warm`,
      holds: peak - warm < MAX_GROWTH_MB,
      found: `${warm.toFixed(0)} MB warm, ${peak.toFixed(0)} MB at most`,
    },
  ];
  if (seconds >= CLOSED_WITHIN_S) {
    claims.push({
      what: `stalled readers are closed within ${CLOSED_WITHIN_S} s`,
      holds: allClosedAt !== null && allClosedAt <= CLOSED_WITHIN_S,
      found: allClosedAt === null ? 'not all' : `after ${allClosedAt} s`,
    });
  }
  return claims;
}
