// `npm run bench`: builds what is stale, then measures.
import { build } from './lib/build.mjs';

await build({ log: () => undefined });
await import('../dist/bench/main.js');
