#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';

const project = new URL('../', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

/** In a checkout the program is built on first use and after a change; an installed or containerised one has no sources to build. */
async function buildCheckout() {
  const isCheckout = existsSync(new URL('src/cli/main.ts', project));
  if (!isCheckout) return;
  const { build } = await import(new URL('scripts/lib/build.mjs', project).href);
  try {
    await build({ log: (line) => process.stderr.write(`${line}\n`) });
  } catch (error) {
    // A source that doesn't compile or a folder that can't be written is the user's to mend: the message says it, a stack would hide it.
    throw new Error(`The build failed: ${error.message}`, { cause: 'build' });
  }
}

async function start() {
  if (major < 20 || (major === 20 && minor < 19)) {
    const { engines } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8'));
    process.stderr.write(
      `tradsys needs Node ${engines.node}; this is ${process.version}. Install a newer one: https://nodejs.org\n`,
    );
    return 1;
  }
  process.setSourceMapsEnabled(true);
  await buildCheckout();
  const { main } = await import(new URL('dist/src/cli/main.js', project).href);
  return main(process.argv.slice(2));
}

try {
  process.exitCode = await start();
} catch (error) {
  process.stderr.write(`${error.cause === 'build' ? error.message : (error.stack ?? error)}\n`);
  process.exitCode = 1;
}
