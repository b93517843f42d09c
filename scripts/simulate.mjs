// `npm run simulate -- --seed S --steps N`: builds what is stale, then runs the product in a simulated world.
import { build } from './lib/build.mjs';

await build({ log: () => undefined });
await import('../dist/src/testing/simulation/main.js');
