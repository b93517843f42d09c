import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCommands } from '../core/exchange/command-codec.js';
import { Exchange } from '../core/exchange/exchange.js';
import type { Journal } from '../ports/journal.js';
import { createRandom, openEngine, SMALL_EXCHANGE } from './testing/engine-kit.js';

const HOOKS = new URL('./testing/typescript-hooks.mjs', import.meta.url).href;
const CHILD = new URL('./testing/crash-child.ts', import.meta.url);
const REGISTER = `data:text/javascript,import { register } from 'node:module'; register('${HOOKS}');`;

interface Answer {
  readonly lastSequence: number;
  readonly digest: string;
}

/** Starts a trading process on the folder, kills it some time after its first answer and returns what it answered. */
async function tradeUntilKilled(directory: string, seed: number, forMs: number): Promise<Map<number, Answer>> {
  const child = spawn(process.execPath, ['--import', REGISTER, fileURLToPath(CHILD), directory, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let output = '';
  let killed: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    killed ??= setTimeout(() => child.kill('SIGKILL'), forMs);
  });
  const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)));
  clearTimeout(killed);
  expect(signal).toBe('SIGKILL');
  const answers = new Map<number, Answer>();
  // What stands behind the last line break is half a line.
  for (const line of output.split('\n').slice(0, -1)) {
    const [sequence, lastSequence, digest] = line.split(' ');
    if (digest !== undefined) answers.set(Number(sequence), { lastSequence: Number(lastSequence), digest });
  }
  return answers;
}

/** Replays the journal from its first command; each answered command must have done what was answered. */
async function replayFromStart(journal: Journal, answers: ReadonlyMap<number, Answer>): Promise<Exchange> {
  const exchange = new Exchange(SMALL_EXCHANGE);
  let compared = 0;
  for await (const group of journal.read(0)) {
    for (const { command, sequence, timeUs } of decodeCommands(group.bytes)) {
      exchange.apply(command, timeUs);
      const answer = answers.get(sequence);
      if (answer === undefined) continue;
      const digest = createHash('sha256').update(JSON.stringify(exchange.takeEvents())).digest('hex');
      expect({ sequence, lastSequence: exchange.eventSequence, digest }).toEqual({ sequence, ...answer });
      compared += 1;
    }
  }
  expect(compared).toBe(answers.size);
  return exchange;
}

describe('a process that is killed at any moment', () => {
  it('has kept every command that it answered, with the same events, and the same state hash by any way back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tradsys-crash-'));
    try {
      const random = createRandom(Date.now() % 100_000);
      const answers = new Map<number, Answer>();
      for (let round = 1; round <= 6; round += 1) {
        for (const [sequence, answer] of await tradeUntilKilled(directory, round, 1 + random(250))) {
          expect(answers.has(sequence)).toBe(false);
          answers.set(sequence, answer);
        }
        const { engine, journal, fatal } = await openEngine(directory, { limits: { snapshotEveryCommands: 0 } });
        try {
          const replayed = await replayFromStart(journal, answers);
          expect(await engine.stateHash()).toBe(replayed.stateHash());
          expect(engine.feed.lastSequence).toBe(replayed.eventSequence);
          expect(fatal).toEqual([]);
        } finally {
          // An orderly stop every other time, so that some rounds begin behind a snapshot at the very end.
          await (round % 2 === 0 ? engine.stop() : journal.close());
        }
      }
      expect(answers.size).toBeGreaterThan(100);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }, 60_000);
});
