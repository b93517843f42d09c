/** Starts the platform as its own process, as `npm start` does, and ends it as an operator or a crash would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Credentials, RunningPlatform, StartOptions } from './running-platform.js';

export type { RunningPlatform } from './running-platform.js';

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 12_000;
const PROJECT = resolve(import.meta.dirname, '../..');

export async function makeDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tradsys-e2e-'));
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** True where the scenarios run on separate processes (`npm run test:services`). */
export const AS_SERVICES = process.env.TRADSYS_E2E === 'services';

/** Resolves when the platform says it is ready; rejects with its output when it ends or takes too long. */
export async function startPlatform(options: StartOptions): Promise<RunningPlatform> {
  if (AS_SERVICES) return (await import('./services.js')).startAsServices(options);
  return startEmbedded(options);
}

async function startEmbedded(options: StartOptions): Promise<RunningPlatform> {
  const flags = ['start', '--json', '--port', '0', '--data-dir', options.dataDir];
  if (options.simulator !== true) flags.push('--no-simulator');
  const child = spawn(process.execPath, ['bin/tradsys.mjs', ...flags], {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', LOG_LEVEL: 'info', ...options.environment },
  });
  let output = '';
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const url = await readyUrl(child, (text) => {
    output += text;
    return output;
  });
  const credentials = await readCredentials(options.dataDir);
  return {
    url,
    dataDir: options.dataDir,
    credentials,
    pid: child.pid ?? 0,
    metrics: async () => (await fetch(new URL('/metrics', url))).text(),
    output: () => output,
    crash: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
      const code = await exited;
      clearTimeout(late);
      return code;
    },
  };
}

/** In production there are none, and what asks for one finds nothing. */
async function readCredentials(dataDir: string): Promise<Credentials> {
  const text = await readFile(join(dataDir, 'dev-credentials.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Credentials;
}

function readyUrl(child: ChildProcess, append: (text: string) => string): Promise<string> {
  return new Promise((done, fail) => {
    let standardOutput = '';
    let seen = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`not ready within ${READY_WITHIN_MS} ms:\n${seen}`));
    }, READY_WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${code} before it was ready:\n${seen}`));
    });
    child.stderr?.on('data', (chunk) => {
      seen = append(String(chunk));
    });
    child.stdout?.on('data', (chunk) => {
      seen = append(String(chunk));
      standardOutput += String(chunk);
      const ready = /"graphql"\s*:\s*"([^"]+)"/.exec(standardOutput);
      if (ready?.[1] === undefined) return;
      clearTimeout(timer);
      done(ready[1]);
    });
  });
}
