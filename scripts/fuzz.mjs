// `npm run fuzz -- --minutes N`: builds what is stale, then compares exchange and reference exchange under random commands.
import { build } from './lib/build.mjs';

await build({ log: () => undefined });
await import('../dist/src/core/testing/fuzz-main.js');
