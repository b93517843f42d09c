#!/usr/bin/env node
// Asks this container's own process for its health: `healthcheck.mjs` whether it lives, `healthcheck.mjs ready` whether it works.
const path = process.argv[2] === 'ready' ? '/readyz' : '/healthz';
try {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT || 4000}${path}`, {
    signal: AbortSignal.timeout(3_000),
  });
  if (!response.ok) process.stderr.write(`${path}: ${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${path}: ${error.cause?.code ?? error.message}\n`);
  process.exitCode = 1;
}
