/** A platform of the demo's own, and what the scenarios ask of it over GraphQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../lib/project.mjs';

const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 12_000;
const ANSWER_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** Starts a platform in a new folder. @throws Error with what it printed where it does not get ready */
export async function startVenue() {
  const dataDir = await mkdtemp(join(tmpdir(), 'tradsys-demo-'));
  const flags = ['start', '--json', '--port', '0', '--data-dir', dataDir, '--no-simulator'];
  const child = spawn(process.execPath, ['bin/tradsys.mjs', ...flags], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LOG_LEVEL: 'warn' },
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    await exited;
    clearTimeout(late);
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const url = await readyUrl(child, exited);
    const credentials = JSON.parse(await readFile(join(dataDir, 'dev-credentials.json'), 'utf8'));
    return new Venue(url, credentials, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readyUrl(child, exited) {
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const ready = new Promise((done) => {
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const [, url] = /"graphql"\s*:\s*"([^"]+)"/.exec(printed) ?? [];
      if (url !== undefined) done(url);
    });
  });
  const timer = new Promise((_, fail) => {
    setTimeout(() => fail(new Error(`the platform was not ready in time:\n${printed}`)), READY_WITHIN_MS).unref();
  });
  const ended = exited.then(() => {
    throw new Error(`the platform ended before it was ready:\n${printed}`);
  });
  return Promise.race([ready, ended, timer]);
}

/** What scenarios do, as users of the development credentials: admin, risk, trader, trader2. */
class Venue {
  constructor(url, credentials, stop) {
    this.url = url;
    this.credentials = credentials;
    this.stop = stop;
  }

  /** Returns the data of an answer. @throws Error with the first error of it */
  async ask(who, query, variables = {}) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        authorization: `Bearer ${this.credentials[who].token}`,
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const { data, errors } = await response.json();
    if (errors !== undefined) throw new Error(`${errors[0].message} (in ${query.slice(0, 120)})`);
    return data;
  }

  /** Asks until the condition holds of the answer, which it returns. */
  async until(who, query, variables, holds) {
    for (const endsAt = Date.now() + ANSWER_WITHIN_MS; Date.now() < endsAt; ) {
      const data = await this.ask(who, query, variables);
      if (holds(data)) return data;
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
    throw new Error(`what the scenario waits for did not happen (in ${query.slice(0, 120)})`);
  }
}
