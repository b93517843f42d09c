// `npm run soak`: builds what is stale, then lets a thousand subscribers loose on a platform.
import { build } from './lib/build.mjs';

await build({ log: () => undefined });
await import('../dist/bench/soak/main.js');
