/**
 * `npm run dev`: runs `tradsys start` (with the arguments given) and starts it anew whenever a source changed and compiles.
 * A change that doesn't compile is reported and the running platform stays. The stop is the graceful one, as in production.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from './lib/build.mjs';
import { projectRoot } from './lib/project.mjs';
import { paint } from './lib/terminal.mjs';

/** Looking at some hundred file times costs milliseconds and works on every file system, which recursive watching does not. */
const POLL_MS = 400;
const STOP_TIMEOUT_MS = 15_000;

const say = (line) => console.log(paint.dim(`[dev] ${line}`));
const stopping = new AbortController();
let child;

function start() {
  const platform = spawn(
    process.execPath,
    [join(projectRoot, 'bin', 'tradsys.mjs'), 'start', ...process.argv.slice(2)],
    {
      cwd: projectRoot,
      stdio: 'inherit',
    },
  );
  platform.on('exit', (code, signal) => {
    if (platform !== child) return;
    child = undefined;
    if (!stopping.signal.aborted)
      say(`The platform ended (${signal ?? `exit code ${code}`}); it starts again on the next change.`);
  });
  child = platform;
}

async function stop() {
  const platform = child;
  child = undefined;
  if (platform === undefined || platform.exitCode !== null || platform.signalCode !== null) return;
  const exited = once(platform, 'exit');
  platform.kill('SIGTERM');
  const timer = setTimeout(() => {
    say(`It did not stop within ${STOP_TIMEOUT_MS / 1000} s: killed.`);
    platform.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

/** @returns whether dist/ changed; a compile error is printed once, not at each poll */
let lastError = '';
async function rebuild() {
  try {
    const { written, removed } = await build({ log: say });
    lastError = '';
    return written + removed > 0;
  } catch (error) {
    if (error.message !== lastError) console.error(error.message);
    lastError = error.message;
    return false;
  }
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort());

await rebuild();
start();
while (!stopping.signal.aborted) {
  await sleep(POLL_MS, undefined, { signal: stopping.signal }).catch(() => {});
  if (stopping.signal.aborted || !(await rebuild())) continue;
  say('Starting again.');
  await stop();
  if (!stopping.signal.aborted) start();
}
await stop();
